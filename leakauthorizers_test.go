package helpdesk_test

import (
	"context"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// wideScope shows agents everything in lists.
type wideScope struct{ helpdesk.DefaultAuthorizer }

func (w wideScope) Scope(c context.Context, r helpdesk.Request) (ticket.Scope, error) {
	if r.Actor.Kind == ticket.ActorStaff {
		return ticket.Scope{All: true, Internal: true}, nil
	}
	return w.DefaultAuthorizer.Scope(c, r)
}

// wideVerbs lets agents see every ticket by its id, and one department too many in lists.
type wideVerbs struct{ helpdesk.DefaultAuthorizer }

func (w wideVerbs) Authorize(c context.Context, r helpdesk.Request) (helpdesk.Decision, error) {
	if r.Action == helpdesk.ActSee && r.Ticket != nil && r.Actor.Kind == ticket.ActorStaff {
		return helpdesk.Allow("broken"), nil
	}
	return w.DefaultAuthorizer.Authorize(c, r)
}

func (w wideVerbs) Scope(c context.Context, r helpdesk.Request) (ticket.Scope, error) {
	s, err := w.DefaultAuthorizer.Scope(c, r)
	if r.Actor.Kind == ticket.ActorStaff {
		s.Places = append(s.Places, ticket.Place{Department: "sales"})
	}
	return s, err
}

// blindSight takes every grant for one that sees all.
type blindSight struct{ helpdesk.DefaultAuthorizer }

func (b blindSight) Scope(c context.Context, r helpdesk.Request) (ticket.Scope, error) {
	s, err := b.DefaultAuthorizer.Scope(c, r)
	s.Places = append(s.Places, s.AgentPlaces...)
	return s, err
}
