package mailboxes

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"regexp"
	"strings"
	"sync"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/gateway/imap"
	"github.com/helpdeskgo/helpdesk/gateway/pop3"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// mailbox is one as its protocol has it: one of the two is nil.
type mailbox struct {
	imap   *imap.Mailbox
	pop3   *pop3.Mailbox
	secret string
}

func (m *mailbox) source() gateway.Source {
	if m.imap != nil {
		return m.imap.Source()
	}
	return m.pop3.Source()
}

// login is what a definition logs in with.
type login struct {
	password string
	token    func(ctx context.Context) (string, error)
	refused  func(token string)
}

func (s *Set) login(ctx context.Context, d Definition) (l login, err error) {
	if d.OAuth == nil {
		l.password, err = s.open(ctx, d, password, d.Password)
		if err == nil && l.password == "" {
			err = ticket.Invalid("password", ticket.FaultRequired, "is empty")
		}
		return l, err
	}
	if err := s.granted(ctx, d); err != nil {
		return l, err
	}
	secret, err := s.open(ctx, d, clientSecret, d.OAuth.ClientSecret)
	if err != nil {
		return l, err
	}
	tokens, err := s.tokens(d, secret)
	if err == nil {
		l.token, l.refused = tokens.Token, tokens.Refused
	}
	return l, err
}

// granted refuses to use what was granted with a definition that is not the stored one, where somebody else would get to
// see it.
func (s *Set) granted(ctx context.Context, d Definition) error {
	if d.OAuth.AppOnly {
		return nil
	}
	stored, err := s.stored(ctx, d.Code)
	if err != nil && !errors.Is(err, ticket.ErrNotFound) {
		return err
	}
	if stored.grantor() != d.grantor() {
		return ticket.Invalid("oauth", ticket.FaultConflicting, "is not as it is stored: save it first, for what the mailbox's owner grants is kept with it")
	}
	return nil
}

// mailbox opens what a definition says. Nothing is connected yet.
func (s *Set) mailbox(ctx context.Context, d Definition) (*mailbox, error) {
	l, err := s.login(ctx, d)
	if err != nil {
		return nil, err
	}
	if d.Protocol == POP3 {
		box, err := pop3.New(pop3.Config{
			Address: d.address(), Security: pop3Security[d.Security], TLSConfig: d.tls(), Username: d.User, Password: l.password, Token: l.token, Refused: l.refused,
		})
		return &mailbox{pop3: box, secret: l.password}, err
	}
	box, err := imap.New(imap.Config{
		Address: d.address(), Security: imapSecurity[d.Security], TLSConfig: d.tls(), Username: d.User, Password: l.password, Token: l.token, Refused: l.refused,
		Folder: cmp.Or(d.Folder, "INBOX"), Disposal: disposals[d.Done], MoveTo: d.MoveTo,
	})
	return &mailbox{imap: box, secret: l.password}, err
}

// What the two packages call what a definition says.
var (
	imapSecurity = map[Security]imap.Security{TLS: imap.TLS, StartTLS: imap.StartTLS, NoTLS: imap.Plaintext}
	pop3Security = map[Security]pop3.Security{TLS: pop3.TLS, StartTLS: pop3.StartTLS, NoTLS: pop3.Plaintext}
	disposals    = map[Done]imap.Disposal{Keep: imap.Keep, Flag: imap.Flag, Move: imap.Move, Delete: imap.Delete}
)

// tls is how the server's certificate is looked at.
func (d Definition) tls() *tls.Config {
	c := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: d.Unchecked}
	if d.Authority != "" {
		c.RootCAs = x509.NewCertPool()
		c.RootCAs.AppendCertsFromPEM([]byte(d.Authority))
	}
	return c
}

// source is a stored mailbox. It is opened by the first who asks it: what then fails, as a key that is away, is the
// gateway's to tell and to try again.
type source struct {
	set *Set
	d   Definition

	mu  sync.Mutex
	box *mailbox
}

// masked is an error in which a server may have repeated the password.
type masked struct {
	error
	secret string
}

func (m masked) Error() string { return mask(m.error.Error(), m.secret) }
func (m masked) Unwrap() error { return m.error }

// leastMask is the length of what is masked: less would tear words apart, and tell what it was.
const leastMask = 4

// encoded are words that may be what a login was sent as (RFC 4648, 4).
var encoded = regexp.MustCompile(`[A-Za-z0-9+/]{8,}={0,2}`)

// mask hides the secret, and what holds it in the encoding of a login (RFC 4616, RFC 7628).
func mask(text, secret string) string {
	known := len(secret) >= leastMask
	text = encoded.ReplaceAllStringFunc(text, func(word string) string {
		plain, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(word, "="))
		if err == nil && (known && strings.Contains(string(plain), secret) || strings.Contains(strings.ToLower(string(plain)), "auth=bearer ")) {
			return "[secret]"
		}
		return word
	})
	if !known {
		return text
	}
	return strings.ReplaceAll(text, secret, "[secret]")
}

func (m *mailbox) masked(err error) error {
	if err == nil || mask(err.Error(), m.secret) == err.Error() {
		return err
	}
	return masked{err, m.secret}
}

// source returns the mailbox of a definition; one of IMAP hears of new mail.
func (s *Set) source(d Definition) gateway.Source {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k, ok := s.sources[d.Code]; ok && k.of == d.state() {
		return k.source
	}
	var src gateway.Source = hearing{&source{set: s, d: d}}
	if d.Protocol == POP3 {
		src = &source{set: s, d: d}
	}
	s.sources[d.Code] = kept{d.state(), src}
	return src
}

func (s *source) open(ctx context.Context) (*mailbox, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.box == nil {
		box, err := s.set.mailbox(ctx, s.d)
		if err != nil {
			return nil, err
		}
		s.box = box
	}
	return s.box, nil
}

// Fetch implements gateway.Source.
func (s *source) Fetch(ctx context.Context, from gateway.Cursor, to gateway.Intake) (gateway.Cursor, error) {
	box, err := s.open(ctx)
	if err != nil {
		return from, err
	}
	end, err := box.source().Fetch(ctx, from, to)
	return end, box.masked(err)
}

// Acknowledge implements gateway.Acknowledger.
func (s *source) Acknowledge(ctx context.Context, places []string) error {
	box, err := s.open(ctx)
	if err != nil {
		return err
	}
	return box.masked(box.source().(gateway.Acknowledger).Acknowledge(ctx, places)) // both are
}

// hearing is a source that hears of new mail.
type hearing struct{ *source }

// Wait implements gateway.Waiter.
func (h hearing) Wait(ctx context.Context, from gateway.Cursor) error {
	box, err := h.open(ctx)
	if err != nil {
		return err
	}
	return box.masked(box.source().(gateway.Waiter).Wait(ctx, from))
}

var (
	_ gateway.Acknowledger = (*source)(nil)
	_ gateway.Waiter       = hearing{}
)
