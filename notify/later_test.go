package notify_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/notify"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// panicking is a desk of which a hook does so that the host bound to replies.
type panicking struct{ notify.Desk }

func (panicking) Reply(context.Context, int64, ticket.ReplyDraft) (*ticket.Message, error) {
	panic("no such map")
}

func TestLaterFails(t *testing.T) {
	t.Parallel()
	trouble := func(t *testing.T, x *shop) bool {
		return slices.ContainsFunc(said(must(x.Check(x.host))(t)), func(s string) bool {
			return strings.Contains(s, "1 answers that were to be sent later could not be written") && strings.Contains(s, "CancelLater")
		})
	}
	t.Run("X14 X29 an answer that cannot be written when its time comes is told of to its author, once, and by Check", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		done(t, x.Catalog().PutStatus(x.host, ticket.Status{Code: "parked", Name: "Parked", Class: ticket.ClassOpen}))
		tk := x.mine(t)
		l := must(x.n.SendLater(as(ann), tk.ID, ticket.ReplyDraft{Body: "PROMISED", Status: "parked"}, x.Clock.Now().Add(time.Hour)))(t)
		done(t, x.Catalog().DeleteStatus(x.host, "parked"))
		done(t, x.n.MarkFeedSeen(as(ann), must(x.n.Feed(as(ann), "", 0))(t).Next))
		equal(t, "trouble before", trouble(t, x), false)
		x.Clock.Advance(2 * time.Hour)
		mails := x.mails(t)
		if len(mails) != 1 || mails[0].to != ann.Email || !strings.Contains(mails[0].text(t), "was not written") || strings.Contains(mails[0].text(t), "PROMISED") {
			t.Fatalf("%+v", mails)
		}
		same(t, "news", x.poll(t, ann, new("")), tk.Subject)
		equal(t, "trouble", trouble(t, x), true)
		x.Clock.Advance(48 * time.Hour)
		same(t, "told again", x.told(t))
		equal(t, "body", must(x.n.CancelLater(as(ann), l.ID))(t).Body, "PROMISED")
		equal(t, "trouble after", trouble(t, x), false)
	})
	t.Run("X14 X29 where its author may not see the ticket any more, those are told who have it", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		tk := x.mine(t)
		must(x.n.SendLater(as(ann), tk.ID, ticket.ReplyDraft{Body: "PROMISED"}, x.Clock.Now().Add(time.Hour)))(t)
		must(x.UpdateTicket(as(ann), tk.ID, ticket.Patch{Department: new("sales"), Assignee: new("")}))(t)
		x.told(t)
		x.Clock.Advance(2 * time.Hour)
		mails := x.mails(t)
		if len(mails) != 1 || mails[0].to != cem.Email || !strings.Contains(mails[0].text(t), "Ann Archer wanted to be sent") {
			t.Fatalf("%+v", mails)
		}
		equal(t, "trouble", trouble(t, x), true)
	})
	t.Run("X29 an answer that panics each time is given up, and its author is told", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{desk: func(d notify.Desk) notify.Desk { return panicking{d} }})
		tk := x.mine(t)
		must(x.n.SendLater(as(ann), tk.ID, ticket.ReplyDraft{Body: "PROMISED"}, x.Clock.Now().Add(time.Hour)))(t)
		for range 40 {
			x.Clock.Advance(2 * time.Hour)
			x.tick(t)
		}
		if l := must(x.n.Scheduled(as(ann), tk.ID))(t); len(l) != 1 || !strings.Contains(l[0].Failed, "no such map") {
			t.Errorf("%+v", l)
		}
		told := 0
		for _, m := range x.taken(t) {
			if m.to == ann.Email && strings.Contains(m.text(t), "was not written") {
				told++
			}
		}
		equal(t, "told", told, 1)
		equal(t, "trouble", trouble(t, x), true)
	})
	t.Run("X29 an answer whose entry was given up by faults is found, and written", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		tk := x.mine(t)
		must(x.n.SendLater(as(ann), tk.ID, ticket.ReplyDraft{Body: "Is it plugged in?"}, x.Clock.Now().Add(time.Hour)))(t)
		x.tick(t)
		done(t, x.Store.Update(context.Background(), func(ctx context.Context, tx store.Tx) error {
			works, err := tx.Works(ctx, store.WorkQuery{Kind: "aside", States: []store.WorkState{store.WorkPending}})
			for _, w := range works {
				err = errors.Join(err, tx.SetWork(ctx, w.ID, store.WorkPending, store.WorkDead, x.Clock.Now()))
			}
			return err
		}))
		for range 3 {
			x.Clock.Advance(time.Hour)
			x.tick(t)
		}
		equal(t, "answers that wait", len(must(x.n.Scheduled(as(ann), tk.ID))(t)), 0)
		equal(t, "messages", len(must(x.Messages(x.host, tk.ID, ticket.MessageQuery{}))(t)), 2)
	})
}
