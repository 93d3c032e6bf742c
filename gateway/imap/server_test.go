package imap_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"go.uber.org/goleak"

	"github.com/helpdeskgo/helpdesk/gateway/imap"
	"github.com/helpdeskgo/helpdesk/internal/dovecot"
	"github.com/helpdeskgo/helpdesk/internal/testcert"
)

func TestMain(m *testing.M) {
	if text := os.Getenv(errandVariable); text != "" {
		runErrand(text)
		return
	}
	goleak.VerifyTestMain(m)
}

// server is a real IMAP server that a test talks to.
type server struct {
	config imap.Config         // TLS
	plain  string              // address for STARTTLS and plaintext
	user   *imapmemserver.User // nil for Dovecot
}

// startMemory starts go-imap's in-memory server on loopback.
func startMemory(t *testing.T) server {
	t.Helper()
	cert := testcert.New(t)
	serverTLS := &tls.Config{Certificates: []tls.Certificate{cert.TLS}}
	memory := imapmemserver.New()
	user := imapmemserver.NewUser("desk", "secret")
	if err := user.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	memory.AddUser(user)
	s := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return memory.NewSession(), nil, nil
		},
		Caps:         goimap.CapSet{goimap.CapIMAP4rev1: {}, goimap.CapUIDPlus: {}},
		TLSConfig:    serverTLS,
		InsecureAuth: true,
		Logger:       log.New(io.Discard, "", 0),
	})
	secure := listen(t)
	plain := listen(t)
	done := make(chan struct{}, 2)
	go func() { s.Serve(tls.NewListener(secure, serverTLS)); done <- struct{}{} }()
	go func() { s.Serve(plain); done <- struct{}{} }()
	t.Cleanup(func() { s.Close(); <-done; <-done })
	return server{
		config: imap.Config{Address: secure.Addr().String(), Username: "desk", Password: "secret", TLSConfig: &tls.Config{RootCAs: cert.Pool}},
		plain:  plain.Addr().String(),
		user:   user,
	}
}

func startDovecot(t *testing.T) server {
	t.Helper()
	d := dovecot.Start(t)
	return server{
		config: imap.Config{Address: d.AddrTLS, Username: dovecot.Username, Password: dovecot.Password, TLSConfig: &tls.Config{RootCAs: d.Pool}},
		plain:  d.Addr,
	}
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// client logs in as another program would.
func (s server) client(t *testing.T) *imapclient.Client {
	t.Helper()
	c, err := imapclient.DialTLS(s.config.Address, &imapclient.Options{TLSConfig: &tls.Config{RootCAs: s.config.TLSConfig.RootCAs, ServerName: "127.0.0.1"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.Login(s.config.Username, s.config.Password).Wait(); err != nil {
		t.Fatal(err)
	}
	return c
}

// add appends mails to the inbox.
func add(t *testing.T, c *imapclient.Client, flags []goimap.Flag, mails ...[]byte) {
	t.Helper()
	addTo(t, c, "INBOX", flags, mails...)
}

// addTo appends mails to a folder.
func addTo(t *testing.T, c *imapclient.Client, folder string, flags []goimap.Flag, mails ...[]byte) {
	t.Helper()
	for _, raw := range mails {
		cmd := c.Append(folder, int64(len(raw)), &goimap.AppendOptions{Flags: flags, Time: arrived})
		if _, err := cmd.Write(raw); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := cmd.Wait(); err != nil {
			t.Fatal(err)
		}
	}
}

var arrived = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// numbered is a mail of at least size bytes.
func numbered(n, size int) []byte {
	head := fmt.Sprintf("From: ann@example.com\r\nMessage-ID: <%d@example.com>\r\nSubject: mail %d\r\n\r\n", n, n)
	return append([]byte(head), bytes.Repeat([]byte("text text text text text text text text text text text text\r\n"), 1+size/62)...)
}

// collector gathers what is handed over.
type collector struct{ messages []imap.Message }

func (c *collector) take(_ context.Context, m imap.Message) error {
	c.messages = append(c.messages, m)
	return nil
}

// summary is "UID:state" for each message.
func (c *collector) summary() string {
	var parts []string
	for _, m := range c.messages {
		parts = append(parts, fmt.Sprintf("%d:%d", m.UID, m.State))
	}
	return strings.Join(parts, " ")
}

func fetchAll(t *testing.T, config imap.Config, from imap.Cursor) (imap.Cursor, *collector) {
	t.Helper()
	var c collector
	cursor, err := newMailbox(t, config).Fetch(t.Context(), from, c.take)
	if err != nil {
		t.Fatal(err)
	}
	return cursor, &c
}

func newMailbox(t *testing.T, config imap.Config) *imap.Mailbox {
	t.Helper()
	m, err := imap.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
