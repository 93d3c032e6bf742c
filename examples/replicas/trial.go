package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// report is what a trial found.
type report struct {
	Took, Drained            time.Duration
	Writes, Repeated, Failed int // acknowledged; asked for again without an answer, or after an error
	Kills, Hits, Pauses      int // Hits are kills of a replica that had requests in hand
	Restarts                 int
	Events, Heard, Reminders int
	Faults                   []string

	acked map[task]bool
}

func (r report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d writes acknowledged in %s, and all their events told %s later\n", r.Writes, r.Took.Round(time.Millisecond), r.Drained.Round(time.Millisecond))
	fmt.Fprintf(&b, "%d kills, %d of them with requests in hand; %d pauses; %d restarts of the server; %d requests made again without an answer, %d after an error\n",
		r.Kills, r.Hits, r.Pauses, r.Restarts, r.Repeated, r.Failed)
	fmt.Fprintf(&b, "%d deliveries, told %d times; %d reminders\n", r.Events, r.Heard, r.Reminders)
	for _, f := range r.Faults {
		fmt.Fprintln(&b, "WRONG:", f)
	}
	if len(r.Faults) == 0 {
		fmt.Fprintln(&b, "every write there once, every effect made once, in the order of each ticket; the counters are those of a full count")
	}
	return b.String()
}

// crew is the replicas of a trial.
type crew struct {
	plan  plan
	feed  *feed
	calm  chan struct{} // closed when enough was killed
	abort context.CancelCauseFunc

	mu      sync.Mutex
	members []*process
	struck  int
	report  report
}

// trial runs a plan.
func trial(ctx context.Context, p plan) (report, error) {
	ctx, abort := context.WithCancelCause(ctx)
	defer abort(nil)
	h, err := newHost(ctx, p, helpdesk.Manual)
	if err != nil {
		return report{}, err
	}
	c := &crew{plan: p, feed: newFeed(p.Tickets), calm: make(chan struct{}), abort: abort, members: make([]*process, p.Processes)}
	begin := time.Now()
	var background sync.WaitGroup
	for i := range c.members {
		background.Go(func() { c.keep(ctx, i) })
	}
	disturbed := make(chan struct{})
	go func() { defer close(disturbed); c.disturb() }()
	select {
	case <-c.feed.done:
	case <-ctx.Done():
	}
	took := time.Since(begin)
	err = h.drain(ctx, cmp.Or(p.Few, few))
	close(c.calm)
	<-disturbed
	if err = errors.Join(err, h.drain(ctx, 0)); err != nil {
		abort(err)
	}
	c.report.Took, c.report.Drained = took, time.Since(begin)-took
	c.dismiss()
	background.Wait()
	if err := context.Cause(ctx); err != nil {
		return c.report, errors.Join(err, h.close(context.WithoutCancel(ctx)))
	}
	c.report.Writes, c.report.acked = len(c.feed.acked), c.feed.acked
	err = h.check(ctx, c.feed.acked, &c.report)
	return c.report, errors.Join(err, h.close(ctx))
}

// keep keeps one replica running, and busy, until everything is done.
func (c *crew) keep(ctx context.Context, place int) {
	for ctx.Err() == nil {
		r, err := start(c.plan, c.feed)
		if err != nil {
			c.abort(err)
			return
		}
		c.mu.Lock()
		c.members[place] = r
		c.mu.Unlock()
		c.work(ctx, r)
		<-r.dead
		if !r.wasKilled() {
			select {
			case <-c.feed.done: // it was dismissed
			default:
				c.abort(fmt.Errorf("a replica ended by itself: %w", errors.Join(r.err, context.Cause(ctx))))
			}
			return
		}
	}
}

// work gives a replica tasks until there are none or it ends.
func (c *crew) work(ctx context.Context, r *process) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	select {
	case <-r.ready:
	case <-r.dead:
		return
	case <-ctx.Done():
		_ = r.in.Close()
		return
	}
	var callers sync.WaitGroup
	for range c.plan.Callers {
		callers.Go(func() {
			for !r.isDead() {
				t, ok := c.feed.take(ctx)
				if !ok {
					return
				}
				asked := r.ask(t)
				c.strike(r)
				c.judge(t, r.await(asked, c.plan.Wait))
			}
		})
	}
	select {
	case <-r.dead:
	case <-c.feed.done:
	case <-ctx.Done():
		_ = r.in.Close()
	}
	cancel()
	callers.Wait()
}

// judge goes on after an answer, or after none.
func (c *crew) judge(t task, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case err == nil, errors.Is(err, errLost): // the checker will find that
		c.feed.next(t)
	case errors.Is(err, errUnknown):
		c.report.Repeated++
		c.feed.back(t)
	default:
		c.report.Failed++
		if since := c.feed.failed(t); since > patience {
			c.abort(fmt.Errorf("write %s fails for %s: %w", t.key(), since.Round(time.Second), err))
		}
	}
}

