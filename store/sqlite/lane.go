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
	idleAfter  = 20 * time.Millisecond // nobody else has come for so long: the slow lane need not wait
	forgetSlow = 10 * time.Second      // without an overrun everybody is forgiven
	maxPenalty = 10 * time.Second      // the longest pause after one slow closure
)

// lane is where callers wait whose closures hold the writer for long. A closure cannot be stopped, so who is slow is
// known from before: by the goroutine, and by the actor where goroutines live for one request only.
type lane struct {
	w        *writer
	queue    []*call
	scores   map[any]int
	known    atomic.Int32 // len(scores), to be read without the lock
	overrun  time.Time    // the last one
	open     time.Time    // the lane's share of the time is used up until then
	lastFast time.Time    // a quick caller came, or had its commit
	timer    *time.Timer
}

type goroutineKey string

func (l *lane) init(w *writer) {
	l.w = w
	l.scores = map[any]int{}
	l.timer = time.AfterFunc(time.Hour, l.tick)
	l.timer.Stop()
}

// isSlow reports whether the caller has to wait apart.
func (l *lane) isSlow(ctx context.Context, now time.Time) bool {
	if len(l.scores) == 0 || l.w.s.opts.SlowShare >= 100 {
		return false
	}
	if now.Sub(l.overrun) > forgetSlow {
		clear(l.scores)
		l.known.Store(0)
		return false
	}
	for _, k := range callerKeys(ctx) {
		if l.scores[k] >= slowScore {
			return true
		}
	}
	return false
}

// ran notes how long c's closure held the writer. It is called in c's goroutine.
func (w *writer) ran(c *call, d time.Duration) {
	l, slow := &w.lane, d > w.s.opts.SlowAfter
	if !slow && l.known.Load() == 0 {
		return
	}
	keys := callerKeys(c.ctx)
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, k := range keys {
		if slow {
			l.scores[k] = min(l.scores[k]+1, maxScore)
			if i == 0 && d > gross*w.s.opts.SlowAfter { // an actor may be many callers, a goroutine is one
				l.scores[k] = max(l.scores[k], slowScore)
			}
		} else if n, ok := l.scores[k]; ok && n > 1 {
			l.scores[k] = n - 1
		} else {
			delete(l.scores, k)
		}
	}
	l.known.Store(int32(len(l.scores)))
	if slow {
		share := time.Duration(w.s.opts.SlowShare)
		l.overrun = time.Now()
		open := l.overrun.Add(min(d*(100-share)/share, maxPenalty))
		if open.After(l.open) { // not before: a small overrun must not end the pause after a great one
			l.open = open
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
