package helpdesk

import (
	"context"

	"github.com/helpdeskgo/helpdesk/internal/counts"
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
	out := none
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
		if actor.IsCustomer() && !inGuard(ctx) {
			out, err = counts.Own(ctx, r, scope, q, func(department string) bool { return conf.KeepsFrom(actor, department) })
			return err
		}
		if out, err = counts.Kept(ctx, r, scope, q); actor.Kind == ticket.ActorStaff {
			out.Mine = out.Agents[actor.ID]
		}
		return err
	})
	if err != nil {
		return none, err
	}
	return out, nil
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
		if counts.Answers(q) {
			var sure bool
			if c, sure, err = counts.Sum(ctx, r, scope, q); err != nil || sure {
				return err
			}
		}
		c, err = r.CountTickets(ctx, q, scope, ticket.MaxCount)
		return err
	})
	return c, err
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
		out = append(out, Problem{Area: "counters", Message: w + ": restore a backup, or report it"})
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
