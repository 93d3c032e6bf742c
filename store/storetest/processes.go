package storetest

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
)

var processes = []proof{
	{"two processes get no id twice", othersIDs},
	{"of callers in two processes one wins a key", othersKeys},
	{"two processes lose no update under LockTicket", othersLock},
	{"work is leased by one process, and fenced against the other", othersLease},
	{"what callers of two processes do with work in lanes leaves nothing behind", othersLanes},
	{"ConfigVersion changes with what the other process puts, and reads are fresh", othersConfig},
	{"a commit of the other process wakes, however early it comes", othersWake},
}

// both returns the store of e and a second one on the same database.
func (e *env) both(t testing.TB) [2]store.Store {
	t.Helper()
	other := e.opts.Another(t, e.Store)
	t.Cleanup(func() {
		if err := other.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return [2]store.Store{e.Store, other}
}

func othersIDs(t testing.TB, e *env) {
	stores := e.both(t)
	var seen sync.Map
	errs := together(16, func(i int) error {
		for range 10 {
			var id int64
			err := stores[i%2].Update(e.ctx, func(ctx context.Context, tx store.Tx) (err error) {
				id, err = tx.NewID(ctx, "ticket")
				return err
			})
			if _, twice := seen.LoadOrStore(id, true); err == nil && twice {
				err = fmt.Errorf("id %d came twice", id)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err := firstError(errs...); err != nil {
		t.Error(err)
	}
}

func othersKeys(t testing.TB, e *env) {
	stores := e.both(t)
	var won atomic.Int64
	errs := together(32, func(i int) error {
		id := int64(i + 1)
		return stores[i%2].Update(e.ctx, func(ctx context.Context, tx store.Tx) error {
			holder, err := tx.Reserve(ctx, "code", "A", id)
			if err == nil && holder == id {
				tx.OnCommit(func() { won.Add(1) })
			}
			return err
		})
	})
	if err := firstError(errs...); err != nil {
		t.Error(err)
	}
	if n := won.Load(); n != 1 {
		t.Errorf("%d callers won the key, want 1", n)
	}
}

func othersLock(t testing.TB, e *env) {
	stores := e.both(t)
	e.counts(t, 16, stores[:]...)
}

// as returns an env that works on another store.
func (e *env) as(s store.Store) *env {
	c := &env{Store: s, ctx: e.ctx, opts: e.opts}
	c.ids.Store(e.ids.Load() + 1000)
	return c
}

func othersLease(t testing.TB, e *env) {
	other := e.as(e.both(t)[1])
	e.put(t, e.newWork())
	mine := e.leaseOne(t, time.Hour)
	same(t, "what the other leases meanwhile", other.leaseIDs(t, request()), []int64{})
	e.finish(t, mine, store.WorkPending, base)
	mine = e.leaseOne(t, 0)
	theirs := other.leaseOne(t, time.Hour)
	e.stale(t, func(ctx context.Context, tx store.Tx) error { return finish(ctx, tx, mine, store.WorkDone, base) })
	other.finish(t, theirs, store.WorkDone, base)
	if got := e.loaded(t, mine).(*store.Work); got.State != store.WorkDone {
		t.Errorf("the work is %s, want done", got.State)
	}
}

func othersConfig(t testing.TB, e *env) {
	other := e.as(e.both(t)[1])
	for version := range int64(5) {
		before := e.configVersion(t)
		other.put(t, newRecord("config/x", "key", version))
		for end := time.Now().Add(2 * time.Second); e.configVersion(t) == before; { // a cache is renewed soon
			if time.Now().After(end) {
				t.Fatal("ConfigVersion does not notice what the other process put")
			}
		}
		if got := e.loaded(t, newRecord("config/x", "key", 0)).(*store.Record); got.Version != version+1 {
			t.Errorf("the record has version %d, want %d", got.Version, version+1)
		}
	}
}

func othersWake(t testing.TB, e *env) {
	other := e.as(e.both(t)[1])
	waker, ok := e.Store.(store.Waker)
	if !ok {
		return // a store that does not wake promises nothing
	}
	for round := range 5 {
		ctx, cancel := context.WithCancel(e.ctx)
		woken := waker.Wake(ctx)
		other.put(t, other.newWork())
		timeout := time.NewTimer(5 * time.Second)
		select {
		case <-woken:
		case <-timeout.C:
			t.Fatalf("round %d: not woken by the other process", round)
		}
		timeout.Stop()
		cancel()
	}
}
