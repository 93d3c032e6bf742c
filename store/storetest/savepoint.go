package storetest

import (
	"context"
	"errors"
	"testing"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var savepoints = []proof{
	{"an inner error undoes the inner writes and nothing else", innerError},
	{"every kind of write of an inner part is undone", innerEverything},
	{"an inner panic that the outer part recovers is undone", innerPanic},
	{"parts nest", nestedParts},
	{"an outer error undoes a finished inner part", outerError},
	{"an inner part works on what the outer one wrote", innerSeesOuter},
}

// inner runs fn joined to the transaction of ctx.
func (e *env) inner(ctx context.Context, fn func(ctx context.Context, tx store.Tx) error) error {
	return e.Update(ctx, fn)
}

// expectTickets expects which of the tickets are committed.
func (e *env) expectTickets(t testing.TB, want map[int64]bool) {
	t.Helper()
	for id, there := range want {
		if got := e.exists(t, id); got != there {
			t.Errorf("ticket %d is there: %v, want %v", id, got, there)
		}
	}
}

func innerError(t testing.TB, e *env) {
	a, b, c := e.newTicket(), e.newTicket(), e.newTicket()
	e.write(t, func(ctx context.Context, tx store.Tx) error {
		if err := tx.PutTicket(ctx, a); err != nil {
			return err
		}
		err := e.inner(ctx, func(ctx context.Context, tx store.Tx) error { return errors.Join(tx.PutTicket(ctx, b), errUndo) })
		if !errors.Is(err, errUndo) {
			t.Errorf("the inner update returned %v, want its closure's error", err)
		}
		return tx.PutTicket(ctx, c)
	})
	e.expectTickets(t, map[int64]bool{a.ID: true, b.ID: false, c.ID: true})
}

func innerEverything(t testing.TB, e *env) {
	e.seed(t)
	before := e.dump(t)
	e.write(t, func(ctx context.Context, tx store.Tx) error {
		err := e.inner(ctx, func(ctx context.Context, tx store.Tx) error {
			if err := writeEverything(ctx, tx, e); err != nil {
				return err
			}
			return errUndo
		})
		if !errors.Is(err, errUndo) {
			return err
		}
		return nil
	})
	same(t, "after the inner rollback", e.dump(t), before)
}

func innerPanic(t testing.TB, e *env) {
	a, b := e.newTicket(), e.newTicket()
	e.write(t, func(ctx context.Context, tx store.Tx) error {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the inner panic did not reach the outer part")
				}
			}()
			_ = e.inner(ctx, func(ctx context.Context, tx store.Tx) error {
				if err := tx.PutTicket(ctx, b); err != nil {
					t.Error(err)
				}
				panic("a fault of the inner part")
			})
		}()
		return tx.PutTicket(ctx, a)
	})
	e.expectTickets(t, map[int64]bool{a.ID: true, b.ID: false})
}

func nestedParts(t testing.TB, e *env) {
	a, b, c, d := e.newTicket(), e.newTicket(), e.newTicket(), e.newTicket()
	e.write(t, func(ctx context.Context, tx store.Tx) error {
		return errors.Join(tx.PutTicket(ctx, a), e.inner(ctx, func(ctx context.Context, tx store.Tx) error {
			if err := tx.PutTicket(ctx, b); err != nil {
				return err
			}
			err := e.inner(ctx, func(ctx context.Context, tx store.Tx) error { return errors.Join(tx.PutTicket(ctx, c), errUndo) })
			if !errors.Is(err, errUndo) {
				t.Errorf("the innermost update returned %v", err)
			}
			return e.inner(ctx, func(ctx context.Context, tx store.Tx) error { return tx.PutTicket(ctx, d) })
		}))
	})
	e.expectTickets(t, map[int64]bool{a.ID: true, b.ID: true, c.ID: false, d.ID: true})
}

func outerError(t testing.TB, e *env) {
	a := e.newTicket()
	e.refused(t, errUndo, func(ctx context.Context, tx store.Tx) error {
		if err := e.inner(ctx, func(ctx context.Context, tx store.Tx) error { return tx.PutTicket(ctx, a) }); err != nil {
			return err
		}
		return errUndo
	})
	e.expectTickets(t, map[int64]bool{a.ID: false})
}

func innerSeesOuter(t testing.TB, e *env) {
	a := e.newTicket()
	e.write(t, func(ctx context.Context, tx store.Tx) error {
		if err := tx.PutTicket(ctx, a); err != nil {
			return err
		}
		err := e.inner(ctx, func(ctx context.Context, tx store.Tx) error {
			got, err := tx.LockTicket(ctx, a.ID)
			if err != nil {
				return err
			}
			got.Subject = "changed inside"
			return tx.PutTicket(ctx, got)
		})
		if err != nil {
			return err
		}
		got, err := tx.Ticket(ctx, a.ID, everything)
		if err == nil && got.Subject != "changed inside" {
			t.Errorf("the outer part reads %q after the inner one", got.Subject)
		}
		return err
	})
}

// outerRefused writes work under an id that other work has. A store that sends writes late finds that out in the inner
// part, of which the outer one need not take notice.
func outerRefused(t testing.TB, e *env) {
	e.put(t, e.newWork())
	taken, x := e.newWork(), e.newTicket()
	taken.ID--
	err := e.Update(e.ctx, func(ctx context.Context, tx store.Tx) error {
		err := e.inner(ctx, func(ctx context.Context, tx store.Tx) error {
			return firstError(tx.PutTicket(ctx, e.newTicket()), only(tx.Ticket(ctx, 4711, everything)))
		})
		if !errors.Is(err, ticket.ErrNotFound) {
			return err
		}
		if err := firstError(tx.PutTicket(ctx, x), tx.PutWork(ctx, taken)); err != nil {
			return err
		}
		_ = e.inner(ctx, func(ctx context.Context, tx store.Tx) error { return only(tx.Ticket(ctx, 4711, everything)) })
		return nil
	})
	if !errors.Is(err, ticket.ErrExists) {
		t.Errorf("got %v, want %v", err, ticket.ErrExists)
	}
	if err == nil && !e.exists(t, x.ID) {
		t.Error("the commit was acknowledged, and what the outer part wrote is not there")
	}
}
