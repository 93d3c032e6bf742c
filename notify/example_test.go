package notify_test

import (
	"context"
	"fmt"
	"log"
	"testing"

	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/notify"
	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// A desk with rules and notifications: the notifications are given the rules, come after them, and tell whom rules have
// told. Outbox keeps the mails of a test; a program has a server of notify/smtp there.
func Example() {
	desk := helpdesktest.New(&testing.T{}, nil)
	host := ticket.WithActor(context.Background(), ticket.System("shop"))
	r, err := rules.New(desk.Automation(), desk.Store, nil)
	if err != nil {
		log.Fatal(err)
	}
	n, err := notify.New(desk.Notification(), desk.Store, &notify.Options{
		Mail:  desk.Outbox,
		From:  "help@shop.example",
		Rules: r,
		Hours: r.Calendars().Page, // who writes at night is told so
	})
	if err != nil {
		log.Fatal(err)
	}
	_, _, err = r.Save(host, rules.Rule{
		Code: "boss", Name: "The boss hears of what is urgent", Version: rules.AnyVersion, On: []rules.Trigger{rules.Created}, When: `ticket.priority == "high"`,
		Notify: []rules.Notification{{To: rules.Recipients{Addresses: []string{"boss@shop.example"}}, Subject: "Urgent: [ticket_subject]", Body: "From [ticket_customer_name]."}},
	})
	if err != nil {
		log.Fatal(err)
	}
	t, err := desk.CreateTicket(host, ticket.Draft{Subject: "Smoke", Body: "From the lamp.", Priority: "high", Requester: ticket.Person{Name: "Ann", Email: "ann@example.com"}})
	if err != nil {
		log.Fatal(err)
	}
	for range 2 { // a started desk does it by itself
		if _, err := desk.Tick(context.Background()); err != nil {
			log.Fatal(err)
		}
	}
	letters, err := n.Letters(host, t.ID)
	if err != nil {
		log.Fatal(err)
	}
	for _, l := range letters {
		fmt.Printf("%s: %s, %s\n", l.To.Email, l.Kind, l.State)
	}
	// Output:
	// ann@example.com: customer_message, sent
	// boss@shop.example: rule_notice, sent
}
