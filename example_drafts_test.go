package helpdesk_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Two agents at one ticket: each sees the other, what they write is kept, and neither answers past the other.
func ExampleDrafts() {
	ctx := context.Background()
	s := memory.New(nil)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, nil)
	check(err)
	defer desk.Stop(ctx)
	bob := ticket.WithActor(ctx, ticket.Staff("7", "Bob", "bob@desk.example"))
	carol := ticket.WithActor(ctx, ticket.Staff("8", "Carol", "carol@desk.example"))
	gus := ticket.WithActor(ctx, ticket.Guest("Gus", "gus@example.com"))
	t, err := desk.CreateTicket(gus, ticket.Draft{Subject: "Lamp broken", Body: "It arrived in two pieces."})
	check(err)

	shown, err := desk.Messages(bob, t.ID, ticket.MessageQuery{})
	check(err)

	// What a page does every few seconds while Bob writes.
	_, err = desk.Present(bob, t.ID, ticket.Writing)
	check(err)
	saved, err := desk.Drafts().Save(bob, t.ID, ticket.SavedDraft{Body: "Dear Gus, we", Seen: shown[len(shown)-1].ID})
	check(err)
	saved.Body = "Dear Gus, we send a new one."
	saved, err = desk.Drafts().Save(bob, t.ID, saved) // with its Version, so that a second tab would be noticed
	check(err)

	others, err := desk.Present(carol, t.ID, ticket.Viewing)
	check(err)
	fmt.Println(others[0].Name, "is", others[0].Activity)
	_, err = desk.Reply(carol, t.ID, ticket.ReplyDraft{Body: "Please send us a picture."}) // she does it all the same
	check(err)
	check(desk.Leave(carol, t.ID))

	_, err = desk.Reply(bob, t.ID, saved.Reply())
	fmt.Println(errors.Is(err, ticket.ErrConflict))
	mine, err := desk.Drafts().List(bob)
	check(err)
	fmt.Println(len(mine), mine[0].Body)

	draft, err := desk.Drafts().Get(bob, t.ID)
	check(err)
	reply := draft.Reply()
	reply.Seen = 0 // Bob has read it and sends his answer anyway
	_, err = desk.Reply(bob, t.ID, reply)
	check(err)
	_, err = desk.Drafts().Get(bob, t.ID)
	fmt.Println(errors.Is(err, ticket.ErrNotFound))
	check(desk.Drafts().Discard(bob, t.ID))
	// Output:
	// Bob is writing
	// true
	// 1 Dear Gus, we send a new one.
	// true
}
