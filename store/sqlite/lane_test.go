package sqlite_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
)

// crowd lets callers create tickets for a while and returns how many they made and the longest that one of them waited.
func crowd(t testing.TB, s *sqlite.Store, callers int, d time.Duration) (made int64, longest time.Duration) {
	t.Helper()
	var n, most atomic.Int64
	var wg sync.WaitGroup
	end := time.Now().Add(d)
	for range callers {
		wg.Go(func() {
			for time.Now().Before(end) {
				start := time.Now()
				if err := create(t.Context(), s, 1); err != nil {
					t.Error(err)
					return
				}
				n.Add(1)
				took := int64(time.Since(start))
				for old := most.Load(); took > old && !most.CompareAndSwap(old, took); old = most.Load() {
				}
			}
		})
	}
	wg.Wait()
	return n.Load(), time.Duration(most.Load())
}

func TestSlowCaller(t *testing.T) {
	if testing.Short() {
		t.Skip("measures time: not in -short runs")
	}
	// Not parallel: it measures.
	const guard, d = 50 * time.Millisecond, 2 * time.Second
	s := open(t, nil)
	crowd(t, s, 63, d/4) // warm up
	before, usual := crowd(t, s, 63, d)

	ctx, stop := context.WithCancel(t.Context())
	var slow sync.WaitGroup
	var guards atomic.Int64
	slow.Go(func() {
		for ctx.Err() == nil {
			_ = s.Update(ctx, func(ctx context.Context, tx store.Tx) error {
				timer := time.NewTimer(guard) // a guard that takes its time
				<-timer.C
				guards.Add(1)
				return tx.Link(ctx, "slow", "guard", guards.Load())
			})
		}
	})
	with, longest := crowd(t, s, 63, d)
	stop()
	slow.Wait()
	after, _ := crowd(t, s, 63, d)
	alone := (before + after) / 2
	t.Logf("63 callers: %d creations alone, %d beside a caller with a %v guard (%.2f), which ran %d times; longest wait %v, %v without it",
		alone, with, guard, float64(with)/float64(alone), guards.Load(), longest, usual)
	// How much exactly is for internal/bench on a calm machine. Without a lane of their own for slow callers it is some
	// 0.01.
	if ratio := float64(with) / float64(alone); ratio < 0.1 {
		t.Errorf("the others keep %.2f of their throughput: the slow caller is not kept apart", ratio)
	}
	if guards.Load() == 0 {
		t.Error("the slow caller starves")
	}
}

func TestSlowCallerAlone(t *testing.T) {
	t.Parallel()
	s := open(t, &sqlite.Options{SlowAfter: time.Microsecond, SlowShare: 1, BusyTimeout: time.Second})
	for range 20 { // with the lane closed for 99 times a closure's time after each, this would take seconds
		if err := create(t.Context(), s, 1); err != nil {
			t.Fatal(err)
		}
	}
}
