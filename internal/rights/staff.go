package rights

import (
	"fmt"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Staff is an agent who asks, with all that grants ask about.
type Staff struct {
	ID    string       // under which they act
	Agent ticket.Agent // as the directory knows them; the zero value for somebody whom it does not know: without memberships
	Roles []ticket.Role
}

// Finding is what the grants of an agent say of a right.
type Finding struct {
	Given bool
	Role  string   // whose grant gives it
	Grant int      // its place in Role.Grants, counted from 1
	Why   string   // what of the ticket a grant with a narrower sight goes by; empty where it gives the right on every one
	Tried []string // what each grant lacks, if none gives it
}

// May looks for a grant that gives the right on a ticket; nil stands for the whole desk.
func (s Staff) May(right ticket.Right, t *ticket.Ticket) Finding {
	for _, role := range s.Roles {
		for i, g := range role.Grants {
			if s.lacks(g, right, t) == nil {
				return Finding{Given: true, Role: role.Code, Grant: i + 1, Why: s.why(g, right, t)}
			}
		}
	}
	return Finding{Tried: s.tried(right, t)}
}

// tried says of each grant what it lacks.
func (s Staff) tried(right ticket.Right, t *ticket.Ticket) []string {
	if s.Agent.Inactive {
		return []string{fmt.Sprintf("agent %q is inactive", s.ID)}
	}
	if len(s.Roles) == 0 {
		return []string{"the agent has no role, and the settings name no default role"}
	}
	var out []string
	for _, role := range s.Roles {
		if len(role.Grants) == 0 {
			out = append(out, fmt.Sprintf("role %q has no grants", role.Code))
		}
		for i, g := range role.Grants {
			out = append(out, fmt.Sprintf("role %q, grant %d: %s", role.Code, i+1, s.lacks(g, right, t)()))
		}
	}
	return out
}

// lacks returns nil if the grant gives what is asked, else how to say what it lacks.
func (s Staff) lacks(g ticket.Grant, right ticket.Right, t *ticket.Ticket) func() string {
	switch {
	case !g.Gives(right):
		return func() string { return fmt.Sprintf("does not give the right %q", right) }
	case t == nil:
		return lacksEverywhere(g, right)
	case !g.Covers(t.Brand, t.Department):
		return func() string {
			return fmt.Sprintf("is for %s, and the ticket lies in brand %q, department %q", places(g), t.Brand, t.Department)
		}
	case right == ticket.RightCreate, s.reaches(g, t):
		return nil
	}
	return func() string {
		return fmt.Sprintf("reaches %q only: the ticket is neither assigned to the agent nor watched by them%s", g.Sight, notMember(g, t))
	}
}

// why says what a grant that gives a right on a ticket goes by.
func (s Staff) why(g ticket.Grant, right ticket.Right, t *ticket.Ticket) string {
	switch {
	case t == nil, right == ticket.RightCreate, sight(g) == ticket.SightAll:
		return ""
	case sight(g) == ticket.SightDepartment && slices.Contains(s.Agent.Departments, t.Department):
		return "they are a member of its department"
	case t.Assignee == s.ID:
		return "the ticket is assigned to them"
	}
	return "they watch the ticket"
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
func (s Staff) reaches(g ticket.Grant, t *ticket.Ticket) bool {
	switch sight(g) {
	case ticket.SightAll:
		return true
	case ticket.SightDepartment:
		if slices.Contains(s.Agent.Departments, t.Department) {
			return true
		}
	case ticket.SightMine:
	default:
		return false
	}
	return s.ID != "" && (t.Assignee == s.ID || slices.Contains(t.Watchers, s.ID))
}

// SeesDepartment reports whether some grant reaches every ticket of a department, at some brand.
func (s Staff) SeesDepartment(department string) bool {
	member := slices.Contains(s.Agent.Departments, department)
	return !s.Agent.Inactive && slices.ContainsFunc(s.Roles, func(r ticket.Role) bool {
		return slices.ContainsFunc(r.Grants, func(g ticket.Grant) bool {
			reach := sight(g) == ticket.SightAll || (g.Sight == ticket.SightDepartment && member)
			return reach && g.Gives(ticket.RightSee) && (len(g.Departments) == 0 || slices.Contains(g.Departments, department))
		})
	})
}

// Everything reports whether a grant gives every right on the whole desk.
func Everything(g ticket.Grant) bool {
	return len(g.Departments)+len(g.Brands)+len(g.Rights) == 0 && sight(g) == ticket.SightAll
}

// Scope is what all grants together let the agent see: just that of which May gives ticket.RightSee.
func (s Staff) Scope() ticket.Scope {
	scope := ticket.Scope{Internal: true}
	for _, role := range s.Roles {
		for _, g := range role.Grants {
			if g.Gives(ticket.RightSee) {
				s.widen(&scope, g)
			}
		}
	}
	if scope.All { // the rest adds nothing
		return ticket.Scope{All: true, Internal: true}
	}
	return scope
}

func (s Staff) widen(scope *ticket.Scope, g ticket.Grant) {
	everywhere := len(g.Departments) == 0 && len(g.Brands) == 0
	switch sight(g) {
	case ticket.SightAll:
		scope.All = scope.All || everywhere
		scope.Places = append(scope.Places, cross(g.Brands, g.Departments)...)
		return
	case ticket.SightDepartment:
		if mine := common(s.Agent.Departments, g.Departments); len(mine) > 0 {
			scope.Places = append(scope.Places, cross(g.Brands, mine)...)
		}
	case ticket.SightMine:
	default:
		return
	}
	if s.ID != "" {
		scope.Agent = s.ID
		scope.AgentPlaces = append(scope.AgentPlaces, cross(g.Brands, g.Departments)...)
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
