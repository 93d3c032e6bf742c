package helpdesk

import (
	"context"
	"slices"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// What customers hear of brands and departments. Those that are not active, and departments that are Internal, are none
// to them: no list, error, ticket or filter says that there are such.

// Departments lists the departments by Sort: to staff all of them; to customers those that are active and not Internal,
// without what is the staff's about them. What a form offers is DepartmentsFor. Errors: ticket.ErrNoActor.
func (c Catalog) Departments(ctx context.Context) ([]ticket.Department, error) {
	return listFor(ctx, c.d, func(conf *config, a ticket.Actor) []ticket.Department {
		return shownDepartments(a, only(conf.Departments, func(d ticket.Department) bool {
			return !a.IsCustomer() || (!d.Inactive && !d.Internal)
		}))
	})
}

// shownDepartments leaves out of departments what is the staff's about them, in place.
func shownDepartments(a ticket.Actor, list []ticket.Department) []ticket.Department {
	for i := range list {
		if a.IsCustomer() {
			list[i].Signatures, list[i].Silent = nil, false
		}
	}
	return list
}

// only returns those of a list for which keep holds, in a list of its own.
func only[T any](list []T, keep func(T) bool) []T {
	return slices.DeleteFunc(slices.Clone(list), func(v T) bool { return !keep(v) })
}

// Brands lists the brands by Sort: to customers those that are active. Errors: ticket.ErrNoActor.
func (c Catalog) Brands(ctx context.Context) ([]ticket.Brand, error) {
	return listFor(ctx, c.d, func(conf *config, a ticket.Actor) []ticket.Brand {
		return only(conf.Brands, func(b ticket.Brand) bool { return !a.IsCustomer() || !b.Inactive })
	})
}

// DepartmentsFor lists by Sort the departments that the actor may open a ticket in, as the choices of a form: active,
// for the brand (empty: the default), and with the right to create there. Customers have those that are not Internal
// where Settings.CustomerDepartment lets them choose, and the default one otherwise: with fewer than two entries a form
// need not ask. form is the gateway or form whose settings hold, as in ticket.Draft.Form; it may be empty. Errors:
// ticket.ErrNoActor; ticket.ErrInvalid for a brand that is none, or that customers hear nothing of; the directory's
// own.
func (c Catalog) DepartmentsFor(ctx context.Context, brand, form string) ([]ticket.Department, error) {
	out, err := c.departmentsFor(ctx, ticket.Draft{Brand: brand, Form: form})
	return out, failed("list departments", err)
}

func (c Catalog) departmentsFor(ctx context.Context, draft ticket.Draft) ([]ticket.Department, error) {
	ctx, actor, err := c.d.enter(ctx)
	if err != nil {
		return nil, err
	}
	conf, err := c.d.config(ctx)
	if err != nil {
		return nil, err
	}
	if err := conf.checkNamed(actor, draft.Brand, ""); err != nil {
		return nil, err
	}
	conf.FillPlace(&draft)
	var out []ticket.Department
	for _, dep := range conf.Departments {
		if dep.Inactive || !dep.Serves(draft.Brand) || (actor.IsCustomer() && !conf.Offers(draft.Brand, draft.Form, dep)) {
			continue
		}
		draft.Department = dep.Code
		may, err := c.d.decide(ctx, conf, actor, ActCreate, ticketToBe(actor, &draft))
		if err != nil {
			return nil, err
		}
		if may.Allowed {
			out = append(out, dep.Clone())
		}
	}
	return shownDepartments(actor, out), nil
}

// noDepartment is no code: those are of small letters and digits.
const noDepartment = "*"

// askable are the departments of a query as somebody may mean them: one that they hear nothing of is one that is none.
func (c *config) askable(ctx context.Context, a ticket.Actor, departments []string) []string {
	if inGuard(ctx) || !slices.ContainsFunc(departments, func(code string) bool { return c.KeepsFrom(a, code) }) {
		return departments
	}
	out := slices.Clone(departments)
	for i, code := range out {
		if c.KeepsFrom(a, code) {
			out[i] = noDepartment
		}
	}
	return out
}
