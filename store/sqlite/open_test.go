package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/migrate"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, content string, mode fs.FileMode) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(content), mode); err != nil {
			t.Fatal(err)
		}
		return file
	}
	newer := filepath.Join(dir, "newer.db")
	change(t, newer, "INSERT INTO helpdesk_migrations VALUES (1000, 'from_the_future', 'x', 0)")
	changed := filepath.Join(dir, "changed.db")
	change(t, changed, "UPDATE helpdesk_migrations SET sum = 'x' WHERE version = 1")
	cases := map[string]struct {
		path string
		opts *sqlite.Options
		want error
	}{
		"a missing directory":      {filepath.Join(dir, "none", "desk.db"), nil, fs.ErrNotExist},
		"a file of another kind":   {write("mail.txt", strings.Repeat("Dear desk, ", 1000), 0o600), nil, sqlite.ErrNotDatabase},
		"a directory":              {dir, nil, sqlite.ErrNotDatabase},
		"a file without write bit": {write("readonly.db", "", 0o400), nil, sqlite.ErrReadOnly},
		"a newer schema":           {newer, nil, ticket.ErrSchema},
		"a changed migration":      {changed, nil, migrate.ErrChanged},
		"no path":                  {"", nil, ticket.ErrInvalid},
		"memory":                   {":memory:", nil, ticket.ErrInvalid},
		"a wrong prefix":           {filepath.Join(dir, "a.db"), &sqlite.Options{TablePrefix: "x'; DROP"}, ticket.ErrInvalid},
		"a wrong durability":       {filepath.Join(dir, "a.db"), &sqlite.Options{Durability: "none"}, ticket.ErrInvalid},
	}
	for name, c := range cases {
		t.Run(name+" is refused", func(t *testing.T) {
			t.Parallel()
			s, err := sqlite.Open(t.Context(), c.path, c.opts)
			if !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if s != nil {
				t.Error("a store came with the error", s.Close())
			}
		})
	}
}

