// Package lists finds the pages of ticket lists in a database over SQL, and counts along the same walks. Every page has a
// bounded cost: arms that each walk one index are merged, several ways are tried where none is exact, and a page ends
// early rather than look at more tickets. Dialects say how a database is asked.
package lists

import (
	"context"

	"github.com/helpdeskgo/helpdesk/store/internal/row"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Source runs the statements of one snapshot. In their text {p} stands for what the names of tables and indexes begin
// with, and ? for each argument. Numbers are read as int64 or int, texts as string, documents as []byte.
type Source interface {
	// Each calls fn with what reads each row, as Scan of database/sql does. fn runs no statements.
	Each(ctx context.Context, fn func(scan func(into ...any) error) error, text string, args ...any) error
}

// Opener is a Source of an embedded database: it has the rows of several statements open at once, also of the same text.
type Opener interface {
	Source
	Open(ctx context.Context, text string, args ...any) (Rows, error)
	// Keep copies a document from its row to memory that lasts until the list is made.
	Keep(doc []byte) []byte
}

// Rows are those of a statement; database/sql says what the methods do. Err is asked when Next says that there is none.
// Documents are read as sql.RawBytes, which live until the next row.
type Rows interface {
	Next() bool
	Scan(into ...any) error
	Err() error
	Close() error
}

// Reader lists and counts the tickets of one snapshot. The Source of a Dialect that is not of a server is an Opener.
type Reader struct {
	Source  Source
	Dialect *Dialect
	Reach   Reach
}

// number reads the one number of a row.
func (r Reader) number(ctx context.Context, text string, args ...any) (n int64, err error) {
	err = r.Source.Each(ctx, func(scan func(...any) error) error { return scan(&n) }, text, args...)
	return n, err
}

// Tickets lists one page: phase after phase is walked from the cursor until the page is full. See store.Reader.
func (r Reader) Tickets(ctx context.Context, q ticket.Query, scope ticket.Scope) (ticket.Page, error) {
	l, err := newListing(r.Dialect, q, scope)
	if err != nil {
		return ticket.Page{}, err
	}
	if scope.Only != 0 {
		return r.only(ctx, l)
	}
	return r.list(ctx, l)
}

func (r Reader) list(ctx context.Context, l *listing) (ticket.Page, error) {
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

// only lists one ticket or none: it is read by its id, whatever makes it visible.
func (r Reader) only(ctx context.Context, l *listing) (ticket.Page, error) {
	text, args := l.onlyText()
	var doc []byte
	err := r.Source.Each(ctx, func(scan func(...any) error) error { return scan(&doc) }, text, args...)
	if err != nil {
		return ticket.Page{}, err
	}
	if doc == nil {
		return l.page(nil)
	}
	t := new(ticket.Ticket)
	if err := row.Decode(doc, t); err != nil {
		return ticket.Page{}, err
	}
	if l.scope.Sees(t) && (l.from == nil || l.from.Admits(l.order.Of(t), l.order)) {
		l.hits = []found{{doc: doc}}
	}
	return l.page(nil)
}

// Count counts along the same walks as Tickets lists, over as many as some pages read. See store.Reader's CountTickets.
func (r Reader) Count(ctx context.Context, q ticket.Query, scope ticket.Scope, limit int) (ticket.Count, error) {
	if limit <= 0 {
		return ticket.Count{}, ticket.Invalid("limit", ticket.FaultOutOfRange, "must be above 0")
	}
	q.Sort, q.Cursor, q.Limit, q.After, q.Before = "", "", 0, nil, nil
	l, err := newListing(r.Dialect, q, scope)
	if err != nil {
		return ticket.Count{}, err
	}
	if scope.Only != 0 {
		page, err := r.only(ctx, l)
		return ticket.Count{N: len(page.Tickets)}, err
	}
	l.limit, l.doc = limit, "'1'"
	for looked := 0; ; looked += l.walked {
		l.walked = 0
		stopped, err := r.walkPhases(ctx, l)
		switch {
		case err != nil:
			return ticket.Count{}, err
		case len(l.hits) > limit, stopped != nil && looked+l.walked >= countReach:
			return ticket.Count{N: min(len(l.hits), limit), More: true}, nil
		case stopped == nil:
			return ticket.Count{N: len(l.hits)}, nil
		}
		l.from = l.cursorAt(*stopped)
	}
}

// countReach is how many tickets a count looks at, more or less: that of some pages.
const countReach = 4 * 5000

// walkPhases walks on until the page is full, enough was looked at, or the list is over.
func (r Reader) walkPhases(ctx context.Context, l *listing) (stopped *found, err error) {
	for _, ph := range l.phases() {
		if stopped, err = r.walkPhase(ctx, l, ph); err != nil || stopped != nil || len(l.hits) > l.limit {
			return stopped, err
		}
	}
	return nil, nil
}

// Conditions is what a query and a scope ask of the ticket t, for whoever finds tickets in another way: a condition, and
// its arguments.
func (d *Dialect) Conditions(q ticket.Query, scope ticket.Scope) (text string, args []any) {
	l := &listing{d: d, q: q, scope: scope, asked: filter(d, q)}
	l.look()
	conds := append(l.asked, l.seen...)
	if scope.Only != 0 {
		conds = append(conds, condition{"only", "t.id = ?", []any{scope.Only}})
	}
	return all(conds)
}
