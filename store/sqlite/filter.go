package sqlite

import (
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// in writes a condition for a column with one of several values. The + keeps the condition from choosing the index:
// that is for the one that the walk adds (https://sqlite.org/optoverview.html, 3).
func in[T ~string](a arm, column string, values []T) arm {
	switch len(values) {
	case 0:
		return a
	case 1:
		return a.with("+t."+column+" = ?", string(values[0]))
	}
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = string(v)
	}
	return a.with("+t."+column+" IN (?"+strings.Repeat(", ?", len(values)-1)+")", args...)
}

func is(a arm, column, value string) arm {
	if value == "" {
		return a
	}
	return a.with("+t."+column+" = ?", value)
}

// has adds the condition that a ticket has one of the values.
func has(a arm, kind int, values ...string) arm {
	args := []any{kind}
	for _, v := range values {
		args = append(args, v)
	}
	return a.with("EXISTS (SELECT 1 FROM {p}facets e WHERE e.kind = ? AND e.value IN (?"+strings.Repeat(", ?", len(values)-1)+
		") AND e.updated = t.updated AND e.ticket = t.id)", args...)
}

// field adds the conditions of a custom field.
func field(a arm, f ticket.FieldFilter) arm {
	const value = "EXISTS (SELECT 1 FROM {p}field_values e WHERE e.ticket = t.id AND e.field = ?"
	if f.Empty {
		return a.with("NOT "+value+")", f.Code)
	}
	from, to, none := f.Range()
	keys := f.Keys()
	switch {
	case none, len(f.Values) > 0 && len(keys) == 0:
		return a.with("false")
	case from != "":
		a = a.with(value+" AND e.value >= ? AND e.value <= ?)", f.Code, string(from), string(to))
	case len(keys) == 0:
		a = a.with(value+")", f.Code)
	}
	if len(keys) > 0 {
		var values []string
		for _, k := range keys {
			values = append(values, fieldFacet(f.Code, k))
		}
		a = has(a, facetField, values...)
	}
	return a
}

// filter returns the conditions of q, whatever index is walked.
func filter(q ticket.Query) arm {
	a := arm{}.with("+t.box < 4")
	switch {
	case q.Deleted:
		a = arm{}.with("+t.box = 4")
	case q.Merged:
		a = arm{}.with("+t.box = 5")
	}
	a = in(a, "folder", q.Folders)
	a = in(a, "class", q.Classes)
	a = in(a, "status", q.Statuses)
	a = in(a, "department", q.Departments)
	a = in(a, "brand", q.Brands)
	a = in(a, "priority", q.Priorities)
	a = in(a, "channel", q.Channels)
	a = is(a, "assignee", q.Assignee)
	if q.Unassigned {
		a = a.with("+t.assignee = ?", "")
	}
	a = is(a, "requester", q.Requester)
	a = is(a, "email", ticket.NormalizeEmail(q.Email))
	a = is(a, "organisation", q.Organisation)
	a = is(a, "service", q.Service)
	a = is(a, "external", q.External)
	for _, f := range queryFacets(q) {
		a = has(a, f.kind, f.value)
	}
	for _, f := range q.Fields {
		a = field(a, f)
	}
	if q.UnreadByStaff {
		a = a.with("+t.unread = 1")
	}
	return times(a, q)
}

func times(a arm, q ticket.Query) arm {
	add := func(cond string, t time.Time) {
		if !t.IsZero() {
			a = a.with(cond, micros(ticket.Time(t)))
		}
	}
	add("t.created >= ?", q.CreatedFrom)
	add("t.created < ?", q.CreatedTo)
	add("t.updated >= ?", q.UpdatedFrom)
	add("t.updated < ?", q.UpdatedTo)
	return a
}

// queryFacets lists the facets that a ticket must have, the rarest kind first.
func queryFacets(q ticket.Query) []facet {
	var out []facet
	if q.Related.Kind != "" || q.Related.ID != "" {
		out = append(out, facet{facetRelated, refValue(q.Related)})
	}
	if e := ticket.NormalizeEmail(q.Participant); e != "" {
		out = append(out, facet{facetParticipant, e})
	}
	if q.Watcher != "" {
		out = append(out, facet{facetWatcher, q.Watcher})
	}
	for _, t := range q.Tags {
		out = append(out, facet{facetTag, t})
	}
	return out
}
