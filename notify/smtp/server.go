package smtp

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"sync"
	"time"

	gosmtp "github.com/emersion/go-smtp"

	"github.com/helpdeskgo/helpdesk/notify/letter"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Server is a mail server that takes letters. It is safe for concurrent use.
type Server struct {
	o     Options
	slots chan struct{} // one for each connection that may be

	buffers sync.Pool // for letters that are written before they have a connection

	mu     sync.Mutex
	idle   []*conn // the one that worked last is the last
	closed bool
}

// New returns the server that options name; nothing is said to it yet. Errors: ticket.ErrInvalid, field by field.
func New(o Options) (*Server, error) {
	o, err := o.filled()
	if err != nil {
		return nil, err
	}
	return &Server{o: o, slots: make(chan struct{}, o.Connections)}, nil
}

// Send hands a letter over for one recipient; from is where a server says that it cannot deliver it, and is empty for a
// letter of which that must not be said, as of an automatic answer. Errors: *Error; ticket.ErrInvalid for what is no letter
// or no address; *letter.FileError, for which nothing was sent; ErrClosed; the context's own.
func (s *Server) Send(ctx context.Context, l *letter.Letter, from, to string) error {
	if err := l.Check(); err != nil {
		return err
	}
	e := envelope{utf8: l.NeedsUTF8()}
	if err := e.fill(from, to); err != nil {
		return err
	}
	b := s.buffer()
	defer s.free(b)
	write, err := s.written(ctx, l, b)
	if err != nil {
		return err
	}
	return s.with(ctx, func(c *conn) error { return c.send(ctx, e, write) })
}

// written signs a letter and, if it has no files, writes it to b: while others have the connections. What it returns writes
// the bytes that are sent; files are read no sooner than that, for nothing of their size is kept.
func (s *Server) written(ctx context.Context, l *letter.Letter, b *bytes.Buffer) (func(io.Writer) error, error) {
	signature, err := s.o.DKIM.sign(ctx, l)
	if err != nil {
		return nil, err
	}
	write := func(w io.Writer) error {
		if _, err := io.WriteString(w, signature); err != nil {
			return err
		}
		return l.Write(ctx, w)
	}
	if len(l.Files) > 0 {
		return write, nil
	}
	b.Grow((len(l.Text)+len(l.HTML))*9/8 + 2048) // what they mostly become, with a header
	if err := write(b); err != nil {
		return nil, err
	}
	return func(w io.Writer) error {
		_, err := w.Write(b.Bytes())
		return err
	}, nil
}

// maxKept is how large a buffer is kept for the next letter.
const maxKept = 64 << 10

func (s *Server) buffer() *bytes.Buffer {
	if b, ok := s.buffers.Get().(*bytes.Buffer); ok {
		return b
	}
	return new(bytes.Buffer)
}

func (s *Server) free(b *bytes.Buffer) {
	if b.Cap() <= maxKept {
		b.Reset()
		s.buffers.Put(b)
	}
}

// envelope is what a server is told of a letter.
type envelope struct {
	from, to string
	utf8     bool
}

func (e *envelope) fill(from, to string) (err error) {
	if from != "" {
		if e.from, err = letter.Envelope(from); err != nil {
			return ticket.Invalid("from", ticket.FaultMalformed, "%v", err)
		}
	}
	if e.to, err = letter.Envelope(to); err != nil {
		return ticket.Invalid("to", ticket.FaultMalformed, "%v", err)
	}
	e.utf8 = e.utf8 || !letter.ASCII(e.from+e.to)
	return nil
}

// Check reaches the server and logs in. Errors: as those of Send.
func (s *Server) Check(ctx context.Context) error {
	return s.with(ctx, func(c *conn) error {
		if err := c.Noop(); err != nil {
			return failure(Connecting, because(ctx, err))
		}
		return nil
	})
}

// Close closes the connections that wait, and those that work once they are done. Nothing is sent any more.
func (s *Server) Close() error {
	s.mu.Lock()
	s.closed = true
	idle := s.idle
	s.idle = nil
	s.mu.Unlock()
	for _, c := range idle {
		c.timer.Stop()
		c.quit()
	}
	return nil
}

