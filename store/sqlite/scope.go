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
	or     []part // instead: any of these
}

const guestColumn = "email" // of a requester without an id

// parts returns what q can find under a scope that does not see all. No ticket is visible twice for the same reason.
func (l *listing) parts(q ticket.Query, s ticket.Scope) []part {
	out := l.staffParts(q, s)
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

// staffParts are the places and what an agent has besides. Where the list has a walk of its own, whatever makes its
// tickets visible, one walk does for all that: the more reasons, the sooner it has a page.
func (l *listing) staffParts(q ticket.Query, s ticket.Scope) []part {
	shared := l.column != "updated" || l.person(arm{}, q, part{}) != nil
	out := l.placeParts(q, s.Places, shared)
	places := len(out)
	if s.Agent != "" {
		where := widest(s.AgentPlaces)
		if slices.Contains(where, ticket.Place{}) {
			where = nil
		}
		out = append(out, part{column: "assignee", value: s.Agent, places: where}, part{facet: facet{facetWatcher, s.Agent}, places: where})
	}
	if shared && places > 0 && len(out) > places {
		return []part{{or: out}}
	}
	return out
}

// maxDepartments is how many departments of a scope are walked one by one.
const maxDepartments = maxArms / 4

// placeParts makes a part of each department, and one of all other places, because those share a walk. Where no index
// of departments is to be walked, all places do.
func (l *listing) placeParts(q ticket.Query, places []ticket.Place, shared bool) []part {
	var out []part
	var rest []ticket.Place
	all := widest(slices.DeleteFunc(slices.Clone(places), func(p ticket.Place) bool { return p == ticket.Place{} }))
	for _, p := range all {
		if shared || p.Department == "" || len(all) > maxDepartments {
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

// condition returns what makes a ticket visible for the reason p. The zero part has none.
func (p part) condition() (cond string, args []any) {
	var a arm
	if p.column != "" { // whatever its value: an empty one must not open everything
		a = a.with("+t."+p.column+" = ?", p.value)
	}
	if p.column == guestColumn {
		a = a.with("+t.requester = ?", "")
	}
	if p.facet.kind != 0 {
		a = has(a, p.facet.kind, p.facet.value)
	}
	var anyOf []string
	for _, place := range p.places {
		in := is(is(arm{}, "brand", place.Brand), "department", place.Department)
		anyOf, a.args = append(anyOf, strings.Join(in.where, " AND ")), append(a.args, in.args...)
	}
	for _, o := range p.or {
		cond, args := o.condition()
		anyOf, a.args = append(anyOf, "("+cond+")"), append(a.args, args...)
	}
	if len(anyOf) > 0 {
		a.where = append(a.where, "("+strings.Join(anyOf, " OR ")+")")
	}
	return strings.Join(a.where, " AND "), a.args
}
