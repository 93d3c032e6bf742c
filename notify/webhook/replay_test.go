package webhook_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/notify/webhook"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestReplay(t *testing.T) {
	t.Parallel()
	t.Run("X14 one is sent again under its id, whether it was taken, waits or was given up", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil, nil)
		w.put(webhook.Endpoint{})
		w.open("Lamp")
		w.settle()
		id := w.log()[0].ID
		ok(t, w.hooks.Replay(as(bob), "erp", id))
		w.settle()
		w.to.says(http.StatusInternalServerError)
		ok(t, w.hooks.Replay(as(bob), "erp", id))
		w.settle()
		w.open("Shade")
		w.settle()
		w.to.says(http.StatusOK)
		ok(t, w.hooks.Replay(as(bob), "erp", w.to.last(t).header.Get("Webhook-Id"))) // waits for its second try
		w.settle()
		all := w.to.requests()
		if len(all) != 5 {
			t.Fatalf("it got %d", len(all))
		}
		for i, same := range []int{0, 0, 0, 3, 3} {
			if all[i].header.Get("Webhook-Id") != all[same].header.Get("Webhook-Id") {
				t.Errorf("request %d has the id %s", i, all[i].header.Get("Webhook-Id"))
			}
		}
	})
	t.Run("X14 an earlier event is replayed before a later one that waits", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil, nil)
		w.put(webhook.Endpoint{})
		x := w.open("Lamp")
		w.settle()
		first := w.to.last(t).header.Get("Webhook-Id")
		w.to.says(http.StatusUnprocessableEntity)
		w.Clock.Advance(time.Minute)
		must(w.SetPriority(as(bob), x.ID, "high"))(t)
		w.settle()
		w.to.says(http.StatusOK)
		w.Clock.Advance(time.Second)
		ok(t, w.hooks.Replay(as(bob), "erp", first))
		w.settle()
		w.later(time.Minute)
		equal(t, "types", w.to.types(), []string{"ticket.created", "ticket.updated", "ticket.created", "ticket.updated"})
	})
	t.Run("X14 only what an endpoint hears of can be replayed to it", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil, nil)
		w.put(webhook.Endpoint{})
		x := w.open("Lamp")
		w.settle()
		id := w.log()[0].ID
		e := must(w.hooks.Get(as(bob), "erp"))(t)
		e.Events = []string{"ticket.deleted"}
		w.put(e)
		for _, bad := range []string{"", "x", id, id + "0", strings.Replace(id, "_e", "_r", 1), strings.Replace(id, "_e1", "_e01", 1), strings.Replace(id, "_e1", "_e-1", 1)} {
			wantErr(t, w.hooks.Replay(as(bob), "erp", bad), ticket.ErrNotFound)
		}
		wantErr(t, w.hooks.Replay(as(bob), "none", id), ticket.ErrNotFound)
		_, err := w.hooks.ReplaySince(as(bob), "erp", w.Clock.Now().Add(-31*24*time.Hour))
		wantErr(t, err, ticket.ErrInvalid)
		ok(t, w.DeleteTicket(as(bob), x.ID))
		ok(t, w.Purge(as(bob), x.ID))
		wantErr(t, w.hooks.Replay(as(bob), "erp", id), ticket.ErrNotFound)
	})
	t.Run("X14 what waits to be sent is not replayed as well", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil, nil)
		w.put(webhook.Endpoint{})
		w.open("Lamp")
		w.settle()
		w.open("Shade")
		w.DispatchAll(t)
		for range 3 {
			if n := must(w.hooks.ReplaySince(as(bob), "erp", w.Clock.Now().Add(-time.Hour)))(t); n > 1 {
				t.Errorf("%d are replayed", n)
			}
		}
		w.settle()
		if n := len(w.to.requests()); n != 3 {
			t.Errorf("it got %d", n)
		}
	})
}

func TestUpkeep(t *testing.T) {
	t.Parallel()
	t.Run("X14 of an endpoint the last 100 requests of 7 days are kept", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil, nil)
		w.put(webhook.Endpoint{})
		for range 130 {
			w.open("Lamp")
		}
		w.settle()
		if n := len(w.log()); n != 100 {
			t.Errorf("%d are shown", n)
		}
		w.later(time.Hour)
		if n := w.records("webhook_log"); n != 100 {
			t.Errorf("%d are kept", n)
		}
		w.later(7*24*time.Hour - 2*time.Hour)
		x := w.open("Shade")
		w.settle()
		w.later(3 * time.Hour)
		log := w.log()
		if len(log) != 1 || log[0].Ticket != x.ID || w.records("webhook_log") != 1 || len(w.works()) != 1 {
			t.Errorf("later %d are shown, %d and %d entries are kept", len(log), w.records("webhook_log"), len(w.works()))
		}
	})
	t.Run("X14 nothing is left of an endpoint that is deleted", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil, nil)
		w.put(webhook.Endpoint{})
		w.to.says(http.StatusServiceUnavailable)
		w.open("Lamp")
		w.settle()
		ok(t, w.hooks.Delete(as(bob), "erp"))
		w.later(8 * 24 * time.Hour)
		w.later(8 * 24 * time.Hour)
		for _, kind := range []string{"config/webhook", "webhook_log", "webhook_state", "webhook_secret"} {
			if n := w.records(kind); n > 0 {
				t.Errorf("%d of %s", n, kind)
			}
		}
		if n := len(w.works()); n > 0 || len(w.to.requests()) != 1 {
			t.Errorf("%d entries, %d requests", n, len(w.to.requests()))
		}
	})
}

func (w *world) records(kind string) (n int) {
	w.t.Helper()
	ok(w.t, w.Store.View(w.t.Context(), func(ctx context.Context, x store.Reader) error {
		recs, err := x.Records(ctx, store.RecordQuery{Kind: kind})
		n = len(recs)
		return err
	}))
	return n
}
