package helpdesk

import (
	"context"
	"fmt"

	"github.com/helpdeskgo/helpdesk/internal/ledger"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Entries lists entries of tickets that the actor may see, page by page. Errors: ticket.ErrNoActor; ticket.ErrNotFound
// for a ticket that the actor may not see; ticket.ErrForbidden for customers; ticket.ErrInvalid for a cursor that is none
// of the same query, asked by the same actor.
func (g Time) Entries(ctx context.Context, q ticket.TimeQuery) (ticket.TimePage, error) {
	page, err := g.d.timeEntries(ctx, q)
	if q.TicketID != 0 {
		return page, failed(fmt.Sprintf("list time entries of ticket %d", q.TicketID), err)
	}
	return page, failed("list time entries", err)
}

func (d *Desk) timeEntries(ctx context.Context, q ticket.TimeQuery) (ticket.TimePage, error) {
	ctx, actor, err := d.staffAt(ctx)
	if err != nil {
		return ticket.TimePage{}, err
	}
	if q.TicketID != 0 {
		if _, err := d.read(ctx, actor, q.TicketID); err != nil {
			return ticket.TimePage{}, err
		}
	}
	q.From, q.To = ticket.Time(q.From), ticket.Time(q.To)
	whole := q
	whole.Cursor, whole.Limit = "", 0
	lq := ledger.Query[ticket.TimeEntry]{Ticket: q.TicketID, Agent: q.Agent, From: q.From, To: q.To, Cursor: q.Cursor, Limit: q.Limit, Selects: q.Selects}
	list, next, err := ledgerPage(ctx, d, actor, times, whole, lq, func(*ticket.Ticket) (bool, error) { return true, nil })
	return ticket.TimePage{Entries: list, Next: next}, err
}

// Sum is the working time of all tickets that Tickets lists for the query: of a client (Query.Requester), of an
// organisation, of a brand. Spent.Unbilled is what no invoice has. Errors: as Tickets; ticket.ErrForbidden for
// customers.
func (g Time) Sum(ctx context.Context, q ticket.Query) (ticket.Spent, error) {
	var sum ticket.Spent
	if _, _, err := g.d.staffAt(ctx); err != nil {
		return sum, failed("sum up time", err)
	}
	q.Cursor, q.Limit, q.Sort = "", ticket.MaxPage, ticket.OldestCreated // an order that no write changes meanwhile
	for t, err := range g.d.AllTickets(ctx, q) {
		if err != nil {
			return ticket.Spent{}, failed("sum up time", err)
		}
		sum.Total, sum.Billable, sum.Invoiced = sum.Total+t.Spent.Total, sum.Billable+t.Spent.Billable, sum.Invoiced+t.Spent.Invoiced
	}
	return sum, nil
}
