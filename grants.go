package helpdesk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// rightFor maps what an agent does to the right that it needs.
var rightFor = map[Action]ticket.Right{
	ActSee: ticket.RightSee, ActCreate: ticket.RightCreate, ActReply: ticket.RightReply, ActNote: ticket.RightNote, ActUpdate: ticket.RightUpdate,
	ActStatus: ticket.RightUpdate, ActAssign: ticket.RightAssign, ActEdit: ticket.RightEdit, ActDelete: ticket.RightDelete, ActPurge: ticket.RightPurge, ActMerge: ticket.RightMerge,
	ActHistory: ticket.RightHistory, ActPeople: ticket.RightPeople, ActConfigure: ticket.RightConfigure,
}

// staffDecision looks for a grant that gives the right on the ticket.
func staffDecision(ctx context.Context, r Request) (Decision, error) {
	agent, roles, err := staffOf(ctx, r)
	if err != nil {
		return Decision{}, err
	}
	for _, role := range roles {
		for i, g := range role.Grants {
			if lacks(g, agent, r) == nil {
				return Decision{Allowed: true, Reason: "a grant of a role of theirs gives it", Role: role.Code, Grant: i + 1}, nil
			}
		}
	}
	d := Deny(fmt.Sprintf("agent %q has no grant for %q here", r.Actor.ID, r.Action))
	d.Tried = tried(agent, roles, r)
	return d, nil
}

// tried says of each grant what it lacks.
func tried(agent ticket.Agent, roles []ticket.Role, r Request) []string {
	if agent.Inactive {
		return []string{fmt.Sprintf("agent %q is inactive", r.Actor.ID)}
	}
	if len(roles) == 0 {
		return []string{"the agent has no role, and the settings name no default role"}
	}
	var out []string
	for _, role := range roles {
		if len(role.Grants) == 0 {
			out = append(out, fmt.Sprintf("role %q has no grants", role.Code))
		}
		for i, g := range role.Grants {
			out = append(out, fmt.Sprintf("role %q, grant %d: %s", role.Code, i+1, lacks(g, agent, r)()))
		}
	}
	return out
}

// staffOf returns the acting agent and their roles. Somebody whom the directory does not know is an agent without
// memberships: the host has authenticated them.
func staffOf(ctx context.Context, r Request) (ticket.Agent, []ticket.Role, error) {
	agent, err := r.Agent(ctx)
	if err != nil && !errors.Is(err, ticket.ErrNotFound) {
		return agent, nil, err
	}
	roles, err := r.Roles(ctx)
	return agent, roles, err
}

// lacks returns nil if the grant gives what is asked, else how to say what it lacks.
func lacks(g ticket.Grant, agent ticket.Agent, r Request) func() string {
	right, t := rightFor[r.Action], r.Ticket
	switch {
	case right == "":
		return func() string { return fmt.Sprintf("%q is no action of the desk's", r.Action) }
	case !g.Gives(right):
		return func() string { return fmt.Sprintf("does not give the right %q", right) }
	case t == nil:
		return lacksEverywhere(g, right)
	case !g.Covers(t.Brand, t.Department):
		return func() string {
			return fmt.Sprintf("is for %s, and the ticket lies in brand %q, department %q", places(g), t.Brand, t.Department)
		}
	case r.Action == ActCreate, reaches(g, agent, r.Actor.ID, t):
		return nil
	}
	return func() string {
		return fmt.Sprintf("reaches %q only: the ticket is neither assigned to the agent nor watched by them%s", g.Sight, notMember(g, t))
	}
}

func notMember(g ticket.Grant, t *ticket.Ticket) string {
	if g.Sight == ticket.SightDepartment {
		return fmt.Sprintf(", and they are no member of department %q", t.Department)
	}
	return ""
}

