package storetest

import (
	"context"
	"errors"
	"testing"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var endings = []proof{
	{"every method fails with ErrTxDone after Update", afterUpdate},
	{"every method fails with ErrTxDone after a rollback", afterRollback},
	{"every method fails with ErrTxDone after View", afterView},
	{"an inner part ends with its own closure", afterInner},
	{"a context that outlives its closure fails with ErrTxDone", keptContext},
}

// expectDone expects that nothing works on a finished transaction. tx is nil for a reader.
func expectDone(t testing.TB, e *env, r store.Reader, tx store.Tx) {
	t.Helper()
	calls := readerCalls(r)
	if tx != nil {
		calls = append(calls, writerCalls()...)
	}
	for _, c := range calls {
		if err := c.do(e.ctx, tx, e); !errors.Is(err, ticket.ErrTxDone) {
			t.Errorf("%s after the closure: %v, want %v", c.name, err, ticket.ErrTxDone)
		}
	}
	if tx != nil {
		tx.OnCommit(func() { t.Error("a commit function of a finished transaction was called") })
	}
}

func afterUpdate(t testing.TB, e *env) {
	e.seed(t)
	var kept store.Tx
	e.write(t, func(_ context.Context, tx store.Tx) error { kept = tx; return nil })
	before := e.dump(t)
	expectDone(t, e, kept, kept)
	e.usable(t)
	e.write(t, func(ctx context.Context, tx store.Tx) error { expectDone(t, e, kept, kept); return nil }) // also while another runs
	if got := e.dump(t); len(got) < len(before) {
		t.Error("a finished transaction has removed something")
	}
}

func afterRollback(t testing.TB, e *env) {
	e.seed(t)
	var kept store.Tx
	e.refused(t, errUndo, func(_ context.Context, tx store.Tx) error { kept = tx; return errUndo })
	expectDone(t, e, kept, kept)
}

func afterView(t testing.TB, e *env) {
	e.seed(t)
	var kept, inner store.Reader
	e.read(t, func(_ context.Context, r store.Reader) error { kept = r; return nil })
	expectDone(t, e, kept, nil)
	e.write(t, func(ctx context.Context, _ store.Tx) error {
		err := e.View(ctx, func(_ context.Context, r store.Reader) error { inner = r; return nil })
		expectDone(t, e, inner, nil)
		return err
	})
}

func afterInner(t testing.TB, e *env) {
	e.seed(t)
	a := e.newTicket()
	e.write(t, func(ctx context.Context, tx store.Tx) error {
		var kept store.Tx
		if err := e.inner(ctx, func(_ context.Context, tx store.Tx) error { kept = tx; return nil }); err != nil {
			return err
		}
		expectDone(t, e, kept, kept)
		return tx.PutTicket(ctx, a)
	})
	e.expectTickets(t, map[int64]bool{a.ID: true})
}

func keptContext(t testing.TB, e *env) {
	var kept context.Context
	e.write(t, func(ctx context.Context, _ store.Tx) error { kept = ctx; return nil })
	if err := e.Update(kept, func(context.Context, store.Tx) error { return nil }); !errors.Is(err, ticket.ErrTxDone) {
		t.Errorf("update: %v, want %v", err, ticket.ErrTxDone)
	}
	if err := e.View(kept, func(context.Context, store.Reader) error { return nil }); !errors.Is(err, ticket.ErrTxDone) {
		t.Errorf("view: %v, want %v", err, ticket.ErrTxDone)
	}
	x := e.newTicket()
	err := e.Update(store.ContextWithoutTx(kept), func(ctx context.Context, tx store.Tx) error { return tx.PutTicket(ctx, x) })
	if err != nil || !e.exists(t, x.ID) {
		t.Errorf("update without the transaction: %v", err)
	}
}
