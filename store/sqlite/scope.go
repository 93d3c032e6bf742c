package sqlite

import (
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// part is one of the things that make a ticket visible: a value of a column, or a facet, and the places where it
// counts, none meaning everywhere. The zero part makes every ticket visible.
type part struct {
	column string
	value  string
	facet  facet
	places []ticket.Place
}

const guestColumn = "email" // of a requester without an id

// parts returns what q can find under a scope that does not see all. No ticket is visible twice for the same reason.
func (l *listing) parts(q ticket.Query, s ticket.Scope) []part {
	out := l.placeParts(q, s.Places)
	if s.Agent != "" {
		where := widest(s.AgentPlaces)
		if slices.Contains(where, ticket.Place{}) {
			where = nil
		}
		out = append(out, part{column: "assignee", value: s.Agent, places: where}, part{facet: facet{facetWatcher, s.Agent}, places: where})
	}
	if s.Requester != "" {
		out = append(out, part{column: "requester", value: s.Requester})
	}
	for _, o := range distinct(s.Organisations, func(o string) string { return o }) {
		out = append(out, part{column: "organisation", value: o})
	}
	for _, e := range distinct(s.Emails, ticket.NormalizeEmail) {
		out = append(out, part{column: guestColumn, value: e}, part{facet: facet{facetParticipant, e}})
	}
	return out
}

// maxDepartments is how many departments of a scope are walked one by one.
const maxDepartments = maxArms / 4

// placeParts makes a part of each department, and one of all other places, because those share a walk. Where no index
// of departments is walked, all places do.
func (l *listing) placeParts(q ticket.Query, places []ticket.Place) []part {
	var out []part
	var rest []ticket.Place
	all := widest(slices.DeleteFunc(slices.Clone(places), func(p ticket.Place) bool { return p == ticket.Place{} }))
	shared := l.column != "updated" || len(all) > maxDepartments || l.person(arm{}, q, part{}) != nil
	for _, p := range all {
		if shared || p.Department == "" {
			rest = append(rest, p)
			continue
		}
		if len(q.Departments) > 0 && !slices.Contains(q.Departments, p.Department) {
			continue
		}
		i := slices.IndexFunc(out, func(o part) bool { return o.value == p.Department })
		if i < 0 {
			i, out = len(out), append(out, part{column: "department", value: p.Department})
		}
		out[i].places = append(out[i].places, p)
	}
	if len(rest) > 0 {
		out = append(out, part{places: rest})
	}
	return out
}

// widest leaves out the places that lie in others.
func widest(places []ticket.Place) []ticket.Place {
	var out []ticket.Place
	for i, p := range places {
		inside := slices.ContainsFunc(places, func(o ticket.Place) bool { return o != p && holds(o, p) })
		if !inside && !slices.Contains(places[:i], p) {
			out = append(out, p)
		}
	}
	return out
}

// holds reports whether p lies in o.
func holds(o, p ticket.Place) bool {
	return (o.Brand == "" || o.Brand == p.Brand) && (o.Department == "" || o.Department == p.Department)
}

// distinct returns the values in a normal form, each once, and none that is empty.
func distinct(values []string, normal func(string) string) []string {
	var out []string
	for _, v := range values {
		if v = normal(v); v != "" && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// visible adds to a what makes a ticket visible for the reason p.
func (p part) visible(a arm) arm {
	if p.column != "" { // whatever its value: an empty one must not open everything
		a = a.with("+t."+p.column+" = ?", p.value)
	}
	if p.column == guestColumn {
		a = a.with("+t.requester = ?", "")
	}
	if p.facet.kind != 0 {
		a = has(a, p.facet.kind, p.facet.value)
	}
	return within(a, p.places)
}

// within adds the condition that a ticket lies in one of the places.
func within(a arm, places []ticket.Place) arm {
	var conds []string
	var args []any
	for _, p := range places {
		var both []string
		if p.Brand != "" {
			both, args = append(both, "+t.brand = ?"), append(args, p.Brand)
		}
		if p.Department != "" {
			both, args = append(both, "+t.department = ?"), append(args, p.Department)
		}
		conds = append(conds, strings.Join(both, " AND "))
	}
	if len(conds) == 0 {
		return a
	}
	return a.with("("+strings.Join(conds, " OR ")+")", args...)
}
