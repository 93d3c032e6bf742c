package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// slowGuard is how long the guard of the one slow caller takes.
const slowGuard = 50 * time.Millisecond

// runFairness has one of 64 callers loop on a slow guard, and holds the throughput of the other 63 against what they do
// alone.
func runFairness(ctx context.Context, e *env) (result, error) {
	f, err := measureFairness(ctx, e)
	return result{ours: fmt.Sprintf("63 beside a 50 ms guard %.0f/s", f.beside), raw: fmt.Sprintf("63 alone %.0f/s", f.alone), ratio: f.share, promise: 0.80,
		notes: []string{fmt.Sprintf("the slow caller made %d writes", f.loops)}}, err
}

// runWait is the other half: how long any of the 63 waited.
func runWait(ctx context.Context, e *env) (result, error) {
	f, err := measureFairness(ctx, e)
	return result{ours: "longest wait beside the slow guard", raw: fmt.Sprintf("longest wait alone %s", f.usual.Round(time.Millisecond)), ratio: f.longest.Seconds() * 1000, unit: " ms",
		promise: (slowGuard + f.usual + 20*time.Millisecond).Seconds() * 1000, most: true, notes: []string{"the median over the rounds; the promise is the guard's time, the longest wait alone, and 20 ms"}}, err
}

type fairness struct {
	alone, beside, share float64
	usual, longest       time.Duration
	loops                int64
}

func measureFairness(ctx context.Context, e *env) (fairness, error) {
	d, err := newDesk(ctx, e, sqlite.Full, 1)
	if err != nil {
		return fairness{}, err
	}
	defer d.close(ctx)
	d.Hooks().TicketCreateGuard.Bind("slow", func(_ context.Context, in hooks.Committing) error {
		if in.Actor.ID == "slow" {
			time.Sleep(slowGuard)
		}
		return nil
	})
	var out fairness
	var alone, beside, shares []float64
	var usual, longest []time.Duration
	for i := range e.rounds + 1 {
		n, wait, err := d.crowdFor(ctx, time.Second)
		if err != nil {
			return out, err
		}
		loops, stop := d.loop(ctx)
		m, most, err := d.crowdFor(ctx, time.Second)
		stop()
		if err != nil {
			return out, err
		}
		if i == 0 {
			continue // warming up
		}
		out.loops += loops.Load()
		alone, beside, shares = append(alone, float64(n)), append(beside, float64(m)), append(shares, float64(m)/float64(n))
		usual, longest = append(usual, wait), append(longest, most)
	}
	out.alone, out.beside, out.share = median(alone), median(beside), median(shares)
	out.usual, out.longest = median(usual), median(longest)
	return out, nil
}

// loop has the slow caller write without pause until stop is called.
func (d *desk) loop(ctx context.Context) (loops *atomic.Int64, stop func()) {
	ctx, cancel := context.WithCancel(ticket.WithActor(ctx, ticket.Client("slow", "Slow", "slow@example.com")))
	loops = &atomic.Int64{}
	var wg sync.WaitGroup
	wg.Go(func() {
		for ctx.Err() == nil {
			if _, err := d.CreateTicket(ctx, ticket.Draft{Subject: "slow", Body: "slow"}); err == nil {
				loops.Add(1)
			}
		}
	})
	return loops, func() {
		cancel()
		wg.Wait()
	}
}

// crowdFor has 63 callers write for a while, and returns their writes and the longest wait among them.
func (d *desk) crowdFor(ctx context.Context, span time.Duration) (writes int64, longest time.Duration, err error) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	end := time.Now().Add(span)
	for range callers - 1 {
		wg.Go(func() {
			n, most := int64(0), time.Duration(0)
			var failed error
			for time.Now().Before(end) && failed == nil {
				start := time.Now()
				failed = d.create(ctx)
				most = max(most, time.Since(start))
				n++
			}
			mu.Lock()
			defer mu.Unlock()
			writes, longest = writes+n, max(longest, most)
			if failed != nil {
				err = failed
			}
		})
	}
	wg.Wait()
	return writes, longest, err
}
