package rules_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// What is due on tickets is done by the started desk, or by whoever calls Tick; this example moves the clock itself.
func Example_due() {
	now := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	store := memory.New(&memory.Options{Now: clock})
	ctx := context.Background()
	desk, err := helpdesk.New(ctx, store, &helpdesk.Config{Now: clock, Statuses: ticket.StatusPreset(ticket.PresetShop), Dispatch: helpdesk.Inline})
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = desk.Stop(ctx) }()
	r, err := rules.New(desk.Automation(), store, &rules.Options{Notify: func(_ context.Context, n rules.Notice) error {
		fmt.Println("reminded:", n.Text)
		return nil
	}})
	if err != nil {
		log.Fatal(err)
	}
	host := ticket.WithActor(ctx, ticket.System("shop"))
	_, err = r.AutoCloses().Save(host, rules.AutoClose{
		Code: "waiting", Name: "No answer", Statuses: []string{"waiting_customer"}, After: ticket.Duration(7 * 24 * time.Hour),
		Text: "Dear [ticket_customer_name], do you still need us?", CloseAfter: ticket.Duration(3 * 24 * time.Hour), Status: "closed",
	})
	if err != nil {
		log.Fatal(err)
	}
	t, err := desk.CreateTicket(host, ticket.Draft{Subject: "Lamp", Body: "Broken", Requester: ticket.Person{Name: "Ann", Email: "ann@example.com"}, Status: "waiting_customer"})
	if err != nil {
		log.Fatal(err)
	}
	agent := ticket.WithActor(ctx, ticket.Staff("7", "Bob", "bob@desk.example"))
	if _, err := r.FollowUps().Add(agent, t.ID, rules.FollowUp{After: ticket.Duration(48 * time.Hour), Text: "Call Ann", Remind: rules.Recipients{Owner: true}}); err != nil {
		log.Fatal(err)
	}
	for range 10 {
		now = now.Add(24 * time.Hour)
		if _, err := desk.Tick(ctx); err != nil {
			log.Fatal(err)
		}
	}
	for m, err := range desk.AllMessages(host, t.ID, ticket.MessageQuery{}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(m.CreatedAt.Format("2 January:"), m.Body)
	}
	t, err = desk.Ticket(host, t.ID)
	fmt.Println(t.Status, err)
	// Output:
	// reminded: Call Ann
	// 5 January: Broken
	// 12 January: Dear Ann, do you still need us?
	// closed <nil>
}
