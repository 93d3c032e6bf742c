package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/store/internal/cursor"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// maxArms is how many walks through indexes one list may be merged from. Beyond it one index is walked and the rest
// filtered.
const maxArms = 96

// found is a place in a list with its document.
type found struct {
	at  int64
	key string // of the custom field that the list is sorted by
	id  int64
	doc []byte
}

// Tickets lists one page: every arm is walked from the cursor, and what they find is merged.
func (r *reader) Tickets(ctx context.Context, q ticket.Query, scope ticket.Scope) (ticket.Page, error) {
	if err := r.check(ctx); err != nil {
		return ticket.Page{}, err
	}
	l, err := newListing(q)
	if err != nil {
		return ticket.Page{}, err
	}
	if scope.Only != 0 {
		return r.only(l, q, scope)
	}
	var all []found
	for _, l.valueless = range l.phases(q) {
		if len(all) > l.limit {
			break
		}
		more, err := r.merge(l, l.arms(q, scope))
		if err != nil {
			return ticket.Page{}, err
		}
		all = append(all, more...)
	}
	return l.page(all)
}

// merge walks the arms and returns what they find in the order of the list, the first limit + 1 of it complete.
func (r *reader) merge(l *listing, arms []arm) (all []found, err error) {
	for _, a := range arms {
		err := r.ses.each(func(rows *sql.Rows) error {
			var f found
			place := any(&f.at)
			if l.field != "" {
				place = &f.key
			}
			err := rows.Scan(place, &f.id, &f.doc)
			all = append(all, f)
			return err
		}, a.text(l), append(a.args, l.limit+1)...)
		if err != nil {
			return nil, classify("list tickets", err)
		}
	}
	slices.SortFunc(all, func(a, b found) int {
		c := cmp.Compare(a.at, b.at)
		if c == 0 {
			c = cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.id, b.id))
		}
		if l.desc {
			return -c
		}
		return c
	})
	return slices.CompactFunc(all, func(a, b found) bool { return a.id == b.id }), nil
}

// only lists one ticket or none: it is read by its id, whatever makes it visible.
func (r *reader) only(l *listing, q ticket.Query, scope ticket.Scope) (page ticket.Page, err error) {
	a := onlyArm(q, scope.Only)
	err = r.ses.each(func(rows *sql.Rows) error {
		var doc []byte
		if err := rows.Scan(&doc); err != nil {
			return err
		}
		t := new(ticket.Ticket)
		if err := decode(doc, t); err != nil {
			return err
		}
		if scope.Sees(t) && (l.after == nil || l.after.Compare(cursor.Of(t, l.sort), l.sort) < 0) {
			page.Tickets = append(page.Tickets, t)
		}
		return nil
	}, "SELECT t.doc FROM "+a.from+" WHERE "+strings.Join(a.where, " AND "), a.args...)
	return page, classify("list tickets", err)
}

func onlyArm(q ticket.Query, id int64) arm {
	a := filter(q).with("t.id = ?", id)
	a.from = "{p}tickets t"
	return a
}

// listing is what all arms of one page have in common.
type listing struct {
	sort      ticket.Sort
	column    string // of the time that the list is sorted by, or empty
	field     string // code of the custom field that it is sorted by instead
	valueless bool   // the tickets without a value in field, which come after all others
	desc      bool
	after     *cursor.Position
	limit     int
}

func newListing(q ticket.Query) (*listing, error) {
	sort, err := cursor.Sort(q.Sort)
	if err != nil {
		return nil, err
	}
	l := &listing{sort: sort, desc: cursor.Descending(sort), limit: pageSize(q.Limit)}
	switch code, _, ok := sort.Field(); {
	case ok:
		l.field = code
	case cursor.ByUpdate(sort):
		l.column = "updated"
	default:
		l.column = "created"
	}
	if q.Cursor != "" {
		p, err := cursor.Parse(q.Cursor, sort)
		if err != nil {
			return nil, err
		}
		l.after = &p
	}
	return l, nil
}

// phases returns what l.valueless is to be, one after the other: a list by a custom field goes on with the tickets that
// have no value in it. What q cannot select is left out, for it would be searched to its end.
func (l *listing) phases(q ticket.Query) []bool {
	if l.field == "" {
		return []bool{false}
	}
	with, without := l.after == nil || l.after.Key != "", true
	for _, f := range q.Fields {
		if f.Code == l.field {
			with, without = with && !f.Empty, without && f.Empty
		}
	}
	var out []bool
	if with {
		out = append(out, false)
	}
	if without {
		out = append(out, true)
	}
	return out
}

func (l *listing) page(all []found) (ticket.Page, error) {
	var p ticket.Page
	if len(all) > l.limit {
		all = all[:l.limit]
		last := all[l.limit-1]
		p.Next = cursor.Format(cursor.Position{At: fromMicros(last.at), Key: ticket.FieldKey(last.key), ID: last.id}, l.sort)
	}
	for _, f := range all {
		t := new(ticket.Ticket)
		if err := decode(f.doc, t); err != nil {
			return ticket.Page{}, err
		}
		p.Tickets = append(p.Tickets, t)
	}
	return p, nil
}

// arm is one walk through one index. In its conditions t is the ticket, f a facet, and v the value that a list is
// sorted by.
type arm struct {
	from   string // tables, the first with its index
	where  []string
	args   []any
	facet  bool // the walk is through the facets
	joined bool // the walk is through the values
}

func (a arm) with(cond string, args ...any) arm {
	a.where = append(slices.Clip(a.where), cond)
	a.args = append(slices.Clip(a.args), args...)
	return a
}

// place returns the columns of the place in the list.
func (a arm) place(l *listing) (at, id string) {
	switch {
	case l.valueless:
		return "''", "t.id"
	case l.field != "" && a.joined:
		return "v.value", "v.ticket"
	case l.field != "":
		return "v.value", "t.id"
	case a.facet && l.column == "updated":
		return "f.updated", "f.ticket"
	}
	return "t." + l.column, "t.id"
}

// text writes the arm as a query. INDEXED BY makes it fail rather than walk something else.
func (a arm) text(l *listing) string {
	at, id := a.place(l)
	dir := " ASC"
	if l.desc {
		dir = " DESC"
	}
	order := id + dir
	if !l.valueless {
		order = at + dir + ", " + order
	}
	return fmt.Sprintf("SELECT %s, t.id, t.doc FROM %s WHERE %s ORDER BY %s LIMIT ?", at, a.from, strings.Join(a.where, " AND "), order)
}

// from adds the value that the list is sorted by, and the place where the page starts.
func (l *listing) from(a arm) arm {
	switch {
	case l.valueless:
		a = a.with("NOT EXISTS (SELECT 1 FROM {p}field_values v WHERE v.ticket = t.id AND v.field = ?)", l.field)
	case l.field != "":
		if !a.joined {
			a.from += " CROSS JOIN {p}field_values v ON v.ticket = t.id"
		}
		a = a.with("v.field = ?", l.field)
	}
	if l.after == nil || (l.valueless && l.after.Key != "") { // all of them come after that
		return a
	}
	at, id := a.place(l)
	op := " > "
	if l.desc {
		op = " < "
	}
	switch {
	case l.valueless:
		return a.with(id+op+"?", l.after.ID)
	case l.field != "":
		return a.with("("+at+", "+id+")"+op+"(?, ?)", string(l.after.Key), l.after.ID)
	}
	return a.with("("+at+", "+id+")"+op+"(?, ?)", micros(l.after.At), l.after.ID)
}
