package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// The bounds of a group of callers that share a commit. The first in it waits for the last.
const (
	maxGroup     = 256
	maxGroupTime = 5 * time.Millisecond
)

// While another process writes too, each group leaves the lock to it for a moment.
const (
	rivalTime  = time.Second
	rivalPause = 500 * time.Microsecond
)

// careful is how long every rider has a savepoint after one would have needed it.
const careful = time.Second

// writer owns the one connection that writes. Who holds the baton may use it: first the leader of a group, then one
// rider after the other, then the leader again for the commit. Every closure runs in the goroutine of its caller.
type writer struct {
	s    *Store
	conn *sql.Conn
	ses  *session
	ids  *ids

	groupTime, carefulTime time.Duration // maxGroupTime and careful, but for tests

	rival   time.Time // another process was seen to write
	careful time.Time // until then riders have savepoints

	mu    sync.Mutex
	held  bool    // somebody has the baton
	queue []*call // waiting for it, first come first served
	lane  lane    // those who wait apart, under mu
}

// call is one outermost Update.
type call struct {
	over     bool // its closure has held the writer for long
	ctx      context.Context
	fn       func(context.Context, store.Tx) error
	turn     chan *group // nil: lead a group of your own; else ride in that one
	alone    bool        // shares its transaction with nobody
	again    bool        // was run before
	slow     bool        // waits in the slow lane
	came     time.Time   // as a quick one
	deadline time.Time
}

// group is one transaction of several callers.
type group struct {
	begun time.Time
	size  int
	back  chan struct{} // the last rider gives the baton back to the leader
	lost  error         // the transaction is gone; set by a rider before it hands the baton on
	done  chan struct{} // closed after the verdict
	err   error         // the verdict, once done is closed
}

// spoilt reports whether the group was lost by one who failed, and not by the database.
func (g *group) spoilt() bool { return errors.Is(g.lost, errSpoilt) }

func newWriter(s *Store, conn *sql.Conn) *writer {
	w := &writer{s: s, conn: conn, groupTime: maxGroupTime, carefulTime: careful, ses: newSession(conn, s.opts.TablePrefix), ids: newIDs(s.floors, blockSize)}
	w.lane.init(w)
	return w
}

// update runs fn in a transaction. Where a shared commit failed it is run again, alone; where somebody else has spoilt the
// group, behind a savepoint.
func (w *writer) update(ctx context.Context, fn func(context.Context, store.Tx) error) (*unit, error) {
	c := &call{ctx: ctx, fn: fn, turn: make(chan *group, 1)}
	for {
		g, err := w.wait(c)
		if err != nil {
			return nil, err
		}
		var u *unit
		var again bool
		if g == nil {
			u, again, err = w.lead(c)
		} else {
			u, again, err = w.ride(c, g)
		}
		if !again {
			return u, err
		}
		c.again = true
	}
}

// wait returns when c has the baton: to lead, or to ride in the group.
func (w *writer) wait(c *call) (*group, error) {
	limit := w.s.opts.BusyTimeout
	keys := w.lane.asks(c.ctx)
	w.mu.Lock()
	now := time.Now()
	if c.slow = w.lane.isSlow(keys, now); c.slow {
		limit *= 10
	} else {
		w.lane.lastFast, c.came = now, now
	}
	c.deadline = now.Add(limit)
	if !w.held && (!c.slow || w.lane.mayRun(now)) {
		w.held = true
		w.mu.Unlock()
		return nil, nil
	}
	if c.slow {
		w.lane.add(c, now)
	} else {
		w.queue = append(w.queue, c)
	}
	w.mu.Unlock()

	t := time.NewTimer(limit)
	defer t.Stop()
	select {
	case g := <-c.turn:
		return g, nil
	case <-c.ctx.Done():
		return nil, w.leave(c, c.ctx.Err())
	case <-t.C:
		return nil, w.leave(c, fmt.Errorf("sqlite: waited %s behind other writers (inside a transaction, use the context that its function was given): %w", limit, ticket.ErrBusy))
	}
}

// leave takes c out of the queue, or hands on the baton that it was just given.
func (w *writer) leave(c *call, err error) error {
	w.mu.Lock()
	found := remove(&w.queue, c) || remove(&w.lane.queue, c)
	w.mu.Unlock()
	if found {
		return err
	}
	if g := <-c.turn; g != nil {
		w.handOn(g)
	} else {
		w.pass()
	}
	return err
}

// pass gives the baton to the next caller, who leads, or to nobody.
func (w *writer) pass() {
	w.mu.Lock()
	next := w.pick(time.Now())
	w.held = next != nil
	w.mu.Unlock()
	if next != nil {
		next.turn <- nil
	}
}

// pick takes the next caller out of the queues.
func (w *writer) pick(now time.Time) *call {
	if c := w.lane.next(now); c != nil {
		return c
	}
	return shift(&w.queue)
}

