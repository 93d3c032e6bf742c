package helpdesk

import (
	"context"
	"errors"
	"fmt"

	"github.com/helpdeskgo/helpdesk/internal/rights"
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
	ActMerge     Action = "merge"     // and split, and undo either
	ActHistory   Action = "history"   // read the journal, raw mails and old versions
	ActPeople    Action = "people"    // keep customers and organisations
	ActConfigure Action = "configure" // catalogue, settings, agents, deliveries
)

// Actions lists every action.
func Actions() []Action {
	return []Action{ActSee, ActCreate, ActReply, ActNote, ActUpdate, ActStatus, ActAssign, ActEdit, ActDelete, ActPurge, ActMerge, ActHistory, ActPeople, ActConfigure}
}

// Request is a question about rights.
type Request struct {
	Actor  ticket.Actor
	Action Action
	// Ticket is the one that it is about; for ActCreate the one that is to be, without an ID. It is nil for ActConfigure
	// and ActPeople, for ActHistory where the journal of the whole desk is meant, and for ActSee where people are.
	Ticket *ticket.Ticket

	asker *asker
}

// Agent returns what the directory knows of the acting agent. Errors: ticket.ErrNotFound; the directory's own.
func (r Request) Agent(ctx context.Context) (ticket.Agent, error) { return r.asker.agent(ctx) }

// Customer returns what the directory knows of the acting customer; for guests, whoever has their address. Errors: as
// Agent.
func (r Request) Customer(ctx context.Context) (ticket.Customer, error) { return r.asker.customer(ctx) }

// Roles returns the roles of the acting agent: their own, or the settings' default role. An inactive agent has none.
// Errors: the directory's own.
func (r Request) Roles(ctx context.Context) ([]ticket.Role, error) { return r.asker.roles(ctx) }

// Decision is the answer to a request, and why.
type Decision struct {
	Allowed bool     `json:"allowed"`
	Reason  string   `json:"reason"`          // for people
	Role    string   `json:"role,omitempty"`  // the role whose grant allowed it
	Grant   int      `json:"grant,omitempty"` // its place in Role.Grants, counted from 1
	Tried   []string `json:"tried,omitempty"` // what was looked at in vain
}

// Allow is a decision for it.
func Allow(reason string) Decision { return Decision{Allowed: true, Reason: reason} }

// Deny is a decision against it.
func Deny(reason string) Decision { return Decision{Reason: reason} }

// err is nil for an allowed request.
func (d Decision) err() error {
	if d.Allowed {
		return nil
	}
	return fmt.Errorf("%w: %s", ticket.ErrForbidden, d.Reason)
}

// Authorizer decides about rights. It is asked before an operation, and inside the transaction again on the locked row;
// it must be fast. An error is no decision: the operation fails with it.
//
// The two answers must agree: what Authorize lets an actor see, Scope shows in lists, and nothing else.
type Authorizer interface {
	Authorize(ctx context.Context, r Request) (Decision, error)
	// Scope is what of the tickets the actor may see; it is applied inside the store's queries. Action and Ticket of the
	// request are empty.
	Scope(ctx context.Context, r Request) (ticket.Scope, error)
}

// DefaultAuthorizer gives staff what the grants of their roles say (M51), and the host's own code everything. Customers
// open tickets, see, answer, close and reopen those that they requested or take part in, and edit their own as far as
// the settings let them.
type DefaultAuthorizer struct{}

// Authorize implements Authorizer.
func (DefaultAuthorizer) Authorize(ctx context.Context, r Request) (Decision, error) {
	switch r.Actor.Kind {
	case ticket.ActorSystem:
		return Allow("the host's own code may do everything"), nil
	case ticket.ActorStaff:
		return staffDecision(ctx, r)
	}
	return customerDecision(ctx, r)
}

// Scope implements Authorizer.
func (DefaultAuthorizer) Scope(ctx context.Context, r Request) (ticket.Scope, error) {
	switch r.Actor.Kind {
	case ticket.ActorSystem:
		return ticket.Scope{All: true, Internal: true}, nil
	case ticket.ActorStaff:
		s, err := staffOf(ctx, r)
		if err != nil {
			return ticket.Scope{}, err
		}
		return s.Scope(), nil
	}
	c, err := customerOf(ctx, r)
	return c.Scope(), err
}

// rightFor maps what an agent does to the right that it needs.
var rightFor = map[Action]ticket.Right{
	ActSee: ticket.RightSee, ActCreate: ticket.RightCreate, ActReply: ticket.RightReply, ActNote: ticket.RightNote, ActUpdate: ticket.RightUpdate,
	ActStatus: ticket.RightUpdate, ActAssign: ticket.RightAssign, ActEdit: ticket.RightEdit, ActDelete: ticket.RightDelete, ActPurge: ticket.RightPurge, ActMerge: ticket.RightMerge,
	ActHistory: ticket.RightHistory, ActPeople: ticket.RightPeople, ActConfigure: ticket.RightConfigure,
}

// staffDecision looks for a grant that gives the right on the ticket.
func staffDecision(ctx context.Context, r Request) (Decision, error) {
	right, known := rightFor[r.Action]
	if !known {
		return Deny(fmt.Sprintf("%q is no action of the desk's", r.Action)), nil
	}
	s, err := staffOf(ctx, r)
	if err != nil {
		return Decision{}, err
	}
	found := s.May(right, r.Ticket)
	if found.Given {
		reason := "a grant of a role of theirs gives it"
		if found.Why != "" {
			reason += ", for " + found.Why
		}
		return Decision{Allowed: true, Reason: reason, Role: found.Role, Grant: found.Grant}, nil
	}
	d := Deny(fmt.Sprintf("agent %q has no grant for %q here", r.Actor.ID, r.Action))
	d.Tried = found.Tried
	return d, nil
}

