package helpdesk_test

import (
	"context"
	"fmt"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// An agent works through a saved list: page by page, and from one ticket to the next.
func ExampleDesk_Neighbours() {
	ctx := context.Background()
	s := memory.New(nil)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, nil)
	check(err)
	defer desk.Stop(ctx)
	ann := ticket.WithActor(ctx, ticket.Client("42", "Ann", "ann@example.com"))
	bob := ticket.WithActor(ctx, ticket.Staff("7", "Bob", "bob@desk.example"))
	for _, priority := range []string{"low", "high", "medium"} {
		_, err := desk.CreateTicket(ann, ticket.Draft{Subject: "A " + priority + " lamp", Body: "Broken.", Priority: priority})
		check(err)
	}

	shared, err := desk.Views().Put(bob, ticket.View{Name: "To do", Query: ticket.Query{Classes: []ticket.Class{ticket.ClassNew}, Sort: ticket.MostUrgent}})
	check(err)
	_, err = desk.Views().Put(bob, ticket.View{Name: "Mine", Owner: "7", Query: ticket.Query{Assignee: "7"}, Sort: 1})
	check(err)
	views, err := desk.Views().List(bob)
	check(err)
	for _, v := range views {
		fmt.Println(v.Name)
	}

	view, err := desk.Views().Get(bob, shared.ID)
	check(err)
	page, err := desk.Tickets(bob, view.Query)
	check(err)
	first := page.Tickets[0]
	prev, _, err := desk.Neighbours(bob, view.Query, first.ID)
	check(err)
	fmt.Println(first.Subject, "comes first:", prev == nil)
	_, err = desk.Solve(bob, first.ID) // which takes it out of the list
	check(err)
	_, next, err := desk.Neighbours(bob, view.Query, first.ID)
	check(err)
	fmt.Println("next:", next.Subject)
	check(desk.Views().Delete(bob, shared.ID))
	// Output:
	// To do
	// Mine
	// A high lamp comes first: true
	// next: A medium lamp
}