// disturb kills a replica whenever it is time to, has another one stand still past its leases again and again, and
// restarts the server once, in the middle.
func (c *crew) disturb() {
	tick := time.NewTicker(c.plan.Every)
	defer tick.Stop()
	pauses := time.NewTimer(c.plan.Every / 2)
	defer pauses.Stop()
	look := time.NewTicker(20 * time.Millisecond) // the writes of a small trial are over before the next kill
	defer look.Stop()
	var held *process
	for {
		select {
		case <-tick.C:
			c.killOne()
		case <-look.C:
			if c.plan.Restart != nil && c.report.Restarts == 0 && c.feed.count() > c.plan.Tickets*int(steps)/2 {
				c.report.Restarts++
				c.plan.Restart()
			}
		case <-pauses.C:
			if held == nil {
				held = c.holdOne()
				pauses.Reset(c.plan.Lease * 3 / 2)
				continue
			}
			held = c.release(held)
			pauses.Reset(c.plan.Every)
		case <-c.calm:
			c.release(held)
			return
		}
	}
}

func (c *crew) any() *process {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.members[rand.IntN(len(c.members))]
}

func (c *crew) killOne() {
	for range 10 * len(c.members) { // until one that is up is found
		r := c.any()
		if r != nil && !r.isSpared() && c.kill(r) {
			return
		}
	}
}

// strikes is how many replicas are killed for what they were just asked, spread over the writes: where these are over
// before the clock says so for the first time, no other kill would meet a request.
const strikes = 4

// strike kills a replica that was just asked for something, when its turn has come.
func (c *crew) strike(r *process) {
	if c.plan.Calm {
		return
	}
	c.mu.Lock()
	due := c.feed.count()*(strikes+1) > (c.struck+1)*c.plan.Tickets*int(steps)
	if due {
		c.struck++
	}
	c.mu.Unlock()
	if due && !c.kill(r) {
		c.mu.Lock()
		c.struck-- // it stands still: the next one
		c.mu.Unlock()
	}
}

// kill kills a replica, and notes it.
func (c *crew) kill(r *process) bool {
	killed, busy := r.kill()
	if !killed {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.report.Kills++
	if busy {
		c.report.Hits++
	}
	return true
}

func (c *crew) holdOne() *process {
	r := c.any()
	if r == nil || !r.hold() {
		return nil
	}
	c.report.Pauses++
	return r
}

func (c *crew) release(r *process) *process {
	if r != nil {
		if err := r.release(); err != nil {
			c.abort(err)
		}
	}
	return nil
}

// dismiss has the replicas end.
func (c *crew) dismiss() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range c.members {
		if r != nil {
			_ = r.in.Close()
		}
	}
}

// few is how much may be left to do when the killing ends: whoever is killed leaves it to those who come when its leases
// have ended.
const few = 900

// drain waits until no more than that is left to deliver, to remind of and to index. However slow the machine is, it must
// become less.
func (h *host) drain(ctx context.Context, left int) error {
	tick, hurry := time.NewTicker(20*time.Millisecond), time.NewTicker(time.Second)
	defer tick.Stop()
	defer hurry.Stop()
	end := time.NewTimer(2 * patience)
	defer end.Stop()
	for least := math.MaxInt; ; {
		open, err := h.open(ctx)
		if err == nil && open <= left {
			return nil
		}
		if err == nil && open < least {
			least = open
			end.Reset(2 * patience)
		}
		select {
		case <-tick.C:
		case <-hurry.C:
			h.hurry(ctx)
		case <-ctx.Done():
			return ctx.Err()
		case <-end.C:
			return fmt.Errorf("%d things are still to do: %w", open, errors.Join(err, context.DeadlineExceeded))
		}
	}
}

// hurry has what waits for its next attempt tried at once, as an agent may: who was killed with a delivery in hand again
// and again made it wait for long.
func (h *host) hurry(ctx context.Context) {
	ctx = ticket.WithActor(ctx, agent)
	list, err := h.Deliveries().List(ctx, helpdesk.DeliveryQuery{States: []store.WorkState{store.WorkPending}, Limit: 1000})
	if err != nil {
		return // the server may be away: the next time
	}
	for _, x := range list {
		if x.Due.After(h.Now().Add(3 * time.Second)) {
			_ = h.Deliveries().Retry(ctx, x.ID) // somebody may have begun
		}
	}
}

// open is how much is still to do.
func (h *host) open(ctx context.Context) (n int, err error) {
	health, err := h.Health(ctx)
	if err != nil {
		return 0, err
	}
	err = h.s.View(ctx, func(ctx context.Context, r store.Reader) error {
		counts, err := r.CountWork(ctx, store.WorkQuery{Kind: kindReminder, States: []store.WorkState{store.WorkPending, store.WorkLeased}})
		n = counts[store.WorkPending] + counts[store.WorkLeased]
		return err
	})
	return n + health.Pending + health.Leased + health.Stale, err
}
