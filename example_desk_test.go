package helpdesk_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// A ticket's whole life, as an agent works it.
func ExampleDesk() {
	ctx := context.Background()
	s := memory.New(nil)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, nil)
	check(err)
	defer desk.Stop(ctx)
	bob := ticket.WithActor(ctx, ticket.Staff("7", "Bob", "bob@desk.example"))

	// Staff open tickets for somebody; clients and guests are their own requester.
	ann := ticket.Person{ID: "42", Name: "Ann", Email: "ann@example.com"}
	t, err := desk.CreateTicket(bob, ticket.Draft{Subject: "Lamp broken", Body: "Ann called.", Requester: ann, External: "call-1"})
	check(err)

	_, err = desk.Claim(bob, t.ID) // Assign gives it to somebody else
	check(err)
	_, err = desk.SetPriority(bob, t.ID, "high")
	check(err)
	_, err = desk.SetService(bob, t.ID, "order 12345")
	check(err)
	_, err = desk.Watch(bob, t.ID, "8")
	check(err)
	_, err = desk.AddNote(bob, t.ID, ticket.ReplyDraft{Body: "The second one this week."})
	check(err)
	_, err = desk.Reply(bob, t.ID, ticket.ReplyDraft{Body: "A new one is on its way."})
	check(err)
	t, err = desk.Solve(bob, t.ID, "sent a new one")
	check(err)
	fmt.Println(t.Assignee, t.Priority, t.Service, t.Watchers, t.Class, t.Seq, "messages")

	t, err = desk.ReopenTicket(bob, t.ID)
	check(err)
	t, err = desk.Lock(bob, t.ID) // customers cannot write until Unlock
	check(err)
	fmt.Println(t.Class, "locked:", t.Locked)
	_, err = desk.Unlock(bob, t.ID)
	check(err)
	_, err = desk.Unwatch(bob, t.ID, "8")
	check(err)
	_, err = desk.SetStatus(bob, t.ID, "in_progress")
	check(err)
	_, err = desk.MoveTo(bob, t.ID, ticket.Spam)
	check(err)

	check(desk.DeleteTicket(bob, t.ID)) // out of sight
	page, err := desk.Tickets(bob, ticket.Query{})
	check(err)
	fmt.Println("listed:", len(page.Tickets))
	t, err = desk.RestoreTicket(bob, t.ID)
	check(err)
	fmt.Println("restored to", t.Folder)
	check(desk.DeleteTicket(bob, t.ID))
	check(desk.Purge(bob, t.ID)) // for good
	_, err = desk.TicketByExternal(bob, "call-1")
	fmt.Println(errors.Is(err, ticket.ErrNotFound))
	// Output:
	// 7 high order 12345 [8] closed 4 messages
	// new locked: true
	// listed: 0
	// restored to spam
	// true
}
