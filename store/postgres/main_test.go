package postgres_test

import (
	"context"
	"database/sql"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/helpdeskgo/helpdesk/internal/pgserver"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/remotetest"
	"github.com/helpdeskgo/helpdesk/store/postgres"
	"github.com/helpdeskgo/helpdesk/store/storetest"
)

func TestMain(m *testing.M) {
	remotetest.Child(func(ctx context.Context, dsn string) (store.Store, error) { return postgres.Open(ctx, dsn, nil) })
	goleak.VerifyTestMain(m)
}

// databases makes stores, each on a database of its own, and remembers where they are.
type databases struct {
	narrow bool // lists look at few tickets
	server *pgserver.Server
	dsns   sync.Map
}

func newDatabases(t testing.TB) *databases {
	t.Helper()
	// What is committed must not be on the disk for these proofs: others kill the server.
	return &databases{server: pgserver.Start(t, "fsync = off", "max_connections = 500", "log_min_messages = fatal")}
}

func (d *databases) open(t testing.TB) store.Store { return d.openAt(t, d.server.Database()) }

func (d *databases) openAt(t testing.TB, dsn string) store.Store {
	t.Helper()
	o := &postgres.Options{Connections: 8, BusyTimeout: 30 * time.Second} // the machine may be busy
	if d.narrow {
		o.Narrow(4, 2, 3)
	}
	s, err := postgres.Open(context.Background(), dsn, o)
	if err != nil {
		t.Fatal(err)
	}
	d.dsns.Store(s, dsn)
	return s
}

func (d *databases) reopen(t testing.TB, s store.Store) store.Store {
	t.Helper()
	dsn, _ := d.dsns.Load(s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return d.openAt(t, dsn.(string))
}

func (d *databases) another(t testing.TB, s store.Store) store.Store {
	dsn, _ := d.dsns.Load(s)
	return d.openAt(t, dsn.(string))
}

// kill has a process write to a new database and be killed, and opens what it left.
func (d *databases) kill(t testing.TB) (store.Store, []byte) {
	dsn := d.server.Database()
	acknowledged := remotetest.Killed(t, dsn)
	return d.openAt(t, dsn), acknowledged
}

func hostDB(_ testing.TB, s store.Store) *sql.DB { return s.(*postgres.Store).DB() }

func TestConformance(t *testing.T) {
	t.Parallel()
	t.Run("X09 the PostgreSQL store keeps the contract", func(t *testing.T) {
		t.Parallel()
		d := newDatabases(t)
		storetest.Run(t, d.open, &storetest.Options{Reopen: d.reopen, Another: d.another, HostDB: hostDB, Kill: d.kill})
	})
}

func TestModel(t *testing.T) {
	t.Parallel()
	t.Run("X09 the PostgreSQL store answers as the reference store does", func(t *testing.T) {
		t.Parallel()
		storetest.Model(t, newDatabases(t).open, modelOps(), 0)
	})
	t.Run("X09 and so it does where lists look at few tickets for a page", func(t *testing.T) {
		t.Parallel()
		d := newDatabases(t)
		d.narrow = true
		storetest.Model(t, d.open, modelOps(), 0)
	})
}

func modelOps() int {
	if testing.Short() {
		return 200
	}
	return 1000
}
