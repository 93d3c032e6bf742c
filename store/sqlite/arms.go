package sqlite

import (
	"github.com/helpdeskgo/helpdesk/ticket"
)

// arms plans a list. Each part of the scope is a walk of its own through the index that suits it best: one condition
// with OR in it would walk no index at all.
func (l *listing) arms(q ticket.Query, scope ticket.Scope) []arm {
	var out []arm
	for _, part := range scopeParts(scope) {
		out = append(out, l.partArms(q, part, scope.Only)...)
	}
	return out
}

// part is one of the things that make a ticket visible: a value of a column, or a facet, and where it counts. The zero
// part makes every ticket visible.
type part struct {
	column string
	value  string
	facet  facet
	place  ticket.Place
}

const guestColumn = "email" // of a requester without an id

func scopeParts(s ticket.Scope) []part {
	if s.All {
		return []part{{}}
	}
	var out []part
	for _, place := range s.Places {
		if place == (ticket.Place{}) { // an empty place must not open everything
			continue
		}
		if place.Department == "" {
			out = append(out, part{place: place})
			continue
		}
		out = append(out, part{column: "department", value: place.Department, place: ticket.Place{Brand: place.Brand}})
	}
	if s.Agent != "" {
		places := s.AgentPlaces
		if len(places) == 0 {
			places = []ticket.Place{{}}
		}
		for _, place := range places {
			out = append(out, part{column: "assignee", value: s.Agent, place: place}, part{facet: facet{facetWatcher, s.Agent}, place: place})
		}
	}
	if s.Requester != "" {
		out = append(out, part{column: "requester", value: s.Requester})
	}
	for _, o := range s.Organisations {
		if o != "" {
			out = append(out, part{column: "organisation", value: o})
		}
	}
	for _, e := range s.Emails {
		if e = ticket.NormalizeEmail(e); e != "" {
			out = append(out, part{column: guestColumn, value: e}, part{facet: facet{facetParticipant, e}})
		}
	}
	return out
}

// partArms plans one part: the conditions are the same whatever is walked, so every walk finds the right tickets, and
// the choice is about speed only.
func (l *listing) partArms(q ticket.Query, p part, only int64) []arm {
	a := filter(q)
	if only != 0 {
		a = a.with("t.id = ?", only)
	}
	a = is(is(a, "brand", p.place.Brand), "department", p.place.Department)
	if q.Deleted {
		a = a.with("+t.box = 4")
	}
	if p.column != "" { // whatever its value: an empty one must not open everything
		a = a.with("+t."+p.column+" = ?", p.value)
	}
	if p.column == guestColumn {
		a = a.with("+t.requester = ?", "")
	}
	if p.facet.kind != 0 {
		a = has(a, p.facet.kind, p.facet.value)
	}
	if arms := l.person(a, q, p); arms != nil {
		return arms
	}
	return l.boxed(a, q, p)
}

// person walks an index of somebody's or something's own tickets, in all boxes at once; nil where q and p name none.
func (l *listing) person(a arm, q ticket.Query, p part) []arm {
	if !q.Deleted {
		a = a.with("+t.box < 4")
	}
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
	if len(facets) > 0 && (l.column == "updated" || facets[0].kind != facetTag) {
		a.from, a.facet = "{p}facets f CROSS JOIN {p}tickets t ON t.id = f.ticket", true
		return []arm{l.from(a.with("f.kind = ? AND f.value = ?", facets[0].kind, facets[0].value))}
	}
	if q.Organisation != "" {
		return own("organisation", q.Organisation)
	}
	return nil
}

// boxed walks an index that starts with the box: one walk for each box and each value of the column.
func (l *listing) boxed(a arm, q ticket.Query, p part) []arm {
	index, column, values := l.boxIndex(q, p)
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

// boxIndex chooses among the indexes that start with the box.
func (l *listing) boxIndex(q ticket.Query, p part) (index, column string, values []string) {
	switch {
	case l.column == "created":
		return "created", "", nil
	case p.column == "assignee":
		return "assignee", "assignee", []string{p.value}
	case q.Assignee != "":
		return "assignee", "assignee", []string{q.Assignee}
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
	if q.Deleted {
		return []int{boxDeleted}
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
