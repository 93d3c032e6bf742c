package memory

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/bookmark"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// mark notes that a ticket's document is out of date.
func (x *tx) mark(id int64) {
	if x.transaction.store.searchOff {
		return
	}
	x.transaction.store.marks++
	st := store.Stale{Ticket: id, Mark: x.transaction.store.marks, Since: ticket.Time(x.now())}
	if old, ok := x.state.stale.get(id); ok {
		st.Since = old.Since
	}
	x.state.stale.put(id, st)
}

// searching runs fn in a transaction that is joined or made.
func (s *Store) searching(ctx context.Context, fn func(x *tx) error) error {
	if s.searchOff {
		return store.ErrSearchOff
	}
	return s.Update(ctx, func(ctx context.Context, y store.Tx) error {
		x := y.(*tx)
		if err := x.check(ctx); err != nil {
			return err
		}
		return fn(x)
	})
}

// looking runs fn over a snapshot or in a transaction.
func (s *Store) looking(ctx context.Context, fn func(r *reader) error) error {
	if s.searchOff {
		return store.ErrSearchOff
	}
	return s.View(ctx, func(ctx context.Context, y store.Reader) error {
		r := y.(*reader)
		if err := r.check(ctx); err != nil {
			return err
		}
		return fn(r)
	})
}

// Stale lists tickets whose documents may be out of date; see store.Searcher.
func (s *Store) Stale(ctx context.Context, limit int) (out []store.Stale, err error) {
	err = s.looking(ctx, func(r *reader) error {
		out = nil
		for _, st := range r.state.stale.all() {
			out = append(out, st)
		}
		slices.SortFunc(out, func(a, b store.Stale) int { return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Ticket, b.Ticket)) })
		out = out[:min(len(out), limit)]
		swept := r.swept()
		out = append(out, swept[:min(len(swept), limit-len(out))]...)
		return nil
	})
	return out, err
}

// swept lists what Reindex has still to do.
func (r *reader) swept() (out []store.Stale) {
	for id := range r.state.tickets.all() {
		if id <= r.state.sweep.Ticket {
			out = append(out, store.Stale{Ticket: id, Mark: -r.state.sweep.Ticket, Since: r.state.sweep.Since})
		}
	}
	slices.Reverse(out)
	return out
}

// Index stores documents; see store.Searcher.
func (s *Store) Index(ctx context.Context, docs []store.Document) (n int, err error) {
	err = s.searching(ctx, func(x *tx) error {
		n = 0
		lowest, to := int64(0), int64(0)
		for i := range docs {
			d := docs[i]
			if d.Mark == 0 {
				return invalid("mark", ticket.FaultUnknown, "is none that Stale gave out")
			}
			if d.Mark < 0 {
				lowest, to = d.Ticket, -d.Mark
			}
			if !x.current(&d) {
				continue
			}
			n++
			d.Updated = ticket.Time(d.Updated)
			x.state.documents.delete(d.Ticket)
			if !d.Gone {
				x.state.documents.put(d.Ticket, &d)
			}
		}
		if to != 0 && to == x.state.sweep.Ticket {
			x.state.sweep.Ticket = lowest - 1
		}
		return nil
	})
	return n, err
}

// current takes the document's mark away, and reports whether it was still the ticket's.
func (x *tx) current(d *store.Document) bool {
	st, stale := x.state.stale.get(d.Ticket)
	if d.Mark > 0 {
		if stale = stale && st.Mark == d.Mark; stale {
			x.state.stale.delete(d.Ticket)
		}
		return stale
	}
	old, ok := x.state.documents.get(d.Ticket)
	return -d.Mark == x.state.sweep.Ticket && !stale && (!ok || old.Version <= d.Version)
}

// Unindex removes documents at once, and marks their tickets; see store.Searcher.
func (s *Store) Unindex(ctx context.Context, ids ...int64) error {
	return s.Update(ctx, func(ctx context.Context, y store.Tx) error {
		x := y.(*tx)
		if err := x.check(ctx); err != nil {
			return err
		}
		for _, id := range ids {
			x.state.documents.delete(id)
			x.mark(id)
		}
		return nil
	})
}

// SearchLag says how far the documents are behind; see store.Searcher.
func (s *Store) SearchLag(ctx context.Context) (lag store.SearchLag, err error) {
	const counted = 1000
	err = s.looking(ctx, func(r *reader) error {
		lag = store.SearchLag{}
		add := func(since time.Time) {
			lag.Tickets = min(lag.Tickets+1, counted)
			if lag.Since.IsZero() || since.Before(lag.Since) {
				lag.Since = since
			}
		}
		for _, st := range r.state.stale.all() {
			add(st.Since)
		}
		for _, st := range r.swept() {
			add(st.Since)
		}
		return nil
	})
	return lag, err
}

// Reindex has all documents made anew; see store.Searcher.
func (s *Store) Reindex(ctx context.Context) error {
	return s.searching(ctx, func(x *tx) error {
		x.sweepAll()
		return nil
	})
}

func (x *tx) sweepAll() {
	x.state.sweep = store.Stale{Since: ticket.Time(x.now())}
	for id := range x.state.tickets.all() {
		x.state.sweep.Ticket = id // the last one is the greatest
	}
}

// RepairSearch has all documents made anew, beginning with none; see store.Searcher.
func (s *Store) RepairSearch(ctx context.Context) error {
	return s.searching(ctx, func(x *tx) error {
		for id := range x.state.documents.all() {
			x.state.documents.delete(id)
		}
		x.sweepAll()
		return nil
	})
}

