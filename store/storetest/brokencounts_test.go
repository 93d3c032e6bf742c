package storetest

import (
	"context"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// The types below are readers whose numbers of tickets are wrong in one way.

// unwatchful knows nothing of what an agent watches or has elsewhere.
type unwatchful struct{ store.Reader }

func (r unwatchful) Tallies(ctx context.Context, q store.TallyQuery, scope ticket.Scope) (store.Tallies, error) {
	scope.Agent = ""
	return r.Reader.Tallies(ctx, q, scope)
}

// roamingTallies counts an agent's own wherever they lie.
type roamingTallies struct{ store.Reader }

func (r roamingTallies) Tallies(ctx context.Context, q store.TallyQuery, scope ticket.Scope) (store.Tallies, error) {
	scope.AgentPlaces = nil
	return r.Reader.Tallies(ctx, q, scope)
}

// addsUp counts a ticket for each reason for which it is visible.
type addsUp struct{ store.Reader }

func (r addsUp) Tallies(ctx context.Context, q store.TallyQuery, scope ticket.Scope) (store.Tallies, error) {
	out, err := r.Reader.Tallies(ctx, q, scope)
	if err != nil || len(scope.Places) == 0 || scope.Agent == "" || scope.Only != 0 {
		return out, err
	}
	more, err := r.Reader.Tallies(ctx, q, ticket.Scope{Agent: scope.Agent, AgentPlaces: scope.AgentPlaces})
	out.Rows = append(out.Rows, more.Rows...)
	return out, err
}

// countsOn forgets its limit.
type countsOn struct{ store.Reader }

func (r countsOn) CountTickets(ctx context.Context, q ticket.Query, scope ticket.Scope, limit int) (ticket.Count, error) {
	return r.Reader.CountTickets(ctx, q, scope, limit*1000)
}

// discreet does not say that there is more.
type discreet struct{ store.Reader }

func (r discreet) Tallies(ctx context.Context, q store.TallyQuery, scope ticket.Scope) (store.Tallies, error) {
	out, err := r.Reader.Tallies(ctx, q, scope)
	out.More = false
	return out, err
}
