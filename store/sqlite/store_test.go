package sqlite_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// TestMain runs a child of another test where the environment says so.
func TestMain(m *testing.M) {
	if run, ok := children[os.Getenv(childVariable)]; ok {
		run()
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

func open(t testing.TB, opts *sqlite.Options) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "desk.db"), opts)
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

func newTicket(id int64) *ticket.Ticket {
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC).Add(time.Duration(id) * time.Second)
	return &ticket.Ticket{ID: id, Code: "ABC-1", Version: 1, Brand: "default", Department: "support", Subject: "lamp", Status: "open",
		Class: ticket.ClassNew, Priority: "medium", Folder: ticket.Inbox, Requester: ticket.Person{ID: "42", Name: "Ann", Email: "ann@example.com"},
		Tags: []string{"light"}, CreatedAt: at, UpdatedAt: at, LastReplyAt: at}
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	var id int64
	err := s.Update(t.Context(), func(ctx context.Context, tx store.Tx) (err error) {
		if id, err = tx.NewID(ctx, "ticket"); err != nil {
			return err
		}
		if err := tx.PutTicket(ctx, newTicket(id)); err != nil {
			return err
		}
		if err := tx.PutWork(ctx, &store.Work{ID: 1, Kind: "delivery", Name: "a", OrderKey: "a/1", Seq: 1}); err != nil {
			return err
		}
		return tx.PutMessage(ctx, &ticket.Message{ID: 1, TicketID: id, Seq: 1, Body: "hello"})
	})
	if err != nil {
		t.Fatal(err)
	}
	err = s.View(t.Context(), func(ctx context.Context, r store.Reader) error {
		got, err := r.Ticket(ctx, id, ticket.Scope{All: true})
		if err != nil {
			return err
		}
		t.Logf("%+v", got)
		for _, q := range []ticket.Query{{}, {Tags: []string{"light"}}, {Requester: "42"}, {Email: "ANN@example.com"}, {Departments: []string{"support"}}, {Sort: ticket.OldestCreated}} {
			p, err := r.Tickets(ctx, q, ticket.Scope{All: true})
			if err != nil || len(p.Tickets) != 1 {
				t.Errorf("%+v: %v %v", q, p, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	err = s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
		w, err := tx.Lease(ctx, store.LeaseRequest{Kind: "delivery", DueBy: time.Now(), TTL: time.Minute, Limit: 5})
		if err != nil || len(w) != 1 {
			t.Errorf("%v %v", w, err)
			return err
		}
		w[0].State = store.WorkDone
		return tx.Finish(ctx, w[0])
	})
	if err != nil {
		t.Fatal(err)
	}
}
