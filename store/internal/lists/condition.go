package lists

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/store/internal/row"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// facetName is what conditions about a facet are about.
func facetName(f row.Facet) string { return "facet " + strconv.Itoa(f.Kind) + f.Value }

// condition is something that a list asks of a ticket, which is t in it.
type condition struct {
	of   string // what it is about: a column, "box" for what a box holds, or a facet
	text string
	args []any
}

// all joins conditions.
func all(conds []condition) (text string, args []any) {
	texts := make([]string, len(conds))
	for i, c := range conds {
		texts[i], args = c.text, append(args, c.args...)
	}
	return strings.Join(texts, " AND "), args
}

// in is a condition for a column with one of several values.
func in[T ~string](d *Dialect, column string, values []T) []condition {
	if len(values) == 0 {
		return nil
	}
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = string(v)
	}
	return []condition{{column, d.free + "t." + column + equals(len(values)), args}}
}

// equals is the condition that something is one of n arguments.
func equals(n int) string {
	if n == 1 {
		return " = ?"
	}
	return " IN (?" + strings.Repeat(", ?", n-1) + ")"
}

func is(d *Dialect, column, value string) []condition {
	if value == "" {
		return nil
	}
	return in(d, column, []string{value})
}

// nothing is the condition of no ticket, in every dialect.
const nothing = "1 = 0"

// has is the condition that a ticket has one of the values of a facet.
func has(d *Dialect, of string, kind int, values ...string) condition {
	some := len(values)
	if d.ordered { // where each is a look-up of its own
		some = 1
	}
	var texts []string
	var args []any
	for few := range slices.Chunk(values, some) {
		texts = append(texts, around(d.exists, " FROM {p}facets e WHERE e.kind = ? AND e.value"+equals(len(few))+
			" AND e.updated = t.updated AND e.ticket = t.id"))
		args = append(args, kind)
		for _, v := range few {
			args = append(args, v)
		}
	}
	if len(texts) == 1 {
		return condition{of, texts[0], args}
	}
	return condition{of, "(" + strings.Join(texts, " OR ") + ")", args}
}

// ofRange and ofValues name the conditions of the custom field filter at a place of a query.
func ofRange(n int) string { return "range " + strconv.Itoa(n) }

func ofValues(n int) string { return "values " + strconv.Itoa(n) }

// field are the conditions of the custom field filter at place n.
func field(d *Dialect, n int, f ticket.FieldFilter) []condition {
	const value = " FROM {p}field_values e WHERE e.ticket = t.id AND e.field = ?"
	if f.Empty {
		return []condition{{ofRange(n), around(d.absent, value), []any{f.Code}}}
	}
	from, to, none := f.Range()
	keys := f.Keys()
	var out []condition
	switch {
	case none, len(f.Values) > 0 && len(keys) == 0:
		return []condition{{"nothing", nothing, nil}}
	case from != "":
		out = append(out, condition{ofRange(n), around(d.exists, value+" AND "+around(d.plain, "e.value")+" >= ? AND "+around(d.plain, "e.value")+" <= ?"), []any{f.Code, string(from), string(to)}})
	case len(keys) == 0:
		out = append(out, condition{ofRange(n), around(d.exists, value), []any{f.Code}})
	}
	if len(keys) > 0 {
		var values []string
		for _, k := range keys {
			values = append(values, row.OfField(f.Code, k).Value)
		}
		out = append(out, has(d, ofValues(n), row.FacetField, values...))
	}
	return out
}

// filter returns the conditions of q.
func filter(d *Dialect, q ticket.Query) []condition {
	box := condition{"box", d.free + "t.box < 4", nil}
	switch {
	case q.Deleted:
		box.text = d.free + "t.box = 4"
	case q.Merged:
		box.text = d.free + "t.box = 5"
	}
	out := slices.Concat(
		[]condition{box}, in(d, "folder", q.Folders), in(d, "class", q.Classes), in(d, "status", q.Statuses), in(d, "department", q.Departments),
		in(d, "brand", q.Brands), in(d, "priority", q.Priorities), in(d, "channel", q.Channels), is(d, "assignee", q.Assignee), is(d, "requester", q.Requester),
		is(d, "email", ticket.NormalizeEmail(q.Email)), is(d, "organisation", q.Organisation), is(d, "service", q.Service), is(d, "external", q.External))
	if q.Unassigned {
		out = append(out, condition{"unassigned", d.free + "t.assignee = ''", nil})
	}
	for _, f := range queryFacets(q) {
		out = append(out, has(d, facetName(f), f.Kind, f.Value))
	}
	for n, f := range q.Fields {
		out = append(out, field(d, n, f)...)
	}
	if q.UnreadByStaff {
		out = append(out, condition{"unread", d.free + "t.unread = 1", nil})
	}
	if q.UnreadByClient {
		out = append(out, condition{"unread_client", d.free + "t.unread_client = 1", nil})
	}
	for _, p := range periods(q) {
		out = append(out, p.conditions(d)...)
	}
	return out
}

// period is a range of one of the times: from inclusive, to exclusive, zero meaning open.
type period struct {
	column   string
	from, to time.Time
}

// periods are the ranges of times that q asks for.
func periods(q ticket.Query) []period {
	all := []period{{"created", q.CreatedFrom, q.CreatedTo}, {"updated", q.UpdatedFrom, q.UpdatedTo}, {"replied", q.LastReplyFrom, q.LastReplyTo}}
	return slices.DeleteFunc(all, func(p period) bool { return p.from.IsZero() && p.to.IsZero() })
}

func (p period) conditions(d *Dialect) []condition {
	var out []condition
	for _, l := range slices.Concat(p.lower("t."+p.column), p.upper("t."+p.column)) {
		out = append(out, l.condition(d, p.column))
	}
	return out
}

// lower and upper are the ends of p, for a walk that has its time in a column.
func (p period) lower(column string) []limit { return end(" >= ", column, p.from) }

func (p period) upper(column string) []limit { return end(" < ", column, p.to) }

func end(op, column string, t time.Time) []limit {
	if t.IsZero() {
		return nil
	}
	return []limit{{op, []string{column}, []any{row.Micros(ticket.Time(t))}}}
}

// condition asks for a limit of one column where no index is walked for it.
func (l limit) condition(d *Dialect, of string) condition {
	return condition{of, d.free + l.columns[0] + l.op + "?", l.values}
}

// queryFacets lists the facets that a ticket must have, the rarest kind first.
func queryFacets(q ticket.Query) []row.Facet {
	var out []row.Facet
	if q.Related.Kind != "" || q.Related.ID != "" {
		out = append(out, row.OfRelated(q.Related))
	}
	if e := ticket.NormalizeEmail(q.Participant); e != "" {
		out = append(out, row.Facet{Kind: row.FacetParticipant, Value: e})
	}
	if q.Watcher != "" {
		out = append(out, row.Facet{Kind: row.FacetWatcher, Value: q.Watcher})
	}
	for _, t := range unique(q.Tags) {
		out = append(out, row.Facet{Kind: row.FacetTag, Value: t})
	}
	return out
}
