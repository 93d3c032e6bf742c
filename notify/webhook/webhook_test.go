package webhook_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"crypto/x509"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/notify/webhook"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var (
	ann = ticket.Client("42", "Ann Miller", "ann@example.com")
	bob = ticket.Staff("7", "Bob", "bob@desk.example")
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

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantErr(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%v, want %v", err, want)
	}
}

// request is one that a receiver got.
type request struct {
	header http.Header
	raw    []byte
	body   webhook.Payload
}

// receiver is an HTTPS server that notes what it gets, and answers as it is told.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	got    []request
	answer http.HandlerFunc // nil: 204
}

func newReceiver(t testing.TB) *receiver {
	t.Helper()
	r := &receiver{}
	r.Server = httptest.NewUnstartedServer(r)
	r.Config.ErrorLog = nil
	r.StartTLS()
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	raw, _ := io.ReadAll(q.Body)
	in := request{header: q.Header, raw: raw}
	_ = json.Unmarshal(raw, &in.body)
	r.mu.Lock()
	r.got = append(r.got, in)
	answer := r.answer
	r.mu.Unlock()
	if answer == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	answer(w, q)
}

func (r *receiver) answers(h http.HandlerFunc) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = h
}

// says has it answer with a status.
func (r *receiver) says(status int) {
	r.answers(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
}

func (r *receiver) requests() []request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got)
}

func (r *receiver) types() (list []string) {
	for _, q := range r.requests() {
		list = append(list, q.body.Type)
	}
	return list
}

func (r *receiver) last(t testing.TB) request {
	t.Helper()
	all := r.requests()
	if len(all) == 0 {
		t.Fatal("it got nothing")
	}
	return all[len(all)-1]
}

// world is a desk with webhooks, and a receiver.
type world struct {
	*helpdesktest.Desk
	t     testing.TB
	hooks *webhook.Webhooks
	to    *receiver
}

func newWorld(t testing.TB, o *helpdesktest.Options, w *webhook.Options) *world {
	t.Helper()
	if o == nil {
		o = &helpdesktest.Options{}
	}
	o.Config.Settings.RateTickets = new(true)
	out := &world{Desk: helpdesktest.New(t, o), t: t, to: newReceiver(t)}
	opts := webhook.Options{AllowPrivate: true}
	if w != nil {
		opts = *w
	}
	opts.Roots = out.roots()
	out.hooks = must(webhook.New(out.Automation(), out.Store, &opts))(t)
	return out
}

func (w *world) roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(w.to.Certificate())
	return pool
}

// put stores an endpoint and returns its secret.
func (w *world) put(e webhook.Endpoint) (webhook.Endpoint, string) {
	w.t.Helper()
	e.Code, e.Name, e.URL = cmp.Or(e.Code, "erp"), cmp.Or(e.Name, "ERP"), cmp.Or(e.URL, w.to.URL+"/hooks")
	out, secret, err := w.hooks.Put(as(bob), e)
	if err != nil {
		w.t.Fatal(err)
	}
	return out, secret
}

func (w *world) open(subject string) *ticket.Ticket {
	w.t.Helper()
	return must(w.CreateTicket(as(ann), ticket.Draft{Subject: subject, Body: "It is broken."}))(w.t)
}

// settle does all that is due.
func (w *world) settle() {
	w.t.Helper()
	for range 1000 {
		n := w.DispatchAll(w.t)
		m, err := w.Tick(as(bob))
		if err != nil {
			w.t.Fatal(err)
		}
		if n+m == 0 {
			return
		}
	}
	w.t.Fatal("it never ends")
}

func (w *world) later(by time.Duration) {
	w.t.Helper()
	w.Clock.Advance(by)
	w.settle()
}

func (w *world) log() []webhook.Attempt {
	w.t.Helper()
	return must(w.hooks.Log(as(bob), "erp"))(w.t)
}

