package memory

import (
	"context"
	"iter"
	"math"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/scan"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// minSeq is below every Seq and id: where a range starts.
const minSeq = math.MinInt64

// everyTicket yields what is stored, which the caller must not change.
func (r *reader) everyTicket() iter.Seq[*ticket.Ticket] {
	all := r.state.tickets.all()
	return func(yield func(*ticket.Ticket) bool) {
		for _, t := range all {
			if !yield(t) {
				return
			}
		}
	}
}

func (r *reader) Tickets(ctx context.Context, q ticket.Query, scope ticket.Scope) (ticket.Page, error) {
	if err := r.check(ctx); err != nil {
		return ticket.Page{}, err
	}
	page, err := scan.Page(r.everyTicket(), q, scope)
	for i, t := range page.Tickets {
		page.Tickets[i] = t.Clone()
	}
	return page, err
}

func (r *reader) CountTickets(ctx context.Context, q ticket.Query, scope ticket.Scope, limit int) (ticket.Count, error) {
	if err := r.check(ctx); err != nil {
		return ticket.Count{}, err
	}
	return scan.Count(r.everyTicket(), q, scope, limit)
}

// Tallies counts all tickets anew: what other stores keep is compared with it.
func (r *reader) Tallies(ctx context.Context, q store.TallyQuery, scope ticket.Scope) (store.Tallies, error) {
	if err := r.check(ctx); err != nil {
		return store.Tallies{}, err
	}
	return scan.Tallies(r.everyTicket(), q, scope), nil
}
