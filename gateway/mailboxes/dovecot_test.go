package mailboxes_test

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"testing"

	"go.uber.org/goleak"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/gateway/mailboxes"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/internal/dovecot"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	bob = ticket.Staff("7", "Bob", "bob@desk.example")
	ann = ticket.Client("42", "Ann", "ann@example.com")
)

func as(a ticket.Actor) context.Context { return ticket.WithActor(context.Background(), a) }

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func sealer(t *testing.T, first byte) helpdesk.Sealer {
	t.Helper()
	key := make([]byte, 32)
	key[0] = first
	return must(helpdesk.NewSealer(key))(t)
}

// office is a desk with stored gateways.
type office struct {
	*helpdesktest.Desk
	*mailboxes.Set
	opened chan string // subjects of tickets, as they are opened
}

func newOffice(t *testing.T, o *mailboxes.Options) *office {
	t.Helper()
	return officeOn(t, &helpdesktest.Options{}, o, make(chan string, 100))
}

// beside is the office as another process has it.
func (o *office) beside(t *testing.T, with *mailboxes.Options) *office {
	t.Helper()
	return officeOn(t, &helpdesktest.Options{Store: o.Store, Clock: o.Clock}, with, o.opened)
}

func officeOn(t *testing.T, desk *helpdesktest.Options, o *mailboxes.Options, opened chan string) *office {
	t.Helper()
	desk.Config = helpdesk.Config{Departments: []ticket.Department{{Code: "support", Name: "Support"}, {Code: "sales", Name: "Sales"}}}
	d := helpdesktest.New(t, desk)
	if o == nil {
		o = &mailboxes.Options{Sealer: sealer(t, 1)}
	}
	out := &office{d, must(mailboxes.New(d.Mail(), d.Store, o))(t), opened}
	d.Hooks().TicketCreated.Bind("test", func(_ context.Context, e hooks.Created) error {
		out.opened <- e.Ticket.Department + "/" + e.Ticket.Subject
		return nil
	})
	return out
}

// server is a Dovecot as a definition names it.
type server struct {
	*dovecot.Server
	sent int
}

func startServer(t *testing.T) *server { t.Helper(); return &server{Server: dovecot.Start(t)} }

func (s *server) definition(t *testing.T, code string) mailboxes.Definition {
	t.Helper()
	return mailboxes.Definition{Code: code, Name: code, Addresses: []string{code + "@desk.example"}, User: dovecot.Username, Password: mailboxes.NewSecret(dovecot.Password),
		Host: "127.0.0.1", Port: port(t, s.AddrTLS), Authority: string(s.CertPEM)}
}

func port(t *testing.T, address string) int {
	t.Helper()
	_, p, err := net.SplitHostPort(address)
	ok(t, err)
	return must(strconv.Atoi(p))(t)
}

// send puts a mail into the mailbox.
func (s *server) send(t *testing.T, subject string) {
	t.Helper()
	s.sent++
	s.Deliver(t, []byte(fmt.Sprintf("From: Ann <ann@example.com>\r\nMessage-ID: <%d@example.com>\r\nSubject: %s\r\n\r\ntext %d\r\n", s.sent, subject, s.sent)))
}

// run runs the gateways until the test, or what is returned, ends them.
func (o *office) run(t *testing.T) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- o.Run(ctx) }()
	stopped := false
	stop = func() {
		t.Helper()
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(stop)
	return stop
}

func (o *office) expect(t *testing.T, want string) {
	t.Helper()
	if got := <-o.opened; got != want {
		t.Errorf("opened %q, expected %q", got, want)
	}
}

func TestRunOnDovecot(t *testing.T) {
	t.Parallel()
	o, s := newOffice(t, nil), startServer(t)
	s.send(t, "one")
	o.run(t)
	t.Run("M35 a stored gateway runs as soon as it is saved", func(t *testing.T) {
		d := must(o.Save(as(bob), s.definition(t, "shop")))(t)
		if d.Version != 1 || d.Password.Stored().IsZero() {
			t.Errorf("%+v", d)
		}
		o.expect(t, "support/one")
		s.send(t, "two")
		o.expect(t, "support/two")
	})
	t.Run("M35 a change holds from then on, without the password, and nothing comes twice", func(t *testing.T) {
		d := must(o.Definition(as(bob), "shop"))(t)
		d.Department = "sales"
		must(o.Save(as(bob), d))(t)
		for n := 0; ; n++ { // what was fetched before the change is noticed is still the old department's
			subject := fmt.Sprint("more ", n)
			s.send(t, subject)
			got := <-o.opened
			if got == "sales/"+subject {
				break
			}
			if got != "support/"+subject || n > 50 {
				t.Fatalf("opened %q", got)
			}
		}
	})
	t.Run("M35 the last result stands in its status", func(t *testing.T) {
		st := must(o.Status(t.Context()))(t)
		if len(st) != 1 || st[0].Code != "shop" || st[0].LastSuccess.IsZero() || st[0].Failure != "" || len(st[0].Warnings) != 0 {
			t.Errorf("%+v", st)
		}
	})
}
