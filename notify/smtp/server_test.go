package smtp_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"
	"go.uber.org/goleak"

	"github.com/helpdeskgo/helpdesk/internal/smtpserver"
	"github.com/helpdeskgo/helpdesk/internal/testcert"
	"github.com/helpdeskgo/helpdesk/notify/letter"
	"github.com/helpdeskgo/helpdesk/notify/smtp"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	shop = "support@shop.example"
	ann  = "ann@example.com"
)

func lamp() *letter.Letter {
	return &letter.Letter{
		From: letter.Address{Name: "The Lamp Shop", Email: shop}, To: []letter.Address{{Name: "Ann", Email: ann}}, Subject: "Your lamp",
		Date: time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC), MessageID: "hd.abc@shop.example", Text: "It is on its way.\n.\n..dots\n", HTML: "<p>It is on its way.</p>",
	}
}

func server(t testing.TB, o smtp.Options) *smtp.Server {
	t.Helper()
	s, err := smtp.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func trust(c testcert.Certificate) *tls.Config { return &tls.Config{RootCAs: c.Pool} }

func serve(c testcert.Certificate) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{c.TLS}}
}

func send(t testing.TB, s *smtp.Server) {
	t.Helper()
	if err := s.Send(t.Context(), lamp(), shop, ann); err != nil {
		t.Errorf("send: %v", err)
	}
}

func failed(t testing.TB, err error) *smtp.Error {
	t.Helper()
	var e *smtp.Error
	if !errors.As(err, &e) {
		t.Fatalf("%v is no *smtp.Error", err)
	}
	return e
}

