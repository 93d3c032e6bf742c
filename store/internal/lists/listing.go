package lists

import (
	"slices"

	"github.com/helpdeskgo/helpdesk/store/cursor"
	"github.com/helpdeskgo/helpdesk/store/internal/row"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// listing is one page in the making.
type listing struct {
	d      *Dialect
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

// document is the column of whole tickets.
const document = "t.doc"

// found is a place in a list, with the document if the list shows the ticket there.
type found struct {
	at       int64
	key      string // of the custom field that the list is sorted by
	priority string
	id       int64
	doc      []byte
	ticket   *ticket.Ticket // made of the document, or nil
}

// shown reports whether the ticket is in the list.
func (f *found) shown() bool { return f.doc != nil || f.ticket != nil }

func newListing(d *Dialect, q ticket.Query, scope ticket.Scope) (*listing, error) {
	order, err := cursor.OrderOf(q)
	if err != nil {
		return nil, err
	}
	from, err := cursor.Of(q, order)
	if err != nil {
		return nil, err
	}
	l := &listing{d: d, q: q, scope: scope, order: order, from: from, limit: ticket.PageSize(q.Limit), doc: document, asked: filter(d, q)}
	l.look()
	return l, nil
}

func (l *listing) back() bool { return l.from != nil && l.from.Back }

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
		if err := l.decode(&f); err != nil {
			return ticket.Page{}, err
		}
		p.Tickets = append(p.Tickets, f.ticket)
	}
	if l.back() {
		slices.Reverse(p.Tickets)
	}
	p.Next, p.Prev = cursor.Around(l.order, l.from, more)
	return p, nil
}

// decode makes the ticket of what was read, if it is to be shown and not counted.
func (l *listing) decode(f *found) error {
	if f.ticket != nil || l.doc != document {
		return nil
	}
	f.ticket = new(ticket.Ticket)
	return row.Decode(f.doc, f.ticket)
}

// onlyText reads the ticket that the scope is about, if it is asked for.
func (l *listing) onlyText() (string, []any) {
	cond, args := all(l.asked)
	return "SELECT t.doc FROM {p}tickets t WHERE t.id = ? AND " + cond, append([]any{l.scope.Only}, args...)
}
