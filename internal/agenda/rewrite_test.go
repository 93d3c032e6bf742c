package agenda_test

import (
	"context"
	"errors"
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

// TestGivenUp changes what is kept of entries that were given up, on every store.
func TestGivenUp(t *testing.T) {
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
		t.Run("X25 texts go from what was given up, and it can be retried as it was, on "+name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			s, err := open(t, b)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			b.store = s
			givenUp(t, b)
		})
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
