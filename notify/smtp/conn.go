package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"

	"github.com/helpdeskgo/helpdesk/internal/bearer"
)

// conn is a connection that is logged in.
type conn struct {
	*gosmtp.Client
	s       *Server
	raw     net.Conn
	letters int
	token   string      // by which it is logged in; empty where it is not by one
	timer   *time.Timer // while nobody works with it
}

// during ends the connection when the context ends: what waits for the server then fails at once.
func (c *conn) during(ctx context.Context, do func() error) error {
	stop := context.AfterFunc(ctx, func() { _ = c.raw.Close() })
	defer stop()
	return do()
}

// parting is how long a server has to say goodbye.
const parting = 2 * time.Second

// quit ends a connection politely.
func (c *conn) quit() {
	c.CommandTimeout = parting
	if c.Quit() != nil {
		_ = c.Close()
	}
}

// connect makes a connection, protects it, and logs in.
func (s *Server) connect(ctx context.Context) (*conn, error) {
	limited, cancel := context.WithTimeout(ctx, s.o.Timeout)
	defer cancel()
	raw, err := s.o.Dial(limited, "tcp", s.o.Address)
	if err != nil {
		return nil, failure(Connecting, because(ctx, err))
	}
	c := &conn{s: s, raw: raw}
	if err := c.during(ctx, func() error { return c.open(ctx) }); err != nil {
		_ = raw.Close()
		return nil, err
	}
	return c, nil
}

func (c *conn) open(ctx context.Context) error {
	o := c.s.o
	host, _, err := net.SplitHostPort(o.Address)
	if err != nil {
		return err
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if o.TLS != nil {
		config = o.TLS.Clone()
	}
	if config.ServerName == "" {
		config.ServerName = host
	}
	paced := net.Conn(&pacing{c.raw, o.Timeout})
	switch o.Security {
	case TLS:
		secured := tls.Client(paced, config)
		if err := handshake(ctx, secured, o.Timeout); err != nil {
			return failure(Securing, because(ctx, err))
		}
		c.Client = gosmtp.NewClient(secured)
	default:
		c.Client = gosmtp.NewClient(paced)
	}
	c.limit(o.Timeout)
	if o.Security == StartTLS {
		return c.startTLS(ctx, paced, config)
	}
	return c.greet(ctx)
}

func (c *conn) limit(t time.Duration) { c.CommandTimeout, c.SubmissionTimeout = t, 5*t }

func handshake(ctx context.Context, t *tls.Conn, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return t.HandshakeContext(ctx)
}

// startTLS protects a connection that is open. What was said before is forgotten.
func (c *conn) startTLS(ctx context.Context, paced net.Conn, config *tls.Config) error {
	client, err := gosmtp.NewClientStartTLS(paced, config)
	if err != nil {
		var said *gosmtp.SMTPError
		stage := Securing
		if errors.As(err, &said) && said.Code == 421 {
			stage = Connecting
		}
		return failure(stage, because(ctx, err))
	}
	c.Client = client
	c.limit(c.s.o.Timeout)
	return c.greet(ctx)
}

func (c *conn) greet(ctx context.Context) error {
	if err := c.Hello(c.s.o.Hello); err != nil {
		stage := Connecting
		var unsafe *tls.CertificateVerificationError
		if errors.As(err, &unsafe) {
			stage = Securing
		}
		return failure(stage, because(ctx, err))
	}
	return c.login(ctx)
}

func (c *conn) login(ctx context.Context) error {
	o := c.s.o
	if o.Username == "" {
		return nil
	}
	var mechanism sasl.Client
	switch {
	case o.Token != nil:
		token, err := o.Token(ctx)
		if err != nil {
			return failure(LoggingIn, fmt.Errorf("get an access token: %w", err))
		}
		c.token = token
		e, err := bearer.New(o.Username, o.Address, token, c.SupportsAuth)
		if err != nil {
			return failure(LoggingIn, err)
		}
		mechanism = &exchange{e, nil}
	case c.SupportsAuth(sasl.Plain):
		mechanism = sasl.NewPlainClient("", o.Username, o.Password)
	case c.SupportsAuth(sasl.Login):
		mechanism = sasl.NewLoginClient(o.Username, o.Password)
	default:
		return failure(LoggingIn, errors.New("the server takes no password, by PLAIN or LOGIN: another port may, or it wants none"))
	}
	if err := c.Auth(mechanism); err != nil {
		f := failure(LoggingIn, because(ctx, err))
		c.tokenRefused(f)
		if x, ok := mechanism.(*exchange); ok && x.refused != nil {
			f.Err = fmt.Errorf("%w: %s", f.Err, bearer.Reason(x.refused))
		}
		return f
	}
	return nil
}

// tokenRefused says so where a server will not have the token that it was given.
func (c *conn) tokenRefused(f *Error) {
	if c.token != "" && c.s.o.Refused != nil && f.lapsed() {
		c.s.o.Refused(c.token)
	}
}

// exchange is a login with a token, as go-sasl has logins.
type exchange struct {
	bearer.Exchange
	refused []byte
}

func (x *exchange) Start() (mechanism string, initial []byte, err error) {
	return x.Mechanism, []byte(x.Initial), nil
}

func (x *exchange) Next(reasons []byte) ([]byte, error) {
	x.refused = reasons
	return []byte(x.Last), nil
}

// pacing gives the server a time for each piece of a letter: one that takes nothing any more is left.
type pacing struct {
	net.Conn
	each time.Duration
}

func (p *pacing) Write(b []byte) (int, error) {
	if err := p.SetWriteDeadline(time.Now().Add(p.each)); err != nil {
		return 0, err
	}
	return p.Conn.Write(b)
}