// match is a document that a search has found.
type match struct {
	ticket  *ticket.Ticket
	updated int64 // of the document, in microseconds
	score   int
}

// Search looks through every document; see store.Searcher.
func (s *Store) Search(ctx context.Context, q store.SearchQuery, scope ticket.Scope) (page ticket.Page, err error) {
	err = s.looking(ctx, func(r *reader) (err error) {
		page, err = r.search(q, scope)
		return err
	})
	return page, err
}

func (r *reader) search(q store.SearchQuery, scope ticket.Scope) (page ticket.Page, err error) {
	found := r.found(q, scope)
	slices.SortFunc(found, match.newest)
	if q.Ranked {
		return r.ranked(q, found)
	}
	if q.Filter.Cursor != "" {
		at, err := bookmark.Parse(q.Filter.Cursor, bookmark.Newest, 2)
		if err != nil {
			return page, err
		}
		found = after(found, match{&ticket.Ticket{ID: at[1]}, at[0], 0}, match.newest)
	}
	if n := ticket.PageSize(q.Filter.Limit); len(found) > n {
		found = found[:n]
		page.Next = bookmark.Format(bookmark.Newest, found[n-1].updated, found[n-1].ticket.ID)
	}
	return pageWith(page.Next, found), nil
}

// ranked sorts the newest of what is found, and when those are shown the next.
func (r *reader) ranked(q store.SearchQuery, found []match) (page ticket.Page, err error) {
	from := []int64{math.MaxInt64, math.MaxInt64} // the match before the first of them
	best := math.MaxInt
	var last match
	if q.Filter.Cursor != "" {
		at, err := bookmark.Parse(q.Filter.Cursor, bookmark.Ranked, 5)
		if err != nil {
			return page, err
		}
		from, best = at[:2], int(at[4])
		last = match{&ticket.Ticket{ID: at[3]}, at[2], best}
	}
	found = after(found, match{&ticket.Ticket{ID: from[1]}, from[0], 0}, match.newest)
	if len(found) > store.RankedMost {
		found = found[:store.RankedMost]
		end := found[len(found)-1]
		page.Next = bookmark.Format(bookmark.Ranked, end.updated, end.ticket.ID, 0, 0, math.MaxInt)
	}
	slices.SortFunc(found, match.best)
	if best != math.MaxInt {
		found = after(found, last, match.best)
	}
	if n := ticket.PageSize(q.Filter.Limit); len(found) > n {
		found = found[:n]
		page.Next = bookmark.Format(bookmark.Ranked, from[0], from[1], found[n-1].updated, found[n-1].ticket.ID, int64(found[n-1].score))
	}
	return pageWith(page.Next, found), nil
}

// after leaves of matches those that come after one.
func after(found []match, last match, order func(a, b match) int) []match {
	return slices.DeleteFunc(found, func(m match) bool { return order(last, m) >= 0 })
}

func pageWith(next string, found []match) ticket.Page {
	page := ticket.Page{Next: next}
	for _, m := range found {
		page.Tickets = append(page.Tickets, m.ticket.Clone())
	}
	return page
}

func (m match) newest(o match) int {
	return cmp.Or(cmp.Compare(o.updated, m.updated), cmp.Compare(o.ticket.ID, m.ticket.ID))
}

func (m match) best(o match) int { return cmp.Or(cmp.Compare(o.score, m.score), m.newest(o)) }

func (r *reader) found(q store.SearchQuery, scope ticket.Scope) (out []match) {
	q.Filter.Deleted, q.Filter.Merged = false, false
	for id, d := range r.state.documents.all() {
		t, ok := r.state.tickets.get(id)
		if !ok || !scope.Sees(t) || !q.Filter.Selects(t) {
			continue
		}
		if score, ok := asked(q, d, store.Columns(scope)); ok {
			out = append(out, match{t, d.Updated.UnixMicro(), score})
		}
	}
	return out
}

// asked reports whether a document has what q asks for, and how well it fits.
func asked(q store.SearchQuery, d *store.Document, columns []store.Column) (score int, ok bool) {
	who := strings.Fields(d.Who)
	if len(q.Who) > 0 && !slices.ContainsFunc(q.Who, func(w string) bool { return slices.Contains(who, w) }) {
		return 0, false
	}
	for _, entry := range q.All {
		best := 0
		for _, p := range entry {
			best = max(best, weight(p, d, columns))
		}
		if best == 0 {
			return 0, false
		}
		score += best
	}
	return score, !slices.ContainsFunc(q.None, func(p store.Phrase) bool { return weight(p, d, columns) > 0 })
}

// weight is that of the best column which has the phrase, 0 if none has.
func weight(p store.Phrase, d *store.Document, columns []store.Column) (best int) {
	for _, c := range columns {
		if (p.Column == "" || p.Column == c) && has(p, strings.Fields(d.Text(c))) {
			best = max(best, c.Weight())
		}
	}
	return best
}

func has(p store.Phrase, tokens []string) bool {
	n := len(p.Words)
	for i := 0; n > 0 && i+n <= len(tokens); i++ {
		last := tokens[i+n-1]
		if slices.Equal(tokens[i:i+n-1], p.Words[:n-1]) && (last == p.Words[n-1] || p.Prefix && strings.HasPrefix(last, p.Words[n-1])) {
			return true
		}
	}
	return false
}
