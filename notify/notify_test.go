package notify_test

import (
	"context"
	"encoding/json"
	"mime"
	"net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/internal/smtpserver"
	"github.com/helpdeskgo/helpdesk/notify"
	"github.com/helpdeskgo/helpdesk/notify/smtp"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	ann = ticket.Staff("1", "Ann Archer", "ann@shop.example") // of support
	bob = ticket.Staff("2", "Bob Bauer", "bob@shop.example")  // of support
	cem = ticket.Staff("3", "Cem Can", "cem@shop.example")    // of sales
	gus = ticket.Guest("Gus Gold", "gus@example.com")
)

const help = "help@shop.example"

// shop is a desk that sends its mail to a real server.
type shop struct {
	*helpdesktest.Desk
	n      *notify.Notifier
	server *smtpserver.Server
	host   context.Context
}

// setup tunes a shop.
type setup struct {
	store  store.Store
	manual bool
	sealed bool
	clock  *helpdesktest.Clock
	at     *smtpserver.Server // that another process has; nil: one of its own
	server smtpserver.Options
	mailer notify.Mailer
	change func(o *notify.Options)
	before func(d *helpdesktest.Desk, o *notify.Options)
	desk   func(d notify.Desk) notify.Desk
}

func newShop(t testing.TB, s setup) *shop {
	t.Helper()
	o := &helpdesktest.Options{Store: s.store, Manual: s.manual, Clock: s.clock}
	if s.sealed {
		o.Config.Sealer = must(helpdesk.NewSealer([]byte(strings.Repeat("k", 32))))(t)
	}
	x := &shop{Desk: helpdesktest.New(t, o), server: s.at, host: as(ticket.System("shop"))}
	if x.server == nil {
		x.server = smtpserver.Start(t, s.server)
	}
	mailer := s.mailer
	if mailer == nil {
		mail, err := smtp.New(smtp.Options{Address: x.server.Addr, Security: smtp.Plain, Timeout: 5 * time.Second})
		done(t, err)
		t.Cleanup(func() { _ = mail.Close() })
		mailer = mail
	}
	opts := &notify.Options{Mail: mailer, From: help}
	if s.before != nil {
		s.before(x.Desk, opts)
	}
	if s.change != nil {
		s.change(opts)
	}
	desk := notify.Desk(x.Notification())
	if s.desk != nil {
		desk = s.desk(desk)
	}
	n, err := notify.New(desk, x.Store, opts)
	done(t, err)
	x.n = n
	x.people(t)
	return x
}

func (x *shop) people(t testing.TB) {
	done(t, x.Catalog().PutDepartment(x.host, ticket.Department{Code: "sales", Name: "Sales"}))
	done(t, x.Catalog().PutRole(x.host, ticket.Role{Code: "agent", Name: "Agent", Grants: []ticket.Grant{{Sight: ticket.SightDepartment}}}))
	for id, a := range map[string]ticket.Actor{"support": ann, "support ": bob, "sales": cem} {
		done(t, x.People().PutAgent(x.host, ticket.Agent{ID: a.ID, Name: a.Name, Email: a.Email, Departments: []string{strings.TrimSpace(id)}}))
	}
}

func as(a ticket.Actor) context.Context { return ticket.WithActor(context.Background(), a) }

func done(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func must[T any](v T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		done(t, err)
		return v
	}
}

func equal[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %v, not %v", what, got, want)
	}
}

// lamp is a ticket that Gus has opened by a form.
func (x *shop) lamp(t testing.TB) *ticket.Ticket {
	t.Helper()
	return must(x.CreateTicket(as(gus), ticket.Draft{Subject: "My lamp is dark", Body: "It was bright on Monday."}))(t)
}

// told sends all that is due, and returns who got what since the last time, as "gus@example.com: subject".
func (x *shop) told(t testing.TB) []string {
	t.Helper()
	var out []string
	for _, m := range x.mails(t) {
		out = append(out, m.to+": "+m.subject(t))
	}
	slices.Sort(out)
	return out
}

// got is a mail that the server has taken.
type got struct {
	from, to string
	*mail.Message
	raw string
}

func (m got) subject(t testing.TB) string {
	t.Helper()
	return must(new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")))(t)
}

// mails sends all that is due, and returns what the server has taken since the last time.
func (x *shop) mails(t testing.TB) []got {
	t.Helper()
	before := len(x.server.Mails())
	x.tick(t)
	return x.taken(t)[before:]
}

// taken is all that the server has taken.
func (x *shop) taken(t testing.TB) []got {
	t.Helper()
	var out []got
	for _, m := range x.server.Mails() {
		parsed, err := mail.ReadMessage(strings.NewReader(string(m.Raw)))
		done(t, err)
		out = append(out, got{m.From, strings.Join(m.To, ","), parsed, string(m.Raw)})
	}
	return out
}

func (x *shop) tick(t testing.TB) {
	t.Helper()
	if _, err := x.Tick(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func same(t testing.TB, what string, got []string, want ...string) {
	t.Helper()
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n\t%s\nnot\n\t%s", what, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

func TestLoop(t *testing.T) {
	t.Parallel()
	t.Run("M24 a new ticket is told to its customer and to the agents of its department, an answer to the customer, and its answer to the agent who has it", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		tk := x.lamp(t)
		about := "[#" + tk.Code + "] My lamp is dark"
		same(t, "of a new ticket hear", x.told(t), "gus@example.com: "+about, "ann@shop.example: "+about, "bob@shop.example: "+about)
		must(x.UpdateTicket(as(ann), tk.ID, ticket.Patch{Assignee: new("1")}))(t)
		same(t, "of what they took themselves hears", x.told(t))
		must(x.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "Is it plugged in?"}))(t)
		same(t, "of an answer hears", x.told(t), "gus@example.com: "+about)
		must(x.Reply(as(verified(gus)), tk.ID, ticket.ReplyDraft{Body: "It is now."}))(t)
		same(t, "of the customer's answer hears", x.told(t), "ann@shop.example: "+about)
		must(x.AddNote(as(bob), tk.ID, ticket.ReplyDraft{Body: "He is always like that."}))(t)
		same(t, "of a note hears", x.told(t), "ann@shop.example: "+about)
		if failed := x.Failed(); len(failed) > 0 {
			t.Error(failed)
		}
	})
}

func verified(a ticket.Actor) ticket.Actor {
	a.Verified = true
	return a
}

// damage takes away what a file holds, as a disk does.
func (x *shop) damage(t testing.TB, blob string) {
	t.Helper()
	done(t, x.Store.Update(context.Background(), func(ctx context.Context, tx store.Tx) error {
		place, err := tx.Record(ctx, "blob", blob)
		if err != nil {
			return err
		}
		var doc struct{ Object string }
		if err := json.Unmarshal(place.Doc, &doc); err != nil {
			return err
		}
		return tx.DeleteBlob(ctx, doc.Object)
	}))
}
