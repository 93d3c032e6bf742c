package helpdesk_test

import (
	"context"
	"fmt"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Counters: the numbers beside the lists, for an agent and for a customer.
func ExampleDesk_Counters() {
	ctx := context.Background()
	s := memory.New(nil)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, nil)
	check(err)
	defer desk.Stop(ctx)
	ann := ticket.WithActor(ctx, ticket.Client("42", "Ann", "ann@example.com"))
	bob := ticket.WithActor(ctx, ticket.Staff("7", "Bob", "bob@desk.example"))
	for n := range 3 {
		t, err := desk.CreateTicket(ann, ticket.Draft{Subject: fmt.Sprintf("Lamp %d", n+1), Body: "Broken."})
		check(err)
		if n == 0 {
			_, err = desk.Claim(bob, t.ID)
			check(err)
		}
	}

	c, err := desk.Counters(bob, ticket.CounterQuery{})
	check(err)
	fmt.Printf("mine %d, all %d, new and unassigned %d, unread %d\n", c.Mine.Active(), c.All.Active(), c.Unassigned.New, c.All.Unread)
	hers, err := desk.Counters(ann, ticket.CounterQuery{})
	check(err)
	fmt.Printf("Ann has %d open tickets\n", hers.All.Active())

	found, err := desk.CountTickets(bob, ticket.Query{Requester: "42", Unassigned: true})
	check(err)
	fmt.Println("unassigned of Ann's:", found) // from 1,000 on: "1000+"
	// Output:
	// mine 1, all 3, new and unassigned 2, unread 3
	// Ann has 3 open tickets
	// unassigned of Ann's: 2
}
