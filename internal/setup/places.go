package setup

import "github.com/helpdeskgo/helpdesk/ticket"

// CheckPlace refuses a brand or a department that takes no tickets, and a department that does not serve the brand.
func (s *Setup) CheckPlace(e *ticket.ValidationError, brand, department string) {
	s.CheckBrand(e, brand)
	if dep, ok := s.CheckDepartment(e, department); ok && !dep.Serves(brand) {
		e.Add("department", ticket.FaultConflicting, "%q does not serve the brand %q", department, brand)
	}
}

// CheckBrand refuses a brand that takes no tickets.
func (s *Setup) CheckBrand(e *ticket.ValidationError, code string) {
	if b, ok := s.Brand(code); !ok {
		e.Add("brand", ticket.FaultUnknown, "%q is no brand: use one of %s", code, codes(s.Brands, func(b ticket.Brand) string { return b.Code }))
	} else if b.Inactive {
		e.Add("brand", ticket.FaultInactive, "%q is not active", code)
	}
}

// CheckDepartment refuses a department that takes no tickets, and returns it; ok says that it does.
func (s *Setup) CheckDepartment(e *ticket.ValidationError, code string) (dep ticket.Department, ok bool) {
	dep, ok = s.Department(code)
	switch {
	case !ok:
		e.Add("department", ticket.FaultUnknown, "%q is no department: use one of %s", code, codes(s.Departments, func(d ticket.Department) string { return d.Code }))
	case dep.Inactive:
		e.Add("department", ticket.FaultInactive, "%q is not active", code)
	}
	return dep, ok && !dep.Inactive
}

// CheckStatus refuses what is no status.
func (s *Setup) CheckStatus(e *ticket.ValidationError, code string) {
	if _, ok := s.Status(code); !ok {
		e.Add("status", ticket.FaultUnknown, "%q is no status: use one of %s", code, codes(s.Statuses, func(v ticket.Status) string { return v.Code }))
	}
}

// CheckPriority refuses what is no priority.
func (s *Setup) CheckPriority(e *ticket.ValidationError, code string) {
	if _, ok := s.Priority(code); !ok {
		e.Add("priority", ticket.FaultUnknown, "%q is no priority: use one of %s", code, codes(s.Priorities, func(p ticket.Priority) string { return p.Code }))
	}
}

// CheckPlaces refuses brands and departments that are none; inactive ones may be named.
func (s *Setup) CheckPlaces(e *ticket.ValidationError, brands, departments []string) {
	for _, code := range brands {
		if _, ok := s.Brand(code); !ok {
			e.Add("brands", ticket.FaultUnknown, "%q is no brand: put the brand first", code)
		}
	}
	for _, code := range departments {
		if _, ok := s.Department(code); !ok {
			e.Add("departments", ticket.FaultUnknown, "%q is no department: put the department first", code)
		}
	}
}
