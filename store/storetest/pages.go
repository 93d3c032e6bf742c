package storetest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var pages = []proof{
	{"pages follow the sort, ties by id", pageOrder},
	{"the last page has no next, and pages keep their limits", pageLimits},
	{"a cursor of another sort, or no cursor at all, is refused", pageCursors},
	{"pages under a scope miss and repeat nothing, however many reasons there are to see a ticket", scopedPages},
	{"no unchanged ticket is missed or repeated while others are written", pagesUnderWrites},
	{"lists by priority follow the ranks, then the newest update, and end with what has no rank", urgencyOrder},
	{"pages lead back as they led forth, from anywhere", pagesBack},
	{"a page begins after any ticket or ends before it, whether it is in the list or not", pagesBeside},
	{"no unchanged ticket is missed or repeated in either direction while sixteen callers write", pagesUnderCrowd},
	{"lists are sorted by a custom field, numbers before texts, tickets without it last", fieldOrder},
	{"pages by a custom field miss and repeat nothing under any scope", scopedFields},
	{"a cursor of another field or direction is refused", fieldCursors},
	{"no unchanged ticket is missed or repeated in the order of a field while others are written", fieldsUnderWrites},
}

// sorts are the orders by a time, urgencies those by priority; ranks are the priorities that have a rank.
var (
	sorts = []ticket.Sort{ticket.NewestUpdate, ticket.OldestUpdate, ticket.NewestCreated, ticket.OldestCreated,
		ticket.NewestReply, ticket.OldestReply}
	urgencies = []ticket.Sort{ticket.MostUrgent, ticket.LeastUrgent}
	ranks     = []string{"low", "medium", "high"}
)

// walk reads a list page by page, in as many views, and returns the ids in order.
func (e *env) walk(t testing.TB, q ticket.Query, scope ticket.Scope, between func()) []int64 {
	t.Helper()
	var out []int64
	for n := 0; ; n++ {
		var page ticket.Page
		e.read(t, func(ctx context.Context, r store.Reader) (err error) {
			page, err = r.Tickets(ctx, q, scope)
			return err
		})
		if limit := max(q.Limit, 1); q.Limit > 0 && len(page.Tickets) > min(limit, ticket.MaxPage) {
			t.Fatalf("a page has %d tickets, want at most %d", len(page.Tickets), limit)
		}
		out = append(out, ids(page.Tickets)...)
		if q.Cursor = page.Next; q.Cursor == "" {
			return out
		}
		if n > 2000 {
			t.Fatal("the pages do not end")
		}
		if between != nil {
			between()
		}
	}
}

// shuffled stores n tickets whose times go different ways, several sharing one time, and whose priorities alternate.
func (e *env) shuffled(t testing.TB, n int) []*ticket.Ticket {
	var list []*ticket.Ticket
	for i := range n {
		list = append(list, e.newTicket(func(x *ticket.Ticket) {
			x.UpdatedAt = base.Add(time.Duration(i*7%n/4) * time.Microsecond)
			x.CreatedAt = base.Add(-time.Duration(i*11%n/3) * time.Hour)
			x.LastReplyAt = base.Add(time.Duration(i*13%n/5) * time.Second)
			x.Priority = append(ranks, "gone", "")[i*3%(len(ranks)+2)]
		}))
	}
	e.write(t, func(ctx context.Context, tx store.Tx) error {
		for _, x := range list {
			if err := tx.PutTicket(ctx, x); err != nil {
				return err
			}
		}
		return nil
	})
	return list
}

// sorted returns the ids in the order of a sort.
func sorted(list []*ticket.Ticket, sort ticket.Sort) []int64 {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b *ticket.Ticket) int {
		if c := rankIn(sort, a) - rankIn(sort, b); c != 0 {
			return c
		}
		x, y := a.UpdatedAt, b.UpdatedAt
		switch sort {
		case ticket.NewestCreated, ticket.OldestCreated:
			x, y = a.CreatedAt, b.CreatedAt
		case ticket.NewestReply, ticket.OldestReply:
			x, y = a.LastReplyAt, b.LastReplyAt
		}
		c := x.Compare(y)
		if c == 0 {
			c = int(a.ID - b.ID)
		}
		switch sort {
		case ticket.OldestUpdate, ticket.OldestCreated, ticket.OldestReply:
			return c
		}
		return -c
	})
	return ids(list)
}

// rankIn is the place of a ticket's priority in a list by priority.
func rankIn(sort ticket.Sort, x *ticket.Ticket) int {
	i := slices.Index(ranks, x.Priority)
	switch {
	case !slices.Contains(urgencies, sort):
		return 0
	case i < 0:
		return len(ranks)
	case sort == ticket.MostUrgent:
		return -i
	}
	return i
}

func pageOrder(t testing.TB, e *env) {
	list := e.shuffled(t, 60)
	e.expectOrder(t, list, sorts)
	if got := e.walk(t, ticket.Query{}, everything, nil); !slices.Equal(got, sorted(list, ticket.NewestUpdate)) {
		t.Error("without a sort the newest update does not come first")
	}
}

