package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"path/filepath"
	"strings"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/gateway/imap"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
)

// runIngest compares mails that become tickets with reading the mailbox only: up to the commits of the tickets, on a desk
// without hooks and on one whose gate is asked about each, and up to where the search finds them. The server, of go-imap,
// is the same process, and all sides have mailboxes of the same size.
func runIngest(ctx context.Context, e *env) (out []result, err error) {
	if e.n < 100 { // a window of the mailbox
		e.n = 100
	}
	total := (e.rounds + 1) * e.n
	post, err := newPost(map[string]int{"plain": 2 * total, "hooked": total, "reader": 3 * total})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, post.close()) }()
	plain, err := plainDesk(ctx, filepath.Join(e.dir, "ingest.db"), sqlite.Full)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, plain.close(ctx)) }()
	hooked, err := openDesk(ctx, filepath.Join(e.dir, "hooked.db"), sqlite.Full, 1)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, hooked.close(ctx)) }()
	reader := &reading{box: post.box("reader")}
	committed := func(n int) error { return plain.ingest(ctx, post.box("plain"), n) }
	searchable := func(n int) error {
		err := committed(n)
		if err == nil {
			_, err = plain.Index().Update(ctx)
		}
		return err
	}
	for _, l := range []struct {
		name    string
		run     func(n int) error
		promise float64
	}{{"committed", committed, 0.12}, {"searchable", searchable, 0.08}, {"with hooks", func(n int) error { return hooked.ingest(ctx, post.box("hooked"), n) }, 0}} {
		ours, theirs, ratio, err := e.pairs(l.run, func(n int) error { return reader.read(ctx, n) })
		if err != nil {
			return nil, err
		}
		out = append(out, result{name: l.name, ours: perOp("mailbox to tickets", ours), raw: perOp("mailbox read", theirs), ratio: ratio, promise: l.promise})
	}
	return out, nil
}

// ingest brings in the next n mails. None is too many: its senders are few.
func (d *desk) ingest(ctx context.Context, box *imap.Mailbox, n int) error {
	g, err := gateway.New("bench", d.Mail(), d.s, &gateway.Options{Caps: gateway.Caps{SenderHour: -1, SenderDay: -1, DomainHour: -1, Hour: -1}})
	if err != nil {
		return err
	}
	if got, err := g.Fetch(ctx, &some{Source: box.Source(), left: n}); got != n || err != nil && !errors.Is(err, errEnough) {
		return fmt.Errorf("%d of %d mails: %w", got, n, err)
	}
	done := 0
	for {
		list, err := g.Process(ctx)
		if err != nil {
			return err
		}
		for _, o := range list {
			if o.Result != gateway.Opened {
				return fmt.Errorf("a mail is %s: %s", o.Result, o.Reason)
			}
		}
		if done += len(list); len(list) == 0 {
			break
		}
	}
	if done != n {
		return fmt.Errorf("%d of %d mails are tickets", done, n)
	}
	return nil
}

// errEnough ends a fetch after as many mails as were asked for.
var errEnough = errors.New("enough")

// some is a source of a few mails only.
type some struct {
	gateway.Source
	left int
}

func (s *some) Fetch(ctx context.Context, from gateway.Cursor, to gateway.Intake) (gateway.Cursor, error) {
	return s.Source.Fetch(ctx, from, &limited{to, s})
}

type limited struct {
	gateway.Intake
	of *some
}

func (l *limited) Take(ctx context.Context, in gateway.Incoming) error {
	if l.of.left == 0 {
		return errEnough
	}
	l.of.left--
	return l.Intake.Take(ctx, in)
}

// reading is the raw side: mails are fetched, and let go.
type reading struct {
	box  *imap.Mailbox
	from imap.Cursor
}

func (r *reading) read(ctx context.Context, n int) error {
	got := 0
	cursor, err := r.box.Fetch(ctx, r.from, func(_ context.Context, m imap.Message) error {
		if got == n {
			return errEnough
		}
		got++
		return nil
	})
	if r.from = cursor; got != n || err != nil && !errors.Is(err, errEnough) {
		return fmt.Errorf("%d of %d mails: %w", got, n, err)
	}
	return nil
}

// post is a mail server with a mailbox for each side.
type post struct {
	server *imapserver.Server
	addr   string
	served chan error
}

// newPost has mailboxes of so many mails.
func newPost(mails map[string]int) (*post, error) {
	memory := imapmemserver.New()
	for name, n := range mails {
		user := imapmemserver.NewUser(name, "secret")
		if err := user.Create("INBOX", nil); err != nil {
			return nil, err
		}
		for i := range n {
			if _, err := user.Append("INBOX", bytes.NewReader(benchMail(i)), &goimap.AppendOptions{}); err != nil {
				return nil, err
			}
		}
		memory.AddUser(user)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &post{addr: l.Addr().String(), served: make(chan error, 1), server: imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return memory.NewSession(), nil, nil
		},
		Caps: goimap.CapSet{goimap.CapIMAP4rev1: {}}, InsecureAuth: true, Logger: log.New(io.Discard, "", 0),
	})}
	go func() { p.served <- p.server.Serve(l) }()
	return p, nil
}

func (p *post) close() error {
	err := p.server.Close()
	<-p.served // it says that it was closed
	return err
}

func (p *post) box(user string) *imap.Mailbox {
	b, err := imap.New(imap.Config{Address: p.addr, Security: imap.Plaintext, Username: user, Password: "secret", WindowMails: 200})
	if err != nil {
		panic(err) // the configuration stands above
	}
	return b
}

// benchMail is a mail as people write them: some paragraphs as text and as HTML, with a picture of some kilobytes.
func benchMail(i int) []byte {
	text := strings.Repeat("Hello, the lamp that I ordered arrived in two pieces. Could you send another one?\r\n", 12)
	picture := strings.Repeat("iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4//8/w38GIAXDIBKE\r\n", 50)
	return fmt.Appendf(nil, "From: Ann Example <ann%d@example.com>\r\nTo: support@desk.example\r\nMessage-ID: <%d@mail.example>\r\n"+
		"Date: Mon, 02 Mar 2026 12:00:00 +0100\r\nSubject: Lamp %d\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n"+
		"--m\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n%s%d\r\n"+
		"--a\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><body><p>%s</p></body></html>\r\n--a--\r\n"+
		"--m\r\nContent-Type: image/png; name=lamp.png\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=lamp.png\r\n\r\n%s\r\n--m--\r\n",
		i%500, i, i, text, i, text, picture)
}
