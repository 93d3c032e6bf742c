package helpdesktest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/notify/letter"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var (
	ann = ticket.WithActor(context.Background(), ticket.Client("42", "Ann", "ann@example.com"))
	bob = ticket.WithActor(context.Background(), ticket.Staff("7", "Bob", "bob@desk.example"))
)

// recorder is a test that may fail without failing this one.
type recorder struct {
	testing.TB
	failed []string
}

func (r *recorder) Helper() {}
func (r *recorder) Errorf(format string, args ...any) {
	r.failed = append(r.failed, fmt.Sprintf(format, args...))
}
func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

// recorded runs fn as a test of its own, and returns what it complained about.
func recorded(t *testing.T, fn func(tb testing.TB)) []string {
	r := &recorder{TB: t}
	var wg sync.WaitGroup
	wg.Go(func() { fn(r) })
	wg.Wait()
	return r.failed
}

func lamp(t testing.TB, d *helpdesktest.Desk) *ticket.Ticket {
	t.Helper()
	tk, err := d.CreateTicket(ann, ticket.Draft{Subject: "Lamp", Body: "Broken"})
	if err != nil {
		t.Fatal(err)
	}
	return tk
}

func TestExpectFired(t *testing.T) {
	t.Parallel()
	d := helpdesktest.New(t, nil)
	lamp(t, d)
	created := map[string]int{"TransliterateTicketText": 2, "TicketDraft": 1, "TicketCreateValidation": 1, "TicketClientCreateValidation": 1, "TicketCreateGuard": 1, "TicketCreated": 1, "TicketClientCreated": 1}
	d.ExpectFired(t, created)
	d.ExpectFired(t, map[string]int{})
	for name, want := range map[string]map[string]int{
		"too few":  {"TicketCreated": 1},
		"too many": {"TicketDeleted": 1},
		"none":     nil,
	} {
		lamp(t, d)
		if failed := recorded(t, func(tb testing.TB) { d.ExpectFired(tb, want) }); len(failed) != 1 || !strings.Contains(failed[0], "Ticket") {
			t.Errorf("%s: a drift did not fail the test: %v", name, failed)
		}
	}
}

func TestFailed(t *testing.T) {
	t.Parallel()
	d := helpdesktest.New(t, nil)
	told, ran := 0, 0
	seen := helpdesktest.New(t, &helpdesktest.Options{Config: helpdesk.Config{Observer: helpdesk.Observer{Hook: func(hooks.Report) { told++ }}}})
	for _, d := range []*helpdesktest.Desk{d, seen} {
		d.Hooks().TicketCreated.Bind("acme", func(ctx context.Context, _ hooks.Created) error { return errors.New("boom") })
		if _, err := d.CreateTicket(ann, ticket.Draft{Subject: "Lamp", Body: "Broken"}); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]int{"TicketCreated": 1, "TicketClientCreated": 1}
	if got := recorded(t, func(tb testing.TB) { d.ExpectEvents(tb, want) }); len(got) != 1 || !strings.Contains(got[0], "acme at TicketCreated: boom") {
		t.Errorf("a handler that failed: %q", got)
	}
	if got := seen.Failed(); len(got) != 1 || told != 1 {
		t.Errorf("failed: %q, told the host's observer %d times", got, told)
	}
	if got := recorded(t, func(tb testing.TB) { seen.ExpectEvents(tb, want) }); len(got) != 0 {
		t.Errorf("a failure that was asked for: %q", got)
	}

	d.Hooks().TicketReplied.Bind("books", func(ctx context.Context, _ hooks.Messaged) error {
		ran++
		return d.Deliveries().Once(ctx, func(context.Context) error { ran += 10; return nil })
	})
	if _, err := d.Reply(ann, 1, ticket.ReplyDraft{Body: "Hello?"}); err != nil {
		t.Fatal(err)
	}
	if n := d.Redeliver(t, "TicketReplied", "books"); n != 1 || ran != 12 {
		t.Errorf("delivered %d again: what was done is %d, want two runs and one effect", n, ran)
	}
}

func TestManual(t *testing.T) {
	t.Parallel()
	d := helpdesktest.New(t, &helpdesktest.Options{Manual: true})
	var got []time.Time
	d.Hooks().TicketCreated.Bind("acme", func(_ context.Context, e hooks.Created) error {
		if got = append(got, d.Clock.Now()); e.Attempt < 3 {
			return errors.New("not yet")
		}
		return nil
	})
	tk := lamp(t, d)
	if len(got) != 0 {
		t.Error("it ran by itself")
	}
	for range 3 {
		d.DispatchAll(t)
		d.Clock.Advance(time.Hour)
	}
	if len(got) != 3 || got[2].Sub(got[0]) != 2*time.Hour {
		t.Errorf("it ran at %v", got)
	}
	if n := d.DispatchAll(t); n != 0 {
		t.Errorf("%d deliveries are left", n)
	}
	events, err := d.History(bob, tk.ID, ticket.EventQuery{})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.RunAlone(t, "TicketCreated", "acme", events[0]); err == nil || len(got) != 4 {
		t.Errorf("alone: %v, ran %d times", err, len(got))
	}
	if failed := recorded(t, func(tb testing.TB) { _ = d.RunAlone(tb, "TicketCreated", "nobody", events[0]) }); len(failed) != 1 {
		t.Errorf("an unknown binding: %v", failed)
	}
}

func TestClockAndOutbox(t *testing.T) {
	t.Parallel()
	c := helpdesktest.NewClock(time.Unix(100, 0))
	c.Advance(-10 * time.Second)
	if c.Now() != time.Unix(90, 0) {
		t.Error(c.Now())
	}
	c.Set(time.Unix(5, 0))
	d := helpdesktest.New(t, &helpdesktest.Options{Clock: c})
	if tk := lamp(t, d); !tk.CreatedAt.Equal(time.Unix(5, 0)) {
		t.Error(tk.CreatedAt)
	}
	l := &letter.Letter{From: letter.Address{Email: "desk@example.com"}, To: []letter.Address{{Email: "ann@example.com"}}, Subject: "Lamp", Text: "It is on its way.",
		MessageID: "a@example.com", Date: c.Now()}
	if err := d.Outbox.Send(context.Background(), l, "desk@example.com", "ann@example.com"); err != nil {
		t.Fatal(err)
	}
	if m := d.Outbox.Mails(); len(m) != 1 || m[0].To != "ann@example.com" || m[0].From != "desk@example.com" || m[0].Subject != "Lamp" || !bytes.Contains(m[0].Raw, []byte("Subject: Lamp\r\n")) {
		t.Errorf("%+v", m)
	}
	broken := errors.New("no route")
	d.Outbox.FailWith(broken)
	if err := d.Outbox.Send(context.Background(), l, "", "ann@example.com"); !errors.Is(err, broken) || len(d.Outbox.Mails()) != 1 {
		t.Error(err)
	}
}
