package rules_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/rules/calendar"
	"github.com/helpdeskgo/helpdesk/rules/sla"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Four hours of working time until the first answer, a warning before, and a rule for the warning.
func ExamplePolicies_Clocks() {
	now := time.Date(2026, 1, 5, 15, 0, 0, 0, time.UTC) // a Monday
	clock := func() time.Time { return now }
	store := memory.New(&memory.Options{Now: clock})
	ctx := ticket.WithActor(context.Background(), ticket.System("shop"))
	desk, err := helpdesk.New(ctx, store, &helpdesk.Config{Now: clock, Dispatch: helpdesk.Inline})
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = desk.Stop(ctx) }()
	r, err := rules.New(desk.Automation(), store, nil)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := r.Calendars().Save(ctx, calendar.Calendar{Code: "office", Name: "Office", Week: calendar.Weekdays("09:00-17:00")}); err != nil {
		log.Fatal(err)
	}
	promise := sla.Policy{Code: "standard", Name: "Standard", Calendar: "office"}
	promise.FirstResponse = sla.Goal{Within: ticket.Duration(4 * time.Hour), Warn: []sla.Warning{{Percent: 75}}}
	if _, err := r.Policies().Save(ctx, promise); err != nil {
		log.Fatal(err)
	}
	_, _, err = r.Save(ctx, rules.Rule{
		Code: "soon", Name: "Answer it now", On: []rules.Trigger{rules.DeadlineNear}, When: `event.name == "first_response"`,
		Do: []rules.Step{rules.Do("set_priority", "high")},
	})
	if err != nil {
		log.Fatal(err)
	}
	ann := ticket.WithActor(ctx, ticket.Client("42", "Ann", "ann@example.com"))
	t, err := desk.CreateTicket(ann, ticket.Draft{Subject: "Lamp broken", Body: "In two pieces."})
	if err != nil {
		log.Fatal(err)
	}
	for range 2 {
		clocks, err := r.Policies().Clocks(ctx, t.ID)
		if err != nil {
			log.Fatal(err)
		}
		t, err = desk.Ticket(ctx, t.ID)
		fmt.Println(clocks[0].Deadline.Format("Monday 15:04"), clocks[0].Remaining, t.Priority, err)
		now = now.Add(19 * time.Hour) // Tuesday, 10:00
		for n := 1; n > 0; {
			if n, err = desk.Tick(ctx); err != nil {
				log.Fatal(err)
			}
		}
	}
	// Output:
	// Tuesday 11:00 4h0m0s medium <nil>
	// Tuesday 11:00 1h0m0s high <nil>
}

// A ticket on the last Friday of each month, and when that is.
func ExampleRecurringTickets_Next() {
	ctx, desk, r, _ := exampleDesk()
	defer func() { _ = desk.Stop(ctx) }()
	d, err := r.RecurringTickets().Save(ctx, rules.Recurring{
		Code: "backup", Name: "Try the backup", Zone: "Europe/Berlin",
		Rule:   "DTSTART:20500101T090000\nRRULE:FREQ=MONTHLY;BYDAY=-1FR",
		Ticket: rules.TicketTemplate{Subject: "Try the backup", Body: "On the second machine.", Requester: ticket.Person{Name: "Ops", Email: "ops@example.com"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	next, err := r.RecurringTickets().Next(d, 2)
	for _, at := range next {
		fmt.Println(at, err)
	}
	// Output:
	// 2050-01-28 09:00:00 +0100 CET <nil>
	// 2050-02-25 09:00:00 +0100 CET <nil>
}

func ExampleRules_Snooze() {
	ctx, desk, r, id := exampleDesk()
	defer func() { _ = desk.Stop(ctx) }()
	bob := ticket.WithActor(ctx, ticket.Staff("7", "Bob", "bob@desk.example"))
	if _, err := r.Snooze(bob, id, time.Now().Add(48*time.Hour)); err != nil {
		log.Fatal(err)
	}
	t, err := desk.Ticket(bob, id)
	fmt.Println(t.Folder, err)
	ann := ticket.WithActor(ctx, ticket.Client("42", "Ann", "ann@example.com"))
	if _, err := desk.Reply(ann, id, ticket.ReplyDraft{Body: "And the bulb?"}); err != nil {
		log.Fatal(err)
	}
	t, err = desk.Ticket(bob, id)
	fmt.Println(t.Folder, err)
	// Output:
	// archive <nil>
	// inbox <nil>
}
