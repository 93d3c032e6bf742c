package roundtrip_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	netsmtp "net/smtp"
	"strings"
	"sync/atomic"
	"testing"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"github.com/helpdeskgo/helpdesk/gateway/imap"
	"github.com/helpdeskgo/helpdesk/internal/dovecot"
	"github.com/helpdeskgo/helpdesk/internal/mark"
	"github.com/helpdeskgo/helpdesk/internal/smtpserver"
	"github.com/helpdeskgo/helpdesk/internal/testcert"
)

// post is a mail server: what is sent by SMTP to the desk lies in one mailbox, what is sent to anybody else in another.
type post struct {
	*smtpserver.Server
	desk, people box
	read         imap.Cursor // up to where the people have read
	broken       atomic.Bool // a mail could not be put into a mailbox
}

// box is a mailbox on an IMAP server.
type box struct {
	config  imap.Config
	deliver func(raw []byte) error
}

// checks is how the mail server of the desk signs what it has found out about senders.
const checks = "mx.shop.example"

// newPost starts one. With checks it says of each sender that it is no forged one (RFC 8601).
func newPost(t testing.TB, kind func(t testing.TB) box, checking bool) *post {
	t.Helper()
	p := &post{desk: kind(t), people: kind(t)}
	p.Server = smtpserver.Start(t, smtpserver.Options{Data: func(m smtpserver.Mail) error {
		for _, to := range m.To {
			b, head := p.people, fmt.Sprintf("Return-Path: <%s>\r\nDelivered-To: %s\r\n", m.From, to)
			if mark.Base(to) == help {
				b = p.desk
				if _, domain, ok := strings.Cut(m.From, "@"); ok && checking {
					head += fmt.Sprintf("Authentication-Results: %s; dmarc=pass header.from=%s\r\n", checks, domain)
				}
			}
			if err := b.deliver(append([]byte(head), m.Raw...)); err != nil {
				p.broken.Store(true)
				return err
			}
		}
		return nil
	}})
	t.Cleanup(func() {
		if p.broken.Load() {
			t.Error("a mail could not be put into a mailbox")
		}
	})
	return p
}

// send hands a mail of somebody to the server.
func (p *post) send(t testing.TB, from, to, raw string) {
	t.Helper()
	raw = strings.ReplaceAll(strings.ReplaceAll(raw, "\r\n", "\n"), "\n", "\r\n")
	done(t, netsmtp.SendMail(p.Addr, nil, from, []string{to}, []byte(raw)))
}

// letters reads what has come for people since they looked last.
func (p *post) letters(t testing.TB) (out []received) {
	t.Helper()
	m := must(imap.New(p.people.config))(t)
	end, err := m.Fetch(context.Background(), p.read, func(_ context.Context, m imap.Message) error {
		out = append(out, read(t, m.Raw))
		return nil
	})
	done(t, err)
	p.read = end
	return out
}

// memoryBox is a mailbox on go-imap's server in memory.
func memoryBox(t testing.TB) box {
	t.Helper()
	cert := testcert.New(t)
	memory := imapmemserver.New()
	user := imapmemserver.NewUser("desk", "secret")
	done(t, user.Create("INBOX", nil))
	memory.AddUser(user)
	server := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return memory.NewSession(), nil, nil
		},
		Caps: goimap.CapSet{goimap.CapIMAP4rev1: {}, goimap.CapUIDPlus: {}}, Logger: log.New(io.Discard, "", 0),
	})
	l := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	served := make(chan struct{})
	go func() {
		server.Serve(tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{cert.TLS}}))
		close(served)
	}()
	t.Cleanup(func() { server.Close(); <-served })
	return box{
		config: imap.Config{Address: l.Addr().String(), Username: "desk", Password: "secret", TLSConfig: &tls.Config{RootCAs: cert.Pool}},
		deliver: func(raw []byte) error {
			_, err := user.Append("INBOX", bytes.NewReader(raw), &goimap.AppendOptions{})
			return err
		},
	}
}

// dovecotBox is a mailbox of a Dovecot; without one the test is skipped.
func dovecotBox(t testing.TB) box {
	t.Helper()
	d := dovecot.Start(t)
	return box{
		config:  imap.Config{Address: d.AddrTLS, Username: dovecot.Username, Password: dovecot.Password, TLSConfig: &tls.Config{RootCAs: d.Pool}},
		deliver: func(raw []byte) error { d.Deliver(t, raw); return nil },
	}
}
