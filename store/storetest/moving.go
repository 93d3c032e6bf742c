package storetest

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var movings = []proof{
	{"what was put comes out once, and is the same in another store", moveAll},
	{"every field of a row is kept, and a large row does not keep others out", moveFull},
	{"rows come in the order of their places, in lists of any length", moveInOrder},
	{"a list of rows ends where it gets large", moveLarge},
	{"putting rows again changes nothing, and puts none beside others", moveTwice},
	{"records keep their version, and configuration is counted", moveRecords},
	{"work keeps its state, its lease and its lane", moveWork},
	{"work replaces work of the same name in its lane", moveTwins},
	{"rows are removed, and no others", moveRemoves},
	{"rows and what goes with them are put together or not at all", moveTogether},
	{"sequences go on above what they are raised to", moveSequences},
	{"what moved is marked for search and counted", moveNumbers},
	{"an unknown kind, an empty row and a list of none are refused", moveRefuses},
}

func (e *env) mover() store.Mover { return e.Store.(store.Mover) }

// Fill puts a random desk's worth of everything, of about so many operations: the same for the same seed. The search
// index is left alone.
func Fill(ctx context.Context, s store.Store, ops int, seed uint64) error {
	var w world
	for _, st := range newScript(seed, ops) {
		st.run(ctx, s, &w)
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return s.Update(ctx, func(ctx context.Context, tx store.Tx) error { return only(tx.NewID(ctx, "code/filled")) })
}

// allRows reads a store in lists of a length.
func (e *env) allRows(t testing.TB, m store.Mover, length int) (out []store.Row) {
	t.Helper()
	for _, kind := range store.RowKinds() {
		out = append(out, e.rowsOf(t, m, kind, length)...)
	}
	return out
}

func (e *env) rowsOf(t testing.TB, m store.Mover, kind store.RowKind, length int) (out []store.Row) {
	t.Helper()
	for after := (*store.Place)(nil); ; {
		rows, err := m.Rows(e.ctx, kind, after, length)
		if err != nil {
			t.Fatalf("list %s: %v", kind, err)
		}
		if len(rows) == 0 {
			return out
		}
		if len(rows) > length {
			t.Fatalf("a list of at most %d %s has %d", length, kind, len(rows))
		}
		for _, row := range rows {
			if row.Kind() != kind || (after != nil && row.Place().Compare(*after) <= 0) {
				t.Fatalf("%s: after %v comes a row of %s at %v", kind, after, row.Kind(), row.Place())
			}
			after = new(row.Place())
		}
		out = append(out, rows...)
	}
}

// rowTexts writes rows down, a line for each.
func rowTexts(rows []store.Row) string {
	lines := make([]string, len(rows))
	for i, row := range rows {
		if row.Chunk != nil && len(row.Chunk.Data) == 0 {
			row.Chunk = &store.Chunk{Blob: row.Chunk.Blob, N: row.Chunk.N}
		}
		values := []any{row.Ticket, row.Message, row.Event, row.Work, row.Record, row.Key, row.Link, row.Chunk}
		at := slices.IndexFunc(values, func(v any) bool { return !isNil(v) })
		lines[i] = string(row.Kind()) + " " + text(values[at])
	}
	return strings.Join(lines, "\n")
}

// sameText expects two long texts to be equal, and shows the first line that is not.
func sameText(t testing.TB, what, got, want string) {
	t.Helper()
	if d := difference(got, want); d != "" {
		t.Errorf("%s:\n%s", what, d)
	}
}

func (e *env) putRows(t testing.TB, rows ...store.Row) {
	t.Helper()
	if err := e.mover().PutRows(e.ctx, rows); err != nil {
		t.Fatalf("put rows: %v", err)
	}
}

// filled returns a reference store with everything in it. It is closed with the test.
func filled(t testing.TB, e *env, ops int) *memory.Store {
	t.Helper()
	s := memory.New(nil)
	t.Cleanup(func() { _ = s.Close() })
	if err := Fill(e.ctx, s, ops, rand.Uint64()); err != nil {
		t.Fatal(err)
	}
	return s
}

func moveAll(t testing.TB, e *env) {
	from, back := filled(t, e, 600), memory.New(nil)
	defer func() { _ = back.Close() }()
	e.putRows(t, e.allRows(t, from, 50)...)
	if err := back.PutRows(e.ctx, e.allRows(t, e.mover(), 50)); err != nil {
		t.Fatal(err)
	}
	want := contents(e.ctx, from)
	sameText(t, "what the store holds", contents(e.ctx, e.Store), want)
	sameText(t, "what a third store has of it", contents(e.ctx, back), want)
	sameText(t, "the rows", rowTexts(e.allRows(t, e.mover(), 1000)), rowTexts(e.allRows(t, from, 1000)))
}

func moveFull(t testing.TB, e *env) {
	x := e.fullTicket()
	w := full[store.Work](e.id())
	w.ID, w.State = e.id(), store.WorkLeased
	r := full[store.Record](e.id())
	rows := []store.Row{
		{Record: r}, {Ticket: x}, {Message: e.fullMessage(x)}, {Work: w},
		{Key: &store.Key{Kind: "mail", Key: "ß 😀 " + strings.Repeat("k", store.MaxKey-10), ID: 7}},
		{Link: &store.Key{Kind: "mail", Key: "ß '\"\\ %_", ID: 7}},
		{Chunk: &store.Chunk{Blob: "b", N: 3, Data: []byte("\x00\xff\n")}},
		{Chunk: &store.Chunk{Blob: "b", N: 4, Data: []byte{}}}, {Event: e.fullEvent(x)},
	}
	e.putRows(t, rows...)
	sameText(t, "the rows", rowTexts(e.allRows(t, e.mover(), 10)), rowTexts(rows))
}

func moveInOrder(t testing.TB, e *env) {
	rows := e.allRows(t, filled(t, e, 300), 1000)
	for i, key := range []string{"B", "a", "ab", "aÿ", "a\u0301", "Ä", "😀", "\uffee"} {
		id := int64(i + 1)
		rows = append(rows, store.Row{Key: &store.Key{Kind: "case", Key: key, ID: id}}, store.Row{Link: &store.Key{Kind: "case", Key: key, ID: 3}},
			store.Row{Link: &store.Key{Kind: "case", Key: key, ID: 10}}, store.Row{Chunk: &store.Chunk{Blob: key, N: 10, Data: []byte("x")}},
			store.Row{Chunk: &store.Chunk{Blob: key, N: 9, Data: []byte("y")}},
			store.Row{Record: &store.Record{Kind: "case", Key: key, Version: id}}, store.Row{Record: &store.Record{Kind: key, Key: "case", Version: id}})
	}
	for step := range slices.Chunk(rows, 100) {
		e.putRows(t, step...)
	}
	want := rowTexts(e.allRows(t, e.mover(), 10_000))
	if got := strings.Count(want, "\n") + 1; got != len(rows) {
		t.Errorf("%d rows came out, %d went in", got, len(rows))
	}
	for _, length := range []int{1, 2, 7} {
		sameText(t, "the rows in short lists", rowTexts(e.allRows(t, e.mover(), length)), want)
	}
}

func moveLarge(t testing.TB, e *env) {
	const chunks = 40 // 10 MB
	data := make([]byte, store.ChunkSize)
	for n := range chunks {
		e.putRows(t, store.Row{Chunk: &store.Chunk{Blob: "large", N: n, Data: data}})
	}
	rows, err := e.mover().Rows(e.ctx, store.RowChunks, nil, 1000)
	if size := len(rows) * store.ChunkSize; err != nil || size == 0 || size > store.RowsSize+2*store.ChunkSize {
		t.Errorf("a list has %d bytes, %v", size, err)
	}
	if n := len(e.rowsOf(t, e.mover(), store.RowChunks, 1000)); n != chunks {
		t.Errorf("%d chunks came out, want %d", n, chunks)
	}
}

func moveTwice(t testing.TB, e *env) {
	rows := e.allRows(t, filled(t, e, 300), 1000)
	e.putRows(t, rows...)
	want := e.dump(t)
	e.putRows(t, rows...)
	slices.Reverse(rows)
	e.putRows(t, rows...)
	sameText(t, "what the store holds", e.dump(t), want)
	slices.Reverse(rows)
	sameText(t, "the rows", rowTexts(e.allRows(t, e.mover(), 1000)), rowTexts(rows))
}

func moveRecords(t testing.TB, e *env) {
	e.put(t, newRecord("kind", "key", 0))
	before := e.configVersion(t)
	moved := []*store.Record{newRecord("kind", "key", 41), newRecord("config/x", "key", 7), {Kind: "kind", Key: "bare", Version: 1}}
	for _, r := range moved {
		e.putRows(t, store.Row{Record: r})
		e.expectRecord(t, r)
	}
	if e.configVersion(t) == before {
		t.Error("ConfigVersion does not notice configuration that was moved")
	}
	e.refused(t, ticket.ErrConflict, func(ctx context.Context, tx store.Tx) error { return tx.PutRecord(ctx, newRecord("kind", "key", 1)) })
	e.put(t, newRecord("kind", "key", 41))
	if got := e.loaded(t, moved[0]).(*store.Record); got.Version != 42 {
		t.Errorf("a record that moved with version 41 is put as %d", got.Version)
	}
	before = e.configVersion(t)
	if err := e.mover().RemoveRows(e.ctx, store.RowRecords, []store.Place{{Kind: "config/x", Key: "key"}}); err != nil || e.configVersion(t) == before {
		t.Errorf("ConfigVersion does not notice configuration that was removed: %v", err)
	}
}
