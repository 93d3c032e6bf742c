package move_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/store/move"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/store/storetest"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		os.Exit(copyChild())
	}
	goleak.VerifyTestMain(m)
}

func openFile(t testing.TB, path string) store.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return closing(t, s)
}

func newFile(t testing.TB) store.Store { return openFile(t, filepath.Join(t.TempDir(), "desk.db")) }

func newMemory(t testing.TB) store.Store { return closing(t, memory.New(nil)) }

func closing(t testing.TB, s store.Store) store.Store {
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// fill puts a random desk, and a file of several chunks.
func fill(t testing.TB, s store.Store, seed uint64) store.Store {
	t.Helper()
	if err := storetest.Fill(t.Context(), s, 700, seed); err != nil {
		t.Fatal(err)
	}
	write(t, s, func(ctx context.Context, tx store.Tx) error {
		for n := range 20 {
			if err := tx.PutChunk(ctx, "longblob", n, make([]byte, store.ChunkSize-n)); err != nil {
				return err
			}
		}
		return nil
	})
	return s
}

func write(t testing.TB, s store.Store, fn func(ctx context.Context, tx store.Tx) error) {
	t.Helper()
	if err := s.Update(context.WithoutCancel(t.Context()), fn); err != nil {
		t.Fatal(err)
	}
}

// copied moves a desk, and expects that all of it has moved.
func copied(t testing.TB, from, to store.Store, opts *move.Options) *move.Report {
	t.Helper()
	r, err := move.Copy(t.Context(), from, to, opts)
	if err != nil || !r.Finished {
		t.Fatalf("copy: %v, finished: %v, %v", err, r.Finished, r.Differences)
	}
	verified(t, from, to)
	return r
}

func verified(t testing.TB, from, to store.Store) *move.Report {
	t.Helper()
	r, err := move.Verify(t.Context(), from, to, nil)
	if err != nil || !r.Equal() {
		t.Fatalf("verify: %v, %v", err, r.Differences)
	}
	return r
}

func newID(t testing.TB, s store.Store, sequence string) (id int64) {
	t.Helper()
	write(t, s, func(ctx context.Context, tx store.Tx) (err error) {
		id, err = tx.NewID(ctx, sequence)
		return err
	})
	return id
}

// plainTicket is one that is like no other desk's.
func plainTicket(id int64, subject string) *ticket.Ticket {
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	return &ticket.Ticket{ID: id, Version: 1, Subject: subject, Folder: ticket.Inbox, Class: ticket.ClassNew, CreatedAt: at, UpdatedAt: at, LastReplyAt: at}
}

func putTicket(t testing.TB, s store.Store, x *ticket.Ticket) {
	t.Helper()
	write(t, s, func(ctx context.Context, tx store.Tx) error { return tx.PutTicket(ctx, x) })
}