// expectOrder reads all tickets in each order, by pages of several sizes.
func (e *env) expectOrder(t testing.TB, list []*ticket.Ticket, by []ticket.Sort) {
	t.Helper()
	for _, sort := range by {
		for _, limit := range []int{1, 7, 59, 60, 61} {
			if got := e.walk(t, ticket.Query{Sort: sort, Limit: limit, Ranks: ranks}, everything, nil); !slices.Equal(got, sorted(list, sort)) {
				t.Errorf("%s by %d: got %v, want %v", sort, limit, got, sorted(list, sort))
			}
		}
	}
}

func pageLimits(t testing.TB, e *env) {
	e.shuffled(t, ticket.MaxPage+20)
	for limit, most := range map[int]int{0: ticket.DefaultPage, -1: ticket.DefaultPage, 3: 3, ticket.MaxPage: ticket.MaxPage, 100000: ticket.MaxPage} {
		e.read(t, func(ctx context.Context, r store.Reader) error {
			page, err := r.Tickets(ctx, ticket.Query{Limit: limit}, everything)
			if len(page.Tickets) > most || page.Next == "" {
				t.Errorf("limit %d: %d tickets, next %q; want at most %d and a next", limit, len(page.Tickets), page.Next, most)
			}
			return err
		})
	}
	e.read(t, func(ctx context.Context, r store.Reader) error {
		page, err := r.Tickets(ctx, ticket.Query{Statuses: []string{"none"}}, everything)
		if len(page.Tickets) > 0 || page.Next != "" {
			t.Errorf("an empty list has %d tickets and the next %q", len(page.Tickets), page.Next)
		}
		return err
	})
}

func pageCursors(t testing.TB, e *env) {
	e.shuffled(t, 10)
	refused := func(what string, q ticket.Query) {
		e.read(t, func(ctx context.Context, r store.Reader) error {
			if _, err := r.Tickets(ctx, q, everything); !errors.Is(err, ticket.ErrInvalid) {
				t.Errorf("%s: %v, want %v", what, err, ticket.ErrInvalid)
			}
			return nil
		})
	}
	for _, sort := range sorts {
		var next string
		e.read(t, func(ctx context.Context, r store.Reader) error {
			page, err := r.Tickets(ctx, ticket.Query{Sort: sort, Limit: 3}, everything)
			next = page.Next
			return err
		})
		for _, other := range sorts {
			if other != sort {
				refused("the cursor of "+string(sort)+" for "+string(other), ticket.Query{Sort: other, Cursor: next})
			}
		}
	}
	for _, garbage := range []string{"x", "0", "' OR 1=1 --", "////", "AAAA", "\x00", "日本語"} {
		refused("the cursor "+garbage, ticket.Query{Cursor: garbage})
	}
}

// pagesUnderWrites lets one goroutine change and add tickets while the others are paged through.
func pagesUnderWrites(t testing.TB, e *env) {
	list := e.shuffled(t, 90)
	restless := map[int64]bool{}
	for _, x := range list[:30] {
		restless[x.ID] = true
	}
	for _, sort := range sorts {
		steps := make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			n := 0
			for range steps {
				n++
				x := list[n*13%30].Clone()
				x.UpdatedAt, x.CreatedAt = base.Add(time.Duration(n%40)*time.Microsecond), base.Add(-time.Duration(n%30)*time.Hour)
				added := e.newTicket(func(x *ticket.Ticket) { x.UpdatedAt = base.Add(time.Duration(n%20) * time.Microsecond) })
				err := e.Update(e.ctx, func(ctx context.Context, tx store.Tx) error { return putAll(ctx, tx, x, added) })
				if err != nil {
					t.Errorf("writing: %v", err)
				}
			}
		})
		got := e.walk(t, ticket.Query{Sort: sort, Limit: 7}, everything, func() { steps <- struct{}{} })
		close(steps)
		wg.Wait()
		var quiet []int64
		for _, id := range got {
			if !restless[id] && id <= list[len(list)-1].ID {
				quiet = append(quiet, id)
			}
		}
		if want := sorted(list[30:], sort); !slices.Equal(quiet, want) {
			t.Errorf("%s: the unchanged tickets came as %v, want %v", sort, quiet, want)
		}
	}
}

// scopedPages reads in small pages tickets that a scope sees for one, two or three reasons.
func scopedPages(t testing.TB, e *env) {
	var want []int64
	for i := range 40 {
		x := e.newTicket(func(x *ticket.Ticket) {
			if i%2 == 0 {
				x.Department = "sales"
			}
			if i%3 == 0 {
				x.Assignee = "7"
			}
			if i%5 == 0 {
				x.Watchers = []string{"7"}
			}
			x.UpdatedAt = base // the id alone tells them apart
		})
		e.put(t, x)
		if i%2 == 0 || i%3 == 0 || i%5 == 0 {
			want = append(want, x.ID)
		}
	}
	for _, sort := range sorts {
		q := ticket.Query{Sort: sort, Limit: 7}
		if got := e.list(t, q, ticket.Scope{Places: []ticket.Place{{Department: "sales"}}, Agent: "7"}); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", sort, got, want)
		}
	}
}
