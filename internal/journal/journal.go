// Package journal reads what became of tickets from their journals.
package journal

import (
	"context"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// AsOf takes from the ticket, newest first, what events after e changed: it is the ticket as e left it.
func AsOf(ctx context.Context, r store.Reader, e *ticket.Event) (*ticket.Ticket, error) {
	t, err := r.Ticket(ctx, e.TicketID, ticket.Scope{All: true})
	if err != nil {
		return nil, err
	}
	later, err := Since(ctx, r, t.ID, e.Seq)
	if err != nil {
		return nil, err
	}
	for i := len(later) - 1; i >= 0; i-- {
		if err := ticket.Undo(t, later[i].Changes); err != nil {
			return nil, err
		}
	}
	t.Version, t.EventSeq = e.Version, e.Seq
	return t, nil
}

// Since lists the events of a ticket after one of that number, in their order.
func Since(ctx context.Context, r store.Reader, ticketID, seq int64) (list []*ticket.Event, err error) {
	for {
		page, err := r.Events(ctx, ticket.EventQuery{TicketID: ticketID, AfterSeq: seq, Limit: ticket.MaxPage})
		if err != nil || len(page) == 0 {
			return list, err
		}
		list = append(list, page...)
		seq = page[len(page)-1].Seq
	}
}
