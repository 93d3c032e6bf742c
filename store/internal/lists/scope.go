package lists

import (
	"maps"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/store/internal/row"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// part is one of the things that make a ticket visible: a value of a column, or a facet, or, with neither, the places
// where it lies. With something else, places are where that counts, none meaning everywhere.
type part struct {
	column string
	value  string
	facet  row.Facet
	places []ticket.Place
}

const guestColumn = "email" // of a requester without an id

// partsOf returns what the scope, which does not see all, shows of what q asks for.
func (l *listing) partsOf(s ticket.Scope) []part {
	out := placeParts(s.Places)
	if s.Agent != "" {
		where := widest(s.AgentPlaces)
		if slices.Contains(where, ticket.Place{}) {
			where = nil
		}
		out = append(out, part{column: "assignee", value: s.Agent, places: where}, part{facet: row.Facet{Kind: row.FacetWatcher, Value: s.Agent}, places: where})
	}
	if s.Requester != "" {
		out = append(out, part{column: "requester", value: s.Requester})
	}
	for _, o := range distinct(s.Organisations, func(o string) string { return o }) {
		out = append(out, part{column: "organisation", value: o})
	}
	for _, e := range distinct(s.Emails, ticket.NormalizeEmail) {
		out = append(out, part{column: guestColumn, value: e}, part{facet: row.Facet{Kind: row.FacetParticipant, Value: e}})
	}
	return slices.DeleteFunc(out, l.contradicts)
}

// contradicts reports whether q asks for something else than p shows.
func (l *listing) contradicts(p part) bool {
	q := l.q
	not := func(asked ...string) bool {
		asked = slices.DeleteFunc(asked, func(s string) bool { return s == "" })
		return len(asked) > 0 && !slices.Contains(asked, p.value)
	}
	switch p.column {
	case "department":
		return not(slices.Clone(q.Departments)...)
	case "brand":
		return not(slices.Clone(q.Brands)...)
	case "assignee":
		return q.Unassigned || not(q.Assignee)
	case "requester":
		return not(q.Requester)
	case "organisation":
		return not(q.Organisation)
	case guestColumn:
		return q.Requester != "" || not(ticket.NormalizeEmail(q.Email))
	}
	return false
}

// maxPlaces is how many departments and brands of a scope are walked one by one.
const maxPlaces = maxArms / 4

// placeParts makes a part of each department, and of each brand that is seen as a whole. Where they are too many they
// are one part, which has no walk of its own.
func placeParts(places []ticket.Place) []part {
	var out []part
	all := widest(slices.DeleteFunc(slices.Clone(places), func(p ticket.Place) bool { return p == ticket.Place{} }))
	for _, p := range all {
		if p.Department == "" {
			out = append(out, part{column: "brand", value: p.Brand})
			continue
		}
		i := slices.IndexFunc(out, func(o part) bool { return o.column == "department" && o.value == p.Department })
		if i < 0 {
			i, out = len(out), append(out, part{column: "department", value: p.Department})
		}
		if p.Brand != "" {
			out[i].places = append(out[i].places, p)
		}
	}
	if len(out) > maxPlaces {
		return []part{{places: all}}
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

// scopePath walks what the scope shows, one part after the other; none where it sees all, or shows too much for that.
func (l *listing) scopePath() (path, bool) {
	if l.scope.All {
		return path{}, false
	}
	p := path{by: "updated"}
	for _, part := range l.parts {
		arms := l.partArms(part)
		if arms == nil {
			return path{}, false
		}
		p.arms = append(p.arms, arms...)
	}
	return p, len(p.arms) <= maxArms
}

func (l *listing) partArms(p part) []arm {
	var arms []arm
	switch {
	case p.facet.Kind != 0:
		arms = []arm{faceted(p.facet, facetName(p.facet))}
	case p.column == "":
		return nil
	case slices.Contains([]string{"department", "brand", "assignee"}, p.column):
		arms = l.boxed(p.column, p.column, []string{p.value})
	default:
		arms = []arm{own(p.column, p.value)}
	}
	for i, a := range arms {
		a.rest = p.beside(l.d)
		arms[i] = a.answering("scope")
	}
	return arms
}

// beside are the conditions of p besides that of its column or facet.
func (p part) beside(d *Dialect) []condition {
	var out []condition
	if p.column == guestColumn {
		out = append(out, condition{"scope", d.free + "t.requester = ''", nil})
	}
	if len(p.places) == 0 {
		return out
	}
	var anyOf []string
	c := condition{of: "scope"}
	for _, place := range p.places {
		var all []string
		for _, in := range slices.Concat(is(d, "brand", place.Brand), is(d, "department", place.Department)) {
			all, c.args = append(all, in.text), append(c.args, in.args...)
		}
		anyOf = append(anyOf, strings.Join(all, " AND "))
	}
	c.text = "(" + strings.Join(anyOf, " OR ") + ")"
	return append(out, c)
}

// look finds out what the scope shows, and the condition that it shows a ticket, for whatever is walked.
func (l *listing) look() {
	if l.scope.All {
		return
	}
	l.parts = l.partsOf(l.scope)
	var anyOf []string
	c := condition{of: "scope"}
	add := func(conds []condition) {
		var all []string
		for _, b := range conds {
			all, c.args = append(all, b.text), append(c.args, b.args...)
		}
		anyOf = append(anyOf, "("+strings.Join(all, " AND ")+")")
	}
	plain := map[string][]string{} // the values of parts that are nothing else: one look-up does for all of them, and the cheapest
	var others []part
	for _, p := range l.parts {
		if p.column != "" && len(p.beside(l.d)) == 0 {
			plain[p.column] = append(plain[p.column], p.value)
		} else {
			others = append(others, p)
		}
	}
	for _, column := range slices.Sorted(maps.Keys(plain)) {
		add(in(l.d, column, plain[column]))
	}
	for _, p := range others {
		conds := p.beside(l.d)
		switch {
		case p.facet.Kind != 0:
			conds = append(conds, has(l.d, "scope", p.facet.Kind, p.facet.Value))
		case p.column != "":
			conds = append(conds, in(l.d, p.column, []string{p.value})...)
		}
		add(conds)
	}
	if c.text = strings.Join(anyOf, " OR "); c.text == "" {
		c.text = nothing
	}
	c.text = "(" + c.text + ")"
	l.seen = []condition{c}
}
