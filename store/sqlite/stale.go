package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"math/rand/v2"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/row"
)

// mark notes that a ticket's document is out of date, once in a transaction of ours.
func (x *tx) mark(id int64) error {
	if x.unit.s.opts.SearchOff || x.unit.marked[id] {
		return nil
	}
	if !x.unit.hosted { // the host may undo a part of its own
		if x.unit.marked == nil {
			x.unit.marked = map[int64]bool{}
		}
		x.unit.marked[id] = true
	}
	return x.markAnew(id)
}

func (x *tx) markAnew(id int64) error {
	_, err := x.ses.exec("INSERT INTO {p}stale (ticket, mark, since) VALUES (?1, ?2, ?3) ON CONFLICT (ticket) DO UPDATE SET mark = ?2",
		id, 1+rand.Int64N(1<<62), row.Micros(x.now()))
	return err
}

// sortedMarks is how many marks are sorted by their times. Of more, as after an import, the newest tickets come first:
// sorting all of them for each batch would take longer than indexing it.
const sortedMarks = 5000

// Stale lists tickets whose documents may be out of date; see store.Searcher. The mark of what Reindex has still to do
// is below zero: how far it has come.
func (s *Store) Stale(ctx context.Context, limit int) (out []store.Stale, err error) {
	if s.opts.SearchOff {
		return nil, store.ErrSearchOff
	}
	err = s.View(ctx, func(ctx context.Context, r store.Reader) error {
		x := r.(*reader)
		if err := x.check(ctx); err != nil {
			return err
		}
		out = nil
		many, err := x.ses.number("SELECT count(*) FROM (SELECT 1 FROM {p}stale LIMIT ?+0)", sortedMarks+1)
		if err != nil {
			return classify("count stale tickets", err)
		}
		order := "since, ticket"
		if many > sortedMarks {
			order = "ticket DESC"
		}
		err = x.ses.each(func(rows *sql.Rows) error {
			var st store.Stale
			var since int64
			err := rows.Scan(&st.Ticket, &st.Mark, &since)
			st.Since = row.FromMicros(since)
			out = append(out, st)
			return err
		}, "SELECT ticket, mark, since FROM {p}stale ORDER BY "+order+" LIMIT ?+0", limit)
		if err != nil || len(out) >= limit {
			return classify("list stale tickets", err)
		}
		swept, err := x.swept(limit - len(out))
		out = append(out, swept...)
		return classify("list stale tickets", err)
	})
	return out, err
}

// swept lists what Reindex has still to do, from the newest ticket down.
func (r *reader) swept(limit int) (out []store.Stale, err error) {
	to, since, err := r.sweep()
	if err != nil || to <= 0 {
		return nil, err
	}
	err = r.ses.each(func(rows *sql.Rows) error {
		st := store.Stale{Mark: -to, Since: row.FromMicros(since)}
		err := rows.Scan(&st.Ticket)
		out = append(out, st)
		return err
	}, "SELECT id FROM {p}tickets WHERE id <= ? ORDER BY id DESC LIMIT ?+0", to, limit)
	return out, err
}

func (r *reader) sweep() (to, since int64, err error) {
	if to, err = r.meta(sweepTo); err != nil || to <= 0 {
		return 0, 0, err
	}
	since, err = r.meta(sweepSince)
	return to, since, err
}

func (r *reader) meta(key string) (int64, error) {
	n, err := r.ses.number("SELECT value FROM {p}meta WHERE key = ?", key)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return n, err
}

func (s *session) setMeta(key string, value int64) error {
	_, err := s.exec("INSERT INTO {p}meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2", key, value)
	return err
}

// lagCounted is how far a lag is lagCounted.
const lagCounted = 1000

// SearchLag says how far the documents are behind; see store.Searcher.
func (s *Store) SearchLag(ctx context.Context) (lag store.SearchLag, err error) {
	if s.opts.SearchOff {
		return lag, store.ErrSearchOff
	}
	err = s.View(ctx, func(ctx context.Context, r store.Reader) error {
		x := r.(*reader)
		if err := x.check(ctx); err != nil {
			return err
		}
		lag = store.SearchLag{}
		var n, since sql.NullInt64
		err := x.ses.row([]any{&n, &since}, "SELECT count(*), min(since) FROM (SELECT since FROM {p}stale LIMIT ?+0)", lagCounted)
		if err != nil {
			return classify("read how far the search is behind", err)
		}
		if lag.Tickets = int(n.Int64); n.Int64 > 0 {
			lag.Since = row.FromMicros(since.Int64)
		}
		to, begun, err := x.sweep()
		if err != nil || to == 0 {
			return classify("read how far the search is behind", err)
		}
		left, err := x.ses.number("SELECT count(*) FROM (SELECT 1 FROM {p}tickets WHERE id <= ? LIMIT ?+0)", to, lagCounted)
		if lag.Tickets = min(lag.Tickets+int(left), lagCounted); left > 0 && (lag.Since.IsZero() || row.FromMicros(begun).Before(lag.Since)) {
			lag.Since = row.FromMicros(begun)
		}
		return classify("read how far the search is behind", err)
	})
	return lag, err
}
