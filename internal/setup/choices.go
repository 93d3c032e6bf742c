package setup

import "github.com/helpdeskgo/helpdesk/ticket"

// Offers reports whether customers may name a department on a form.
func (s *Setup) Offers(brand, form string, dep ticket.Department) bool {
	set := s.Settings(brand, "", form)
	return dep.Code == set.DefaultDepartment || (set.CustomerDepartment && !dep.Internal)
}

// CheckOffered is CheckPlace for those who are told only of what they can choose: a place that they cannot is the same
// to them as one that is none.
func (s *Setup) CheckOffered(e *ticket.ValidationError, brand, department, form string) {
	if b, ok := s.Brand(brand); !ok || b.Inactive {
		active := only(s.Brands, func(b ticket.Brand) bool { return !b.Inactive })
		e.Add("brand", ticket.FaultUnknown, "%q is no brand: use one of %s", brand, codes(active, func(b ticket.Brand) string { return b.Code }))
		return
	}
	there := func(d ticket.Department) bool { return !d.Inactive && d.Serves(brand) }
	if dep, ok := s.Department(department); ok && there(dep) && s.Offers(brand, form, dep) {
		return
	}
	if !s.Settings(brand, "", form).CustomerDepartment {
		e.Add("department", ticket.FaultNotAllowed, "is for staff to choose: leave it out")
		return
	}
	offered := only(s.Departments, func(d ticket.Department) bool { return there(d) && !d.Internal })
	e.Add("department", ticket.FaultUnknown, "%q is no department: use one of %s", department, codes(offered, func(d ticket.Department) string { return d.Code }))
}

// CheckNamed refuses a brand and a department that are none to somebody; empty names are none. To customers those that
// are not active, and departments that are Internal, are the same as what nobody has.
func (s *Setup) CheckNamed(e *ticket.ValidationError, a ticket.Actor, brand, department string) {
	brands := only(s.Brands, func(b ticket.Brand) bool { return !a.IsCustomer() || !b.Inactive })
	if _, ok := find(brands, func(b ticket.Brand) string { return b.Code }, brand); !ok && brand != "" {
		e.Add("brand", ticket.FaultUnknown, "%q is no brand: use one of %s", brand, codes(brands, func(b ticket.Brand) string { return b.Code }))
	}
	there := only(s.Departments, func(d ticket.Department) bool { return !a.IsCustomer() || (!d.Inactive && !d.Internal) })
	if _, ok := find(there, func(d ticket.Department) string { return d.Code }, department); !ok && department != "" {
		e.Add("department", ticket.FaultUnknown, "%q is no department: use one of %s", department, codes(there, func(d ticket.Department) string { return d.Code }))
	}
}

// KeepsFrom reports whether somebody hears nothing of a department.
func (s *Setup) KeepsFrom(a ticket.Actor, department string) bool {
	dep, ok := s.Department(department)
	return ok && dep.Internal && a.IsCustomer()
}

// ShownFields leaves of custom fields what somebody sees: of customers' fields not the departments that they hear nothing
// of, and not those that are for such departments alone.
func (s *Setup) ShownFields(a ticket.Actor, all []ticket.Field) []ticket.Field {
	if !a.IsCustomer() {
		return all
	}
	var out []ticket.Field
	for _, f := range all {
		places := only(f.Departments, func(code string) bool { return !s.KeepsFrom(a, code) })
		if f.Visible && !f.Inactive && (len(places) > 0 || len(f.Departments) == 0) {
			f.Departments = places
			out = append(out, f)
		}
	}
	return out
}

// ShowsField reports whether somebody hears of a custom field: see ShownFields.
func (s *Setup) ShowsField(a ticket.Actor, f ticket.Field) bool {
	return !a.IsCustomer() || len(s.ShownFields(a, []ticket.Field{f})) > 0
}

// CheckChoices refuses what the settings keep customers from choosing (M26). The draft is filled; a choice of the default
// is none. A ticket that continues another one takes its place over.
func (s *Setup) CheckChoices(e *ticket.ValidationError, d *ticket.Draft) {
	form := FormOf(d)
	s.CheckOffered(e, d.Brand, d.Department, form)
	set := s.Settings(d.Brand, d.Department, form)
	if !set.CustomerPriority && d.Priority != set.DefaultPriority {
		e.Add("priority", ticket.FaultNotAllowed, "is for staff to choose: leave it out")
	}
	if !set.CustomerService && d.Service != "" {
		e.Add("service", ticket.FaultNotAllowed, "is for staff to name: leave it out")
	}
}
