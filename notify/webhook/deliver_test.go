package webhook_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/helpdeskgo/helpdesk/notify/webhook"
	"github.com/helpdeskgo/helpdesk/store"
)

func TestRetries(t *testing.T) {
	t.Parallel()
	t.Run("X14 what is not taken is tried again by the table, under the same id, and then given up", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil, nil)
		w.put(webhook.Endpoint{Events: []string{"ticket.created"}})
		w.to.says(http.StatusInternalServerError)
		w.open("Lamp")
		w.settle()
		pauses := []time.Duration{5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour}
		for i, p := range pauses {
			w.later(p - time.Second)
			if n := len(w.to.requests()); n != i+1 {
				t.Fatalf("after %d pauses, a second early, %d requests", i, n)
			}
			w.later(p/5 + 2*time.Second) // with its jitter
			if n := len(w.to.requests()); n != i+2 {
				t.Fatalf("after %d pauses %d requests", i+1, n)
			}
		}
		w.later(48 * time.Hour)
		all := w.to.requests()
		if len(all) != 10 {
			t.Errorf("it was tried %d times", len(all))
		}
		for _, q := range all {
			if q.header.Get("Webhook-Id") != all[0].header.Get("Webhook-Id") || string(q.raw) != string(all[0].raw) {
				t.Errorf("another request: %v %s", q.header, q.raw)
			}
		}
		if all[0].header.Get("Webhook-Timestamp") == all[9].header.Get("Webhook-Timestamp") {
			t.Error("the time of the request is not its own")
		}
		log := w.log()
		if len(log) != 10 || !log[0].GivenUp || log[0].Try != 10 || log[0].Status != 500 || log[9].GivenUp || log[9].Next.IsZero() {
			t.Errorf("log: %+v", log)
		}
		if dead := w.works(store.WorkDead); len(dead) != 1 {
			t.Errorf("given up: %v", dead)
		}
	})
	t.Run("X14 a later event of a ticket waits for an earlier one, and those of other tickets do not", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil, nil)
		w.put(webhook.Endpoint{})
		x := w.open("Lamp")
		w.settle()
		w.to.answers(func(rw http.ResponseWriter, q *http.Request) {
			if slices.ContainsFunc(w.to.requests()[1:], func(r request) bool { return r.body.Data.Ticket.ID != x.ID }) {
				return
			}
			rw.WriteHeader(http.StatusUnprocessableEntity)
		})
		must(w.SetPriority(as(bob), x.ID, "high"))(t)
		must(w.SetPriority(as(bob), x.ID, "low"))(t)
		w.settle()
		w.open("Shade")
		w.later(10 * time.Second)
		var got []string
		for _, q := range w.to.requests() {
			got = append(got, fmt.Sprintf("%d %s %d", q.body.Data.Ticket.ID-x.ID, q.body.Type, q.body.Data.Seq))
		}
		equal(t, "requests", got, []string{"0 ticket.created 1", "0 ticket.updated 2", "1 ticket.created 1", "0 ticket.updated 2", "0 ticket.updated 3"})
	})
	for header, pause := range map[string]time.Duration{"120": 2 * time.Minute, "86400": time.Hour, "-5": 5 * time.Second, "99999999999999999999": 5 * time.Second, "date": 20 * time.Minute} {
		t.Run("X14 an endpoint that says "+header+" is left alone for "+pause.String(), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil, nil)
			w.put(webhook.Endpoint{})
			w.to.answers(func(rw http.ResponseWriter, _ *http.Request) {
				if rw.Header().Set("Retry-After", header); header == "date" {
					rw.Header().Set("Retry-After", w.Clock.Now().Add(20*time.Minute).Format(http.TimeFormat))
				}
				rw.WriteHeader(http.StatusTooManyRequests)
			})
			w.open("Lamp")
			w.settle()
			w.to.says(http.StatusOK)
			w.open("Shade")
			w.later(pause - 2*time.Second)
			if n := len(w.to.requests()); n != 1 {
				t.Errorf("it got %d requests", n)
			}
			w.later(5 * time.Second)
			w.later(5 * time.Second)
			if n := len(w.to.requests()); n != 3 {
				t.Errorf("then it got %d", n)
			}
		})
	}
	t.Run("X14 an endpoint that is gone is disabled, and gets nothing until it is enabled", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil, nil)
		w.put(webhook.Endpoint{})
		w.to.says(http.StatusGone)
		x := w.open("Lamp")
		must(w.SetPriority(as(bob), x.ID, "high"))(t)
		w.settle()
		w.later(10 * time.Minute)
		if n := len(w.to.requests()); n != 1 {
			t.Errorf("it got %d requests", n)
		}
		e := must(w.hooks.Get(as(bob), "erp"))(t)
		if !e.Disabled || !strings.Contains(e.Why, "410") {
			t.Errorf("%+v", e)
		}
		w.problem("is disabled, for it says that it is gone (410)")
		if log := w.log(); len(log) != 1 || !log[0].GivenUp {
			t.Errorf("log: %+v", log)
		}
		w.to.says(http.StatusOK)
		w.open("Shade")
		w.settle()
		if e = must(w.hooks.Enable(as(bob), "erp"))(t); e.Disabled || e.Why != "" {
			t.Errorf("%+v", e)
		}
		w.settle()
		if n := len(w.to.requests()); n != 1 {
			t.Errorf("then it got %d", n)
		}
		if n := must(w.hooks.ReplaySince(as(bob), "erp", e.SecretSet))(t); n != 3 {
			t.Errorf("%d are replayed", n)
		}
		w.settle()
		equal(t, "types", w.to.types(), []string{"ticket.created", "ticket.created", "ticket.updated", "ticket.created"})
		w.problem("")
	})
	t.Run("X14 an endpoint that takes nothing for a day is told of, and after five days disabled", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil, nil)
		w.put(webhook.Endpoint{})
		w.to.says(http.StatusServiceUnavailable)
		for day := range 5 {
			w.open("Lamp")
			w.settle()
			if e := must(w.hooks.Get(as(bob), "erp"))(t); e.Disabled {
				t.Fatalf("disabled after %d days", day)
			}
			if day == 0 {
				w.problem("")
			} else {
				w.problem("has taken nothing since 2026-01-05T09:00:00Z: 503 Service Unavailable")
			}
			w.later(24 * time.Hour)
		}
		w.settle()
		w.problem("is disabled, for it has taken nothing since")
		n := len(w.to.requests())
		w.open("Shade")
		w.later(24 * time.Hour)
		if m := len(w.to.requests()); m != n {
			t.Errorf("%d more requests", m-n)
		}
	})
}