func equal[T comparable](t testing.TB, what string, got, want []T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func (w *world) works(states ...store.WorkState) (out []*store.Work) {
	w.t.Helper()
	ok(w.t, w.Store.View(w.t.Context(), func(ctx context.Context, x store.Reader) (err error) {
		out, err = x.Works(ctx, store.WorkQuery{Kind: "webhook", States: states, Limit: 1000})
		return err
	}))
	return out
}

func TestEvents(t *testing.T) {
	t.Parallel()
	t.Run("X14 each event of a ticket is sent once, in its order, and nothing that the endpoint did not ask for", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil, nil)
		w.put(webhook.Endpoint{})
		other := newReceiver(t)
		w.put(webhook.Endpoint{Code: "replies", URL: w.to.URL, Events: []string{"ticket.replied"}, Disabled: true})
		x := w.open("Lamp")
		must(w.Reply(as(bob), x.ID, ticket.ReplyDraft{Body: "Sorry.", Status: "closed"}))(t)
		must(w.SetPriority(as(bob), x.ID, "high"))(t)
		must(w.Rate(as(ann), x.ID, ticket.RatingDraft{Grade: "good", Comment: new("meh")}))(t)
		ok(t, w.DeleteTicket(as(bob), x.ID))
		w.settle()
		equal(t, "types", w.to.types(), []string{"ticket.created", "ticket.replied", "ticket.updated", "ticket.rated", "ticket.deleted"})
		if n := len(other.requests()); n > 0 {
			t.Errorf("a server of nobody's got %d requests", n)
		}
		seqs := []int64{}
		for _, q := range w.to.requests() {
			seqs = append(seqs, q.body.Data.Seq)
			if q.body.Data.Ticket.ID != x.ID || q.body.Data.Ticket.Code != x.Code || q.body.Version != 1 || q.body.Timestamp.IsZero() {
				t.Errorf("%s", q.raw)
			}
			if ct := q.header.Get("Content-Type"); ct != "application/json" {
				t.Errorf("content type %q", ct)
			}
		}
		if !slices.IsSorted(seqs) {
			t.Errorf("in the order %v", seqs)
		}
	})
	t.Run("X14 a purge is told by the ticket's code, and its log is gone", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil, nil)
		w.put(webhook.Endpoint{Departments: []string{"support"}})
		x := w.open("Lamp")
		w.settle()
		ok(t, w.DeleteTicket(as(bob), x.ID))
		w.settle()
		ok(t, w.Purge(as(bob), x.ID))
		w.settle()
		q := w.to.last(t)
		if q.body.Type != "ticket.purged" || q.body.Data.Ticket.ID != x.ID || q.body.Data.Ticket.Code != x.Code || q.body.Data.Gone {
			t.Errorf("%s", q.raw)
		}
		for _, a := range w.log() {
			if a.Type != "ticket.purged" {
				t.Errorf("kept: %+v", a)
			}
		}
	})
	t.Run("X14 an endpoint hears of its brands and departments, as rules have left a ticket", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, &helpdesktest.Options{Manual: true}, nil)
		ok(t, w.Catalog().PutDepartment(as(bob), ticket.Department{Code: "sales", Name: "Sales"}))
		w.put(webhook.Endpoint{Departments: []string{"sales"}})
		x := w.open("Lamp")
		w.settle()
		if n := len(w.to.requests()); n > 0 {
			t.Fatalf("it heard of another department, %d times", n)
		}
		y := w.open("Shade")
		must(w.Transfer(as(bob), y.ID, "sales"))(t)
		w.settle()
		equal(t, "types", w.to.types(), []string{"ticket.created", "ticket.updated"})
		if q := w.to.last(t); q.body.Data.Ticket.ID == x.ID || q.body.Data.Ticket.Department != "sales" {
			t.Errorf("%s", q.raw)
		}
	})
	t.Run("X14 whatever belongs to a ticket is heard of after rules have", func(t *testing.T) {
		t.Parallel()
		w, bound := newWorld(t, nil, nil), 0
		for _, s := range w.Hooks().Subscriptions() {
			if s.ID != webhook.Binding {
				continue
			}
			if bound++; s.After != "helpdesk.rules" && s.Point != "TicketPurged" {
				t.Errorf("%s waits for %q", s.Point, s.After)
			}
		}
		if bound != len(webhook.Types()) {
			t.Errorf("%d points for %d types", bound, len(webhook.Types()))
		}
	})
	t.Run("X14 what is changed in one transaction with a message is one request", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil, nil)
		w.put(webhook.Endpoint{Events: []string{"ticket.replied", "ticket.updated"}})
		x := w.open("Lamp")
		must(w.Reply(as(bob), x.ID, ticket.ReplyDraft{Body: "Sorry.", Status: "closed"}))(t)
		w.settle()
		equal(t, "types", w.to.types(), []string{"ticket.replied"})
		q := w.to.last(t).body.Data
		if i := slices.IndexFunc(q.Changes, func(c ticket.Change) bool { return c.Field == "status" && c.New == "closed" }); i < 0 || q.Message == nil || q.Ticket.Status != "closed" || q.Actor.ID != "7" {
			t.Errorf("%+v", q)
		}
	})
}

