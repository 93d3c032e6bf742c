package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	lib "modernc.org/sqlite/lib"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/row"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var _ store.Searcher = (*Store)(nil)

// Numbers that the search keeps beside the documents.
const (
	sweepTo    = "search sweep"       // tickets up to this id are to be indexed anew
	sweepSince = "search sweep since" // when that was asked for
	searchOff  = "search off"         // a store without search has written since
	overflown  = "search overflow"    // a document is far behind the place of its time
)

// searching runs fn in a transaction that is joined or made. One of the store's own is joined without a savepoint, for
// which SQLite would copy every page of the index that changes: if fn fails in the middle, the whole of it is lost.
func (s *Store) searching(ctx context.Context, op string, fn func(x *tx) error) error {
	if s.opts.SearchOff {
		return store.ErrSearchOff
	}
	if x, ok := store.TxFrom(ctx, s); ok && !x.(*tx).unit.hosted {
		return x.(*tx).boldly(ctx, func(x *tx) error { return searchFailed(op, fn(x)) })
	}
	return s.Update(ctx, func(ctx context.Context, x store.Tx) error {
		own := x.(*tx)
		if err := own.check(ctx); err != nil {
			return err
		}
		return searchFailed(op, fn(own))
	})
}

// Reindex has all documents made anew; see store.Searcher. It writes one number: Stale counts it down.
func (s *Store) Reindex(ctx context.Context) error {
	return s.searching(ctx, "begin to index anew", func(x *tx) error { return x.sweepAll() })
}

func (x *tx) boldly(ctx context.Context, fn func(x *tx) error) error {
	if err := x.alive(ctx); err != nil {
		return err
	}
	writes := x.ses.writes
	err := fn(x)
	if err != nil && x.ses.writes > writes && x.unit.lost == nil {
		x.unit.lost = err
	}
	return err
}

func (x *tx) sweepAll() error {
	last, err := x.ses.number("SELECT coalesce(max(id), 0) FROM {p}tickets")
	if err == nil {
		err = x.ses.setMeta(sweepTo, last)
	}
	if err == nil {
		err = x.ses.setMeta(sweepSince, row.Micros(x.now()))
	}
	return err
}

// RepairSearch makes the index anew; see store.Searcher.
func (s *Store) RepairSearch(ctx context.Context) error {
	return s.searching(ctx, "make the search index anew", func(x *tx) error { return x.rebuild() })
}

// rebuild drops what may be damaged. The documents keep their places, and are written all the same.
func (x *tx) rebuild() error {
	for _, q := range renewSearch {
		if _, err := x.ses.exec(q); err != nil {
			return err
		}
	}
	return x.sweepAll()
}

// renewSearch drops the index and makes it anew. One without its settings cannot be dropped, so it gets some; and some of
// its tables may be there without it.
var renewSearch = []string{
	"CREATE TABLE IF NOT EXISTS {p}search_config (k PRIMARY KEY, v) WITHOUT ROWID",
	"INSERT OR IGNORE INTO {p}search_config (k, v) VALUES ('version', 4)",
	"DROP TABLE IF EXISTS {p}search",
	"DROP TABLE IF EXISTS {p}search_config",
	"DROP TABLE IF EXISTS {p}search_data",
	"DROP TABLE IF EXISTS {p}search_idx",
	"DROP TABLE IF EXISTS {p}search_docsize",
	createSearch,
	"UPDATE {p}documents SET sum = 0, version = 0",
}

const createSearch = `CREATE VIRTUAL TABLE {p}search USING fts5 (subject, codes, people, body, notes, who, content='', contentless_delete=1, prefix='3', tokenize='ascii')`

// Unindex removes documents at once, and marks their tickets; see store.Searcher. It does so where search is off, too.
func (s *Store) Unindex(ctx context.Context, ids ...int64) error {
	return s.Update(ctx, func(ctx context.Context, y store.Tx) error {
		x := y.(*tx)
		if err := x.check(ctx); err != nil {
			return err
		}
		for _, id := range ids {
			if err := x.forgetDocument(id); err != nil {
				return searchFailed("remove a document", err)
			}
			if s.opts.SearchOff {
				continue
			}
			if err := x.markAnew(id); err != nil {
				return classify("mark a ticket", err)
			}
		}
		return nil
	})
}

