package storetest

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var wakings = []proof{
	{"a commit that puts work, or makes it pending again, wakes whoever waits", wokenByWork},
	{"the channel is closed when its context ends", wakeEnds},
}

var closings = []proof{
	{"a closed store refuses transactions, and closing it again is no error", closedRefuses},
	{"Close waits for transactions that run", closeWaits},
}

func wokenByWork(t testing.TB, e *env) {
	waker := e.Store.(store.Waker)
	e.put(t, e.newWork())
	dead := e.kill(t)
	ctx, cancel := context.WithCancel(e.ctx)
	defer cancel()
	one, two := waker.Wake(ctx), waker.Wake(ctx)
	for _, step := range []struct {
		what string
		do   func()
	}{
		{"new work", func() { e.put(t, e.newWork()) }},
		{"work to be tried again", func() { e.finish(t, e.leaseOne(t, time.Hour), store.WorkPending, base.Add(time.Hour)) }},
		{"work retried by hand", func() { e.setWork(t, dead.ID, store.WorkDead, store.WorkPending, base) }},
	} {
		drainWakes(one, two)
		step.do()
		for i, c := range []<-chan struct{}{one, two} {
			select {
			case _, ok := <-c:
				if !ok {
					t.Fatal("the channel is closed before its context ends")
				}
			case <-e.ctx.Done():
				t.Fatalf("%s does not wake waiter %d", step.what, i+1)
			}
		}
	}
}

func drainWakes(cs ...<-chan struct{}) {
	for _, c := range cs {
		for waiting := true; waiting; {
			select {
			case _, waiting = <-c:
			default:
				waiting = false
			}
		}
	}
}

func wakeEnds(t testing.TB, e *env) {
	waker := e.Store.(store.Waker)
	ctx, cancel := context.WithCancel(e.ctx)
	open := waker.Wake(ctx)
	cancel()
	for _, c := range []<-chan struct{}{open, waker.Wake(ctx)} {
		for {
			select {
			case _, ok := <-c:
				if ok {
					continue
				}
			case <-e.ctx.Done():
				t.Fatal("the channel stays open")
			}
			break
		}
	}
	e.put(t, e.newWork()) // nobody waits any more
}

func closedRefuses(t testing.TB, e *env) {
	e.usable(t)
	for range 2 {
		if err := e.Close(); err != nil {
			t.Fatalf("close: %v", err)
		}
	}
	err := e.Update(e.ctx, func(context.Context, store.Tx) error { t.Error("update ran"); return nil })
	if !errors.Is(err, ticket.ErrStopped) {
		t.Errorf("update: %v, want %v", err, ticket.ErrStopped)
	}
	err = e.View(e.ctx, func(context.Context, store.Reader) error { t.Error("view ran"); return nil })
	if !errors.Is(err, ticket.ErrStopped) {
		t.Errorf("view: %v, want %v", err, ticket.ErrStopped)
	}
}

func closeWaits(t testing.TB, e *env) {
	closed := make(chan error, 1)
	x := e.newTicket()
	e.write(t, func(ctx context.Context, tx store.Tx) error {
		go func() { closed <- e.Close() }()
		for e.ctx.Err() == nil && e.View(e.ctx, func(context.Context, store.Reader) error { return nil }) == nil {
			runtime.Gosched() // until Close has begun
		}
		if err := tx.PutTicket(ctx, x); err != nil {
			return err
		}
		for range 500 { // a transaction that takes its time
			runtime.Gosched()
			if _, err := tx.Ticket(ctx, x.ID, everything); err != nil {
				return err
			}
		}
		if len(closed) > 0 {
			t.Error("the store was closed in mid-transaction")
		}
		return nil
	})
	select {
	case err := <-closed:
		if err != nil {
			t.Error(err)
		}
	case <-e.ctx.Done():
		t.Error("the store does not close")
	}
}