func TestState(t *testing.T) {
	t.Parallel()
	t.Run("X14 with one that it takes, an endpoint has not failed for days", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil, nil)
		w.put(webhook.Endpoint{})
		for day := range 7 {
			if w.to.says(http.StatusInternalServerError); day == 3 {
				w.to.says(http.StatusOK)
			}
			w.open("Lamp")
			w.settle()
			w.later(24 * time.Hour)
		}
		if e := must(w.hooks.Get(as(bob), "erp"))(t); e.Disabled {
			t.Errorf("disabled, for %s", e.Why)
		}
		w.problem("has taken nothing since 2026-01-0")
	})
	t.Run("X14 another URL is not what the old one was", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil, nil)
		e, _ := w.put(webhook.Endpoint{})
		w.to.says(http.StatusServiceUnavailable)
		w.open("Lamp")
		w.settle()
		w.to.says(http.StatusOK)
		e.URL += "/new"
		w.put(e)
		w.open("Shade")
		w.settle()
		if n := len(w.to.requests()); n != 2 {
			t.Errorf("it got %d", n)
		}
	})
	t.Run("X14 what failed together is not tried together", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil, nil)
		w.put(webhook.Endpoint{})
		w.to.says(http.StatusInternalServerError)
		for range 20 {
			w.open("Lamp")
		}
		w.settle()
		next := map[time.Time]bool{}
		for _, a := range w.log() {
			next[a.Next] = true
		}
		if len(next) < 2 {
			t.Errorf("all at %v", next)
		}
	})
}

// problem wants the desk's Check to say something of webhooks, or nothing.
func (w *world) problem(want string) {
	w.t.Helper()
	var got []string
	for _, p := range must(w.Check(as(bob)))(w.t) {
		if p.Area == "webhooks" {
			got = append(got, p.Message)
		}
	}
	if want == "" && len(got) > 0 || want != "" && (len(got) != 1 || !strings.Contains(got[0], want)) {
		w.t.Errorf("problems %q, want %q", got, want)
	}
}

