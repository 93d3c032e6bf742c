package lists

import (
	"slices"

	"github.com/helpdeskgo/helpdesk/store/internal/row"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// maxArms is how many walks through indexes one list may be merged from. Beyond it one index is walked and the rest
// filtered.
const maxArms = 96

// arm is one walk through one index. In its conditions t is the ticket, f a facet, and v the value of a custom field.
type arm struct {
	of      table
	index   string   // by its name; empty for the order that the table itself has
	guard   string   // the column whose empty values the index does not have
	equal   []equal  // the columns that the index begins with, and what is walked of them
	limits  []limit  // of the columns that follow
	answers []string // what conditions are about that hold for whatever is walked
	rest    []condition
	valued  bool // its tickets are sorted by a custom field that is not walked
	joined  bool // the walk is through the values of the field that the list is sorted by
	after   *arm // walked when this one is over
}

// table is one that is walked, with the column of the ticket's id.
type table struct{ name, alias, id string }

var (
	tickets = table{"tickets", "t", "t.id"}
	facets  = table{"facets", "f", "f.ticket"}
	values  = table{"field_values", "v", "v.ticket"}
)

// equal is a column with its only value in a walk.
type equal struct {
	column string
	value  any
}

// limit is an end of a walk: a bound of a column, or of two as one.
type limit struct {
	op      string // with spaces around it
	columns []string
	values  []any
}

// is goes by one value of the index's next column.
func (a arm) is(column string, value any) arm {
	a.equal = append(slices.Clip(a.equal), equal{column, value})
	return a
}

// within ends the walk, at either end.
func (a arm) within(limits ...limit) arm {
	a.limits = append(slices.Clip(a.limits), limits...)
	return a
}

// answering says that conditions about these need not be asked of what is walked.
func (a arm) answering(of ...string) arm {
	a.answers = append(slices.Clip(a.answers), of...)
	return a
}

// path is a way to tickets: walks that together meet all that something is true of.
type path struct {
	by    string // the time in whose order each walk meets them; empty if in none
	arms  []arm
	exact bool // what it meets is what is looked for, and nothing else
}

func through(index string) arm { return arm{of: tickets, index: "tickets_" + index} }

// own walks somebody's or something's own tickets, in all boxes at once.
func own(column, value string) arm {
	a := through(column).is("t."+column, value).answering(column)
	a.guard = "t." + column
	return a
}

// faceted walks what has a facet.
func faceted(f row.Facet, of string) arm {
	return arm{of: facets}.is("f.kind", f.Kind).is("f.value", f.Value).answering(of)
}

// boxed walks the boxes of the list in an index that starts with the box: one walk for each box and each value of the
// column, or for each box where there is no column.
func (l *listing) boxed(index, column string, values []string) []arm {
	first := "t.box"
	if index == "updated" {
		first = l.d.box
	}
	var out []arm
	for _, box := range boxesOf(l.q) {
		a := through(index).is(first, box).answering("box")
		if box < row.BoxOther {
			a = a.answering("folder")
		}
		if column == "" {
			out = append(out, a)
		}
		for _, v := range values {
			out = append(out, a.is("t."+column, v).answering(column))
		}
	}
	return out
}

func boxesOf(q ticket.Query) []int {
	switch {
	case q.Deleted:
		return []int{row.BoxDeleted}
	case q.Merged:
		return []int{row.BoxMerged}
	}
	if len(q.Folders) == 0 {
		return []int{row.BoxInbox, row.BoxArchive, row.BoxSpam, row.BoxOther}
	}
	var out []int
	for _, f := range q.Folders {
		if b := row.BoxOf(f); !slices.Contains(out, b) {
			out = append(out, b)
		}
	}
	return out
}

// personPaths are the ways to somebody's or something's own tickets that q names, the rarest first.
func (l *listing) personPaths() []path {
	q := l.q
	var out []path
	for _, c := range []struct{ column, value string }{{"service", q.Service}, {"requester", q.Requester}, {"email", ticket.NormalizeEmail(q.Email)}} {
		if c.value != "" {
			out = append(out, path{by: "updated", arms: []arm{own(c.column, c.value)}})
		}
	}
	for _, f := range queryFacets(q) {
		if f.Kind != row.FacetTag {
			out = append(out, path{by: "updated", arms: []arm{faceted(f, facetName(f))}})
		}
	}
	if q.Organisation != "" {
		out = append(out, path{by: "updated", arms: []arm{own("organisation", q.Organisation)}})
	}
	if q.Assignee != "" {
		out = append(out, path{by: "updated", arms: l.boxed("assignee", "assignee", []string{q.Assignee})})
	}
	for _, f := range queryFacets(q) {
		if f.Kind == row.FacetTag {
			out = append(out, path{by: "updated", arms: []arm{faceted(f, facetName(f))}})
		}
	}
	for n, f := range q.Fields {
		out = append(out, valuePaths(n, f)...)
	}
	return out
}

// maxValues is how many values of a custom field are walked one by one.
const maxValues = maxArms / 4

// valuePaths walk what has one of the values of a custom field, one walk for each; none where f asks for no values.
func valuePaths(n int, f ticket.FieldFilter) []path {
	keys := f.Keys()
	if _, _, none := f.Range(); f.Empty || none || len(keys) == 0 || len(keys) > maxValues {
		return nil
	}
	p := path{by: "updated"}
	for _, k := range keys {
		p.arms = append(p.arms, faceted(row.OfField(f.Code, k), ofValues(n)))
	}
	return []path{p}
}

// boxPaths are the ways to what q asks for through the indexes that start with the box.
func (l *listing) boxPaths(ph phase) []path {
	var out []path
	add := func(column string, values []string) {
		if n := len(boxesOf(l.q)) * len(values); n > 0 && n <= maxArms {
			out = append(out, path{by: "updated", arms: l.boxed(column, column, values)})
		}
	}
	if l.q.Unassigned {
		p := path{by: "updated"}
		for _, a := range l.boxed("assignee", "", nil) {
			p.arms = append(p.arms, a.is("t.assignee", "").answering("unassigned"))
		}
		out = append(out, p)
	}
	add("department", unique(l.q.Departments))
	add("status", unique(l.q.Statuses))
	add("class", texts(unique(l.q.Classes)))
	add("brand", unique(l.q.Brands))
	if ph.priority == nil {
		add("priority", unique(l.q.Priorities))
	}
	return out
}

func unique[T comparable](list []T) []T {
	var out []T
	for _, v := range list {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

func texts(list []ticket.Class) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return out
}

// loosePaths are ways to what q asks for in no order, for what is few.
func (l *listing) loosePaths() []path {
	var out []path
	if l.q.External != "" {
		here := []string{"t.external"}
		a := through("external").within(limit{" >= ", here, []any{l.q.External}}, limit{" <= ", here, []any{l.q.External}}).answering("external")
		a.guard = here[0]
		out = append(out, path{by: "", arms: []arm{a}})
	}
	for n, f := range l.q.Fields {
		if from, to, none := f.Range(); !f.Empty && !none && len(f.Values) == 0 {
			a := valued(f.Code).answering(ofRange(n))
			if from != "" {
				a = a.within(limit{" >= ", valueColumn, []any{string(from)}}, limit{" <= ", valueColumn, []any{string(to)}})
			}
			out = append(out, path{by: "", arms: []arm{a}})
		}
	}
	for _, p := range periods(l.q) {
		var arms []arm
		for _, a := range l.boxed(p.column, "", nil) {
			arms = append(arms, a.within(p.lower("t."+p.column)...).within(p.upper("t."+p.column)...).answering(p.column))
		}
		out = append(out, path{by: p.column, arms: arms})
	}
	return out
}

// valued walks the values of a custom field in their order.
func valued(code string) arm {
	return arm{of: values, index: "field_values_order"}.is("v.field", code)
}

var valueColumn = []string{"v.value"}

// orderPath walks the order of the phase itself.
func (l *listing) orderPath(ph phase) path {
	switch {
	case ph.valueless:
		return path{by: "", arms: []arm{{of: tickets}}}
	case ph.field != "":
		return path{by: "", arms: []arm{l.fieldArm(ph)}}
	case ph.priority != nil:
		return path{by: "updated", arms: l.boxed("priority", "priority", ph.priority)}
	}
	return path{by: ph.column, arms: l.boxed(ph.column, "", nil)}
}

// fieldArm walks the order of the custom field that the list is sorted by. SQLite uses one bound at each end: where the
// page begins later than the range, that is enough, here as everywhere.
func (l *listing) fieldArm(ph phase) arm {
	a := valued(ph.field)
	a.joined = true
	for _, f := range l.q.Fields {
		if f.Code != ph.field || f.Empty {
			continue
		}
		from, to, _ := f.Range()
		if from != "" && (ph.desc || ph.from == nil) {
			a = a.within(limit{" >= ", valueColumn, []any{string(from)}})
		}
		if to != "" && (!ph.desc || ph.from == nil) {
			a = a.within(limit{" <= ", valueColumn, []any{string(to)}})
		}
		break
	}
	return a
}

// whole adds to an arm of the path what its walk does not answer, and where the page begins.
func (l *listing) whole(p path, a arm, ph phase) arm {
	ordered := p.by != "" && p.by == ph.column
	for _, b := range periods(l.q) {
		if b.column != ph.column || !ordered || slices.Contains(a.answers, b.column) {
			continue
		}
		at, _ := ph.place(a)
		far, near := b.lower(at), b.upper(at)
		if !ph.desc {
			far, near = near, far
		}
		if ph.from == nil || l.d.served {
			far, near = append(far, near...), nil
		}
		a = a.within(far...).answering(b.column)
		for _, n := range near {
			n.columns = []string{"t." + b.column}
			a.rest = append(slices.Clip(a.rest), n.condition(l.d, b.column))
		}
	}
	a.valued = ph.field != "" && !ph.valueless && !a.joined
	a.rest = l.rest(a, ph)
	return ph.begin(l.d, a)
}

// rest are the conditions that a does not answer.
func (l *listing) rest(a arm, ph phase) []condition {
	out := slices.Clip(a.rest)
	for _, c := range slices.Concat(l.asked, ph.asked(l.d), l.seen) {
		if !slices.Contains(a.answers, c.of) {
			out = append(out, c)
		}
	}
	return out
}
