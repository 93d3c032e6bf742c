package remote

import (
	"context"
	"math/rand/v2"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/row"
)

// Numbers that the search keeps beside the documents.
const (
	sweepTo    = "search sweep"       // tickets up to this id are to be indexed anew
	sweepSince = "search sweep since" // when that was asked for
	searchOff  = "search off"         // a store without search has written since
)

// markStale notes that the ticket's document is out of date. Once for each transaction does.
func (x *tx) markStale(id int64) error {
	if x.s.set.SearchOff || x.unit.marked[id] {
		return nil
	}
	if !x.unit.hosted { // the host may undo a part of its own
		if x.unit.marked == nil {
			x.unit.marked = map[int64]bool{}
		}
		x.unit.marked[id] = true
	}
	if x.unit.granted("ticket", id) {
		st := markOf(id, x.s.put.newMark)
		st.Anew = true
		return x.ses.later(st)
	}
	return x.markAnew(id)
}

func markOf(id int64, text string) Statement {
	return Statement{What: "mark a ticket", Into: "stale", Text: text, Args: []any{id, 1 + rand.Int64N(1<<62)}}
}

// markAnew gives the ticket a mark that no other of its marks is like.
func (x *tx) markAnew(id int64) error {
	return x.ses.later(markOf(id, x.s.put.mark))
}

// sortedMarks is how many marks are sorted by their times. Of more, as after an import, the newest tickets come first:
// sorting all of them for each batch would take longer than indexing it.
const sortedMarks = 5000

// Stale lists tickets whose documents may be out of date; see store.Searcher. The mark of what Reindex has still to do
// is below zero: how far it has come.
func (s *Store) Stale(ctx context.Context, limit int) (out []store.Stale, err error) {
	err = s.looking(ctx, func(r *reader) error {
		var many int
		_, err := r.ses.row("count stale tickets", "SELECT count(*) FROM (SELECT 1 FROM {p}stale LIMIT ?) s", []any{&many}, sortedMarks+1)
		if err != nil {
			return err
		}
		order := "since, ticket"
		if many > sortedMarks {
			order = "ticket DESC"
		}
		out, err = several(r, "stale tickets", func(scan Scan) (st store.Stale, err error) {
			var since int64
			err = scan(&st.Ticket, &st.Mark, &since)
			st.Since = row.FromMicros(since)
			return st, err
		}, "SELECT ticket, mark, since FROM {p}stale ORDER BY "+order+" LIMIT ?", max(limit, 0))
		if err != nil || len(out) >= limit {
			return err
		}
		swept, err := r.swept(limit - len(out))
		out = append(out, swept...)
		return err
	})
	return out, err
}

// swept lists what Reindex has still to do, from the newest ticket down.
func (r *reader) swept(limit int) (out []store.Stale, err error) {
	to, since, err := r.sweep()
	if err != nil || to <= 0 {
		return nil, err
	}
	return several(r, "stale tickets", func(scan Scan) (store.Stale, error) {
		st := store.Stale{Mark: -to, Since: row.FromMicros(since)}
		return st, scan(&st.Ticket)
	}, "SELECT id FROM {p}tickets WHERE id <= ? ORDER BY id DESC LIMIT ?", to, limit)
}

func (r *reader) sweep() (to, since int64, err error) {
	if to, err = r.meta(sweepTo); err != nil || to <= 0 {
		return 0, 0, err
	}
	since, err = r.meta(sweepSince)
	return to, since, err
}

// sweepAll has all documents made anew.
func (x *tx) sweepAll(ctx context.Context) error {
	var last, now int64
	_, err := x.ses.row("begin to index anew", "SELECT coalesce(max(id), 0), "+x.s.d.Clock+" FROM {p}tickets", []any{&last, &now})
	if err == nil {
		err = x.setMeta(ctx, sweepTo, last)
	}
	if err == nil {
		err = x.setMeta(ctx, sweepSince, now)
	}
	return err
}

// lagCounted is how far a lag is counted.
const lagCounted = 1000

// SearchLag says how far the documents are behind; see store.Searcher.
func (s *Store) SearchLag(ctx context.Context) (lag store.SearchLag, err error) {
	err = s.looking(ctx, func(r *reader) error {
		lag = store.SearchLag{}
		var since *int64
		_, err := r.ses.row("read how far the search is behind", "SELECT count(*), min(since) FROM (SELECT since FROM {p}stale LIMIT ?) s",
			[]any{&lag.Tickets, &since}, lagCounted)
		if err != nil {
			return err
		}
		if since != nil {
			lag.Since = row.FromMicros(*since)
		}
		to, begun, err := r.sweep()
		if err != nil || to == 0 {
			return err
		}
		var left int
		_, err = r.ses.row("read how far the search is behind", "SELECT count(*) FROM (SELECT 1 FROM {p}tickets WHERE id <= ? LIMIT ?) t", []any{&left}, to, lagCounted)
		if lag.Tickets = min(lag.Tickets+left, lagCounted); left > 0 && (lag.Since.IsZero() || row.FromMicros(begun).Before(lag.Since)) {
			lag.Since = row.FromMicros(begun)
		}
		return err
	})
	return lag, err
}

// reconcileSearch has everything indexed anew where stores without search have written.
func (s *Store) reconcileSearch(ctx context.Context) error {
	var off int64
	err := s.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
		off, err = r.(*reader).meta(searchOff)
		return err
	})
	if err != nil || (off != 0) == s.set.SearchOff {
		return err
	}
	return s.Update(ctx, func(ctx context.Context, y store.Tx) error {
		x := y.(*tx)
		if s.set.SearchOff {
			return x.setMeta(ctx, searchOff, 1)
		}
		if err := x.setMeta(ctx, searchOff, 0); err != nil {
			return err
		}
		return x.sweepAll(ctx)
	})
}
