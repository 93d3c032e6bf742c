package roundtrip_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/internal/pgserver"
	"github.com/helpdeskgo/helpdesk/internal/smtpserver"
	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/postgres"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// stores are those on which the whole loop runs; the server is skipped where it is not installed.
var stores = []struct {
	name string
	open func(t testing.TB) (store.Store, error)
}{
	{"in SQLite", func(t testing.TB) (store.Store, error) {
		return sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "desk.db"), nil)
	}},
	{"in PostgreSQL", func(t testing.TB) (store.Store, error) {
		return postgres.Open(context.Background(), pgserver.Start(t, "fsync = off", "log_min_messages = fatal").Database(), nil)
	}},
}

func TestLoop(t *testing.T) {
	t.Parallel()
	for _, s := range stores {
		t.Run("M64 M52 X21 mail, ticket, rule, notification, answer and notification again, "+s.name, func(t *testing.T) {
			t.Parallel()
			st := must(s.open(t))(t)
			t.Cleanup(func() { done(t, st.Close()) })
			l := &loop{world: newWorld(t, options{store: st, box: memoryBox, plus: true})}
			must(l.r.Import(l.host, must(rules.ParseFile([]byte(`rules: [{code: offers, name: Offers, on: [created], when: 'ticket.subject contains "offer"', do: [{set_department: sales}]}]`)))(t), false))(t)
			l.opened(t)
			l.answeredByStaff(t)
			l.answeredByCustomer(t)
			l.answeredByRobot(t)
			l.returned(t)
			if failed := l.Failed(); len(failed) > 0 {
				t.Error(failed)
			}
		})
	}
}

// loop is a conversation by mail.
type loop struct {
	*world
	ticket  *ticket.Ticket
	letters []received // that people have got by the last step
}

// step has the desk take one mail, and tell of it; to are those who must hear, and nobody else.
func (l *loop) step(t testing.TB, from ticket.Actor, to, raw string, hear ...string) gateway.Outcome {
	t.Helper()
	l.post.send(t, from.Email, to, raw)
	out := l.poll(t)
	if len(out) != 1 {
		t.Fatalf("%d mails have come: %+v", len(out), out)
	}
	l.settle(t)
	l.letters = l.post.letters(t)
	var got []string
	for _, m := range l.letters {
		got = append(got, m.to)
	}
	slices.Sort(got)
	slices.Sort(hear)
	if !slices.Equal(got, hear) {
		t.Errorf("of the mail of %s hear:%s\nnot:%s", from.Email, lines(got), lines(hear))
	}
	return out[0]
}

// letterTo is what somebody has got by the last step.
func (l *loop) letterTo(t testing.TB, a ticket.Actor) received {
	t.Helper()
	for _, m := range l.letters {
		if m.to == a.Email {
			return m
		}
	}
	t.Fatalf("nothing has come for %s", a.Email)
	return received{}
}

// answered sees that a mail has become somebody's message in the ticket, of what they have written and no more.
func (l *loop) answered(t testing.TB, o gateway.Outcome, by ticket.Actor, reply string) {
	t.Helper()
	if o.Result != gateway.Answered || o.TicketID != l.ticket.ID {
		t.Fatalf("%+v", o)
	}
	m := must(l.Message(l.host, o.MessageID))(t)
	if m.Reply() != reply || m.Author.Email != by.Email || m.Kind != ticket.KindReply {
		t.Errorf("%s %s has written %q", m.Kind, m.Author.Email, m.Reply())
	}
}

