package condition

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Kind is the type of a field, and of what is compared with it.
type Kind string

// The kinds of values.
const (
	Text   Kind = "text"
	Number Kind = "number"
	Bool   Kind = "bool"
	Time   Kind = "time"
	List   Kind = "list" // of texts
)

// Field is something that a condition may ask for.
type Field struct {
	Name    string   `json:"name"` // as a condition writes it: ticket.status, field.telephone
	Kind    Kind     `json:"kind"`
	Doc     string   `json:"doc"`
	Options []string `json:"options,omitempty"` // the values that it has; with Open, some of them
	Open    bool     `json:"open,omitempty"`    // has other values too
	Before  bool     `json:"before,omitempty"`  // can be asked for as it was before the change, as before.status
	// Fold says that people wrote it: a Group compares it without case, unless it says otherwise.
	Fold  bool `json:"fold,omitempty"`
	Lower bool `json:"lower,omitempty"` // its values are in lower case, always

	code string // of a custom field
	sure bool   // no ticket has another value than Options, or none
	lazy bool   // is read when it is asked for
	long int    // bytes that it has at most, all entries of a list together
	path []int  // in Vars; of none that is custom
}

const (
	customPrefix = "field."
	ticketPrefix = "ticket."
	beforePrefix = "before."
)

// aliases are other names of fields of tickets.
func aliases() map[string]string {
	return map[string]string{"ticket.store": "ticket.brand", "ticket.owner": "ticket.assignee"}
}

// index finds every field: in the structures, and in the catalogue.
func (s *Schema) index() {
	s.fields = map[string]*Field{}
	s.add("", nil, reflect.TypeFor[Vars]())
	for i := range s.Fields {
		f := fieldOf(&s.Fields[i])
		s.fields[f.Name] = f
	}
	for alias, name := range aliases() {
		s.fields[alias] = s.fields[name]
	}
}

func (s *Schema) add(prefix string, path []int, t reflect.Type) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, path := prefix+f.Tag.Get("expr"), append(slices.Clone(path), i)
		switch {
		case !f.IsExported() || name == strings.TrimSuffix(beforePrefix, "."):
		case f.Tag.Get("doc") == "":
			s.add(name+".", path, f.Type)
		default:
			s.fields[name] = s.field(name, f)
			s.fields[name].path = path
		}
	}
}

func (s *Schema) field(name string, f reflect.StructField) *Field {
	out := &Field{Name: name, Kind: Text, Doc: f.Tag.Get("doc"), Before: strings.HasPrefix(name, ticketPrefix), long: MaxLine}
	out.Fold, out.Lower = f.Tag.Get("fold") != "", f.Tag.Get("lower") != ""
	out.Options, out.Open = s.values(f.Tag.Get("of"))
	out.sure = !out.Open && s.sure(f.Tag.Get("of"))
	switch f.Type {
	case reflect.TypeFor[float64]():
		out.Kind = Number
	case reflect.TypeFor[bool]():
		out.Kind = Bool
	case reflect.TypeFor[time.Time]():
		out.Kind = Time
	case reflect.TypeFor[[]string]():
		out.Kind, out.long = List, MaxEntry*MaxList
	case reflect.TypeFor[Lazy]():
		out.lazy, out.long, out.Before = true, MaxText, false
	}
	return out
}

// fieldOf is a custom field as conditions see it.
func fieldOf(f *ticket.Field) *Field {
	out := &Field{Name: customPrefix + f.Code, Doc: f.Name, Kind: Text, Before: true, Open: true, code: f.Code, long: MaxLine}
	switch f.Type {
	case ticket.FieldNumber:
		out.Kind = Number
	case ticket.FieldCheckbox:
		out.Kind = Bool
	case ticket.FieldMulti:
		out.Kind = List
	case ticket.FieldText, ticket.FieldArea:
		out.Fold = true
	}
	if f.Type.HasOptions() {
		out.Open = false
		for _, o := range f.Options {
			out.Options = append(out.Options, o.Value)
		}
	}
	return out
}

// days reports whether it is a custom field of dates, whose texts are in the order of their days.
func (f *Field) days() bool { return f.code != "" && f.Kind == Text && f.Open && !f.Fold }

// earlier is the name of the field as it was before the change.
func (f *Field) earlier() string {
	if rest, ok := strings.CutPrefix(f.Name, ticketPrefix); ok {
		return beforePrefix + rest
	}
	return beforePrefix + f.Name
}

// compareNames sorts the ticket first, and what stands alone last.
func compareNames(a, b string) int {
	dots := func(s string) int { return min(strings.Count(s, "."), 1) }
	if dots(a) != dots(b) {
		return dots(b) - dots(a)
	}
	return strings.Compare(a, b)
}
