package lists

import (
	"context"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/store/cursor"
	"github.com/helpdeskgo/helpdesk/store/internal/row"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// phase is a part of a list whose tickets one index can hold in order: see cursor.Order.Phases.
type phase struct {
	column    string         // the time that it is sorted by; empty where that is a custom field, or the id alone
	field     string         // code of the custom field that it is sorted by
	valueless bool           // the tickets without a value in field, by id
	priority  []string       // a phase of a list by priority: the tickets of this one,
	others    []string       // or those of none of these
	desc      bool           // as it is walked
	from      *cursor.Cursor // where the page begins; nil at the beginning of the phase
	single    bool           // no other ticket has the time at which the page begins
}

var timeColumns = map[ticket.Sort]string{
	ticket.NewestUpdate: "updated", ticket.OldestUpdate: "updated", ticket.NewestCreated: "created", ticket.OldestCreated: "created",
	ticket.NewestReply: "replied", ticket.OldestReply: "replied", ticket.MostUrgent: "updated", ticket.LeastUrgent: "updated",
}

// phases returns what there is to walk, one after the other. What q cannot select is left out, for it would be searched
// to its end.
func (l *listing) phases() []phase {
	var out []phase
	for n := range l.order.Phases() {
		begins := n
		if l.from != nil {
			begins = l.order.Phase(l.from.Position)
		}
		if (l.back() && n > begins) || (!l.back() && n < begins) {
			continue
		}
		ph := l.phase(n)
		if l.from != nil && n == begins {
			ph.from = l.from
		}
		if l.selects(ph) {
			out = append(out, ph)
		}
	}
	if l.back() {
		slices.Reverse(out)
	}
	return out
}

func (l *listing) phase(n int) phase {
	ph := phase{desc: l.order.Descending() != l.back(), column: timeColumns[l.order.Sort]}
	if code, _, field := l.order.Sort.Field(); field {
		ph.field, ph.valueless = code, n == 1
	}
	if cursor.ByPriority(l.order.Sort) {
		if n < len(l.order.Ranks) {
			ph.priority = l.order.Ranks[n : n+1]
		} else {
			ph.others = append([]string{}, l.order.Ranks...)
		}
	}
	return ph
}

// selects reports whether q can select a ticket of the phase.
func (l *listing) selects(ph phase) bool {
	for _, f := range l.q.Fields {
		if ph.field != "" && f.Code == ph.field && f.Empty != ph.valueless {
			return false
		}
	}
	if len(l.q.Priorities) == 0 {
		return true
	}
	foreign := func(p string) bool { return !slices.Contains(ph.others, p) }
	return (ph.priority == nil || slices.Contains(l.q.Priorities, ph.priority[0])) &&
		(ph.others == nil || slices.ContainsFunc(l.q.Priorities, foreign))
}

// asked are the conditions of the phase's tickets.
func (ph phase) asked(d *Dialect) []condition {
	switch {
	case ph.valueless:
		return []condition{{"", around(d.absent, " FROM {p}field_values e WHERE e.ticket = t.id AND e.field = ?"), []any{ph.field}}}
	case ph.priority != nil:
		return in(d, "priority", ph.priority)
	case len(ph.others) > 0:
		c := in(d, "priority", ph.others)[0]
		return []condition{{"others", d.free + "t.priority NOT IN (?" + strings.Repeat(", ?", len(c.args)-1) + ")", c.args}}
	}
	return nil
}

// place returns the columns of the place in the phase, for a walk through a.
func (ph phase) place(a arm) (at, id string) {
	switch {
	case ph.valueless:
		return "0", "t.id"
	case ph.field != "" && a.joined:
		return "v.value", a.of.id
	case ph.field != "":
		return "w.value", "t.id"
	case a.of == facets && ph.column == "updated":
		return "f.updated", a.of.id
	}
	return "t." + ph.column, "t.id"
}

// sorted are the columns by which the phase is sorted.
func (ph phase) sorted(at, id string) []string {
	if ph.valueless {
		return []string{id}
	}
	return []string{at, id}
}

// begin adds the place where the page begins. An index of tickets ends with their ids, but SQLite does not use that for
// a range of both: if there are others of the very same time, those are a walk of their own, or every page among many of
// one time would begin with the first of them.
func (ph phase) begin(d *Dialect, a arm) arm {
	if ph.from == nil {
		return a
	}
	at, id := ph.place(a)
	begins := ph.begins(at, id)
	if d.ends != apart || len(begins.columns) == 1 || ph.field != "" || a.of == facets && ph.column == "updated" {
		return a.within(begins)
	}
	beyond := limit{begins.op[:2] + " ", begins.columns[:1], begins.values[:1]}
	if ph.single {
		beyond.op = begins.op
		return a.within(beyond)
	}
	after := a.within(beyond)
	a = a.is(at, begins.values[0]).within(limit{begins.op, begins.columns[1:], begins.values[1:]})
	a.after = &after
	return a
}

// begins is the limit where the page begins; not for a phase that is walked from its beginning.
func (ph phase) begins(at, id string) limit {
	op := " > "
	if ph.desc {
		op = " < "
	}
	if ph.from.Before != ph.from.Back {
		op = op[:2] + "= "
	}
	switch {
	case ph.valueless:
		return limit{op, []string{id}, []any{ph.from.ID}}
	case ph.field != "":
		return limit{op, []string{at, id}, []any{string(ph.from.Key), ph.from.ID}}
	}
	return limit{op, []string{at, id}, []any{row.Micros(ph.from.At), ph.from.ID}}
}

// isSingle looks whether no other ticket has the time at which the page begins, as is usual: one step into an index in
// place of one for each walk.
func (r Reader) isSingle(ctx context.Context, l *listing, ph phase) (bool, error) {
	if ph.from == nil || ph.column == "" || l.d.ends != apart {
		return false, nil
	}
	text, args := ph.singleText(l)
	n, err := r.number(ctx, text, args...)
	return n == 0, err
}

func (ph phase) singleText(l *listing) (string, []any) {
	boxes := boxesOf(l.q)
	args := make([]any, len(boxes), len(boxes)+2)
	for i, b := range boxes {
		args[i] = b
	}
	return "SELECT count(*) FROM (SELECT 1 FROM " + l.d.from(through(ph.column)) + " WHERE t.box" + equals(len(boxes)) +
		" AND t." + ph.column + " = ? AND t.id <> ? LIMIT 1)", append(args, row.Micros(ph.from.At), ph.from.ID)
}
