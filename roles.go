package helpdesk

import (
	"context"
	"slices"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Roles lists the roles by Sort. Errors: ticket.ErrNoActor; ticket.ErrForbidden for customers.
func (c Catalog) Roles(ctx context.Context) ([]ticket.Role, error) {
	return lookUp(ctx, c.d, "read catalogue", func(_ context.Context, conf *config) ([]ticket.Role, error) {
		out := slices.Clone(conf.Roles)
		for i, r := range out {
			out[i] = r.Clone()
		}
		return out, nil
	})
}

// PutRole adds a role, or changes the one with its Code (M51). A desk starts with the role "agent", whose one grant
// gives everything, and which the settings name as the default role. Errors: as PutStatus.
func (c Catalog) PutRole(ctx context.Context, r ticket.Role) error {
	var e ticket.ValidationError
	checkRole(&e, r)
	return c.put(ctx, kindRole, r.Code, r.Clone(), &e, func(_ context.Context, w *write) error {
		var e ticket.ValidationError
		for _, g := range r.Grants {
			w.conf.CheckPlaces(&e, g.Brands, g.Departments)
		}
		return e.Err()
	})
}

func checkRole(e *ticket.ValidationError, r ticket.Role) {
	checkEntry(e, r.Code, r.Name)
	for i, g := range r.Grants {
		for _, right := range g.Rights {
			if !slices.Contains(ticket.Rights(), right) {
				e.Add("grants", ticket.FaultUnknown, "grant %d: %q is no right: use one of %v", i+1, right, ticket.Rights())
			}
		}
		switch g.Sight {
		case "", ticket.SightMine, ticket.SightDepartment, ticket.SightAll:
		default:
			e.Add("grants", ticket.FaultUnknown, "grant %d: %q is no sight: use mine, department or all", i+1, g.Sight)
		}
	}
}

// DeleteRole removes a role that no agent of the desk's own directory has and that the settings do not name. Errors: as
// DeleteStatus.
func (c Catalog) DeleteRole(ctx context.Context, code string) error {
	what := "role/" + code
	return failed("delete "+what, c.d.configure(ctx, func(ctx context.Context, w *write) error {
		for _, a := range w.conf.Agents {
			if slices.Contains(a.Roles, code) {
				return ticket.Invalid("code", ticket.FaultInUse, "agent %q has the role: change that first", a.ID)
			}
		}
		if w.conf.Settings("", "", "").DefaultRole == code {
			return ticket.Invalid("code", ticket.FaultInUse, "role %q is the default: change the settings first", code)
		}
		return w.putConfig(ctx, kindRole, code, nil, ticket.EventCatalog, what)
	}))
}

// defaultRoles is what a desk starts with: all roles, all departments, every right.
func defaultRoles() []ticket.Role {
	return []ticket.Role{{Code: ticket.DefaultSettings().DefaultRole, Name: "Agent", Grants: []ticket.Grant{{}}}}
}
