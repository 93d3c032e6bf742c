package imap

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// The phases of talking to a server.
const (
	phaseConnect  = "connect"
	phaseStartTLS = "starttls"
	phaseLogin    = "login"
	phaseOpen     = "open"
	phaseList     = "list"
	phaseFetch    = "fetch"
	phaseWait     = "wait"

	phaseAcknowledge = "acknowledge"
)

// errTimeout says that a phase's deadline has closed the connection.
var errTimeout = errors.New("the server did not answer in time")

// errFlood says that the server sent more than a phase can need.
var errFlood = errors.New("the server sends without end")

// How many bytes a phase can need beside bodies: a listing of over 100,000 mails,
// and anything else.
const (
	listBudget    = 32 << 20
	commandBudget = 1 << 20
)

// errLost says that the server or the network ended the connection.
var errLost = errors.New("the connection was lost")

// patientConn takes the deadlines that go-imap sets and does nothing with them:
// it clears them between responses, so that a silent server would block forever,
// and ends long ones in the middle. The session's own deadlines close the
// connection instead, which ends every read and write.
//
// It also remembers that the other side ended the connection, for go-imap wraps
// that in errors that do not tell, and it stops a server that says more than its
// phase can need, for go-imap keeps a line in memory however long it is, or that
// says what go-imap cannot stand: see guard.
type patientConn struct {
	net.Conn
	s *session
}

func (c patientConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if err != nil && !errors.Is(err, net.ErrClosed) {
		c.s.lost.Store(true)
	}
	if c.s.budget.Add(int64(-n)) < 0 {
		c.Close() // go-imap reads on after an error, and would wait
		return 0, errFlood
	}
	if err := c.s.guard.check(p[:n]); err != nil {
		c.s.stopped.Store(true)
		c.Close()
		return 0, err
	}
	return n, err
}

func (patientConn) SetDeadline(time.Time) error      { return nil }
func (patientConn) SetReadDeadline(time.Time) error  { return nil }
func (patientConn) SetWriteDeadline(time.Time) error { return nil }

// session is one connection with the folder open.
type session struct {
	conn        net.Conn
	client      *imapclient.Client
	config      *Config
	stop        func() bool // ends the watch on ctx
	timedOut    atomic.Bool
	lost        atomic.Bool
	stopped     atomic.Bool  // by the guard
	budget      atomic.Int64 // bytes that the server may still send in this phase
	guard       guard        // go-imap's reader alone uses it
	uidValidity uint32
	uidNext     uint32 // 0 if the server does not say
	mails       uint32
	news        chan struct{}
}

// access says what a session may do to the folder.
type access bool

const (
	reading access = false // it can change nothing (RFC 3501 §6.3.2)
	writing access = true
)

// open connects, logs in and opens the folder. Cancelling ctx closes the connection at any time.
func open(ctx context.Context, config *Config, may access) (*session, error) {
	return openWith(ctx, config, may, func(string, time.Duration, error) {})
}

// openWith is open for somebody who wants to know how each phase goes.
func openWith(ctx context.Context, config *Config, may access, tell func(phase string, took time.Duration, err error)) (*session, error) {
	token, err := config.token(ctx)
	if err != nil {
		tell(phaseLogin, 0, err)
		return nil, cancelled(ctx, err)
	}
	s, err := openAs(ctx, config, token, may, tell)
	if config.Token == nil || config.Refused == nil || !errors.Is(err, ErrAuthentication) {
		return s, err
	}
	config.Refused(token)
	next, failed := config.token(ctx)
	if failed != nil {
		tell(phaseLogin, 0, failed)
		return nil, cancelled(ctx, failed)
	}
	if next == token {
		return nil, err
	}
	return openAs(ctx, config, next, may, tell)
}

