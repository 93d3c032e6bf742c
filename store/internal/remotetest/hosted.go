package remotetest

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// hostedOvertaken has somebody else change a record between the reading and the putting of a part in a host's
// transaction. Only the host can begin anew, but what the part wrote must be undone: the host may go on, and commit.
func hostedOvertaken(t *testing.T, k Kit, srv Server) {
	s := k.open(t, srv.Database(), Options{Busy: 5 * time.Second})
	record := func(ctx context.Context, tx store.Tx, version int64) error {
		return tx.PutRecord(ctx, &store.Record{Kind: "draft", Key: "a", Version: version, Doc: json.RawMessage(`{}`)})
	}
	if err := s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error { return record(ctx, tx, 0) }); err != nil {
		t.Fatal(err)
	}
	host, err := s.(interface{ DB() *sql.DB }).DB().BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = host.Rollback() }()
	joined, err := s.(store.HostTx).WithTx(t.Context(), host)
	if err != nil {
		t.Fatal(err)
	}
	err = s.Update(joined, func(ctx context.Context, tx store.Tx) error {
		if err := tx.PutTicket(ctx, newTicket(1)); err != nil {
			return err
		}
		if _, err := tx.Record(ctx, "draft", "a"); err != nil {
			return err
		}
		if err := s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error { return record(ctx, tx, 1) }); err != nil {
			t.Fatal(err)
		}
		return record(ctx, tx, 1)
	})
	if !errors.Is(err, ticket.ErrBusy) {
		t.Errorf("got %v, want %v", err, ticket.ErrBusy)
	}
	if err := put(joined, s, 2); err != nil {
		t.Errorf("another part: %v", err)
	}
	if err := host.Commit(); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[int64]bool{1: false, 2: true} {
		if got, err := exists(t.Context(), s, id); got != want || err != nil {
			t.Errorf("ticket %d is there: %v, %v; want %v", id, got, err, want)
		}
	}
}
