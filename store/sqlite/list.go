package sqlite

import (
	"context"

	"github.com/helpdeskgo/helpdesk/store/internal/lists"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// lists finds the pages of lists by the session's statements.
func (r *reader) lists() lists.Reader {
	return lists.Reader{Source: r.ses, Dialect: lists.SQLite, Reach: r.reach}
}

// Tickets lists one page; see store.Reader.
func (r *reader) Tickets(ctx context.Context, q ticket.Query, scope ticket.Scope) (ticket.Page, error) {
	if err := r.check(ctx); err != nil {
		return ticket.Page{}, err
	}
	defer r.ses.free()
	page, err := r.lists().Tickets(ctx, q, scope)
	return page, classify("list tickets", err)
}

// CountTickets counts; see store.Reader.
func (r *reader) CountTickets(ctx context.Context, q ticket.Query, scope ticket.Scope, limit int) (ticket.Count, error) {
	if err := r.check(ctx); err != nil {
		return ticket.Count{}, err
	}
	defer r.ses.free()
	n, err := r.lists().Count(ctx, q, scope, limit)
	return n, classify("count tickets", err)
}
