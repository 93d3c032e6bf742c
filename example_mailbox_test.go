package helpdesk_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// letterbox is a mailbox in memory. gateway/imap and gateway/pop3 have real ones.
type letterbox []string

// Fetch implements gateway.Source.
func (b letterbox) Fetch(ctx context.Context, from gateway.Cursor, to gateway.Intake) (gateway.Cursor, error) {
	for int(from.UID) < len(b) {
		from = gateway.Cursor{Validity: 1, UID: from.UID + 1}
		raw := strings.ReplaceAll(b[from.UID-1], "\n", "\r\n")
		if err := to.Take(ctx, gateway.Incoming{Place: fmt.Sprint("1/", from.UID), Next: from, Raw: []byte(raw)}); err != nil {
			return from, err
		}
	}
	return from, nil
}

// Mails become tickets, and answers become messages, each once however often they are fetched. Run polls until its context ends; Poll is one step of it.
func Example_mailbox() {
	ctx := context.Background()
	s := memory.New(nil)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, nil)
	check(err)
	defer desk.Stop(ctx)
	desk.Hooks().TicketMailValidation.Bind("acme.lottery", func(_ context.Context, in hooks.Mailing) error {
		if strings.Contains(in.Subject, "million") {
			return ticket.Invalid("subject", ticket.FaultRefused, "is a lottery")
		}
		return nil
	})

	box := letterbox{
		"From: Ann <ann@example.com>\nSubject: Lamp broken\nMessage-ID: <1@example.com>\n\nIt arrived in two pieces.\n",
		"From: ann@example.com\nSubject: Re: Lamp broken\nMessage-ID: <2@example.com>\nIn-Reply-To: <1@example.com>\n\nMake that three.\n",
		"From: luck@example.net\nSubject: A million for you\nMessage-ID: <3@example.net>\n\nDear friend\n",
	}
	support, err := gateway.New("support", desk.Mail(), s, nil)
	check(err)
	for range 2 {
		outcomes, err := support.Poll(ctx, box)
		check(err)
		fmt.Println(len(outcomes), "new")
		for _, o := range outcomes {
			fmt.Println(o.Result, o.From, o.Subject)
		}
	}

	bob := ticket.WithActor(ctx, ticket.Staff("7", "Bob", "bob@desk.example"))
	for t, err := range desk.AllTickets(bob, ticket.Query{}) {
		check(err)
		thread, err := desk.Messages(bob, t.ID, ticket.MessageQuery{})
		check(err)
		for _, m := range thread {
			fmt.Printf("%s: %q by %s\n", t.Subject, m.Body, m.Author.Channel)
		}
	}
	// Output:
	// 3 new
	// opened ann@example.com Lamp broken
	// answered ann@example.com Re: Lamp broken
	// rejected luck@example.net A million for you
	// 0 new
	// Lamp broken: "It arrived in two pieces." by email
	// Lamp broken: "Make that three." by email
}
