package mailproof

import (
	"context"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/pgserver"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/postgres"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
)

// Grounds are the databases of a test.
type Grounds struct {
	tb       testing.TB
	once     sync.Once
	postgres *pgserver.Server
}

// NewGrounds returns those of a test, which ends them. A PostgreSQL runs once somebody wants it.
func NewGrounds(tb testing.TB) *Grounds { return &Grounds{tb: tb} }

// Each runs a subtest on SQLite, and one on PostgreSQL where that is installed. Each has a database of its own; other
// processes open it by its address, too.
func (g *Grounds) Each(t *testing.T, name string, test func(t *testing.T, address string)) {
	t.Helper()
	t.Run(name+", on SQLite", func(t *testing.T) {
		t.Parallel()
		test(t, filepath.Join(t.TempDir(), "desk.db"))
	})
	t.Run(name+", on PostgreSQL", func(t *testing.T) {
		t.Parallel()
		if err := pgserver.Installed(); err != nil {
			t.Skip(err.Error() + ": run make services")
		}
		g.once.Do(func() { g.postgres = pgserver.Start(g.tb, "fsync = off") })
		if g.postgres == nil {
			t.Fatal("PostgreSQL does not run")
		}
		test(t, g.postgres.Database())
	})
}

// Open opens the store at an address. now is the clock of leases, but PostgreSQL has its own; nil means the system's.
func Open(ctx context.Context, address string, now func() time.Time) (store.Store, error) {
	if strings.HasPrefix(address, "postgres:") {
		return postgres.Open(ctx, address, &postgres.Options{Connections: 6})
	}
	return sqlite.Open(ctx, address, &sqlite.Options{Now: now})
}

// Store is Open for a test, which closes it.
func Store(tb testing.TB, address string, now func() time.Time) store.Store {
	tb.Helper()
	s, err := Open(context.Background(), address, now)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}
