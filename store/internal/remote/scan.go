package remote

import (
	"context"
	"iter"
	"slices"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/row"
	"github.com/helpdeskgo/helpdesk/store/scan"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// all reads every ticket.
func (r *reader) all(ctx context.Context) (iter.Seq[*ticket.Ticket], error) {
	if err := r.check(ctx); err != nil {
		return nil, err
	}
	list, err := several(r, "tickets", func(scan Scan) (*ticket.Ticket, error) {
		var doc []byte
		if err := scan(&doc); err != nil {
			return nil, err
		}
		t := new(ticket.Ticket)
		return t, row.Decode(doc, t)
	}, "SELECT doc FROM {p}tickets ORDER BY id")
	return slices.Values(list), err
}

// Tickets lists one page.
func (r *reader) Tickets(ctx context.Context, q ticket.Query, scope ticket.Scope) (ticket.Page, error) {
	list, err := r.all(ctx)
	if err != nil {
		return ticket.Page{}, err
	}
	return scan.Page(list, q, scope)
}

// CountTickets counts.
func (r *reader) CountTickets(ctx context.Context, q ticket.Query, scope ticket.Scope, limit int) (ticket.Count, error) {
	list, err := r.all(ctx)
	if err != nil {
		return ticket.Count{}, err
	}
	return scan.Count(list, q, scope, limit)
}

func (r *reader) scanTallies(ctx context.Context, q store.TallyQuery, scope ticket.Scope) (store.Tallies, error) {
	list, err := r.all(ctx)
	if err != nil {
		return store.Tallies{}, err
	}
	return scan.Tallies(list, q, scope), nil
}
