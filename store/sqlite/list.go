package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/store/internal/cursor"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// maxArms is how many walks through indexes one list may be merged from. Beyond it one index is walked and the rest
// filtered.
const maxArms = 96

// found is a place in a list with its document.
type found struct {
	at, id int64
	doc    []byte
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
	var all []found
	for _, a := range l.arms(q, scope) {
		if all, err = r.walk(l, a, all); err != nil {
			return ticket.Page{}, classify("list tickets", err)
		}
	}
	return l.page(all)
}

func (r *reader) walk(l *listing, a arm, all []found) ([]found, error) {
	err := r.ses.each(func(rows *sql.Rows) error {
		var f found
		err := rows.Scan(&f.at, &f.id, &f.doc)
		all = append(all, f)
		return err
	}, a.text(l), append(a.args, l.limit+1)...)
	return all, err
}

// listing is what all arms of one page have in common.
type listing struct {
	sort   ticket.Sort
	column string // that the list is sorted by
	desc   bool
	after  *cursor.Position
	limit  int
}

func newListing(q ticket.Query) (*listing, error) {
	sort, err := cursor.Sort(q.Sort)
	if err != nil {
		return nil, err
	}
	l := &listing{sort: sort, column: "created", desc: cursor.Descending(sort), limit: pageSize(q.Limit)}
	if cursor.ByUpdate(sort) {
		l.column = "updated"
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

func (l *listing) page(all []found) (ticket.Page, error) {
	slices.SortFunc(all, func(a, b found) int {
		c := 0
		switch {
		case a.at != b.at:
			c = sign(a.at < b.at)
		case a.id != b.id:
			c = sign(a.id < b.id)
		}
		if l.desc {
			return -c
		}
		return c
	})
	all = slices.CompactFunc(all, func(a, b found) bool { return a.id == b.id })
	var p ticket.Page
	if len(all) > l.limit {
		all = all[:l.limit]
		last := all[l.limit-1]
		p.Next = cursor.Format(cursor.Position{At: fromMicros(last.at), ID: last.id}, l.sort)
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

func sign(less bool) int {
	if less {
		return -1
	}
	return 1
}

// arm is one walk through one index.
type arm struct {
	from  string   // table with its index
	where []string // conditions; t is the ticket
	args  []any
	facet bool // the walk is through the facets f
}

func (a arm) with(cond string, args ...any) arm {
	a.where = append(slices.Clip(a.where), cond)
	a.args = append(slices.Clip(a.args), args...)
	return a
}

// text writes the arm as a query. INDEXED BY makes it fail rather than walk something else.
func (a arm) text(l *listing) string {
	at, id, dir := "t."+l.column, "t.id", "ASC"
	if a.facet && l.column == "updated" {
		at, id = "f.updated", "f.ticket"
	}
	if l.desc {
		dir = "DESC"
	}
	return fmt.Sprintf("SELECT %s, t.id, t.doc FROM %s WHERE %s ORDER BY %s %s, %s %s LIMIT ?", at, a.from, strings.Join(a.where, " AND "), at, dir, id, dir)
}

// from adds the place where the page starts.
func (l *listing) from(a arm) arm {
	if l.after == nil {
		return a
	}
	place := "(t." + l.column + ", t.id)"
	if a.facet && l.column == "updated" {
		place = "(f.updated, f.ticket)"
	}
	if l.desc {
		return a.with(place+" < (?, ?)", micros(l.after.At), l.after.ID)
	}
	return a.with(place+" > (?, ?)", micros(l.after.At), l.after.ID)
}

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

func has(a arm, kind int, value string) arm {
	return a.with("EXISTS (SELECT 1 FROM {p}facets e WHERE e.kind = ? AND e.value = ? AND e.updated = t.updated AND e.ticket = t.id)", kind, value)
}

// filter returns the conditions of q, whatever index is walked.
func filter(q ticket.Query) arm {
	var a arm
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
