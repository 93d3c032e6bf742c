package helpdesk

import (
	"context"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// committed runs after a write's commit, in the caller's goroutine.
func (d *Desk) committed(ctx context.Context, w *write) {
	d.volatile(ctx, w)
	switch d.cfg.Dispatch {
	case Background, Manual:
		d.Wake()
	case Inline:
		for {
			if n, err := d.Deliveries().Dispatch(ctx); err != nil || n == 0 {
				return
			}
		}
	}
}

// volatile calls the bindings that want no delivery: in background mode each event in a goroutine of its own, otherwise at once.
func (d *Desk) volatile(ctx context.Context, w *write) {
	subs := d.bindings().volatile
	if len(subs) == 0 {
		return
	}
	for _, e := range w.events {
		o := hooks.Occurrence{Event: e.event, Ticket: e.ticket, Message: e.message, Attempt: 1}
		if o.Message == nil {
			o.Message = e.about
		}
		if o.Message != nil {
			o.Message = o.Message.Clone() // the caller has the other
		}
		for _, s := range subs {
			if !d.hooks.Matches(s.Point, e.event) {
				continue
			}
			call := func(ctx context.Context) {
				ctx = withCause(ticket.WithActor(ctx, ticket.System(s.ID)), ticket.Cause{Event: o.Event.ID, Binding: s.ID, Depth: o.Event.Cause.Depth + 1})
				_, _ = d.hooks.Deliver(ctx, s.Point, s.ID, o) // failures are reported by the registry
			}
			if d.cfg.Dispatch == Background && d.run.started.Load() {
				d.run.spawn(call)
			} else {
				call(ctx)
			}
		}
	}
}
