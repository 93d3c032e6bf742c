package storetest

import (
	"context"
	"errors"
	"runtime"
	"testing"

	"github.com/helpdeskgo/helpdesk/store"
)

var rollbacks = []proof{
	{"an error undoes every kind of write and is returned", rollbackByError},
	{"a panic undoes and goes on to the caller", rollbackByPanic},
	{"Goexit undoes and the store stays usable", rollbackByGoexit},
	{"a commit is seen by whoever reads after it", commitSeen},
	{"what the outer part wrote in vain spoils it, whichever part is told", outerRefused},
}

// writeEverything calls every writing method once. Work that has meanwhile changed hands is no failure here.
func writeEverything(ctx context.Context, tx store.Tx, e *env) error {
	for _, c := range writerCalls() {
		if err := c.do(ctx, tx, e); err != nil && !errors.Is(err, store.ErrStale) {
			return err
		}
	}
	return nil
}

func rollbackByError(t testing.TB, e *env) {
	e.seed(t)
	before := e.dump(t)
	wrapped := errors.Join(errors.New("a failure of the caller"), errUndo)
	err := e.Update(e.ctx, func(ctx context.Context, tx store.Tx) error {
		if err := writeEverything(ctx, tx, e); err != nil {
			return err
		}
		return wrapped
	})
	if !errors.Is(err, errUndo) {
		t.Errorf("update returned %v, want the closure's own error", err)
	}
	same(t, "after the rollback", e.dump(t), before)
	e.usable(t)
}

func rollbackByPanic(t testing.TB, e *env) {
	e.seed(t)
	before := e.dump(t)
	var value any
	func() {
		defer func() { value = recover() }()
		err := e.Update(e.ctx, func(ctx context.Context, tx store.Tx) error {
			if err := writeEverything(ctx, tx, e); err != nil {
				return err
			}
			panic("a fault of the caller")
		})
		t.Errorf("update returned %v, want the panic to go on", err)
	}()
	if value != "a fault of the caller" {
		t.Errorf("the caller recovered %v, want the closure's own value", value)
	}
	same(t, "after the rollback", e.dump(t), before)
	e.usable(t)
}

func rollbackByGoexit(t testing.TB, e *env) {
	e.seed(t)
	before := e.dump(t)
	err := alone(func() error {
		return e.Update(e.ctx, func(ctx context.Context, tx store.Tx) error {
			if err := writeEverything(ctx, tx, e); err != nil {
				return err
			}
			runtime.Goexit()
			return nil
		})
	})
	if !errors.Is(err, errSilent) {
		t.Errorf("update returned %v, want its goroutine to end", err)
	}
	same(t, "after the rollback", e.dump(t), before)
	e.usable(t)
	err = alone(func() error {
		return e.View(e.ctx, func(context.Context, store.Reader) error {
			runtime.Goexit()
			return nil
		})
	})
	if !errors.Is(err, errSilent) {
		t.Errorf("view returned %v, want its goroutine to end", err)
	}
	e.usable(t)
}

func commitSeen(t testing.TB, e *env) {
	for range 20 {
		x := e.newTicket()
		e.put(t, x)
		if !e.exists(t, x.ID) {
			t.Fatalf("ticket %d is not there after its commit", x.ID)
		}
	}
}
