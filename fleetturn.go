package helpdesk

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

const (
	firstBatch = 4                // deliveries of a desk's first turn
	clearEvery = 10 * time.Minute // between two times that what is old is cleared away
)

// work takes turns until there are none. A handler that ends its goroutine ends this worker, and another one goes on.
func (f *Fleet) work() {
	defer func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.workers--
		f.pump()
		f.settle()
	}()
	for m := f.next(); m != nil; m = f.next() {
		f.turn(m)
	}
}

// next takes the first of the queue.
func (f *Fleet) next() *member {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.queue) == 0 {
		return nil
	}
	m := f.queue[0]
	f.queue[0] = nil
	f.queue = f.queue[1:]
	m.queued = false
	m.turns++
	f.taken++
	return m
}

// outcome is what came of a turn.
type outcome struct {
	did  int  // things that were done
	more bool // there may be more to do
	took time.Duration
	err  error
}

// turn does a desk's turn, and sees to the next one.
func (f *Fleet) turn(m *member) {
	begin := time.Now()
	o := outcome{did: 1, more: true} // of a turn that a handler ends with its goroutine: its delivery tells of it
	defer func() {
		if p := recover(); p != nil {
			o = outcome{err: fmt.Errorf("panic: %v\n%s", p, debug.Stack())}
		}
		o.took = time.Since(begin)
		f.turns.Add(1)
		f.finish(m, o)
	}()
	o = m.turn(f.ctx)
}

// finish notes what came of a turn, and when the next one is.
func (f *Fleet) finish(m *member, o outcome) {
	f.mu.Lock()
	defer f.mu.Unlock()
	m.turns--
	f.taken--
	m.judge(o)
	switch {
	case m.gone:
		if m.turns == 0 {
			close(m.idle)
		}
	case !f.running:
	case o.err == nil && (o.more || m.again):
		m.enqueue()
		f.pump()
	default:
		m.timer.Reset(m.pause*4/5 + rand.N(m.pause*2/5+1)) // not all at once
	}
}

// judge works out from a turn how long the next may be, and how long to wait for it.
func (m *member) judge(o outcome) {
	switch {
	case o.took < m.f.cfg.Turn/2 && o.more:
		m.batch = min(2*m.batch, batch)
	case o.took > m.f.cfg.Turn:
		m.batch = max(1, m.batch/2)
	}
	if o.err == nil && o.did > 0 {
		m.pause = m.f.cfg.Poll
	} else {
		m.pause = min(2*m.pause, m.f.cfg.MaxPoll)
	}
	if o.err == nil {
		m.failures, m.err = 0, nil
		return
	}
	if m.failures++; m.failures == 1 {
		m.failing = time.Now()
		m.f.cfg.Logger.Error("a desk of the fleet fails: it is tried again", "desk", m.name, "error", o.err)
	}
	m.err = o.err
}

// turn works for a desk: a batch of its deliveries, and, where there are no more, what else is due.
func (m *member) turn(ctx context.Context) (o outcome) {
	d := m.desk
	if !d.run.begin() {
		return outcome{err: ticket.ErrStopped}
	}
	defer d.run.wg.Done()
	if o.err = d.storeSubscriptions(ctx); o.err != nil {
		return o
	}
	limit := m.deliveries()
	works, err := d.lease(ctx, d.bindings().durable, limit)
	if o.more = len(works) == limit; o.more {
		m.offer()
	}
	n := d.deliverAll(ctx, works, m.goesOn)
	m.f.works.Add(int64(n))
	o.did, o.err = n, err
	if err != nil || o.more {
		return o
	}
	rest, err := m.besides(ctx)
	return outcome{did: n + rest, more: rest > 0, err: err}
}

// goesOn reports whether the desk may begin something new: not when Run is to end, nor when the desk stops or goes.
func (m *member) goesOn() bool {
	m.f.mu.Lock()
	defer m.f.mu.Unlock()
	return m.f.running && !m.gone && !m.desk.run.quitting()
}

// deliveries is how many a turn is to have.
func (m *member) deliveries() int {
	m.f.mu.Lock()
	defer m.f.mu.Unlock()
	return m.batch
}

// offer lets another worker have a turn of the same desk meanwhile, if it has not got its share.
func (m *member) offer() {
	m.f.mu.Lock()
	defer m.f.mu.Unlock()
	if !m.gone && m.f.running {
		m.enqueue()
		m.f.pump()
	}
}

// besides does what is due besides deliveries: mass actions, the index of the search, numbers to settle, what is old.
func (m *member) besides(ctx context.Context) (did int, err error) {
	did, err = m.desk.massUntil(ctx, time.Now().Add(m.f.cfg.Turn))
	index, clear := m.claim()
	if index {
		n, failure := m.index(ctx)
		_, settling := m.desk.settle(ctx)
		due, clock := m.desk.runSteps(ctx)
		did, err = did+n+due, errors.Join(err, failure, settling, clock)
	}
	if clear {
		_, failure := m.desk.clearAway(ctx)
		err = errors.Join(err, failure)
	}
	return did, err
}

// claim says whether it is time to index and to clear away, which only one turn is told.
func (m *member) claim() (index, clear bool) {
	m.f.mu.Lock()
	defer m.f.mu.Unlock()
	now := time.Now()
	if index = now.Sub(m.indexed) >= m.f.cfg.Poll*4/5; index {
		m.indexed = now
	}
	if clear = now.Sub(m.cleared) >= clearEvery; clear {
		m.cleared = now
	}
	return index, clear
}

// index brings a batch of tickets into the search, and has the next follow at once.
func (m *member) index(ctx context.Context) (int, error) {
	if _, err := m.desk.searcher(); err != nil {
		return 0, nil
	}
	n, err := m.desk.indexStep(ctx)
	if errors.Is(err, store.ErrSearchOff) {
		return 0, nil
	}
	if n > 0 {
		m.f.mu.Lock()
		m.indexed = time.Time{}
		m.f.mu.Unlock()
	}
	return n, err
}