// lead begins a transaction, runs c in it, lets others ride, and commits. c needs no savepoint: if it fails, the others
// have not begun. That holds for a panic and for runtime.Goexit too.
func (w *writer) lead(c *call) (u *unit, again bool, err error) {
	kept := false
	defer func() {
		if !kept {
			w.pass()
		}
	}()
	if err := w.begin(c); err != nil {
		return nil, false, err
	}
	defer func() {
		if !kept {
			w.rollback()
		}
	}()
	u = newUnit(w.s, w.ses, w.ids, w.conn)
	if err := w.run(c, u); err != nil {
		return nil, false, err
	}
	kept = true
	g := w.gather(c)
	again, err = w.finish(g)
	c.alone = c.alone || again && !g.spoilt()
	if !c.slow && !c.over {
		w.lane.busy()
	}
	w.letIn()
	w.pass()
	return u, again, err
}

// begin takes SQLite's lock, and notes whether another process had it.
func (w *writer) begin(c *call) error {
	tries := 0
	err := retry(c.ctx, c.deadline, func() error {
		tries++
		_, err := w.ses.exec("BEGIN IMMEDIATE")
		return err
	})
	if tries > 1 {
		w.rival = time.Now()
	}
	return classify("begin", err)
}

// letIn leaves the lock alone for a moment where another process has wanted it lately. SQLite's lock has no queue: a
// busy process would take it again and again before the other looks.
func (w *writer) letIn() {
	if !w.rival.IsZero() && time.Since(w.rival) < rivalTime {
		time.Sleep(jitter(rivalPause))
	}
}

// gather lets others ride in c's transaction and returns their group, nil if nobody came. The baton goes from rider to
// rider, and the last one gives it back: a way over the leader each time would cost every rider one more switch.
func (w *writer) gather(c *call) *group {
	if c.alone || c.slow {
		return nil
	}
	g := &group{begun: time.Now()}
	first := w.nextRider(g)
	if first == nil {
		return nil
	}
	g.back, g.done = make(chan struct{}, 1), make(chan struct{})
	first.turn <- g
	<-g.back
	return g
}

// handOn gives the baton to the next rider of g, or back to its leader.
func (w *writer) handOn(g *group) {
	if g.lost == nil {
		if next := w.nextRider(g); next != nil {
			next.turn <- g
			return
		}
	}
	g.back <- struct{}{}
}

// nextRider takes the next caller into g, if there is one and g may still grow.
func (w *writer) nextRider(g *group) *call {
	w.mu.Lock()
	defer w.mu.Unlock()
	full := g.size > 0 && (g.size >= maxGroup || time.Since(g.begun) > w.groupTime)
	if len(w.queue) == 0 || w.queue[0].alone || full {
		return nil
	}
	g.size++
	return shift(&w.queue)
}

// finish commits and tells the riders. again says that all of the group must be run again: see group.spoilt.
func (w *writer) finish(g *group) (again bool, err error) {
	if g != nil {
		err = g.lost
	}
	if err == nil {
		_, err = w.ses.exec("COMMIT")
	}
	if err != nil {
		w.rollback()
		err = classify("commit", err)
	} else {
		w.ids.commit()
	}
	if g != nil {
		g.err = err
		close(g.done)
	}
	return err != nil && g != nil, err
}

// rollback undoes the whole transaction. Where SQLite has rolled back already, it has nothing to do.
func (w *writer) rollback() {
	_, _ = w.ses.exec("ROLLBACK")
	w.ids.rollback(0)
}

// ride runs c in g and waits for the verdict. A refusal waits as well: it may rest on what another
// caller of the group wrote, and that is true only once it is committed.
func (w *writer) ride(c *call, g *group) (u *unit, again bool, err error) {
	u = newUnit(w.s, w.ses, w.ids, w.conn)
	w.board(c, g, u, &err)
	if c.ctx.Err() != nil && err != nil {
		return nil, false, err
	}
	<-g.done
	c.alone = g.err != nil && !g.spoilt()
	return u, g.err != nil, err
}

// board runs c's closure and hands the baton on, whatever way it ends.
func (w *writer) board(c *call, g *group, u *unit, err *error) {
	writes, fine := w.ses.writes, false
	defer func() {
		if !fine && w.ses.writes > writes {
			w.careful = time.Now().Add(w.carefulTime)
		}
		g.lost = u.lost
		w.handOn(g)
	}()
	run := func() error { return w.run(c, u) }
	if c.again || time.Now().Before(w.careful) {
		*err = u.guarded(run)
	} else {
		*err = u.bold(run)
	}
	fine = *err == nil
}

// run runs c's closure and notes how long it held the baton.
func (w *writer) run(c *call, u *unit) error {
	start := time.Now()
	defer func() { w.ran(c, time.Since(start)) }()
	return u.part(c.ctx, c.fn)
}

// exclusive runs fn while nobody else of this process writes.
func (w *writer) exclusive(ctx context.Context, fn func() error) error {
	if _, err := w.wait(&call{ctx: ctx, alone: true, turn: make(chan *group, 1)}); err != nil {
		return err
	}
	defer w.pass()
	return fn()
}

func (w *writer) close() {
	w.lane.stop()
	w.ses.close()
	discard(w.conn)
}

func shift(queue *[]*call) *call {
	q := *queue
	if len(q) == 0 {
		return nil
	}
	c := q[0]
	q[0] = nil
	*queue = q[1:]
	return c
}

func remove(queue *[]*call, c *call) bool {
	for i, other := range *queue {
		if other == c {
			*queue = append((*queue)[:i], (*queue)[i+1:]...)
			return true
		}
	}
	return false
}
