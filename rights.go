package helpdesk

import (
	"context"
	"fmt"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Action is something that an actor wants to do.
type Action string

// The actions of a desk.
const (
	ActSee       Action = "see"
	ActCreate    Action = "create"
	ActReply     Action = "reply"
	ActNote      Action = "note"
	ActUpdate    Action = "update" // any property but the status
	ActStatus    Action = "status"
	ActAssign    Action = "assign"
	ActEdit      Action = "edit"      // a message
	ActDelete    Action = "delete"    // and restore
	ActPurge     Action = "purge"     // for good
	ActHistory   Action = "history"   // read the journal
	ActConfigure Action = "configure" // catalogue, settings, deliveries
)

// Authorizer decides about rights. It is asked before an operation, and inside the transaction again on the locked row;
// it must be fast.
type Authorizer interface {
	// Authorize returns nil, or an error that wraps ticket.ErrForbidden. t is nil for ActCreate and ActConfigure, and
	// for ActHistory where the journal of the whole desk is meant.
	Authorize(ctx context.Context, a ticket.Actor, act Action, t *ticket.Ticket) error
	// Scope is what of the tickets a may see; it is applied inside the store's queries.
	Scope(ctx context.Context, a ticket.Actor) ticket.Scope
}

// DefaultAuthorizer lets staff and the host's own code do everything, and lets customers open tickets, see those that
// they requested or take part in, answer them, and close them.
type DefaultAuthorizer struct{}

// Authorize implements Authorizer.
func (DefaultAuthorizer) Authorize(_ context.Context, a ticket.Actor, act Action, t *ticket.Ticket) error {
	if !a.IsCustomer() {
		return nil
	}
	switch act {
	case ActCreate:
		return nil
	case ActSee, ActReply, ActStatus:
		if t != nil && t.DeletedAt == nil && t.Concerns(a.Person()) {
			return nil
		}
	}
	return fmt.Errorf("%w: a %s has no right to %q here", ticket.ErrForbidden, a.Kind, act)
}

// Scope implements Authorizer.
func (DefaultAuthorizer) Scope(_ context.Context, a ticket.Actor) ticket.Scope {
	if !a.IsCustomer() {
		return ticket.Scope{All: true, Internal: true}
	}
	return ticket.Scope{Requester: a.ID, Emails: []string{ticket.NormalizeEmail(a.Email)}}
}

type guardKey struct{}

// inGuard reports whether ctx is that of a running guard: its reads see everything, and its writes are refused.
func inGuard(ctx context.Context) bool { return ctx.Value(guardKey{}) != nil }

func (d *Desk) authorize(ctx context.Context, a ticket.Actor, act Action, t *ticket.Ticket) error {
	if inGuard(ctx) {
		return nil
	}
	if a.Ticket != 0 && (t == nil || t.ID != a.Ticket) {
		return fmt.Errorf("%w: a guest link opens its own ticket and nothing else", ticket.ErrForbidden)
	}
	return d.cfg.Authorizer.Authorize(ctx, a, act, t)
}

func (d *Desk) scope(ctx context.Context, a ticket.Actor) ticket.Scope {
	if inGuard(ctx) {
		return ticket.Scope{All: true, Internal: true}
	}
	s := d.cfg.Authorizer.Scope(ctx, a)
	s.Only = a.Ticket
	return s
}
