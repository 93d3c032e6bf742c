package storetest

import (
	"context"
	"errors"
	"testing"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var compactings = []proof{
	{"compacting changes nothing that can be read", compactKeeps},
	{"others read and write while the store is compacted", compactAmong},
	{"compacting is refused inside a transaction, with an ended context, and after Close", compactRefused},
}

func (e *env) compacter() store.Compacter { return e.Store.(store.Compacter) }

func compactKeeps(t testing.TB, e *env) {
	e.seed(t)
	for range 3 {
		x := e.fullTicket()
		x.DeletedAt = nil
		e.put(t, x, e.fullMessage(x), e.fullEvent(x), e.newTicket())
	}
	e.write(t, func(ctx context.Context, tx store.Tx) error { return tx.DeleteTicket(ctx, e.ids.Load()) })
	before := e.dump(t)
	for range 2 {
		if err := e.compacter().Compact(e.ctx); err != nil {
			t.Errorf("compact: %v", err)
		}
		same(t, "what the store holds", e.dump(t), before)
	}
	e.usable(t)
}

func compactAmong(t testing.TB, e *env) {
	e.seed(t)
	errs := together(8, func(i int) error {
		for n := range 20 {
			id := e.id()
			err := e.Update(e.ctx, func(ctx context.Context, tx store.Tx) error { return writeSet(ctx, tx, id) })
			if err == nil && i == 0 && n%5 == 0 {
				err = e.compacter().Compact(e.ctx)
			}
			if err == nil {
				err = e.View(e.ctx, func(ctx context.Context, r store.Reader) error { return only(r.Ticket(ctx, id, everything)) })
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(errs...); err != nil {
		t.Errorf("got %v", err)
	}
	if err := e.compacter().Compact(e.ctx); err != nil {
		t.Errorf("compact: %v", err)
	}
	if got := len(e.list(t, ticket.Query{}, everything)); got != 8*20+1 {
		t.Errorf("the store has %d tickets, want %d", got, 8*20+1)
	}
}

func compactRefused(t testing.TB, e *env) {
	e.write(t, func(ctx context.Context, _ store.Tx) error {
		if err := e.compacter().Compact(ctx); !errors.Is(err, ticket.ErrInvalid) {
			t.Errorf("inside a transaction: %v, want %v", err, ticket.ErrInvalid)
		}
		return nil
	})
	ctx, cancel := context.WithCancel(e.ctx)
	cancel()
	if err := e.compacter().Compact(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context: %v", err)
	}
	if err := e.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	if err := e.compacter().Compact(e.ctx); !errors.Is(err, ticket.ErrStopped) {
		t.Errorf("after Close: %v, want %v", err, ticket.ErrStopped)
	}
}
