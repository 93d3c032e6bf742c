package storetest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
)

var workOnce = []proof{
	{"work with the same OrderKey, Seq and Name is put once", putOnce},
	{"of 32 callers who put the same work one puts it", putOnceRace},
	{"work without an OrderKey is always new", putAlways},
}

var leases = []proof{
	{"only due work of the kind and names asked for is leased, longest due first", leaseSelects},
	{"leased work is not leased again before its lease ends, and is after", leaseEnds},
	{"a lease ends by the store's clock", leaseClock},
	{"a rolled back lease was none", leaseRollback},
	{"nothing is due where there is no work, none of the kind or names, none yet, or all of it leased or done", dueOnly},
	{"of 32 callers no two lease the same work", leaseRace},
	{"a lease stores what it returns, and finished work what it was given", leaseStores},
}

func (e *env) works(t testing.TB, q store.WorkQuery) []*store.Work {
	t.Helper()
	var out []*store.Work
	e.read(t, func(ctx context.Context, r store.Reader) (err error) {
		out, err = r.Works(ctx, q)
		return err
	})
	return out
}

// request asks for all work that the suite makes.
func request() store.LeaseRequest {
	return store.LeaseRequest{Kind: "delivery", DueBy: base, TTL: time.Hour, Limit: 100}
}

func (e *env) lease(t testing.TB, r store.LeaseRequest) []*store.Work {
	t.Helper()
	var out []*store.Work
	e.write(t, func(ctx context.Context, tx store.Tx) error {
		due, err := tx.Due(ctx, r)
		if err != nil {
			return err
		}
		if out, err = tx.Lease(ctx, r); len(out) > 0 && !due {
			t.Errorf("Due says no, and Lease finds %d works", len(out))
		}
		return err
	})
	return out
}

// leaseIDs leases and returns the ids in ascending order.
func (e *env) leaseIDs(t testing.TB, r store.LeaseRequest) []int64 {
	t.Helper()
	out := ids(e.lease(t, r))
	slices.Sort(out)
	return out
}

func (e *env) finish(t testing.TB, w *store.Work, state store.WorkState, due time.Time) {
	t.Helper()
	e.write(t, func(ctx context.Context, tx store.Tx) error { return finish(ctx, tx, w, state, due) })
}

func finish(ctx context.Context, tx store.Tx, w *store.Work, state store.WorkState, due time.Time) error {
	c := *w
	c.State, c.Due = state, due
	if state != store.WorkPending {
		c.Finished = due
	}
	return tx.Finish(ctx, &c)
}

func putOnce(t testing.TB, e *env) {
	like := func(lane string, seq int64, name string) *store.Work {
		return e.newWork(func(w *store.Work) { w.OrderKey, w.Seq, w.Name = lane, seq, name })
	}
	first := like("a/1", 1, "mail")
	first.Doc = []byte(`"first"`)
	e.put(t, first, like("a/1", 1, "mail")) // twice in one transaction
	e.put(t, like("a/1", 1, "mail"))        // and again
	others := []*store.Work{like("a/1", 2, "mail"), like("a/1", 1, "crm"), like("a/2", 1, "mail"), like("a/1", 1, "Mail")}
	for _, w := range others {
		e.put(t, w)
	}
	want := append([]int64{first.ID}, ids(others)...)
	slices.Reverse(want)
	same(t, "works", ids(e.works(t, store.WorkQuery{})), want)
	same(t, "the first", e.loaded(t, first), first)
}

func putOnceRace(t testing.TB, e *env) {
	errs := together(32, func(int) error {
		for seq := range int64(5) {
			w := e.newWork(func(w *store.Work) { w.OrderKey, w.Seq = "a/1", seq })
			if err := e.Update(e.ctx, func(ctx context.Context, tx store.Tx) error { return tx.PutWork(ctx, w) }); err != nil {
				return err
			}
		}
		return nil
	})
	if err := firstError(errs...); err != nil {
		t.Error(err)
	}
	if n := len(e.works(t, store.WorkQuery{})); n != 5 {
		t.Errorf("32 callers put %d works, want 5", n)
	}
}

