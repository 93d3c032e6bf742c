package setup

import (
	"maps"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// CheckField refuses a custom field that could not work.
func (s *Setup) CheckField(e *ticket.ValidationError, f ticket.Field) {
	if !f.Type.Valid() {
		e.Add("type", ticket.FaultUnknown, "%q is no type: use text, multiline, number, date, checkbox, select or multi", f.Type)
	}
	switch {
	case f.Type.HasOptions() && len(f.Options) == 0:
		e.Add("options", ticket.FaultRequired, "are missing: a field of type %s is a choice of some", f.Type)
	case !f.Type.HasOptions() && len(f.Options) > 0:
		e.Add("options", ticket.FaultConflicting, "are for fields of type select and multi: leave them out, or choose one of those")
	}
	seen := map[string]bool{}
	for _, o := range f.Options {
		if o.Value == "" || o.Value != strings.TrimSpace(o.Value) || strings.ContainsAny(o.Value, "\r\n|") {
			e.Add("options", ticket.FaultMalformed, "%q is no value: use a line without bars and without blanks around it", o.Value)
		}
		if seen[o.Value] {
			e.Add("options", ticket.FaultDuplicate, "%q is there twice", o.Value)
		}
		seen[o.Value] = true
		e.CheckLine("options", o.Value, ticket.MaxFieldKey)
	}
	if f.Editable && !f.Visible {
		e.Add("editable", ticket.FaultConflicting, "needs a field that is visible to customers")
	}
	if f.Required && !f.Editable {
		e.Add("required", ticket.FaultConflicting, "needs a field that customers can fill in: use staff for one that staff must")
	}
	s.CheckPlaces(e, f.Brands, f.Departments)
	s.checkCondition(e, f)
}

func (s *Setup) checkCondition(e *ticket.ValidationError, f ticket.Field) {
	if f.When == nil {
		return
	}
	on, ok := s.Field(f.When.Field)
	switch {
	case f.When.Field == f.Code:
		e.Add("when", ticket.FaultConflicting, "depends on the field itself")
	case !ok:
		e.Add("when", ticket.FaultUnknown, "%q is no field: put it first", f.When.Field)
	case on.When != nil:
		e.Add("when", ticket.FaultConflicting, "%q depends on another field itself: depend on that one", f.When.Field)
	}
	for _, v := range f.When.Values {
		if _, wrong := on.Normal(v); ok && wrong != nil {
			e.Add("when", wrong.Fault, "%s", wrong.Message)
		}
	}
	for _, other := range s.Fields {
		if other.When != nil && other.When.Field == f.Code {
			e.Add("when", ticket.FaultInUse, "field %q depends on this one", other.Code)
		}
	}
}

// CheckValues brings the values of custom fields into their normal form, in place, and adds to e what is wrong with
// them. old are those that the ticket has: what stays as it is needs no checking.
func (s *Setup) CheckValues(e *ticket.ValidationError, a ticket.Actor, values, old map[string]string) {
	if len(s.Fields) == 0 {
		return
	}
	for _, code := range slices.Sorted(maps.Keys(values)) {
		v := values[code]
		f, ok := s.Field(code)
		switch {
		case !ok && v == "", !s.Fillable(f, a) && v == "":
			delete(values, code)
			continue
		case !s.Fillable(f, a):
			RefuseFilled(e, code)
			continue
		case v == old[code] && v != "":
			continue
		case !ok:
			e.Add("fields."+code, ticket.FaultUnknown, "is no field: use one of %s", codes(s.Fields, func(f ticket.Field) string { return f.Code }))
			continue
		}
		normal, wrong := f.Normal(v)
		if wrong != nil {
			e.Fields = append(e.Fields, *wrong)
			continue
		}
		values[code] = normal
		if normal == "" {
			delete(values, code)
		}
	}
}

// CheckServed refuses values for fields that are not there at the ticket's place: nobody would be shown them. A value
// that the ticket has from where it was before stays, and so it is there again when the ticket comes back. What a mail
// or a customer brings is left out, for they could not mend it: a form that is drawn again for the department that they
// have chosen since has no such field, nor a place for what is wrong with it.
func (s *Setup) CheckServed(e *ticket.ValidationError, a ticket.Actor, brand, department string, values, old map[string]string) {
	for _, code := range slices.Sorted(maps.Keys(values)) {
		f, ok := s.Field(code)
		switch {
		case !ok || !s.Fillable(f, a) || values[code] == "" || values[code] == old[code] || f.Serves(brand, department):
		case a.Channel == ticket.ChannelEmail, a.IsCustomer():
			delete(values, code)
		case f.Inactive:
			e.Add("fields."+code, ticket.FaultInactive, "is no longer in use: leave it out")
		default:
			e.Add("fields."+code, ticket.FaultNotAllowed, "is not asked for here: leave it out, or choose another brand or department")
		}
	}
}

// Served are those of a ticket's values that go along to another place.
func (s *Setup) Served(values map[string]string, brand, department string) map[string]string {
	out := maps.Clone(values)
	maps.DeleteFunc(out, func(code, _ string) bool {
		f, ok := s.Field(code)
		return ok && !f.Serves(brand, department)
	})
	return out
}

// CheckRequired adds which fields the actor must still fill in. Mails are exempt: nobody can fill in a mail.
func (s *Setup) CheckRequired(e *ticket.ValidationError, a ticket.Actor, brand, department string, values map[string]string) {
	for _, f := range s.Fields {
		if Required(f, a) && s.ShowsField(a, f) && f.Wants(&ticket.Ticket{Brand: brand, Department: department, Fields: values}) {
			e.Add("fields."+f.Code, ticket.FaultRequired, "is empty: fill in %s", f.Name)
		}
	}
}

// Fillable reports whether somebody may give a field values. For customers a field that they may not fill in, one that
// is no longer in use and one that is none are the same: an answer would tell them what the desk keeps about them.
func (s *Setup) Fillable(f ticket.Field, a ticket.Actor) bool {
	return !a.IsCustomer() || (f.Editable && s.ShowsField(a, f))
}

// Asked reports whether a form asks somebody for a field, where it serves.
func (s *Setup) Asked(f ticket.Field, a ticket.Actor) bool {
	return s.Fillable(f, a) && !f.Inactive && (f.OnForm || !onForm(a))
}

// onForm reports whether somebody writes through a form that is for everybody.
func onForm(a ticket.Actor) bool {
	return a.IsCustomer() && (a.Channel == ticket.ChannelContactForm || a.Channel == ticket.ChannelFeedbackTab)
}

// RefuseFilled refuses a value for a field that is not Fillable.
func RefuseFilled(e *ticket.ValidationError, code string) {
	e.Add("fields."+code, ticket.FaultNotAllowed, "is none that customers fill in: leave it out")
}

// Required reports whether somebody must fill in a field where it is asked for.
func Required(f ticket.Field, a ticket.Actor) bool {
	switch {
	case a.Channel == ticket.ChannelEmail:
		return false
	case a.Kind == ticket.ActorStaff:
		return f.RequiredForStaff
	case !a.IsCustomer():
		return false
	case onForm(a):
		return f.Required && f.OnForm
	}
	return f.Required
}
