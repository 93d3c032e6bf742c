package helpdesk

import (
	"context"
	"errors"
	"slices"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Whether somebody else may see a ticket: what is given to an agent, or asked of one, who never hears of it is lost.

// agentSees reports whether an agent may see a ticket as it is or will be.
func (d *Desk) agentSees(ctx context.Context, conf *config, id string, t *ticket.Ticket) (bool, error) {
	agent, err := d.agent(ctx, conf, id)
	if err != nil && !errors.Is(err, ticket.ErrNotFound) {
		return false, err
	}
	sees, err := d.decide(ctx, conf, ticket.Staff(id, agent.Name, agent.Email), ActSee, t)
	return sees.Allowed, err
}

// checkSight refuses to give a ticket to an agent who would not see it even then. t is the ticket as it will be, so that a
// change which moves it to where they do is none, and one which takes it out of their own sight is.
func (d *Desk) checkSight(ctx context.Context, actor ticket.Actor, t *ticket.Ticket) error {
	if t.Assignee == "" {
		return nil
	}
	conf, err := d.confOf(ctx)
	if err != nil {
		return err
	}
	var sees bool
	if actor.Kind == ticket.ActorStaff && t.Assignee == actor.ID {
		var mine Decision
		mine, err = d.decide(ctx, conf, actor, ActSee, t)
		sees = mine.Allowed
	} else {
		sees, err = d.agentSees(ctx, conf, t.Assignee, t)
	}
	if err != nil || sees {
		return err
	}
	return ticket.Invalid("assignee", ticket.FaultNotAllowed,
		"agent %q would not see the ticket there: choose another one, or move it to where they do", t.Assignee)
}

// heard refuses to mention agents who may not see the ticket. Where nobody waits who could mend the note, as with a mail or
// a text of the host's own code, their names in it are no mentions. Chosen ones are meant.
func (d *Desk) heard(ctx context.Context, conf *config, a ticket.Actor, t *ticket.Ticket, chosen, named []ticket.Mention) ([]ticket.Mention, error) {
	var e ticket.ValidationError
	var out []ticket.Mention
	for _, m := range named {
		sees := m.Agent == ""
		if !sees {
			var err error
			if sees, err = d.agentSees(ctx, conf, m.Agent, t); err != nil {
				return nil, err
			}
		}
		switch {
		case sees:
			out = append(out, m)
		case slices.Contains(chosen, m) || (a.Kind == ticket.ActorStaff && !byMail(a)):
			e.Add("mentions", ticket.FaultNotAllowed, "agent %q may not see the ticket: leave them out, or have them see it first", m.Agent)
		}
	}
	return out, e.Err()
}
