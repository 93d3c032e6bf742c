package postgres_test

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/pgserver"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/postgres"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var errRefused = errors.New("refused")

// newID takes an id of a transaction of a test.
func newID(ctx context.Context, t testing.TB, tx store.Tx, sequence string) int64 {
	t.Helper()
	id, err := tx.NewID(ctx, sequence)
	if err != nil {
		t.Error(err)
	}
	return id
}

// TestPresumed writes about what is new where there is something already: a transaction may have undone a part, and hosts
// may put what they like.
func TestPresumed(t *testing.T) {
	t.Parallel()
	server := pgserver.Start(t, "fsync = off")
	open := func(t *testing.T, o *postgres.Options) *postgres.Store {
		t.Parallel()
		s, err := postgres.Open(t.Context(), server.Database(), o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s
	}
	message := func(ctx context.Context, t *testing.T, tx store.Tx, of, seq int64) error {
		return tx.PutMessage(ctx, &ticket.Message{ID: newID(ctx, t, tx, "message"), TicketID: of, Seq: seq, Kind: ticket.KindReply, Body: "x"})
	}
	t.Run("X08 a part that is undone lets the rest of a transaction go on", func(t *testing.T) {
		s := open(t, nil)
		old, err := putNew(t.Context(), s, "a", "b")
		if err != nil {
			t.Fatal(err)
		}
		runs := 0
		err = s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
			runs++
			id := newID(ctx, t, tx, "ticket")
			if err := errors.Join(tx.PutTicket(ctx, &ticket.Ticket{ID: id, Folder: ticket.Inbox}), message(ctx, t, tx, id, 1)); err != nil {
				return err
			}
			if _, err := tx.Message(ctx, 1<<40); !errors.Is(err, ticket.ErrNotFound) { // sends what waits
				return err
			}
			if err := s.Update(ctx, func(context.Context, store.Tx) error { return errRefused }); !errors.Is(err, errRefused) {
				t.Errorf("the part: %v", err)
			}
			time.Sleep(5200 * time.Millisecond) // longer than anything is tried again
			return errors.Join(message(ctx, t, tx, old, 2), message(ctx, t, tx, id, 2))
		})
		if err != nil || runs != 1 {
			t.Errorf("%d runs, %v", runs, err)
		}
	})
	put := func(ctx context.Context, t *testing.T, tx store.Tx, event int64, lane string) error {
		return tx.PutWork(ctx, &store.Work{ID: newID(ctx, t, tx, "work"), Kind: "k", Name: "n", OrderKey: lane, Seq: 1, EventID: event})
	}
	t.Run("X08 work that its lane has is dropped, whatever event it is of", func(t *testing.T) {
		s := open(t, nil)
		if err := s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error { return put(ctx, t, tx, 0, "L") }); err != nil {
			t.Fatal(err)
		}
		for _, lanes := range [][]string{{"L"}, {"M", "L"}, {"N", "O", "L"}} {
			err := s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
				for _, lane := range lanes[:len(lanes)-1] {
					if err := put(ctx, t, tx, 0, lane); err != nil {
						return err
					}
				}
				if len(lanes) == 1 {
					time.Sleep(5200 * time.Millisecond) // and so the last time that it is tried
				}
				return put(ctx, t, tx, newID(ctx, t, tx, "event"), lanes[len(lanes)-1])
			})
			if err != nil {
				t.Errorf("%v: %v", lanes, err)
			}
		}
		var n int
		if err := s.DB().QueryRowContext(t.Context(), "SELECT count(*) FROM helpdesk_work").Scan(&n); err != nil || n != 4 {
			t.Errorf("%d pieces of work, want 4 (%v)", n, err)
		}
	})
	t.Run("X08 an event may have any number of deliveries", func(t *testing.T) {
		s := open(t, nil)
		err := s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
			event := newID(ctx, t, tx, "event")
			for i := range 4000 {
				if err := tx.PutWork(ctx, &store.Work{ID: newID(ctx, t, tx, "work"), Kind: "k", Name: strconv.Itoa(i), EventID: event}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	t.Run("X08 a host that names a statement which is not there hears so", func(t *testing.T) {
		s := open(t, nil)
		runs := 0
		err := s.Update(t.Context(), func(ctx context.Context, _ store.Tx) error {
			runs++
			_, err := s.Querier(ctx).ExecContext(ctx, "DEALLOCATE nothing")
			return err
		})
		if err == nil || errors.Is(err, ticket.ErrBusy) || runs != 1 {
			t.Errorf("%d runs, %v", runs, err)
		}
	})
}
