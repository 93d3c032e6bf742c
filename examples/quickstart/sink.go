package main

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"net"
	"net/mail"
	"strings"
	"sync"

	gosmtp "github.com/emersion/go-smtp"

	"github.com/helpdeskgo/helpdesk/notify/smtp"
)

// sink is a mail server in this process that keeps what it is given: nobody is written to.
type sink struct {
	address  string
	listener net.Listener
	server   *gosmtp.Server
	done     chan struct{}

	mu     sync.Mutex
	caught []caught
}

// caught is a mail that would have gone out.
type caught struct {
	to string
	*mail.Message
	body string
}

func startSink() (*sink, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("mail server: %w", err)
	}
	s := &sink{address: l.Addr().String(), listener: l, done: make(chan struct{})}
	s.server = gosmtp.NewServer(gosmtp.BackendFunc(func(*gosmtp.Conn) (gosmtp.Session, error) { return &session{sink: s}, nil }))
	s.server.Domain, s.server.ErrorLog = "localhost", log.New(io.Discard, "", 0)
	go func() {
		defer close(s.done)
		_ = s.server.Serve(l) // ends with close
	}()
	return s, nil
}

// mailer is how letters get there.
func (s *sink) mailer() (*smtp.Server, error) {
	return smtp.New(smtp.Options{Address: s.address, Security: smtp.Plain})
}

func (s *sink) close() {
	_ = s.server.Close()
	_ = s.listener.Close() // which the server does not know yet if it was closed before it began to serve
	<-s.done
}

func (s *sink) mails() []caught {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]caught(nil), s.caught...)
}

// answerTo is what a customer's mail program makes of an answer to a mail that was caught.
func (c caught) answerTo(from, text string) []byte {
	var b strings.Builder
	id := strings.Trim(c.Header.Get("Message-Id"), "<>")
	fmt.Fprintf(&b, "From: %s\nTo: %s\nDate: %s\nSubject: Re: %s\n", from, c.Header.Get("From"), c.Header.Get("Date"), c.Header.Get("Subject"))
	fmt.Fprintf(&b, "Message-ID: <answer-to-%s>\nIn-Reply-To: <%s>\nReferences: %s <%s>\n", id, id, c.Header.Get("References"), id)
	fmt.Fprintf(&b, "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n%s\n\n", text)
	fmt.Fprintf(&b, "On Tue, 3 Mar 2026 at 09:00, %s wrote:\n> a new lamp leaves today. Please keep the box.\n", c.Header.Get("From"))
	return []byte(strings.ReplaceAll(b.String(), "\n", "\r\n"))
}

// session is a conversation with a client.
type session struct {
	sink *sink
	to   []string
}

func (x *session) Reset()        { x.to = nil }
func (x *session) Logout() error { return nil }

func (x *session) Mail(string, *gosmtp.MailOptions) error { return nil }

func (x *session) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	x.to = append(x.to, to)
	return nil
}

func (x *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	x.sink.mu.Lock()
	defer x.sink.mu.Unlock()
	x.sink.caught = append(x.sink.caught, caught{strings.Join(x.to, ", "), m, string(raw)})
	return nil
}
