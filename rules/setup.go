package rules

import (
	"context"
	"errors"
	"reflect"
	"time"

	"github.com/helpdeskgo/helpdesk/rules/condition"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Setup is what the desk's catalogue has, for checking rules against.
type Setup struct {
	Statuses    []ticket.Status
	Priorities  []ticket.Priority
	Departments []ticket.Department
	Brands      []ticket.Brand
	Fields      []ticket.Field
	Zone        string // of the default brand, and of hours and days in conditions: of IANA's; empty means UTC

	plain, clocked *condition.Schema // made once: what runs conditions is kept with them, and used again
}

// setup reads it.
func (r *Rules) setup(ctx context.Context) (*Setup, error) {
	ctx = system(ctx)
	var s Setup
	var errs [6]error
	s.Statuses, errs[0] = r.desk.Statuses(ctx)
	s.Priorities, errs[1] = r.desk.Priorities(ctx)
	s.Departments, errs[2] = r.desk.Departments(ctx)
	s.Brands, errs[3] = r.desk.Brands(ctx)
	s.Fields, errs[4] = r.desk.Fields(ctx)
	settings, err := r.desk.SettingsOf(ctx, "")
	errs[5] = err
	for _, b := range s.Brands {
		if b.Code == settings.DefaultBrand {
			s.Zone = b.Zone
		}
	}
	s.plain, s.clocked = s.newSchema(false), s.newSchema(true)
	return &s, errors.Join(errs[:]...)
}

// same reports whether the catalogue is the same.
func (s *Setup) same(t *Setup) bool {
	return reflect.DeepEqual(s.Statuses, t.Statuses) && reflect.DeepEqual(s.Priorities, t.Priorities) && reflect.DeepEqual(s.Departments, t.Departments) &&
		reflect.DeepEqual(s.Brands, t.Brands) && reflect.DeepEqual(s.Fields, t.Fields) && s.Zone == t.Zone
}

// StatusCodes lists the codes of the statuses; so the others do.
func (s *Setup) StatusCodes() []string {
	return codes(s.Statuses, func(v ticket.Status) string { return v.Code })
}

// PriorityCodes lists codes.
func (s *Setup) PriorityCodes() []string {
	return codes(s.Priorities, func(v ticket.Priority) string { return v.Code })
}

// DepartmentCodes lists codes.
func (s *Setup) DepartmentCodes() []string {
	return codes(s.Departments, func(v ticket.Department) string { return v.Code })
}

// BrandCodes lists codes.
func (s *Setup) BrandCodes() []string {
	return codes(s.Brands, func(v ticket.Brand) string { return v.Code })
}

// Field returns the custom field of the code.
func (s *Setup) Field(code string) (ticket.Field, bool) {
	for _, f := range s.Fields {
		if f.Code == code {
			return f, true
		}
	}
	return ticket.Field{}, false
}

// class returns the class of a status.
func (s *Setup) class(status string) ticket.Class {
	for _, v := range s.Statuses {
		if v.Code == status {
			return v.Class
		}
	}
	return ""
}

// schema is what conditions may name.
func (s *Setup) schema(byClock bool) *condition.Schema {
	if byClock {
		return s.clocked
	}
	return s.plain
}

func (s *Setup) newSchema(byClock bool) *condition.Schema {
	zone, err := time.LoadLocation(s.Zone)
	if err != nil { // another machine knows it: as the desk itself does
		zone = time.UTC
	}
	return &condition.Schema{
		Statuses: s.StatusCodes(), Priorities: s.PriorityCodes(), Departments: s.DepartmentCodes(), Brands: s.BrandCodes(), Fields: s.Fields, Clock: byClock,
		Events: eventNames(),
		Zone:   zone,
	}
}

// apply does to a copy of a ticket what the desk would, as far as conditions see it.
func (s *Setup) apply(t *ticket.Ticket, p ticket.Patch) {
	set := func(to *string, v *string) {
		if v != nil {
			*to = *v
		}
	}
	if p.Status != nil {
		t.Class = s.class(*p.Status)
	}
	set(&t.Status, p.Status)
	set(&t.Priority, p.Priority)
	set(&t.Department, p.Department)
	set(&t.Brand, p.Brand)
	set(&t.Assignee, p.Assignee)
	if p.Folder != nil {
		t.Folder = *p.Folder
	}
	if p.Tags != nil {
		t.Tags = *p.Tags
	}
	for code, v := range p.Fields {
		if t.Fields == nil {
			t.Fields = map[string]string{}
		}
		if delete(t.Fields, code); v != nil && *v != "" {
			t.Fields[code] = *v
		}
	}
}
