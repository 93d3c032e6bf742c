package action_test

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/notify/webhook"
	"github.com/helpdeskgo/helpdesk/notify/webhook/action"
	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var (
	ann = as(ticket.Client("42", "Ann", "ann@example.com"))
	bob = as(ticket.Staff("7", "Bob", "bob@desk.example"))
)

func as(a ticket.Actor) context.Context { return ticket.WithActor(context.Background(), a) }

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// world is a desk with rules and webhooks, and what an endpoint got.
type world struct {
	*helpdesktest.Desk
	rules *rules.Rules
	hooks *webhook.Webhooks

	mu  sync.Mutex
	got []webhook.Payload
	ids []string
}

func newWorld(t *testing.T, o *helpdesktest.Options) *world {
	t.Helper()
	w := &world{Desk: helpdesktest.New(t, o)}
	server := httptest.NewTLSServer(w)
	t.Cleanup(server.Close)
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	w.hooks = must(webhook.New(w.Automation(), w.Store, &webhook.Options{AllowPrivate: true, Roots: pool}))(t)
	w.rules = must(rules.New(w.Automation(), w.Store, nil))(t)
	action.Add(w.rules, w.hooks)
	if _, _, err := w.hooks.Put(bob, webhook.Endpoint{Code: "erp", Name: "ERP", URL: server.URL, Events: []string{"ticket.purged"}}); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	var p webhook.Payload
	_ = json.Unmarshal(raw, &p)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.got, w.ids = append(w.got, p), append(w.ids, r.Header.Get("Webhook-Id"))
}

func (w *world) settle(t *testing.T) []webhook.Payload {
	t.Helper()
	for {
		if n := w.DispatchAll(t) + must(w.Tick(bob))(t); n == 0 {
			break
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.got
}

func rule(with any) rules.Rule {
	return rules.Rule{Code: "orders", Name: "Orders", On: []rules.Trigger{rules.Created}, When: `ticket.subject contains "Order"`, Do: []rules.Step{rules.Do("webhook", with)}}
}

func TestAction(t *testing.T) {
	t.Parallel()
	t.Run("M57 a rule tells an endpoint about a ticket, with a text that is filled in", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		must2(w.rules.Save(bob, rule(action.Call{Endpoint: "erp", Text: "About [ticket_subject]"})))(t)
		must(w.CreateTicket(ann, ticket.Draft{Subject: "Lamp", Body: "x"}))(t)
		x := must(w.CreateTicket(ann, ticket.Draft{Subject: `Order "7" [ticket_code]`, Body: "x"}))(t)
		got := w.settle(t)
		if len(got) != 1 || got[0].Type != "rule.matched" || got[0].Data.Rule != "orders" || got[0].Data.Ticket.ID != x.ID || got[0].Data.Text != `About Order "7" [ticket_code]` {
			t.Errorf("got %+v", got)
		}
		if strings.Contains(w.ids[0], ".") || w.ids[0] == "" {
			t.Errorf("id %q", w.ids[0])
		}
	})
	t.Run("M57 the code of an endpoint is enough, in a file of rules too", func(t *testing.T) {
		t.Parallel()
		s := must(sqlite.Open(t.Context(), t.TempDir()+"/desk.db", &sqlite.Options{Durability: sqlite.Normal, SearchOff: true}))(t)
		t.Cleanup(func() { _ = s.Close() })
		w := newWorld(t, &helpdesktest.Options{Store: s})
		f := must(rules.ParseFile([]byte("rules:\n  - code: orders\n    name: Orders\n    on: [created]\n    do:\n      - webhook: erp\n")))(t)
		must(w.rules.Import(bob, f, false))(t)
		x := must(w.CreateTicket(ann, ticket.Draft{Subject: "Order", Body: "x"}))(t)
		if got := w.settle(t); len(got) != 1 || got[0].Data.Ticket.ID != x.ID || got[0].Data.Text != "" {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("M57 a rule with an endpoint or a variable that is not there is refused", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		for with, want := range map[any]string{
			"none":                       `there is no endpoint "none"`,
			action.Call{Endpoint: "erq"}: `there is no endpoint "erq"`,
			7:                            "webhook",
			action.Call{Endpoint: "erp", Text: "[ticket_none]"}: "ticket_none",
		} {
			if _, _, err := w.rules.Save(bob, rule(with)); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v: %v", with, err)
			}
		}
		if _, _, err := w.rules.Save(bob, rule(map[string]string{"endpoint": "erp", "txt": "x"})); err == nil || !strings.Contains(err.Error(), "txt") {
			t.Errorf("an unknown field: %v", err)
		}
	})
	t.Run("X14 an endpoint hears of a ticket where rules have put it, and not before", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, &helpdesktest.Options{Manual: true})
		if err := w.Catalog().PutDepartment(bob, ticket.Department{Code: "sales", Name: "Sales"}); err != nil {
			t.Fatal(err)
		}
		e := must(w.hooks.Get(bob, "erp"))(t)
		e.Events, e.Departments = nil, []string{"support"}
		must2(w.hooks.Put(bob, e))(t)
		r := rule("erp")
		r.Do = []rules.Step{rules.Do("set_department", "sales")}
		must2(w.rules.Save(bob, r))(t)
		must(w.CreateTicket(ann, ticket.Draft{Subject: "Order", Body: "x"}))(t)
		stays := must(w.CreateTicket(ann, ticket.Draft{Subject: "Lamp", Body: "x"}))(t)
		if got := w.settle(t); len(got) != 1 || got[0].Data.Ticket.ID != stays.ID {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("M57 a rule that names an endpoint that was deleted, or is disabled, sends nothing, and does the rest", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		r := rule("erp")
		r.Do = append(r.Do, rules.Do("add_tags", []string{"told"}))
		must2(w.rules.Save(bob, r))(t)
		e := must(w.hooks.Get(bob, "erp"))(t)
		e.Disabled = true
		must2(w.hooks.Put(bob, e))(t)
		must(w.CreateTicket(ann, ticket.Draft{Subject: "Order", Body: "x"}))(t)
		w.settle(t)
		if err := w.hooks.Delete(bob, "erp"); err != nil {
			t.Fatal(err)
		}
		must(w.CreateTicket(ann, ticket.Draft{Subject: "Order", Body: "x"}))(t)
		if got := w.settle(t); len(got) > 0 {
			t.Errorf("got %+v", got)
		}
		for _, x := range must(w.Tickets(bob, ticket.Query{}))(t).Tickets {
			if len(x.Tags) != 1 {
				t.Errorf("ticket %d has the tags %v", x.ID, x.Tags)
			}
		}
	})
}

func must2[A, B any](a A, _ B, err error) func(testing.TB) A { return must(a, err) }