// change makes a store at file and runs a statement on it.
func change(t *testing.T, file, statement string) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), file, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.DB().ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestOpenOddPaths(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a b.db", "100%.db", "what?.db", "x#y.db", "mémo & co.db"} {
		file := filepath.Join(t.TempDir(), name)
		change(t, file, "CREATE TABLE orders (id INTEGER)")
		if _, err := os.Stat(file); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestPragmas(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	err := s.Update(t.Context(), func(ctx context.Context, _ store.Tx) error {
		for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "page_size": "4096", "busy_timeout": "0"} {
			var got string
			if err := s.Querier(ctx).QueryRowContext(ctx, "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
				t.Errorf("%s is %q, want %q (%v)", pragma, got, want, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestPrefixes(t *testing.T) {
	t.Parallel()
	a := open(t, nil)
	b, err := sqlite.Open(t.Context(), path(t, a), &sqlite.Options{TablePrefix: "shop_"})
	if err != nil {
		t.Fatal(err)
	}
	if err := create(t.Context(), b, 1); err != nil {
		t.Fatal(err)
	}
	if n, m := count(t, a.DB(), "SELECT count(*) FROM helpdesk_tickets"), count(t, a.DB(), "SELECT count(*) FROM shop_tickets"); n != 0 || m != 1 {
		t.Errorf("%d and %d tickets, want 0 and 1", n, m)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}

func hostHandle(t testing.TB, file, params string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file+"?"+params)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func TestUse(t *testing.T) {
	t.Parallel()
	t.Run("a store on the host's handle leaves it open and its connections as they were", func(t *testing.T) {
		t.Parallel()
		db := hostHandle(t, filepath.Join(t.TempDir(), "host.db"), "_pragma=busy_timeout(1234)")
		s, err := sqlite.Use(t.Context(), db, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := create(t.Context(), s, 1); err != nil {
			t.Error(err)
		}
		if err := s.View(t.Context(), func(context.Context, store.Reader) error { return nil }); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if n := count(t, db, "SELECT timeout FROM pragma_busy_timeout"); n != 1234 {
			t.Errorf("busy_timeout of the host's connection is %d", n)
		}
		if n := count(t, db, "SELECT count(*) FROM helpdesk_tickets"); n != 1 {
			t.Errorf("%d tickets", n)
		}
	})
	t.Run("a handle on memory is refused", func(t *testing.T) {
		t.Parallel()
		db, err := sql.Open("sqlite", ":memory:")
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := sqlite.Use(t.Context(), db, nil); !errors.Is(err, sqlite.ErrUnfit) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a pool that is too small is refused", func(t *testing.T) {
		t.Parallel()
		db := hostHandle(t, filepath.Join(t.TempDir(), "host.db"), "")
		db.SetMaxOpenConns(1)
		if _, err := sqlite.Use(t.Context(), db, nil); !errors.Is(err, sqlite.ErrUnfit) {
			t.Errorf("got %v", err)
		}
	})
}

func TestClose(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	release := hold(t, s)
	closed := make(chan error)
	go func() { closed <- s.Close() }()
	release()
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if err := create(t.Context(), s, 0); !errors.Is(err, ticket.ErrStopped) {
		t.Errorf("Update after Close: %v", err)
	}
	if err := s.View(t.Context(), func(context.Context, store.Reader) error { return nil }); !errors.Is(err, ticket.ErrStopped) {
		t.Errorf("View after Close: %v", err)
	}
	if err := s.Backup(t.Context(), filepath.Join(t.TempDir(), "x")); !errors.Is(err, ticket.ErrStopped) {
		t.Errorf("Backup after Close: %v", err)
	}
}

func TestBackup(t *testing.T) {
	t.Parallel()
	s := open(t, calm())
	ctx, stop := context.WithCancel(t.Context())
	writing := make(chan int)
	go func() {
		n := 0
		for create(ctx, s, 1) == nil {
			n++
		}
		writing <- n
	}()
	for range 20 {
		if err := create(t.Context(), s, 1); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(t.TempDir(), "copy.db")
	if err := s.Backup(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	stop()
	t.Logf("%d tickets were created beside", <-writing)
	if err := s.Backup(t.Context(), file); !errors.Is(err, ticket.ErrExists) {
		t.Errorf("over a file that is there: %v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	other := filepath.Join(t.TempDir(), "other.db")
	if err := s.Backup(gone, other); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that has ended: %v", err)
	}
	if _, err := os.Stat(other); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a failed backup leaves a file behind: %v", err)
	}
	again, err := sqlite.Open(t.Context(), file, nil)
	if err != nil {
		t.Fatal(err)
	}
	tickets, works := count(t, again.DB(), "SELECT count(*) FROM helpdesk_tickets"), count(t, again.DB(), "SELECT count(*) FROM helpdesk_work")
	if tickets < 20 || works != tickets {
		t.Errorf("the copy has %d tickets and %d works", tickets, works)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

func TestWake(t *testing.T) {
	t.Parallel()
	s := open(t, &sqlite.Options{PollInterval: 5 * time.Millisecond})
	ctx, cancel := context.WithCancel(t.Context())
	woken := s.Wake(ctx)
	wait := func(what string) {
		t.Helper()
		select {
		case <-woken:
		case <-time.After(30 * time.Second):
			t.Fatal("not woken by " + what)
		}
	}
	if err := create(t.Context(), s, 1); err != nil {
		t.Fatal(err)
	}
	wait("a commit of the store's own")
	other, err := sqlite.Open(t.Context(), path(t, s), nil) // as another process does
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := create(t.Context(), other, 1); err != nil {
			t.Fatal(err)
		}
		wait("a commit of somebody else's")
	}
	if err := other.Close(); err != nil {
		t.Error(err)
	}
	cancel()
	for range woken { // until it is closed
	}
}
