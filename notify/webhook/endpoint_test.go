package webhook_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/notify/webhook"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// echo answers with what it got.
func echo(r *receiver) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		r.mu.Lock()
		raw := r.got[len(r.got)-1].raw
		r.mu.Unlock()
		_, _ = w.Write(raw)
	}
}

func TestEndpoints(t *testing.T) {
	t.Parallel()
	t.Run("X14 only who may configure the desk has to do with endpoints", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil, nil)
		e, _ := w.put(webhook.Endpoint{})
		e.Name = "Other"
		ops := map[string]func(c *world, a ticket.Actor) error{
			"Put":    func(w *world, a ticket.Actor) error { _, _, err := w.hooks.Put(as(a), e); return err },
			"Get":    func(w *world, a ticket.Actor) error { _, err := w.hooks.Get(as(a), "erp"); return err },
			"List":   func(w *world, a ticket.Actor) error { _, err := w.hooks.List(as(a)); return err },
			"Delete": func(w *world, a ticket.Actor) error { return w.hooks.Delete(as(a), "erp") },
			"Enable": func(w *world, a ticket.Actor) error { _, err := w.hooks.Enable(as(a), "erp"); return err },
			"Rotate": func(w *world, a ticket.Actor) error { _, err := w.hooks.Rotate(as(a), "erp", 0); return err },
			"Log":    func(w *world, a ticket.Actor) error { _, err := w.hooks.Log(as(a), "erp"); return err },
			"Test":   func(w *world, a ticket.Actor) error { _, err := w.hooks.Test(as(a), "erp"); return err },
			"Replay": func(w *world, a ticket.Actor) error { return w.hooks.Replay(as(a), "erp", "x") },
			"ReplaySince": func(w *world, a ticket.Actor) error {
				_, err := w.hooks.ReplaySince(as(a), "erp", time.Now())
				return err
			},
		}
		for name, op := range ops {
			for _, who := range []ticket.Actor{ann, ticket.Guest("Eve", "eve@example.com")} {
				if err := op(w, who); !errors.Is(err, ticket.ErrForbidden) {
					t.Errorf("%s as %s: %v", name, who.Kind, err)
				}
			}
			if err := op(w, ticket.Actor{}); !errors.Is(err, ticket.ErrNoActor) {
				t.Errorf("%s as nobody: %v", name, err)
			}
		}
		if got := must(w.hooks.Get(as(bob), "erp"))(t); got.Name != "ERP" || len(w.to.requests()) > 0 {
			t.Errorf("%+v", got)
		}
	})
	t.Run("X14 a wrong endpoint is refused, field by field", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil, nil)
		long := "https://erp.example/" + strings.Repeat("x", 2000)
		for field, e := range map[string]webhook.Endpoint{
			"code":        {Code: "An ERP", Name: "ERP", URL: w.to.URL},
			"name":        {Code: "erp", URL: w.to.URL},
			"url":         {Code: "erp", Name: "ERP", URL: long},
			"events":      {Code: "erp", Name: "ERP", URL: w.to.URL, Events: []string{"ticket.create"}},
			"brands":      {Code: "erp", Name: "ERP", URL: w.to.URL, Brands: []string{"none"}},
			"departments": {Code: "erp", Name: "ERP", URL: w.to.URL, Departments: slices.Repeat([]string{"support"}, 101)},
		} {
			_, secret, err := w.hooks.Put(as(bob), e)
			var v *ticket.ValidationError
			if !errors.As(err, &v) || v.Fields[0].Field != field || secret != "" {
				t.Errorf("%s: %v", field, err)
			}
		}
		if _, _, err := w.hooks.Put(as(bob), webhook.Endpoint{Code: "erp", Name: "ERP", URL: w.to.URL, Events: []string{"ticket.create"}}); !strings.Contains(err.Error(), `did you mean "ticket.created"?`) {
			t.Error(err)
		}
		if list := must(w.hooks.List(as(bob)))(t); len(list) > 0 || w.records("webhook_secret") > 0 {
			t.Errorf("stored: %v", list)
		}
	})
	t.Run("X14 endpoints have versions, and what is not there is not found", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil, nil)
		e, _ := w.put(webhook.Endpoint{Events: []string{"ticket.created"}, Departments: []string{"support"}, Notes: true, Bodies: true})
		old := e
		e.Name = "The ERP"
		e, _ = w.put(e)
		_, _, err := w.hooks.Put(as(bob), old)
		wantErr(t, err, ticket.ErrConflict)
		_, _, err = w.hooks.Put(as(bob), webhook.Endpoint{Code: "erp", Name: "ERP", URL: w.to.URL})
		wantErr(t, err, ticket.ErrConflict)
		got := must(w.hooks.Get(as(bob), "erp"))(t)
		if a, b := text(t, got), text(t, e); a != b {
			t.Errorf("%s, %s", a, b)
		}
		_, err = w.hooks.Get(as(bob), "none")
		wantErr(t, err, ticket.ErrNotFound)
		_, err = w.hooks.Enable(as(bob), "none")
		wantErr(t, err, ticket.ErrNotFound)
		_, err = w.hooks.Rotate(as(bob), "none", 0)
		wantErr(t, err, ticket.ErrNotFound)
		_, err = w.hooks.Test(as(bob), "none")
		wantErr(t, err, ticket.ErrNotFound)
		_, err = w.hooks.Log(as(bob), "none")
		wantErr(t, err, ticket.ErrNotFound)
		wantErr(t, w.hooks.Delete(as(bob), "none"), ticket.ErrNotFound)
		ok(t, w.hooks.Delete(as(bob), "erp"))
		if list := must(w.hooks.List(as(bob)))(t); len(list) > 0 {
			t.Errorf("%v", list)
		}
	})
	t.Run("X14 an endpoint that is deleted and put anew has ids and a secret of its own", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil, nil)
		e, secret := w.put(webhook.Endpoint{})
		ok(t, w.hooks.Delete(as(bob), "erp"))
		f, other := w.put(webhook.Endpoint{})
		if e.ID == f.ID || secret == other || other == "" {
			t.Errorf("%+v, %+v", e, f)
		}
	})
	t.Run("X14 another desk's store is refused", func(t *testing.T) {
		t.Parallel()
		other := memory.New(nil)
		t.Cleanup(func() { _ = other.Close() })
		if _, err := webhook.New(newWorld(t, nil, nil).Automation(), other, nil); err == nil {
			t.Error("it is taken")
		}
	})
}

func text(t testing.TB, v any) string {
	t.Helper()
	return string(must(json.Marshal(v))(t))
}
