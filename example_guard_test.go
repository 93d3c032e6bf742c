package helpdesk_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// A guard runs inside the transaction, with the new rows in place: two customers who click at the same moment cannot both pass it.
func Example_guard() {
	ctx := context.Background()
	s := memory.New(nil)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, nil)
	check(err)
	defer desk.Stop(ctx)

	desk.Hooks().TicketCreateGuard.Bind("shop.one-per-order", func(ctx context.Context, in hooks.Committing) error {
		for t, err := range desk.AllTickets(ctx, ticket.Query{Service: in.After.Service}) {
			if err != nil {
				return err
			}
			if t.ID != in.After.ID && !t.Class.Done() {
				return ticket.Invalid("service", ticket.FaultRefused, "has an open ticket already")
			}
		}
		return nil
	})

	ann := ticket.WithActor(ctx, ticket.Client("42", "Ann", "ann@example.com"))
	draft := ticket.Draft{Subject: "Lamp broken", Body: "It arrived in two pieces.", Service: "order 12345"}
	_, err = desk.CreateTicket(ann, draft)
	fmt.Println(err)
	_, err = desk.CreateTicket(ann, draft)
	fmt.Println(err)
	fmt.Println(errors.Is(err, ticket.ErrInvalid))
	// Output:
	// <nil>
	// helpdesk: create ticket: hook shop.one-per-order at TicketCreateGuard: invalid: service: has an open ticket already
	// true
}
