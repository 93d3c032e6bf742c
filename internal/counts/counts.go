// Package counts makes the numbers beside lists from those that a store keeps by place, by agent and by tag, or, for
// customers, from their tickets one by one. What of them an actor may see comes in as a scope.
package counts

import (
	"context"
	"reflect"
	"slices"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// counting sums up.
type counting struct{ out ticket.Counters }

func begin() *counting {
	return &counting{ticket.Counters{Agents: map[string]ticket.Tally{}, Statuses: map[string]ticket.Tally{}, Departments: map[string]ticket.Tally{},
		Brands: map[string]ticket.Tally{}, Folders: map[ticket.Folder]ticket.Tally{}}}
}

// add counts tickets that are alike.
func (c *counting) add(t store.Tally) {
	c.out.All.Add(t.Class, t.N, t.Unread)
	raise(c.out.Statuses, t.Status, t)
	raise(c.out.Departments, t.Department, t)
	raise(c.out.Brands, t.Brand, t)
}

func raise[K comparable](of map[K]ticket.Tally, key K, t store.Tally) {
	sum := of[key]
	sum.Add(t.Class, t.N, t.Unread)
	of[key] = sum
}

// Kept reads the numbers that the store keeps. Mine is for the caller to choose from Agents.
func Kept(ctx context.Context, r store.Reader, scope ticket.Scope, query ticket.CounterQuery) (ticket.Counters, error) {
	c := begin()
	q := store.TallyQuery{Folders: query.Folders, Brands: query.Brands, Departments: query.Departments}
	places, err := r.Tallies(ctx, q, scope)
	if err != nil {
		return c.out, err
	}
	for _, t := range places.Rows {
		if c.add(t); !t.Assigned {
			c.out.Unassigned.Add(t.Class, t.N, t.Unread)
		}
	}
	q.By, q.Whole = store.TallyAssignees, true
	agents, err := r.Tallies(ctx, q, scope)
	if err != nil {
		return c.out, err
	}
	for _, t := range agents.Rows {
		raise(c.out.Agents, t.Assignee, t)
	}
	q.By, q.Folders = store.TallyPlaces, nil
	folders, err := r.Tallies(ctx, q, scope)
	if err != nil {
		return c.out, err
	}
	for _, t := range folders.Rows {
		raise(c.out.Folders, t.Folder, t)
	}
	c.out.More = places.More || agents.More
	return c.out, nil
}

// Own goes through a customer's tickets, the newest ticket.MaxCount of them. Unread is what the customer has not read.
// Hidden says of which departments they hear nothing: those are counted without a name.
func Own(ctx context.Context, r store.Reader, scope ticket.Scope, query ticket.CounterQuery, hidden func(department string) bool) (ticket.Counters, error) {
	c := begin()
	q := ticket.Query{Brands: query.Brands, Departments: query.Departments, Limit: ticket.MaxPage}
	for n := 0; n < ticket.MaxCount; {
		page, err := r.Tickets(ctx, q, scope)
		if err != nil {
			return c.out, err
		}
		for _, t := range page.Tickets {
			one := store.Tally{Place: ticket.Place{Brand: t.Brand, Department: t.Department}, Folder: t.Folder, Class: t.Class, Status: t.Status, N: 1}
			if t.UnreadByClient {
				one.Unread = 1
			}
			if hidden(t.Department) {
				one.Department = ""
			}
			raise(c.out.Folders, t.Folder, one)
			if len(query.Folders) == 0 || slices.Contains(query.Folders, t.Folder) {
				c.add(one)
			}
		}
		n += len(page.Tickets)
		if q.Cursor = page.Next; q.Cursor == "" {
			return c.out, nil
		}
	}
	c.out.More = true
	return c.out, nil
}

// Answers reports whether the numbers that are kept can answer a query.
func Answers(q ticket.Query) bool {
	if q.Unassigned && q.Assignee != "" {
		return false
	}
	q.Folders, q.Classes, q.Statuses, q.Departments, q.Brands, q.Assignee, q.Unassigned, q.UnreadByStaff = nil, nil, nil, nil, nil, "", false, false
	return reflect.ValueOf(q).IsZero()
}

// Sum counts what a query selects by the numbers that are kept. It is not sure where a limit was reached.
func Sum(ctx context.Context, r store.Reader, scope ticket.Scope, q ticket.Query) (c ticket.Count, sure bool, err error) {
	by := store.TallyQuery{Whole: true, Folders: q.Folders, Brands: q.Brands, Departments: q.Departments}
	if q.Assignee != "" {
		by.By, by.Assignee = store.TallyAssignees, q.Assignee
	}
	found, err := r.Tallies(ctx, by, scope)
	for _, t := range found.Rows {
		if (len(q.Statuses) == 0 || slices.Contains(q.Statuses, t.Status)) && (len(q.Classes) == 0 || slices.Contains(q.Classes, t.Class)) &&
			(!q.Unassigned || !t.Assigned) {
			n := t.N
			if q.UnreadByStaff {
				n = t.Unread
			}
			c.N += n
		}
	}
	return c, !found.More, err
}
