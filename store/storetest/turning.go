package storetest

import (
	"cmp"
	"context"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// allSorts are all orders of lists; those by a field go by fieldCode.
var allSorts = slices.Concat(sorts, urgencies, []ticket.Sort{ticket.ByField(fieldCode), ticket.ByFieldDesc(fieldCode)})

func urgencyOrder(t testing.TB, e *env) {
	list := e.shuffled(t, 60)
	e.expectOrder(t, list, urgencies)
	for _, sort := range urgencies {
		want := slices.DeleteFunc(slices.Clone(list), func(x *ticket.Ticket) bool { return x.Priority != "high" && x.Priority != "gone" })
		q := ticket.Query{Sort: sort, Limit: 7, Ranks: ranks, Priorities: []string{"high", "gone", "none"}}
		if got := e.walk(t, q, everything, nil); !slices.Equal(got, sorted(want, sort)) {
			t.Errorf("%s of some: got %v, want %v", sort, got, sorted(want, sort))
		}
		if got := e.walk(t, ticket.Query{Sort: sort, Limit: 7}, everything, nil); !slices.Equal(got, sorted(list, ticket.NewestUpdate)) {
			t.Errorf("%s without ranks: got %v, want %v", sort, got, sorted(list, ticket.NewestUpdate))
		}
	}
}

// pagesBack turns pages forth to the end, and from some of them and the last back to the beginning and forth again.
func pagesBack(t testing.TB, e *env) {
	list := e.shuffled(t, 18)
	for i, x := range list {
		x.Fields = map[string]string{fieldCode: append(slices.Concat(fieldValues...), noValues...)[i*7%18]}
		e.put(t, x)
	}
	for _, sort := range allSorts {
		for _, limit := range []int{1, 5, 17, 18} {
			q := ticket.Query{Sort: sort, Limit: limit, Ranks: ranks}
			all := e.walk(t, q, everything, nil)
			e.read(t, func(ctx context.Context, r store.Reader) error { return backFrom(t, pager{ctx, r, q, everything}, all) })
		}
	}
}

func backFrom(t testing.TB, p pager, all []int64) error {
	t.Helper()
	page, err := p.r.Tickets(p.ctx, p.q, p.scope)
	for seen, n := 0, 0; err == nil; n++ {
		if seen += len(page.Tickets); n%5 == 0 || page.Next == "" {
			back, first, err := p.back(page)
			if err != nil || !slices.Equal(ids(back), all[:seen]) {
				t.Errorf("%s by %d: back from place %d: %v, %v, want %v", p.q.Sort, p.q.Limit, seen, ids(back), err, all[:seen])
			}
			forth, _, err := p.forth(first)
			if err != nil || !slices.Equal(ids(forth), all) {
				t.Errorf("%s by %d: forth again: %v, %v, want %v", p.q.Sort, p.q.Limit, ids(forth), err, all)
			}
		}
		if p.q.Cursor = page.Next; page.Next == "" {
			return nil
		}
		page, err = p.r.Tickets(p.ctx, p.q, p.scope)
	}
	return err
}

// pagesBeside asks for what stands beside each ticket: of all, and of those that do not have its status.
func pagesBeside(t testing.TB, e *env) {
	list := e.shuffled(t, 15)
	for i, x := range list {
		x.Status = []string{"open", "hold"}[i%2]
		x.Fields = map[string]string{fieldCode: append(slices.Concat(fieldValues...), noValues...)[i*7%15]}
		e.put(t, x)
	}
	for _, sort := range allSorts {
		all := e.walk(t, ticket.Query{Sort: sort, Ranks: ranks}, everything, nil)
		for _, x := range list {
			for _, q := range []ticket.Query{{}, {Statuses: []string{map[string]string{"open": "hold", "hold": "open"}[x.Status]}}} {
				of := func(id int64) bool {
					return id == x.ID || len(q.Statuses) == 0 || list[slices.IndexFunc(list, func(y *ticket.Ticket) bool { return y.ID == id })].Status == q.Statuses[0]
				}
				want := slices.DeleteFunc(slices.Clone(all), func(id int64) bool { return !of(id) })
				at := slices.Index(want, x.ID)
				q.Sort, q.Ranks, q.Limit = sort, ranks, 3
				after, before := q, q
				after.After, before.Before = x, x
				e.expectPage(t, "after", after, want[at+1:min(len(want), at+4)])
				e.expectPage(t, "before", before, want[max(0, at-3):at])
			}
		}
	}
}

// expectPage reads one page, in several pieces if its store makes it short.
func (e *env) expectPage(t testing.TB, what string, q ticket.Query, want []int64) {
	t.Helper()
	e.read(t, func(ctx context.Context, r store.Reader) error {
		p := pager{ctx, r, q, everything}
		page, err := r.Tickets(ctx, q, everything)
		if err != nil {
			return err
		}
		turn := p.forth
		if q.Before != nil {
			turn = p.back
		}
		all, _, err := turn(page)
		got := ids(all)
		if got = got[:min(len(got), q.Limit)]; q.Before != nil {
			got = ids(all)[max(0, len(all)-q.Limit):]
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s, %s: got %v, want %v", what, q.Sort, got, want)
		}
		return err
	})
}

// crowdPages is how many pages are checked while others write.
func (e *env) crowdPages() int64 {
	if n, err := strconv.ParseInt(os.Getenv("HELPDESK_PAGES"), 10, 64); err == nil {
		return n
	}
	return int64(cmp.Or(e.opts.Pages, 100))
}

// pagesUnderCrowd turns pages while sixteen callers move tickets about, change what makes them part of the list, add some
// and take some away. What none of them touches must come once, in order.
func pagesUnderCrowd(t testing.TB, e *env) {
	const quiet, restless = 60, 48
	list := e.shuffled(t, quiet+restless)
	values := append(slices.Concat(fieldValues...), noValues...)
	still := slices.DeleteFunc(slices.Clone(list), func(x *ticket.Ticket) bool { return x.ID%9 < 4 })
	for i, x := range list {
		x.Fields = map[string]string{fieldCode: values[i*7%len(values)]}
		e.put(t, x)
	}
	want := map[ticket.Sort][]int64{}
	for _, sort := range allSorts {
		all := e.walk(t, ticket.Query{Sort: sort, Ranks: ranks, Limit: ticket.MaxPage}, everything, nil)
		want[sort] = slices.DeleteFunc(all, func(id int64) bool { return id%9 < 4 })
	}
	if len(still) < quiet {
		t.Fatalf("%d quiet tickets", len(still))
	}
	w := crowd{e: e, list: slices.DeleteFunc(list, func(x *ticket.Ticket) bool { return x.ID%9 >= 4 })}
	w.start(t)
	defer w.stop()
	limits := []int{17, 5, 3, 29}
	for pages, n := int64(0), 0; n < len(allSorts) || pages < e.crowdPages(); n++ {
		sort := allSorts[n%len(allSorts)]
		q := ticket.Query{Sort: sort, Ranks: ranks, Limit: limits[n/len(allSorts)%len(limits)], Statuses: []string{"open"}}
		pages += e.thereAndBack(t, q, want[sort], w.wait)
	}
}

// thereAndBack turns all pages of a list in both directions, each in a View of its own and after a call of between, and
// returns how many there were.
func (e *env) thereAndBack(t testing.TB, q ticket.Query, want []int64, between func()) (pages int64) {
	t.Helper()
	known := map[int64]bool{}
	for _, id := range want {
		known[id] = true
	}
	read := func() (page ticket.Page) {
		between()
		e.read(t, func(ctx context.Context, r store.Reader) (err error) {
			page, err = r.Tickets(ctx, q, everything)
			return err
		})
		pages++
		return page
	}
	check := func(direction string, got []int64) {
		got = slices.DeleteFunc(got, func(id int64) bool { return !known[id] })
		if !slices.Equal(got, want) {
			t.Errorf("%s, %s: the unchanged tickets came as %v, want %v", q.Sort, direction, got, want)
		}
	}
	page := read()
	got := ids(page.Tickets)
	for page.Next != "" && pages < 1000 {
		q.Cursor = page.Next
		page = read()
		got = append(got, ids(page.Tickets)...)
	}
	check("forth", got)
	got = ids(page.Tickets)
	for page.Prev != "" && pages < 2000 {
		q.Cursor = page.Prev
		page = read()
		got = append(ids(page.Tickets), got...)
	}
	check("back", got)
	return pages
}

// crowd writes until it is stopped.
type crowd struct {
	e    *env
	list []*ticket.Ticket // each belongs to one writer
	done atomic.Bool
	wg   sync.WaitGroup

	wrote chan struct{} // tells whoever waits of a write; closed when the writers have ended
}

func (c *crowd) start(t testing.TB) {
	const writers = 16
	c.wrote = make(chan struct{})
	for w := range writers {
		mine := slices.Clone(c.list[w*len(c.list)/writers : (w+1)*len(c.list)/writers])
		c.wg.Go(func() {
			for n := w; !c.done.Load(); n++ {
				if err := c.e.Update(c.e.ctx, func(ctx context.Context, tx store.Tx) error { return c.move(ctx, tx, mine[n%len(mine)].Clone(), n) }); err != nil {
					t.Errorf("writing: %v", err)
					return
				}
				select {
				case c.wrote <- struct{}{}:
				default:
				}
			}
		})
	}
	go func() {
		c.wg.Wait()
		close(c.wrote)
	}()
}

// wait returns after a write: two pages with nothing written between them would prove nothing.
func (c *crowd) wait() { <-c.wrote }

// move changes something of a ticket that lists go by.
func (c *crowd) move(ctx context.Context, tx store.Tx, x *ticket.Ticket, n int) error {
	values := append(slices.Concat(fieldValues...), noValues...)
	x.UpdatedAt, x.LastReplyAt = base.Add(time.Duration(n%40)*time.Microsecond), base.Add(time.Duration(n%23)*time.Second)
	x.CreatedAt = base.Add(-time.Duration(n%30) * time.Hour)
	x.Priority = append(ranks, "gone")[n%(len(ranks)+1)]
	x.Fields = map[string]string{fieldCode: values[n%len(values)]}
	switch n % 5 {
	case 0:
		x.Status = "hold"
	case 1:
		return tx.DeleteTicket(ctx, x.ID)
	case 2:
		x.Folder = ticket.Archive
	}
	return tx.PutTicket(ctx, x)
}

func (c *crowd) stop() {
	c.done.Store(true)
	c.wg.Wait()
}
