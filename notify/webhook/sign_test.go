package webhook_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/notify/webhook"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// verified is what the standard's own library has against a request.
func verified(t testing.TB, secret string, q request) error {
	t.Helper()
	return must(standardwebhooks.NewWebhook(secret))(t).VerifyIgnoringTimestamp(q.raw, q.header)
}

func TestSignatures(t *testing.T) {
	t.Parallel()
	t.Run("X14 the standard's own library takes a request, at the time of the request", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, &helpdesktest.Options{Config: helpdesk.Config{Now: time.Now}}, nil)
		_, secret := w.put(webhook.Endpoint{})
		w.open("Lamp")
		w.settle()
		q := w.to.last(t)
		verifier := must(standardwebhooks.NewWebhook(secret))(t)
		ok(t, verifier.Verify(q.raw, q.header))
		q.raw = bytes.Replace(q.raw, []byte("ticket"), []byte("Ticket"), 1)
		if verifier.Verify(q.raw, q.header) == nil {
			t.Error("it takes what was changed")
		}
		if !strings.HasPrefix(secret, "whsec_") || strings.Contains(q.header.Get("Webhook-Id"), ".") {
			t.Errorf("secret %q, id %q", secret, q.header.Get("Webhook-Id"))
		}
	})
	t.Run("X14 while a secret is rotated both sign, and then only the new one", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil, nil)
		e, old := w.put(webhook.Endpoint{})
		next := must(w.hooks.Rotate(as(bob), "erp", 24*time.Hour))(t)
		if next == old {
			t.Fatal("the same secret")
		}
		if got := must(w.hooks.Get(as(bob), "erp"))(t); !got.OldSecretUntil.Equal(w.Clock.Now().Add(24*time.Hour)) || got.Version == e.Version {
			t.Errorf("%+v", got)
		}
		w.open("Lamp")
		w.settle()
		q := w.to.last(t)
		if a, b := verified(t, old, q), verified(t, next, q); a != nil || b != nil {
			t.Errorf("old: %v, new: %v", a, b)
		}
		w.Clock.Advance(24 * time.Hour)
		w.open("Shade")
		w.settle()
		q = w.to.last(t)
		if a, b := verified(t, old, q), verified(t, next, q); a == nil || b != nil {
			t.Errorf("after a day, old: %v, new: %v", a, b)
		}
		last := must(w.hooks.Rotate(as(bob), "erp", 0))(t)
		a := must(w.hooks.Test(as(bob), "erp"))(t)
		if q = w.to.last(t); !a.Taken() || verified(t, next, q) == nil || verified(t, last, q) != nil || q.body.Type != "webhook.test" {
			t.Errorf("at once: %+v", a)
		}
		_, err := w.hooks.Rotate(as(bob), "erp", -1)
		wantErr(t, err, ticket.ErrInvalid)
		_, err = w.hooks.Rotate(as(bob), "erp", 31*24*time.Hour)
		wantErr(t, err, ticket.ErrInvalid)
	})
	t.Run("X14 a secret is shown once, stays when an endpoint is changed, and is none of its definition", func(t *testing.T) {
		t.Parallel()
		sealer := must(helpdesk.NewSealer(bytes.Repeat([]byte{7}, 32)))(t)
		w := newWorld(t, &helpdesktest.Options{Config: helpdesk.Config{Sealer: sealer}}, nil)
		e, secret := w.put(webhook.Endpoint{})
		e.Name, e.ID = "The ERP", "other"
		changed, none := w.put(e)
		if none != "" || changed.ID == "other" || changed.ID == "" {
			t.Errorf("a second secret %q, %+v", none, changed)
		}
		w.open("Lamp")
		w.settle()
		ok(t, verified(t, secret, w.to.last(t)))
		if all := w.stored("config/webhook") + w.stored("webhook_secret"); strings.Contains(all, strings.TrimPrefix(secret, "whsec_")) {
			t.Errorf("it stands in the store: %s", all)
		}
		twin := helpdesktest.New(t, &helpdesktest.Options{Store: w.Store, Clock: w.Clock}) // without the key
		hooks := must(webhook.New(twin.Automation(), w.Store, &webhook.Options{AllowPrivate: true}))(t)
		_, err := hooks.Test(as(bob), "erp")
		wantErr(t, err, ticket.ErrSealed)
		found := false
		for _, p := range must(twin.Check(as(bob)))(t) {
			found = found || p.Area == "webhooks" && strings.Contains(p.Message, "secret cannot be read")
		}
		if !found {
			t.Error("Check says nothing of it")
		}
		must(hooks.Rotate(as(bob), "erp", time.Hour))(t) // that helps
	})
	t.Run("X14 it signs what is sent by each attempt anew", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil, nil)
		_, secret := w.put(webhook.Endpoint{})
		w.to.says(http.StatusBadGateway)
		w.open("Lamp")
		w.settle()
		w.later(10 * time.Second)
		for _, q := range w.to.requests() {
			ok(t, verified(t, secret, q))
		}
		if n := len(w.to.requests()); n != 2 {
			t.Errorf("%d requests", n)
		}
	})
}