func must2[A, B any](a A, _ B, err error) func(testing.TB) A { return must(a, err) }

// TestStarted is the whole with a desk that works by itself.
func TestStarted(t *testing.T) {
	t.Parallel()
	t.Run("X14 a started desk sends what happens", func(t *testing.T) {
		t.Parallel()
		to := newReceiver(t)
		pool := x509.NewCertPool()
		pool.AddCert(to.Certificate())
		d := helpdesktest.New(t, nil)
		desk := must(helpdesk.New(t.Context(), d.Store, &helpdesk.Config{PollInterval: 20 * time.Millisecond}))(t)
		w := must(webhook.New(desk.Automation(), d.Store, &webhook.Options{AllowPrivate: true, Roots: pool}))(t)
		_, _, err := w.Put(as(bob), webhook.Endpoint{Code: "erp", Name: "ERP", URL: to.URL})
		ok(t, err)
		ok(t, desk.Start(t.Context()))
		for range 20 {
			must(desk.CreateTicket(as(ann), ticket.Draft{Subject: "Lamp", Body: "x"}))(t)
		}
		for end := time.Now().Add(30 * time.Second); len(to.requests()) < 20; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("it got %d", len(to.requests()))
			}
		}
		ok(t, desk.Stop(context.Background()))
		if n := len(to.requests()); n != 20 {
			t.Errorf("it got %d", n)
		}
	})
	t.Run("X14 an endpoint that hangs never has all the workers", func(t *testing.T) {
		t.Parallel()
		to, hanging, end := newReceiver(t), newReceiver(t), make(chan struct{})
		hanging.answers(func(http.ResponseWriter, *http.Request) { <-end })
		release := sync.OnceFunc(func() { close(end) })
		t.Cleanup(release)
		pool := x509.NewCertPool()
		pool.AddCert(to.Certificate())
		d := helpdesktest.New(t, nil)
		desk := must(helpdesk.New(t.Context(), d.Store, &helpdesk.Config{PollInterval: 20 * time.Millisecond}))(t)
		w := must(webhook.New(desk.Automation(), d.Store, &webhook.Options{AllowPrivate: true, Roots: pool, Workers: 2, Timeout: 10 * time.Minute}))(t)
		for code, url := range map[string]string{"hanging": hanging.URL, "erp": to.URL} {
			must2(w.Put(as(bob), webhook.Endpoint{Code: code, Name: code, URL: url}))(t)
		}
		ok(t, desk.Start(t.Context()))
		for range 20 {
			must(desk.CreateTicket(as(ann), ticket.Draft{Subject: "Lamp", Body: "x"}))(t)
		}
		for limit := time.Now().Add(60 * time.Second); len(to.requests()) < 20; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(limit) {
				t.Fatalf("the other got %d", len(to.requests()))
			}
		}
		if n := len(hanging.requests()); n > 1 {
			t.Errorf("it has %d workers", n)
		}
		release()
		ok(t, desk.Stop(context.Background()))
	})
}

// stored is all that records of a kind say.
func (w *world) stored(kind string) string {
	w.t.Helper()
	var b strings.Builder
	ok(w.t, w.Store.View(w.t.Context(), func(ctx context.Context, x store.Reader) error {
		recs, err := x.Records(ctx, store.RecordQuery{Kind: kind})
		for _, rec := range recs {
			b.Write(rec.Doc)
		}
		return err
	}))
	return b.String()
}
