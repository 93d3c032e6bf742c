package hooks

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// payload is what the points carry that are asked before the commit: it says who acts, for the Client and Admin views,
// and each hook gets a copy of its own.
type payload[T any] interface {
	actor() ticket.Actor
	clone() T
}

// onPurpose reports whether what a hook returned is a refusal, and not a failure of the hook.
func onPurpose(err error) bool {
	var v *ticket.ValidationError
	return errors.As(err, &v) || errors.Is(err, ticket.ErrRefused)
}

// choose returns the first timeout that is set.
func choose(ds ...time.Duration) time.Duration {
	for _, d := range ds {
		if d > 0 {
			return d
		}
	}
	return time.Minute
}

// Filter is a point whose hooks may change the input of an operation. They run first, each seeing what the one before
// it left. An error refuses the operation; with FailOpen the input is put back as it was before that hook.
type Filter[T payload[T]] struct {
	reg   *Registry
	point *Point
	list  *list[func(context.Context, *T) error]
}

// Bind adds a hook. It panics if id is empty or bound at this point already, or fn is nil.
func (f *Filter[T]) Bind(id string, fn func(ctx context.Context, in *T) error, opts ...FilterOption) {
	must(bind(f.point, f.list, id, fn, asOptions(opts)))
}

// Empty reports whether nothing is bound; it costs no more than an atomic load.
func (f *Filter[T]) Empty() bool { return f.list.empty() }

// Run applies the hooks to in. It is for the desk, and for hosts that ask a question of their own hooks.
func (f *Filter[T]) Run(ctx context.Context, in *T) error {
	for _, b := range f.list.all() {
		if !b.point.sees((*in).actor()) {
			continue
		}
		var before T
		if b.opt.failOpen {
			before = (*in).clone()
		}
		err := f.reg.call(ctx, b.point, b.id, choose(b.opt.timeout, f.reg.cfg.Timeout), func(ctx context.Context) error { return b.fn(ctx, in) })
		switch {
		case err == nil:
		case b.opt.failOpen && !onPurpose(err):
			*in = before
		default:
			return err
		}
	}
	return nil
}

// Gate is a point whose hooks may refuse an operation before anything is written, outside the transaction, so they may
// talk to other systems. All of them run, and what they say is merged. A hook refuses with a *ticket.ValidationError,
// whose messages are shown to whoever wrote, or with an error that wraps ticket.ErrRefused, of which they are shown
// nothing. One sentence that is about no field is ticket.Invalid("", ticket.FaultRefused, "…"). Any other error, a
// panic or a missed deadline is ticket.ErrHookFailed, and stops the operation too, unless it was bound FailOpen.
//
// Gates see mail as well: its sender is a guest whose channel is ticket.ChannelEmail. They cannot fill in a form and
// are told nothing, so a gate that asks for a field should let them through. What a gate refused can be processed
// again: see gateway.Gateway.Requeue.
type Gate[T payload[T]] struct {
	reg   *Registry
	point *Point
	list  *list[func(context.Context, T) error]
}

// Bind adds a hook. It panics if id is empty or bound at this point already, or fn is nil.
func (g *Gate[T]) Bind(id string, fn func(ctx context.Context, in T) error, opts ...GateOption) {
	must(bind(g.point, g.list, id, fn, asOptions(opts)))
}

// Empty reports whether nothing is bound; it costs no more than an atomic load.
func (g *Gate[T]) Empty() bool { return g.list.empty() }

// Run asks all hooks. The error is a *Refusal.
func (g *Gate[T]) Run(ctx context.Context, in T) error { return g.RunWithin(ctx, 0, in) }

// RunWithin is Run with a limit on every hook's deadline, for gates that run inside a transaction.
func (g *Gate[T]) RunWithin(ctx context.Context, limit time.Duration, in T) error {
	var refusal Refusal
	for _, b := range g.list.all() {
		if !b.point.sees(in.actor()) {
			continue
		}
		timeout := choose(b.opt.timeout, g.reg.cfg.Timeout)
		if limit > 0 {
			timeout = min(timeout, limit)
		}
		err := g.reg.call(ctx, b.point, b.id, timeout, func(ctx context.Context) error { return b.fn(ctx, in.clone()) })
		var failed *Error
		if errors.As(err, &failed) && (onPurpose(err) || !b.opt.failOpen) {
			refusal.add(failed)
		}
	}
	return refusal.err()
}

// Guard is a point whose hooks run inside the transaction, on the rows as they will be committed: the place for
// invariants. An error rolls back. A guard holds the database's writer: it must be fast, may read through the desk with
// its context, and must not write through it. A store may begin the transaction anew, and then the guard is asked again.
type Guard[T payload[T]] struct {
	reg   *Registry
	point *Point
	list  *list[func(context.Context, T) error]
}

