package template

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// changeRows are the changes that people know.
func (v *view) changeRows() any {
	var out []row
	for _, c := range v.Changes {
		if c.Label == "" {
			c = v.journalled(c)
		}
		if c.Label != "" {
			out = append(out, row{"label": oneLine(c.Label, maxItem), "old": oneLine(c.Old, maxItem), "new": oneLine(c.New, maxItem)})
		}
	}
	return v.loop(out)
}

// journalled is a change of the journal, for people; without a label where it is not for them.
func (v *view) journalled(c Change) Change {
	code, custom := ticket.Change{Field: c.Field}.CustomField()
	if !custom {
		return Change{Label: v.words["field_"+c.Field], Old: v.readable(c.Old), New: v.readable(c.New)}
	}
	at := slices.IndexFunc(v.Fields, func(f ticket.Field) bool { return f.Code == code })
	if at < 0 {
		return Change{Label: code, Old: c.Old, New: c.New}
	}
	f := v.Fields[at]
	label := cmp.Or(f.Labels.In(v.brand, v.locale, f.Name), code)
	return Change{Label: label, Old: v.choice(f, c.Old, true), New: v.choice(f, c.New, true)}
}

// readable is a value of the journal, which has lists, people and truth in JSON.
func (v *view) readable(value string) string {
	switch {
	case value == "true":
		return v.words["yes"]
	case value == "false":
		return v.words["no"]
	case value == "null":
		return ""
	case strings.HasPrefix(value, "{"):
		value = "[" + value + "]"
	case !strings.HasPrefix(value, "["):
		return value
	}
	var names []string
	if json.Unmarshal([]byte(value), &names) == nil {
		return strings.Join(names, ", ")
	}
	names = nil
	var people []ticket.Person
	if json.Unmarshal([]byte(value), &people) != nil {
		return value
	}
	for _, p := range people {
		names = append(names, cmp.Or(p.Name, p.Email, p.ID))
	}
	return strings.Join(names, ", ")
}
