package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var records = []proof{
	{"a record's version starts at 1 and counts its writes", recordVersions},
	{"a write on a version that is not the stored one is refused", recordConflicts},
	{"of 32 callers who write on the same version one wins", recordRace},
	{"records are listed by key, by parent if asked", recordLists},
	{"records are listed in pages, which miss and repeat nothing while others are written", recordPages},
	{"a deleted record is gone, and deleting it again is no error", recordDeleted},
	{"ConfigVersion changes with every put and delete of configuration and with nothing else", configVersions},
}

func newRecord(kind, key string, version int64) *store.Record {
	return &store.Record{Kind: kind, Key: key, Parent: "p", Version: version, Doc: json.RawMessage(`{"v":` + text(version) + `}`)}
}

func (e *env) expectRecord(t testing.TB, want *store.Record) {
	t.Helper()
	same(t, "record", e.loaded(t, want), want)
}

func recordVersions(t testing.TB, e *env) {
	for v := range int64(5) {
		r := newRecord("kind", "key", v)
		e.put(t, r)
		if r.Version != v {
			t.Errorf("the caller's own record was changed to version %d", r.Version)
		}
		r.Version++
		e.expectRecord(t, r)
	}
	r := newRecord("kind", "key", store.AnyVersion)
	e.put(t, r)
	r.Version = 6
	e.expectRecord(t, r)
	r = newRecord("kind", "new", store.AnyVersion)
	e.put(t, r)
	r.Version = 1
	e.expectRecord(t, r)
	e.write(t, func(ctx context.Context, tx store.Tx) error { // twice in one transaction
		return putAll(ctx, tx, newRecord("kind", "twice", 0), newRecord("kind", "twice", 1))
	})
	r = newRecord("kind", "twice", 1)
	r.Version = 2
	e.expectRecord(t, r)
}

func recordConflicts(t testing.TB, e *env) {
	e.put(t, newRecord("kind", "key", 0), newRecord("kind", "key", 1))
	want := newRecord("kind", "key", 1)
	want.Version = 2
	for _, r := range []*store.Record{newRecord("kind", "key", 0), newRecord("kind", "key", 1), newRecord("kind", "key", 3), newRecord("kind", "new", 1)} {
		e.refused(t, ticket.ErrConflict, func(ctx context.Context, tx store.Tx) error { return tx.PutRecord(ctx, r) })
	}
	e.expectRecord(t, want)
}

func recordRace(t testing.TB, e *env) {
	for version := range int64(3) {
		var won atomic.Int64
		errs := together(32, func(int) error {
			var inner error
			outer := e.Update(e.ctx, func(ctx context.Context, tx store.Tx) error {
				inner = tx.PutRecord(ctx, newRecord("kind", "key", version))
				return inner
			})
			err := firstError(inner, outer)
			if err == nil {
				won.Add(1)
			}
			return err
		})
		for _, err := range errs {
			if err != nil && !errors.Is(err, ticket.ErrConflict) {
				t.Errorf("got %v, want %v", err, ticket.ErrConflict)
			}
		}
		if n := won.Load(); n != 1 {
			t.Errorf("%d of 32 callers wrote on version %d, want 1", n, version)
		}
	}
}

func recordLists(t testing.TB, e *env) {
	for i, key := range []string{"b", "a", "c/1", "c", "ä", "B"} {
		r := newRecord("kind", key, 0)
		r.Parent = []string{"p", "q"}[i%2]
		e.put(t, r)
	}
	e.put(t, newRecord("kin", "x", 0), newRecord("kind2", "x", 0), newRecord("Kind", "x", 0))
	for parent, want := range map[string][]string{"": {"B", "a", "b", "c", "c/1", "ä"}, "p": {"b", "c/1", "ä"}, "q": {"B", "a", "c"}, "P": nil} {
		same(t, "keys with parent "+parent, e.recordKeys(t, store.RecordQuery{Kind: "kind", Parent: parent}), want)
	}
}

func (e *env) recordKeys(t testing.TB, q store.RecordQuery) (keys []string) {
	t.Helper()
	e.read(t, func(ctx context.Context, r store.Reader) error {
		list, err := r.Records(ctx, q)
		for _, r := range list {
			keys = append(keys, r.Key)
		}
		return err
	})
	return keys
}