// openAs is openWith with a token.
func openAs(ctx context.Context, config *Config, token string, may access, tell func(phase string, took time.Duration, err error)) (*session, error) {
	s, err := dial(ctx, config, tell)
	if err != nil {
		return nil, cancelled(ctx, err)
	}
	for _, step := range []struct {
		phase string
		limit time.Duration
		run   func() error
	}{
		{phaseConnect, config.Timeouts.Connect, func() error { return s.secure(ctx) }},
		{phaseConnect, config.Timeouts.Connect, func() error { return s.client.WaitGreeting() }},
		{phaseLogin, config.Timeouts.Command, func() error { return s.login(token) }},
		{phaseOpen, config.Timeouts.Command, func() error { return s.open(may) }},
	} {
		begin := time.Now()
		err := s.within(step.limit, commandBudget, step.run)
		var typed *Error
		if err != nil && !errors.As(err, &typed) {
			err = failure(step.phase, err)
		}
		tell(step.phase, time.Since(begin), err)
		if err != nil {
			s.close()
			return nil, cancelled(ctx, err)
		}
	}
	return s, nil
}

// token asks for one, if tokens are used.
func (c *Config) token(ctx context.Context) (string, error) {
	if c.Token == nil {
		return "", nil
	}
	token, err := c.Token(ctx)
	if err != nil {
		return "", failure(phaseLogin, fmt.Errorf("%w: %w", errNoToken, err))
	}
	return token, nil
}

// dial connects.
func dial(ctx context.Context, config *Config, tell func(phase string, took time.Duration, err error)) (*session, error) {
	begin := time.Now()
	dialer := net.Dialer{Timeout: config.Timeouts.Connect}
	conn, err := dialer.DialContext(ctx, "tcp", config.Address)
	if err != nil {
		err = failure(phaseConnect, err)
	}
	tell(phaseConnect, time.Since(begin), err)
	if err != nil {
		return nil, err
	}
	s := &session{conn: conn, config: config, news: make(chan struct{}, 1)}
	s.stop = context.AfterFunc(ctx, func() { conn.Close() })
	return s, nil
}

// cancelled prefers the context's error: a closed connection is then its effect.
func cancelled(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// secure sets up TLS and the client.
func (s *session) secure(ctx context.Context) error {
	switch s.config.Security {
	case TLS:
		conn := tls.Client(s.conn, s.config.TLSConfig)
		if err := conn.HandshakeContext(ctx); err != nil {
			return err
		}
		s.client = imapclient.New(patientConn{conn, s}, s.options())
	case StartTLS:
		conn, err := s.startTLS(ctx)
		if err != nil {
			return err
		}
		s.client = imapclient.New(patientConn{conn, s}, s.options())
	case Plaintext:
		s.client = imapclient.New(patientConn{s.conn, s}, s.options())
	}
	return nil
}

// open opens the folder.
func (s *session) open(may access) error {
	data, err := s.client.Select(s.config.Folder, &goimap.SelectOptions{ReadOnly: may == reading}).Wait()
	if err != nil {
		return err
	}
	if data.UIDValidity == 0 {
		return errors.New("the server gives no UIDVALIDITY")
	}
	s.uidValidity, s.uidNext, s.mails = data.UIDValidity, uint32(data.UIDNext), data.NumMessages
	return nil
}

// within runs one phase and closes the connection if it takes longer than limit or
// brings more than budget bytes, which makes every blocked call return.
func (s *session) within(limit time.Duration, budget int64, run func() error) error {
	s.budget.Store(budget)
	timer := time.AfterFunc(limit, func() {
		s.timedOut.Store(true)
		s.conn.Close()
	})
	defer timer.Stop()
	err := run()
	var status *goimap.Error
	switch {
	case err == nil, errors.As(err, &status):
		return err
	case s.timedOut.Load():
		return errTimeout
	case s.budget.Load() < 0:
		return errFlood
	case s.stopped.Load():
		return errGuard
	case s.lost.Load():
		return fmt.Errorf("%w: %w", errLost, err)
	}
	return err
}

// close ends the connection at once. No LOGOUT is sent: nothing depends on it, and
// its answer would have to be waited for.
func (s *session) close() {
	s.stop()
	s.conn.Close()
	if s.client != nil {
		_ = s.client.Close() // the error is that the connection is closed
	}
}
