// Package setup is what a desk is set up with, its catalogue, its settings and its agents, and what that says about a draft,
// a change or a person. It is pure: whoever reads it from a store makes one value of it, and nobody changes that.
package setup

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Setup is all of it, each list in the order in which people see it.
type Setup struct {
	Statuses    []ticket.Status
	Priorities  []ticket.Priority
	Departments []ticket.Department
	Brands      []ticket.Brand
	Fields      []ticket.Field
	Quick       []ticket.QuickResponse
	Roles       []ticket.Role
	Agents      []ticket.Agent // of the desk's own directory
	Gateways    []ticket.Gateway
	Layers      map[ticket.Layer]ticket.SettingsPatch

	resolved resolved
}

// Sort brings the lists into the order in which people see them.
func (s *Setup) Sort() {
	slices.SortStableFunc(s.Statuses, func(a, b ticket.Status) int { return cmp.Compare(a.Sort, b.Sort) })
	slices.SortStableFunc(s.Priorities, func(a, b ticket.Priority) int { return cmp.Compare(a.Sort, b.Sort) })
	slices.SortStableFunc(s.Departments, func(a, b ticket.Department) int { return cmp.Compare(a.Sort, b.Sort) })
	slices.SortStableFunc(s.Brands, func(a, b ticket.Brand) int { return cmp.Compare(a.Sort, b.Sort) })
	slices.SortStableFunc(s.Fields, func(a, b ticket.Field) int { return cmp.Compare(a.Sort, b.Sort) })
	slices.SortStableFunc(s.Quick, func(a, b ticket.QuickResponse) int { return cmp.Compare(a.Sort, b.Sort) })
	slices.SortStableFunc(s.Roles, func(a, b ticket.Role) int { return cmp.Compare(a.Sort, b.Sort) })
}

// Catalogued reports whether there is a catalogue.
func (s *Setup) Catalogued() bool { return len(s.Statuses) > 0 || len(s.Departments) > 0 }

// SettingsOf are those of a ticket.
func (s *Setup) SettingsOf(t *ticket.Ticket) ticket.Settings {
	return s.Settings(t.Brand, t.Department, t.Gateway)
}

// SettingsFor are those of a draft whose place is filled in.
func (s *Setup) SettingsFor(d *ticket.Draft) ticket.Settings {
	return s.Settings(d.Brand, d.Department, FormOf(d))
}

// FormOf is the gateway or form whose settings hold for a draft.
func FormOf(d *ticket.Draft) string {
	if d.Mail != nil && d.Mail.Gateway != "" {
		return d.Mail.Gateway
	}
	return d.Form
}

// FillPlace fills in brand and department, and returns the settings that hold there.
func (s *Setup) FillPlace(d *ticket.Draft) ticket.Settings {
	form := FormOf(d)
	d.Brand = cmp.Or(d.Brand, s.Settings(d.Brand, d.Department, form).DefaultBrand)
	d.Department = cmp.Or(d.Department, s.Settings(d.Brand, d.Department, form).DefaultDepartment)
	return s.Settings(d.Brand, d.Department, form)
}

// PlaceFor is the brand and the department that a draft would get.
func (s *Setup) PlaceFor(brand, department, gateway string) (string, string) {
	d := ticket.Draft{Brand: brand, Department: department, Form: gateway}
	s.FillPlace(&d)
	return d.Brand, d.Department
}

// ShortestRetention is the shortest time for which any layer keeps files, 0 if all keep them for ever.
func (s *Setup) ShortestRetention() time.Duration {
	var shortest time.Duration
	for _, p := range s.Layers {
		if p.FileRetention == nil {
			continue
		}
		if d := time.Duration(*p.FileRetention); d > 0 && (shortest == 0 || d < shortest) {
			shortest = d
		}
	}
	return shortest
}

func find[T any](list []T, code func(T) string, want string) (T, bool) {
	for _, v := range list {
		if code(v) == want {
			return v, true
		}
	}
	var zero T
	return zero, false
}

// Status is the one with a code.
func (s *Setup) Status(code string) (ticket.Status, bool) {
	return find(s.Statuses, func(v ticket.Status) string { return v.Code }, code)
}

// Priority is the one with a code.
func (s *Setup) Priority(code string) (ticket.Priority, bool) {
	return find(s.Priorities, func(v ticket.Priority) string { return v.Code }, code)
}

// Department is the one with a code.
func (s *Setup) Department(code string) (ticket.Department, bool) {
	return find(s.Departments, func(v ticket.Department) string { return v.Code }, code)
}

// Brand is the one with a code.
func (s *Setup) Brand(code string) (ticket.Brand, bool) {
	return find(s.Brands, func(v ticket.Brand) string { return v.Code }, code)
}

// Field is the one with a code.
func (s *Setup) Field(code string) (ticket.Field, bool) {
	return find(s.Fields, func(v ticket.Field) string { return v.Code }, code)
}

// Role is the one with a code.
func (s *Setup) Role(code string) (ticket.Role, bool) {
	return find(s.Roles, func(v ticket.Role) string { return v.Code }, code)
}

// Agent is the one with an id.
func (s *Setup) Agent(id string) (ticket.Agent, bool) {
	return find(s.Agents, func(v ticket.Agent) string { return v.ID }, id)
}

// RolesOf are the roles that an agent has, or the default one.
func (s *Setup) RolesOf(a ticket.Agent) (out []ticket.Role) {
	codes := a.Roles
	if len(codes) == 0 {
		codes = []string{s.Settings("", "", "").DefaultRole}
	}
	for _, code := range codes {
		if role, ok := s.Role(code); ok {
			out = append(out, role)
		}
	}
	return out
}

// Concerns reports whether an agent hears of what happens to a ticket: who has it, or, while nobody has, the members of its
// department.
func (s *Setup) Concerns(a ticket.Agent, t *ticket.Ticket) bool {
	if t.Assignee != "" {
		return a.ID == t.Assignee
	}
	if dep, _ := s.Department(t.Department); dep.Silent {
		return false
	}
	return s.SettingsOf(t).UnassignedToAll || slices.Contains(a.Departments, t.Department)
}

// StatusOfClass returns the first status of the first class that has one.
func (s *Setup) StatusOfClass(classes ...ticket.Class) (string, bool) {
	for _, class := range classes {
		for _, v := range s.Statuses {
			if v.Class == class {
				return v.Code, true
			}
		}
	}
	return "", false
}

// Closing is the status that something takes which is done: ticket.ErrInvalid where no class has one.
func (s *Setup) Closing(classes ...ticket.Class) (string, error) {
	code, ok := s.StatusOfClass(classes...)
	if !ok {
		return "", ticket.Invalid("status", ticket.FaultUnavailable, "the catalogue has no status of class %s: add one", classes[0])
	}
	return code, nil
}

// Solved reports whether the settings count a status as solved (M27).
func (s *Setup) Solved(settings ticket.Settings, code string) bool {
	if len(settings.SolvedStatuses) > 0 {
		return slices.Contains(settings.SolvedStatuses, code)
	}
	v, _ := s.Status(code)
	return v.Class.Done()
}

// codes lists the codes of a list, for messages that say what would be right.
func codes[T any](list []T, code func(T) string) string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = code(v)
	}
	return strings.Join(out, ", ")
}

// only returns those of a list for which keep holds, in a list of its own.
func only[T any](list []T, keep func(T) bool) []T {
	return slices.DeleteFunc(slices.Clone(list), func(v T) bool { return !keep(v) })
}
