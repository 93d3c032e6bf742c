package rules_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/rules/calendar"
	"github.com/helpdeskgo/helpdesk/rules/sla"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// within is a policy with a deadline for everybody's tickets.
func within(code string, d time.Duration) sla.Policy {
	return sla.Policy{Code: code, Name: code, Resolution: sla.Goal{Within: ticket.Duration(d)}}
}

// dues counts what is on the agenda by a name.
func (s *shop) dues(t testing.TB, what string, states ...store.WorkState) (n int) {
	t.Helper()
	for _, d := range must(s.Agenda().List(host, 1000, states...))(t) {
		if d.What == what {
			n++
		}
	}
	return n
}

func TestRedating(t *testing.T) {
	t.Parallel()
	t.Run("I21 X07 open tickets are dated anew page by page, each once, and other things that are due come between", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, shopOptions{})
		for range 250 {
			s.open(t)
		}
		s.settle(t)
		must(s.Policies().Save(host, within("b", 10*day)))(t)
		s.later(t, time.Minute)
		if n, of := s.dues(t, "deadline.scan", store.WorkDone), s.dues(t, "deadline", store.WorkPending); n != 3 || of != 250 {
			t.Errorf("%d pages, %d deadlines", n, of)
		}
		p := must(s.Policies().Get(host, "b"))(t)
		p.Resolution.Within = ticket.Duration(day)
		must(s.Policies().Save(host, p))(t)
		s.later(t, time.Minute)
		if n, of := s.dues(t, "deadline.scan", store.WorkDone), s.dues(t, "deadline", store.WorkPending); n != 6 || of != 500 {
			t.Errorf("after another change: %d pages, %d deadlines", n, of)
		}
	})
	t.Run("I21 X07 however much is changed before it begins, tickets are looked at once", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, shopOptions{})
		s.open(t)
		s.settle(t)
		f := rules.File{}
		for i := range 10 {
			code := fmt.Sprint("p", i)
			f.Calendars = append(f.Calendars, calendar.Calendar{Code: code, Name: code, Week: calendar.Weekdays("09:00-17:00")})
			f.Policies = append(f.Policies, within(code, 10*day))
		}
		must(s.Import(host, f, false))(t)
		for _, p := range must(s.Policies().List(host))(t) {
			s.Clock.Advance(time.Second)
			must(s.Policies().Save(host, p))(t)
		}
		if n := s.dues(t, "deadline.scan"); n != 1 {
			t.Errorf("%d scans", n)
		}
		s.later(t, time.Minute)
		if n, of := s.dues(t, "deadline.scan"), s.dues(t, "deadline"); n != 1 || of != 1 {
			t.Errorf("%d scans, %d deadlines in the end", n, of)
		}
	})
	t.Run("I21 X07 a scan whose turn is over comes to nothing: the one that was put after it does everything", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, shopOptions{})
		for range 350 {
			s.open(t)
		}
		s.settle(t)
		// The breach of a ticket of the first page saves a policy: the scan is under way then.
		saved := false
		rules.AddAction(s.Rules, rules.Action[struct{}]{Name: "promise", Doc: "promises more", Do: func(ctx context.Context, _ *rules.Acting, _ struct{}) error {
			if saved {
				return nil
			}
			saved = true
			_, err := s.Policies().Save(ctx, within("a", 20*day))
			return err
		}})
		must(s.UpdateTicket(bob, 1, ticket.Patch{Priority: new("high")}))(t)
		s.settle(t)
		_, _, err := s.Save(host, rules.Rule{Code: "late", Name: "Late", On: []rules.Trigger{rules.DeadlineMissed}, Do: []rules.Step{rules.Do("promise", nil)}})
		ok(t, err)
		p := within("b", time.Minute)
		p.For.Priorities, p.Since = []string{"high"}, s.Clock.Now().Add(-day)
		s.Clock.Advance(time.Hour)
		must(s.Policies().Save(host, p))(t)
		s.later(t, time.Second)
		if n, of := s.dues(t, "deadline.scan", store.WorkDone), s.dues(t, "deadline", store.WorkPending); !saved || n > 6 || of != 349 {
			t.Errorf("saved: %v; %d pages, %d deadlines", saved, n, of)
		}
	})
}

// reading counts the notes that are read.
type reading struct {
	store.Store
	notes, reads atomic.Int64
}

type countingReader struct {
	store.Reader
	of *reading
}

type countingTx struct {
	store.Tx
	of *reading
}

func (s *reading) View(ctx context.Context, fn func(context.Context, store.Reader) error) error {
	return s.Store.View(ctx, func(ctx context.Context, x store.Reader) error { return fn(ctx, countingReader{x, s}) })
}

func (s *reading) Update(ctx context.Context, fn func(context.Context, store.Tx) error) error {
	return s.Store.Update(ctx, func(ctx context.Context, x store.Tx) error { return fn(ctx, countingTx{x, s}) })
}

func (s *reading) count(list []*ticket.Message, err error) ([]*ticket.Message, error) {
	s.reads.Add(1)
	for _, m := range list {
		if m.Kind == ticket.KindNote {
			s.notes.Add(1)
		}
	}
	return list, err
}

func (x countingReader) Messages(ctx context.Context, q ticket.MessageQuery) ([]*ticket.Message, error) {
	return x.of.count(x.Reader.Messages(ctx, q))
}

func (x countingTx) Messages(ctx context.Context, q ticket.MessageQuery) ([]*ticket.Message, error) {
	return x.of.count(x.Tx.Messages(ctx, q))
}

func TestHistoryIsNotReadInVain(t *testing.T) {
	t.Parallel()
	t.Run("I21 what moves no clock has no thread read, and what does has its notes left alone", func(t *testing.T) {
		t.Parallel()
		clock := helpdesktest.NewClock(time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC))
		st := &reading{Store: memory.New(&memory.Options{Now: clock.Now})}
		t.Cleanup(func() { _ = st.Close() })
		s := newShop(t, shopOptions{store: st, clock: clock})
		must(s.Policies().Save(host, within("b", 10*day)))(t)
		id := s.open(t).ID
		for range 20 {
			must(s.AddNote(bob, id, ticket.ReplyDraft{Body: "long"}))(t)
		}
		must(s.Reply(bob, id, ticket.ReplyDraft{Body: "An answer."}))(t)
		s.settle(t)
		for _, c := range []struct {
			what  string
			patch ticket.Patch
			reads bool
		}{
			{"a priority", ticket.Patch{Priority: new("high")}, true},
			{"tags", ticket.Patch{Tags: &[]string{"a"}}, false},
			{"an owner and a subject", ticket.Patch{Assignee: new("7"), Subject: new("Another")}, false},
			{"an owner and a status", ticket.Patch{Assignee: new(""), Status: new("closed")}, true},
		} {
			st.reads.Store(0)
			st.notes.Store(0)
			must(s.UpdateTicket(bob, id, c.patch))(t)
			s.settle(t)
			if reads, notes := st.reads.Load(), st.notes.Load(); reads > 0 != c.reads || notes != 0 {
				t.Errorf("%s: the thread was read %d times, with %d notes", c.what, reads, notes)
			}
		}
	})
}
