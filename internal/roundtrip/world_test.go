package roundtrip_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/gateway/imap"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/internal/smtpserver"
	"github.com/helpdeskgo/helpdesk/notify"
	"github.com/helpdeskgo/helpdesk/notify/smtp"
	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	ann = ticket.Staff("1", "Archer, Ännchen (Support)", "ann@shop.example") // of support
	bob = ticket.Staff("2", "Bob Bauer", "bob@shop.example")                 // of support
	cem = ticket.Staff("3", "Cem Can", "cem@shop.example")                   // of sales
	gus = ticket.Guest("Gus Gold", "gus@example.com")
	eva = ticket.Guest("Eva Eck", "eva@example.com")
	lux = ticket.Person{Name: "Lux & Söhne, Lamps", Email: "orders@lux.example"} // a supplier
)

const help = "help@shop.example"

// world is a desk that sends mail, and gets it back.
type world struct {
	*helpdesktest.Desk
	n      *notify.Notifier
	mailer notify.Mailer
	g      *gateway.Gateway
	r      *rules.Rules
	post   *post
	host   context.Context
}

// options tune a world.
type options struct {
	store    store.Store
	box      func(t testing.TB) box
	plus     bool   // answers go to addresses with marks; without, a server checks senders
	blind    bool   // it checks none
	stripped bool   // nothing that leaves bears a mark
	bare     bool   // no letter asks for the reply above a line
	locale   string // of the letters; empty: English
}

func newWorld(t testing.TB, o options) *world {
	t.Helper()
	w := &world{Desk: helpdesktest.New(t, &helpdesktest.Options{Store: o.store}), host: as(ticket.System("shop"))}
	w.post = newPost(t, o.box, !o.plus && !o.blind)
	server := must(smtp.New(smtp.Options{Address: w.post.Addr, Security: smtp.Plain, Timeout: 20 * time.Second}))(t)
	t.Cleanup(func() { _ = server.Close() })
	w.mailer = server
	if o.stripped {
		w.mailer = unmarked{server}
	}
	w.r = must(rules.New(w.Automation(), w.Store, nil))(t)
	w.n = must(notify.New(w.Notification(), w.Store, &notify.Options{Mail: w.mailer, From: help, PlusAddresses: o.plus, Rules: w.r, Hours: w.r.Calendars().Page}))(t)
	var servers []string
	if !o.plus {
		servers = []string{checks}
	}
	w.g = must(gateway.New("support", w.Mail(), w.Store, &gateway.Options{
		Own: []string{help}, Servers: servers, Caps: gateway.Caps{SenderHour: -1, SenderDay: -1, DomainHour: -1, Hour: -1},
	}))(t)
	done(t, w.Settings().Update(w.host, ticket.DeskLayer, ticket.SettingsPatch{TellClosed: new(true), RateTickets: new(true), MailMarker: new(!o.bare)}))
	if o.locale != "" {
		b := must(w.Catalog().Brands(w.host))(t)[0]
		b.Locales = []string{o.locale}
		done(t, w.Catalog().PutBrand(w.host, b))
	}
	done(t, w.Catalog().PutDepartment(w.host, ticket.Department{Code: "sales", Name: "Sales"}))
	done(t, w.Catalog().PutRole(w.host, ticket.Role{Code: "agent", Name: "Agent", Grants: []ticket.Grant{{Sight: ticket.SightDepartment}}}))
	for _, a := range []struct {
		ticket.Actor
		department string
	}{{ann, "support"}, {bob, "support"}, {cem, "sales"}} {
		done(t, w.People().PutAgent(w.host, ticket.Agent{ID: a.ID, Name: a.Name, Email: a.Email, Departments: []string{a.department}}))
	}
	return w
}

// settle does all that is due, until nothing is, and returns the mails that left.
func (w *world) settle(t testing.TB) []smtpserver.Mail {
	t.Helper()
	before := len(w.post.Mails())
	for range 1000 {
		n := w.DispatchAll(t)
		m, err := w.Tick(context.Background())
		done(t, err)
		if n+m == 0 {
			return w.post.Mails()[before:]
		}
	}
	t.Fatal("there is always something to do")
	return nil
}

// poll has the gateway fetch what has come for the desk.
func (w *world) poll(t testing.TB) []gateway.Outcome {
	t.Helper()
	return must(w.g.Poll(context.Background(), must(imap.New(w.post.desk.config))(t).Source()))(t)
}

func as(a ticket.Actor) context.Context { return ticket.WithActor(context.Background(), a) }

func verified(a ticket.Actor) ticket.Actor {
	a.Verified = true
	return a
}

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

func lines(list []string) string { return "\n\t" + strings.Join(list, "\n\t") }
