package helpdesk_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/store/mysql"
	"github.com/helpdeskgo/helpdesk/store/postgres"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var (
	ann   = ticket.Client("42", "Ann", "ann@example.com")
	guest = verified(ticket.Guest("Gus", "gus@example.com"))
	bob   = ticket.Staff("7", "Bob", "bob@desk.example")
	carol = ticket.Staff("8", "Carol", "carol@desk.example")
	host  = ticket.System("shop")
)

func as(a ticket.Actor) context.Context { return ticket.WithActor(context.Background(), a) }

// openStore opens the store that HELPDESK_TEST_STORE names, so that the whole suite runs on each of them; without it,
// memory.
func openStore(t testing.TB) store.Store {
	t.Helper()
	switch name := os.Getenv("HELPDESK_TEST_STORE"); name {
	case "", "memory":
		s := memory.New(nil)
		t.Cleanup(func() { _ = s.Close() })
		return s
	case "twice":
		s := &twice{memory.New(nil)}
		t.Cleanup(func() { _ = s.Close() })
		return s
	case "sqlite":
		return openSQLite(t)
	case "postgres":
		return openPostgres(t)
	case "mysql":
		return openMySQL(t)
	default:
		t.Fatalf("HELPDESK_TEST_STORE is %q: use memory, twice, sqlite, postgres or mysql", name)
		return nil
	}
}

// server is the database server that the tests of this process share, if HELPDESK_TEST_STORE names one: each test has
// tables of its own. HELPDESK_TEST_DSN says where it is: see internal/withserver.
var server struct {
	once   sync.Once
	pool   *pgxpool.Pool
	stores atomic.Int64
}

func openPostgres(t testing.TB) store.Store {
	t.Helper()
	server.once.Do(func() {
		cfg, err := pgxpool.ParseConfig(os.Getenv("HELPDESK_TEST_DSN"))
		if err != nil {
			t.Fatal(err)
		}
		cfg.MaxConns = 40
		if server.pool, err = pgxpool.NewWithConfig(context.Background(), cfg); err != nil {
			t.Fatal(err)
		}
	})
	schema := fmt.Sprintf("t%d", server.stores.Add(1))
	if _, err := server.pool.Exec(context.Background(), "CREATE SCHEMA "+schema); err != nil {
		t.Fatal(err)
	}
	s, err := postgres.Use(context.Background(), server.pool, &postgres.Options{Schema: schema})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, err := server.pool.Exec(context.Background(), "DROP SCHEMA "+schema+" CASCADE")
		if err := errors.Join(s.Close(), err); err != nil {
			t.Error(err)
		}
	})
	return s
}

// mysqlStores counts the stores that tests have opened: each has tables of its own, behind a prefix.
var mysqlStores atomic.Int64

func openMySQL(t testing.TB) store.Store {
	t.Helper()
	s, err := mysql.Open(context.Background(), os.Getenv("HELPDESK_TEST_DSN"), &mysql.Options{TablePrefix: fmt.Sprintf("t%d_", mysqlStores.Add(1)), Connections: 8})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func openSQLite(t testing.TB) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(context.Background(), t.TempDir()+"/desk.db", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// newDeskOnce is newDesk for tests that count how often something runs in a transaction: of a store that says "twice" for
// everything they learn nothing.
func newDeskOnce(t testing.TB, cfg helpdesk.Config) *helpdesktest.Desk {
	t.Helper()
	s := openStore(t)
	if both, ok := s.(*twice); ok {
		s = both.Store
	}
	return helpdesktest.New(t, &helpdesktest.Options{Store: s, Config: cfg})
}

// newDesk returns a desk on that store, with inline deliveries and a clock that stands.
func newDesk(t testing.TB, cfg helpdesk.Config) *helpdesktest.Desk {
	t.Helper()
	return helpdesktest.New(t, &helpdesktest.Options{Store: openStore(t), Config: cfg})
}

func lamp() ticket.Draft {
	return ticket.Draft{Subject: "Lamp broken", Body: "It arrived in two pieces."}
}

// must returns v, or ends the test.
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func open(t testing.TB, d *helpdesktest.Desk, a ticket.Actor) *ticket.Ticket {
	t.Helper()
	draft := lamp()
	if a.Kind == ticket.ActorSystem {
		draft.Requester = ann.Person()
	}
	return must(d.CreateTicket(as(a), draft))(t)
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}
