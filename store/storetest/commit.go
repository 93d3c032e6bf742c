package storetest

import (
	"context"
	"errors"
	"testing"

	"github.com/helpdeskgo/helpdesk/store"
)

var commitFunctions = []proof{
	{"commit functions run once, in order, after the outermost commit", commitInOrder},
	{"commit functions of what is rolled back are dropped", commitDropped},
	{"a commit function sees the commit and may write itself", commitWrites},
}

func commitInOrder(t testing.TB, e *env) {
	a := e.newTicket()
	var fired []int
	note := func(n int) func() { return func() { fired = append(fired, n) } }
	e.write(t, func(ctx context.Context, tx store.Tx) error {
		tx.OnCommit(note(1))
		err := e.inner(ctx, func(_ context.Context, tx store.Tx) error { tx.OnCommit(note(2)); return nil })
		tx.OnCommit(note(3))
		if len(fired) > 0 {
			t.Errorf("fired before the commit: %v", fired)
		}
		return errors.Join(err, tx.PutTicket(ctx, a))
	})
	same(t, "fired", fired, []int{1, 2, 3})
}

func commitDropped(t testing.TB, e *env) {
	var fired []int
	note := func(n int) func() { return func() { fired = append(fired, n) } }
	e.refused(t, errUndo, func(_ context.Context, tx store.Tx) error { tx.OnCommit(note(1)); return errUndo })
	_ = alone(func() error {
		return e.Update(e.ctx, func(_ context.Context, tx store.Tx) error { tx.OnCommit(note(2)); panic("a fault of the caller") })
	})
	ctx, cancel := context.WithCancel(e.ctx)
	_ = e.Update(ctx, func(_ context.Context, tx store.Tx) error { tx.OnCommit(note(3)); cancel(); return nil })
	same(t, "fired after rollbacks", fired, []int(nil))
	e.write(t, func(ctx context.Context, tx store.Tx) error {
		tx.OnCommit(note(4))
		_ = e.inner(ctx, func(_ context.Context, tx store.Tx) error { tx.OnCommit(note(5)); return errUndo })
		tx.OnCommit(note(6))
		return nil
	})
	same(t, "fired", fired, []int{4, 6})
}

func commitWrites(t testing.TB, e *env) {
	a, b := e.newTicket(), e.newTicket()
	running := true
	e.write(t, func(ctx context.Context, tx store.Tx) error {
		defer func() { running = false }()
		tx.OnCommit(func() {
			if running || !e.exists(t, a.ID) {
				t.Error("the commit function runs before the commit")
				return
			}
			e.put(t, b)
		})
		return tx.PutTicket(ctx, a)
	})
	if !e.exists(t, b.ID) {
		t.Error("what the commit function wrote is lost")
	}
}
