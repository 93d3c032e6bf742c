package helpdesk_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// What durable hooks have still to hear, and what they failed at.
func ExampleDeliveries() {
	ctx := context.Background()
	s := memory.New(nil)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, &helpdesk.Config{Dispatch: helpdesk.Inline})
	check(err)
	defer desk.Stop(ctx)

	crm := errors.New("the CRM answers 503")
	desk.Hooks().TicketCreated.Bind("acme.crm", func(context.Context, hooks.Created) error { return crm }, hooks.MaxAttempts(1))
	desk.Hooks().TicketDeliveryDead.Bind("ops.alarm", func(_ context.Context, e hooks.Dead) error {
		fmt.Println("alarm:", e.Binding, e.Reason)
		return nil
	})

	ann := ticket.WithActor(ctx, ticket.Client("42", "Ann", "ann@example.com"))
	t, err := desk.CreateTicket(ann, ticket.Draft{Subject: "Lamp broken", Body: "It arrived in two pieces."})
	check(err) // a failing event changes nothing for whoever caused it

	bob := ticket.WithActor(ctx, ticket.Staff("7", "Bob", "bob@desk.example"))
	health, err := desk.Health(ctx)
	check(err)
	fmt.Println("dead:", health.Dead)
	dead, err := desk.Deliveries().List(bob, helpdesk.DeliveryQuery{TicketID: t.ID, States: []store.WorkState{store.WorkDead}})
	check(err)

	crm = nil                                       // it is well again
	check(desk.Deliveries().Retry(bob, dead[0].ID)) // or Discard, to give it up
	_, err = desk.Deliveries().Dispatch(ctx)
	check(err)
	again, err := desk.Deliveries().List(bob, helpdesk.DeliveryQuery{EventID: dead[0].EventID})
	check(err)
	fmt.Println(again[0].Point, again[0].Binding, again[0].State)

	stored, err := desk.Deliveries().Subscriptions(bob)
	check(err)
	for _, sub := range stored {
		fmt.Println(sub.Point, sub.ID, "here:", sub.Here)
	}
	// When a hook is gone from the code, its subscription is ended by hand; a hook that is still bound is refused.
	err = desk.Deliveries().Unsubscribe(bob, "TicketCreated", "acme.crm")
	fmt.Println(errors.Is(err, ticket.ErrInvalid))
	// Output:
	// alarm: acme.crm hook acme.crm at TicketCreated: the CRM answers 503
	// dead: 1
	// TicketCreated acme.crm done
	// TicketCreated acme.crm here: true
	// TicketDeliveryDead ops.alarm here: true
	// true
}
