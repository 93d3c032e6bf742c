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
		return shownDepartments(a, only(conf.departments, func(d ticket.Department) bool {
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
		return only(conf.brands, func(b ticket.Brand) bool { return !a.IsCustomer() || !b.Inactive })
	})
}

// DepartmentsFor lists by Sort the departments that the actor may open a ticket in, as the choices of a form: active, for
// the brand (empty: the default), and with the right to create there. Customers have those that are not Internal where
// Settings.CustomerDepartment lets them choose, and the default one otherwise: with fewer than two entries a form need
// not ask. form is the gateway or form whose settings hold, as in ticket.Draft.Form; it may be empty. Errors:
// ticket.ErrNoActor; the directory's own.
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
	conf.fillPlace(&draft)
	var out []ticket.Department
	for _, dep := range conf.departments {
		if dep.Inactive || !dep.Serves(draft.Brand) || (actor.IsCustomer() && !conf.offers(draft.Brand, draft.Form, dep)) {
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

// offers reports whether customers may name a department on a form.
func (c *config) offers(brand, form string, dep ticket.Department) bool {
	s := c.settings(brand, "", form)
	return dep.Code == s.DefaultDepartment || (s.CustomerDepartment && !dep.Internal)
}

// checkOffered is checkPlace for those who are told only of what they can choose: a place that they cannot is the same
// to them as one that is none.
func (c *config) checkOffered(e *ticket.ValidationError, brand, department, form string) {
	if b, ok := c.brand(brand); !ok || b.Inactive {
		active := only(c.brands, func(b ticket.Brand) bool { return !b.Inactive })
		e.Add("brand", ticket.FaultUnknown, "%q is no brand: use one of %s", brand, codes(active, func(b ticket.Brand) string { return b.Code }))
		return
	}
	there := func(d ticket.Department) bool { return !d.Inactive && d.Serves(brand) }
	if dep, ok := c.department(department); ok && there(dep) && c.offers(brand, form, dep) {
		return
	}
	if !c.settings(brand, "", form).CustomerDepartment {
		e.Add("department", ticket.FaultNotAllowed, "is for staff to choose: leave it out")
		return
	}
	offered := only(c.departments, func(d ticket.Department) bool { return there(d) && !d.Internal })
	e.Add("department", ticket.FaultUnknown, "%q is no department: use one of %s", department, codes(offered, func(d ticket.Department) string { return d.Code }))
}

// keepsFrom reports whether somebody hears nothing of a department.
func (c *config) keepsFrom(a ticket.Actor, department string) bool {
	dep, ok := c.department(department)
	return ok && dep.Internal && a.IsCustomer()
}

// noDepartment is no code: those are of small letters and digits.
const noDepartment = "*"

// askable are the departments of a query as somebody may mean them: one that they hear nothing of is one that is none.
func (c *config) askable(ctx context.Context, a ticket.Actor, departments []string) []string {
	if inGuard(ctx) || !slices.ContainsFunc(departments, func(code string) bool { return c.keepsFrom(a, code) }) {
		return departments
	}
	out := slices.Clone(departments)
	for i, code := range out {
		if c.keepsFrom(a, code) {
			out[i] = noDepartment
		}
	}
	return out
}

// shownFields leaves of custom fields what somebody sees: of customers' fields not the departments that they hear nothing
// of, and not those that are for such departments alone.
func (c *config) shownFields(a ticket.Actor, all []ticket.Field) []ticket.Field {
	if !a.IsCustomer() {
		return all
	}
	var out []ticket.Field
	for _, f := range all {
		places := only(f.Departments, func(code string) bool { return !c.keepsFrom(a, code) })
		if f.Visible && !f.Inactive && (len(places) > 0 || len(f.Departments) == 0) {
			f.Departments = places
			out = append(out, f)
		}
	}
	return out
}
