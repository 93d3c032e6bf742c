package main

import (
	"context"
	"strings"
	"sync"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// plugin is what a host may add to its desk: here, hooks of three kinds, which also count how often they are called.
type plugin struct {
	points []hooks.Point
	mu     sync.Mutex
	calls  map[string]int
}

// newPlugin binds the hooks. A host that names a point in its code would rather bind events as filters and gates are
// bound here, with the type of their payload; this one wants every event that there is.
func newPlugin(h *hooks.Registry) (*plugin, error) {
	p := &plugin{points: h.Points(), calls: map[string]int{}}
	h.TicketMailValidation.Bind("quickstart.no-lottery", p.noLottery)
	h.TicketDraft.Bind("quickstart.urgent", p.urgent)
	for _, point := range p.points {
		if point.Kind != hooks.KindEvent || point.Of != "" {
			continue // views of a canonical event would count it twice
		}
		count := func(context.Context, hooks.Params) (hooks.Result, error) {
			p.count(point.Name)
			return hooks.Result{}, nil
		}
		if err := h.BindNamed(point.Name, "quickstart.count", count); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// noLottery is a gate: what it refuses never becomes a ticket.
func (p *plugin) noLottery(_ context.Context, in hooks.Mailing) error {
	p.count("TicketMailValidation")
	if strings.Contains(strings.ToLower(in.Subject), "lottery") {
		return ticket.Invalid("subject", ticket.FaultRefused, "we play no lotteries")
	}
	return nil
}

// urgent is a filter: it changes the ticket before it is opened.
func (p *plugin) urgent(_ context.Context, in *hooks.Creating) error {
	p.count("TicketDraft")
	if strings.HasPrefix(strings.ToLower(in.Draft.Subject), "urgent") {
		in.Draft.Priority = "high"
	}
	return nil
}

func (p *plugin) count(point string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls[point]++
}
