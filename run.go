package helpdesk

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
)

// runner owns the goroutines of a desk between Start and Stop.
type runner struct {
	started atomic.Bool
	stopped atomic.Bool

	mu     sync.Mutex
	ctx    context.Context // ends when Stop is done with draining
	cancel context.CancelFunc
	quit   chan struct{} // closed by Stop: take no new work
	wg     sync.WaitGroup
	loops  map[string]*lane

	mass   atomic.Bool // somebody of this process carries out mass actions
	cached atomic.Pointer[bindings]
	stuck  atomic.Int64 // hooks reported as stuck
}

// lane is what one binding has in hand. A binding that hangs fills its own lane only.
type lane struct {
	queue   []held
	running int
}

// held is a delivery that this process has leased. After until, which its own clock counts, another process may have it.
type held struct {
	*store.Work
	until time.Time
}

func (h held) over() bool { return !time.Now().Before(h.until) }

func (r *runner) init() {
	r.ctx, r.cancel = context.WithCancel(context.Background())
	r.quit = make(chan struct{})
	r.loops = map[string]*lane{}
}

// quitting reports whether Stop was called.
func (r *runner) quitting() bool {
	select {
	case <-r.quit:
		return true
	default:
		return false
	}
}

// begin has Stop wait until wg.Done is called, and reports whether that is still possible.
func (r *runner) begin() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stopped.Load() {
		return false
	}
	r.wg.Add(1)
	return true
}

// spawn runs fn in a goroutine that Stop waits for; after Stop it does nothing.
func (r *runner) spawn(fn func(ctx context.Context)) {
	if !r.begin() {
		return
	}
	go func() {
		defer r.wg.Done()
		fn(r.ctx)
	}()
}

// Start stores the durable bindings and, in background mode, begins to deliver. ctx is for the storing: what runs in
// the background goes on when it ends, until Stop. A second Start does nothing. Errors: ticket.ErrStopped after Stop;
// ctx.Err(); the store's own.
func (d *Desk) Start(ctx context.Context) error {
	if err := d.usable(ctx); err != nil {
		return failed("start", err)
	}
	if !d.run.started.CompareAndSwap(false, true) {
		return nil
	}
	d.made.Add(1) // so that LastSeen is stored, too
	if err := d.storeSubscriptions(ctx); err != nil {
		d.run.started.Store(false)
		return failed("start", err)
	}
	if d.cfg.Dispatch == Background {
		d.run.spawn(d.loop)
		if _, err := d.searcher(); err == nil {
			d.run.spawn(d.indexLoop)
		}
		for _, s := range d.steps {
			d.run.spawn(func(ctx context.Context) { d.stepLoop(ctx, s) })
		}
		if _, ok := d.store.(store.Settler); ok {
			d.run.spawn(d.settleLoop)
		}
	}
	return nil
}

// Stop ends the desk: verbs answer ticket.ErrStopped from now on, no new delivery begins, and those that run are awaited until ctx ends; then their contexts end, too. It returns when every
// goroutine of the desk has ended, or with ctx.Err() if a handler ignores its context. A second Stop does nothing.
func (d *Desk) Stop(ctx context.Context) error {
	d.run.mu.Lock()
	again := d.run.stopped.Swap(true)
	if !again {
		close(d.run.quit)
	}
	d.run.mu.Unlock()
	if again {
		return nil
	}
	done := make(chan struct{})
	go func() {
		d.run.wg.Wait()
		close(done)
	}()
	defer d.run.cancel()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	d.run.cancel()
	select {
	case <-done:
		return nil
	case <-time.After(time.Second):
		return failed("stop", ctx.Err())
	}
}

// Wake has the background, or the fleet that the desk is in, look for due work now. Hosts call it after a transaction of
// their own that the desk joined.
func (d *Desk) Wake() {
	if m := d.woken.Load(); m != nil {
		m.wake()
	}
	signal(d.boost)
	for _, s := range d.steps {
		signal(s.nudge)
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
