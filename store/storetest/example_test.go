package storetest_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/store/storetest"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// A test makes every call of an operation fail in turn and looks at what is left: here a ticket is never there without its event.
func ExampleFaulty() {
	broken := errors.New("disk full")
	ctx := context.Background()
	for n := 1; ; n++ {
		s := storetest.NewFaulty(memory.New(nil))
		s.FailAt(n, broken)
		err := s.Update(ctx, func(ctx context.Context, tx store.Tx) error {
			if err := tx.PutTicket(ctx, &ticket.Ticket{ID: 1}); err != nil {
				return err
			}
			return tx.PutEvent(ctx, &ticket.Event{ID: 1, TicketID: 1, Seq: 1})
		})
		if s.Failed() == "" {
			fmt.Println("nothing fails:", err)
			break
		}
		failed := s.Failed()
		s.FailAt(0, nil) // it works again
		_ = s.View(ctx, func(ctx context.Context, r store.Reader) error {
			_, noTicket := r.Ticket(ctx, 1, ticket.Scope{All: true})
			_, noEvent := r.Event(ctx, 1)
			fmt.Println(failed, "fails:", err, "/ ticket", noTicket == nil, "/ event", noEvent == nil)
			return nil
		})
	}
	// Output:
	// PutTicket fails: disk full / ticket false / event false
	// PutEvent fails: disk full / ticket false / event false
	// Commit fails: disk full / ticket false / event false
	// nothing fails: <nil>
}