// staffOf returns the acting agent and their roles. Somebody whom the directory does not know is an agent without
// memberships: the host has authenticated them.
func staffOf(ctx context.Context, r Request) (rights.Staff, error) {
	s := rights.Staff{ID: r.Actor.ID}
	var err error
	if s.Agent, err = r.Agent(ctx); err != nil && !errors.Is(err, ticket.ErrNotFound) {
		return s, err
	}
	s.Roles, err = r.Roles(ctx)
	return s, err
}

func customerDecision(ctx context.Context, r Request) (Decision, error) {
	switch r.Action {
	case ActCreate:
		return Allow("customers open tickets"), nil
	case ActSee, ActReply, ActStatus, ActEdit, ActUpdate:
	default:
		return Deny(fmt.Sprintf("a %s has no right to %q", r.Actor.Kind, r.Action)), nil
	}
	if r.Ticket == nil || r.Ticket.DeletedAt != nil {
		return Deny("there is no such ticket for customers"), nil
	}
	c, err := customerOf(ctx, r)
	switch {
	case err != nil:
		return Decision{}, err
	case !c.Concerns(r.Ticket):
		return Deny("the customer neither requested the ticket nor takes part in it"), nil
	case r.Action != ActEdit && r.Action != ActUpdate:
		return Allow("the customer requested the ticket or takes part in it"), nil
	case !c.Requested(r.Ticket):
		return Deny("only the requester of a ticket may edit it"), nil
	}
	return Allow("the customer requested the ticket"), nil
}

// customerOf returns the acting customer, with their account if they have one.
func customerOf(ctx context.Context, r Request) (rights.Customer, error) {
	c := rights.Customer{Actor: r.Actor}
	if !c.HasAccount() {
		return c, nil
	}
	var err error
	if c.Account, err = r.Customer(ctx); errors.Is(err, ticket.ErrNotFound) {
		return rights.Customer{Actor: r.Actor}, nil
	}
	return c, err
}

type guardKey struct{}

// inGuard reports whether ctx is that of a running guard: its reads see everything, and its writes are refused.
func inGuard(ctx context.Context) bool { return ctx.Value(guardKey{}) != nil }

// decide is where every question about rights is answered: what confines the actor, the desk's own policies, and then
// the Authorizer.
func (d *Desk) decide(ctx context.Context, conf *config, a ticket.Actor, act Action, t *ticket.Ticket) (Decision, error) {
	if inGuard(ctx) {
		return Allow("guards read everything"), nil
	}
	continues := act == ActCreate && ctx.Value(continuesKey{}) != nil // what they wrote to their ticket opens the next
	if a.Ticket != 0 && (t == nil || t.ID != a.Ticket) && !continues {
		return Deny("a guest link opens its own ticket and nothing else"), nil
	}
	if a.IsCustomer() {
		if why := conf.refuses(a, act, t); why != "" {
			return Deny(why), nil
		}
	}
	return d.cfg.Authorizer.Authorize(ctx, Request{Actor: a, Action: act, Ticket: t, asker: d.asker(ctx, a, conf)})
}

func (d *Desk) authorize(ctx context.Context, conf *config, a ticket.Actor, act Action, t *ticket.Ticket) error {
	decision, err := d.decide(ctx, conf, a, act, t)
	if err != nil {
		return err
	}
	return decision.err()
}

// allowed hides from an actor what they may not see, and then asks for the rights.
func (d *Desk) allowed(ctx context.Context, conf *config, a ticket.Actor, t *ticket.Ticket, acts ...Action) error {
	seen, err := d.decide(ctx, conf, a, ActSee, t)
	switch {
	case err != nil:
		return err
	case !seen.Allowed:
		return ticket.ErrNotFound
	}
	for _, act := range acts {
		if err := d.authorize(ctx, conf, a, act, t); err != nil {
			return err
		}
	}
	return nil
}

// may is allowed outside a transaction, with the configuration of now.
func (d *Desk) may(ctx context.Context, a ticket.Actor, t *ticket.Ticket, acts ...Action) error {
	conf, err := d.confOf(ctx)
	if err != nil {
		return err
	}
	return d.allowed(ctx, conf, a, t, acts...)
}

// mayAtAll asks for a right that is about no ticket.
func (d *Desk) mayAtAll(ctx context.Context, a ticket.Actor, act Action) error {
	conf, err := d.confOf(ctx)
	if err != nil {
		return err
	}
	return d.authorize(ctx, conf, a, act, nil)
}

// scope is what the actor may see.
func (d *Desk) scope(ctx context.Context, a ticket.Actor) (ticket.Scope, error) {
	if inGuard(ctx) {
		return ticket.Scope{All: true, Internal: true}, nil
	}
	conf, err := d.confOf(ctx)
	if err != nil {
		return ticket.Scope{}, err
	}
	if a.IsCustomer() && conf.shuts(a) != "" {
		return ticket.Scope{}, nil
	}
	s, err := d.cfg.Authorizer.Scope(ctx, Request{Actor: a, asker: d.asker(ctx, a, conf)})
	s.Only = a.Ticket
	return s, err
}

// seesNotes reports whether the actor may read what customers may not: notes, blind copies, drafts of others.
func (d *Desk) seesNotes(ctx context.Context, a ticket.Actor) (bool, error) {
	s, err := d.scope(ctx, a)
	return s.Internal, err
}
