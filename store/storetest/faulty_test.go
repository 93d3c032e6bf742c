package storetest

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// TestCalls holds the lists of calls against the interfaces.
func TestCalls(t *testing.T) {
	t.Parallel()
	listed := map[string]bool{"OnCommit": true, "Hosted": true}
	for _, c := range append(readerCalls(nil), writerCalls()...) {
		listed[c.name] = true
	}
	x := reflect.TypeFor[store.Tx]()
	for i := range x.NumMethod() {
		if name := x.Method(i).Name; !listed[name] {
			t.Errorf("no proof calls %s: add it to readerCalls or writerCalls", name)
		}
	}
	if len(listed) != x.NumMethod() {
		t.Errorf("%d methods are listed, the interface has %d", len(listed), x.NumMethod())
	}
}

func TestFaulty(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk is full")
	t.Run("X09 every method and the commit can be made to fail", func(t *testing.T) {
		t.Parallel()
		s := NewFaulty(memory.New(nil))
		e := newEnv(t, func(testing.TB) store.Store { return s }, &Options{})
		e.seed(t)
		for i, c := range append(readerCalls(nil), writerCalls()...) {
			s.FailAt(1, broken)
			err := s.Update(e.ctx, func(ctx context.Context, x store.Tx) error {
				return append(readerCalls(x), writerCalls()...)[i].do(ctx, x, e)
			})
			if !errors.Is(err, broken) || s.Failed() != c.name || len(s.Calls()) != 1 {
				t.Errorf("%s: got %v, failed %q, calls %v", c.name, err, s.Failed(), s.Calls())
			}
		}
		s.FailAt(2, broken)
		x := e.newTicket()
		err := s.Update(e.ctx, func(ctx context.Context, tx store.Tx) error { return tx.PutTicket(ctx, x) })
		if !errors.Is(err, broken) || s.Failed() != "Commit" || e.exists(t, x.ID) {
			t.Errorf("a failed commit: got %v, failed %q", err, s.Failed())
		}
		s.FailAt(1, broken)
		err = s.View(e.ctx, func(ctx context.Context, r store.Reader) error { return only(r.Ticket(ctx, 1, everything)) })
		if !errors.Is(err, broken) {
			t.Errorf("a failed read in a view: %v", err)
		}
	})
	t.Run("X09 a store that is dead does nothing from one call on, until it is well again", func(t *testing.T) {
		t.Parallel()
		s := NewFaulty(memory.New(nil))
		read := func() error {
			return s.View(t.Context(), func(ctx context.Context, r store.Reader) error { return only(r.ConfigVersion(ctx)) })
		}
		s.FailFrom(2, broken)
		for i, want := range []error{nil, broken, broken, broken} {
			if err := read(); !errors.Is(err, want) {
				t.Errorf("call %d: %v, want %v", i+1, err, want)
			}
		}
		s.FailAt(0, nil)
		for range 2 {
			if err := read(); err != nil || s.Failed() != "" {
				t.Errorf("it is not well again: %v", err)
			}
		}
	})
	t.Run("X09 no event without its commit, no commit without its event", func(t *testing.T) {
		t.Parallel()
		for n := 1; ; n++ {
			s := NewFaulty(memory.New(nil))
			e := newEnv(t, func(testing.TB) store.Store { return s }, &Options{})
			s.FailAt(n, broken)
			fired := false
			x := e.newTicket()
			err := s.Update(e.ctx, func(ctx context.Context, tx store.Tx) error {
				tx.OnCommit(func() { fired = true })
				return putAll(ctx, tx, x, e.newMessage(x, 1), e.newEvent(x, 1), e.newWork())
			})
			failed := s.Failed()
			s.FailAt(0, nil)
			events := len(e.journal(t, ticket.EventQuery{TicketID: x.ID}))
			there := e.exists(t, x.ID)
			if there != (err == nil) || (events == 1) != there || fired != there || (failed != "") == there {
				t.Errorf("call %d (%s) failed: update says %v, the ticket is there: %v, events: %d, fired: %v", n, failed, err, there, events, fired)
			}
			if failed == "" {
				if n != 6 {
					t.Errorf("%d calls were made to fail, want 5", n-1)
				}
				return
			}
		}
	})
	t.Run("X09 a faulty store without a fault keeps the contract", func(t *testing.T) {
		t.Parallel()
		Run(t, func(testing.TB) store.Store { return NewFaulty(memory.New(nil)) }, nil)
	})
}
