package storetest

import (
	"context"
	"errors"
	"testing"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var locks = []proof{
	{"no update is lost when 32 callers lock, change and put", noLostUpdate},
	{"LockTicket returns what is stored, deleted tickets too", lockReturns},
	{"LockTicket says when there is no such ticket", lockMissing},
}

func noLostUpdate(t testing.TB, e *env) {
	const callers, rounds = 32, 5
	x := e.newTicket()
	e.put(t, x)
	errs := together(callers, func(int) error {
		for range rounds {
			err := e.Update(e.ctx, func(ctx context.Context, tx store.Tx) error {
				got, err := tx.LockTicket(ctx, x.ID)
				if err != nil {
					return err
				}
				got.Version++
				return tx.PutTicket(ctx, got)
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err := firstError(errs...); err != nil {
		t.Fatal(err)
	}
	if got := e.loaded(t, x).(*ticket.Ticket).Version; got != 1+callers*rounds {
		t.Errorf("%d changes made version %d, want %d", callers*rounds, got, 1+callers*rounds)
	}
}

func lockReturns(t testing.TB, e *env) {
	x := e.fullTicket()
	e.put(t, x)
	if x.DeletedAt == nil {
		t.Fatal("the ticket of this proof should be a deleted one")
	}
	e.write(t, func(ctx context.Context, tx store.Tx) error {
		got, err := tx.LockTicket(ctx, x.ID)
		if err != nil {
			return err
		}
		same(t, "locked", got, x)
		got.Subject = "changed"
		if err := tx.PutTicket(ctx, got); err != nil {
			return err
		}
		again, err := tx.LockTicket(ctx, x.ID)
		same(t, "locked again after a change", again, got)
		return err
	})
}

func lockMissing(t testing.TB, e *env) {
	e.write(t, func(ctx context.Context, tx store.Tx) error {
		if _, err := tx.LockTicket(ctx, 4711); !errors.Is(err, ticket.ErrNotFound) {
			t.Errorf("got %v, want %v", err, ticket.ErrNotFound)
		}
		return nil
	})
}