func TestSend(t *testing.T) {
	t.Parallel()
	cert := testcert.New(t)
	right := func(_, user, secret string) error {
		if user != "shop" || secret != "secret" {
			return gosmtp.ErrAuthFailed
		}
		return nil
	}
	token := func(context.Context) (string, error) { return "secret", nil }
	for what, c := range map[string]struct {
		server smtpserver.Options
		client smtp.Options
	}{
		"in the clear":              {smtpserver.Options{}, smtp.Options{Security: smtp.Plain}},
		"over TLS":                  {smtpserver.Options{TLS: serve(cert), Implicit: true}, smtp.Options{Security: smtp.TLS, TLS: trust(cert)}},
		"over STARTTLS":             {smtpserver.Options{TLS: serve(cert)}, smtp.Options{TLS: trust(cert)}},
		"with a password":           {smtpserver.Options{TLS: serve(cert), Mechanisms: []string{sasl.Plain}, Login: right}, smtp.Options{TLS: trust(cert), Username: "shop", Password: "secret"}},
		"with a password, by LOGIN": {smtpserver.Options{TLS: serve(cert), Mechanisms: []string{sasl.Login}, Login: right}, smtp.Options{TLS: trust(cert), Username: "shop", Password: "secret"}},
		"with a token":              {smtpserver.Options{TLS: serve(cert), Mechanisms: []string{sasl.OAuthBearer}, Login: right}, smtp.Options{TLS: trust(cert), Username: "shop", Token: token}},
	} {
		t.Run("M24 a letter arrives as it is, "+what, func(t *testing.T) {
			t.Parallel()
			srv := smtpserver.Start(t, c.server)
			c.client.Address = srv.Addr
			s := server(t, c.client)
			send(t, s)
			mails := srv.Mails()
			if len(mails) != 1 || mails[0].From != shop || !slices.Equal(mails[0].To, []string{ann}) {
				t.Fatalf("%+v", mails)
			}
			var want bytes.Buffer
			if err := lamp().Write(t.Context(), &want); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(mails[0].Raw, want.Bytes()) {
				t.Errorf("%q, want %q", mails[0].Raw, want.Bytes())
			}
			if err := s.Check(t.Context()); err != nil {
				t.Errorf("check: %v", err)
			}
		})
	}
	t.Run("M24 connections are kept, so many at once and for so many letters", func(t *testing.T) {
		t.Parallel()
		srv := smtpserver.Start(t, smtpserver.Options{})
		s := server(t, smtp.Options{Address: srv.Addr, Security: smtp.Plain, Letters: 5, Connections: 3})
		for range 10 {
			send(t, s)
		}
		if n := srv.Connections(); n != 2 {
			t.Errorf("%d connections for 10 letters of 5 each", n)
		}
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() { send(t, s) })
		}
		all.Wait()
		if n := len(srv.Mails()); n != 30 {
			t.Errorf("%d mails of 30", n)
		}
	})
	t.Run("M24 a connection that nobody needs is closed, and one that the server has closed is no loss", func(t *testing.T) {
		t.Parallel()
		srv := smtpserver.Start(t, smtpserver.Options{})
		wires := &wires{}
		s := server(t, smtp.Options{Address: srv.Addr, Security: smtp.Plain, Idle: 20 * time.Millisecond, Dial: wires.dial})
		send(t, s)
		wires.waitClosed(t, 1)
		send(t, s)
		kept := server(t, smtp.Options{Address: srv.Addr, Security: smtp.Plain, Dial: wires.dial})
		send(t, kept)
		wires.cut()
		send(t, kept)
		if n := len(srv.Mails()); n != 4 {
			t.Errorf("%d mails of 4", n)
		}
	})
	t.Run("M24 an address of all the world goes where it is taken, and nowhere else", func(t *testing.T) {
		t.Parallel()
		l := lamp()
		l.To = []letter.Address{{Email: "иван@пример.рф"}}
		for _, utf8 := range []bool{true, false} {
			srv := smtpserver.Start(t, smtpserver.Options{UTF8: utf8})
			err := server(t, smtp.Options{Address: srv.Addr, Security: smtp.Plain}).Send(t.Context(), l, "", "иван@пример.рф")
			switch mails := srv.Mails(); {
			case utf8 && (err != nil || len(mails) != 1 || mails[0].To[0] != "иван@xn--e1afmkfd.xn--p1ai" || mails[0].From != ""):
				t.Errorf("%v, %v", mails, err)
			case !utf8 && (!errors.Is(err, smtp.ErrNeedsUTF8) || !failed(t, err).Permanent || len(mails) != 0):
				t.Errorf("%v, %v", mails, err)
			}
		}
	})
	t.Run("M24 a signed letter is known for the shop's, and only as it was signed", func(t *testing.T) {
		t.Parallel()
		public, key, err := ed25519.GenerateKey(nil)
		if err != nil {
			t.Fatal(err)
		}
		srv := smtpserver.Start(t, smtpserver.Options{})
		send(t, server(t, smtp.Options{Address: srv.Addr, Security: smtp.Plain, DKIM: &smtp.DKIM{Domain: "shop.example", Selector: "desk", Key: key}}))
		look := &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
			if name != "desk._domainkey.shop.example" {
				return nil, errors.New("asks for " + name)
			}
			return []string{"v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)}, nil
		}}
		raw := string(srv.Mails()[0].Raw)
		for what, c := range map[string]struct {
			raw  string
			good bool
		}{"as sent": {raw, true}, "another text": {strings.Replace(raw, "on its way", "on its  weg", 1), false},
			"another subject": {strings.Replace(raw, "Your lamp", "Your lamb", 1), false}, "an answer address added": {"Reply-To: eve@example.com\r\n" + raw, false}} {
			list, err := dkim.VerifyWithOptions(strings.NewReader(c.raw), look)
			if err != nil || len(list) != 1 || (list[0].Err == nil) != c.good {
				t.Errorf("%s: %+v, %v", what, list, err)
			}
		}
	})
}

// wires are the connections of a client, which a test can cut.
type wires struct {
	mu   sync.Mutex
	all  []net.Conn
	done int
}

type wire struct {
	net.Conn
	once sync.Once
	w    *wires
}

func (x *wire) Close() error {
	x.once.Do(func() {
		x.w.mu.Lock()
		x.w.done++
		x.w.mu.Unlock()
	})
	return x.Conn.Close()
}

func (w *wires) dial(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all = append(w.all, c)
	return &wire{Conn: c, w: w}, nil
}

func (w *wires) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.all {
		_ = c.Close()
	}
}

