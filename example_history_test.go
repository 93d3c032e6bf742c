package helpdesk_test

import (
	"context"
	"fmt"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// The history of a ticket: who changed what, and because of what.
func ExampleDesk_History() {
	ctx := context.Background()
	s := memory.New(nil)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, &helpdesk.Config{Dispatch: helpdesk.Inline})
	check(err)
	defer desk.Stop(ctx)

	// A hook that writes: its write names the event that caused it.
	desk.Hooks().TicketPriorityChange.Bind("shop.escalate", func(ctx context.Context, e hooks.Changed) error {
		if e.New != "high" {
			return nil
		}
		_, err := desk.Assign(helpdesk.WithRule(ctx, "high goes to Carol"), e.Ticket.ID, "8")
		return err
	})

	ann := ticket.WithActor(ctx, ticket.Client("42", "Ann", "ann@example.com"))
	bob := ticket.WithActor(ctx, ticket.Staff("7", "Bob", "bob@desk.example"))
	t, err := desk.CreateTicket(ann, ticket.Draft{Subject: "Lamp broken", Body: "It arrived in two pieces."})
	check(err)
	_, err = desk.SetPriority(bob, t.ID, "high")
	check(err)

	events, err := desk.History(bob, t.ID, ticket.EventQuery{})
	check(err)
	for _, e := range events {
		fmt.Printf("%d. %s by %s %s\n", e.Seq, e.Type, e.Actor.Kind, e.Actor.ID)
		for _, c := range ticket.Decisions(e.Changes) { // without counters and time stamps
			fmt.Printf("   %s: %q -> %q\n", c.Field, c.Old, c.New)
		}
		if e.Cause.Event != 0 {
			fmt.Printf("   because of event %d (%s)\n", e.Cause.Event, e.Cause.Rule)
		}
	}
	// Output:
	// 1. created by client 42
	// 2. updated by staff 7
	//    priority: "medium" -> "high"
	// 3. updated by system shop.escalate
	//    assignee: "" -> "8"
	//    assigned_by: "" -> "shop.escalate"
	//    because of event 2 (high goes to Carol)
}
