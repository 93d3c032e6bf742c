package hooks

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Config tunes a Registry.
type Config struct {
	// Report, if not nil, hears of everything that goes wrong in a hook. It must be fast and safe for concurrent use.
	Report func(Report)
	// Timeouts of the kinds where a binding gives none. Defaults: filters, gates and views 10 s, guards 250 ms, events
	// 1 min.
	Timeout      time.Duration
	GuardTimeout time.Duration
	EventTimeout time.Duration
	// Context, if not nil, makes the context that hooks get from that of the operation, so that what was meant for the
	// operation alone stays there.
	Context func(context.Context) context.Context
}

// Report is one thing that went wrong in a hook.
type Report struct {
	Point   string
	Binding string
	Err     error         // what the hook returned, ErrPanic, or ErrDeadline
	Stack   []byte        // of a panic; for logs only
	Stuck   bool          // the handler is past its deadline and still running; its caller waits
	Took    time.Duration // until now
}

// binding is one handler at one point. Fn is its typed function.
type binding[F any] struct {
	id    string
	point *Point // under which name it was bound
	opt   options
	fn    F
}

// list is a copy-on-write list of bindings: readers take a snapshot and never wait.
type list[F any] struct {
	mu   sync.Mutex
	snap atomic.Pointer[[]binding[F]]
}

// empty costs one atomic load.
func (l *list[F]) empty() bool { return l.snap.Load() == nil }

func (l *list[F]) all() []binding[F] {
	if p := l.snap.Load(); p != nil {
		return *p
	}
	return nil
}

func (l *list[F]) add(b binding[F]) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	old := l.all()
	for _, o := range old {
		if o.id == b.id && o.point == b.point {
			return fmt.Errorf("hooks: %s has a binding %q already: ids are unique per point", b.point.Name, b.id)
		}
	}
	next := append(slices.Clone(old), b)
	slices.SortStableFunc(next, func(a, b binding[F]) int { return cmp.Compare(a.opt.priority, b.opt.priority) })
	l.snap.Store(&next)
	return nil
}

// checkID refuses the ids that could not be told apart later.
func checkID(point, id string) error {
	if id == "" || len(id) > 100 {
		return fmt.Errorf("hooks: binding at %s needs an id of 1 to 100 characters, as in \"acme.crm\"", point)
	}
	return nil
}

// stuckGrace is how long after its deadline a handler is reported as stuck.
const stuckGrace = 50 * time.Millisecond

// call runs one handler in the caller's goroutine, with a deadline that it must honour itself. A panic becomes
// ErrPanic; runtime.Goexit goes through.
func (r *Registry) call(ctx context.Context, p *Point, id string, timeout time.Duration, fn func(context.Context) error) (err error) {
	start := time.Now()
	if r.cfg.Context != nil {
		ctx = r.cfg.Context(ctx)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, ErrDeadline)
	defer cancel()
	if r.cfg.Report != nil {
		watch := time.AfterFunc(timeout+stuckGrace, func() {
			r.report(Report{Point: p.Name, Binding: id, Err: ErrDeadline, Stuck: true, Took: time.Since(start)})
		})
		defer watch.Stop()
	}
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		err = &Error{Point: p.Name, Binding: id, Err: ErrPanic}
		r.report(Report{Point: p.Name, Binding: id, Err: fmt.Errorf("%w: %v", ErrPanic, v), Stack: debug.Stack(), Took: time.Since(start)})
	}()
	err = fn(ctx)
	late := expired(ctx) && (err != nil || p.Kind != KindEvent) // an event that was handled late was handled
	if late && !onPurpose(err) {
		err = ErrDeadline
	}
	if err == nil {
		return nil
	}
	if !onPurpose(err) {
		r.report(Report{Point: p.Name, Binding: id, Err: err, Took: time.Since(start)})
	}
	return &Error{Point: p.Name, Binding: id, Err: err}
}

// expired reports whether the handler's own deadline passed, and not only the caller's context ended.
func expired(ctx context.Context) bool { return errors.Is(context.Cause(ctx), ErrDeadline) }

func (r *Registry) report(rep Report) {
	if r.cfg.Report != nil {
		r.cfg.Report(rep)
	}
}
