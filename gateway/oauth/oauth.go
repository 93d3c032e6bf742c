// Package oauth gives a mailbox its access tokens (OAuth 2.0, RFC 6749): for Token and Refused of imap.Config and pop3.Config.
package oauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Config says where tokens come from. ClientID and TokenURL are required.
type Config struct {
	ClientID, ClientSecret string
	TokenURL               string // such as https://oauth2.googleapis.com/token
	Scopes                 []string
	// BasicAuth sends id and secret in the header of the request, for servers that want them there (RFC 6749, section
	// 2.3.1). Google and Microsoft take them in the body.
	BasicAuth bool
	// AppOnly asks in the name of the application, without a user (RFC 6749, section 4.4): nothing is granted or kept.
	AppOnly bool
	// Sealer encrypts the refresh token that is kept: helpdesk.NewSealer makes one. Without it whoever reads the database
	// can read the mailbox.
	Sealer Sealer
	// Client talks to the token server. Default: one with a limit of 30 s for each request.
	Client *http.Client
}

// Sealer encrypts, as helpdesk.Sealer.
type Sealer interface {
	Seal(ctx context.Context, plain, aad []byte) ([]byte, error)
	Open(ctx context.Context, sealed, aad []byte) ([]byte, error)
}

// Source gives access tokens for one mailbox. It is safe for concurrent use; any number of processes may have one of the
// same name, and share the grant in the store.
type Source struct {
	name   string
	store  store.Store
	config Config

	mu      sync.Mutex
	current *oauth2.Token
	unsaved *renewal // a refresh token that could not be kept yet
}

// renewal is a refresh token in the place of another.
type renewal struct{ old, next string }

// New returns a source called name, which the store knows it by. Nothing is asked yet. Errors: ticket.ErrInvalid.
func New(name string, s store.Store, c Config) (*Source, error) {
	var e ticket.ValidationError
	if name == "" {
		e.Add("name", ticket.FaultRequired, "is empty")
	}
	e.CheckLine("name", name, 100)
	if s == nil && !c.AppOnly {
		e.Add("store", ticket.FaultRequired, "is nil: the grant must be kept")
	}
	if c.ClientID == "" {
		e.Add("client_id", ticket.FaultRequired, "is empty")
	}
	if u, err := url.Parse(c.TokenURL); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		e.Add("token_url", ticket.FaultMalformed, "is no http or https URL")
	}
	if err := e.Err(); err != nil {
		return nil, fmt.Errorf("oauth: new: %w", err)
	}
	if c.Client == nil {
		c.Client = &http.Client{Timeout: 30 * time.Second}
	}
	return &Source{name: name, store: s, config: c}, nil
}

