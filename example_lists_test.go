package helpdesk_test

import (
	"context"
	"fmt"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Lists: page by page for people, all of it for a program. Everybody gets what they may see.
func ExampleDesk_AllTickets() {
	ctx := context.Background()
	s := memory.New(nil)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, nil)
	check(err)
	defer desk.Stop(ctx)
	ann := ticket.WithActor(ctx, ticket.Client("42", "Ann", "ann@example.com"))
	gus := ticket.WithActor(ctx, ticket.Client("43", "Gus", "gus@example.com"))
	bob := ticket.WithActor(ctx, ticket.Staff("7", "Bob", "bob@desk.example"))
	for n := range 3 {
		_, err := desk.CreateTicket(ann, ticket.Draft{Subject: fmt.Sprintf("Lamp %d", n+1), Body: "Broken."})
		check(err)
	}
	_, err = desk.CreateTicket(gus, ticket.Draft{Subject: "Chair", Body: "Squeaks."})
	check(err)

	open := ticket.Query{Classes: []ticket.Class{ticket.ClassNew, ticket.ClassOpen}, Sort: ticket.OldestCreated}
	for t, err := range desk.AllTickets(bob, open) {
		check(err)
		fmt.Println(t.Requester.Name, t.Subject)
	}

	open.Limit = 2
	for number := 1; ; number++ {
		page, err := desk.Tickets(ann, open)
		check(err)
		fmt.Printf("Ann's page %d has %d\n", number, len(page.Tickets))
		if page.Next == "" {
			break
		}
		open.Cursor = page.Next
	}

	first, err := desk.Tickets(gus, ticket.Query{})
	check(err)
	same, err := desk.TicketByCode(gus, first.Tickets[0].Code) // in any case of letters, with or without brackets
	check(err)
	fmt.Println(same.Subject)
	// Output:
	// Ann Lamp 1
	// Ann Lamp 2
	// Ann Lamp 3
	// Gus Chair
	// Ann's page 1 has 2
	// Ann's page 2 has 1
	// Chair
}
