package storetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/tally"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var counts = []proof{
	{"the numbers are those of a full count after any changes, under every scope", talliesOfChanges},
	{"16 writers, some of whom roll back, leave the numbers of a full count", talliesOfWriters},
	{"a ticket counts once, whatever makes it visible", talliesOnce},
	{"what has to be walked is counted up to the limit, which shows", talliesLimited},
	{"a count is that of the list, up to its limit", countsOfLists},
}

// tallyQueries ask for every kind of number.
var tallyQueries = []store.TallyQuery{
	{}, {Folders: []ticket.Folder{ticket.Inbox}}, {Folders: []ticket.Folder{ticket.Archive, ticket.Spam}}, {By: store.TallyAssignees},
	{By: store.TallyAssignees, Assignee: "1"}, {By: store.TallyAssignees, Assignee: "2", Folders: []ticket.Folder{ticket.Inbox}},
	{By: store.TallyTags}, {By: store.TallyTags, Prefix: "a"}, {Whole: true}, {By: store.TallyAssignees, Whole: true, Folders: []ticket.Folder{ticket.Inbox}},
	{By: store.TallyTags, Whole: true}, {Brands: []string{"shop"}}, {By: store.TallyAssignees, Whole: true, Departments: []string{"sales"}, Brands: []string{"main", "shop"}},
}

// all lists every ticket that is not deleted.
func all(ctx context.Context, r store.Reader) (out []*ticket.Ticket, err error) {
	for q := (ticket.Query{Limit: ticket.MaxPage}); ; {
		page, err := r.Tickets(ctx, q, everything)
		out = append(out, page.Tickets...)
		if q.Cursor = page.Next; err != nil || q.Cursor == "" {
			return out, err
		}
	}
}

// checkTallies compares the numbers that the store keeps with a full count, under one scope.
func checkTallies(ctx context.Context, r store.Reader, scope ticket.Scope) error {
	tickets, err := all(ctx, r)
	if err != nil {
		return err
	}
	for _, q := range tallyQueries {
		want := tally.Sum{}
		for _, x := range tickets {
			if scope.Sees(x) {
				for _, one := range tally.Of(q, x) {
					want.Add(one)
				}
			}
		}
		got, err := r.Tallies(ctx, q, scope)
		if err != nil {
			return err
		}
		if g, w := text(tally.Summed(got)), text(store.Tallies{Rows: want.Rows()}); g != w {
			return fmt.Errorf("numbers by %+v for %s:\n got %s\nwant %s", q, brief(scope), g, w)
		}
	}
	return nil
}

// expectTallies checks the numbers under many scopes, and has the store check its own.
func (e *env) expectTallies(t testing.TB, g *generator) {
	t.Helper()
	e.read(t, func(ctx context.Context, r store.Reader) error {
		err := checkTallies(ctx, r, everything)
		for range 20 {
			if err == nil {
				err = checkTallies(ctx, r, g.scope())
			}
		}
		if err != nil {
			t.Error(err)
		}
		return nil
	})
	if c, ok := e.Store.(store.TallyChecker); ok {
		wrong, err := c.CheckTallies(e.ctx)
		if err != nil || len(wrong) > 0 {
			t.Errorf("the store says of its numbers: %v %v", wrong, err)
		}
	}
}

func newGenerator(seed uint64) *generator { return &generator{Rand: rand.New(rand.NewPCG(seed, 1))} }

// changeTickets puts and removes some of a few tickets.
func (g *generator) changeTickets(ctx context.Context, tx store.Tx, n int) error {
	list := make([]*ticket.Ticket, n)
	for i := range list {
		list[i] = g.ticket()
	}
	slices.SortFunc(list, func(a, b *ticket.Ticket) int { return cmp.Compare(a.ID, b.ID) }) // as locks are taken
	for _, x := range list {
		if g.chance(6) {
			if err := tx.DeleteTicket(ctx, x.ID); err != nil {
				return err
			}
			continue
		}
		if old, err := tx.LockTicket(ctx, x.ID); err == nil && g.chance(2) { // change one property alone
			x, old = old, x
			x.Assignee, x.DeletedAt, x.MergedInto = old.Assignee, old.DeletedAt, old.MergedInto
		} else if err != nil && !errors.Is(err, ticket.ErrNotFound) {
			return err
		}
		if err := tx.PutTicket(ctx, x); err != nil {
			return err
		}
	}
	return nil
}

func talliesOfChanges(t testing.TB, e *env) {
	g := newGenerator(1)
	for range 20 {
		undo := g.chance(4)
		err := e.Update(e.ctx, func(ctx context.Context, tx store.Tx) error {
			if err := g.changeTickets(ctx, tx, 5); err != nil {
				return err
			}
			inner := e.Update(ctx, func(ctx context.Context, tx store.Tx) error {
				return firstError(g.changeTickets(ctx, tx, 2), errUndo)
			})
			if !errors.Is(inner, errUndo) {
				return inner
			}
			if err := g.changeTickets(ctx, tx, 2); err != nil || !undo {
				return err
			}
			return firstError(checkTallies(ctx, tx, everything), errUndo)
		})
		if err != nil && (!undo || !errors.Is(err, errUndo)) {
			t.Fatal(err)
		}
		e.expectTallies(t, g)
	}
}

