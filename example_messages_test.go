package helpdesk_test

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// The thread of a ticket: files, edits, and what a customer sees of it.
func ExampleDesk_Messages() {
	ctx := context.Background()
	s := memory.New(nil)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, nil)
	check(err)
	defer desk.Stop(ctx)
	ann := ticket.WithActor(ctx, ticket.Client("42", "Ann", "ann@example.com"))
	bob := ticket.WithActor(ctx, ticket.Staff("7", "Bob", "bob@desk.example"))

	picture := ticket.Upload{Name: "lamp.txt", Type: "text/plain", Content: strings.NewReader("two pieces")}
	t, err := desk.CreateTicket(ann, ticket.Draft{Subject: "Lamp broken", Body: "See the file.", Files: []ticket.Upload{picture}})
	check(err)
	_, err = desk.AddNote(bob, t.ID, ticket.ReplyDraft{Body: "The packing is to blame."})
	check(err)
	reply, err := desk.Reply(bob, t.ID, ticket.ReplyDraft{Body: "A new one is on it's way."})
	check(err)
	_, err = desk.EditMessage(bob, reply.ID, "A new one is on its way.")
	check(err)

	for m, err := range desk.AllMessages(ann, t.ID, ticket.MessageQuery{}) {
		check(err)
		fmt.Printf("%d. %s: %s\n", m.Seq, m.Author.Name, m.Body)
		for n, f := range m.Files {
			content, _, err := desk.Files().Open(ann, m.ID, n)
			check(err)
			data, err := io.ReadAll(content)
			check(err)
			fmt.Printf("   %s, %d bytes: %s\n", f.Name, f.Size, data)
		}
	}
	latest, err := desk.Messages(ann, t.ID, ticket.MessageQuery{Newest: true, Limit: 1})
	check(err)
	fmt.Println("the latest is by", latest[0].Author.Name)
	old, err := desk.Revisions(bob, reply.ID)
	check(err)
	fmt.Println("it was:", old[0].Body)

	t, err = desk.MarkRead(ann, t.ID)
	check(err)
	fmt.Println("Ann has something to read:", t.UnreadByClient)
	_, err = desk.DeleteMessage(bob, reply.ID)
	check(err)
	gone, err := desk.Message(bob, reply.ID)
	check(err)
	fmt.Printf("deleted: %v, body %q\n", gone.DeletedAt != nil, gone.Body)
	// Output:
	// 1. Ann: See the file.
	//    lamp.txt, 10 bytes: two pieces
	// 3. Bob: A new one is on its way.
	// the latest is by Bob
	// it was: A new one is on it's way.
	// Ann has something to read: false
	// deleted: true, body ""
}
