package helpdesk_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestOnce(t *testing.T) {
	t.Parallel()
	t.Run("X03 Once is once for a delivery, each time alone, and nothing for a volatile hook", func(t *testing.T) {
		t.Parallel()
		d := newDeskOnce(t, helpdesk.Config{Dispatch: helpdesk.Manual})
		ran, tries := 0, 0
		d.Hooks().TicketCreated.Bind("durable", func(ctx context.Context, _ hooks.Created) error {
			err := d.Deliveries().Once(ctx, func(context.Context) error { ran++; return nil })
			if tries++; err == nil && tries == 1 {
				return errors.New("the mail server does not answer")
			}
			return err
		}, hooks.MaxAttempts(3), hooks.HoldOnDead())
		var volatile error
		d.Hooks().TicketCreated.Bind("volatile", func(ctx context.Context, _ hooks.Created) error {
			volatile = d.Deliveries().Once(ctx, func(context.Context) error { ran += 100; return nil })
			return nil
		}, hooks.Volatile())
		tk := open(t, d, ann)
		is(t, volatile, ticket.ErrInvalid)
		d.DispatchAll(t)
		ok(t, d.Deliveries().Retry(as(host), must(d.Deliveries().List(as(host), helpdesk.DeliveryQuery{}))(t)[0].ID))
		d.DispatchAll(t)
		equal(t, "tries", tries, 2)
		equal(t, "ran by two tries of a delivery", ran, 1)
		event := history(t, d, tk.ID)[0]
		ok(t, d.RunAlone(t, "TicketCreated", "durable", event))
		ok(t, d.RunAlone(t, "TicketCreated", "durable", event))
		equal(t, "ran alone", ran, 3)
		is(t, d.Deliveries().Once(as(host), func(context.Context) error { return nil }), ticket.ErrInvalid)
	})
}

// deaf is a store that commits, and now and then does not hear of it, as when the connection is lost at that moment.
type deaf struct {
	store.Store
	lost bool // the next answer
}

func (s *deaf) Update(ctx context.Context, fn func(context.Context, store.Tx) error) error {
	_, joined := store.TxFrom(ctx, s)
	err := s.Store.Update(ctx, func(ctx context.Context, x store.Tx) error {
		return fn(store.ContextWithTx(ctx, s, unheard{x, s.lost && !joined}), unheard{x, s.lost && !joined})
	})
	if err == nil && !joined && s.lost {
		s.lost = false
		return fmt.Errorf("%w: the connection was lost", ticket.ErrBusy)
	}
	return err
}

// unheard is a transaction of which nobody hears that it was committed.
type unheard struct {
	store.Tx
	lost bool
}

func (x unheard) OnCommit(fn func()) {
	if !x.lost {
		x.Tx.OnCommit(fn)
	}
}

func TestOnceUnheard(t *testing.T) {
	t.Parallel()
	t.Run("X03 X08 an effect whose commit nobody heard of is not made again", func(t *testing.T) {
		t.Parallel()
		s := &deaf{Store: memory.New(nil)}
		d := helpdesktest.New(t, &helpdesktest.Options{Store: s, Manual: true})
		made, tries := 0, 0
		d.Hooks().TicketCreated.Bind("shop", func(ctx context.Context, _ hooks.Created) error {
			tries++
			s.lost = tries == 1
			return d.Deliveries().Once(ctx, func(context.Context) error { made++; return nil })
		})
		open(t, d, ann)
		d.DispatchAll(t)
		d.Clock.Advance(time.Hour)
		d.DispatchAll(t)
		equal(t, "tries", tries, 2)
		equal(t, "made", made, 1)
	})
}
