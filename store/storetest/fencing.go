package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
)

var fencings = []proof{
	{"every lease raises the epoch", epochRaised},
	{"a holder whose lease was taken over can neither finish nor mark", takenOver},
	{"work is finished once", finishedOnce},
	{"work that was never leased, or is gone, cannot be finished", neverLeased},
	{"a holder whose lease has ended but was not taken over may finish", endedButKept},
	{"an effect is marked while the lease is kept", effectMarked},
}

// leaseOne leases the only due work, for ttl.
func (e *env) leaseOne(t testing.TB, ttl time.Duration) *store.Work {
	t.Helper()
	r := request()
	r.TTL = ttl
	return e.single(t, r)
}

// single leases the only work that fits.
func (e *env) single(t testing.TB, r store.LeaseRequest) *store.Work {
	t.Helper()
	got := e.lease(t, r)
	if len(got) != 1 {
		t.Fatalf("leased %d works, want 1", len(got))
	}
	return got[0]
}

func (e *env) stale(t testing.TB, fn func(ctx context.Context, tx store.Tx) error) {
	t.Helper()
	e.refused(t, store.ErrStale, fn)
}

func epochRaised(t testing.TB, e *env) {
	w := e.newWork()
	e.put(t, w)
	for i := range int64(4) {
		if got := e.leaseOne(t, 0); got.Epoch != i+1 {
			t.Errorf("lease %d has epoch %d", i+1, got.Epoch)
		}
	}
}

func takenOver(t testing.TB, e *env) {
	w := e.newWork()
	e.put(t, w)
	old := e.leaseOne(t, 0)
	current := e.leaseOne(t, time.Hour)
	old.Effect, old.Error = true, "by the old holder"
	for _, state := range []store.WorkState{store.WorkDone, store.WorkDead, store.WorkPending} {
		e.stale(t, func(ctx context.Context, tx store.Tx) error { return finish(ctx, tx, old, state, base) })
	}
	e.stale(t, func(ctx context.Context, tx store.Tx) error { return tx.MarkEffect(ctx, old) })
	same(t, "the work", e.loaded(t, w), current)
	e.finish(t, current, store.WorkDone, base)
	if got := e.loaded(t, w).(*store.Work); got.State != store.WorkDone || got.Effect || got.Error != "" || !got.Finished.Equal(base) {
		t.Errorf("the work ended as %+v", got)
	}
}

func finishedOnce(t testing.TB, e *env) {
	for _, state := range []store.WorkState{store.WorkDone, store.WorkDead, store.WorkPending} {
		e.put(t, e.newWork())
		w := e.leaseOne(t, time.Hour)
		e.finish(t, w, state, base.Add(time.Hour))
		e.stale(t, func(ctx context.Context, tx store.Tx) error { return finish(ctx, tx, w, store.WorkDone, base) })
		e.stale(t, func(ctx context.Context, tx store.Tx) error { return tx.MarkEffect(ctx, w) })
		if got := e.loaded(t, w).(*store.Work); got.State != state {
			t.Errorf("the work ended as %s, want %s", got.State, state)
		}
	}
}

func neverLeased(t testing.TB, e *env) {
	w, gone := e.newWork(), e.newWork()
	e.put(t, w)
	for _, x := range []*store.Work{w, gone} {
		e.stale(t, func(ctx context.Context, tx store.Tx) error { return finish(ctx, tx, x, store.WorkDone, base) })
		e.stale(t, func(ctx context.Context, tx store.Tx) error { return tx.MarkEffect(ctx, x) })
	}
	same(t, "the work", e.loaded(t, w), w)
}

func endedButKept(t testing.TB, e *env) {
	e.put(t, e.newWork())
	w := e.leaseOne(t, 0)
	e.finish(t, w, store.WorkDone, base)
	if got := e.loaded(t, w).(*store.Work); got.State != store.WorkDone {
		t.Errorf("the work is %s, want done", got.State)
	}
}

func effectMarked(t testing.TB, e *env) {
	e.put(t, e.newWork())
	w := e.leaseOne(t, 0)
	changed := *w
	changed.Effect, changed.State, changed.Error = true, store.WorkDone, "not stored"
	e.write(t, func(ctx context.Context, tx store.Tx) error { return tx.MarkEffect(ctx, &changed) })
	w.Effect = true
	same(t, "marked", e.loaded(t, w), w)
	again := e.leaseOne(t, time.Hour)
	if !again.Effect {
		t.Error("the next holder does not learn of the effect")
	}
	unaware := *again
	unaware.Effect = false
	e.finish(t, &unaware, store.WorkPending, base)
	if again = e.leaseOne(t, time.Hour); !again.Effect {
		t.Error("a holder that does not know of the effect has taken its mark away")
	}
	e.stale(t, func(ctx context.Context, tx store.Tx) error { return tx.MarkEffect(ctx, w) })
}
