package storetest

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/helpdeskgo/helpdesk/store"
)

var cancellings = []proof{
	{"a context that has ended starts nothing", endedBefore},
	{"every method fails with the context's error, and the transaction goes on", endedBetween},
	{"a context that ends before the commit rolls back", endedBeforeCommit},
	{"an inner context that ends rolls back the inner part only", endedInner},
	{"a writer that waits for its turn gives up with its context", endedWaiting},
	{"a context that ends at any moment leaves all or nothing", endedAnywhere},
}

func endedBefore(t testing.TB, e *env) {
	ctx, cancel := context.WithCancel(e.ctx)
	cancel()
	if err := e.Update(ctx, func(context.Context, store.Tx) error { t.Error("update ran"); return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("update: %v", err)
	}
	if err := e.View(ctx, func(context.Context, store.Reader) error { t.Error("view ran"); return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("view: %v", err)
	}
	if _, err := e.Now(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("now: %v", err)
	}
	e.usable(t)
}

func endedBetween(t testing.TB, e *env) {
	e.seed(t)
	before := e.dump(t)
	a := e.newTicket()
	ended, cancel := context.WithCancel(e.ctx)
	cancel()
	e.write(t, func(ctx context.Context, tx store.Tx) error {
		for _, c := range append(readerCalls(tx), writerCalls()...) {
			if err := c.do(ended, tx, e); !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v, want %v", c.name, err, context.Canceled)
			}
		}
		return nil
	})
	same(t, "after cancelled calls", e.dump(t), before)
	e.read(t, func(_ context.Context, r store.Reader) error {
		for _, c := range readerCalls(r) {
			if err := c.do(ended, nil, e); !errors.Is(err, context.Canceled) {
				t.Errorf("%s in a view: %v, want %v", c.name, err, context.Canceled)
			}
		}
		return nil
	})
	e.put(t, a)
}

func endedBeforeCommit(t testing.TB, e *env) {
	a := e.newTicket()
	ctx, cancel := context.WithCancel(e.ctx)
	err := e.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		defer cancel()
		return tx.PutTicket(ctx, a)
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("update: %v, want %v", err, context.Canceled)
	}
	if e.exists(t, a.ID) {
		t.Error("the write was committed although its context had ended")
	}
	e.usable(t)
}

func endedInner(t testing.TB, e *env) {
	a, b := e.newTicket(), e.newTicket()
	e.write(t, func(ctx context.Context, tx store.Tx) error {
		inside, cancel := context.WithCancel(ctx)
		err := e.inner(inside, func(ctx context.Context, tx store.Tx) error {
			defer cancel()
			return tx.PutTicket(ctx, b)
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("the inner update: %v, want %v", err, context.Canceled)
		}
		return tx.PutTicket(ctx, a)
	})
	for _, x := range []struct {
		id    int64
		there bool
	}{{a.ID, true}, {b.ID, false}} {
		if got := e.exists(t, x.id); got != x.there {
			t.Errorf("ticket %d is there: %v, want %v", x.id, got, x.there)
		}
	}
}

func endedWaiting(t testing.TB, e *env) {
	a, b := e.newTicket(), e.newTicket()
	e.write(t, func(ctx context.Context, tx store.Tx) error { return tx.PutTicket(ctx, a) })
	e.write(t, func(ctx context.Context, tx store.Tx) error {
		if _, err := tx.LockTicket(ctx, a.ID); err != nil { // at once: what is only put may be sent later
			return err
		}
		waiting, cancel := context.WithCancel(e.ctx)
		defer cancel()
		result, started := make(chan error, 1), make(chan struct{})
		go func() {
			close(started)
			result <- e.Update(waiting, func(ctx context.Context, tx store.Tx) error {
				if _, err := tx.LockTicket(ctx, a.ID); err != nil { // where writers do not wait for each other, this one waits here
					return err
				}
				return tx.PutTicket(ctx, b)
			})
		}()
		<-started
		for range 1000 {
			runtime.Gosched() // so that it waits by now
		}
		cancel()
		select {
		case err := <-result:
			if !errors.Is(err, context.Canceled) {
				t.Errorf("the waiting writer got %v, want %v", err, context.Canceled)
			}
		case <-e.ctx.Done():
			t.Error("the waiting writer does not give up")
		}
		return nil
	})
	if e.exists(t, b.ID) {
		t.Error("the writer that gave up has written")
	}
	e.usable(t)
}

// endedAnywhere ends the context from another goroutine while statements run.
func endedAnywhere(t testing.TB, e *env) {
	for round := range 30 {
		ctx, cancel := context.WithCancel(e.ctx)
		list := make([]int64, 20)
		for i := range list {
			list[i] = e.id()
		}
		var step atomic.Int64
		reached := make(chan struct{})
		go func() {
			<-reached
			cancel()
		}()
		err := e.Update(ctx, func(ctx context.Context, tx store.Tx) error {
			for _, id := range list {
				if int(step.Add(1)) == 1+round%len(list) {
					close(reached)
				}
				x := e.newTicket()
				x.ID = id
				if err := tx.PutTicket(ctx, x); err != nil {
					return err
				}
			}
			return nil
		})
		cancel()
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Fatalf("round %d: %v", round, err)
		}
		for _, id := range list {
			if got := e.exists(t, id); got != (err == nil) {
				t.Fatalf("round %d: update said %v, and ticket %d is there: %v", round, err, id, got)
			}
		}
	}
	e.usable(t)
}
