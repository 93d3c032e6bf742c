package helpdesk_test

import (
	"errors"
	"slices"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// unseenBy reports whether a ticket was not given to somebody, or not watched by them, because they would not see it.
func unseenBy(err error) bool {
	var v *ticket.ValidationError
	return errors.As(err, &v) && (v.Fields[0].Field == "assignee" || v.Fields[0].Field == "watchers") && v.Fields[0].Fault == ticket.FaultNotAllowed
}

// sees says, from the documentation, whether an actor may see a ticket.
func (l *leaks) sees(a ticket.Actor, t *ticket.Ticket) bool {
	switch a.Kind {
	case ticket.ActorStaff:
		return l.granted(a, ticket.RightSee, t)
	case ticket.ActorClient:
		c := l.clients[a.ID]
		emails := append([]string{a.Email}, c.Emails...)
		mine := t.Requester.ID == a.ID || (t.Requester.ID == "" && slices.Contains(emails, t.Requester.Email)) || takesPart(t, emails...)
		return t.DeletedAt == nil && (mine || (c.SeesOrganisation && c.Organisation != "" && t.Organisation == c.Organisation))
	}
	if a.Ticket == 0 && must(l.Settings().Get(as(host), "", "", ""))(l.t).LoginRequired {
		return false
	}
	if a.Ticket == 0 && !a.Verified {
		return false
	}
	own := (t.Requester.ID == "" && t.Requester.Email == a.Email) || takesPart(t, a.Email)
	return t.DeletedAt == nil && own && (a.Ticket == 0 || a.Ticket == t.ID)
}

func takesPart(t *ticket.Ticket, emails ...string) bool {
	return slices.ContainsFunc(t.Participants, func(p ticket.Person) bool { return slices.Contains(emails, p.Email) })
}

func (l *leaks) granted(a ticket.Actor, right ticket.Right, t *ticket.Ticket) bool {
	agent := l.agents[a.ID]
	for _, g := range l.roles[agent.Roles[0]].Grants {
		in := (len(g.Departments) == 0 || slices.Contains(g.Departments, t.Department)) && (len(g.Brands) == 0 || slices.Contains(g.Brands, t.Brand))
		gives := len(g.Rights) == 0 || slices.Contains(g.Rights, right)
		near := t.Assignee == a.ID || slices.Contains(t.Watchers, a.ID)
		switch g.Sight {
		case "", ticket.SightAll:
			near = true
		case ticket.SightDepartment:
			near = near || slices.Contains(agent.Departments, t.Department)
		}
		if in && gives && near && !agent.Inactive {
			return true
		}
	}
	return false
}