func talliesOfWriters(t testing.TB, e *env) {
	errs := together(16, func(i int) error {
		g := newGenerator(uint64(i))
		for range 10 {
			undo := g.chance(3)
			var err error
			for range 5 { // all of them want the same few tickets
				err = e.Update(e.ctx, func(ctx context.Context, tx store.Tx) error {
					if err := g.changeTickets(ctx, tx, 3); err != nil || !undo {
						return err
					}
					return errUndo
				})
				if !errors.Is(err, ticket.ErrBusy) {
					break
				}
			}
			if err != nil && (!undo || !errors.Is(err, errUndo)) {
				return err
			}
		}
		return nil
	})
	if err := firstError(errs...); err != nil {
		t.Fatal(err)
	}
	e.expectTallies(t, newGenerator(99))
}

func talliesOnce(t testing.TB, e *env) {
	e.put(t, e.newTicket(func(x *ticket.Ticket) {
		x.Assignee, x.Watchers, x.Tags, x.Organisation = "7", []string{"7", "8"}, []string{"a", "b", "a"}, "acme"
		x.Requester = ticket.Person{Email: "Seven@example.com"}
		x.Participants = []ticket.Person{{Email: "seven@example.com"}, {Email: "eight@example.com"}}
	}))
	scope := ticket.Scope{Places: department("support", "sales"), Agent: "7", Emails: []string{"seven@example.com", "eight@example.com"}, Organisations: []string{"acme"}}
	e.read(t, func(ctx context.Context, r store.Reader) error {
		for _, s := range []ticket.Scope{everything, scope, {Agent: "7"}, {Agent: "8"}, {Emails: scope.Emails, Organisations: scope.Organisations}} {
			if err := checkTallies(ctx, r, s); err != nil {
				t.Error(err)
			}
		}
		return nil
	})
}

func talliesLimited(t testing.TB, e *env) {
	var values []any
	for range 12 {
		values = append(values, e.newTicket(func(x *ticket.Ticket) { x.Watchers, x.Requester = []string{"7"}, ticket.Person{ID: "42"} }),
			e.newTicket(func(x *ticket.Ticket) { x.Assignee = "7" }))
	}
	e.put(t, values...)
	for _, c := range []struct {
		scope       ticket.Scope
		limit, n    int
		more, exact bool
	}{
		{ticket.Scope{Requester: "42"}, 5, 5, true, true}, {ticket.Scope{Requester: "42"}, 12, 12, false, true}, {ticket.Scope{Agent: "7"}, 5, 12 + 5, true, true},
		{ticket.Scope{Agent: "7"}, 0, 24, false, true}, {ticket.Scope{Places: department("support"), Agent: "7"}, 5, 24, true, false}, {everything, 5, 24, false, true},
	} {
		var got store.Tallies
		e.read(t, func(ctx context.Context, r store.Reader) (err error) {
			got, err = r.Tallies(ctx, store.TallyQuery{Limit: c.limit}, c.scope)
			return err
		})
		n := 0
		for _, row := range got.Rows {
			n += row.N
		}
		if n != c.n || (c.exact && got.More != c.more) {
			t.Errorf("%s up to %d: %d, more: %v; want %d, %v", brief(c.scope), c.limit, n, got.More, c.n, c.more)
		}
	}
}

// countedLists are queries with what they select.
var countedLists = []struct {
	q       ticket.Query
	selects func(x *ticket.Ticket) bool
}{
	{ticket.Query{}, func(*ticket.Ticket) bool { return true }},
	{ticket.Query{Folders: []ticket.Folder{ticket.Inbox, ticket.Spam}, Sort: "none", Limit: 1}, func(x *ticket.Ticket) bool { return x.Folder != ticket.Archive }},
	{ticket.Query{Statuses: []string{"open"}, Departments: []string{"sales"}}, func(x *ticket.Ticket) bool { return x.Status == "open" && x.Department == "sales" }},
	{ticket.Query{Unassigned: true, Cursor: "of another list"}, func(x *ticket.Ticket) bool { return x.Assignee == "" }},
	{ticket.Query{Tags: []string{"a", "b"}}, func(x *ticket.Ticket) bool { return slices.Contains(x.Tags, "a") && slices.Contains(x.Tags, "b") }},
}

func countsOfLists(t testing.TB, e *env) {
	g := newGenerator(3)
	e.write(t, func(ctx context.Context, tx store.Tx) error { return g.changeTickets(ctx, tx, 30) })
	e.read(t, func(ctx context.Context, r store.Reader) error {
		tickets, err := all(ctx, r)
		for range 100 {
			list, scope, limit := pick(g, countedLists...), g.scope(), pick(g, 1, 3, 100)
			n := 0
			for _, x := range tickets {
				if scope.Sees(x) && list.selects(x) {
					n++
				}
			}
			got, err := r.CountTickets(ctx, list.q, scope, limit)
			if want := (ticket.Count{N: min(n, limit), More: n > limit}); err != nil || got != want {
				t.Errorf("%s for %s up to %d: %v %v, want %v", brief(list.q), brief(scope), limit, got, err, want)
			}
		}
		if _, err := r.CountTickets(ctx, ticket.Query{}, everything, 0); !errors.Is(err, ticket.ErrInvalid) {
			t.Errorf("a count up to 0: %v, want %v", err, ticket.ErrInvalid)
		}
		return err
	})
}
