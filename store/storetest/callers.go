package storetest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"

	"github.com/helpdeskgo/helpdesk/store"
)

var callers = []proof{
	{"one of 64 callers is cancelled in mid-write, the others are unharmed", oneOfMany(errCancelled)},
	{"one of 64 callers fails in mid-write, the others are unharmed", oneOfMany(errUndo)},
	{"one of 64 callers panics in mid-write, the others are unharmed", oneOfMany(errPanic)},
	{"one of 64 callers ends its goroutine in mid-write, the others are unharmed", oneOfMany(errSilent)},
}

var errCancelled = context.Canceled

// oneOfMany lets 64 callers write at once, several times, one of whom ends in the way that how stands for.
func oneOfMany(how error) func(t testing.TB, e *env) {
	return func(t testing.TB, e *env) {
		const n = 64
		for round := range 4 {
			odd := (round*17 + 5) % n
			list := make([]int64, n)
			for i := range list {
				list[i] = e.id()
			}
			errs := together(n, func(i int) error {
				if i == odd {
					return e.writeBadly(list[i], how)
				}
				return e.Update(e.ctx, func(ctx context.Context, tx store.Tx) error { return e.writeHalf(ctx, tx, list[i], nil) })
			})
			for i, err := range errs {
				if i == odd && !errors.Is(err, how) {
					t.Errorf("the odd caller got %v, want %v", err, how)
				}
				if i != odd && err != nil {
					t.Errorf("caller %d got %v", i, err)
				}
				if got := e.exists(t, list[i]); got != (i != odd) {
					t.Errorf("caller %d (the odd one is %d): the ticket is there: %v", i, odd, got)
				}
			}
		}
	}
}

// writeHalf writes a ticket with an event, and does mid between the two.
func (e *env) writeHalf(ctx context.Context, tx store.Tx, id int64, mid func() error) error {
	x := e.newTicket()
	x.ID = id
	if err := tx.PutTicket(ctx, x); err != nil {
		return err
	}
	if _, err := tx.Ticket(ctx, id, everything); err != nil { // a store that collects writes has written now
		return fmt.Errorf("own ticket: %w", err)
	}
	if mid != nil {
		if err := mid(); err != nil {
			return err
		}
	}
	return tx.PutEvent(ctx, e.newEvent(x, 1))
}

func (e *env) writeBadly(id int64, how error) error {
	ctx, cancel := context.WithCancel(e.ctx)
	defer cancel()
	var inner error
	outer := e.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		inner = e.writeHalf(ctx, tx, id, func() error {
			switch {
			case errors.Is(how, errCancelled):
				cancel()
			case errors.Is(how, errPanic):
				panic("a fault of the caller")
			case errors.Is(how, errSilent):
				runtime.Goexit()
			default:
				return how
			}
			return nil
		})
		return inner
	})
	return errors.Join(inner, outer)
}
