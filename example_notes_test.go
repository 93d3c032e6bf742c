package helpdesk_test

import (
	"context"
	"fmt"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Notes may name colleagues and departments, and tickets may be linked to each other.
func ExampleMentions() {
	ctx := context.Background()
	s := memory.New(nil)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, &helpdesk.Config{Agents: []ticket.Agent{{ID: "7", Name: "Bob"}, {ID: "8", Name: "Carol", Departments: []string{"support"}}}})
	check(err)
	defer desk.Stop(ctx)
	ann := ticket.WithActor(ctx, ticket.Client("42", "Ann", "ann@example.com"))
	bob := ticket.WithActor(ctx, ticket.Staff("7", "Bob", "bob@desk.example"))
	carol := ticket.WithActor(ctx, ticket.Staff("8", "Carol", "carol@desk.example"))
	lamp, err := desk.CreateTicket(ann, ticket.Draft{Subject: "Lamp", Body: "Broken."})
	check(err)
	order, err := desk.CreateTicket(ann, ticket.Draft{Subject: "Another lamp", Body: "Please."})
	check(err)

	_, err = desk.AddNote(bob, lamp.ID, ticket.ReplyDraft{Body: "@carol, is there another one? @support should know."})
	check(err)
	page, err := desk.Mentions().List(carol, ticket.MentionQuery{})
	check(err)
	for _, m := range page.Mentions {
		fmt.Printf("%s: %+v\n", m.Ticket.Subject, m.Mention)
	}
	before, err := desk.Mentions().Unseen(carol)
	check(err)
	check(desk.Mentions().MarkSeen(carol, page.Mentions[0].Message.ID))
	after, err := desk.Mentions().Unseen(carol)
	check(err)
	fmt.Printf("unseen: %s, then %s\n", before, after)

	_, err = desk.LinkTicket(carol, order.ID, ticket.Link{Kind: ticket.LinkBlockedBy, Ticket: lamp.ID})
	check(err)
	lamp, err = desk.Ticket(carol, lamp.ID)
	check(err)
	fmt.Println(lamp.Links[0].Kind)
	order, err = desk.UnlinkTicket(carol, order.ID, lamp.ID)
	check(err)
	fmt.Println(len(order.Links))
	// Output:
	// Lamp: {Agent:8 Department:}
	// unseen: 1, then 0
	// blocks
	// 0
}
