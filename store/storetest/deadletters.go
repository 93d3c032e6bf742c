package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var deadLetters = []proof{
	{"dead work is not leased, and is after it was retried by hand", deadRetried},
	{"dead work that is discarded is done", deadDiscarded},
	{"work whose state is another than the caller saw is left alone", deadRaced},
	{"nobody leases or releases work by hand", deadNotLeased},
}

var prunings = []proof{
	{"only finished work of the kind and before the time is pruned, at most as much as asked for", pruned},
	{"pruned work may be put again", prunedAgain},
}

// kill leases the only due work and gives it up.
func (e *env) kill(t testing.TB) *store.Work {
	t.Helper()
	w := e.leaseOne(t, time.Hour)
	w.Error, w.Effect = "gave up", true
	e.finish(t, w, store.WorkDead, base)
	return e.loaded(t, w).(*store.Work)
}

func (e *env) setWork(t testing.TB, id int64, from, to store.WorkState, at time.Time) {
	t.Helper()
	e.write(t, func(ctx context.Context, tx store.Tx) error { return tx.SetWork(ctx, id, from, to, at) })
}

func deadRetried(t testing.TB, e *env) {
	e.put(t, e.newWork())
	w := e.kill(t)
	same(t, "dead work", e.leaseIDs(t, request()), []int64{})
	e.setWork(t, w.ID, store.WorkDead, store.WorkPending, base.Add(time.Minute))
	w.State, w.Attempt, w.Due, w.Finished = store.WorkPending, 0, base.Add(time.Minute), time.Time{}
	got := e.loaded(t, w).(*store.Work)
	got.LeasedTo, w.LeasedTo = time.Time{}, time.Time{}
	same(t, "retried", got, w)
	same(t, "before its new time", e.leaseIDs(t, request()), []int64{})
	r := request()
	r.DueBy = w.Due
	leased := e.lease(t, r)
	if len(leased) != 1 || leased[0].Attempt != 1 {
		t.Errorf("the retried work was leased as %s, want attempt 1", text(leased))
	}
}

func deadDiscarded(t testing.TB, e *env) {
	e.put(t, e.newWork())
	w := e.kill(t)
	e.setWork(t, w.ID, store.WorkDead, store.WorkDone, base.Add(time.Minute))
	w.State, w.Finished = store.WorkDone, base.Add(time.Minute)
	same(t, "discarded", e.loaded(t, w), w)
	same(t, "discarded work", e.leaseIDs(t, request()), []int64{})
}

func deadRaced(t testing.TB, e *env) {
	e.put(t, e.newWork())
	w := e.kill(t)
	for _, from := range []store.WorkState{store.WorkPending, store.WorkDone} {
		e.stale(t, func(ctx context.Context, tx store.Tx) error {
			return tx.SetWork(ctx, w.ID, from, store.WorkPending, base)
		})
	}
	e.stale(t, func(ctx context.Context, tx store.Tx) error {
		return tx.SetWork(ctx, 4711, store.WorkDead, store.WorkPending, base)
	})
	same(t, "the work", e.loaded(t, w), w)
	results := together(16, func(int) error {
		var inner error
		outer := e.Update(e.ctx, func(ctx context.Context, tx store.Tx) error {
			inner = tx.SetWork(ctx, w.ID, store.WorkDead, store.WorkPending, base)
			return inner
		})
		return firstError(inner, outer)
	})
	won := 0
	for _, err := range results {
		if err == nil {
			won++
		}
	}
	if won != 1 {
		t.Errorf("%d of 16 callers retried the work, want 1", won)
	}
}

func deadNotLeased(t testing.TB, e *env) {
	e.put(t, e.newWork())
	w := e.leaseOne(t, time.Hour)
	for _, s := range []struct{ from, to store.WorkState }{
		{store.WorkLeased, store.WorkPending}, {store.WorkLeased, store.WorkDone}, {store.WorkDead, store.WorkLeased}, {store.WorkPending, "lost"},
	} {
		e.refused(t, ticket.ErrInvalid, func(ctx context.Context, tx store.Tx) error { return tx.SetWork(ctx, w.ID, s.from, s.to, base) })
	}
	for _, state := range []store.WorkState{store.WorkLeased, "lost", ""} {
		e.refused(t, ticket.ErrInvalid, func(ctx context.Context, tx store.Tx) error { return finish(ctx, tx, w, state, base) })
	}
	same(t, "the work", e.loaded(t, w), w)
}

func (e *env) prune(t testing.TB, kind string, before time.Time, limit int) (n int) {
	t.Helper()
	e.write(t, func(ctx context.Context, tx store.Tx) (err error) {
		n, err = tx.PruneWork(ctx, kind, before, limit)
		return err
	})
	return n
}

// pruned makes works, each finished a minute after the one before.
func pruned(t testing.TB, e *env) {
	end := func(kind string, state store.WorkState, at time.Time) *store.Work {
		w := e.newWork(func(w *store.Work) { w.Kind = kind })
		e.put(t, w)
		r := request()
		r.Kind = kind
		e.finish(t, e.single(t, r), state, at)
		return w
	}
	var done []*store.Work
	for i := range 5 {
		done = append(done, end("delivery", store.WorkDone, base.Add(time.Duration(i)*time.Minute)))
	}
	dead, other := end("delivery", store.WorkDead, base), end("timer", store.WorkDone, base)
	leased := e.newWork()
	e.put(t, leased)
	e.leaseOne(t, time.Hour)
	pending := e.newWork()
	e.put(t, pending)
	for _, step := range []struct {
		before      time.Time
		limit, want int
	}{{base, 10, 0}, {base.Add(3 * time.Minute), 2, 2}, {base.Add(3 * time.Minute), 10, 1}, {base.Add(3 * time.Minute), 10, 0}} {
		if n := e.prune(t, "delivery", step.before, step.limit); n != step.want {
			t.Errorf("at most %d before %v: %d were pruned, want %d", step.limit, step.before, n, step.want)
		}
	}
	same(t, "what is left", ids(e.works(t, store.WorkQuery{})), []int64{pending.ID, leased.ID, other.ID, dead.ID, done[4].ID, done[3].ID})
}

func prunedAgain(t testing.TB, e *env) {
	put := func() *store.Work {
		w := e.newWork(func(w *store.Work) { w.OrderKey, w.Seq = "a", 1 })
		e.put(t, w)
		return w
	}
	put()
	e.finish(t, e.leaseOne(t, time.Hour), store.WorkDone, base)
	if n := e.prune(t, "delivery", base.Add(time.Hour), 10); n != 1 {
		t.Errorf("%d works were pruned, want 1", n)
	}
	again := put()
	same(t, "works", ids(e.works(t, store.WorkQuery{})), []int64{again.ID})
}