// Grant keeps a refresh token: the first one, or another after the access was taken back. The host gets it where the
// mailbox's owner agrees (RFC 6749, section 4.1); golang.org/x/oauth2 has what that takes.
func (s *Source) Grant(ctx context.Context, refreshToken string) error {
	if refreshToken == "" || s.config.AppOnly {
		return fmt.Errorf("oauth %s: grant: %w", s.name, ticket.Invalid("refresh_token", ticket.FaultNotAllowed, "is empty, or not needed without a user"))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current, s.unsaved = nil, nil
	if err := s.keep(ctx, func(grant, bool) (grant, bool) { return grant{Refresh: refreshToken}, true }); err != nil {
		return fmt.Errorf("oauth %s: grant: %w", s.name, err)
	}
	return nil
}

// Forget removes what was granted, where there is something.
func (s *Source) Forget(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current, s.unsaved = nil, nil
	if s.config.AppOnly {
		return nil
	}
	err := s.store.Update(ctx, func(ctx context.Context, tx store.Tx) error { return tx.DeleteRecord(ctx, kindGrant, s.name) })
	if err != nil {
		return fmt.Errorf("oauth %s: forget: %w", s.name, err)
	}
	return nil
}

// style is said rather than found out: to try both hides the first answer.
func (c *Config) style() oauth2.AuthStyle {
	if c.BasicAuth {
		return oauth2.AuthStyleInHeader
	}
	return oauth2.AuthStyleInParams
}

// unsaid is how long a token is used where the server does not say how long it may be (RFC 6749, 5.1).
const unsaid = time.Hour

// early is how long before its end a token is renewed: a login takes a while, and clocks differ.
const early = time.Minute

// Token returns an access token. Errors: gateway.ErrInvalidGrant, without asking anybody, until Grant brings another
// token; others are worth a retry.
func (s *Source) Token(ctx context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.unsaved != nil {
		if err := s.renew(ctx, *s.unsaved); err != nil {
			return "", fmt.Errorf("oauth %s: keep the new refresh token: %w", s.name, err)
		}
		s.unsaved = nil
	}
	if t := s.current; t != nil && time.Until(t.Expiry) > early {
		return t.AccessToken, nil
	}
	t, err := s.ask(ctx)
	if err != nil {
		return "", fmt.Errorf("oauth %s: %w", s.name, err)
	}
	if t.Expiry.IsZero() {
		t.Expiry = time.Now().Add(unsaid)
	}
	s.current = t
	return t.AccessToken, nil
}

// Refused says that a server has refused an access token of this source, which it took for good: the next Token asks for
// another one. It is for Refused of imap.Config, pop3.Config and smtp.Options.
func (s *Source) Refused(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current != nil && s.current.AccessToken == token {
		s.current = nil
	}
}

// ask gets a token from the server.
func (s *Source) ask(ctx context.Context) (*oauth2.Token, error) {
	ctx = context.WithValue(ctx, oauth2.HTTPClient, s.config.Client)
	if s.config.AppOnly {
		c := clientcredentials.Config{ClientID: s.config.ClientID, ClientSecret: s.config.ClientSecret, TokenURL: s.config.TokenURL, Scopes: s.config.Scopes, AuthStyle: s.config.style()}
		t, err := c.Token(ctx)
		if refused(err, "invalid_grant", "invalid_client", "unauthorized_client") {
			err = fmt.Errorf("%w: %w", gateway.ErrInvalidGrant, err)
		}
		return t, err
	}
	for used := ""; ; {
		g, err := s.kept(ctx)
		if err != nil {
			return nil, err
		}
		if g.Dead || g.Refresh == used {
			return nil, s.died(ctx, g)
		}
		used = g.Refresh
		t, err := s.refresh(ctx, used)
		if !refused(err, "invalid_grant") {
			return t, err
		}
		// Another process may have renewed it meanwhile: then it is asked with the new one.
	}
}

// refresh gets a token for a refresh token, and keeps the one that comes in its place (RFC 6749, section 6).
func (s *Source) refresh(ctx context.Context, old string) (*oauth2.Token, error) {
	c := oauth2.Config{ClientID: s.config.ClientID, ClientSecret: s.config.ClientSecret, Scopes: s.config.Scopes,
		Endpoint: oauth2.Endpoint{TokenURL: s.config.TokenURL, AuthStyle: s.config.style()}}
	t, err := c.TokenSource(ctx, &oauth2.Token{RefreshToken: old}).Token()
	if err != nil || t.RefreshToken == "" || t.RefreshToken == old {
		return t, err
	}
	r := renewal{old, t.RefreshToken}
	if err := s.renew(context.WithoutCancel(ctx), r); err != nil {
		s.unsaved = &r // it is good, and there is no other: it must not be lost
	}
	return t, nil
}

// refused reports whether the server gives one of these reasons (RFC 6749, section 5.2).
func refused(err error, codes ...string) bool {
	var e *oauth2.RetrieveError
	return errors.As(err, &e) && slices.Contains(codes, e.ErrorCode)
}

// died notes that a grant is of no use any more, so that nobody asks with it again.
func (s *Source) died(ctx context.Context, g grant) error {
	if !g.Dead {
		err := s.keep(ctx, func(now grant, known bool) (grant, bool) {
			dead := known && now.Refresh == g.Refresh
			now.Dead = dead
			return now, dead
		})
		if err != nil {
			return err
		}
	}
	return gateway.ErrInvalidGrant
}

// renew puts a refresh token in the place of another, unless that is gone.
func (s *Source) renew(ctx context.Context, r renewal) error {
	return s.keep(ctx, func(now grant, known bool) (grant, bool) {
		return grant{Refresh: r.next}, known && now.Refresh == r.old
	})
}

// grant is what is kept.
type grant struct {
	Refresh string `json:"refresh,omitempty"`
	Sealed  []byte `json:"sealed,omitempty"` // in its place
	Dead    bool   `json:"dead,omitempty"`
}

// kindGrant is the record of it.
const kindGrant = "oauth-grant"

func (s *Source) aad() []byte { return []byte(kindGrant + "/" + s.name) }

// kept reads it.
func (s *Source) kept(ctx context.Context) (g grant, err error) {
	err = s.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		rec, err := r.Record(ctx, kindGrant, s.name)
		if errors.Is(err, ticket.ErrNotFound) {
			return fmt.Errorf("nothing was granted yet: %w", gateway.ErrInvalidGrant)
		}
		if err != nil {
			return err
		}
		g = grant{}
		return json.Unmarshal(rec.Doc, &g)
	})
	if err != nil {
		return g, err
	}
	return s.open(ctx, g)
}

func (s *Source) open(ctx context.Context, g grant) (grant, error) {
	if len(g.Sealed) == 0 {
		return g, nil
	}
	if s.config.Sealer == nil {
		return g, fmt.Errorf("the refresh token is encrypted, and there is no Sealer: %w", ticket.ErrSealed)
	}
	plain, err := s.config.Sealer.Open(ctx, g.Sealed, s.aad())
	if err != nil {
		return g, fmt.Errorf("%w: %w", ticket.ErrSealed, err)
	}
	g.Refresh, g.Sealed = string(plain), nil
	return g, nil
}

// keep changes what is kept. change says what it becomes, and whether at all.
func (s *Source) keep(ctx context.Context, change func(now grant, known bool) (grant, bool)) error {
	return s.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		now, known := grant{}, true
		rec, err := tx.LockRecord(ctx, kindGrant, s.name)
		if errors.Is(err, ticket.ErrNotFound) {
			known, err = false, nil
		}
		if err == nil && known {
			err = json.Unmarshal(rec.Doc, &now)
		}
		if err == nil && known {
			now, err = s.open(ctx, now)
		}
		next, changed := change(now, known)
		if errors.Is(err, ticket.ErrSealed) && changed { // what cannot be read is replaced, if it does not matter
			err = nil
		}
		if err != nil || !changed {
			return err
		}
		if s.config.Sealer != nil {
			if next.Sealed, err = s.config.Sealer.Seal(ctx, []byte(next.Refresh), s.aad()); err != nil {
				return err
			}
			next.Refresh = ""
		}
		doc, err := json.Marshal(next)
		if err != nil {
			return err
		}
		return tx.PutRecord(ctx, &store.Record{Kind: kindGrant, Key: s.name, Version: store.AnyVersion, Doc: doc})
	})
}