func (w *wires) waitClosed(t testing.TB, n int) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		w.mu.Lock()
		done := w.done
		w.mu.Unlock()
		if done >= n {
			return
		}
	}
	t.Fatalf("%d connections were not closed", n)
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	said := func(code int, x, y, z int) error {
		return &gosmtp.SMTPError{Code: code, EnhancedCode: gosmtp.EnhancedCode{x, y, z}, Message: "no, not you"}
	}
	at := func(err error) func(string) error { return func(string) error { return err } }
	for what, c := range map[string]struct {
		server smtpserver.Options
		want   smtp.Error
	}{
		"a sender for good":                 {smtpserver.Options{Sender: at(said(550, 5, 7, 1))}, smtp.Error{Stage: smtp.Sender, Code: 550, Status: "5.7.1", Permanent: true}},
		"a sender for now":                  {smtpserver.Options{Sender: at(said(451, 4, 7, 1))}, smtp.Error{Stage: smtp.Sender, Code: 451, Status: "4.7.1"}},
		"a recipient for good":              {smtpserver.Options{Recipient: at(said(550, 5, 1, 1))}, smtp.Error{Stage: smtp.Recipient, Code: 550, Status: "5.1.1", Permanent: true}},
		"a recipient for now":               {smtpserver.Options{Recipient: at(said(450, 4, 2, 1))}, smtp.Error{Stage: smtp.Recipient, Code: 450, Status: "4.2.1"}},
		"a letter for good":                 {smtpserver.Options{Data: func(smtpserver.Mail) error { return said(554, 5, 6, 0) }}, smtp.Error{Stage: smtp.Content, Code: 554, Status: "5.6.0", Permanent: true}},
		"a letter for now":                  {smtpserver.Options{Data: func(smtpserver.Mail) error { return said(452, 4, 3, 1) }}, smtp.Error{Stage: smtp.Content, Code: 452, Status: "4.3.1"}},
		"everybody, for it is being closed": {smtpserver.Options{Recipient: at(said(421, 4, 3, 2))}, smtp.Error{Stage: smtp.Recipient, Code: 421, Status: "4.3.2", Server: true}},
		"who is not logged in":              {smtpserver.Options{Mechanisms: []string{sasl.Plain}}, smtp.Error{Stage: smtp.Sender, Code: 502, Status: "5.7.0", Permanent: true}},
	} {
		t.Run("M24 a server refuses "+what, func(t *testing.T) {
			t.Parallel()
			srv := smtpserver.Start(t, c.server)
			s := server(t, smtp.Options{Address: srv.Addr, Security: smtp.Plain})
			e := failed(t, s.Send(t.Context(), lamp(), shop, ann))
			text := e.Error()
			if e.Err = nil; *e != c.want {
				t.Errorf("%+v, want %+v", *e, c.want)
			}
			if c.server.Mechanisms == nil && !strings.Contains(text, "no, not you") {
				t.Errorf("it does not say what the server said: %s", text)
			}
		})
	}
	t.Run("M24 after a refusal the connection is as good as before", func(t *testing.T) {
		t.Parallel()
		srv := smtpserver.Start(t, smtpserver.Options{Recipient: func(to string) error {
			if to != ann {
				return said(550, 5, 1, 1)
			}
			return nil
		}})
		s := server(t, smtp.Options{Address: srv.Addr, Security: smtp.Plain})
		send(t, s)
		if err := s.Send(t.Context(), lamp(), shop, "nobody@example.com"); !failed(t, err).Permanent {
			t.Errorf("%v", err)
		}
		send(t, s)
		if srv.Connections() != 1 || len(srv.Mails()) != 2 {
			t.Errorf("%d connections, %d mails", srv.Connections(), len(srv.Mails()))
		}
	})
	t.Run("M42 a wrong password, and a token that has expired, are the server's and not the letter's", func(t *testing.T) {
		t.Parallel()
		cert := testcert.New(t)
		wrong := func(string, string, string) error { return gosmtp.ErrAuthFailed }
		for mechanism, o := range map[string]smtp.Options{
			sasl.Plain:       {Username: "shop", Password: "wrong"},
			sasl.OAuthBearer: {Username: "shop", Token: func(context.Context) (string, error) { return "old", nil }},
			"none of both":   {Username: "shop", Password: "wrong"},
			"no token":       {Username: "shop", Token: func(context.Context) (string, error) { return "", errors.New("grant revoked") }},
		} {
			srv := smtpserver.Start(t, smtpserver.Options{TLS: serve(cert), Mechanisms: []string{mechanism}, Login: wrong})
			o.Address, o.TLS = srv.Addr, trust(cert)
			for _, err := range []error{server(t, o).Send(t.Context(), lamp(), shop, ann), server(t, o).Check(t.Context())} {
				if e := failed(t, err); e.Stage != smtp.LoggingIn || e.Permanent || !e.Server || e.Unclear {
					t.Errorf("%s: %+v", mechanism, e)
				}
			}
		}
	})
	t.Run("M42 a token that the server refuses is said to whoever gave it, at the login and within a session", func(t *testing.T) {
		t.Parallel()
		good, mail := "one", "one"
		var refused []string
		srv := smtpserver.Start(t, smtpserver.Options{Mechanisms: []string{sasl.OAuthBearer},
			Login: func(_, _, secret string) error {
				if secret != good {
					return gosmtp.ErrAuthFailed
				}
				return nil
			},
			Sender: func(string) error {
				if mail != good {
					return &gosmtp.SMTPError{Code: 530, EnhancedCode: gosmtp.EnhancedCode{5, 7, 0}, Message: "authentication required"}
				}
				return nil
			}})
		s := server(t, smtp.Options{Address: srv.Addr, Security: smtp.Plain, Username: "shop",
			Token: func(context.Context) (string, error) { return mail, nil }, Refused: func(token string) { refused = append(refused, token) }})
		send(t, s)
		if len(refused) != 0 {
			t.Errorf("refused: %v", refused)
		}
		good = "two"
		if err := s.Send(t.Context(), lamp(), shop, ann); err == nil || !slices.Equal(refused, []string{"one", "one"}) {
			t.Errorf("%v, refused: %v", err, refused) // within the session, and at the login anew
		}
		mail = "two"
		send(t, s)
	})
	t.Run("M75 a server with a certificate that nobody trusts is told nothing, and so is one without TLS", func(t *testing.T) {
		t.Parallel()
		cert := testcert.New(t)
		for what, o := range map[string]smtpserver.Options{"untrusted": {TLS: serve(cert)}, "untrusted from the first byte": {TLS: serve(cert), Implicit: true}, "no TLS": {}} {
			asked := false
			o.Mechanisms, o.Login = []string{sasl.Plain}, func(string, string, string) error { asked = true; return nil }
			srv := smtpserver.Start(t, o)
			c := smtp.Options{Address: srv.Addr, Username: "shop", Password: "secret"}
			if o.Implicit {
				c.Security = smtp.TLS
			}
			if e := failed(t, server(t, c).Send(t.Context(), lamp(), shop, ann)); e.Stage != smtp.Securing || e.Permanent || !e.Server {
				t.Errorf("%s: %+v", what, e)
			}
			if asked || len(srv.Mails()) > 0 {
				t.Errorf("%s: it was told the password", what)
			}
		}
	})
	t.Run("X24 a letter whose file breaks off is not sent without it", func(t *testing.T) {
		t.Parallel()
		srv := smtpserver.Start(t, smtpserver.Options{})
		s := server(t, smtp.Options{Address: srv.Addr, Security: smtp.Plain})
		l := lamp()
		l.Files = []letter.File{{Name: "invoice.pdf", Open: func(context.Context) (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(strings.NewReader(strings.Repeat("x", 1<<20)), broken{})), nil
		}}}
		var f *letter.FileError
		if err := s.Send(t.Context(), l, shop, ann); !errors.As(err, &f) {
			t.Errorf("%v", err)
		}
		send(t, s)
		if mails := srv.Mails(); len(mails) != 1 || strings.Contains(string(mails[0].Raw), "invoice") {
			t.Errorf("%d mails", len(mails))
		}
	})
	t.Run("M24 what is no letter, no address and no option is refused before anything is said", func(t *testing.T) {
		t.Parallel()
		s := server(t, smtp.Options{Address: "127.0.0.1:1", Security: smtp.Plain})
		for what, err := range map[string]error{
			"no letter":    s.Send(t.Context(), &letter.Letter{}, shop, ann),
			"no recipient": s.Send(t.Context(), lamp(), shop, "x"),
			"two":          s.Send(t.Context(), lamp(), shop, "a@b.c>\r\nRCPT TO:<d@e.f"),
			"no sender":    s.Send(t.Context(), lamp(), "a b@c", ann),
		} {
			if !errors.Is(err, ticket.ErrInvalid) {
				t.Errorf("%s: %v", what, err)
			}
		}
		for what, o := range map[string]smtp.Options{
			"no port": {Address: "mail.example.com"}, "a password in the clear": {Address: "mail.example.com:25", Security: smtp.Plain, Username: "a", Password: "b"},
			"no name": {Address: "a:1", Password: "b"}, "no such way": {Address: "a:1", Security: "ssl"}, "no machine": {Address: "a:1", Hello: "a b"},
			"a time": {Address: "a:1", Timeout: -1}, "no key": {Address: "a:1", DKIM: &smtp.DKIM{Domain: "a", Selector: "b"}},
		} {
			if _, err := smtp.New(o); !errors.Is(err, ticket.ErrInvalid) {
				t.Errorf("%s: %v", what, err)
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if err := s.Send(t.Context(), lamp(), shop, ann); !errors.Is(err, smtp.ErrClosed) {
			t.Errorf("closed: %v", err)
		}
	})
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("the disk is gone") }