// lacksEverywhere is about rights that are not about one ticket: a grant for a part of the desk does not give them, for
// they reach all of it. Reading the directory is the exception.
func lacksEverywhere(g ticket.Grant, right ticket.Right) func() string {
	switch {
	case right == ticket.RightSee:
		return nil
	case len(g.Departments) > 0 || len(g.Brands) > 0:
		return func() string { return "is for a part of the desk, and this is about all of it" }
	case (right == ticket.RightHistory || right == ticket.RightPurge) && sight(g) != ticket.SightAll:
		return func() string { return "does not see every ticket, and this is about all of them" }
	case (right == ticket.RightPeople || right == ticket.RightConfigure) && len(g.Rights) == 0 && sight(g) != ticket.SightAll:
		return func() string {
			return fmt.Sprintf("does not see every ticket: then every right is not %q, which would let them see the rest; name it", right)
		}
	}
	return nil
}

func places(g ticket.Grant) string {
	var parts []string
	if len(g.Brands) > 0 {
		parts = append(parts, "brand "+strings.Join(g.Brands, ", "))
	}
	if len(g.Departments) > 0 {
		parts = append(parts, "department "+strings.Join(g.Departments, ", "))
	}
	return strings.Join(parts, "; ")
}

func sight(g ticket.Grant) ticket.Sight {
	if g.Sight == "" {
		return ticket.SightAll
	}
	return g.Sight
}

// reaches reports whether the ticket, which the grant covers, is within its sight.
func reaches(g ticket.Grant, agent ticket.Agent, id string, t *ticket.Ticket) bool {
	switch sight(g) {
	case ticket.SightAll:
		return true
	case ticket.SightDepartment:
		if slices.Contains(agent.Departments, t.Department) {
			return true
		}
	case ticket.SightMine:
	default:
		return false
	}
	return id != "" && (t.Assignee == id || slices.Contains(t.Watchers, id))
}

// staffScope is what all grants together let an agent see. It says the same as staffDecision does for ActSee.
func staffScope(ctx context.Context, r Request) (ticket.Scope, error) {
	agent, roles, err := staffOf(ctx, r)
	if err != nil {
		return ticket.Scope{}, err
	}
	s := ticket.Scope{Internal: true}
	for _, role := range roles {
		for _, g := range role.Grants {
			if g.Gives(ticket.RightSee) {
				widen(&s, g, agent, r.Actor.ID)
			}
		}
	}
	if s.All { // the rest adds nothing
		return ticket.Scope{All: true, Internal: true}, nil
	}
	return s, nil
}

func widen(s *ticket.Scope, g ticket.Grant, agent ticket.Agent, id string) {
	everywhere := len(g.Departments) == 0 && len(g.Brands) == 0
	switch sight(g) {
	case ticket.SightAll:
		s.All = s.All || everywhere
		s.Places = append(s.Places, cross(g.Brands, g.Departments)...)
		return
	case ticket.SightDepartment:
		if mine := common(agent.Departments, g.Departments); len(mine) > 0 {
			s.Places = append(s.Places, cross(g.Brands, mine)...)
		}
	case ticket.SightMine:
	default:
		return
	}
	if id != "" {
		s.Agent = id
		s.AgentPlaces = append(s.AgentPlaces, cross(g.Brands, g.Departments)...)
	}
}

// common are the departments that the agent is a member of, as far as the grant is for them.
func common(member, granted []string) []string {
	if len(granted) == 0 {
		return member
	}
	var out []string
	for _, d := range member {
		if slices.Contains(granted, d) {
			out = append(out, d)
		}
	}
	return out
}

// cross lists the places of some brands and departments; none means any.
func cross(brands, departments []string) []ticket.Place {
	if len(brands) == 0 {
		brands = []string{""}
	}
	if len(departments) == 0 {
		departments = []string{""}
	}
	var out []ticket.Place
	for _, b := range brands {
		for _, d := range departments {
			out = append(out, ticket.Place{Brand: b, Department: d})
		}
	}
	return out
}
