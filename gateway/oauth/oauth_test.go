package oauth_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/gateway/oauth"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// tokens is a token server whose refresh tokens hold once.
type tokens struct {
	*httptest.Server
	mu      sync.Mutex
	valid   string // the refresh token that holds
	issued  int
	asked   int
	expires int  // seconds
	down    bool // it answers with an error of its own
}

func newTokens(t *testing.T) *tokens {
	t.Helper()
	s := &tokens{valid: "r0", expires: 3600}
	s.Server = httptest.NewServer(http.HandlerFunc(s.answer))
	t.Cleanup(func() {
		s.Close()
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	})
	return s
}

func (s *tokens) answer(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	w.Header().Set("Content-Type", "application/json")
	id, secret, header := r.BasicAuth()
	if !header {
		id, secret = r.FormValue("client_id"), r.FormValue("client_secret")
	}
	switch {
	case s.down:
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	case id != "app" || secret != "app-secret":
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, `{"error":"invalid_client"}`)
		return
	case r.FormValue("grant_type") == "refresh_token" && r.FormValue("refresh_token") != s.valid:
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"error":"invalid_grant"}`)
		return
	}
	s.issued++
	out := map[string]any{"access_token": fmt.Sprintf("a%d", s.issued), "token_type": "Bearer", "expires_in": s.expires}
	if r.FormValue("grant_type") == "refresh_token" {
		s.valid = fmt.Sprintf("r%d", s.issued)
		out["refresh_token"] = s.valid
	}
	_ = json.NewEncoder(w).Encode(out) // whoever reads it says what is wrong
}

func (s *tokens) config() oauth.Config {
	return oauth.Config{ClientID: "app", ClientSecret: "app-secret", TokenURL: s.URL, Scopes: []string{"mail"}}
}

func source(t *testing.T, s store.Store, c oauth.Config) *oauth.Source {
	t.Helper()
	src, err := oauth.New("support", s, c)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func token(t *testing.T, src *oauth.Source) string {
	t.Helper()
	out, err := src.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func grant(t *testing.T, src *oauth.Source, refresh string) {
	t.Helper()
	if err := src.Grant(t.Context(), refresh); err != nil {
		t.Fatal(err)
	}
}

func memoryStore(t *testing.T) store.Store {
	t.Helper()
	s := memory.New(nil)
	t.Cleanup(func() { s.Close() })
	return s
}

func TestI29Grants(t *testing.T) {
	t.Parallel()
	t.Run("I29 a token is used until it ends, and the rotated refresh token outlives the process", func(t *testing.T) {
		t.Parallel()
		server, s := newTokens(t), memoryStore(t)
		first := source(t, s, server.config())
		grant(t, first, "r0")
		if a, b := token(t, first), token(t, first); a != "a1" || b != "a1" || server.asked != 1 {
			t.Errorf("%s, %s, asked %d times", a, b, server.asked)
		}
		if got := token(t, source(t, s, server.config())); got != "a2" { // another process, with r1
			t.Errorf("%s", got)
		}
	})
	t.Run("I29 two processes that renew in turn", func(t *testing.T) {
		t.Parallel()
		server, s := newTokens(t), memoryStore(t)
		server.expires = 1 // each call renews
		one, two := source(t, s, server.config()), source(t, s, server.config())
		grant(t, one, "r0")
		for i, src := range []*oauth.Source{one, two, one, two} {
			if got, want := token(t, src), fmt.Sprintf("a%d", i+1); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		}
	})
	t.Run("I29 a grant that was taken back is told, and asked for no more, until there is another", func(t *testing.T) {
		t.Parallel()
		server, s := newTokens(t), memoryStore(t)
		src := source(t, s, server.config())
		if _, err := src.Token(t.Context()); !errors.Is(err, gateway.ErrInvalidGrant) || server.asked != 0 {
			t.Errorf("before the first grant: %v, asked %d times", err, server.asked)
		}
		grant(t, src, "stolen")
		for range 3 {
			if _, err := src.Token(t.Context()); !errors.Is(err, gateway.ErrInvalidGrant) {
				t.Error(err)
			}
		}
		if server.asked != 1 {
			t.Errorf("asked %d times", server.asked)
		}
		grant(t, src, "r0")
		if got := token(t, src); got != "a1" {
			t.Error(got)
		}
	})
	t.Run("I29 a server that is down, or a wrong secret, takes nothing back", func(t *testing.T) {
		t.Parallel()
		server, s := newTokens(t), memoryStore(t)
		src := source(t, s, server.config())
		grant(t, src, "r0")
		server.down = true
		if _, err := src.Token(t.Context()); err == nil || errors.Is(err, gateway.ErrInvalidGrant) {
			t.Errorf("down: %v", err)
		}
		server.down = false
		wrong := server.config()
		wrong.ClientSecret = "other"
		if _, err := source(t, s, wrong).Token(t.Context()); err == nil || errors.Is(err, gateway.ErrInvalidGrant) {
			t.Errorf("wrong secret: %v", err)
		}
		if got := token(t, src); got != "a1" {
			t.Error(got)
		}
	})
	t.Run("I29 a rotated token that cannot be kept at once is kept later", func(t *testing.T) {
		t.Parallel()
		server, s := newTokens(t), memoryStore(t)
		server.expires = 1
		src := source(t, s, server.config())
		grant(t, src, "r0")
		full := &fullOnce{Store: s}
		unlucky := source(t, full, server.config())
		full.fails.Store(true)
		if got := token(t, unlucky); got != "a1" {
			t.Error(got)
		}
		if got := token(t, unlucky); got != "a2" {
			t.Error(got)
		}
		if got := token(t, src); got != "a3" {
			t.Errorf("the store has an old refresh token: %s", got)
		}
	})
	t.Run("I29 an application without a user", func(t *testing.T) {
		t.Parallel()
		server := newTokens(t)
		c := server.config()
		c.AppOnly = true
		c.BasicAuth = true
		src := source(t, nil, c)
		if a, b := token(t, src), token(t, src); a != "a1" || b != "a1" {
			t.Errorf("%s, %s", a, b)
		}
		if err := src.Grant(t.Context(), "r"); !errors.Is(err, ticket.ErrInvalid) {
			t.Error(err)
		}
		c.ClientSecret = "other"
		if _, err := source(t, nil, c).Token(t.Context()); !errors.Is(err, gateway.ErrInvalidGrant) {
			t.Error(err)
		}
	})
}

// fullOnce is a store that cannot write for once.
type fullOnce struct {
	store.Store
	fails atomic.Bool
}

func (s *fullOnce) Update(ctx context.Context, fn func(context.Context, store.Tx) error) error {
	if s.fails.Swap(false) {
		return errors.New("disk full")
	}
	return s.Store.Update(ctx, fn)
}

func TestSealed(t *testing.T) {
	t.Parallel()
	server, s := newTokens(t), memoryStore(t)
	sealer, err := helpdesk.NewSealer([]byte(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	c := server.config()
	c.Sealer = sealer
	src := source(t, s, c)
	grant(t, src, "r0")
	err = s.View(t.Context(), func(ctx context.Context, r store.Reader) error {
		rec, err := r.Record(ctx, "oauth-grant", "support")
		if err == nil && strings.Contains(string(rec.Doc), "r0") {
			t.Errorf("it can be read: %s", rec.Doc)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if got := token(t, src); got != "a1" {
		t.Error(got)
	}
	bare := c
	bare.Sealer = nil
	if _, err := source(t, s, bare).Token(t.Context()); !errors.Is(err, ticket.ErrSealed) {
		t.Errorf("without the key: %v", err)
	}
	grant(t, source(t, s, bare), server.valid) // a new grant needs no old one
	if got := token(t, source(t, s, bare)); got != "a2" {
		t.Error(got)
	}
}

func TestNewChecks(t *testing.T) {
	t.Parallel()
	good := oauth.Config{ClientID: "app", TokenURL: "https://login.example/token"}
	s := memoryStore(t)
	for what, try := range map[string]func() error{
		"no name":   func() error { _, err := oauth.New("", s, good); return err },
		"no store":  func() error { _, err := oauth.New("x", nil, good); return err },
		"no client": func() error { _, err := oauth.New("x", s, oauth.Config{TokenURL: good.TokenURL}); return err },
		"no URL": func() error {
			_, err := oauth.New("x", s, oauth.Config{ClientID: "app", TokenURL: "login.example"})
			return err
		},
	} {
		if err := try(); !errors.Is(err, ticket.ErrInvalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := oauth.New("x", s, good); err != nil {
		t.Error(err)
	}
	if err := source(t, s, good).Grant(t.Context(), ""); !errors.Is(err, ticket.ErrInvalid) {
		t.Error(err)
	}
}

// immediate answers requests for tokens without any network, and does not say how long they hold.
type immediate struct{ asked int }

func (i *immediate) RoundTrip(r *http.Request) (*http.Response, error) {
	i.asked++
	body := fmt.Sprintf(`{"access_token":"a%d","token_type":"Bearer"}`, i.asked)
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

func TestUnsaid(t *testing.T) {
	t.Parallel()
	t.Run("I29 a token of which nobody says how long it holds is used for an hour at most", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			server := &immediate{}
			src := source(t, nil, oauth.Config{ClientID: "app", TokenURL: "https://login.example/token", AppOnly: true, Client: &http.Client{Transport: server}})
			first := token(t, src)
			time.Sleep(50 * time.Minute) // of the test's own clock
			if again := token(t, src); again != first || server.asked != 1 {
				t.Errorf("%s, then %s", first, again)
			}
			time.Sleep(10 * time.Minute)
			if next := token(t, src); next != "a2" {
				t.Errorf("%s after an hour", next)
			}
		})
	})
	t.Run("I29 one that a server has refused is not used again", func(t *testing.T) {
		t.Parallel()
		server := &immediate{}
		src := source(t, nil, oauth.Config{ClientID: "app", TokenURL: "https://login.example/token", AppOnly: true, Client: &http.Client{Transport: server}})
		first := token(t, src)
		src.Refused("another")
		if again := token(t, src); again != first {
			t.Errorf("%s, then %s", first, again)
		}
		src.Refused(first)
		src.Refused(first)
		if next := token(t, src); next != "a2" {
			t.Errorf("%s after it was refused", next)
		}
	})
}
