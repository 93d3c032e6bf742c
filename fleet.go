package helpdesk

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// FleetConfig tunes a fleet. The zero FleetConfig works, and so does none.
type FleetConfig struct {
	// Workers is how many desks are worked for at a time. Default 16. One desk gets a quarter of them at most, and no
	// more than its Config.Workers.
	Workers int
	// Turn is how long a desk that has much to do is worked for until another one's turn comes. A handler that takes
	// longer makes the turn longer. Default 100 ms.
	Turn time.Duration
	// Poll and MaxPoll bound how often a desk is looked at that nobody wakes: after Poll when it had something to do,
	// and then after twice as long each time. A desk wakes with every commit of this process; MaxPoll is how late the
	// fleet may find what another process left when it died, what a failed delivery waits for, and what a transaction of
	// the host's wrote without Desk.Wake. Defaults 1 s and 1 min.
	Poll, MaxPoll time.Duration
	// Listen has the fleet hear of other processes' commits, where the stores can tell (store.Waker). That costs what
	// their Wake costs, for each desk: of SQLite a goroutine, a connection, and four reads a second.
	Listen bool
	// Grace is how long handlers that run may go on when Run is to end. Default 10 s.
	Grace time.Duration
	// Logger is told of desks that fail. Default: nothing is logged.
	Logger *slog.Logger
}

func (c *FleetConfig) fill() {
	c.Workers = cmp.Or(max(c.Workers, 0), 16)
	c.Turn = cmp.Or(max(c.Turn, 0), 100*time.Millisecond)
	c.Poll = cmp.Or(max(c.Poll, 0), time.Second)
	c.MaxPoll = max(cmp.Or(max(c.MaxPoll, 0), time.Minute), c.Poll)
	c.Grace = cmp.Or(max(c.Grace, 0), 10*time.Second)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
}

// Fleet drives many desks, one for each tenant, with a bounded number of goroutines: what background mode does for one
// desk, it does for all in turn. A desk that has nothing to do has no goroutine, and one that fails or hangs holds up
// no other. It is safe for concurrent use.
type Fleet struct {
	cfg FleetConfig

	mu      sync.Mutex
	members map[string]*member
	queue   []*member       // whose turn it is, the first first
	workers int             // goroutines that take turns
	taken   int             // turns that run
	busy    bool            // Run has not returned
	running bool            // between the beginning of Run and the end of its context
	ended   chan struct{}   // closed when Run is to end and no worker is left
	ctx     context.Context // of handlers; ends when Grace is over

	listeners sync.WaitGroup

	turns, works atomic.Int64
}

// member is a desk in a fleet. The fleet's mu guards it.
type member struct {
	f    *Fleet
	name string
	desk *Desk

	queued bool
	since  time.Time // queued since then
	again  bool      // was woken while it had its share of turns
	turns  int       // that run
	gone   bool
	idle   chan struct{}      // closed when it is gone and no turn runs
	deaf   context.CancelFunc // ends listening

	timer   *time.Timer   // looks at it when nobody wakes it
	pause   time.Duration // until then
	batch   int           // how many deliveries make a turn
	indexed time.Time     // when the index was last brought up to date
	cleared time.Time     // when what is old was last cleared away

	failures int // in a row
	failing  time.Time
	err      error
}

// NewFleet returns a fleet without desks. cfg may be nil.
func NewFleet(cfg *FleetConfig) *Fleet {
	f := &Fleet{members: map[string]*member{}}
	if cfg != nil {
		f.cfg = *cfg
	}
	f.cfg.fill()
	return f
}

// Add takes a desk in, under a name that no other has, and starts it: its durable bindings are stored. It must be in
// Manual mode. Errors: ticket.ErrInvalid for another mode, ticket.ErrExists for the name; otherwise as Desk.Start.
func (f *Fleet) Add(ctx context.Context, name string, d *Desk) error {
	if d == nil || d.cfg.Dispatch != Manual {
		return failed("add to fleet", ticket.Invalid("dispatch", ticket.FaultUnavailable, "%s is not in Manual mode: make it with Config.Dispatch set to Manual", name))
	}
	if err := d.Start(ctx); err != nil {
		return err
	}
	m := &member{f: f, name: name, desk: d, pause: f.cfg.Poll, batch: firstBatch, idle: make(chan struct{}), cleared: time.Now().Add(-rand.N(clearEvery))}
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, taken := f.members[name]; taken {
		return failed("add to fleet", fmt.Errorf("%w: a desk named %q", ticket.ErrExists, name))
	}
	if !d.woken.CompareAndSwap(nil, m) {
		return failed("add to fleet", fmt.Errorf("%w: the desk is in a fleet already", ticket.ErrExists))
	}
	m.timer = time.AfterFunc(time.Hour, m.poll)
	m.timer.Stop()
	f.members[name] = m
	if f.running {
		m.listen()
		m.enqueue()
		f.pump()
	}
	return nil
}

// listen hears of other processes' commits, until the desk is removed or Run ends.
func (m *member) listen() {
	w, ok := m.desk.store.(store.Waker)
	if !ok || !m.f.cfg.Listen {
		return
	}
	ctx, cancel := context.WithCancel(m.f.ctx)
	m.deaf = cancel
	woken := w.Wake(ctx)
	m.f.listeners.Go(func() {
		for range woken {
			m.wake()
		}
	})
}

