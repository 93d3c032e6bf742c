package helpdesk_test

import (
	"context"
	"fmt"
	"log"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func Example() {
	defer inTempDir()()
	ctx := context.Background()
	s, err := sqlite.Open(ctx, "desk.db", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer desk.Stop(ctx)

	ann := ticket.WithActor(ctx, ticket.Client("42", "Ann", "ann@example.com"))
	t, err := desk.CreateTicket(ann, ticket.Draft{Subject: "Lamp broken", Body: "It arrived in two pieces."})
	if err != nil {
		log.Fatal(err)
	}
	bob := ticket.WithActor(ctx, ticket.Staff("7", "Bob", "bob@desk.example"))
	if _, err = desk.Reply(bob, t.ID, ticket.ReplyDraft{Body: "A new one is on its way.", Status: "closed"}); err != nil {
		log.Fatal(err)
	}
	t, err = desk.Ticket(ann, t.ID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s: %s, %d messages\n", t.Subject, t.Status, t.Seq)
	// Output: Lamp broken: closed, 2 messages
}
