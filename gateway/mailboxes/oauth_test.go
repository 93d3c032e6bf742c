package mailboxes_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/gateway/mailboxes"
	"github.com/helpdeskgo/helpdesk/internal/dovecot"
)

// tokens is a token server that rotates refresh tokens, and that Dovecot asks about access tokens.
type tokens struct {
	*httptest.Server
	mu      sync.Mutex
	refresh string // the one that holds
	access  string // as well
	issued  int
}

func newTokens(t *testing.T) *tokens {
	t.Helper()
	s := &tokens{refresh: "first refresh token"}
	mux := http.NewServeMux()
	mux.HandleFunc("/token", s.token)
	mux.HandleFunc("/introspect", s.introspect)
	s.Server = httptest.NewServer(mux)
	t.Cleanup(func() {
		s.Close()
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	})
	return s
}

func (s *tokens) token(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	if r.FormValue("client_id") != "app" || r.FormValue("client_secret") != "secret of app" || r.FormValue("refresh_token") != s.refresh {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"error":"invalid_grant"}`)
		return
	}
	s.issued++
	s.refresh, s.access = fmt.Sprint("refresh ", s.issued), fmt.Sprint("access", s.issued)
	_, _ = fmt.Fprintf(w, `{"access_token":%q,"refresh_token":%q,"token_type":"Bearer","expires_in":3600}`, s.access, s.refresh)
}

func (s *tokens) introspect(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, `{"active":%t,"username":%q}`, r.FormValue("token") == s.access, dovecot.Username)
}

// count is how many tokens were given.
func (s *tokens) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.issued
}

// revoke ends the access token that was given last.
func (s *tokens) revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.access = "none"
}

func (s *tokens) rotate() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refresh = "granted again"
}

func TestI29StoredOAuth(t *testing.T) {
	t.Parallel()
	ids := newTokens(t)
	s := &server{Server: dovecot.StartOAuth(t, ids.URL+"/introspect", "xoauth2")}
	o := newOffice(t, nil)
	d := s.definition(t, "shop")
	d.Password = mailboxes.Secret{}
	d.OAuth = &mailboxes.OAuth{TokenURL: ids.URL + "/token", ClientID: "app", ClientSecret: mailboxes.NewSecret("secret of app"), Scopes: []string{"mail"}}
	s.send(t, "one")
	t.Run("I29 before anything is granted the gateway is paused, and says so", func(t *testing.T) {
		d = must(o.Save(as(bob), d))(t)
		if _, err := o.Fetch(t.Context(), "shop"); !errors.Is(err, gateway.ErrInvalidGrant) {
			t.Error(err)
		}
		if st := must(o.Status(t.Context()))(t); !st[0].Paused {
			t.Errorf("%+v", st)
		}
		problems := must(o.Check(as(bob)))(t)
		if len(problems) != 1 || !strings.Contains(problems[0].Message, "gateway shop: is paused") {
			t.Errorf("M75: %+v", problems)
		}
	})
	t.Run("I29 a grant by the owner of the mailbox", func(t *testing.T) {
		ok(t, o.Grant(as(bob), "shop", "first refresh token"))
		must(o.Fetch(t.Context(), "shop"))(t)
		o.expect(t, "support/one")
		d = must(o.Definition(as(bob), "shop"))(t)
		if d.OAuth.RefreshToken.Stored().IsZero() || d.OAuth.ClientSecret.Stored().IsZero() {
			t.Errorf("%+v", d.OAuth)
		}
		if all := everything(t, o.Store); strings.Contains(all, "refresh 1") || strings.Contains(all, "secret of app") || !strings.Contains(all, "oauth-grant/shop") {
			t.Errorf("stored in the clear, or not at all: %s", all)
		}
	})
	t.Run("I29 a change that concerns neither server nor user keeps what was granted and rotated", func(t *testing.T) {
		d.Department = "sales"
		d = must(o.Save(as(bob), d))(t)
		s.send(t, "two")
		must(o.Fetch(t.Context(), "shop"))(t)
		o.expect(t, "sales/two")
		if look := must(o.Diagnose(as(bob), d))(t); look.Advice != "" || look.Mails != 2 {
			t.Errorf("%+v", look)
		}
	})
	t.Run("I29 a token that the server refuses before its hour is over is asked for anew, and nothing has failed", func(t *testing.T) {
		before := ids.count()
		ids.revoke()
		s.send(t, "three")
		must(o.Fetch(t.Context(), "shop"))(t)
		o.expect(t, "sales/three")
		if n := ids.count(); n != before+1 {
			t.Errorf("%d tokens more", n-before)
		}
	})
	t.Run("I29 another token server gets neither the secret nor the grant", func(t *testing.T) {
		d.OAuth.TokenURL = ids.URL + "/token?x"
		before := ids.count()
		d.OAuth.ClientSecret = mailboxes.NewSecret("secret of app")
		if look := must(o.Diagnose(as(bob), d))(t); len(look.Steps) != 1 || !strings.Contains(look.Steps[0].Failure, "save it first") || ids.count() != before {
			t.Errorf("%+v", look)
		}
		d.OAuth.ClientSecret = mailboxes.Secret{}
		if _, err := o.Save(as(bob), d); err == nil || !strings.Contains(err.Error(), "oauth.client_secret: must be given again") {
			t.Error(err)
		}
		d.OAuth.ClientSecret = mailboxes.NewSecret("secret of app")
		d = must(o.Save(as(bob), d))(t)
		if !d.OAuth.RefreshToken.IsZero() {
			t.Errorf("%+v", d.OAuth)
		}
		if _, err := o.Fetch(t.Context(), "shop"); !errors.Is(err, gateway.ErrInvalidGrant) {
			t.Error(err)
		}
		ids.rotate()
		ok(t, o.Grant(as(bob), "shop", "granted again"))
		must(o.Fetch(t.Context(), "shop"))(t)
	})
	t.Run("I29 with a password in its place nothing of it is left", func(t *testing.T) {
		next := s.definition(t, "shop")
		next.Version = mailboxes.AnyVersion
		must(o.Save(as(bob), next))(t)
		if all := everything(t, o.Store); strings.Contains(all, "oauth-grant") || strings.Contains(all, "client_secret") {
			t.Error(all)
		}
		if err := o.Grant(as(bob), "shop", "x"); err == nil {
			t.Error("something was granted")
		}
	})
}
