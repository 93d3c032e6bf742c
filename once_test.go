package helpdesk_test

import (
	"context"
	"errors"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/hooks"
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
