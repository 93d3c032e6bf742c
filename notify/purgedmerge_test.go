package notify_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/notify"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestPurgedMerge(t *testing.T) {
	t.Parallel()
	t.Run("I11 X13 what was merged into a ticket that is purged takes its letters along", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		deep, source, target := x.lamp(t), x.lamp(t), x.lamp(t)
		for _, tk := range []*ticket.Ticket{deep, source, target} {
			must(x.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "It leaves today."}))(t)
		}
		x.told(t)
		must(x.Merge(as(ann), source.ID, deep.ID))(t)
		must(x.Merge(as(ann), target.ID, source.ID))(t)
		x.told(t)
		done(t, x.DeleteTicket(x.host, target.ID))
		done(t, x.Purge(x.host, target.ID))
		x.tick(t)
		same(t, "what has the customer's address", x.holds(t, "gus@example.com"))
	})
	t.Run("I11 X13 letters that are ordered while their ticket, or what it was merged into, is purged leave nothing", func(t *testing.T) {
		t.Parallel()
		for _, merged := range []bool{false, true} {
			late := &lateDesk{}
			x := newShop(t, setup{manual: true, desk: func(d notify.Desk) notify.Desk { late.Desk = d; return late }})
			source := x.lamp(t)
			target := source
			if merged {
				target = x.lamp(t)
			}
			x.DispatchAll(t)
			late.before = func() { // the letters of the reply are known, and not ordered yet
				if merged {
					must(x.Merge(as(ann), target.ID, source.ID))(t)
				}
				done(t, x.DeleteTicket(x.host, target.ID))
				done(t, x.Purge(x.host, target.ID))
				x.DispatchAll(t)
				same(t, "what has the customer's address before", x.holds(t, "gus@example.com"))
			}
			must(x.Reply(as(ann), source.ID, ticket.ReplyDraft{Body: "It leaves today."}))(t)
			x.DispatchAll(t)
			equal(t, "purged meanwhile", late.before == nil, true)
			x.tick(t)
			same(t, "what has the customer's address", x.holds(t, "gus@example.com"))
		}
	})
	t.Run("I11 X13 an answer for later, to a ticket that is purged meanwhile, is not kept", func(t *testing.T) {
		t.Parallel()
		late := &lateDesk{}
		x := newShop(t, setup{desk: func(d notify.Desk) notify.Desk { late.Desk = d; return late }})
		tk := x.lamp(t)
		late.before = func() {
			done(t, x.DeleteTicket(x.host, tk.ID))
			done(t, x.Purge(x.host, tk.ID))
		}
		if _, err := x.n.SendLater(as(ann), tk.ID, ticket.ReplyDraft{Body: "It leaves today."}, x.Now().Add(time.Hour)); !errors.Is(err, ticket.ErrNotFound) {
			t.Error(err)
		}
		equal(t, "answers", len(x.keys(t, "later")), 0)
	})
}

// lateDesk does something once: before the transaction of a delivery, or after an answer was checked.
type lateDesk struct {
	notify.Desk

	before func()
}

func (d *lateDesk) CheckReply(ctx context.Context, id int64, r ticket.ReplyDraft) error {
	err := d.Desk.CheckReply(ctx, id, r)
	d.now()
	return err
}

func (d *lateDesk) Once(ctx context.Context, fn func(ctx context.Context) error) error {
	d.now()
	return d.Desk.Once(ctx, fn)
}

func (d *lateDesk) now() {
	if before := d.before; before != nil {
		d.before = nil
		before()
	}
}
