package storetest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
)

var lanes = []proof{
	{"work of a lane is leased in the order of Seq, then id, one at a time", laneOrder},
	{"pending and leased work holds the later work of its lane, done work does not", laneHeld},
	{"dead work holds only the later work that says HoldOnDead", laneDead},
	{"lanes do not hold each other, and work without a lane is never held", lanesApart},
	{"work waits for the lane that it comes after, up to its own Seq", laneAfter},
	{"dead work does not hold what comes after its lane", laneAfterDead},
	{"earlier work of another kind or name holds its lane too", laneAcrossKinds},
	{"32 callers keep the order of every lane", laneRace},
	{"what waits is let go though a part is undone in which somebody looked for work", laneUndone},
	{"what waits is let go where two end by hand at once what it waits for", laneByHand},
}

// inLane is work with a place in a lane.
func (e *env) inLane(lane string, seq int64, changes ...func(*store.Work)) *store.Work {
	w := e.newWork(changes...)
	w.OrderKey, w.Seq, w.Name = lane, seq, w.Name+text(w.ID)
	return w
}

func laneUndone(t testing.TB, e *env) {
	early := request() // finds nothing, so that nothing but the look itself is undone
	early.DueBy = base.AddDate(-10, 0, 0)
	for i, look := range []func(ctx context.Context, tx store.Tx) error{
		func(ctx context.Context, tx store.Tx) error { return drop(tx.Lease(ctx, early)) },
		func(ctx context.Context, tx store.Tx) error { return drop(tx.Due(ctx, early)) },
		func(ctx context.Context, _ store.Tx) error {
			return e.Update(ctx, func(context.Context, store.Tx) error { return nil })
		},
	} {
		lane := text(int64(i))
		first, second := e.inLane(lane, 1), e.inLane(lane, 2)
		e.put(t, first, second)
		held := e.lease(t, request())
		same(t, "the first", ids(held), []int64{first.ID})
		same(t, "behind it", e.leaseIDs(t, request()), []int64{})
		e.write(t, func(ctx context.Context, tx store.Tx) error {
			held[0].State, held[0].Finished = store.WorkDone, base
			if err := tx.Finish(ctx, held[0]); err != nil {
				return err
			}
			part := e.Update(ctx, func(ctx context.Context, tx store.Tx) error { return firstError(look(ctx, tx), errUndo) })
			if !errors.Is(part, errUndo) {
				return part
			}
			return nil
		})
		next := e.lease(t, request())
		same(t, "the next", ids(next), []int64{second.ID})
		if len(next) == 1 {
			e.finish(t, next[0], store.WorkDone, base)
		}
	}
}

func drop[T any](_ T, err error) error { return err }

func holdOnDead(w *store.Work) { w.HoldOnDead = true }

func after(lane string) func(*store.Work) { return func(w *store.Work) { w.After = lane } }

func laneOrder(t testing.TB, e *env) {
	third, first, second := e.inLane("a", 7), e.inLane("a", -2), e.inLane("a", 7)
	second.ID, third.ID = third.ID, second.ID // of the same Seq the smaller id comes first
	third.Due = base.Add(-time.Hour)          // and the due time changes nothing
	e.put(t, third, first, second)
	for i, want := range []*store.Work{first, second, third} {
		got := e.lease(t, request())
		same(t, "lease "+text(i+1), ids(got), []int64{want.ID})
		if len(got) == 1 {
			e.finish(t, got[0], store.WorkDone, base)
		}
	}
}

func laneHeld(t testing.TB, e *env) {
	first, second := e.inLane("a", 1), e.inLane("a", 2)
	first.Due = base.Add(time.Hour)
	e.put(t, first, second)
	same(t, "behind work that is not due", e.leaseIDs(t, request()), []int64{})
	r := request()
	r.DueBy = first.Due
	got := e.lease(t, r)
	same(t, "the first", ids(got), []int64{first.ID})
	same(t, "behind leased work", e.leaseIDs(t, r), []int64{})
	e.finish(t, got[0], store.WorkPending, base.Add(2*time.Hour))
	same(t, "behind work that is tried again later", e.leaseIDs(t, r), []int64{})
	e.write(t, func(ctx context.Context, tx store.Tx) error {
		return tx.SetWork(ctx, first.ID, store.WorkPending, store.WorkDone, base)
	})
	same(t, "behind done work", e.leaseIDs(t, r), []int64{second.ID})
}

func laneDead(t testing.TB, e *env) {
	first := e.inLane("a", 1)
	e.put(t, first)
	e.finish(t, e.leaseOne(t, time.Hour), store.WorkDead, base)
	held, free, later := e.inLane("a", 2, holdOnDead), e.inLane("a", 0), e.inLane("a", 3)
	e.put(t, held, free, later)
	got := e.lease(t, request())
	same(t, "earlier than the dead work", ids(got), []int64{free.ID})
	e.finish(t, got[0], store.WorkDone, base)
	same(t, "behind the dead work and what it holds", e.leaseIDs(t, request()), []int64{})
	e.write(t, func(ctx context.Context, tx store.Tx) error {
		return tx.SetWork(ctx, held.ID, store.WorkPending, store.WorkDone, base)
	})
	same(t, "behind the dead work", e.leaseIDs(t, request()), []int64{later.ID})
}

