package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var uniqueKeys = []proof{
	{"of 32 callers who reserve a key one wins, and all learn who", reserveRace},
	{"a key is its holder's until the holder releases it", reserveRelease},
	{"keys differ by kind, case and trailing space", reserveSpelling},
	{"a rolled back reservation leaves the key free", reserveRollback},
	{"keys and links outlive their ticket", keysOutlive},
	{"keys of every kind may have MaxKey bytes, and differ in the last", longKeys},
}

var links = []proof{
	{"the ids of a key come in ascending order, each once", linkedOrder},
	{"linking and unlinking twice is no error, and other keys are left alone", linkedTwice},
}

func reserveRace(t testing.TB, e *env) {
	for _, key := range []string{"VEP-728-96190", "VEP-728-96191", "VEP-728-96192"} {
		var winners atomic.Int64
		holders := make([]int64, 32)
		errs := together(32, func(i int) error {
			id := int64(i + 1)
			return e.Update(e.ctx, func(ctx context.Context, tx store.Tx) (err error) {
				holders[i], err = tx.Reserve(ctx, "code", key, id)
				if err == nil && holders[i] == id {
					tx.OnCommit(func() { winners.Add(1) })
				}
				return err
			})
		})
		if err := firstError(errs...); err != nil {
			t.Fatal(err)
		}
		if n := winners.Load(); n != 1 {
			t.Errorf("%d callers won the key %s, want 1", n, key)
		}
		for i, h := range holders {
			if h != holders[0] {
				t.Errorf("caller %d was told that %d holds the key, caller 0 that %d does", i, h, holders[0])
			}
		}
	}
}

// holder returns who holds a key of kind "code", 0 for nobody.
func (e *env) holder(t testing.TB, key string) int64 {
	t.Helper()
	var id int64
	e.read(t, func(ctx context.Context, r store.Reader) (err error) {
		if id, err = r.Holder(ctx, "code", key); errors.Is(err, ticket.ErrNotFound) {
			return nil
		}
		return err
	})
	return id
}

func (e *env) reserve(t testing.TB, kind, key string, id int64) (holder int64) {
	t.Helper()
	e.write(t, func(ctx context.Context, tx store.Tx) (err error) {
		holder, err = tx.Reserve(ctx, kind, key, id)
		return err
	})
	return holder
}

func reserveRelease(t testing.TB, e *env) {
	release := func(id int64) {
		e.write(t, func(ctx context.Context, tx store.Tx) error { return tx.Release(ctx, "code", "A", id) })
	}
	if got := e.holder(t, "A"); got != 0 {
		t.Errorf("a key that nobody reserved is held by %d", got)
	}
	for _, id := range []int64{7, 7, 8} {
		if got := e.reserve(t, "code", "A", id); got != 7 {
			t.Errorf("reserved for %d it is held by %d, want 7", id, got)
		}
	}
	release(8)
	if got := e.holder(t, "A"); got != 7 {
		t.Errorf("after somebody else's release it is held by %d, want 7", got)
	}
	release(7)
	if got := e.holder(t, "A"); got != 0 {
		t.Errorf("after its release it is held by %d", got)
	}
	if got := e.reserve(t, "code", "A", 8); got != 8 {
		t.Errorf("a released key went to %d, want 8", got)
	}
}

func reserveSpelling(t testing.TB, e *env) {
	for i, k := range []struct{ kind, key string }{
		{"code", "A"}, {"code", "a"}, {"code", "A "}, {"Code", "A"}, {"external", "A"}, {"code", "Ä"}, {"code", "A\u0308"}, {"code", "ß"},
		{"code", "ss"}, {"code", ""}, {"code/", "A"},
	} {
		if got := e.reserve(t, k.kind, k.key, int64(i+1)); got != int64(i+1) {
			t.Errorf("%q %q is another key than number %d, which holds it", k.kind, k.key, got)
		}
	}
}

func reserveRollback(t testing.TB, e *env) {
	e.refused(t, errUndo, func(ctx context.Context, tx store.Tx) error {
		if _, err := tx.Reserve(ctx, "code", "A", 1); err != nil {
			return err
		}
		return errUndo
	})
	if got := e.holder(t, "A"); got != 0 {
		t.Errorf("the key is held by %d", got)
	}
}

