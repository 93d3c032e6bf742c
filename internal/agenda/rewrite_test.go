package agenda_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/agenda"
	"github.com/helpdeskgo/helpdesk/internal/mariaserver"
	"github.com/helpdeskgo/helpdesk/internal/pgserver"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/mysql"
	"github.com/helpdeskgo/helpdesk/store/postgres"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
)

// TestRewrite changes what is kept of entries that failed, on every store.
func TestRewrite(t *testing.T) {
	t.Parallel()
	server := func(open func(t *testing.T) (store.Store, error)) func(*testing.T, *bench) (store.Store, error) {
		return func(t *testing.T, _ *bench) (store.Store, error) {
			if testing.Short() {
				t.Skip("starts a database server: run it without -short")
			}
			return open(t)
		}
	}
	for name, open := range map[string]func(*testing.T, *bench) (store.Store, error){
		"memory": func(_ *testing.T, b *bench) (store.Store, error) { return b.store, nil },
		"SQLite": func(t *testing.T, _ *bench) (store.Store, error) {
			return sqlite.Open(bg, t.TempDir()+"/agenda.db", &sqlite.Options{Durability: sqlite.Normal, SearchOff: true})
		},
		"PostgreSQL": server(func(t *testing.T) (store.Store, error) {
			return postgres.Open(bg, pgserver.Start(t, "fsync = off").Database(), nil)
		}),
		"MariaDB": server(func(t *testing.T) (store.Store, error) { return mysql.Open(bg, mariaserver.Start(t).Database(), nil) }),
	} {
		t.Run("X25 texts go from what failed, on "+name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			s, err := open(t, b)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			b.store = s
			t.Run("X25 was given up, and can be retried as it was", func(t *testing.T) { givenUp(t, b) })
			t.Run("X25 waits for its next try, and keeps its place, its turn and its count", func(t *testing.T) { waiting(t, b) })
		})
	}
}

