package postgres_test

import (
	"context"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/internal/pgserver"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/postgres"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// putNew puts a ticket with a message: insertions and nothing else.
func putNew(ctx context.Context, s store.Store, subject, body string) (id int64, err error) {
	err = s.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if id, err = tx.NewID(ctx, "ticket"); err != nil {
			return err
		}
		message, err := tx.NewID(ctx, "message")
		if err != nil {
			return err
		}
		if err := tx.PutTicket(ctx, &ticket.Ticket{ID: id, Subject: subject, Folder: ticket.Inbox, Tags: []string{"a", "b"}}); err != nil {
			return err
		}
		return tx.PutMessage(ctx, &ticket.Message{ID: message, TicketID: id, Seq: 1, Kind: ticket.KindReply, Body: body})
	})
	return id, err
}

func bodyOf(t testing.TB, s store.Store, id int64) string {
	t.Helper()
	var list []*ticket.Message
	err := s.View(t.Context(), func(ctx context.Context, r store.Reader) (err error) {
		list, err = r.Messages(ctx, ticket.MessageQuery{TicketID: id})
		return err
	})
	if err != nil || len(list) != 1 {
		t.Fatalf("ticket %d has %d messages: %v", id, len(list), err)
	}
	return list[0].Body
}

// TestPrepared puts tickets by statements that stay prepared, and has the server forget those.
func TestPrepared(t *testing.T) {
	t.Parallel()
	server := pgserver.Start(t, "fsync = off")
	put := func(t *testing.T, s store.Store, body string) {
		t.Helper()
		id, err := putNew(t.Context(), s, "", body)
		if err != nil {
			t.Fatal(err)
		}
		if got := bodyOf(t, s, id); got != body {
			t.Errorf("the body is %q, want %q", got, body)
		}
	}
	open := func(t *testing.T) *postgres.Store {
		s, err := postgres.Open(t.Context(), server.Database(), &postgres.Options{Connections: 1})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s
	}
	t.Run("X08 bodies arrive as they are", func(t *testing.T) {
		t.Parallel()
		s := open(t)
		for _, body := range []string{"", "one", `{"x": "\u0000"}`, "'; DROP TABLE x; -- $1 ?", "\u2028 мир 🙂\r\n\t", string(make([]byte, 0))} {
			put(t, s, body)
		}
		var n int
		if err := s.DB().QueryRowContext(t.Context(), "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'WITH w0 AS (INSERT%'").Scan(&n); err != nil || n != 1 {
			t.Errorf("%d joined statements are prepared, want 1 (%v)", n, err)
		}
	})
	t.Run("X08 a connection whose statements were discarded goes on", func(t *testing.T) {
		t.Parallel()
		s := open(t)
		put(t, s, "before")
		if _, err := s.DB().ExecContext(t.Context(), "DEALLOCATE ALL"); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			put(t, s, "after")
		}
	})
	t.Run("X08 nothing is prepared where the DSN forbids it", func(t *testing.T) {
		t.Parallel()
		dsn := server.Database()
		if strings.Contains(dsn, "?") {
			dsn += "&"
		} else {
			dsn += "?"
		}
		s, err := postgres.Open(t.Context(), dsn+"default_query_exec_mode=exec", &postgres.Options{Connections: 1})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		put(t, s, "plain")
		var n int
		if err := s.DB().QueryRowContext(t.Context(), "SELECT count(*) FROM pg_prepared_statements").Scan(&n); err != nil || n != 0 {
			t.Errorf("%d statements are prepared, want none (%v)", n, err)
		}
	})
	t.Run("X08 callers beyond the connections wait for their turn", func(t *testing.T) {
		t.Parallel()
		s := open(t)
		errs := make(chan error)
		for range 8 {
			go func() {
				var err error
				for range 5 {
					if err == nil {
						_, err = putNew(t.Context(), s, "x", "y")
					}
				}
				errs <- err
			}()
		}
		for range 8 {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
	})
}