// Remove takes a desk out, and returns when nobody works for it any more, or with ctx.Err(). It does not stop the desk:
// call Desk.Stop and close its store after it. Errors: ticket.ErrNotFound.
func (f *Fleet) Remove(ctx context.Context, name string) error {
	f.mu.Lock()
	m, ok := f.members[name]
	if !ok {
		f.mu.Unlock()
		return failed("remove from fleet", fmt.Errorf("%w: a desk named %q", ticket.ErrNotFound, name))
	}
	delete(f.members, name)
	m.gone, m.queued = true, false
	m.timer.Stop()
	f.queue = slices.DeleteFunc(f.queue, func(other *member) bool { return other == m })
	m.desk.woken.Store(nil)
	if m.deaf != nil {
		m.deaf()
	}
	if m.turns == 0 {
		close(m.idle)
	}
	f.mu.Unlock()
	select {
	case <-m.idle:
		return nil
	case <-ctx.Done():
		return failed("remove from fleet", ctx.Err())
	}
}

// Run works for the desks until ctx ends, and returns nil when the handlers that ran then have ended: after
// FleetConfig.Grace their contexts end, too. It may be called again, but not twice at a time (ticket.ErrConflict). Desks
// may come and go meanwhile.
func (f *Fleet) Run(ctx context.Context) error {
	handlers, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	f.mu.Lock()
	if f.busy {
		f.mu.Unlock()
		return failed("run fleet", fmt.Errorf("%w: it runs already", ticket.ErrConflict))
	}
	ended := make(chan struct{})
	f.busy, f.running, f.ctx, f.ended = true, true, handlers, ended
	for _, m := range f.members {
		m.listen()
		m.enqueue()
	}
	f.pump()
	f.mu.Unlock()
	<-ctx.Done()
	f.mu.Lock()
	f.running = false
	for _, m := range f.members {
		m.timer.Stop()
		m.queued = false
	}
	f.queue = nil
	f.settle()
	f.mu.Unlock()
	grace := time.AfterFunc(f.cfg.Grace, cancel)
	defer grace.Stop()
	<-ended
	cancel()
	f.listeners.Wait()
	f.mu.Lock()
	f.busy = false
	f.mu.Unlock()
	return nil
}

// wake has a desk's turn come as soon as others let it: there is something to do.
func (m *member) wake() { m.call(true) }

// poll does so for want of anything that wakes it.
func (m *member) poll() { m.call(false) }

func (m *member) call(woken bool) {
	m.f.mu.Lock()
	defer m.f.mu.Unlock()
	if m.gone || !m.f.running {
		return
	}
	if woken {
		m.pause = m.f.cfg.Poll
	}
	m.enqueue()
	m.f.pump()
}

// share is how many turns a desk may have at a time.
func (m *member) share() int { return max(1, min(m.desk.cfg.Workers, m.f.cfg.Workers/4)) }

// enqueue puts a desk at the end of the queue, unless it is in it or has its share.
func (m *member) enqueue() {
	if m.queued {
		return
	}
	if m.turns >= m.share() {
		m.again = true
		return
	}
	m.queued, m.again, m.since = true, false, time.Now()
	m.f.queue = append(m.f.queue, m)
}

// pump starts workers for those in the queue, as many as there may be. Those between two turns take one themselves.
func (f *Fleet) pump() {
	for f.running && f.workers < f.cfg.Workers && f.workers-f.taken < len(f.queue) {
		f.workers++
		go f.work()
	}
}

// settle says that Run may return, once it is to end and no worker is left.
func (f *Fleet) settle() {
	if !f.running && f.workers == 0 && f.ended != nil {
		close(f.ended)
		f.ended = nil
	}
}

// FleetHealth is how a fleet is doing. How a desk is doing its own Health says.
type FleetHealth struct {
	Desks   int       `json:"desks"`
	Queued  int       `json:"queued"`  // desks that wait for their turn
	Working int       `json:"working"` // turns that are taken now
	Oldest  time.Time `json:"oldest"`  // since when the first in the queue has been waiting; zero if none does
	Turns   int64     `json:"turns"`   // taken so far
	Works   int64     `json:"works"`   // deliveries tried so far
	// Failing are desks whose last turn failed, by name. They are tried again, at growing intervals.
	Failing []FailingDesk `json:"failing,omitempty"`
}

// FailingDesk is a desk of a fleet whose turns fail.
type FailingDesk struct {
	Name     string    `json:"name"`
	Since    time.Time `json:"since"`
	Failures int       `json:"failures"` // in a row
	Err      error     `json:"-"`
}

// Health returns how the fleet is doing. It asks no database.
func (f *Fleet) Health() FleetHealth {
	f.mu.Lock()
	defer f.mu.Unlock()
	h := FleetHealth{Desks: len(f.members), Queued: len(f.queue), Working: f.taken, Turns: f.turns.Load(), Works: f.works.Load()}
	if len(f.queue) > 0 {
		h.Oldest = f.queue[0].since
	}
	for _, m := range f.members {
		if m.err != nil {
			h.Failing = append(h.Failing, FailingDesk{m.name, m.failing, m.failures, m.err})
		}
	}
	slices.SortFunc(h.Failing, func(a, b FailingDesk) int { return strings.Compare(a.Name, b.Name) })
	return h
}