func putAlways(t testing.TB, e *env) {
	for range 3 {
		e.put(t, e.newWork())
	}
	if n := len(e.works(t, store.WorkQuery{})); n != 3 {
		t.Errorf("there are %d works, want 3", n)
	}
}

func leaseSelects(t testing.TB, e *env) {
	at := func(d time.Duration, kind, name string) *store.Work {
		w := e.newWork(func(w *store.Work) { w.Due, w.Kind, w.Name = base.Add(d), kind, name })
		e.put(t, w)
		return w
	}
	late, now, early := at(time.Microsecond, "delivery", "mail"), at(0, "delivery", "mail"), at(-time.Hour, "delivery", "mail")
	timer, crm, rules := at(-2*time.Hour, "timer", "mail"), at(-3*time.Hour, "delivery", "crm"), at(-3*time.Hour, "delivery", "rules")
	r := request()
	r.Limit = 0
	same(t, "none asked for", ids(e.lease(t, r)), []int64{})
	r.Limit, r.Names = 1, []string{"mail", "none"}
	same(t, "the longest due of a name", ids(e.lease(t, r)), []int64{early.ID})
	r = request()
	same(t, "all that is due of the kind", ids(e.lease(t, r)), []int64{crm.ID, rules.ID, now.ID})
	r.DueBy = base.Add(time.Second)
	same(t, "due later", ids(e.lease(t, r)), []int64{late.ID})
	r.Kind = "timer"
	same(t, "another kind", ids(e.lease(t, r)), []int64{timer.ID})
	same(t, "nothing left", ids(e.lease(t, r)), []int64{})
}

func leaseEnds(t testing.TB, e *env) {
	w := e.newWork()
	e.put(t, w)
	r := request()
	same(t, "the first lease", ids(e.lease(t, r)), []int64{w.ID})
	same(t, "while it lasts", ids(e.lease(t, r)), []int64{})
	v := e.newWork()
	e.put(t, v)
	r.TTL = 0 // has ended when the store's clock is read next
	same(t, "a lease that ends at once", ids(e.lease(t, r)), []int64{v.ID})
	r.Names = []string{"another"}
	same(t, "one that has ended, for another name", ids(e.lease(t, r)), []int64{})
	r.Names = []string{"another", v.Name}
	for range 2 {
		same(t, "a lease that has ended", ids(e.lease(t, r)), []int64{v.ID})
	}
	if got := e.loaded(t, v).(*store.Work); got.State != store.WorkLeased || got.Attempt != 3 {
		t.Errorf("the work is %s after %d attempts, want leased after 3", got.State, got.Attempt)
	}
}

func leaseClock(t testing.TB, e *env) {
	e.put(t, e.newWork())
	before, err := e.Now(e.ctx)
	if err != nil {
		t.Fatal(err)
	}
	got := e.lease(t, request())
	after, err := e.Now(e.ctx)
	if err != nil || len(got) != 1 {
		t.Fatalf("leased %d works: %v", len(got), err)
	}
	if to := got[0].LeasedTo; to.Before(before.Add(time.Hour).Truncate(time.Millisecond)) || to.After(after.Add(time.Hour+time.Millisecond)) {
		t.Errorf("leased to %v, want an hour after a time from %v to %v", to, before, after)
	}
}

func leaseRollback(t testing.TB, e *env) {
	w := e.newWork()
	e.put(t, w)
	e.refused(t, errUndo, func(ctx context.Context, tx store.Tx) error {
		if got, err := tx.Lease(ctx, request()); err != nil || len(got) != 1 {
			return fmt.Errorf("leased %d works: %w", len(got), err)
		}
		return errUndo
	})
	same(t, "after the rollback", e.loaded(t, w), w)
	same(t, "the next lease", ids(e.lease(t, request())), []int64{w.ID})
}

