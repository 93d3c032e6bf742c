package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/store/cursor"
	"github.com/helpdeskgo/helpdesk/store/internal/row"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// listing is one page in the making.
type listing struct {
	q      ticket.Query
	scope  ticket.Scope
	order  cursor.Order
	from   *cursor.Cursor // where it begins; nil at the beginning of the list
	limit  int
	doc    string      // what is read of each ticket
	asked  []condition // what q asks of each ticket
	parts  []part      // what the scope shows, where it does not see all
	seen   []condition // what it asks of each ticket, see look
	walked int         // tickets that were looked at
	hits   []found
}

// found is a place in a list, with the document if the list shows the ticket there.
type found struct {
	at       int64
	key      string // of the custom field that the list is sorted by
	priority string
	id       int64
	doc      []byte
}

func newListing(q ticket.Query, scope ticket.Scope) (*listing, error) {
	order, err := cursor.OrderOf(q)
	if err != nil {
		return nil, err
	}
	from, err := cursor.Of(q, order)
	if err != nil {
		return nil, err
	}
	l := &listing{q: q, scope: scope, order: order, from: from, limit: ticket.PageSize(q.Limit), doc: "t.doc", asked: filter(q)}
	l.look()
	return l, nil
}

func (l *listing) back() bool { return l.from != nil && l.from.Back }

// Tickets lists one page: phase after phase is walked from the cursor until the page is full.
func (r *reader) Tickets(ctx context.Context, q ticket.Query, scope ticket.Scope) (ticket.Page, error) {
	if err := r.check(ctx); err != nil {
		return ticket.Page{}, err
	}
	l, err := newListing(q, scope)
	if err != nil {
		return ticket.Page{}, err
	}
	if scope.Only != 0 {
		return r.only(l)
	}
	defer r.ses.free()
	page, err := r.list(ctx, l)
	return page, classify("list tickets", err)
}

func (r *reader) list(ctx context.Context, l *listing) (ticket.Page, error) {
	for _, ph := range l.phases() {
		stopped, err := r.walkPhase(ctx, l, ph)
		if err != nil {
			return ticket.Page{}, err
		}
		if len(l.hits) > l.limit {
			return l.page(l.cursorAt(l.hits[l.limit-1]))
		}
		if stopped != nil {
			return l.page(l.cursorAt(*stopped))
		}
	}
	return l.page(nil)
}

// cursorAt is the cursor of a page that goes on after the place.
func (l *listing) cursorAt(f found) *cursor.Cursor {
	p := cursor.Position{Key: ticket.FieldKey(f.key), Priority: f.priority, ID: f.id}
	if _, _, field := l.order.Sort.Field(); !field {
		p.At = row.FromMicros(f.at)
	}
	return &cursor.Cursor{Position: p, Before: l.back(), Back: l.back()}
}

// page reads what was found. more is where the list goes on, nil where it is over.
func (l *listing) page(more *cursor.Cursor) (ticket.Page, error) {
	var p ticket.Page
	for _, f := range l.hits[:min(len(l.hits), l.limit)] {
		t := new(ticket.Ticket)
		if err := row.Decode(f.doc, t); err != nil {
			return ticket.Page{}, err
		}
		p.Tickets = append(p.Tickets, t)
	}
	if l.back() {
		slices.Reverse(p.Tickets)
	}
	p.Next, p.Prev = cursor.Around(l.order, l.from, more)
	return p, nil
}

// only lists one ticket or none: it is read by its id, whatever makes it visible.
func (r *reader) only(l *listing) (ticket.Page, error) {
	a := onlyArm(l)
	var doc []byte
	err := r.ses.row([]any{&doc}, "SELECT t.doc FROM "+a.from+" WHERE "+strings.Join(a.where, " AND "), a.args...)
	if errors.Is(err, sql.ErrNoRows) {
		return l.page(nil)
	}
	t := new(ticket.Ticket)
	if err == nil {
		err = row.Decode(doc, t)
	}
	if err != nil {
		return ticket.Page{}, classify("list tickets", err)
	}
	if l.scope.Sees(t) && (l.from == nil || l.from.Admits(l.order.Of(t), l.order)) {
		l.hits = []found{{doc: doc}}
	}
	return l.page(nil)
}

func onlyArm(l *listing) arm {
	a := arm{from: "{p}tickets t"}.walks("t.id = ?", l.scope.Only)
	for _, c := range l.asked {
		a = a.walks(c.text, c.args...)
	}
	return a
}