// waiting takes a text out of an entry that failed once, with another behind it in its lane.
func waiting(t *testing.T, b *bench) {
	a := b.agenda()
	var tried []string
	a.Handle("x", func(_ context.Context, _ store.Tx, e agenda.Entry) error {
		if tried = append(tried, fmt.Sprint(e.Key, e.Attempt, string(e.Doc))); len(tried) == 1 {
			return errors.New("no mailbox ann@example.com")
		}
		return nil
	})
	for i, key := range []string{"first", "second"} {
		e := b.x(key, time.Duration(i)*time.Millisecond)
		e.Ticket, e.Doc = 5, []byte("1")
		b.put(e)
	}
	b.clock.advance(10 * time.Millisecond)
	b.run(a)
	was := b.works(store.WorkPending)
	err := b.store.Update(bg, func(ctx context.Context, tx store.Tx) error {
		any, err := agenda.Scrub(ctx, tx, 5, func(s string) string { return strings.ReplaceAll(s, "ann@example.com", "…") })
		if !any {
			t.Error("there was nothing to take out")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	now := b.works(store.WorkPending)
	if len(was) != 2 || len(now) != 2 || now[1].Error != "no mailbox …" || !now[1].Due.Equal(was[1].Due) || now[1].Epoch != was[1].Epoch {
		t.Fatalf("%+v was %+v", now, was)
	}
	overtaken(t, b)
	b.run(a) // before its turn
	b.clock.advance(time.Minute)
	b.run(a)
	if !slices.Equal(tried, []string{"first11", "first21", "second11"}) {
		t.Errorf("tried were %v", tried)
	}
	b.clock.advance(time.Hour)
	if n, err := a.Prune(bg, b.clock.Now()); n != 2 || err != nil {
		t.Errorf("%d were removed: %v", n, err)
	}
}

func givenUp(t *testing.T, b *bench) {
	a := agenda.New(agenda.Options{Store: b.store, Now: b.clock.Now, Attempts: 1})
	failing := true
	var docs []string
	a.Handle("x", func(_ context.Context, _ store.Tx, e agenda.Entry) error {
		if failing {
			return errors.New("no mailbox ann@example.com")
		}
		docs = append(docs, e.Key+string(e.Doc))
		return nil
	})
	for i, key := range []string{"a", "b", "c"} {
		e := b.x(key, 0)
		e.Ticket, e.Lane, e.Doc = int64(1+i/2), key, []byte(`{"n": 1}`)
		b.put(e)
	}
	b.run(a)
	update := func(fn func(ctx context.Context, tx store.Tx) error) {
		t.Helper()
		if err := b.store.Update(bg, fn); err != nil {
			t.Fatal(err)
		}
	}
	update(func(ctx context.Context, tx store.Tx) error {
		any, err := agenda.Scrub(ctx, tx, 1, func(s string) string { return strings.ReplaceAll(s, "ann@example.com", "…") })
		if !any {
			t.Error("there was nothing to take out")
		}
		return err
	})
	dead := b.works(store.WorkDead)
	if len(dead) != 3 || dead[0].Error != "no mailbox ann@example.com" || dead[1].Error != "no mailbox …" || dead[2].Error != "no mailbox …" || dead[2].Attempt != 1 || dead[2].Finished.IsZero() {
		t.Fatalf("given up are %+v", dead)
	}
	stale := *dead[0]
	update(func(ctx context.Context, tx store.Tx) error { return agenda.Discard(ctx, tx, dead[0], b.clock.Now()) })
	if done := b.works(store.WorkDone); len(done) != 1 || done[0].ID != stale.ID || done[0].Error != "" || done[0].Doc != nil || !done[0].Finished.Equal(b.clock.Now()) {
		t.Errorf("discarded is %+v", done)
	}
	if err := b.store.Update(bg, func(ctx context.Context, tx store.Tx) error { return agenda.Rewrite(ctx, tx, &stale, store.WorkDead) }); !errors.Is(err, store.ErrStale) {
		t.Errorf("what is done already is given up: %v", err)
	}
	failing = false
	for _, w := range dead[1:] {
		update(func(ctx context.Context, tx store.Tx) error {
			return tx.SetWork(ctx, w.ID, store.WorkDead, store.WorkPending, b.clock.Now())
		})
		b.run(a)
	}
	if got := strings.ReplaceAll(strings.Join(docs, " "), `: 1`, `:1`); got != `b{"n":1} a{"n":1}` {
		t.Errorf("done was %s", got)
	}
	b.clock.advance(time.Hour)
	if n, err := a.Prune(bg, b.clock.Now()); n != 3 || err != nil || len(b.works()) > 0 {
		t.Errorf("%d were removed: %v", n, err)
	}
}

// overtaking is a transaction in which somebody takes work as soon as it is listed.
type overtaking struct {
	store.Tx
	now time.Time
}

func (x overtaking) Works(ctx context.Context, q store.WorkQuery) ([]*store.Work, error) {
	out, err := x.Tx.Works(ctx, q)
	if err != nil || q.Kind != agenda.Kind {
		return out, err
	}
	_, err = x.Lease(ctx, store.LeaseRequest{Kind: q.Kind, DueBy: x.now, TTL: time.Hour, Limit: 10})
	return out, err
}

// overtaken takes a text out of an entry that begins to be tried meanwhile: it is left to that.
func overtaken(t *testing.T, b *bench) {
	t.Helper()
	undone := errors.New("as if nothing had been")
	err := b.store.Update(bg, func(ctx context.Context, tx store.Tx) error {
		any, err := agenda.Scrub(ctx, overtaking{tx, b.clock.Now().Add(time.Hour)}, 5, func(s string) string { return strings.ReplaceAll(s, "mailbox", "…") })
		if any || err != nil {
			t.Errorf("%v: %v", any, err)
		}
		return undone
	})
	if !errors.Is(err, undone) {
		t.Error(err)
	}
}