func leaseRace(t testing.TB, e *env) {
	const n = 100
	e.write(t, func(ctx context.Context, tx store.Tx) error {
		for range n {
			if err := tx.PutWork(ctx, e.newWork()); err != nil {
				return err
			}
		}
		return nil
	})
	var mu sync.Mutex
	leased := map[int64]int{}
	r := request()
	r.Limit = 3
	errs := together(32, func(int) error {
		for {
			var got []*store.Work
			err := e.Update(e.ctx, func(ctx context.Context, tx store.Tx) (err error) {
				got, err = tx.Lease(ctx, r)
				return err
			})
			if err != nil || len(got) == 0 {
				return err
			}
			mu.Lock()
			for _, w := range got {
				leased[w.ID]++
			}
			mu.Unlock()
		}
	})
	if err := firstError(errs...); err != nil {
		t.Error(err)
	}
	rest := e.lease(t, request()) // callers may have seen none while others held some
	if len(leased)+len(rest) != n {
		t.Errorf("%d works were leased, want %d", len(leased)+len(rest), n)
	}
	for id, times := range leased {
		if times != 1 {
			t.Errorf("work %d was leased %d times", id, times)
		}
	}
}

func leaseStores(t testing.TB, e *env) {
	w := e.fullWork()
	w.Kind, w.After, w.Due, w.Effect, w.Finished, w.Error = "delivery", "", base, false, time.Time{}, ""
	e.put(t, w)
	got := e.lease(t, request())
	if len(got) != 1 {
		t.Fatalf("leased %d works, want 1", len(got))
	}
	want := *w
	want.State, want.Epoch, want.Attempt, want.LeasedTo = store.WorkLeased, 1, 1, got[0].LeasedTo
	same(t, "leased", got[0], &want)
	same(t, "stored", e.loaded(t, w), &want)
	given := want
	given.State, given.Due, given.Error, given.Doc, given.Effect = store.WorkPending, base.Add(time.Minute), "no answer", []byte(`{"try":2}`), true
	given.Kind, given.Name, given.OrderKey, given.Seq, given.Attempt, given.TicketID, given.Finished = "x", "x", "x", 1, 9, 9, base // not stored
	e.write(t, func(ctx context.Context, tx store.Tx) error { return tx.Finish(ctx, &given) })
	want.State, want.Due, want.Error, want.Doc, want.Effect = given.State, given.Due, given.Error, given.Doc, true
	want.LeasedTo = time.Time{}
	stored := e.loaded(t, w).(*store.Work)
	stored.LeasedTo = time.Time{} // says nothing about work that is not leased
	same(t, "pending again", stored, &want)
	r := request()
	same(t, "before it is due again", ids(e.lease(t, r)), []int64{})
	r.DueBy = given.Due
	same(t, "when it is due again", ids(e.lease(t, r)), []int64{w.ID})
}

func dueOnly(t testing.TB, e *env) {
	expect := func(what string, r store.LeaseRequest, want bool) {
		t.Helper()
		e.read(t, func(ctx context.Context, x store.Reader) error {
			got, err := x.Due(ctx, r)
			if got != want {
				t.Errorf("%s: Due says %t, want %t", what, got, want)
			}
			return err
		})
	}
	expect("an empty store", request(), false)
	w := e.newWork()
	e.put(t, w)
	expect("due work", request(), true)
	r := request()
	r.Kind = "another"
	expect("of another kind", r, false)
	r = request()
	r.Names = []string{"another"}
	expect("of another name", r, false)
	r.Names = append(r.Names, w.Name)
	expect("of one of the names", r, true)
	r = request()
	r.DueBy = w.Due.Add(-time.Second)
	expect("before it is due", r, false)
	leased := e.lease(t, request())
	expect("leased", request(), false)
	e.write(t, func(ctx context.Context, tx store.Tx) error {
		leased[0].State, leased[0].Finished = store.WorkDone, base
		return tx.Finish(ctx, leased[0])
	})
	expect("done", request(), false)
}
