package sqlite

import (
	"bytes"
	"context"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

const (
	slowScore  = 2 // makes a caller slow: an overrun scores 1, a quick run takes 1 away
	maxScore   = 4
	gross      = 10                    // overrunning by so much scores 2: that is no accident of the machine
	accident   = time.Second           // one overrun alone is forgotten after it
	idleAfter  = 20 * time.Millisecond // nobody else has come for so long: the slow lane need not wait
	forgetSlow = 10 * time.Second      // without an overrun everybody is forgiven
	maxPenalty = 10 * time.Second      // the longest pause after one slow closure
	manyScores = 1000                  // are more than there are callers at a time: most of them are gone
)

// lane is where callers wait whose closures hold the writer for long. A closure cannot be stopped, so who is slow is
// known from before: by the goroutine, and by the actor where goroutines live for one request only.
type lane struct {
	w        *writer
	queue    []*call
	scores   map[any]score
	slow     atomic.Int32 // how many scores are slow; without the lock, because who is quick among quick ones pays for no more
	overrun  time.Time    // the last one
	open     time.Time    // the lane's share of the time is used up until then
	lastFast time.Time    // a quick caller came, or had its commit
	timer    *time.Timer
}

// score is what speaks against a caller.
type score struct {
	n  int
	at time.Time // of the last overrun
}

type goroutineKey string

func (l *lane) init(w *writer) {
	l.w = w
	l.scores = map[any]score{}
	l.timer = time.AfterFunc(time.Hour, l.tick)
	l.timer.Stop()
}

// asks returns the keys that isSlow wants, or nothing where nobody is slow. It takes a while: call it without the lock.
func (l *lane) asks(ctx context.Context) []any {
	if l.slow.Load() == 0 || l.w.s.opts.SlowShare >= 100 {
		return nil
	}
	return callerKeys(ctx)
}

// isSlow reports whether the caller has to wait apart.
func (l *lane) isSlow(keys []any, now time.Time) bool {
	if now.Sub(l.overrun) > forgetSlow {
		clear(l.scores)
		l.slow.Store(0)
		return false
	}
	for _, k := range keys {
		if l.scores[k].n >= slowScore {
			return true
		}
	}
	return false
}

// ran notes how long c's closure held the writer. It is called in c's goroutine.
func (w *writer) ran(c *call, d time.Duration) {
	l, slow := &w.lane, d > w.s.opts.SlowAfter
	c.over = c.over || slow
	if !slow && l.slow.Load() == 0 {
		return
	}
	keys := callerKeys(c.ctx)
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slow {
		for _, k := range keys {
			l.set(k, score{l.scores[k].n - 1, l.scores[k].at})
		}
		return
	}
	now := time.Now()
	for i, k := range keys {
		n := l.scores[k].n
		if n < slowScore && now.Sub(l.scores[k].at) > accident {
			n = 0
		}
		if n++; i == 0 && d > gross*w.s.opts.SlowAfter { // an actor may be many callers, a goroutine is one
			n = max(n, slowScore)
		}
		l.set(k, score{min(n, maxScore), now})
	}
	l.tidy(now)
	if l.lastFast.Equal(c.came) { // it was no quick one, and nobody else has come
		l.lastFast = time.Time{}
	}
	share := time.Duration(w.s.opts.SlowShare)
	l.overrun = now
	open := now.Add(min(d*(100-share)/share, maxPenalty))
	if open.After(l.open) { // not before: a small overrun must not end the pause after a great one
		l.open = open
	}
}

// set keeps a score, and the number of slow ones.
func (l *lane) set(k any, s score) {
	if l.scores[k].n >= slowScore {
		l.slow.Add(-1)
	}
	if s.n >= slowScore {
		l.slow.Add(1)
	}
	if s.n <= 0 {
		delete(l.scores, k)
	} else {
		l.scores[k] = s
	}
}

// tidy forgets callers that have come no more: goroutines end, and nobody says so.
func (l *lane) tidy(now time.Time) {
	if len(l.scores) <= manyScores {
		return
	}
	for k, s := range l.scores {
		if age := now.Sub(s.at); age > forgetSlow || (age > accident && s.n < slowScore) {
			l.set(k, score{})
		}
	}
}

// busy notes that quick callers are about, though all of them may just be on their way back.
func (l *lane) busy() {
	l.w.mu.Lock()
	l.lastFast = time.Now()
	l.w.mu.Unlock()
}

// mayRun reports whether a slow caller can have the writer now.
func (l *lane) mayRun(now time.Time) bool {
	return !now.Before(l.open) || (len(l.w.queue) == 0 && now.Sub(l.lastFast) >= idleAfter)
}

// next takes the first slow caller if the lane may run. Otherwise it sees to it that the lane is looked at again.
func (l *lane) next(now time.Time) *call {
	if len(l.queue) == 0 {
		return nil
	}
	if l.mayRun(now) {
		return shift(&l.queue)
	}
	l.arm(now)
	return nil
}

func (l *lane) add(c *call, now time.Time) {
	l.queue = append(l.queue, c)
	if !l.w.held {
		l.arm(now)
	}
}

func (l *lane) arm(now time.Time) {
	at := l.lastFast.Add(idleAfter)
	if l.open.Before(at) {
		at = l.open
	}
	l.timer.Reset(max(at.Sub(now), time.Millisecond))
}

// tick gives the baton to the lane if nobody has it.
func (l *lane) tick() {
	w := l.w
	w.mu.Lock()
	var next *call
	if !w.held {
		if next = w.pick(time.Now()); next != nil {
			w.held = true
		}
	}
	w.mu.Unlock()
	if next != nil {
		next.turn <- nil
	}
}

func (l *lane) stop() { l.timer.Stop() }

// callerKeys names who is calling: the goroutine, and the actor if there is one.
func callerKeys(ctx context.Context) []any {
	var buf [64]byte
	keys := make([]any, 1, 2)
	line := buf[:runtime.Stack(buf[:], false)] // "goroutine 18 [running]:"
	if i := bytes.IndexByte(line, '['); i > 0 {
		line = line[:i]
	}
	keys[0] = goroutineKey(line)
	if a, err := ticket.ActorFrom(ctx); err == nil {
		keys = append(keys, ticket.Actor{Kind: a.Kind, ID: a.ID, Email: a.Email})
	}
	return keys
}
