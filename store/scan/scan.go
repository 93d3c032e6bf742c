// Package scan answers what package store asks about tickets by looking at every one of them: it is for stores that have
// no index for a question, as the reference store, an outline, or one over keys and values. What it says is what all
// stores must say.
//
// The tickets come in any order, each once. They are not changed, and those of a page are not copied: what a store
// returns belongs to its caller, so a store that keeps them copies them.
package scan

import (
	"iter"
	"slices"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/cursor"
	"github.com/helpdeskgo/helpdesk/store/internal/tally"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Page is what store.Reader's Tickets returns. ticket.ErrInvalid for an order that lists do not have, and for a cursor
// that no list of this order gave out.
func Page(tickets iter.Seq[*ticket.Ticket], q ticket.Query, scope ticket.Scope) (ticket.Page, error) {
	order, err := cursor.OrderOf(q)
	if err != nil {
		return ticket.Page{}, err
	}
	from, err := cursor.Of(q, order)
	if err != nil {
		return ticket.Page{}, err
	}
	back := from != nil && from.Back
	var found []standing
	for t := range tickets {
		if at := order.Of(t); scope.Sees(t) && q.Selects(t) && (from == nil || from.Admits(at, order)) {
			found = append(found, standing{at, t})
		}
	}
	slices.SortFunc(found, func(a, b standing) int {
		if back {
			a, b = b, a
		}
		return order.Compare(a.at, b.at)
	})
	var more *cursor.Cursor
	if n := ticket.PageSize(q.Limit); len(found) > n {
		found = found[:n]
		more = &cursor.Cursor{Position: found[n-1].at, Before: back, Back: back}
	}
	if back {
		slices.Reverse(found)
	}
	page := ticket.Page{}
	page.Next, page.Prev = cursor.Around(order, from, more)
	for _, f := range found {
		page.Tickets = append(page.Tickets, f.ticket)
	}
	return page, nil
}

// standing is a ticket and its place in the list.
type standing struct {
	at     cursor.Position
	ticket *ticket.Ticket
}

// Count is what store.Reader's CountTickets returns: ticket.ErrInvalid unless limit is above 0.
func Count(tickets iter.Seq[*ticket.Ticket], q ticket.Query, scope ticket.Scope, limit int) (c ticket.Count, err error) {
	if limit <= 0 {
		return c, ticket.Invalid("limit", ticket.FaultOutOfRange, "must be above 0")
	}
	for t := range tickets {
		if !scope.Sees(t) || !q.Selects(t) {
			continue
		}
		if c.N == limit {
			c.More = true
			break
		}
		c.N++
	}
	return c, nil
}

// Tallies is what store.Reader's Tallies returns. Of the tickets whose number q limits those are counted that come
// first.
func Tallies(tickets iter.Seq[*ticket.Ticket], q store.TallyQuery, scope ticket.Scope) store.Tallies {
	sum, walked, more := tally.Sum{}, 0, false
	for t := range tickets {
		if !tally.Live(t) || !scope.Sees(t) {
			continue
		}
		if !tally.InPlace(scope, t) && (q.By == store.TallyTags || !tally.Own(scope, t)) {
			if walked++; walked > tally.Limit(q) {
				more = true
				continue
			}
		}
		for _, one := range tally.Of(q, t) {
			sum.Add(one)
		}
	}
	return store.Tallies{Rows: sum.Rows(), More: more}
}
