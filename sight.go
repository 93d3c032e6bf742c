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

// checkSight refuses to give a ticket to an agent who would not see it even then, and to have such a one watch it.
// before is the ticket as it is, nil for a new one, and t as it will be, so that a change which moves it to where they
// see it is none. Who had or watched it before is not asked about.
func (d *Desk) checkSight(ctx context.Context, actor ticket.Actor, before, t *ticket.Ticket) error {
	if before == nil {
		before = &ticket.Ticket{}
	}
	if t.Assignee != "" && t.Assignee != before.Assignee {
		if err := d.checkSees(ctx, actor, "assignee", t.Assignee, t); err != nil {
			return err
		}
	}
	for _, id := range t.Watchers {
		if slices.Contains(before.Watchers, id) {
			continue
		}
		if err := d.checkSees(ctx, actor, "watchers", id, t); err != nil {
			return err
		}
	}
	return nil
}

// loser is who has a ticket, and would not see it where a change moves it: nobody would look after it there.
func (d *Desk) loser(ctx context.Context, before, t *ticket.Ticket) (string, error) {
	if !movesWith(before, t, t.Assignee) {
		return "", nil
	}
	conf, err := d.confOf(ctx)
	if err != nil {
		return "", err
	}
	if sees, err := d.agentSees(ctx, conf, t.Assignee, t); err != nil || sees {
		return "", err
	}
	return t.Assignee, nil
}

// movesWith reports whether a change leaves a ticket with an agent, and moves it.
func movesWith(before, t *ticket.Ticket, agent string) bool {
	elsewhere := before.Department != t.Department || before.Brand != t.Brand
	return elsewhere && agent != "" && before.Assignee == agent && t.Assignee == agent
}

// unassign takes a ticket that moves from the agent who loses it.
func unassign(by ticket.Actor, before, t *ticket.Ticket, loser string) {
	if movesWith(before, t, loser) {
		t.Assignee, t.AssignedBy = "", by.ID
	}
}

// howToSee is what helps an agent who does not see a ticket.
const howToSee = "give them a role with a grant for its department, or make them a member of it where a grant goes by that"

// checkSees refuses an agent who would not see the ticket, and one who is nobody. Who acts is one of them: they may be taking
// it out of their own sight.
func (d *Desk) checkSees(ctx context.Context, actor ticket.Actor, field, id string, t *ticket.Ticket) error {
	conf, err := d.confOf(ctx)
	if err != nil {
		return err
	}
	var sees bool
	if actor.Kind == ticket.ActorStaff && id == actor.ID {
		var mine Decision
		mine, err = d.decide(ctx, conf, actor, ActSee, t)
		sees = mine.Allowed
	} else if err = d.checkAgent(ctx, conf, field, id); err == nil {
		sees, err = d.agentSees(ctx, conf, id, t)
	}
	if err != nil || sees {
		return err
	}
	return ticket.Invalid(field, ticket.FaultNotAllowed, "agent %q would not see the ticket there: choose another one, move it to where they do, or "+howToSee, id)
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
			e.Add("mentions", ticket.FaultNotAllowed, "agent %q may not see the ticket: leave them out, assign it to them or have them watch it where a grant goes by that, or "+howToSee, m.Agent)
		}
	}
	return out, e.Err()
}
