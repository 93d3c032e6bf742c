package sqlite

import (
	"github.com/helpdeskgo/helpdesk/ticket"
)

// arms plans a list. Each part of the scope is a walk of its own through the index that suits it best: one condition
// with OR in it would walk no index at all.
func (l *listing) arms(q ticket.Query, scope ticket.Scope) []arm {
	if scope.All {
		return l.partArms(q, part{})
	}
	var out []arm
	for _, p := range l.parts(q, scope) {
		out = append(out, l.partArms(q, p)...)
	}
	return out
}

// partArms plans one part: the conditions are the same whatever is walked, so every walk finds the right tickets, and
// the choice is about speed only.
func (l *listing) partArms(q ticket.Query, p part) []arm {
	a := filter(q)
	if cond, args := p.condition(); cond != "" {
		a = a.with(cond, args...)
	}
	if arms := l.person(a, q, p); arms != nil {
		return arms
	}
	return l.boxed(a, q, p)
}

// person walks an index of somebody's or something's own tickets, in all boxes at once; nil where q and p name none.
func (l *listing) person(a arm, q ticket.Query, p part) []arm {
	own := func(column, value string) []arm {
		a.from = "{p}tickets t INDEXED BY {p}tickets_" + column
		return []arm{l.from(a.with("t."+column+" <> '' AND t."+column+" = ?", value))}
	}
	switch {
	case q.External != "":
		return own("external", q.External)
	case q.Service != "":
		return own("service", q.Service)
	case q.Requester != "":
		return own("requester", q.Requester)
	case p.column == "requester":
		return own("requester", p.value)
	case ticket.NormalizeEmail(q.Email) != "":
		return own("email", ticket.NormalizeEmail(q.Email))
	case p.column == guestColumn:
		return own("email", p.value)
	}
	facets := queryFacets(q)
	if p.facet.kind != 0 {
		facets = append([]facet{p.facet}, facets...)
	}
	switch {
	case len(facets) > 0 && (l.column == "updated" || facets[0].kind != facetTag):
		return []arm{l.faceted(a, facets[0])}
	case q.Organisation != "":
		return own("organisation", q.Organisation)
	case p.column == "organisation":
		return own("organisation", p.value)
	case l.column == "updated":
		return l.valued(a, q.Fields)
	}
	return nil
}

// faceted walks what has a facet.
func (l *listing) faceted(a arm, f facet) arm {
	a.from, a.facet = "{p}facets f CROSS JOIN {p}tickets t ON t.id = f.ticket", true
	return l.from(a.with("f.kind = ? AND f.value = ?", f.kind, f.value))
}

// maxValues is how many values of a custom field are walked one by one.
const maxValues = maxArms / 4

// valued walks what has one of the values of a custom field, one walk for each; nil where no filter asks for values.
func (l *listing) valued(a arm, filters []ticket.FieldFilter) []arm {
	for _, f := range filters {
		keys := f.Keys()
		if f.Empty || len(keys) == 0 || len(keys) > maxValues {
			continue
		}
		var out []arm
		for _, k := range keys {
			out = append(out, l.faceted(a, facet{facetField, fieldFacet(f.Code, k)}))
		}
		return out
	}
	return nil
}

// boxed walks an index that starts with the box: one walk for each box and each value of the column.
func (l *listing) boxed(a arm, q ticket.Query, p part) []arm {
	index, column, values := l.boxIndex(q, p)
	if index == "" {
		return []arm{l.sorted(a, q)}
	}
	boxes := boxesOf(q)
	if len(boxes)*len(values) > maxArms {
		index, column, values = l.column, "", nil
	}
	a.from = "{p}tickets t INDEXED BY {p}tickets_" + index
	var out []arm
	for _, box := range boxes {
		b := a.with("t.box = ?", box)
		if column == "" {
			out = append(out, l.from(b))
		}
		for _, v := range values {
			out = append(out, l.from(b.with("t."+column+" = ?", v)))
		}
	}
	return out
}

// boxIndex chooses among the indexes that start with the box; none where a custom field's own order is walked.
func (l *listing) boxIndex(q ticket.Query, p part) (index, column string, values []string) {
	switch {
	case l.column == "created":
		return "created", "", nil
	case p.column == "assignee":
		return "assignee", "assignee", []string{p.value}
	case q.Assignee != "":
		return "assignee", "assignee", []string{q.Assignee}
	case l.column == "":
		return "", "", nil
	case q.Unassigned:
		return "assignee", "assignee", []string{""}
	case p.column == "department":
		return "department", "department", []string{p.value}
	case len(q.Departments) > 0:
		return "department", "department", q.Departments
	case len(q.Statuses) > 0:
		return "status", "status", q.Statuses
	case len(q.Classes) > 0:
		for _, c := range q.Classes {
			values = append(values, string(c))
		}
		return "class", "class", values
	}
	return "updated", "", nil
}

func boxesOf(q ticket.Query) []int {
	switch {
	case q.Deleted:
		return []int{boxDeleted}
	case q.Merged:
		return []int{boxMerged}
	}
	if len(q.Folders) == 0 {
		return []int{boxInbox, boxArchive, boxSpam, boxOther}
	}
	var out []int
	seen := map[int]bool{}
	for _, f := range q.Folders {
		if b := folderBox(f); !seen[b] {
			seen[b] = true
			out = append(out, b)
		}
	}
	return out
}

// sorted walks the order of the custom field that the list is sorted by, or, for the tickets without a value, that of
// the ids.
func (l *listing) sorted(a arm, q ticket.Query) arm {
	if l.valueless {
		a.from = "{p}tickets t NOT INDEXED"
		return l.from(a)
	}
	a.from, a.joined = "{p}field_values v INDEXED BY {p}field_values_order CROSS JOIN {p}tickets t ON t.id = v.ticket", true
	for _, f := range q.Fields {
		if f.Code != l.field || f.Empty {
			continue
		}
		from, to, _ := f.Range()
		if from != "" && (l.desc || l.after == nil) { // otherwise the page starts later anyway
			a = a.with("v.value >= ?", string(from))
		}
		if to != "" && (!l.desc || l.after == nil) {
			a = a.with("v.value <= ?", string(to))
		}
		break // SQLite uses one bound
	}
	return l.from(a)
}
