package helpdesk_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// A host tests its hooks on a desk whose clock moves when told to, and whose fired hooks are counted: one more or one less fails the test.
func Example_helpdesktest() {
	t := &testing.T{} // in a test it is the argument

	desk := helpdesktest.New(t, nil)
	recorded := 0
	desk.Hooks().TicketCreated.Bind("acme.crm", func(ctx context.Context, e hooks.Created) error {
		if e.Attempt == 1 && recorded == 0 {
			return errors.New("the CRM answers 503")
		}
		return desk.Deliveries().Once(ctx, func(context.Context) error { recorded++; return nil })
	})

	ann := ticket.WithActor(context.Background(), ticket.Client("42", "Ann", "ann@example.com"))
	opened, err := desk.CreateTicket(ann, ticket.Draft{Subject: "Lamp broken", Body: "It arrived in two pieces."})
	check(err)
	fmt.Println("recorded:", recorded, desk.Failed())
	desk.Clock.Advance(time.Minute) // the pause before the second attempt passes at once
	desk.DispatchAll(t)
	fmt.Println("recorded:", recorded)
	desk.Redeliver(t, "TicketCreated", "acme.crm") // as after a crash before it was noted
	fmt.Println("recorded:", recorded)

	desk.ExpectEvents(t, map[string]int{"TicketCreated": 1, "TicketClientCreated": 1})
	fmt.Println("since then:", len(desk.Fired())) // ExpectEvents begins to count anew, and so does ResetFired

	// One hook alone, on one event.
	bob := ticket.WithActor(context.Background(), ticket.Staff("7", "Bob", "bob@desk.example"))
	events, err := desk.History(bob, opened.ID, ticket.EventQuery{})
	check(err)
	fmt.Println("alone:", desk.RunAlone(t, "TicketCreated", "acme.crm", events[0]))
	fmt.Println("failed:", t.Failed())
	// Output:
	// recorded: 0 [acme.crm at TicketCreated: the CRM answers 503]
	// recorded: 1
	// recorded: 1
	// since then: 0
	// alone: <nil>
	// failed: false
}
