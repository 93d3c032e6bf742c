package helpdesk_test

import (
	"errors"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/store/storetest"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestReviewSubscriptions(t *testing.T) {
	t.Parallel()
	t.Run("X03 a binding is stored by a later write when the transaction that first stored it was rolled back", func(t *testing.T) {
		t.Parallel()
		d := manual(t, nil, helpdesk.Config{})
		told := 0
		d.Hooks().TicketCreated.Bind("acme", func(ctx, hooks.Created) error { told++; return nil })
		payment := errors.New("payment failed")
		is(t, d.InTx(as(ann), func(c ctx) error { _, err := d.CreateTicket(c, lamp()); return errors.Join(err, payment) }), payment)
		open(t, d, ann)
		d.DispatchAll(t)
		equal(t, "told", told, 1)
	})
	t.Run("X03 a binding is stored by a later write when the commit that should have stored it failed", func(t *testing.T) {
		t.Parallel()
		broken := errors.New("disk full")
		f := storetest.NewFaulty(memory.New(nil))
		d := manual(t, f, helpdesk.Config{})
		told := 0
		d.Hooks().TicketCreated.Bind("acme", func(ctx, hooks.Created) error { told++; return nil })
		for n := 1; ; n++ {
			f.FailAt(n, broken)
			_, err := d.CreateTicket(as(ann), lamp())
			if f.Failed() == "Commit" {
				is(t, err, broken)
				break
			}
			if f.Failed() == "" {
				t.Fatal("no commit was failed")
			}
		}
		f.FailAt(0, nil)
		open(t, d, ann)
		d.DispatchAll(t)
		equal(t, "told", told, 1)
	})
	t.Run("X03 a desk is not made inside a transaction", func(t *testing.T) {
		t.Parallel()
		s := openStore(t)
		d := manual(t, s, helpdesk.Config{})
		ok(t, d.InTx(as(ann), func(c ctx) error {
			_, err := helpdesk.New(c, s, nil)
			is(t, err, ticket.ErrInvalid)
			return nil
		}))
	})
}
