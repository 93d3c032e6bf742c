package webhook_test

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/notify/webhook"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
)

// TestStopped has the process that sends be told to end between the answer and the commit.
func TestStopped(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"memory", "SQLite"} {
		t.Run("X14 what was sent as a process was told to end is sent again under the same id, on "+kind, func(t *testing.T) {
			t.Parallel()
			o := &helpdesktest.Options{}
			if kind == "SQLite" {
				s := must(sqlite.Open(t.Context(), t.TempDir()+"/desk.db", &sqlite.Options{Durability: sqlite.Normal, SearchOff: true}))(t)
				t.Cleanup(func() { _ = s.Close() })
				o.Store = s
			}
			w := newWorld(t, o, nil)
			w.put(webhook.Endpoint{})
			ctx, kill := context.WithCancel(as(bob))
			defer kill()
			w.to.answers(func(rw http.ResponseWriter, _ *http.Request) { kill() })
			w.open("Lamp")
			w.DispatchAll(t)
			_, _ = w.Tick(ctx)
			if n := len(w.to.requests()); n != 1 {
				t.Fatalf("it got %d", n)
			}
			w.to.answers(nil)
			w.later(2 * time.Minute)
			all := w.to.requests()
			if len(all) != 2 || all[0].header.Get("Webhook-Id") != all[1].header.Get("Webhook-Id") {
				t.Errorf("it got %d: %v", len(all), all)
			}
			w.later(24 * time.Hour)
			if n := len(w.to.requests()); n != 2 {
				t.Errorf("then it got %d", n)
			}
		})
	}
}

// mortal is a store whose process ends with the next transaction, once it is told to.
type mortal struct {
	store.Store
	ends atomic.Bool
}

func (m *mortal) Update(ctx context.Context, fn func(ctx context.Context, tx store.Tx) error) error {
	if m.ends.Load() {
		runtime.Goexit()
	}
	return m.Store.Update(ctx, fn)
}

func TestLostLease(t *testing.T) {
	t.Parallel()
	t.Run("X14 what nobody has noted the end of is sent again under the same id when its lease is over", func(t *testing.T) {
		t.Parallel()
		clock := helpdesktest.NewClock(time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC))
		s := &mortal{Store: memory.New(&memory.Options{Now: clock.Now})}
		t.Cleanup(func() { _ = s.Close() })
		w := newWorld(t, &helpdesktest.Options{Store: s, Clock: clock}, nil)
		w.put(webhook.Endpoint{})
		w.to.answers(func(http.ResponseWriter, *http.Request) { s.ends.Store(true) })
		x := w.open("Lamp")
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = w.Tick(as(bob)) })
		wg.Wait()
		s.ends.Store(false)
		w.to.answers(nil)
		if leased := w.works(store.WorkLeased); len(leased) != 1 || len(w.to.requests()) != 1 {
			t.Fatalf("%d entries are leased, %d requests were made", len(leased), len(w.to.requests()))
		}
		must(w.SetPriority(as(bob), x.ID, "high"))(t)
		w.settle()
		if n := len(w.to.requests()); n != 1 {
			t.Errorf("while the lease lasts it got %d", n)
		}
		w.later(2 * time.Minute)
		w.settle()
		equal(t, "types", w.to.types(), []string{"ticket.created", "ticket.created", "ticket.updated"})
		if all := w.to.requests(); all[0].header.Get("Webhook-Id") != all[1].header.Get("Webhook-Id") || len(w.log()) != 2 {
			t.Errorf("%v, log %+v", all, w.log())
		}
	})
}

// TestTogether has two processes send from one store.
func TestTogether(t *testing.T) {
	t.Parallel()
	t.Run("X14 two processes send each event once, and those of a ticket in order", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil, nil)
		other := helpdesktest.New(t, &helpdesktest.Options{Store: w.Store, Clock: w.Clock})
		must(webhook.New(other.Automation(), w.Store, &webhook.Options{AllowPrivate: true, Roots: w.roots()}))(t)
		w.put(webhook.Endpoint{})
		for range 5 {
			x := w.open("Lamp")
			for _, p := range []string{"high", "low", "medium"} {
				must(w.SetPriority(as(bob), x.ID, p))(t)
			}
		}
		var wg sync.WaitGroup
		for _, d := range []*helpdesktest.Desk{w.Desk, other} {
			wg.Go(func() {
				for n := 1; n > 0; {
					n, _ = d.Tick(as(bob))
				}
			})
		}
		wg.Wait()
		w.settle()
		seqs := map[int64][]int64{}
		for _, q := range w.to.requests() {
			seqs[q.body.Data.Ticket.ID] = append(seqs[q.body.Data.Ticket.ID], q.body.Data.Seq)
		}
		if len(seqs) != 5 {
			t.Errorf("of %d tickets", len(seqs))
		}
		for id, list := range seqs {
			equal(t, fmt.Sprintf("ticket %d", id), list, []int64{1, 2, 3, 4})
		}
	})
}