// Bind adds a hook. It panics if id is empty or bound at this point already, or fn is nil.
func (g *Guard[T]) Bind(id string, fn func(ctx context.Context, in T) error, opts ...GuardOption) {
	must(bind(g.point, g.list, id, fn, asOptions(opts)))
}

// Empty reports whether nothing is bound; it costs no more than an atomic load.
func (g *Guard[T]) Empty() bool { return g.list.empty() }

// Run asks the hooks; the first error ends it.
func (g *Guard[T]) Run(ctx context.Context, in T) error {
	for _, b := range g.list.all() {
		if !b.point.sees(in.actor()) {
			continue
		}
		err := g.reg.call(ctx, b.point, b.id, choose(b.opt.timeout, g.reg.cfg.GuardTimeout), func(ctx context.Context) error { return b.fn(ctx, in.clone()) })
		if err != nil {
			return err
		}
	}
	return nil
}

// Event is a point whose hooks are told after the commit. Their errors change nothing for whoever caused the event: the
// delivery is tried again, with growing pauses, and becomes a dead letter after MaxAttempts. A delivery may come twice:
// Meta.EventID tells.
type Event[T any] struct {
	reg   *Registry
	point *Point
	list  *list[func(context.Context, T) error]
	build func(Occurrence) T
}

// Bind adds a hook. It panics if id is empty or bound at this point already, or fn is nil.
func (e *Event[T]) Bind(id string, fn func(ctx context.Context, in T) error, opts ...EventOption) {
	must(bind(e.point, e.list, id, fn, asOptions(opts)))
}

// Empty reports whether nothing is bound in this process; it costs no more than an atomic load.
func (e *Event[T]) Empty() bool { return e.list.empty() }

// deliver runs the binding id on an occurrence.
func (e *Event[T]) deliver(ctx context.Context, id string, o Occurrence) (bool, error) {
	for _, b := range e.list.all() {
		if b.id == id {
			timeout := choose(b.opt.timeout, e.reg.cfg.EventTimeout)
			return true, e.reg.call(ctx, e.point, id, timeout, func(ctx context.Context) error { return b.fn(ctx, e.build(o.clone())) })
		}
	}
	return false, nil
}

func (e *Event[T]) subscriptions() []Subscription {
	var out []Subscription
	for _, b := range e.list.all() {
		out = append(out, Subscription{Point: e.point.Name, ID: b.id, After: b.opt.after, Since: b.opt.since,
			HoldOnDead: b.opt.holdOnDead, MaxAttempts: b.opt.maxAttempts, Volatile: b.opt.volatile})
	}
	return out
}

// View is a point whose hooks add HTML to a page. A hook that fails adds nothing and is reported.
type View[T payload[T]] struct {
	reg   *Registry
	point *Point
	list  *list[func(context.Context, T) (template.HTML, error)]
}

// Bind adds a hook. It panics if id is empty or bound at this point already, or fn is nil. What the hook returns goes
// into the page as it is: escape what others wrote, best by html/template.
func (v *View[T]) Bind(id string, fn func(ctx context.Context, in T) (template.HTML, error), opts ...ViewOption) {
	must(bind(v.point, v.list, id, fn, asOptions(opts)))
}

// Empty reports whether nothing is bound; it costs no more than an atomic load.
func (v *View[T]) Empty() bool { return v.list.empty() }

// Render returns what all hooks add, one after the other.
func (v *View[T]) Render(ctx context.Context, in T) template.HTML {
	var sb strings.Builder
	for _, b := range v.list.all() {
		var html template.HTML
		err := v.reg.call(ctx, b.point, b.id, choose(b.opt.timeout, v.reg.cfg.Timeout), func(ctx context.Context) (err error) {
			html, err = b.fn(ctx, in.clone())
			return err
		})
		if err == nil {
			sb.WriteString(string(html))
		}
	}
	return template.HTML(sb.String()) //nolint:gosec // the hooks' own HTML is what this point is for
}

func bind[F any](p *Point, l *list[F], id string, fn F, opts []Option) error {
	if err := checkID(p.Name, id); err != nil {
		return err
	}
	if isNil(fn) {
		return fmt.Errorf("hooks: binding %q at %s needs a function", id, p.Name)
	}
	b := binding[F]{id: id, point: p, fn: fn}
	for _, o := range opts {
		o.apply(&b.opt)
	}
	if err := l.add(b); err != nil {
		return err
	}
	p.reg.bound(p)
	return nil
}

func asOptions[O Option](opts []O) []Option {
	out := make([]Option, len(opts))
	for i, o := range opts {
		out[i] = o
	}
	return out
}

func isNil(fn any) bool {
	v := reflect.ValueOf(fn)
	return !v.IsValid() || (v.Kind() == reflect.Func && v.IsNil())
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// sees reports whether a binding made under this name hears of what the actor does.
func (p *Point) sees(a ticket.Actor) bool {
	return len(p.actors) == 0 || slices.Contains(p.actors, a.Kind)
}
