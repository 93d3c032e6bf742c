package template

import (
	"cmp"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/internal/nearest"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Variable is a name that templates may use.
type Variable struct {
	Name    string
	Meaning string
	Fields  []string // of a record, or of what a list has
	Kinds   []Kind   // in which it says something; none means all
}

// Variables lists the variables of templates. Two of them stand for many: "f_<code>" and "f_<code>_label" are made of the
// codes of the catalogue's custom fields, with underscores for their hyphens and dots.
func Variables() []Variable {
	var out []Variable
	for _, e := range table() {
		v := Variable{Name: e.name, Meaning: e.meaning, Kinds: e.kinds}
		s := e.shape
		if s.sort == list {
			s = s.of
		}
		v.Fields = slices.Collect(s.names())
		if s == aDate {
			v.Fields = formats[:]
		}
		out = append(out, v)
	}
	return append(out,
		Variable{Name: "f_<code>", Meaning: "value of the custom field; several, with a comma between"},
		Variable{Name: "f_<code>_label", Meaning: "as f_<code>, with the names of options in the reader's language"})
}

// entry is a variable with the way to its value.
type entry struct {
	name, meaning string
	shape         *shape
	kinds         []Kind
	value         func(*view) any
	layout        bool // only there
}

// line makes the way to a text of one line.
func line(of func(*view) string) func(*view) any {
	return func(v *view) any { return oneLine(of(v), maxLine) }
}

// table lists the variables in the order in which people read of them.
func table() []entry {
	return slices.Concat(ofPeople(), ofTicket(), ofDesk(), ofMessages(), ofOccasion(), ofLayout())
}

// names finds variables.
type names map[string]entry

func newNames() names {
	out := names{}
	for _, e := range table() {
		out[e.name] = e
	}
	return out
}

// find returns a variable. Where fields is nil every name of a custom field is one.
func (n names) find(name string, fields []ticket.Field, layout bool) (entry, bool) {
	if e, ok := n[name]; ok {
		return e, layout || !e.layout
	}
	rest, ok := strings.CutPrefix(name, "f_")
	if !ok || rest == "" {
		return entry{}, false
	}
	for _, f := range fields {
		switch rest {
		case fieldName(f):
			return entry{name: name, shape: fieldShape(f), value: func(v *view) any { return v.field(f, false) }}, true
		case fieldName(f) + "_label":
			return entry{name: name, shape: fieldShape(f), value: func(v *view) any { return v.field(f, true) }}, true
		}
	}
	return entry{name: name, shape: aText, value: func(*view) any { return "" }}, fields == nil
}

// near is the variable that may have been meant.
func (n names) near(name string, fields []ticket.Field, layout bool) string {
	all := slices.Collect(func(yield func(string) bool) {
		for k, e := range n {
			if (layout || !e.layout) && !yield(k) {
				return
			}
		}
		for _, f := range fields {
			if !yield("f_"+fieldName(f)) || !yield("f_"+fieldName(f)+"_label") {
				return
			}
		}
	})
	slices.Sort(all)
	return nearest.Of(name, slices.Values(all))
}

// fieldName is the code of a field as a name can hold it.
func fieldName(f ticket.Field) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '.' {
			return '_'
		}
		return r
	}, f.Code)
}

func fieldShape(f ticket.Field) *shape {
	if f.Type == ticket.FieldArea {
		return aBlock
	}
	return aText
}

// field is the value of a custom field.
func (v *view) field(f ticket.Field, label bool) any {
	value := v.ticket().Fields[f.Code]
	if f.Type == ticket.FieldArea {
		return v.plain(value, maxQuoted)
	}
	return oneLine(v.choice(f, value, label), maxLine)
}

// choice is a value of a custom field on one line, with the names of options if they are asked for.
func (v *view) choice(f ticket.Field, value string, label bool) string {
	list := slices.DeleteFunc(strings.Split(value, "\n"), func(s string) bool { return strings.TrimSpace(s) == "" })
	for i, s := range list {
		at := slices.IndexFunc(f.Options, func(o ticket.Option) bool { return o.Value == s })
		if label && at >= 0 {
			list[i] = cmp.Or(f.Options[at].Labels.In(v.brand, v.locale, f.Options[at].Name), s)
		}
	}
	return strings.Join(list, ", ")
}
