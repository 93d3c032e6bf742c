package helpdesk

import (
	"context"
	"reflect"
	"slices"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Counters returns the numbers beside an actor's lists (M17, M18, M61): how many tickets there are for them, by status,
// department, brand, folder and agent, and how many of those are unread, unassigned or their own. Merged and deleted
// tickets are in none of them. The numbers are kept with every write, so they cost about a millisecond however many
// tickets there are. A query counts what Tickets lists for the same folders, brands and departments.
//
// Customers get numbers of their own tickets, unread being what they have not read, and none of agents or of who has
// what; of more than ticket.MaxCount the newest are counted, and Counters.More says so. Errors: ticket.ErrNoActor;
// ticket.ErrInvalid for an unknown folder; the store's own.
func (d *Desk) Counters(ctx context.Context, q ticket.CounterQuery) (ticket.Counters, error) {
	c, err := d.counters(ctx, q)
	return c, failed("count tickets", err)
}

func (d *Desk) counters(ctx context.Context, q ticket.CounterQuery) (ticket.Counters, error) {
	none := ticket.Counters{}
	ctx, actor, err := d.enter(ctx)
	if err != nil {
		return none, err
	}
	var e ticket.ValidationError
	if (ticket.Query{Folders: q.Folders}).Check(&e); e.Err() != nil {
		return none, e.Err()
	}
	scope, err := d.scope(ctx, actor)
	if err != nil {
		return none, err
	}
	conf, err := d.confOf(ctx)
	if err != nil {
		return none, err
	}
	q.Departments = conf.askable(ctx, actor, q.Departments)
	var c *counting
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		c = newCounting(q)
		if actor.IsCustomer() && !inGuard(ctx) {
			return c.own(ctx, r, scope, func(department string) bool { return conf.keepsFrom(actor, department) })
		}
		return c.staff(ctx, r, scope, actor)
	})
	if err != nil {
		return none, err
	}
	return c.out, nil
}

// counting sums up.
type counting struct {
	q   ticket.CounterQuery
	out ticket.Counters
}

func newCounting(q ticket.CounterQuery) *counting {
	return &counting{q: q, out: ticket.Counters{Agents: map[string]ticket.Tally{}, Statuses: map[string]ticket.Tally{}, Departments: map[string]ticket.Tally{},
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

// staff reads the numbers that the store keeps.
func (c *counting) staff(ctx context.Context, r store.Reader, scope ticket.Scope, actor ticket.Actor) error {
	q := store.TallyQuery{Folders: c.q.Folders, Brands: c.q.Brands, Departments: c.q.Departments}
	places, err := r.Tallies(ctx, q, scope)
	if err != nil {
		return err
	}
	for _, t := range places.Rows {
		if c.add(t); !t.Assigned {
			c.out.Unassigned.Add(t.Class, t.N, t.Unread)
		}
	}
	q.By, q.Whole = store.TallyAssignees, true
	agents, err := r.Tallies(ctx, q, scope)
	if err != nil {
		return err
	}
	for _, t := range agents.Rows {
		raise(c.out.Agents, t.Assignee, t)
	}
	if actor.Kind == ticket.ActorStaff {
		c.out.Mine = c.out.Agents[actor.ID]
	}
	q.By, q.Folders = store.TallyPlaces, nil
	folders, err := r.Tallies(ctx, q, scope)
	if err != nil {
		return err
	}
	for _, t := range folders.Rows {
		raise(c.out.Folders, t.Folder, t)
	}
	c.out.More = places.More || agents.More
	return nil
}

// own goes through a customer's tickets.
func (c *counting) own(ctx context.Context, r store.Reader, scope ticket.Scope, hidden func(department string) bool) error {
	q := ticket.Query{Brands: c.q.Brands, Departments: c.q.Departments, Limit: ticket.MaxPage}
	for n := 0; n < ticket.MaxCount; {
		page, err := r.Tickets(ctx, q, scope)
		if err != nil {
			return err
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
			if len(c.q.Folders) == 0 || slices.Contains(c.q.Folders, t.Folder) {
				c.add(one)
			}
		}
		n += len(page.Tickets)
		if q.Cursor = page.Next; q.Cursor == "" {
			return nil
		}
	}
	c.out.More = true
	return nil
}

// CountTickets counts what Tickets lists for the query, page after page; its Sort, Cursor and Limit play no part. A
// query by folder, class, status, department, brand, assignee and what is unread is answered from the numbers that are
// kept, exactly; others are counted up to ticket.MaxCount, and Count.More says that there are more. Errors: as Tickets.
func (d *Desk) CountTickets(ctx context.Context, q ticket.Query) (ticket.Count, error) {
	c, err := d.countTickets(ctx, q)
	return c, failed("count tickets", err)
}

func (d *Desk) countTickets(ctx context.Context, q ticket.Query) (c ticket.Count, err error) {
	ctx, actor, err := d.enter(ctx)
	if err != nil || ((q.Deleted || q.Merged) && actor.IsCustomer() && !inGuard(ctx)) {
		return c, err
	}
	q.Sort, q.Cursor, q.Limit = "", "", 0
	scope, err := d.scope(ctx, actor)
	if err == nil {
		var conf *config
		if conf, err = d.confOf(ctx); err == nil {
			q.Departments = conf.askable(ctx, actor, q.Departments)
			err = d.checkQuery(ctx, conf, actor, q)
		}
	}
	if err != nil {
		return c, err
	}
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
		if tallied(q) {
			var sure bool
			if c, sure, err = countKept(ctx, r, q, scope); err != nil || sure {
				return err
			}
		}
		c, err = r.CountTickets(ctx, q, scope, ticket.MaxCount)
		return err
	})
	return c, err
}

// tallied reports whether the numbers that are kept can answer a query.
func tallied(q ticket.Query) bool {
	if q.Unassigned && q.Assignee != "" {
		return false
	}
	q.Folders, q.Classes, q.Statuses, q.Departments, q.Brands, q.Assignee, q.Unassigned, q.UnreadByStaff = nil, nil, nil, nil, nil, "", false, false
	return reflect.ValueOf(q).IsZero()
}

// countKept sums up the numbers that are kept. It is not sure where a limit was reached.
func countKept(ctx context.Context, r store.Reader, q ticket.Query, scope ticket.Scope) (c ticket.Count, sure bool, err error) {
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

// maxRecount is up to how many tickets Check counts them anew.
const maxRecount = 20_000

// checkTallies has the store hold the numbers that it keeps against its tickets, where those are few enough that a host
// may wait for it. For others there is store.TallyChecker.
func (d *Desk) checkTallies(ctx context.Context) (out []Problem, err error) {
	c, ok := d.store.(store.TallyChecker)
	if !ok {
		return nil, nil
	}
	all, err := d.allTallied(ctx)
	if err != nil || all > maxRecount {
		return nil, err
	}
	wrong, err := c.CheckTallies(ctx)
	for _, w := range wrong {
		out = append(out, Problem{"counters", w + ": restore a backup, or report it"})
	}
	return out, err
}

// allTallied is how many tickets there are, by the numbers that are kept.
func (d *Desk) allTallied(ctx context.Context) (n int, err error) {
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		all, err := r.Tallies(ctx, store.TallyQuery{}, ticket.Scope{All: true})
		n = 0
		for _, t := range all.Rows {
			n += t.N
		}
		return err
	})
	return n, err
}
