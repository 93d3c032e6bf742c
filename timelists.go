package helpdesk

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/helpdeskgo/helpdesk/store"
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
	if q.Limit <= 0 {
		q.Limit = ticket.DefaultPage
	}
	q.Limit = min(q.Limit, ticket.MaxPage)
	q.From, q.To = ticket.Time(q.From), ticket.Time(q.To)
	whole := q
	whole.Cursor, whole.Limit = "", 0
	list, err := d.listing(ctx, actor, kindTime, whole)
	if err == nil {
		q.Cursor, err = list.openCursor(q.Cursor)
	}
	if err != nil {
		return ticket.TimePage{}, err
	}
	var page ticket.TimePage
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
		if q.TicketID != 0 {
			page, err = entriesOf(ctx, r, q)
		} else {
			page, err = entriesFrom(ctx, r, q)
		}
		return err
	})
	if err == nil {
		page.Next, err = list.hideCursor(page.Next)
	}
	if err != nil {
		return ticket.TimePage{}, err
	}
	return page, d.hideTime(ctx, actor, &page)
}

// entriesOf lists those of one ticket.
func entriesOf(ctx context.Context, r store.Reader, q ticket.TimeQuery) (page ticket.TimePage, err error) {
	recs, err := r.Records(ctx, store.RecordQuery{Kind: kindTime, Parent: decimal(q.TicketID), After: q.Cursor, Limit: ticket.MaxPage + 1})
	for i, rec := range recs {
		if i == ticket.MaxPage || len(page.Entries) == q.Limit {
			page.Next = recs[i-1].Key
			break
		}
		var e ticket.TimeEntry
		if err := json.Unmarshal(rec.Doc, &e); err != nil {
			return page, err
		}
		if q.Selects(e) {
			page.Entries = append(page.Entries, e)
		}
	}
	return page, err
}

// entriesFrom lists those of an agent, or of everybody, from a time on.
func entriesFrom(ctx context.Context, r store.Reader, q ticket.TimeQuery) (page ticket.TimePage, err error) {
	after := q.Cursor
	if after == "" && !q.From.IsZero() {
		after = byNumber(max(0, q.From.UnixMicro()))
	}
	recs, err := r.Records(ctx, store.RecordQuery{Kind: kindTimeAt, Parent: q.Agent, After: after, Limit: ticket.MaxPage + 1})
	for i, rec := range recs {
		if !q.To.IsZero() && rec.Key >= byNumber(max(0, q.To.UnixMicro())) {
			break
		}
		if i == ticket.MaxPage || len(page.Entries) == q.Limit {
			page.Next = recs[i-1].Key
			break
		}
		var id int64
		if err := json.Unmarshal(rec.Doc, &id); err != nil {
			return page, err
		}
		e, err := entryAt(ctx, r, id)
		if err != nil {
			return page, err
		}
		if q.Selects(e) {
			page.Entries = append(page.Entries, e)
		}
	}
	return page, err
}

// hideTime leaves out what is of tickets that the actor may not see.
func (d *Desk) hideTime(ctx context.Context, actor ticket.Actor, page *ticket.TimePage) error {
	ids := make([]int64, len(page.Entries))
	for i, e := range page.Entries {
		ids[i] = e.TicketID
	}
	seen, err := d.readEach(ctx, actor, ids)
	if err != nil {
		return err
	}
	page.Entries = slices.DeleteFunc(page.Entries, func(e ticket.TimeEntry) bool { return seen[e.TicketID] == nil })
	return nil
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
