package rules_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var (
	bg   = context.Background()
	host = ticket.WithActor(bg, ticket.System("host"))
	bob  = ticket.WithActor(bg, ticket.Staff("7", "Bob", "bob@desk.example"))
	ann  = ticket.WithActor(bg, ticket.Client("42", "Ann", "ann@example.com"))
	day  = 24 * time.Hour
)

// shop is a desk with rules, and what it told people.
type shop struct {
	*helpdesktest.Desk
	*rules.Rules

	mu   sync.Mutex
	told []rules.Notice
	fail error // of telling

	onNotice func(ctx context.Context, n rules.Notice) error // also done; nil for nothing
}

func (s *shop) notify(ctx context.Context, n rules.Notice) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return s.fail
	}
	s.told = append(s.told, n)
	if s.onNotice != nil {
		return s.onNotice(ctx, n)
	}
	return nil
}

func (s *shop) failNotices(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = err
}

// notices returns what was told since it was asked last.
func (s *shop) notices() []rules.Notice {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.told
	s.told = nil
	return out
}

type shopOptions struct {
	store  store.Store
	clock  *helpdesktest.Clock
	silent bool // without Options.Notify
}

func newShop(t testing.TB, o shopOptions) *shop {
	t.Helper()
	s := &shop{Desk: helpdesktest.New(t, &helpdesktest.Options{Store: o.store, Clock: o.clock, Config: helpdesk.Config{Statuses: ticket.StatusPreset(ticket.PresetShop)}})}
	opts := &rules.Options{Notify: s.notify}
	if o.silent {
		opts = nil
	}
	var err error
	if s.Rules, err = rules.New(s.Automation(), s.Store, opts); err != nil {
		t.Fatal(err)
	}
	if err := s.Start(bg); err != nil {
		t.Fatal(err)
	}
	return s
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantErr(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%v, want %v", err, want)
	}
}

// open opens a ticket of Ann's.
func (s *shop) open(t testing.TB) *ticket.Ticket {
	t.Helper()
	return must(s.CreateTicket(ann, ticket.Draft{Subject: "Lamp", Body: "It does not shine."}))(t)
}

// later moves the clock, and does what is due then.
func (s *shop) later(t testing.TB, by time.Duration) {
	t.Helper()
	s.Clock.Advance(by)
	must(s.Tick(bg))(t)
}

func (s *shop) get(t testing.TB, id int64) *ticket.Ticket {
	t.Helper()
	return must(s.Ticket(host, id))(t)
}

// notes are the bodies of the internal notes of a ticket.
func (s *shop) notes(t testing.TB, id int64) []string { return s.bodies(t, id, ticket.KindNote) }

func (s *shop) bodies(t testing.TB, id int64, kind ticket.MessageKind) []string {
	t.Helper()
	var out []string
	for _, m := range must(s.Messages(host, id, ticket.MessageQuery{Kinds: []ticket.MessageKind{kind}}))(t) {
		out = append(out, m.Body)
	}
	return out
}

// history lists what the journal of a ticket has of one field, as "old>new" or, of an event's rule, the rule before it.
func (s *shop) history(t testing.TB, id int64, field string) []string {
	t.Helper()
	var out []string
	for _, e := range must(s.History(host, id, ticket.EventQuery{Limit: ticket.MaxPage}))(t) {
		if c, ok := e.Changed(field); ok {
			out = append(out, strings.TrimSpace(e.Cause.Rule+" "+c.Old+">"+c.New))
		}
	}
	return out
}

// mail is a reply of Ann's that came by mail.
func (s *shop) mail(t testing.TB, id int64, automatic bool) {
	t.Helper()
	ctx := ticket.WithActor(bg, ticket.Client("42", "Ann", "ann@example.com").Via(ticket.ChannelEmail))
	must(s.Reply(ctx, id, ticket.ReplyDraft{Body: "A mail", Mail: &ticket.Mail{MessageID: "x@example.com", Automatic: automatic}}))(t)
}

// TestWhoMay holds every verb against the rights on the ticket.
func TestWhoMay(t *testing.T) {
	t.Parallel()
	s := newShop(t, shopOptions{})
	id := s.open(t).ID
	soon := s.Now().Add(day)
	reader := ticket.WithActor(bg, ticket.Staff("8", "Carol", "carol@desk.example"))
	ok(t, s.Catalog().PutRole(host, ticket.Role{Code: "reader", Name: "Reader", Grants: []ticket.Grant{{Rights: []ticket.Right{ticket.RightSee}}}}))
	ok(t, s.People().PutAgent(host, ticket.Agent{ID: "8", Name: "Carol", Email: "carol@desk.example", Roles: []string{"reader"}}))
	verbs := map[string]func(ctx context.Context) error{
		"FollowUps.Add": func(ctx context.Context) error {
			_, err := s.FollowUps().Add(ctx, id, rules.FollowUp{At: soon, SetStatus: "closed"})
			return err
		},
		"FollowUps.Cancel": func(ctx context.Context) error { return s.FollowUps().Cancel(ctx, id, 1) },
		"Snooze":           func(ctx context.Context) error { _, err := s.Snooze(ctx, id, soon); return err },
		"Unsnooze":         func(ctx context.Context) error { return s.Unsnooze(ctx, id) },
		"Appointments.Set": func(ctx context.Context) error {
			_, err := s.Appointments().Set(ctx, id, rules.Appointment{At: soon})
			return err
		},
		"Appointments.Clear": func(ctx context.Context) error { return s.Appointments().Clear(ctx, id) },
		"AutoCloses.Save":    func(ctx context.Context) error { _, err := s.AutoCloses().Save(ctx, chasing()); return err },
		"AutoCloses.Delete":  func(ctx context.Context) error { return s.AutoCloses().Delete(ctx, "waiting") },
		"RecurringTickets.Save": func(ctx context.Context) error {
			_, err := s.RecurringTickets().Save(ctx, weekly())
			return err
		},
		"RecurringTickets.Delete": func(ctx context.Context) error { return s.RecurringTickets().Delete(ctx, "weekly") },
	}
	reads := map[string]func(ctx context.Context) error{
		"FollowUps.List":        func(ctx context.Context) error { _, err := s.FollowUps().List(ctx, id); return err },
		"Snoozed":               func(ctx context.Context) error { _, err := s.Snoozed(ctx, id); return err },
		"Appointments.Get":      func(ctx context.Context) error { _, err := s.Appointments().Get(ctx, id); return err },
		"AutoCloses.List":       func(ctx context.Context) error { _, err := s.AutoCloses().List(ctx); return err },
		"RecurringTickets.List": func(ctx context.Context) error { _, err := s.RecurringTickets().List(ctx); return err },
	}
	for name, do := range verbs {
		t.Run("M65 "+name+" is not for customers, nor for agents who only read", func(t *testing.T) {
			wantErr(t, do(bg), ticket.ErrNoActor)
			wantErr(t, do(ann), ticket.ErrForbidden)
			wantErr(t, do(reader), ticket.ErrForbidden)
		})
	}
	for name, do := range reads {
		t.Run("M65 "+name+" is not for customers", func(t *testing.T) {
			wantErr(t, do(bg), ticket.ErrNoActor)
			wantErr(t, do(ann), ticket.ErrForbidden)
		})
	}
	if got := s.history(t, id, "follow_up"); len(got) != 0 {
		t.Errorf("what was refused left %v", got)
	}
}
