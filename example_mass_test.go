package helpdesk_test

import (
	"context"
	"fmt"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// One change of many tickets: stored, carried out by the background or by whoever calls Run, and told ticket by ticket.
func ExampleDesk_Mass() {
	ctx := context.Background()
	s := memory.New(nil)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, nil)
	check(err)
	defer desk.Stop(ctx)
	ann := ticket.WithActor(ctx, ticket.Client("42", "Ann", "ann@example.com"))
	bob := ticket.WithActor(ctx, ticket.Staff("7", "Bob", "bob@desk.example"))
	for n := range 3 {
		_, err := desk.CreateTicket(ann, ticket.Draft{Subject: fmt.Sprintf("Lamp %d", n+1), Body: "Broken."})
		check(err)
	}

	run, err := desk.Mass().Start(bob, ticket.MassAction{
		Query:   &ticket.Query{Classes: []ticket.Class{ticket.ClassNew}},
		Do:      ticket.MassUpdate,
		Patch:   ticket.Patch{Assignee: new("7"), Priority: new("high")},
		AddTags: []string{"lamps"},
	})
	check(err)
	run, err = desk.Mass().Run(bob, run.ID) // a started desk does it in the background
	check(err)
	fmt.Println(run.State, run.Done, "of", run.Total)

	run, err = desk.Mass().Start(bob, ticket.MassAction{IDs: []int64{1, 99}, Do: ticket.MassDelete})
	check(err)
	run, err = desk.Mass().Run(bob, run.ID)
	check(err)
	list, err := desk.Mass().Results(bob, run.ID, 0, 0)
	check(err)
	for _, r := range list {
		fmt.Printf("ticket %d: %q\n", r.Ticket, r.Error)
	}
	again, err := desk.Mass().Get(bob, run.ID)
	check(err)
	again, err = desk.Mass().Cancel(bob, again.ID) // too late
	check(err)
	fmt.Println(again.State)
	// Output:
	// done 3 of 3
	// ticket 1: ""
	// ticket 99: "not found"
	// done
}
