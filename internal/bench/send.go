package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	gosmtp "github.com/emersion/go-smtp"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/notify"
	"github.com/helpdeskgo/helpdesk/notify/smtp"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// runSend compares letters that are rendered, composed and sent with mails of the same bytes that are only sent, each over
// one connection to one server in the same process: one that has a mail on disk before it says so, as servers must
// (RFC 5321, 6.1), and one that keeps nothing. The desk is in memory: what its commits cost is another line's matter.
func runSend(ctx context.Context, e *env) (out []result, err error) {
	for _, l := range []struct {
		name    string
		path    string
		promise float64
	}{{"", filepath.Join(e.dir, "mails"), 0.5}, {"kept by nobody", "", 0}} {
		r, err := sendTo(ctx, e, l.path)
		if err != nil {
			return nil, err
		}
		r.name, r.promise = l.name, l.promise
		out = append(out, r)
	}
	return out, nil
}

func sendTo(ctx context.Context, e *env, path string) (r result, err error) {
	sink, err := newSink(path)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, sink.close()) }()
	o, err := newOffice(ctx, sink)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, o.close(ctx)) }()
	for round := range e.rounds + 2 {
		if err := o.order(ctx, e.n, round); err != nil {
			return r, err
		}
	}
	raw, err := newRawSender(sink)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, raw.Close()) }()
	if err := o.send(ctx, 0, e.n); err != nil { // one of them is what the raw side sends
		return r, err
	}
	round := 0
	ours, theirs, ratio, err := e.pairs(func(n int) error { round++; return o.send(ctx, round, n) }, func(n int) error { return raw.send(sink.last(), n) })
	return result{ours: perOp("rendered, composed and sent", ours), raw: perOp(fmt.Sprintf("%d bytes sent", len(sink.last())), theirs), ratio: ratio}, err
}

// runDrainLetters has many letters sent, and says how much memory that takes.
func runDrainLetters(ctx context.Context, e *env) (out []result, err error) {
	sink, err := newSink("")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, sink.close()) }()
	o, err := newOffice(ctx, sink)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, o.close(ctx)) }()
	const parts = 10
	for part := range parts {
		if err := o.order(ctx, e.n, part); err != nil {
			return nil, err
		}
	}
	start := time.Now()
	for part := range parts {
		if err := o.send(ctx, part, e.n); err != nil {
			return nil, err
		}
		if part == 0 || part == parts-1 {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			fmt.Printf("  letters: %d sent in %v, %d MB of heap with the desk in memory\n", (part+1)*e.n, time.Since(start).Round(time.Millisecond), m.HeapAlloc>>20)
		}
	}
	return nil, nil
}

// office is a desk in memory whose letters go to a sink.
type office struct {
	*helpdesk.Desk
	mail *smtp.Server
	sink *sink

	mu  sync.Mutex
	now time.Time
}

func newOffice(ctx context.Context, s *sink) (*office, error) {
	o := &office{sink: s, now: opening}
	db := memory.New(nil)
	desk, err := helpdesk.New(ctx, db, &helpdesk.Config{Dispatch: helpdesk.Manual, Now: o.clock})
	if err != nil {
		return nil, err
	}
	o.Desk = desk
	if o.mail, err = smtp.New(smtp.Options{Address: s.address, Security: smtp.Plain, Connections: 1, Letters: 1 << 30}); err != nil {
		return nil, err
	}
	if _, err := notify.New(desk.Notification(), db, &notify.Options{Mail: o.mail, From: "help@shop.example", Workers: 1}); err != nil {
		return nil, err
	}
	host := ticket.WithActor(ctx, ticket.System("bench"))
	return o, desk.Settings().Update(host, ticket.DeskLayer, ticket.SettingsPatch{TellOpened: new(false), UndoSend: new(ticket.Duration(time.Hour))})
}

// opening is when the office's clock begins; the letters of a round are due in its own hour.
var opening = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

func (o *office) clock() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.now
}

func (o *office) set(round int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now = opening.Add(time.Duration(round) * time.Hour)
}

