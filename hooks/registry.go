package hooks

import (
	"context"
	"fmt"
	"html/template"
	"slices"
	"sync"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/nearest"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Kind is the kind of a hook point.
type Kind string

// The five kinds.
const (
	KindFilter Kind = "filter"
	KindGate   Kind = "gate"
	KindGuard  Kind = "guard"
	KindEvent  Kind = "event"
	KindView   Kind = "view"
)

// Point describes a point of a Registry.
type Point struct {
	Name    string
	Kind    Kind
	Doc     string
	Payload string   // name of the payload type
	Aliases []string // names by which other systems know it
	Of      string   // the canonical point of which this one is a filtered view; empty if it is canonical
	Waits   string   // which part of the library will fire it, where nothing does yet

	reg     *Registry
	actors  []ticket.ActorKind // whose doings it sees; empty means everybody's
	matches func(*ticket.Event) bool
	h       handle
}

// handle is the typed point behind a Point.
type handle interface {
	// bindAny binds a typed or a generic function; params says which panel's keys a generic one gets.
	bindAny(id string, fn any, style style, opts []Option) error
}

// eventHandle is what an event point can do besides.
type eventHandle interface {
	handle
	deliver(ctx context.Context, id string, o Occurrence) (bool, error)
	subscriptions() []Subscription
}

// Subscription is an event binding as the desk stores it.
type Subscription struct {
	Point       string
	ID          string
	After       string
	Since       time.Time
	HoldOnDead  bool
	MaxAttempts int
	Volatile    bool
}

// New returns a registry with every point of the catalogue and nothing bound.
func New(cfg *Config) *Registry {
	r := &Registry{core: core{byName: map[string]*Point{}}}
	if cfg != nil {
		r.cfg = *cfg
	}
	r.cfg.Timeout = choose(r.cfg.Timeout, 10*time.Second)
	r.cfg.GuardTimeout = choose(r.cfg.GuardTimeout, 250*time.Millisecond)
	r.cfg.EventTimeout = choose(r.cfg.EventTimeout, time.Minute)
	r.catalogue()
	for _, p := range r.points {
		r.byName[p.Name] = p
		for _, a := range p.Aliases {
			if _, taken := r.byName[a]; !taken {
				r.byName[a] = p
			}
		}
	}
	return r
}

// core is the part of a Registry that is no point.
type core struct {
	cfg    Config
	points []*Point
	byName map[string]*Point

	names Names

	mu      sync.Mutex
	onBound []func(Point)
}

// Points lists every point, in the order of the catalogue.
func (r *Registry) Points() []Point {
	out := make([]Point, len(r.points))
	for i, p := range r.points {
		out[i] = *p
		out[i].Aliases = slices.Clone(p.Aliases)
	}
	return out
}

// Lookup returns the point that has the name or the alias.
func (r *Registry) Lookup(name string) (Point, error) {
	if p, ok := r.byName[name]; ok {
		return *p, nil
	}
	return Point{}, fmt.Errorf("hooks: %w: %q (did you mean %q?)", ErrUnknownPoint, name, nearest.Of(name, r.pointNames))
}

// OnBound has fn called with the point of every later binding.
func (r *Registry) OnBound(fn func(Point)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.onBound = append(r.onBound, fn)
}

func (r *Registry) bound(p *Point) {
	r.mu.Lock()
	fns := slices.Clone(r.onBound)
	r.mu.Unlock()
	for _, fn := range fns {
		fn(*p)
	}
}

// Subscriptions lists the event bindings of this process.
func (r *Registry) Subscriptions() []Subscription {
	var out []Subscription
	for _, p := range r.points {
		if h, ok := p.h.(eventHandle); ok {
			out = append(out, h.subscriptions()...)
		}
	}
	return out
}

// Matches reports whether the event point called name sees e. A name that this version of the library does not know
// sees nothing.
func (r *Registry) Matches(name string, e *ticket.Event) bool {
	p, ok := r.byName[name]
	return ok && p.Kind == KindEvent && p.matches(e) && p.sees(e.Actor)
}

// Deliver runs one event binding on an occurrence, and says whether this process has it.
func (r *Registry) Deliver(ctx context.Context, name, id string, o Occurrence) (known bool, err error) {
	if p, ok := r.byName[name]; ok {
		if h, ok := p.h.(eventHandle); ok {
			return h.deliver(ctx, id, o)
		}
	}
	return false, nil
}

// Render draws a view by name, for templates.
func (r *Registry) Render(ctx context.Context, name string, page Page) (template.HTML, error) {
	p, err := r.Lookup(name)
	if err != nil {
		return "", err
	}
	v, ok := p.h.(*View[Page])
	if !ok {
		return "", fmt.Errorf("hooks: %s takes %ss, and only views can be rendered", p.Name, p.Kind)
	}
	return v.Render(ctx, page), nil
}

// FuncMap gives html/template the function hook: {{hook "TicketClientAreaViewDetail" .Page}}.
func (r *Registry) FuncMap(ctx context.Context) template.FuncMap {
	return template.FuncMap{"hook": func(name string, page Page) (template.HTML, error) { return r.Render(ctx, name, page) }}
}

// pointNames are those of all points, old ones too.
func (r *Registry) pointNames(yield func(string) bool) {
	for _, p := range r.points {
		for _, n := range append([]string{p.Name}, p.Aliases...) {
			if !yield(n) {
				return
			}
		}
	}
}

// Interposed reports whether a filter, a gate or a guard is bound: code of the host that a write waits for.
func (r *Registry) Interposed() bool {
	for _, p := range r.points {
		if h, ok := p.h.(interface{ Empty() bool }); ok && (p.Kind == KindFilter || p.Kind == KindGate || p.Kind == KindGuard) && !h.Empty() {
			return true
		}
	}
	return false
}