// opened: a mail opens a ticket, a rule moves it, and of its departments the new one alone hears.
func (l *loop) opened(t testing.TB) {
	t.Helper()
	raw := "From: Gus Gold <gus@example.com>\nTo: help@shop.example\nSubject: An offer, please\nMessage-ID: <first@example.com>\nDate: Mon, 05 Jan 2026 09:00:00 +0000\n\nFor a hundred lamps.\n"
	o := l.step(t, gus, help, raw, gus.Email, cem.Email)
	if o.Result != gateway.Opened {
		t.Fatalf("%+v", o)
	}
	l.ticket = must(l.Ticket(l.host, o.TicketID))(t)
	if l.ticket.Department != "sales" || l.ticket.Requester.Email != gus.Email {
		t.Errorf("%+v", l.ticket)
	}
	if m := l.letterTo(t, gus); !slices.Contains(m.references, "first@example.com") {
		t.Errorf("the confirmation refers to %q", m.references)
	}
}

// answeredByStaff: the agent answers from their own program, and the customer gets it.
func (l *loop) answeredByStaff(t testing.TB) {
	t.Helper()
	const reply = "Seven each.\n\nShall we send them?"
	m := l.letterTo(t, cem)
	o := l.step(t, cem, m.answerTo, outlook(m, reply).mail(m, cem.Email, cem.Name, "second@shop.example"), gus.Email)
	l.answered(t, o, cem, reply)
	if got := l.letterTo(t, gus); !strings.Contains(got.text, reply) || strings.Contains(got.text, "From: ") || got.name != cem.Name || got.from != help {
		t.Errorf("%s <%s> writes:\n%s", got.name, got.from, got.text)
	}
}

// answeredByCustomer: the customer answers that, and the department gets it.
func (l *loop) answeredByCustomer(t testing.TB) {
	t.Helper()
	const reply = "Yes, to the usual place.\n\nGus"
	m := l.letterTo(t, gus)
	o := l.step(t, gus, m.answerTo, gmail(m, reply).mail(m, gus.Email, gus.Name, "third@example.com"), cem.Email)
	l.answered(t, o, gus, reply)
	if got := l.letterTo(t, cem); !strings.Contains(got.text, reply) {
		t.Error(got.text)
	}
}

// answeredByRobot: an agent who is away tells the desk, and the desk tells nobody.
func (l *loop) answeredByRobot(t testing.TB) {
	t.Helper()
	m := l.letterTo(t, cem)
	before := must(l.Ticket(l.host, l.ticket.ID))(t)
	l.step(t, cem, m.answerTo, absent(m, away["Exchange"]).mail(m, cem.Email, cem.Name, "fourth@shop.example"))
	if after := must(l.Ticket(l.host, l.ticket.ID))(t); after.Status != before.Status || after.Assignee != before.Assignee {
		t.Errorf("the ticket is %s of %q", after.Status, after.Assignee)
	}
}

// returned: what the agent writes then does not reach the customer; the message says so, and nobody is mailed.
func (l *loop) returned(t testing.TB) {
	t.Helper()
	message := must(l.Reply(as(cem), l.ticket.ID, ticket.ReplyDraft{Body: "They are on their way."}))(t)
	var to []string
	for _, m := range l.settle(t) {
		to = append(to, m.To...)
	}
	if !slices.Equal(to, []string{gus.Email}) {
		t.Errorf("of the answer hear %q", to)
	}
	l.letters = l.post.letters(t)
	daemon := ticket.Actor{}
	o := l.step(t, daemon, help, bounced(l.letterTo(t, gus), gus.Email))
	if o.Kind != gateway.KindBounce || o.TicketID != l.ticket.ID {
		t.Errorf("%+v", o)
	}
	m := must(l.Message(l.host, message.ID))(t)
	if len(m.Undelivered) != 1 || m.Undelivered[0].Recipient != gus.Email || m.Undelivered[0].Status != "5.1.1" {
		t.Errorf("undelivered: %+v", m.Undelivered)
	}
	sent := func(m smtpserver.Mail) bool { return slices.Contains(m.To, "MAILER-DAEMON@mx.example.net") }
	if slices.ContainsFunc(l.post.Mails(), sent) {
		t.Error("the server that returned the mail is written to")
	}
}