func TestBadServers(t *testing.T) {
	t.Parallel()
	t.Run("X14 a server that does not answer holds up no other, and is left alone", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil, &webhook.Options{AllowPrivate: true, Timeout: 100 * time.Millisecond})
		end := make(chan struct{})
		hanging := newReceiver(t)
		hanging.answers(func(http.ResponseWriter, *http.Request) { <-end })
		t.Cleanup(func() { close(end) })
		w.put(webhook.Endpoint{Code: "hanging", URL: hanging.URL})
		w.put(webhook.Endpoint{})
		for range 20 {
			w.open("Lamp")
		}
		w.settle()
		if n := len(w.to.requests()); n != 20 {
			t.Errorf("the other got %d", n)
		}
		log := must(w.hooks.Log(as(bob), "hanging"))(t)
		if len(log) != 1 || log[0].Status != 0 || log[0].Error == "" {
			t.Errorf("log: %+v", log)
		}
	})
	t.Run("X14 no answer in time is one in vain", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil, &webhook.Options{AllowPrivate: true, Timeout: 200 * time.Millisecond})
		end := make(chan struct{})
		w.to.answers(func(http.ResponseWriter, *http.Request) { <-end })
		t.Cleanup(func() { close(end) })
		w.put(webhook.Endpoint{})
		a := must(w.hooks.Test(as(bob), "erp"))(t)
		if a.Error != "no answer in time" || a.Taken() || a.Took < 200*time.Millisecond {
			t.Errorf("%+v", a)
		}
	})
	t.Run("X14 of an endless answer 4 kB are read, and it counts", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil, nil)
		sent := make(chan int, 1)
		w.to.answers(func(rw http.ResponseWriter, _ *http.Request) {
			for n := 0; ; n++ { // kB
				if _, err := rw.Write([]byte(strings.Repeat("é\x00\xff", 1<<8))); err != nil || n > 64<<10 {
					sent <- n
					return
				}
			}
		})
		w.put(webhook.Endpoint{})
		w.open("Lamp")
		w.settle()
		if n := <-sent; n > 64<<10 {
			t.Errorf("%d kB are taken", n)
		}
		log := w.log()
		if len(log) != 1 || !log[0].Taken() || len(log[0].Answer) > 4<<10 || len(log[0].Answer) < 4000 || strings.Contains(log[0].Answer, "\x00") || !utf8.ValidString(log[0].Answer) {
			t.Errorf("log: %d %+v", len(log), log[0].Error)
		}
	})
	t.Run("X14 one that says 2xx has taken it, whatever becomes of the rest of its answer", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil, nil)
		w.to.answers(func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Length", "100")
			_, _ = rw.Write([]byte("half"))
			_ = http.NewResponseController(rw).Flush()
			panic(http.ErrAbortHandler)
		})
		w.put(webhook.Endpoint{})
		if a := must(w.hooks.Test(as(bob), "erp"))(t); !a.Taken() || a.Answer != "half" {
			t.Errorf("%+v", a)
		}
	})
	t.Run("X14 a certificate of somebody else's is refused", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil, nil)
		w.put(webhook.Endpoint{URL: strings.Replace(w.to.URL, "127.0.0.1", "localhost", 1)}) // its name is not in the certificate
		if a := must(w.hooks.Test(as(bob), "erp"))(t); a.Taken() || !strings.Contains(a.Error, "certificate") || len(w.to.requests()) > 0 {
			t.Errorf("%+v", a)
		}
	})
	t.Run("X14 redirects are not followed", func(t *testing.T) {
		t.Parallel()
		inner := 0
		private := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { inner++ }))
		t.Cleanup(private.Close)
		w := newWorld(t, nil, nil)
		w.to.answers(func(rw http.ResponseWriter, q *http.Request) {
			http.Redirect(rw, q, private.URL, http.StatusTemporaryRedirect)
		})
		w.put(webhook.Endpoint{})
		if a := must(w.hooks.Test(as(bob), "erp"))(t); a.Taken() || a.Status != 307 || inner > 0 {
			t.Errorf("%+v, %d requests to the other", a, inner)
		}
	})
	t.Run("X14 no cookie is sent", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil, nil)
		w.to.answers(func(rw http.ResponseWriter, _ *http.Request) { rw.Header().Set("Set-Cookie", "a=b; Path=/") })
		w.put(webhook.Endpoint{})
		for range 2 {
			if a := must(w.hooks.Test(as(bob), "erp"))(t); !a.Taken() {
				t.Errorf("%+v", a)
			}
		}
		if c := w.to.last(t).header.Get("Cookie"); c != "" {
			t.Errorf("it sends %q", c)
		}
	})
}
