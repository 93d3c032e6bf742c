package remote

import (
	"context"
	"strings"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/row"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var _ store.Searcher = (*Store)(nil)

// looking runs fn in a View, if there is search.
func (s *Store) looking(ctx context.Context, fn func(r *reader) error) error {
	if s.set.SearchOff {
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

// searching runs fn in a transaction that is joined or made, if there is search.
func (s *Store) searching(ctx context.Context, fn func(ctx context.Context, x *tx) error) error {
	if s.set.SearchOff {
		return store.ErrSearchOff
	}
	return s.Update(ctx, func(ctx context.Context, y store.Tx) error {
		x := y.(*tx)
		if err := x.check(ctx); err != nil {
			return err
		}
		return fn(ctx, x)
	})
}

// Reindex has all documents made anew; see store.Searcher. It writes one number: Stale counts it down.
func (s *Store) Reindex(ctx context.Context) error {
	return s.searching(ctx, func(ctx context.Context, x *tx) error { return x.sweepAll(ctx) })
}

// RepairSearch throws all documents away; see store.Searcher.
func (s *Store) RepairSearch(ctx context.Context) error {
	return s.searching(ctx, func(ctx context.Context, x *tx) error {
		if err := x.remove("1 = 1"); err != nil {
			return err
		}
		return x.sweepAll(ctx)
	})
}

// Unindex removes documents at once, and marks their tickets; see store.Searcher. It does so where search is off, too.
func (s *Store) Unindex(ctx context.Context, ids ...int64) error {
	return s.Update(ctx, func(ctx context.Context, y store.Tx) error {
		x := y.(*tx)
		for _, id := range ids {
			if err := x.remove("ticket = ?", id); err != nil {
				return err
			}
			if s.set.SearchOff {
				continue
			}
			if err := x.markAnew(id); err != nil {
				return err
			}
		}
		return nil
	})
}

// hidden is the time of documents that nothing finds.
const hidden = "-4611686018427387904"

// remove removes documents, or hides them; see Dialect.Prime.
func (x *tx) remove(which string, args ...any) error {
	text := "DELETE FROM {p}documents WHERE " + which
	if x.hides() {
		text = "UPDATE {p}documents SET updated = " + hidden + " WHERE " + which
	}
	return x.ses.later(Statement{What: "remove a document", Text: text, Args: args})
}

func (x *tx) hides() bool { return x.unit.hosted && x.s.d.Prime != nil }

// removeDocument removes that of a ticket that is being deleted. One that is only hidden is removed when its turn to be
// made anew has come.
func (x *tx) removeDocument(id int64) error {
	if err := x.remove("ticket = ?", id); err != nil {
		return err
	}
	if x.hides() && !x.s.set.SearchOff {
		return x.markAnew(id)
	}
	return x.ses.later(Statement{What: "delete a ticket", Text: "DELETE FROM {p}stale WHERE ticket = ?", Args: []any{id}})
}

// Index stores documents; see store.Searcher.
func (s *Store) Index(ctx context.Context, docs []store.Document) (n int, err error) {
	err = s.searching(ctx, func(ctx context.Context, x *tx) error {
		n = 0
		b, err := x.batch(docs)
		if err != nil {
			return err
		}
		for i := range docs {
			if !b.current(&docs[i]) {
				continue
			}
			n++
			delete(b.marks, docs[i].Ticket) // the sweep may ask for the same ticket
			b.versions[docs[i].Ticket] = docs[i].Version
			if err := x.index(&docs[i]); err != nil {
				return err
			}
		}
		return b.swept(ctx, x)
	})
	return n, err
}

// batch is what is known of the tickets of some documents: their marks, which are locked, and the versions that are
// stored. A mark that somebody is about to change is as good as changed.
type batch struct {
	marks    map[int64]int64
	versions map[int64]int64
	to       int64 // how far the sweep has come
	lowest   int64 // of the documents that a sweep has asked for
	sweeps   bool
}

func (x *tx) batch(docs []store.Document) (*batch, error) {
	b := &batch{marks: map[int64]int64{}, versions: map[int64]int64{}}
	if len(docs) == 0 {
		return b, nil
	}
	ids := make([]any, len(docs))
	for i, d := range docs {
		if d.Mark == 0 {
			return nil, x.s.invalid("mark", ticket.FaultUnknown, "is none that Stale gave out")
		}
		ids[i] = d.Ticket
	}
	in := "(?" + strings.Repeat(", ?", len(ids)-1) + ")"
	pair := func(into map[int64]int64) func(Scan) error {
		return func(scan Scan) error {
			var id, n int64
			err := scan(&id, &n)
			into[id] = n
			return err
		}
	}
	err := x.ses.each("look at marks", "SELECT w.ticket, w.mark FROM {p}stale w WHERE w.ticket IN "+in+" ORDER BY w.ticket "+x.s.d.SkipLocked, pair(b.marks), ids...)
	if err == nil {
		err = x.ses.each("look at documents", "SELECT ticket, version FROM {p}documents WHERE ticket IN "+in, pair(b.versions), ids...)
	}
	if err == nil {
		b.to, err = x.meta(sweepTo)
	}
	return b, err
}

// current reports whether a document is still what its mark asked for.
func (b *batch) current(d *store.Document) bool {
	if d.Mark > 0 {
		return b.marks[d.Ticket] == d.Mark
	}
	if b.to != -d.Mark {
		return false
	}
	b.lowest, b.sweeps = d.Ticket, true
	_, marked := b.marks[d.Ticket]
	return !marked && b.versions[d.Ticket] <= d.Version
}

// swept notes how far a sweep has come.
func (b *batch) swept(ctx context.Context, x *tx) error {
	if !b.sweeps {
		return nil
	}
	return x.write(ctx, "note how far documents are made anew", "UPDATE {p}meta SET value = ? WHERE name = ? AND value = ?", b.lowest-1, sweepTo, b.to)
}

// index stores a document, and takes away its mark.
func (x *tx) index(d *store.Document) error {
	if d.Mark > 0 {
		delete(x.unit.marked, d.Ticket)
		err := x.ses.later(Statement{What: "take a mark away", Text: "DELETE FROM {p}stale WHERE ticket = ? AND mark = ?", Args: []any{d.Ticket, d.Mark}})
		if err != nil {
			return err
		}
	}
	if d.Gone {
		return x.remove("ticket = ?", d.Ticket)
	}
	x.unit.indexed = true
	text := x.s.put.document
	if d.Mark < 0 {
		text = x.s.put.swept
	}
	return x.ses.later(Statement{What: "store a document", Text: text, Args: []any{d.Ticket, d.Version, row.Micros(ticket.Time(d.Updated)), x.s.d.Words(tokensOf(d))}})
}

// Tokens are the words of one column of a document.
type Tokens struct {
	Tag  string // what each is to begin with, so that columns can be told apart: a letter
	List []string
}

// tags tell the columns of documents apart.
var tags = map[store.Column]string{store.ColumnSubject: "s", store.ColumnCodes: "c", store.ColumnPeople: "p", store.ColumnBody: "b", store.ColumnNotes: "n"}

const whoTag = "w"

// tokensOf lists the columns of a document, the longest last: where a document is too long the rest is not found.
func tokensOf(d *store.Document) []Tokens {
	out := []Tokens{{whoTag, tokens(d.Who)}}
	for _, c := range []store.Column{store.ColumnCodes, store.ColumnSubject, store.ColumnPeople, store.ColumnNotes, store.ColumnBody} {
		out = append(out, Tokens{tags[c], tokens(d.Text(c))})
	}
	return out
}

func tokens(text string) []string {
	return strings.Fields(strings.ReplaceAll(strings.ToValidUTF8(text, " "), "\x00", " "))
}
