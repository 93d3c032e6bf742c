package hooks

import (
	"context"
	"fmt"
	"html/template"

	"github.com/helpdeskgo/helpdesk/ticket"
)

func (r *Registry) add(p *Point) *Point {
	p.reg = r
	r.points = append(r.points, p)
	return p
}

func (p *Point) alias(names ...string) *Point {
	p.Aliases = names
	return p
}

func (p *Point) only(actors []ticket.ActorKind, of string) *Point {
	p.actors, p.Of = actors, of
	return p
}

func payloadName[T any]() string {
	var v T
	return fmt.Sprintf("%T", v)
}

func addFilter[T payload[T]](r *Registry, f *Filter[T], name, doc string) *Point {
	p := r.add(&Point{Name: name, Kind: KindFilter, Doc: doc, Payload: payloadName[T](), h: f})
	*f = Filter[T]{r, p, &list[func(context.Context, *T) error]{}}
	return p
}

func addGate[T payload[T]](r *Registry, g *Gate[T], name, doc string) *Point {
	p := r.add(&Point{Name: name, Kind: KindGate, Doc: doc, Payload: payloadName[T](), h: g})
	*g = Gate[T]{r, p, &list[func(context.Context, T) error]{}}
	return p
}

// gateView makes g another name of canonical, with the same list: its hooks run among the canonical ones, in one order
// of priority.
func gateView[T payload[T]](r *Registry, g, canonical *Gate[T], name, doc string, actors []ticket.ActorKind) *Point {
	p := r.add(&Point{Name: name, Kind: KindGate, Doc: doc, Payload: payloadName[T](), h: g})
	*g = Gate[T]{r, p, canonical.list}
	return p.only(actors, canonical.point.Name)
}

func addGuard[T payload[T]](r *Registry, g *Guard[T], name, doc string) *Point {
	p := r.add(&Point{Name: name, Kind: KindGuard, Doc: doc, Payload: payloadName[T](), h: g})
	*g = Guard[T]{r, p, &list[func(context.Context, T) error]{}}
	return p
}

func addEvent[T any](r *Registry, e *Event[T], name, doc string, matches func(*ticket.Event) bool, build func(Occurrence) T) *Point {
	p := r.add(&Point{Name: name, Kind: KindEvent, Doc: doc, Payload: payloadName[T](), matches: matches, h: e})
	*e = Event[T]{r, p, &list[func(context.Context, T) error]{}, build}
	return p
}

func addView(r *Registry, v *View[Page], name, doc string) *Point {
	p := r.add(&Point{Name: name, Kind: KindView, Doc: doc, Payload: payloadName[Page](), h: v})
	*v = View[Page]{r, p, &list[func(context.Context, Page) (template.HTML, error)]{}}
	return p
}
