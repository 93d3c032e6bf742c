package gateway_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestR13Handler(t *testing.T) {
	t.Parallel()
	const secret = "0123456789abcdef"
	i := newInbox(t, nil)
	ask := func(src gateway.Source, method, path, auth string) (status int, got map[string]any) {
		t.Helper()
		h, err := i.g.Handler(src, secret)
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
		r.Header.Set("Authorization", auth)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Header().Get("Content-Type") == "application/json" {
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
		}
		return w.Code, got
	}
	i.box.add(letter(ann, "1@example.com", "One", "", "text"), letter(ann, "2@example.com", "Two", "", "text"))
	t.Run("R13 without the secret nothing happens", func(t *testing.T) {
		for _, auth := range []string{"", secret, "Bearer", "Bearer ", "Bearer 0123456789abcdeg", "Basic " + secret} {
			if status, _ := ask(i.box, http.MethodPost, "/", auth); status != http.StatusUnauthorized {
				t.Errorf("%q: %d", auth, status)
			}
		}
		if status, _ := ask(i.box, http.MethodGet, "/", "Bearer "+secret); status != http.StatusMethodNotAllowed {
			t.Errorf("GET: %d", status)
		}
		if n, _ := i.count(t); n != 0 {
			t.Errorf("%d tickets", n)
		}
	})
	t.Run("R13 fetching and processing are separate steps", func(t *testing.T) {
		status, got := ask(i.box, http.MethodPost, "/?step=fetch", "Bearer "+secret)
		if n, _ := i.count(t); status != 200 || got["fetched"] != 2.0 || got["waiting"] != 2.0 || n != 0 {
			t.Errorf("%d, %v, %d tickets", status, got, n)
		}
		status, got = ask(i.box, http.MethodPost, "/?step=process", "Bearer "+secret)
		if n, _ := i.count(t); status != 200 || got["done"] != 2.0 || got["waiting"] != 0.0 || n != 2 {
			t.Errorf("%d, %v, %d tickets", status, got, n)
		}
	})
	t.Run("R13 one step does both", func(t *testing.T) {
		i.box.add(letter(ann, "3@example.com", "Three", "", "text"))
		if status, got := ask(i.box, http.MethodPost, "/", "Bearer "+secret); status != 200 || got["fetched"] != 1.0 || got["done"] != 1.0 {
			t.Errorf("%d, %v", status, got)
		}
	})
	t.Run("R13 a mailbox that fails is told", func(t *testing.T) {
		broken := sourceFunc(func(context.Context, gateway.Intake) error { return errors.New("no route") })
		if status, got := ask(broken, http.MethodPost, "/", "Bearer "+secret); status != http.StatusBadGateway || got["error"] == nil {
			t.Errorf("%d, %v", status, got)
		}
		if status, _ := ask(i.box, http.MethodPost, "/?step=all", "Bearer "+secret); status != http.StatusBadRequest {
			t.Errorf("%d", status)
		}
	})
	t.Run("R13 a short secret is refused", func(t *testing.T) {
		if _, err := i.g.Handler(i.box, "short"); !errors.Is(err, ticket.ErrInvalid) {
			t.Error(err)
		}
	})
}