func lanesApart(t testing.TB, e *env) {
	var want []int64
	for _, lane := range []string{"a", "b", "A", "a ", "a/1"} {
		head := e.inLane(lane, 1)
		e.put(t, head, e.inLane(lane, 2), e.inLane(lane, 3))
		want = append(want, head.ID)
	}
	for range 3 {
		w := e.newWork(holdOnDead)
		e.put(t, w)
		want = append(want, w.ID)
	}
	same(t, "heads and work without a lane", e.leaseIDs(t, request()), want)
}

func laneAfter(t testing.TB, e *env) {
	rule1, rule2 := e.inLane("rules/1", 1), e.inLane("rules/1", 2)
	note1, note2, none := e.inLane("notify/1", 1, after("rules/1")), e.inLane("notify/2", 2, after("rules/1")), e.inLane("notify/3", 0, after("rules/1"))
	lone := e.newWork(after("rules/1")) // without a lane of its own
	lone.Seq = 1
	e.put(t, rule1, rule2, note1, note2, none, lone)
	got := e.lease(t, request())
	same(t, "the rule, and what comes before it", sortedIDs(got), []int64{rule1.ID, none.ID})
	same(t, "while the rule is leased", e.leaseIDs(t, request()), []int64{})
	for _, w := range got {
		e.finish(t, w, store.WorkDone, base)
	}
	got = e.lease(t, request())
	same(t, "after the first rule", sortedIDs(got), []int64{rule2.ID, note1.ID, lone.ID})
	for _, w := range got {
		e.finish(t, w, store.WorkDone, base)
	}
	same(t, "after the second rule", e.leaseIDs(t, request()), []int64{note2.ID})
}

func sortedIDs(list []*store.Work) []int64 {
	out := ids(list)
	slices.Sort(out)
	return out
}

func laneAfterDead(t testing.TB, e *env) {
	rule := e.inLane("rules/1", 1)
	note := e.inLane("notify/1", 1, after("rules/1"), holdOnDead)
	e.put(t, rule, note)
	e.finish(t, e.leaseOne(t, time.Hour), store.WorkDead, base)
	same(t, "after a dead rule", e.leaseIDs(t, request()), []int64{note.ID})
}

func laneAcrossKinds(t testing.TB, e *env) {
	first := e.inLane("a", 1, func(w *store.Work) { w.Kind = "timer" })
	second := e.inLane("a", 2)
	e.put(t, first, second)
	same(t, "behind work of another kind", e.leaseIDs(t, request()), []int64{})
	r := request()
	r.Kind = "timer"
	same(t, "the other kind", e.leaseIDs(t, r), []int64{first.ID})
}

// laneRace lets 32 workers drain ten lanes and looks at the order in which each was done.
func laneRace(t testing.TB, e *env) {
	const perLane = 6
	e.write(t, func(ctx context.Context, tx store.Tx) error {
		for seq := range int64(perLane) {
			for _, lane := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"} {
				if err := tx.PutWork(ctx, e.inLane(lane, seq)); err != nil {
					return err
				}
			}
		}
		return nil
	})
	orders := make(chan *store.Work, 10*perLane)
	r := request()
	r.Limit = 2
	errs := together(32, func(int) error {
		for len(orders) < cap(orders) {
			if err := e.drain(r, orders); err != nil {
				return err
			}
		}
		return nil
	})
	if err := firstError(errs...); err != nil {
		t.Fatal(err)
	}
	close(orders)
	next := map[string]int64{}
	for w := range orders {
		if w.Seq != next[w.OrderKey] {
			t.Errorf("lane %s: number %d was done when %d was next", w.OrderKey, w.Seq, next[w.OrderKey])
		}
		next[w.OrderKey]++
	}
}

// drain leases once and finishes what it got. The lease itself keeps the next of a lane back until its head was
// reported.
func (e *env) drain(r store.LeaseRequest, done chan<- *store.Work) error {
	var got []*store.Work
	err := e.Update(e.ctx, func(ctx context.Context, tx store.Tx) (err error) {
		got, err = tx.Lease(ctx, r)
		return err
	})
	for _, w := range got {
		select {
		case done <- w:
		case <-e.ctx.Done():
			return e.ctx.Err()
		}
		if err == nil {
			err = e.Update(e.ctx, func(ctx context.Context, tx store.Tx) error { return finish(ctx, tx, w, store.WorkDone, base) })
		}
	}
	return err
}

// laneByHand discards the first two pieces of many lanes, each by somebody else at the same time.
func laneByHand(t testing.TB, e *env) {
	const many = 40
	var first, second []*store.Work
	var all []any
	for n := range many {
		lane := "lane " + text(int64(n))
		a, b, c := e.inLane(lane, 1), e.inLane(lane, 2), e.inLane(lane, 3)
		a.Due, b.Due = base.Add(time.Hour), base.Add(time.Hour)
		first, second, all = append(first, a), append(second, b), append(all, a, b, c)
	}
	e.put(t, all...)
	same(t, "behind work that is not due", e.leaseIDs(t, request()), []int64{})
	var wg sync.WaitGroup
	for n := range many {
		meet := make(chan struct{})
		for i, w := range []*store.Work{first[n], second[n]} {
			wg.Go(func() {
				if i == 0 {
					close(meet)
				}
				<-meet
				err := e.Update(e.ctx, func(ctx context.Context, tx store.Tx) error {
					return tx.SetWork(ctx, w.ID, store.WorkPending, store.WorkDead, base)
				})
				if err != nil {
					t.Errorf("discarding work: %v", err)
				}
			})
		}
		wg.Wait()
	}
	r := request()
	r.Limit = 2 * many
	same(t, "pieces of work that nothing holds any more", len(e.lease(t, r)), many)
}
