package hooks

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"maps"
	"slices"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Params is the payload of a hook that was bound by name with a generic function: keys and values as the panel has them
// whose name was used. Names that both panels have carry the keys of both.
type Params map[string]any

// Result is what such a hook returns. Fields that mean nothing at its kind of point are refused with an error in the
// report.
type Result struct {
	Error  string            // gates and filters: refuses with this message
	Fields map[string]string // gates and filters: refuses with a message per field
	HTML   template.HTML     // views
	Text   string            // TransliterateTicketText: the new text, if not empty
	Set    map[string]string // TicketDraft, TicketReplyDraft: new values of "title" and "message"
	Answer []Answer          // SuggestAnswers: appended
}

// Func is a generic hook.
type Func = func(ctx context.Context, in Params) (Result, error)

// EntryFunc is a hook for any event, which gets the entry of the journal: ids and differences, as they were written.
type EntryFunc = func(ctx context.Context, e *ticket.Event) error

// BindNamed binds a hook by the name or an alias of a point. fn is the point's typed function, a Func, or, at an event,
// an EntryFunc, for what hands the journal on as it is. The error wraps ErrUnknownPoint, with the nearest name, for a name
// that no point has; it says what is wrong when fn or an option does not fit the kind.
func (r *Registry) BindNamed(name, id string, fn any, opts ...Option) error {
	p, ok := r.byName[name]
	if !ok {
		_, err := r.Lookup(name)
		return err
	}
	if isNil(fn) {
		return fmt.Errorf("hooks: binding %q at %s needs a function", id, name)
	}
	return p.h.bindAny(id, fn, p.styleOf(name), opts)
}

// style says whose keys Params have.
type style int

const (
	styleSource style = 1 << iota // the billing panel whose names the points have
	styleAlias                    // the panel whose names are the aliases
)

// sharedNames are names that both panels use for the same point.
var sharedNames = []string{"TicketDepartmentChange", "TicketPriorityChange", "TicketStatusChange"}

func (p *Point) styleOf(name string) style {
	switch {
	case slices.Contains(sharedNames, name):
		return styleSource | styleAlias
	case name == p.Name && !slices.Contains(aliasPanel, name):
		return styleSource
	}
	return styleAlias
}

// aliasPanel are points that only the other panel has, under their own names.
var aliasPanel = []string{"TransliterateTicketText", "TicketSplit", "TicketSubjectChange"}

func (f *Filter[T]) bindAny(id string, fn any, s style, opts []Option) error {
	typed, err := typedOr(fn, f.point, func(g Func) func(context.Context, *T) error {
		return func(ctx context.Context, in *T) error {
			res, err := g(ctx, f.reg.params(*in, s))
			return cmpErr(err, res.refusal(), func() error { return res.applyTo(in) })
		}
	})
	if err != nil {
		return err
	}
	if err := fit[FilterOption](f.point, opts); err != nil {
		return err
	}
	return bind(f.point, f.list, id, typed, opts)
}

func (g *Gate[T]) bindAny(id string, fn any, s style, opts []Option) error {
	typed, err := typedOr(fn, g.point, refusingFunc[T](g.reg, s))
	if err != nil {
		return err
	}
	if err := fit[GateOption](g.point, opts); err != nil {
		return err
	}
	return bind(g.point, g.list, id, typed, opts)
}

func (g *Guard[T]) bindAny(id string, fn any, s style, opts []Option) error {
	typed, err := typedOr(fn, g.point, refusingFunc[T](g.reg, s))
	if err != nil {
		return err
	}
	if err := fit[GuardOption](g.point, opts); err != nil {
		return err
	}
	return bind(g.point, g.list, id, typed, opts)
}

func (e *Event[T]) bindAny(id string, fn any, s style, opts []Option) error {
	if entry, ok := fn.(EntryFunc); ok {
		fn = func(ctx context.Context, in T) error {
			return entry(ctx, any(in).(interface{ journalled() *ticket.Event }).journalled())
		}
	}
	typed, err := typedOr(fn, e.point, func(g Func) func(context.Context, T) error {
		return func(ctx context.Context, in T) error {
			_, err := g(ctx, e.reg.params(in, s))
			return err
		}
	})
	if err != nil {
		return err
	}
	if err := fit[EventOption](e.point, opts); err != nil {
		return err
	}
	return bind(e.point, e.list, id, typed, opts)
}

func (v *View[T]) bindAny(id string, fn any, s style, opts []Option) error {
	typed, err := typedOr(fn, v.point, func(g Func) func(context.Context, T) (template.HTML, error) {
		return func(ctx context.Context, in T) (template.HTML, error) {
			res, err := g(ctx, v.reg.params(in, s))
			return res.HTML, err
		}
	})
	if err != nil {
		return err
	}
	if err := fit[ViewOption](v.point, opts); err != nil {
		return err
	}
	return bind(v.point, v.list, id, typed, opts)
}

// typedOr returns fn as an F, or adapted from a Func.
func typedOr[F any](fn any, p *Point, adapt func(Func) F) (F, error) {
	switch fn := fn.(type) {
	case F:
		return fn, nil
	case Func:
		return adapt(fn), nil
	}
	var want F
	return want, fmt.Errorf("hooks: %s takes %ss: a %T or a hooks.Func, not a %T", p.Name, p.Kind, want, fn)
}

// fit refuses options of another kind.
func fit[O Option](p *Point, opts []Option) error {
	for _, o := range opts {
		if _, ok := o.(O); !ok {
			return fmt.Errorf("hooks: the option %T does not fit: %s takes %ss", o, p.Name, p.Kind)
		}
	}
	return nil
}

func refusingFunc[T any](r *Registry, s style) func(Func) func(context.Context, T) error {
	return func(g Func) func(context.Context, T) error {
		return func(ctx context.Context, in T) error {
			res, err := g(ctx, r.params(in, s))
			return cmpErr(err, res.refusal(), func() error { return nil })
		}
	}
}

// cmpErr returns the first error, or what last does.
func cmpErr(err, refusal error, last func() error) error {
	if err != nil {
		return err
	}
	if refusal != nil {
		return refusal
	}
	return last()
}

func (res Result) refusal() error {
	var v ticket.ValidationError
	if res.Error != "" {
		v.Add("", ticket.FaultRefused, "%s", res.Error)
	}
	for _, field := range slices.Sorted(maps.Keys(res.Fields)) {
		v.Add(field, ticket.FaultRefused, "%s", res.Fields[field])
	}
	return v.Err()
}

var errNothingToSet = errors.New("this point has no such value to set")

// applyTo writes what a generic filter returned into its input.
func (res Result) applyTo(in any) error {
	switch in := in.(type) {
	case *Transliterating:
		if res.Text != "" {
			in.Text = res.Text
		}
	case *Suggesting:
		in.Answers = append(in.Answers, res.Answer...)
	case *Creating:
		return assign(res.Set, map[string]*string{"title": &in.Draft.Subject, "subject": &in.Draft.Subject, "message": &in.Draft.Body})
	case *Replying:
		return assign(res.Set, map[string]*string{"message": &in.Draft.Body})
	default:
		return assign(res.Set, nil)
	}
	return nil
}

func assign(set map[string]string, to map[string]*string) error {
	for k, v := range set {
		p, ok := to[k]
		if !ok {
			return fmt.Errorf("%w: %q", errNothingToSet, k)
		}
		*p = v
	}
	return nil
}