func keysOutlive(t testing.TB, e *env) {
	x := e.newTicket()
	w := e.newWork(func(w *store.Work) { w.TicketID = x.ID })
	e.put(t, x, e.newMessage(x, 1), w)
	e.write(t, func(ctx context.Context, tx store.Tx) error {
		return firstError(only(tx.Reserve(ctx, "code", "A", x.ID)), tx.PutChunk(ctx, "blob", 0, []byte("x")), tx.DeleteTicket(ctx, x.ID))
	})
	if got := e.holder(t, "A"); got != x.ID {
		t.Errorf("the key of a removed ticket is held by %d, want %d", got, x.ID)
	}
	e.read(t, func(ctx context.Context, r store.Reader) error {
		return firstError(only(r.Chunk(ctx, "blob", 0)), only(r.Work(ctx, w.ID)))
	})
}

// noise is a text of n bytes, always the same, that no database makes shorter.
func noise(n int) string {
	r := rand.New(rand.NewPCG(1, 1))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('!' + r.IntN('~'-'!'))
	}
	return string(b)
}

func longKeys(t testing.TB, e *env) {
	kind := strings.Repeat("k", 64)
	for i, end := range []string{"a", "b"} {
		key, id := noise(store.MaxKey-len(end))+end, int64(i+1)
		r := &store.Record{Kind: kind, Key: key, Parent: key, Doc: json.RawMessage(text(id))}
		w := e.newWork(func(w *store.Work) { w.Kind, w.Name, w.OrderKey, w.After = kind, key, key, key })
		e.put(t, r, w)
		if got := e.reserve(t, kind, key, id); got != id {
			t.Errorf("key %d is held by %d", id, got)
		}
		e.write(t, func(ctx context.Context, tx store.Tx) error { return tx.Link(ctx, kind, key, id) })
		same(t, "linked", e.linked(t, kind, key), []int64{id})
		same(t, "record", string(e.loaded(t, r).(*store.Record).Doc), string(r.Doc))
		same(t, "work", e.loaded(t, w), w)
		e.read(t, func(ctx context.Context, reader store.Reader) error {
			list, err := reader.Records(ctx, store.RecordQuery{Kind: kind, Parent: key})
			same(t, "records of the parent", len(list), 1)
			return err
		})
	}
}

func (e *env) linked(t testing.TB, kind, key string) (out []int64) {
	t.Helper()
	e.read(t, func(ctx context.Context, r store.Reader) (err error) {
		out, err = r.Linked(ctx, kind, key)
		return err
	})
	return out
}

func linkedOrder(t testing.TB, e *env) {
	for _, id := range []int64{9, 3, 70, 3, 5} {
		e.write(t, func(ctx context.Context, tx store.Tx) error { return tx.Link(ctx, "mail", "m@example.com", id) })
	}
	same(t, "linked", e.linked(t, "mail", "m@example.com"), []int64{3, 5, 9, 70})
}

func linkedTwice(t testing.TB, e *env) {
	e.write(t, func(ctx context.Context, tx store.Tx) error {
		return firstError(tx.Link(ctx, "mail", "a", 1), tx.Link(ctx, "mail", "a", 1), tx.Link(ctx, "mail", "b", 1), tx.Link(ctx, "order", "a", 1),
			tx.Link(ctx, "mail", "c", 2), tx.Unlink(ctx, "mail", "c", 2), tx.Unlink(ctx, "mail", "c", 2), tx.Unlink(ctx, "mail", "b", 3))
	})
	same(t, "mail a", e.linked(t, "mail", "a"), []int64{1})
	same(t, "mail b", e.linked(t, "mail", "b"), []int64{1})
	same(t, "order a", e.linked(t, "order", "a"), []int64{1})
	same(t, "mail c", e.linked(t, "mail", "c"), []int64(nil))
	same(t, "no such key", e.linked(t, "mail", "A"), []int64(nil))
}
