package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
)

// gang is callers of two processes who do with work in a few lanes whatever comes to their minds.
type gang struct {
	e      *env
	stores [2]store.Store
	leased sync.Map // ids of work that somebody has
}

var lanesOfGang = []string{"", "a", "b", "c", "d"}

// othersLanes expects of work in lanes that nobody gets what another has, and that in the end nothing is left behind.
func othersLanes(t testing.TB, e *env) {
	c := &gang{e: e, stores: e.both(t)}
	errs := together(12, func(i int) error {
		g := rand.New(rand.NewPCG(uint64(i), 4))
		for range 40 {
			if err := c.step(g, c.stores[i%2]); err != nil {
				return err
			}
		}
		return nil
	})
	if err := firstError(errs...); err != nil {
		t.Fatal(err)
	}
	c.drain(t)
}

func (c *gang) step(g *rand.Rand, s store.Store) error {
	switch g.IntN(5) {
	case 0, 1:
		return c.put(g, s)
	case 2:
		return c.set(g, s)
	}
	got, err := c.lease(s, 1+g.IntN(3))
	for _, w := range got {
		state := []store.WorkState{store.WorkDone, store.WorkDone, store.WorkDead, store.WorkPending}[g.IntN(4)]
		err = errors.Join(err, c.finish(s, w, state))
	}
	return err
}

func (c *gang) put(g *rand.Rand, s store.Store) error {
	var list []any
	for range 1 + g.IntN(3) {
		w := c.e.newWork(func(w *store.Work) {
			lane := g.IntN(5)
			w.OrderKey, w.Seq, w.HoldOnDead = lanesOfGang[lane], g.Int64N(20), g.IntN(3) == 0
			w.Name += text(w.ID % 3)
			w.Due = base.Add(-time.Duration(g.IntN(100)) * time.Minute)
			if lane < 4 && g.IntN(3) == 0 { // never round in a circle
				w.After = lanesOfGang[lane+1+g.IntN(4-lane)]
			}
		})
		list = append(list, w)
	}
	return s.Update(c.e.ctx, func(ctx context.Context, tx store.Tx) error { return putAll(ctx, tx, list...) })
}

// set changes two pieces of work by hand.
func (c *gang) set(g *rand.Rand, s store.Store) error {
	from := []store.WorkState{store.WorkPending, store.WorkDead}[g.IntN(2)]
	to := []store.WorkState{store.WorkPending, store.WorkDead, store.WorkDone}[g.IntN(3)]
	for range 2 {
		id := 1 + g.Int64N(max(1, c.e.ids.Load()))
		err := s.Update(c.e.ctx, func(ctx context.Context, tx store.Tx) error { return tx.SetWork(ctx, id, from, to, base) })
		if err != nil && !errors.Is(err, store.ErrStale) {
			return err
		}
	}
	return nil
}

func (c *gang) lease(s store.Store, limit int) (got []*store.Work, err error) {
	r := request()
	r.Limit = limit
	err = s.Update(c.e.ctx, func(ctx context.Context, tx store.Tx) (err error) {
		got, err = tx.Lease(ctx, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, w := range got {
		if _, twice := c.leased.LoadOrStore(w.ID, true); twice {
			err = errors.Join(err, fmt.Errorf("work %d is leased twice", w.ID))
		}
	}
	return got, err
}

func (c *gang) finish(s store.Store, w *store.Work, state store.WorkState) error {
	c.leased.Delete(w.ID)
	return s.Update(c.e.ctx, func(ctx context.Context, tx store.Tx) error { return finish(ctx, tx, w, state, base) })
}

// drain has all work done.
func (c *gang) drain(t testing.TB) {
	t.Helper()
	open := store.WorkQuery{States: []store.WorkState{store.WorkPending, store.WorkLeased, store.WorkDead}, Limit: 1000}
	for {
		got, err := c.lease(c.stores[0], 10)
		for _, w := range got {
			err = errors.Join(err, c.finish(c.stores[1], w, store.WorkDone))
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(got) > 0 {
			continue
		}
		var left []*store.Work
		c.e.read(t, func(ctx context.Context, r store.Reader) (err error) {
			left, err = r.Works(ctx, open)
			return err
		})
		dead := 0
		for _, w := range left {
			if w.State == store.WorkDead {
				dead++
				c.e.write(t, func(ctx context.Context, tx store.Tx) error {
					return tx.SetWork(ctx, w.ID, store.WorkDead, store.WorkDone, base)
				})
			}
		}
		if dead == 0 {
			for _, w := range left[:min(len(left), 3)] {
				t.Errorf("of %d left behind: %s", len(left), text(plain([]*store.Work{w})))
			}
			return
		}
	}
}