// forgetDocument removes a document. What must go goes, even where the index is damaged: then all of it does.
func (x *tx) forgetDocument(id int64) error {
	err := x.dropDocument(id)
	if err == nil || !brokenIndex(err) {
		return err
	}
	if err := x.rebuild(); err != nil {
		return err
	}
	_, err = x.ses.exec("DELETE FROM {p}documents WHERE ticket = ?", id)
	return err
}

func (x *tx) dropDocument(id int64) error {
	doc, err := x.ses.number("SELECT doc FROM {p}documents WHERE ticket = ?", id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil {
		_, err = x.ses.exec("DELETE FROM {p}search WHERE rowid = ?", doc)
	}
	if err == nil {
		_, err = x.ses.exec("DELETE FROM {p}documents WHERE doc = ?", doc)
	}
	return err
}

// entry is a document on its way into the index.
type entry struct {
	*store.Document
	doc, updated, sum int64
}

// Index stores documents; see store.Searcher.
func (s *Store) Index(ctx context.Context, docs []store.Document) (n int, err error) {
	err = s.searching(ctx, "index tickets", func(x *tx) error {
		n, err = x.index(docs)
		return err
	})
	return n, err
}

// index removes and writes, in two passes: the index takes documents best in the order of their places.
func (x *tx) index(docs []store.Document) (n int, err error) {
	var list []entry
	var before spot
	lowest, to := int64(0), int64(0)
	for i := range docs {
		d := &docs[i]
		if d.Mark == 0 {
			return 0, invalid("mark", ticket.FaultUnknown, "is none that Stale gave out")
		}
		if d.Mark < 0 {
			lowest, to = d.Ticket, -d.Mark
		}
		current, err := x.current(d)
		if err != nil {
			return n, err
		}
		if !current {
			continue
		}
		n++
		e, write, err := x.place(d, &before)
		if err != nil {
			return n, err
		}
		if write {
			list = append(list, e)
		}
	}
	slices.SortFunc(list, func(a, b entry) int { return cmp.Compare(a.doc, b.doc) })
	for _, e := range list {
		if err := x.writeDocument(e); err != nil {
			return n, err
		}
	}
	if n > 0 { // so that what is damaged shows here, and not when the transaction is committed
		if _, err := x.ses.exec("INSERT INTO {p}search ({p}search) VALUES ('flush')"); err != nil {
			return n, err
		}
	}
	if to == 0 {
		return n, nil
	}
	_, err = x.ses.exec("UPDATE {p}meta SET value = ? WHERE key = ? AND value = ?", lowest-1, sweepTo, to)
	return n, err
}

// current takes the document's mark away, and reports whether it was still the ticket's.
func (x *tx) current(d *store.Document) (bool, error) {
	if d.Mark > 0 {
		n, err := x.ses.exec("DELETE FROM {p}stale WHERE ticket = ? AND mark = ?", d.Ticket, d.Mark)
		if err == nil && n > 0 {
			delete(x.unit.marked, d.Ticket)
		}
		return n > 0, err
	}
	to, err := x.meta(sweepTo)
	if err != nil || to != -d.Mark {
		return false, err
	}
	n, err := x.ses.number(`SELECT (SELECT count(*) FROM {p}stale WHERE ticket = ?1) + (SELECT count(*) FROM {p}documents WHERE ticket = ?1 AND version > ?2)`,
		d.Ticket, d.Version)
	return n == 0, err
}

// place removes the document's forerunner and gives it its place, or reports that nothing is to be written.
func (x *tx) place(d *store.Document, before *spot) (e entry, write bool, err error) {
	if d.Gone {
		return e, false, x.dropDocument(d.Ticket)
	}
	e = entry{d, 0, row.Micros(ticket.Time(d.Updated)), sumOf(d)}
	var doc, updated, sum int64
	err = x.ses.row([]any{&doc, &updated, &sum}, "SELECT doc, updated, sum FROM {p}documents WHERE ticket = ?", d.Ticket)
	switch {
	case errors.Is(err, sql.ErrNoRows):
	case err != nil:
		return e, false, err
	case updated == e.updated && sum == e.sum && d.Mark > 0: // who asked for it anew may have lost it
		_, err = x.ses.exec("UPDATE {p}documents SET version = ? WHERE doc = ?", d.Version, doc)
		return e, false, err
	default:
		if err := x.dropDocument(d.Ticket); err != nil {
			return e, false, err
		}
		if updated == e.updated {
			e.doc = doc
		}
	}
	if e.doc == 0 {
		if e.doc, err = x.freePlace(numberOf(e.updated), before); err != nil {
			return e, false, err
		}
	}
	_, err = x.ses.exec("INSERT INTO {p}documents (doc, ticket, version, updated, sum) VALUES (?, ?, ?, ?, ?)", e.doc, d.Ticket, d.Version, e.updated, e.sum)
	return e, true, err
}

func (x *tx) writeDocument(e entry) error {
	_, err := x.ses.exec("INSERT INTO {p}search (rowid, subject, codes, people, body, notes, who) VALUES (?, ?, ?, ?, ?, ?, ?)",
		e.doc, e.Subject, e.Codes, e.People, e.Body, e.Notes, whoOf(e.Who))
	return err
}

// placeBits is how coarse places are: one for 8 milliseconds. The finer, the longer are the numbers in the index.
const placeBits = 13

// numberOf is the place of a time, in microseconds.
func numberOf(at int64) int64 { return max(1, at>>placeBits) }

// maxShift is how many places a document stands behind that of its time, where so many others have been changed within
// the same moment.
const maxShift = 1 << 20

// spot is where the document before this one was put: its place by its time, and the one that it got.
type spot struct{ of, doc int64 }

// freePlace returns the first place from n on that nobody has, or, where many stand close together, one not far behind
// them. In a crowd it begins behind the one before.
func (x *tx) freePlace(n int64, before *spot) (int64, error) {
	from := n
	if before.of <= n && n <= before.doc {
		from = before.doc + 1
	}
	for window := int64(1); ; window *= 16 {
		var last sql.NullInt64
		if err := x.ses.row([]any{&last}, "SELECT max(doc) FROM {p}documents WHERE doc >= ? AND doc < ?", from, from+window); err != nil {
			return 0, err
		}
		if last.Valid && last.Int64+1 >= from+window {
			continue
		}
		if last.Valid {
			from = last.Int64 + 1
		}
		*before = spot{n, from}
		if from-n > maxShift {
			return from, x.ses.setMeta(overflown, 1)
		}
		return from, nil
	}
}

// numbersUntil is above every place of a time before at.
func (r *reader) numbersUntil(at int64) (int64, error) {
	over, err := r.meta(overflown)
	if err != nil || over != 0 {
		return newestPlace, err
	}
	return numberOf(at) + maxShift + 1, nil
}

// sumOf tells documents apart; it is never 0.
func sumOf(d *store.Document) int64 {
	h := fnv.New64a()
	for _, text := range []string{d.Subject, d.Codes, d.People, d.Body, d.Notes, d.Who} {
		_, _ = h.Write([]byte(text)) // a hash never fails
		_, _ = h.Write([]byte{0})
	}
	return int64(h.Sum64() | 1)
}

// brokenIndex reports whether an error says that the index is damaged.
func brokenIndex(err error) bool {
	switch code(err) {
	case lib.SQLITE_CORRUPT, lib.SQLITE_CONSTRAINT:
		return true
	case lib.SQLITE_ERROR: // tables of it are missing
		return slices.ContainsFunc([]string{"vtable constructor failed", "no such table", "invalid fts5 file format"},
			func(what string) bool { return strings.Contains(err.Error(), what) })
	}
	return false
}

// searchFailed classifies an error of the index.
func searchFailed(op string, err error) error {
	if err != nil && brokenIndex(err) {
		return fmt.Errorf("sqlite: %s: %w: %w", op, store.ErrSearchBroken, err)
	}
	return classify(op, err)
}

// reconcileSearch has everything indexed anew where stores without search have written.
func (s *session) reconcileSearch(off bool, now int64) error {
	if off {
		return s.setMeta(searchOff, 1)
	}
	n, err := s.exec("DELETE FROM {p}meta WHERE key = ?", searchOff)
	if err != nil || n == 0 {
		return err
	}
	last, err := s.number("SELECT coalesce(max(id), 0) FROM {p}tickets")
	return errors.Join(err, s.setMeta(sweepTo, last), s.setMeta(sweepSince, now))
}
