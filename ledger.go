package helpdesk

import (
	"context"
	"slices"

	"github.com/helpdeskgo/helpdesk/internal/ledger"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// ledgerPage lists for an actor: the cursor is one that the desk gave them for the same question, and what is of tickets
// that they may not see, or of which sees says no, is left out.
func ledgerPage[T any](ctx context.Context, d *Desk, actor ticket.Actor, l ledger.Ledger[T], question any, q ledger.Query[T], sees func(*ticket.Ticket) (bool, error)) (out []T, next string, err error) {
	if q.Limit <= 0 {
		q.Limit = ticket.DefaultPage
	}
	q.Limit = min(q.Limit, ticket.MaxPage)
	listing, err := d.listing(ctx, actor, l.Kind, question)
	if err == nil {
		q.Cursor, err = listing.openCursor(q.Cursor)
	}
	if err != nil {
		return nil, "", err
	}
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
		out, next, err = l.List(ctx, r, q)
		return err
	})
	if err == nil {
		next, err = listing.hideCursor(next)
	}
	if err == nil {
		out, err = ledgerVisible(ctx, d, actor, l, out, sees)
	}
	if err != nil {
		return nil, "", err
	}
	return out, next, nil
}

func ledgerVisible[T any](ctx context.Context, d *Desk, actor ticket.Actor, l ledger.Ledger[T], list []T, sees func(*ticket.Ticket) (bool, error)) ([]T, error) {
	ids := make([]int64, len(list))
	for i := range list {
		ids[i] = l.Place(&list[i]).Ticket
	}
	tickets, err := d.readEach(ctx, actor, ids)
	if err != nil {
		return nil, err
	}
	for id, t := range tickets {
		seen, err := sees(t)
		if err != nil {
			return nil, err
		}
		if !seen {
			delete(tickets, id)
		}
	}
	return slices.DeleteFunc(list, func(v T) bool { return tickets[l.Place(&v).Ticket] == nil }), nil
}
