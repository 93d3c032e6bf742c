package imap_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/gateway/imap"
	"github.com/helpdeskgo/helpdesk/internal/dovecot"
)

// startOAuth starts a Dovecot that takes one access token, as a token server of the test says.
func startOAuth(t *testing.T, mechanism, token string) server {
	t.Helper()
	tokens := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.FormValue("token") == token {
			io.WriteString(w, `{"active":true,"username":"`+dovecot.Username+`"}`)
			return
		}
		io.WriteString(w, `{"active":false}`)
	}))
	t.Cleanup(tokens.Close)
	d := dovecot.StartOAuth(t, tokens.URL, mechanism)
	return server{config: imap.Config{Address: d.AddrTLS, Username: dovecot.Username, TLSConfig: &tls.Config{RootCAs: d.Pool}}, plain: d.Addr}
}

func TestI29Tokens(t *testing.T) {
	t.Parallel()
	for _, mechanism := range []string{"oauthbearer", "xoauth2"} {
		t.Run(mechanism, func(t *testing.T) { t.Parallel(); tokens(t, mechanism) })
	}
}

func tokens(t *testing.T, mechanism string) {
	s := startOAuth(t, mechanism, "good")
	check := func(token string, err error) error {
		config := s.config
		config.Token = func(context.Context) (string, error) { return token, err }
		_, err = newMailbox(t, config).Check(t.Context())
		return err
	}
	t.Run("I29 a token that the server takes", func(t *testing.T) {
		if err := check("good", nil); err != nil {
			t.Error(err)
		}
	})
	t.Run("I29 a token that it does not take", func(t *testing.T) {
		if err := check("bad", nil); !errors.Is(err, gateway.ErrAuthentication) {
			t.Error(err)
		}
	})
	t.Run("I29 no token at all", func(t *testing.T) {
		if err := check("", nil); !errors.Is(err, gateway.ErrAuthentication) {
			t.Error(err)
		}
	})
	t.Run("I29 a token server that is away is worth a retry", func(t *testing.T) {
		if err := check("", errors.New("no route")); !errors.Is(err, imap.ErrNetwork) {
			t.Error(err)
		}
	})
	t.Run("I29 a grant that was taken back is not", func(t *testing.T) {
		if err := check("", gateway.ErrInvalidGrant); !errors.Is(err, gateway.ErrInvalidGrant) || errors.Is(err, imap.ErrNetwork) {
			t.Error(err)
		}
	})
	for name, c := range map[string]struct {
		next string // that comes after the one that the server refuses
		err  error
		want error
		asks int32
	}{
		"is asked for anew, once":                   {"good", nil, nil, 2},
		"is not tried again":                        {"bad", nil, gateway.ErrAuthentication, 2},
		"is no better by a new one that is refused": {"worse", nil, gateway.ErrAuthentication, 2},
		"is not replaced where nothing is granted":  {"", gateway.ErrInvalidGrant, gateway.ErrInvalidGrant, 2},
	} {
		t.Run("I29 a token that the server refuses "+name, func(t *testing.T) {
			for what, try := range map[string]func(*imap.Mailbox) error{
				"check": func(b *imap.Mailbox) error { _, err := b.Check(t.Context()); return err },
				"diagnose": func(b *imap.Mailbox) error {
					d := b.Diagnose(t.Context())
					last := d.Steps[len(d.Steps)-1]
					if len(d.Steps) > 3 || (d.Advice == "") != (c.want == nil) {
						t.Errorf("M42: %+v", d)
					}
					return last.Err
				},
			} {
				config, asked, refused := s.config, int32(0), ""
				config.Token = func(context.Context) (string, error) {
					if asked++; asked == 1 {
						return "bad", nil
					}
					return c.next, c.err
				}
				config.Refused = func(token string) { refused += token }
				if err := try(newMailbox(t, config)); !errors.Is(err, c.want) || (err == nil) != (c.want == nil) || asked != c.asks || refused != "bad" {
					t.Errorf("%s: %v after %d tokens, refused %q", what, err, asked, refused)
				}
			}
		})
	}
	t.Run("I29 a new token for each connection", func(t *testing.T) {
		var asked atomic.Int32
		config := s.config
		config.Token = func(context.Context) (string, error) { asked.Add(1); return "good", nil }
		box := newMailbox(t, config)
		for range 2 {
			if _, err := box.Check(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if asked.Load() != 2 {
			t.Errorf("asked %d times", asked.Load())
		}
	})
}
