package gateway_test

import (
	"context"
	"testing"
	"unicode/utf8"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// people is a directory of one customer.
type people struct{ helpdesk.Nobody }

func (people) CustomerByEmail(_ context.Context, _, email string) (ticket.Customer, error) {
	if email == "ann@example.com" {
		return ticket.Customer{ID: "42", Name: "Ann", Emails: []string{email}}, nil
	}
	return ticket.Customer{}, ticket.ErrNotFound
}

func TestHandlersOfMail(t *testing.T) {
	t.Parallel()
	t.Run("X05 a gate that writes through the desk does not take the mail's place", func(t *testing.T) {
		t.Parallel()
		i := newInbox(t, nil)
		log, err := i.CreateTicket(staff(), ticket.Draft{Subject: "log", Body: "x"})
		if err != nil {
			t.Fatal(err)
		}
		i.Hooks().TicketCreateValidation.Bind("log", func(ctx context.Context, in hooks.Creating) error {
			_, err := i.AddNote(ticket.WithActor(ctx, ticket.System("log")), log.ID, ticket.ReplyDraft{Body: in.Draft.Subject})
			return err
		})
		i.box.add(letter(ann, "one@example.com", "Lamp", "", "x"))
		o := i.only(t, gateway.Opened)
		if o.TicketID == log.ID || i.ticket(t, o.TicketID).Subject != "Lamp" {
			t.Errorf("outcome is %+v", o)
		}
	})
	t.Run("X05 a handler that writes, called inline, is told once and its write stands", func(t *testing.T) {
		t.Parallel()
		i := newInbox(t, nil)
		tries := 0
		i.Hooks().TicketCreated.Bind("note", func(ctx context.Context, e hooks.Created) error {
			tries++
			_, err := i.AddNote(ctx, e.Ticket.ID, ticket.ReplyDraft{Body: "seen"})
			return err
		})
		i.box.add(letter(ann, "one@example.com", "Lamp", "", "x"))
		o := i.only(t, gateway.Opened)
		if tk := i.ticket(t, o.TicketID); tries != 1 || tk.Seq != 2 || o.MessageID == 0 {
			t.Errorf("%d tries, %d messages, outcome %+v", tries, tk.Seq, o)
		}
	})
	t.Run("M21 a mail of a customer whom the host knows by id finds their ticket", func(t *testing.T) {
		t.Parallel()
		i := newInbox(t, &helpdesktest.Options{Config: helpdesk.Config{Directory: people{}}})
		i.box.add(letter(ann, "one@example.com", "Lamp", "", "x"))
		first := i.only(t, gateway.Opened)
		if r := i.ticket(t, first.TicketID).Requester; r.ID != "42" {
			t.Fatalf("requester is %+v", r)
		}
		i.box.add(letter(ann, "two@example.com", "Re: Lamp", "In-Reply-To: <one@example.com>\n", "y"))
		if o := i.only(t, gateway.Answered); o.TicketID != first.TicketID {
			t.Errorf("it went to ticket %d, the first is %d", o.TicketID, first.TicketID)
		}
	})
	t.Run("M21 a mail without a sender proves nothing about a ticket of another such mail", func(t *testing.T) {
		t.Parallel()
		i := newInbox(t, nil)
		i.box.add(letter("", "one@example.com", "Lamp", "", "x"))
		first := i.only(t, gateway.Opened)
		for n, from := range []string{"", gateway.UnknownSender} {
			i.box.add(letter(from, []string{"two@example.com", "three@example.com"}[n], "Re", "In-Reply-To: <one@example.com>\n", "y"))
			if o := i.only(t, gateway.Noted); o.TicketID != first.TicketID {
				t.Errorf("it went to ticket %d", o.TicketID)
			}
		}
	})
	t.Run("X18 a sender's address in raw 8-bit, and small limits of the desk, quarantine nothing", func(t *testing.T) {
		t.Parallel()
		i := newInbox(t, &helpdesktest.Options{Config: helpdesk.Config{Limits: ticket.Limits{Text: 40, Subject: 2, Body: 10}}})
		long := "\"Anna-Maria von und zu Hohenlohe-Langenburg-Schillingsfürst\" <a@example.com>"
		i.box.add(letter("J\xfcrgen <j\xfcrgen@m\xfcller.example>", "one@example.com", "Lamp", "", "x"),
			letter(long, "two@example.com", "A long subject", "Cc: "+long+"\n", "a text that is much longer than ten bytes"))
		for _, o := range i.poll(t) {
			if o.Result != gateway.Opened || !utf8.ValidString(o.From) {
				t.Errorf("outcome is %+v", o)
			}
		}
		for range 12 {
			i.Clock.Advance(2 * 3600e9)
			for _, o := range i.poll(t) {
				t.Errorf("later: %+v", o)
			}
		}
		if tickets, _ := i.count(t); tickets != 2 {
			t.Errorf("%d tickets", tickets)
		}
	})
}
