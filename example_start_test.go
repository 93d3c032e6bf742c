package helpdesk_test

import (
	"context"
	"fmt"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// A desk that delivers in the background: what a server does between Start and Stop. Durable events are delivered in order per ticket, also after a restart, and by whichever process has the
// handler.
func ExampleDesk_Start() {
	defer inTempDir()()
	ctx := context.Background()
	s, err := sqlite.Open(ctx, "desk.db", nil)
	check(err)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, nil)
	check(err)

	told := make(chan string, 2)
	desk.Hooks().TicketCreated.Bind("acme.rules", func(ctx context.Context, e hooks.Created) error {
		_, err := desk.SetPriority(ctx, e.Ticket.ID, "high") // handlers act as the system, under their id
		told <- "rules"
		return err
	}, hooks.HoldOnDead())
	desk.Hooks().TicketCreated.Bind("acme.mail", func(_ context.Context, e hooks.Created) error {
		told <- "mail, event " + fmt.Sprint(e.EventID)
		return nil
	}, hooks.After("acme.rules"), hooks.MaxAttempts(8), hooks.Timeout(10*time.Second))
	desk.Hooks().TicketPriorityChange.Bind("acme.metrics", func(context.Context, hooks.Changed) error {
		return nil // a counter, perhaps: nothing is stored for it
	}, hooks.Volatile())
	desk.Hooks().TicketReplied.Bind("acme.report", func(context.Context, hooks.Messaged) error {
		return nil
	}, hooks.Since(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))) // past events too

	err = desk.Start(ctx)
	check(err)
	defer desk.Stop(ctx)

	ctx = ticket.WithActor(ctx, ticket.Client("42", "Ann", "ann@example.com"))
	t, err := desk.CreateTicket(ctx, ticket.Draft{Subject: "Lamp broken", Body: "It arrived in two pieces."})
	check(err)
	fmt.Println(t.Priority)
	fmt.Println(<-told)
	fmt.Println(<-told)
	// Output:
	// medium
	// rules
	// mail, event 1
}
