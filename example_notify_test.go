package helpdesk_test

import (
	"context"
	"fmt"
	"log"
	"testing"

	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/notify"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// People are told of what happens by mail, and by the shop's own chat. A test of the shop looks into an outbox; in the shop
// itself Mail is a server of notify/smtp.
func ExampleDesk_Notification() {
	desk := helpdesktest.New(&testing.T{}, nil)
	host := ticket.WithActor(context.Background(), ticket.System("shop"))
	chat := notify.ChannelFunc(func(_ context.Context, t notify.Telling) error {
		fmt.Printf("chat to agent %s: %s\n", t.Agent, t.Ticket.Subject)
		return nil
	})
	n, err := notify.New(desk.Notification(), desk.Store, &notify.Options{Mail: desk.Outbox, From: "help@shop.example", Channels: map[string]notify.Channel{"chat": chat}})
	if err != nil {
		log.Fatal(err)
	}
	bob := ticket.Agent{ID: "7", Name: "Bob", Email: "bob@shop.example", Departments: []string{"support"}}
	if err := desk.People().PutAgent(host, bob); err != nil {
		log.Fatal(err)
	}
	if err := n.SetPreferences(ticket.WithActor(context.Background(), ticket.Staff("7", "Bob", "")), notify.Preferences{Channels: []string{"chat"}}); err != nil {
		log.Fatal(err)
	}
	ann := ticket.WithActor(context.Background(), ticket.Guest("Ann", "ann@example.com"))
	if _, err := desk.CreateTicket(ann, ticket.Draft{Subject: "My lamp is dark", Body: "It was bright on Monday."}); err != nil {
		log.Fatal(err)
	}
	if _, err := desk.Tick(context.Background()); err != nil { // a started desk does it by itself
		log.Fatal(err)
	}
	for _, m := range desk.Outbox.Mails() {
		fmt.Println("mail to", m.To)
	}
	// Output:
	// chat to agent 7: My lamp is dark
	// mail to ann@example.com
}
