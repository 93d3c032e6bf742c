package helpdesk_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
)

// idleStore counts the transactions of all its stores.
type idleStore struct {
	*memory.Store
	views, updates *atomic.Int64
}

func (s *idleStore) View(c context.Context, fn func(context.Context, store.Reader) error) error {
	s.views.Add(1)
	return s.Store.View(c, fn)
}

func (s *idleStore) Update(c context.Context, fn func(context.Context, store.Tx) error) error {
	s.updates.Add(1)
	return s.Store.Update(c, func(c context.Context, x store.Tx) error { return fn(store.ContextWithTx(c, s, x), x) })
}

func (s *idleStore) Stale(c context.Context, limit int) ([]store.Stale, error) {
	s.views.Add(1)
	return s.Store.Stale(c, limit)
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestIdleTenants measures what desks cost that have nothing to do: HELPDESK_TENANTS of them. It is not parallel, for it
// reads the memory of the process.
func TestIdleTenants(t *testing.T) {
	n := 100
	if asked, err := strconv.Atoi(os.Getenv("HELPDESK_TENANTS")); err == nil && asked > 0 {
		n = asked
	}
	t.Run("B06 idle desks have no goroutine and next to no queries, however many they are", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			goroutines, before := runtime.NumGoroutine(), heap()
			var views, updates atomic.Int64
			f := helpdesk.NewFleet(nil)
			stores := make([]*idleStore, n)
			for i := range n {
				stores[i] = &idleStore{memory.New(nil), &views, &updates}
			}
			empty := heap()
			for i, s := range stores {
				d := tenant(t, s, helpdesk.Config{})
				d.Hooks().TicketCreated.Bind("shop", func(ctx, hooks.Created) error { return nil })
				ok(t, f.Add(context.Background(), fmt.Sprint(i), d))
			}
			runFleet(t, f)
			<-time.After(time.Hour)
			synctest.Wait()
			each := (heap() - empty) / int64(n)
			more := runtime.NumGoroutine() - goroutines
			views.Store(0)
			updates.Store(0)
			<-time.After(24 * time.Hour)
			synctest.Wait()
			day := (24 * time.Hour).Seconds()
			reads, writes := float64(views.Load())/day, float64(updates.Load())/day
			t.Logf("%d idle desks: %d KB each (and %d KB of its store in memory), %d goroutines in all, %.1f reads and %.2f empty writes a second",
				n, each>>10, (empty-before)/int64(n)>>10, more, reads, writes)
			if more > 3 {
				t.Errorf("%d goroutines", more)
			}
			if perDesk := reads / float64(n); perDesk > 0.08 {
				t.Errorf("%.3f reads a second for each desk", perDesk)
			}
			if perDesk := writes / float64(n); perDesk > 0.005 {
				t.Errorf("%.4f writes a second for each desk", perDesk)
			}
			if each > 200<<10 {
				t.Errorf("%d bytes for each desk", each)
			}
		})
	})
}