// with lends a connection. One that was kept may have been closed by the server since: then nothing was sent, and a new one
// is taken.
func (s *Server) with(ctx context.Context, do func(c *conn) error) error {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	for {
		c, err := s.take(ctx)
		if err != nil {
			return err
		}
		fresh := c.letters == 0
		err = c.during(ctx, func() error { return do(c) })
		s.giveBack(c, err)
		var e *Error
		if err == nil || fresh || ctx.Err() != nil || !errors.As(err, &e) || !e.Server || e.Stage == Content {
			return err
		}
	}
}

func (s *Server) take(ctx context.Context) (*conn, error) {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil, ErrClosed
	}
	if n := len(s.idle); n > 0 {
		c := s.idle[n-1]
		s.idle = s.idle[:n-1]
		s.mu.Unlock()
		c.timer.Stop()
		return c, nil
	}
	s.mu.Unlock()
	return s.connect(ctx)
}

// giveBack keeps a connection for the next letter, if it is good for one.
func (s *Server) giveBack(c *conn, err error) {
	var e *Error
	if err != nil && (!errors.As(err, &e) || e.Server || e.Unclear) {
		_ = c.Close()
		return
	}
	c.letters++
	if err != nil && c.Reset() != nil || c.letters >= s.o.Letters {
		c.quit()
		return
	}
	s.mu.Lock()
	closed := s.closed
	if !closed {
		s.idle = append(s.idle, c)
		c.timer = time.AfterFunc(s.o.Idle, func() { s.expire(c) })
	}
	s.mu.Unlock()
	if closed {
		c.quit()
	}
}

// expire closes a connection that nobody has taken for a while.
func (s *Server) expire(c *conn) {
	s.mu.Lock()
	i := slices.Index(s.idle, c)
	if i >= 0 {
		s.idle = slices.Delete(s.idle, i, i+1)
	}
	s.mu.Unlock()
	if i >= 0 {
		c.quit()
	}
}

// send is one mail transaction.
func (c *conn) send(ctx context.Context, e envelope, write func(io.Writer) error) error {
	if ok, _ := c.Extension("SMTPUTF8"); e.utf8 && !ok {
		return &Error{Stage: Recipient, Permanent: true, Err: ErrNeedsUTF8}
	}
	if err := c.Mail(e.from, &gosmtp.MailOptions{UTF8: e.utf8}); err != nil {
		return c.refused(Sender, because(ctx, err))
	}
	if err := c.Rcpt(e.to, nil); err != nil {
		return c.refused(Recipient, because(ctx, err))
	}
	w, err := c.Data()
	if err != nil {
		f := c.refused(Content, because(ctx, err))
		f.Unclear = false // no byte of it was sent
		return f
	}
	if err := c.content(ctx, w, write); err != nil { // the end of the mail is never sent: the server forgets it
		return err
	}
	if err := w.Close(); err != nil {
		return failure(Content, because(ctx, err))
	}
	return nil
}

// refused is failure of a connection that is logged in. What says that it is not any more is not about the letter: of the
// recipient, it may be where the server has only just let us in.
func (c *conn) refused(stage Stage, err error) *Error {
	f := failure(stage, err)
	if f.lapsed() && (stage == Sender || c.letters > 0) {
		f.Server, f.Permanent = true, false
		c.tokenRefused(f)
	}
	return f
}

func (c *conn) content(ctx context.Context, w io.Writer, write func(io.Writer) error) error {
	out := &writing{Writer: w}
	err := write(out)
	if out.err == nil {
		return err
	}
	f := failure(Content, because(ctx, out.err))
	f.Unclear = false // it has no end
	return f
}

// writing tells an error of the connection from one of the letter.
type writing struct {
	io.Writer
	err error
}

func (w *writing) Write(b []byte) (int, error) {
	n, err := w.Writer.Write(b)
	w.err = errors.Join(w.err, err)
	return n, err
}