func recordPages(t testing.TB, e *env) {
	keys := []string{"B", "a", "a ", "a/1", "aa", "b", "c", "ä", "日"}
	record := func(key string) *store.Record {
		r := newRecord("kind", key, store.AnyVersion)
		r.Parent = []string{"p", "q", ""}[slices.Index(keys, key)%3]
		return r
	}
	for _, key := range keys {
		e.put(t, record(key), newRecord("kind2", key, 0), newRecord("kin", key, 0))
	}
	for parent, want := range map[string][]string{"": keys, "p": {"B", "a/1", "c"}, "q": {"a", "aa", "ä"}, "none": nil} {
		for limit := range len(want) + 2 {
			var got []string
			for q := (store.RecordQuery{Kind: "kind", Parent: parent, Limit: limit}); len(got) <= len(want); {
				page := e.recordKeys(t, q)
				if limit > 0 && len(page) > limit {
					t.Errorf("a page of %d has the records %q", limit, page)
				}
				if got = append(got, page...); len(page) == 0 || limit == 0 {
					break
				}
				q.After = page[len(page)-1]
				e.put(t, record(q.After), newRecord("kind2", q.After+"x", store.AnyVersion))
			}
			same(t, "pages of "+text(limit)+" with the parent "+parent, got, want)
		}
	}
	same(t, "after a key that is not there", e.recordKeys(t, store.RecordQuery{Kind: "kind", After: "aZ", Limit: 2}), []string{"aa", "b"})
	same(t, "after the last", e.recordKeys(t, store.RecordQuery{Kind: "kind", After: "日"}), []string(nil))
}

func recordDeleted(t testing.TB, e *env) {
	e.put(t, newRecord("kind", "a", 0), newRecord("kind", "b", 0))
	for range 2 {
		e.write(t, func(ctx context.Context, tx store.Tx) error { return tx.DeleteRecord(ctx, "kind", "a") })
	}
	e.read(t, func(ctx context.Context, r store.Reader) error {
		if _, err := r.Record(ctx, "kind", "a"); !errors.Is(err, ticket.ErrNotFound) {
			t.Errorf("the deleted record: %v, want %v", err, ticket.ErrNotFound)
		}
		return only(r.Record(ctx, "kind", "b"))
	})
	e.put(t, newRecord("kind", "a", 0))
}

func (e *env) configVersion(t testing.TB) (v int64) {
	t.Helper()
	e.read(t, func(ctx context.Context, r store.Reader) (err error) {
		v, err = r.ConfigVersion(ctx)
		return err
	})
	return v
}

func configVersions(t testing.TB, e *env) {
	seen := map[int64]bool{e.configVersion(t): true}
	changed := func(what string, want bool, fn func(ctx context.Context, tx store.Tx) error) {
		t.Helper()
		before := e.configVersion(t)
		if err := e.Update(e.ctx, fn); err != nil && !errors.Is(err, errUndo) {
			t.Fatal(err)
		}
		after := e.configVersion(t)
		if (after != before) != want || (want && seen[after]) {
			t.Errorf("%s: the version went from %d to %d", what, before, after)
		}
		seen[after] = true
	}
	put := func(kind string) func(ctx context.Context, tx store.Tx) error {
		return func(ctx context.Context, tx store.Tx) error {
			return tx.PutRecord(ctx, newRecord(kind, "key", store.AnyVersion))
		}
	}
	changed("a new record", true, put("config/status"))
	changed("a changed record", true, put("config/status"))
	changed("another kind", true, put("config/settings"))
	changed("something else", false, put("draft"))
	changed("a kind of a like name", false, put("configuration"))
	changed("a rollback", false, func(ctx context.Context, tx store.Tx) error {
		if err := put("config/status")(ctx, tx); err != nil {
			return err
		}
		v, err := tx.ConfigVersion(ctx)
		seen[v] = true // of what was rolled back, and of nothing else
		return errors.Join(err, errUndo)
	})
	changed("a record after the rollback", true, put("config/status"))
	changed("a ticket", false, func(ctx context.Context, tx store.Tx) error { return tx.PutTicket(ctx, e.newTicket()) })
	changed("a deleted record", true, func(ctx context.Context, tx store.Tx) error { return tx.DeleteRecord(ctx, "config/status", "key") })
}
