package helpdesk

import (
	"context"
	"errors"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// asker finds out about the actor of one verb, each thing once: a directory may be another system.
type asker struct {
	d     *Desk
	conf  *config
	found *found
}

// found is what was found out; the verb's context carries it.
type found struct {
	checking bool // a form only asks
	actor    ticket.Actor
	conf     *config // as the verb found it before its transaction
	trying   bool    // the verb only checks what another one would write
	agent    *answer[ticket.Agent]
	customer *answer[ticket.Customer]
	listed   *answer[bool] // whether the host's directory lists agents
}

type answer[T any] struct {
	value T
	err   error
}

type foundKey struct{ *Desk }

// asker returns the one of the verb, with the configuration that now counts.
func (d *Desk) asker(ctx context.Context, a ticket.Actor, conf *config) *asker {
	f, _ := ctx.Value(foundKey{d}).(*found)
	if f == nil || f.actor != a {
		f = &found{actor: a}
	}
	return &asker{d, conf, f}
}

// confOf returns the configuration for questions of the verb: the transaction's, or, before there is one, that of the
// verb's first question.
func (d *Desk) confOf(ctx context.Context) (*config, error) {
	f, _ := ctx.Value(foundKey{d}).(*found)
	if f == nil || d.inTx(ctx) {
		return d.config(ctx)
	}
	var err error
	if f.conf == nil {
		f.conf, err = d.config(ctx)
	}
	return f.conf, err
}

func (q *asker) agent(ctx context.Context) (ticket.Agent, error) {
	if q == nil || q.found.actor.Kind != ticket.ActorStaff || q.found.actor.ID == "" {
		return ticket.Agent{}, ticket.ErrNotFound
	}
	if q.found.agent == nil {
		a, err := q.d.agent(ctx, q.conf, q.found.actor.ID)
		q.found.agent = &answer[ticket.Agent]{a, err}
	}
	return q.found.agent.value, q.found.agent.err
}

// knowsAgents is Desk.knowsAgents. That the desk keeps agents itself is asked of the configuration that now counts.
func (q *asker) knowsAgents(ctx context.Context) (bool, error) {
	if q.conf.staffed {
		return true, nil
	}
	if q.found.listed == nil {
		known, err := q.d.knowsAgents(ctx, q.conf)
		q.found.listed = &answer[bool]{known, err}
	}
	return q.found.listed.value, q.found.listed.err
}

func (q *asker) customer(ctx context.Context) (ticket.Customer, error) {
	if q == nil || !q.found.actor.IsCustomer() {
		return ticket.Customer{}, ticket.ErrNotFound
	}
	if q.found.customer == nil {
		c, err := q.d.customerOf(ctx, q.conf, q.found.actor)
		q.found.customer = &answer[ticket.Customer]{c, err}
	}
	return q.found.customer.value, q.found.customer.err
}

func (q *asker) roles(ctx context.Context) ([]ticket.Role, error) {
	agent, err := q.agent(ctx)
	if err != nil && !errors.Is(err, ticket.ErrNotFound) {
		return nil, err
	}
	if q == nil || q.found.actor.Kind != ticket.ActorStaff || agent.Inactive {
		return nil, nil
	}
	unknown := err != nil
	if unknown {
		known, err := q.knowsAgents(ctx)
		if err != nil || known { // somebody who has left, or a mistyped id
			return nil, err
		}
	}
	return q.conf.RolesOf(agent), nil
}
