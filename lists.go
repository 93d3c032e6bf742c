package helpdesk

import (
	"context"
	"fmt"
	"iter"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// asking is a query that somebody asks, as the store gets it.
type asking struct {
	actor ticket.Actor
	conf  *config
	query ticket.Query
	words string // of a search, and its order
	scope ticket.Scope
	place []byte // what cursors are bound to
}

// asks checks what an actor asks, and adds what only the desk knows. nothing says that there is nothing for them.
func (d *Desk) asks(ctx context.Context, actor ticket.Actor, q ticket.Query) (a asking, nothing bool, err error) {
	if (q.Deleted || q.Merged) && actor.IsCustomer() && !inGuard(ctx) {
		return a, true, nil
	}
	a = asking{actor: actor, query: q}
	if a.scope, err = d.scope(ctx, actor); err != nil {
		return a, false, err
	}
	if a.conf, err = d.confOf(ctx); err != nil {
		return a, false, err
	}
	if err := d.checkQuery(ctx, a.conf, actor, q); err != nil {
		return a, false, err
	}
	a.query.Departments = a.conf.askable(ctx, actor, q.Departments)
	a.query.After, a.query.Before, a.query.Ranks = nil, nil, make([]string, len(a.conf.Priorities))
	for i, p := range a.conf.Priorities {
		a.query.Ranks[i] = p.Code
	}
	if a.place, err = a.bind(); err == nil {
		a.query.Cursor, err = a.openCursor(q.Cursor)
	}
	return a, false, err
}

// Tickets lists one page of the tickets that the actor may see. Deleted ones are for staff only. The cursor of a page
// is good for the same query, but for its Limit, asked by the same actor. Errors: ticket.ErrNoActor; ticket.ErrInvalid
// for any other cursor, for an unknown order, folder or class, for lists longer than ticket.MaxValues and
// ticket.MaxConditions, and for customers who ask by what they are not shown, as by tags.
func (d *Desk) Tickets(ctx context.Context, q ticket.Query) (ticket.Page, error) {
	page, err := d.tickets(ctx, q)
	return page, failed("list tickets", err)
}

func (d *Desk) tickets(ctx context.Context, q ticket.Query) (page ticket.Page, err error) {
	ctx, actor, err := d.enter(ctx)
	if err != nil {
		return page, err
	}
	a, nothing, err := d.asks(ctx, actor, q)
	if err != nil || nothing {
		return page, err
	}
	err = d.store.View(store.OneRead(ctx), func(ctx context.Context, r store.Reader) (err error) {
		page, err = r.Tickets(ctx, a.query, a.scope)
		return err
	})
	if err != nil {
		return ticket.Page{}, err
	}
	for i, t := range page.Tickets {
		page.Tickets[i] = d.show(ctx, actor, t)
	}
	if page.Next, err = a.hideCursor(page.Next); err == nil {
		page.Prev, err = a.hideCursor(page.Prev)
	}
	return page, err
}

// AllTickets goes through every ticket of the query, page after page, the short ones too. It ends with the first error,
// which comes with a nil ticket.
func (d *Desk) AllTickets(ctx context.Context, q ticket.Query) iter.Seq2[*ticket.Ticket, error] {
	return func(yield func(*ticket.Ticket, error) bool) {
		for {
			page, err := d.Tickets(ctx, q)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, t := range page.Tickets {
				if !yield(t, nil) {
					return
				}
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				return
			}
		}
	}
}

// Neighbours returns the tickets before and after a ticket in the list of a query, in its order, nil where there is none
// that the actor may see (M10). The ticket itself need not be in the list, or not any more: what counts is the place
// that it would have. Cursor and Limit of the query are not looked at.
//
// How far it looks is bounded, as for a page: a neighbour beyond very many tickets that are not in the list is nil, too.
// Errors: ticket.ErrNoActor; ticket.ErrNotFound; ticket.ErrInvalid as for Tickets.
func (d *Desk) Neighbours(ctx context.Context, q ticket.Query, id int64) (prev, next *ticket.Ticket, err error) {
	ctx, actor, err := d.enter(ctx)
	if err == nil {
		prev, next, err = d.neighbours(ctx, actor, q, id)
	}
	if err != nil {
		return nil, nil, failed(fmt.Sprintf("find the neighbours of ticket %d", id), err)
	}
	return d.show(ctx, actor, prev), d.show(ctx, actor, next), nil
}

func (d *Desk) neighbours(ctx context.Context, actor ticket.Actor, q ticket.Query, id int64) (prev, next *ticket.Ticket, err error) {
	q.Cursor, q.Limit = "", 1
	t, err := d.read(ctx, actor, id)
	if err != nil {
		return nil, nil, err
	}
	a, nothing, err := d.asks(ctx, actor, q)
	if err != nil || nothing {
		return nil, nil, err
	}
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
		before, after := a, a
		before.query.Before, after.query.After = t, t
		if prev, err = before.first(ctx, r, func(p ticket.Page) string { return p.Prev }); err == nil {
			next, err = after.first(ctx, r, func(p ticket.Page) string { return p.Next })
		}
		return err
	})
	return prev, next, err
}

// neighbourPages is how many pages are turned to find a neighbour: all but the last of them were short.
const neighbourPages = 4

// first returns the first ticket that comes up, turning pages.
func (a asking) first(ctx context.Context, r store.Reader, to func(ticket.Page) string) (*ticket.Ticket, error) {
	for range neighbourPages {
		page, err := r.Tickets(ctx, a.query, a.scope)
		if err != nil {
			return nil, err
		}
		if len(page.Tickets) > 0 {
			return page.Tickets[0], nil
		}
		a.query.After, a.query.Before = nil, nil
		if a.query.Cursor = to(page); a.query.Cursor == "" {
			break
		}
	}
	return nil, nil
}

// firstTickets returns the first page of a query that is not empty, whoever may see it; nothing where there is none.
func firstTickets(ctx context.Context, r store.Reader, q ticket.Query) ([]*ticket.Ticket, error) {
	for {
		page, err := r.Tickets(ctx, q, ticket.Scope{All: true})
		if err != nil || len(page.Tickets) > 0 {
			return page.Tickets, err
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return nil, nil
		}
	}
}

// anyTicket reports whether a query finds a ticket, whoever may see it.
func anyTicket(ctx context.Context, r store.Reader, q ticket.Query) (bool, error) {
	q.Limit = 1
	list, err := firstTickets(ctx, r, q)
	return len(list) > 0, err
}
