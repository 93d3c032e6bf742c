package helpdesk_test

import (
	"context"
	"os"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
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
	default:
		t.Fatalf("HELPDESK_TEST_STORE is %q: use memory, twice or sqlite", name)
		return nil
	}
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
