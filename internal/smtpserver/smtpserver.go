// Package smtpserver is a mail server for tests: a real one, on loopback, that keeps what it is given and refuses what a
// test wants refused.
package smtpserver

import (
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Mail is one that the server has taken.
type Mail struct {
	From string
	To   []string
	Raw  []byte
}

// Options say how the server is.
type Options struct {
	TLS      *tls.Config // offers STARTTLS; with Implicit, speaks TLS from the first byte
	Implicit bool
	UTF8     bool

	// Mechanisms are those by which clients log in, and have to; Login says whether a password, or a token, is right.
	Mechanisms []string
	Login      func(mechanism, user, secret string) error

	// Each of these may refuse, with a *smtp.SMTPError as a rule.
	Sender    func(from string) error
	Recipient func(to string) error
	// Data is asked when a whole mail was read; the mail is kept unless it says no.
	Data func(m Mail) error
}

// Server is a running one.
type Server struct {
	Addr string

	mu          sync.Mutex
	mails       []Mail
	connections int
	broken      int
	server      *smtp.Server
}

// Start starts a server until the end of the test.
func Start(tb testing.TB, o Options) *Server {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	s := &Server{Addr: l.Addr().String()}
	s.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.connections++
		x := &session{s: s, o: o}
		if len(o.Mechanisms) > 0 {
			return authSession{x}, nil
		}
		return x, nil
	}))
	s.server.Domain, s.server.AllowInsecureAuth, s.server.EnableSMTPUTF8, s.server.TLSConfig = "localhost", true, o.UTF8, o.TLS
	s.server.ErrorLog = log.New(io.Discard, "", 0)
	if o.Implicit {
		l = tls.NewListener(l, o.TLS)
	}
	done := make(chan error, 1)
	go func() { done <- s.server.Serve(l) }()
	tb.Cleanup(func() {
		_ = s.server.Close()
		_ = l.Close() // which the server does not know yet if it was closed before it began to serve
		if err := <-done; err != nil && !errors.Is(err, smtp.ErrServerClosed) {
			tb.Errorf("mail server: %v", err)
		}
	})
	return s
}

// Hang closes every connection, and takes no more.
func (s *Server) Hang() { _ = s.server.Close() }

// Mails are those that were taken.
func (s *Server) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.mails...)
}

// Connections is how many there have been.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.connections
}

// Broken is how many mails had a beginning and no end.
func (s *Server) Broken() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.broken
}

type session struct {
	s      *Server
	o      Options
	inside bool // logged in
	mail   Mail
}

// authSession is one in which clients log in.
type authSession struct{ *session }

func (x authSession) AuthMechanisms() []string { return x.o.Mechanisms }

func (x authSession) Auth(mechanism string) (sasl.Server, error) {
	check := func(user, secret string) error {
		if err := x.o.Login(mechanism, user, secret); err != nil {
			return err
		}
		x.inside = true
		return nil
	}
	switch mechanism {
	case sasl.Plain:
		return sasl.NewPlainServer(func(_, user, password string) error { return check(user, password) }), nil
	case sasl.OAuthBearer:
		return sasl.NewOAuthBearerServer(func(o sasl.OAuthBearerOptions) *sasl.OAuthBearerError {
			if check(o.Username, o.Token) != nil {
				return &sasl.OAuthBearerError{Status: "invalid_token", Schemes: "bearer"}
			}
			return nil
		}), nil
	case sasl.Login:
		return &login{check: check}, nil
	}
	return nil, smtp.ErrAuthUnknownMechanism
}

// login is the server's side of LOGIN, which go-sasl has no more.
type login struct {
	check func(user, password string) error
	user  *string
}

func (l *login) Next(said []byte) (challenge []byte, done bool, err error) {
	switch {
	case said == nil:
		return []byte("Username:"), false, nil
	case l.user == nil:
		l.user = new(string(said))
		return []byte("Password:"), false, nil
	}
	return nil, true, l.check(*l.user, string(said))
}

func (x *session) Reset()        { x.mail = Mail{} }
func (x *session) Logout() error { return nil }

func (x *session) Mail(from string, _ *smtp.MailOptions) error {
	if len(x.o.Mechanisms) > 0 && !x.inside {
		return smtp.ErrAuthRequired
	}
	x.mail.From = from
	return ask(x.o.Sender, from)
}

func (x *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	x.mail.To = append(x.mail.To, to)
	return ask(x.o.Recipient, to)
}

func ask(who func(string) error, about string) error {
	if who == nil {
		return nil
	}
	return who(about)
}

func (x *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	if err != nil {
		x.s.broken++
		return err
	}
	x.mail.Raw = raw
	if x.o.Data != nil {
		if err := x.o.Data(x.mail); err != nil {
			return err
		}
	}
	x.s.mails = append(x.s.mails, x.mail)
	return nil
}
