package helpdesk_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// A filter changes what comes in, before anybody checks it. Questions to the host are filters too: SuggestAnswers asks for articles while the customer still writes.
func Example_filter() {
	ctx := context.Background()
	s := memory.New(nil)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, nil)
	check(err)
	defer desk.Stop(ctx)

	desk.Hooks().TicketDraft.Bind("acme.tags", func(_ context.Context, in *hooks.Creating) error {
		if strings.Contains(strings.ToLower(in.Draft.Subject), "urgent") {
			in.Draft.Priority = "high"
			in.Draft.Tags = append(in.Draft.Tags, "urgent")
		}
		return nil
	}, hooks.Priority(10))
	desk.Hooks().SuggestAnswers.Bind("acme.articles", func(_ context.Context, in *hooks.Suggesting) error {
		if strings.Contains(in.Body, "lamp") {
			in.Answers = append(in.Answers, hooks.Answer{Title: "Lamps in two pieces", URL: "/help/lamps"})
		}
		return nil
	})

	ann := ticket.WithActor(ctx, ticket.Client("42", "Ann", "ann@example.com"))
	answers, err := desk.Texts().Suggest(ann, "default", "en", "URGENT", "My lamp is broken")
	check(err)
	fmt.Println(answers[0].Title, answers[0].URL)
	t, err := desk.CreateTicket(ann, ticket.Draft{Subject: "URGENT", Body: "My lamp is broken"})
	check(err)
	t, err = desk.Ticket(ticket.WithActor(ctx, ticket.Staff("7", "Bob", "bob@desk.example")), t.ID) // customers see no tags
	check(err)
	fmt.Println(t.Priority, t.Tags)
	// Output:
	// Lamps in two pieces /help/lamps
	// high [urgent]
}