// order has n answers written, whose letters are due in the hour after the round's.
func (o *office) order(ctx context.Context, n, round int) error {
	o.set(round)
	customer, agent := ticket.WithActor(ctx, ticket.Client("42", "Ann Example", "ann@example.com")), ticket.WithActor(ctx, ticket.Staff("7", "Bob", "bob@shop.example"))
	for range n {
		t, err := o.CreateTicket(customer, ticket.Draft{Subject: "The lamp arrived in two pieces", Body: "Hello,\n\nthe lamp of order 1042 came today, and its foot is broken off.\n\nAnn"})
		if err != nil {
			return err
		}
		if _, err := o.Reply(agent, t.ID, ticket.ReplyDraft{Body: "Hello Ann,\n\na new lamp leaves today. Please keep the box.\n\nBob"}); err != nil {
			return err
		}
	}
	for {
		if n, err := o.Deliveries().Dispatch(ctx); err != nil || n == 0 {
			return err
		}
	}
}

// send sends what is due in the hour after a round's: n letters.
func (o *office) send(ctx context.Context, round, n int) error {
	o.set(round + 1)
	before := o.sink.count()
	errs := make([]error, senders)
	var wg sync.WaitGroup
	for i := range senders {
		wg.Go(func() {
			for did := 1; did > 0 && errs[i] == nil; {
				did, errs[i] = o.Tick(ctx)
			}
		})
	}
	wg.Wait()
	err := errors.Join(errs...)
	if got := o.sink.count() - before; err == nil && got != n {
		err = fmt.Errorf("%d of %d letters were sent", got, n)
	}
	return err
}

// senders is how many letters are in hand at once, as in a started desk: the next ones are composed while one is on the
// connection.
const senders = 4

func (o *office) close(ctx context.Context) error { return errors.Join(o.Stop(ctx), o.mail.Close()) }

// sink is a mail server that keeps the last mail, and has all of them on disk, if it has a file for them.
type sink struct {
	file    *os.File
	address string
	server  *gosmtp.Server
	done    chan error

	mu    sync.Mutex
	mails int
	raw   []byte
}

func newSink(path string) (s *sink, err error) {
	var file *os.File
	if path != "" {
		if file, err = os.Create(path); err != nil {
			return nil, err
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s = &sink{file: file, address: l.Addr().String(), done: make(chan error, 1)}
	s.server = gosmtp.NewServer(gosmtp.BackendFunc(func(*gosmtp.Conn) (gosmtp.Session, error) { return &taker{s: s}, nil }))
	s.server.Domain, s.server.ErrorLog = "localhost", log.New(io.Discard, "", 0)
	go func() { s.done <- s.server.Serve(l) }()
	return s, nil
}

func (s *sink) close() error {
	err := s.server.Close()
	if s.file != nil {
		err = errors.Join(err, s.file.Close())
	}
	if served := <-s.done; !errors.Is(served, gosmtp.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

func (s *sink) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mails
}

func (s *sink) last() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return bytes.Clone(s.raw)
}

// taker is a conversation with a client.
type taker struct {
	s   *sink
	raw bytes.Buffer
}

func (*taker) Reset()                                 {}
func (*taker) Logout() error                          { return nil }
func (*taker) Mail(string, *gosmtp.MailOptions) error { return nil }
func (*taker) Rcpt(string, *gosmtp.RcptOptions) error { return nil }
func (t *taker) Data(r io.Reader) error {
	t.raw.Reset()
	if _, err := t.raw.ReadFrom(r); err != nil {
		return err
	}
	t.s.mu.Lock()
	defer t.s.mu.Unlock()
	t.s.mails, t.s.raw = t.s.mails+1, append(t.s.raw[:0], t.raw.Bytes()...)
	if t.s.file == nil {
		return nil
	}
	_, err := t.s.file.Write(t.raw.Bytes())
	return errors.Join(err, t.s.file.Sync())
}

// rawSender sends bytes over one connection.
type rawSender struct{ *gosmtp.Client }

func newRawSender(s *sink) (rawSender, error) {
	c, err := gosmtp.Dial(s.address)
	if err != nil {
		return rawSender{}, err
	}
	return rawSender{c}, c.Hello("localhost")
}

func (r rawSender) send(raw []byte, n int) error {
	for range n {
		if err := r.Mail("help@shop.example", nil); err != nil {
			return err
		}
		if err := r.Rcpt("ann@example.com", nil); err != nil {
			return err
		}
		w, err := r.Data()
		if err != nil {
			return err
		}
		if _, err := w.Write(raw); err != nil {
			return err
		}
		if err := w.Close(); err != nil {
			return err
		}
	}
	return nil
}
