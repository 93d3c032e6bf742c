package webhook_test

import (
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/internal/mariaserver"
	"github.com/helpdeskgo/helpdesk/internal/pgserver"
	"github.com/helpdeskgo/helpdesk/notify/webhook"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/mysql"
	"github.com/helpdeskgo/helpdesk/store/postgres"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// TestStores has the life of an endpoint on each store.
func TestStores(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(t *testing.T) (store.Store, error){
		"SQLite": func(t *testing.T) (store.Store, error) {
			return sqlite.Open(t.Context(), t.TempDir()+"/desk.db", &sqlite.Options{Durability: sqlite.Normal, SearchOff: true})
		},
		"PostgreSQL": func(t *testing.T) (store.Store, error) {
			return postgres.Open(t.Context(), pgserver.Start(t, "fsync = off").Database(), nil)
		},
		"MariaDB": func(t *testing.T) (store.Store, error) {
			return mysql.Open(t.Context(), mariaserver.Start(t).Database(), nil)
		},
	} {
		t.Run("X14 what happens is sent, logged, replayed and cleared away on "+name, func(t *testing.T) {
			t.Parallel()
			if testing.Short() && name != "SQLite" {
				t.Skip("starts a database server: run it without -short")
			}
			s := must(open(t))(t)
			t.Cleanup(func() { _ = s.Close() })
			w := newWorld(t, &helpdesktest.Options{Store: s}, nil)
			e, secret := w.put(webhook.Endpoint{})
			x := w.open("Lamp")
			must(w.Reply(as(bob), x.ID, ticket.ReplyDraft{Body: "Sorry."}))(t)
			w.settle()
			ok(t, w.hooks.Replay(as(bob), "erp", w.to.requests()[0].header.Get("Webhook-Id")))
			w.settle()
			must(w.hooks.Rotate(as(bob), "erp", time.Hour))(t)
			ok(t, w.DeleteTicket(as(bob), x.ID))
			w.settle()
			ok(t, verified(t, secret, w.to.last(t)))
			ok(t, w.Purge(as(bob), x.ID))
			w.settle()
			equal(t, "types", w.to.types(), []string{"ticket.created", "ticket.replied", "ticket.created", "ticket.deleted", "ticket.purged"})
			if log := w.log(); len(log) != 1 || log[0].Type != "ticket.purged" {
				t.Errorf("log: %+v", log)
			}
			if n := must(w.hooks.ReplaySince(as(bob), "erp", e.SecretSet.Add(-time.Minute)))(t); n != 1 {
				t.Errorf("%d are replayed", n)
			}
			w.settle()
			w.later(8 * 24 * time.Hour)
			w.later(2 * time.Hour)
			if len(w.log()) > 0 || w.records("webhook_log") > 0 || len(w.works()) > 0 {
				t.Errorf("later %d are shown, %d and %d entries are kept", len(w.log()), w.records("webhook_log"), len(w.works()))
			}
			ok(t, w.hooks.Delete(as(bob), "erp"))
		})
	}
}
