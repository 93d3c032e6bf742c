package memory_test

import (
	"context"
	"fmt"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func ExampleNew() {
	s := memory.New(nil)
	defer s.Close()
	ctx := context.Background()
	err := s.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		id, err := tx.NewID(ctx, "ticket")
		if err != nil {
			return err
		}
		return tx.PutTicket(ctx, &ticket.Ticket{ID: id, Subject: "Broken lamp"})
	})
	if err != nil {
		fmt.Println(err)
	}
	_ = s.View(ctx, func(ctx context.Context, r store.Reader) error {
		page, err := r.Tickets(ctx, ticket.Query{}, ticket.Scope{All: true})
		for _, t := range page.Tickets {
			fmt.Println(t.ID, t.Subject)
		}
		return err
	})
	// Output: 1 Broken lamp
}
