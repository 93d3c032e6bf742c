package helpdesk_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// A guest gets a link by mail, and reads and answers without a login.
func ExampleGuestLinks() {
	ctx := context.Background()
	s := memory.New(nil)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, nil)
	check(err)
	defer desk.Stop(ctx)
	bob := ticket.WithActor(ctx, ticket.Staff("7", "Bob", "bob@desk.example"))
	gus := ticket.WithActor(ctx, ticket.Guest("Gus", "gus@example.com"))
	t, err := desk.CreateTicket(gus, ticket.Draft{Subject: "Lamp broken", Body: "It arrived in two pieces."})
	check(err)
	answer, err := desk.Reply(bob, t.ID, ticket.ReplyDraft{Body: "A new one is on its way."})
	check(err)

	text, err := desk.GuestLinks().New(bob, t.ID, &helpdesk.GuestLinkOptions{Message: answer.ID}) // as in https://shop.example/ticket?t=…
	check(err)

	// The page behind that address knows nobody, and needs nobody.
	link, err := desk.GuestLinks().Open(ctx, text)
	check(err)
	visitor := ticket.WithActor(ctx, link.Actor)
	m, err := desk.Message(visitor, link.Message)
	check(err)
	fmt.Println(link.Actor.Name, "reads:", m.Body)
	_, err = desk.Reply(visitor, link.Ticket, ticket.ReplyDraft{Body: "Thank you!"})
	check(err)
	_, err = desk.GuestLinks().OpenFor(ctx, text, t.ID+1) // a page that shows another ticket
	fmt.Println(errors.Is(err, ticket.ErrTokenElsewhere))

	check(desk.GuestLinks().Revoke(bob, t.ID))
	_, err = desk.GuestLinks().Open(ctx, text)
	fmt.Println(errors.Is(err, ticket.ErrTokenRevoked))

	// Once a year the key is changed; after a leak twice, and every link ends.
	check(desk.GuestLinks().RotateKey(bob))
	check(desk.GuestLinks().DropOldKey(bob))
	// Output:
	// Gus reads: A new one is on its way.
	// true
	// true
}
