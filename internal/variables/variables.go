// Package variables knows the names that stand for something of a ticket in the texts of quick responses and signatures
// (M47). Package placeholder reads and fills such texts; here is what their names mean. It is pure: the values come in.
package variables

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/placeholder"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Variable is a name and its meaning.
type Variable struct {
	Name    string
	Meaning string
}

// Values are what the values of one text are taken from.
type Values struct {
	Ticket     *ticket.Ticket
	Brand      ticket.Brand
	Department ticket.Department // the zero value where the catalogue does not have the ticket's; likewise the next two
	Status     ticket.Status
	Priority   ticket.Priority
	Fields     []ticket.Field      // of the catalogue
	Owner      func() ticket.Agent // to whom the ticket is assigned: asked at need, perhaps more than once
	User       func() ticket.Agent // who writes
	ForStaff   bool                // who reads it are agents
}

// entry is a variable with the way to its value.
type entry struct {
	Variable
	value func(Values) string
}

var table = []entry{
	{Variable{"ticket_customer_name", "name of the requester; without one, their address; in what rules tell staff both of a guest"}, Values.customer},
	{Variable{"ticket_customer_email", "address of the requester"}, func(v Values) string { return v.Ticket.Requester.Email }},
	{Variable{"ticket_code", "code of the ticket"}, func(v Values) string { return v.Ticket.Code }},
	{Variable{"ticket_subject", "subject of the ticket"}, func(v Values) string { return v.Ticket.Subject }},
	{Variable{"ticket_department", "name of its department, in the brand's first language"}, func(v Values) string {
		return v.named(v.Department.Labels, v.Department.Name, v.Ticket.Department)
	}},
	{Variable{"ticket_status", "name of its status, in the brand's first language"}, func(v Values) string {
		return v.named(v.Status.Labels, v.Status.Name, v.Ticket.Status)
	}},
	{Variable{"ticket_priority", "name of its priority, in the brand's first language"}, func(v Values) string {
		return v.named(v.Priority.Labels, v.Priority.Name, v.Ticket.Priority)
	}},
	{Variable{"ticket_service", "order or service that it is about"}, func(v Values) string { return v.Ticket.Service }},
	{Variable{"ticket_phone", "phone number of the requester"}, func(v Values) string { return v.Ticket.Phone }},
	{Variable{"ticket_created", "day on which it was opened, in the brand's time zone, as in 2026-11-21"}, func(v Values) string {
		return v.Ticket.CreatedAt.In(v.zone()).Format(time.DateOnly)
	}},
	{Variable{"ticket_assignee", "name of the agent to whom it is assigned"}, func(v Values) string { return v.Owner().Name }},
	{Variable{"store_name", "name of the brand"}, func(v Values) string { return v.Brand.Name }},
	{Variable{"store_email", "address from which the department writes, else the brand"}, func(v Values) string {
		return cmp.Or(v.Department.Sender, v.Brand.Sender)
	}},
	{Variable{"user_name", "name of the agent who writes"}, func(v Values) string { return v.User().Name }},
	{Variable{"user_firstname", "first name of the agent who writes"}, func(v Values) string { return v.User().FirstName }},
	{Variable{"user_lastname", "last name of the agent who writes"}, func(v Values) string { return v.User().LastName }},
	{Variable{"user_email", "address of the agent who writes"}, func(v Values) string { return v.User().Email }},
}

// mostName is how much of a name stands before an address, in runes: so that it hides none.
const mostName = 100

// customer names the requester. A guest's name is what they call themselves, which may be that of a colleague: staff see
// the address beside it.
func (v Values) customer() string {
	p := v.Ticket.Requester
	if !v.ForStaff || p.ID != "" {
		return cmp.Or(p.Name, p.Email)
	}
	if name := []rune(p.Name); len(name) > mostName {
		p.Name = string(name[:mostName-1]) + "…"
	}
	return p.String()
}

// All lists the variables. Two of them stand for many: "f_<code>" and "f_<code>_label" are made of the codes of custom
// fields.
func All() []Variable {
	out := make([]Variable, len(table), len(table)+2)
	for i, e := range table {
		out[i] = e.Variable
	}
	return append(out,
		Variable{"f_<code>", "value of the custom field; several, with a comma between"},
		Variable{"f_<code>_label", "as f_<code>, with the names of options in the brand's first language"})
}

// Known reports whether a name, in lower case, is that of a variable.
func Known(name string, fields []ticket.Field) bool {
	_, ok := find(name, fields)
	return ok
}

// find returns the way to the value of a name. A field's code goes before the label of a shorter one.
func find(name string, fields []ticket.Field) (func(Values) string, bool) {
	if i := slices.IndexFunc(table, func(e entry) bool { return e.Name == name }); i >= 0 {
		return table[i].value, true
	}
	code, isField := strings.CutPrefix(name, "f_")
	if !isField {
		return nil, false
	}
	at := func(code string) int {
		return slices.IndexFunc(fields, func(f ticket.Field) bool { return f.Code == code })
	}
	if i := at(code); i >= 0 {
		return func(v Values) string { return strings.Join(lines(v.Ticket.Fields[code]), ", ") }, true
	}
	code, isLabel := strings.CutSuffix(code, "_label")
	if i := at(code); i >= 0 && isLabel {
		return func(v Values) string { return v.label(fields[i]) }, true
	}
	return nil, false
}

// Of returns the value of a name; one that nobody knows any more has none.
func (v Values) Of(name string) string {
	value, ok := find(name, v.Fields)
	if !ok {
		return ""
	}
	return value(v)
}

// Fill returns a text with values in the place of its variables, each made safe for the format. Errors: those of package
// placeholder, for a value that HTML cannot hold safely, and for more than limit bytes.
func Fill(text string, f ticket.Format, limit int, value func(name string) string) (string, error) {
	switch f {
	case ticket.HTML:
		return placeholder.HTML(text, limit, value)
	case ticket.Markdown:
		return placeholder.Markdown(text, limit, value)
	}
	return placeholder.Plain(text, limit, value)
}

// named is what people of the brand's first language call an entry of the catalogue, else its name, else its code.
func (v Values) named(labels ticket.Label, name, code string) string {
	locale := ""
	if len(v.Brand.Locales) > 0 {
		locale = v.Brand.Locales[0]
	}
	return cmp.Or(labels.In(v.Brand.Code, locale, name), code)
}

// label is what people read of a field's value.
func (v Values) label(field ticket.Field) string {
	out := lines(v.Ticket.Fields[field.Code])
	for i, value := range out {
		if at := slices.IndexFunc(field.Options, func(o ticket.Option) bool { return o.Value == value }); at >= 0 {
			out[i] = v.named(field.Options[at].Labels, field.Options[at].Name, value)
		}
	}
	return strings.Join(out, ", ")
}

// lines are the values of a field, of which it has one a line.
func lines(value string) []string {
	return slices.DeleteFunc(strings.Split(value, "\n"), func(s string) bool { return strings.TrimSpace(s) == "" })
}

func (v Values) zone() *time.Location {
	if loc, err := time.LoadLocation(v.Brand.Zone); err == nil {
		return loc
	}
	return time.UTC
}
