package helpdesk_test

import (
	"context"
	"fmt"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Ann wrote twice about one lamp, and about a chair in between. Merging and splitting put that right, and either can be
// undone.
func ExampleDesk_Merge() {
	ctx := context.Background()
	s := memory.New(nil)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, nil)
	check(err)
	defer desk.Stop(ctx)
	ann := ticket.WithActor(ctx, ticket.Client("42", "Ann", "ann@example.com"))
	bob := ticket.WithActor(ctx, ticket.Staff("7", "Bob", "bob@desk.example"))
	show := func(what string, id int64) {
		list, err := desk.Messages(bob, id, ticket.MessageQuery{})
		check(err)
		fmt.Print(what, ":")
		for _, m := range list {
			fmt.Print(" ", m.Body)
		}
		fmt.Println()
	}
	lamp, err := desk.CreateTicket(ann, ticket.Draft{Subject: "Lamp", Body: "Broken."})
	check(err)
	again, err := desk.CreateTicket(ann, ticket.Draft{Subject: "The lamp", Body: "Any news?"})
	check(err)
	chair, err := desk.Reply(ann, again.ID, ticket.ReplyDraft{Body: "And the chair squeaks."})
	check(err)

	_, err = desk.Merge(bob, lamp.ID, again.ID)
	check(err)
	show("lamp", lamp.ID)
	found, err := desk.TicketByCode(ann, again.Code) // the old code still leads there
	check(err)
	fmt.Println(found.Subject)

	other, err := desk.Split(bob, lamp.ID, ticket.Split{Messages: []int64{chair.ID}, Subject: "Chair"})
	check(err)
	show("lamp", lamp.ID)
	show("chair", other.ID)

	_, err = desk.Unsplit(bob, other.ID)
	check(err)
	shells, err := desk.Merged(bob, lamp.ID)
	check(err)
	for _, shell := range shells {
		if shell.ID != other.ID {
			_, err = desk.Unmerge(bob, shell.ID)
			check(err)
		}
	}
	show("lamp", lamp.ID)
	show("the lamp", again.ID)
	// Output:
	// lamp: Broken. Any news? And the chair squeaks.
	// Lamp
	// lamp: Broken. Any news?
	// chair: And the chair squeaks.
	// lamp: Broken.
	// the lamp: Any news? And the chair squeaks.
}
