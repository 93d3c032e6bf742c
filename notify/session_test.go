package notify_test

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/emersion/go-sasl"

	"github.com/helpdeskgo/helpdesk/internal/smtpserver"
	"github.com/helpdeskgo/helpdesk/internal/testcert"
	"github.com/helpdeskgo/helpdesk/notify"
	"github.com/helpdeskgo/helpdesk/notify/smtp"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// sends is a shop with a mailer of its own to a server, and a chat that Bob hears by. What is said there is in chats.
func sends(t *testing.T, srv *smtpserver.Server, o smtp.Options, chats *[]string) *shop {
	t.Helper()
	o.Address, o.Timeout = srv.Addr, 5*time.Second
	mail := must(smtp.New(o))(t)
	t.Cleanup(func() { _ = mail.Close() })
	x := newShop(t, setup{at: srv, mailer: mail, change: func(o *notify.Options) {
		o.Channels = map[string]notify.Channel{"chat": notify.ChannelFunc(func(_ context.Context, t notify.Telling) error {
			*chats = append(*chats, t.Agent)
			return nil
		})}
	}})
	done(t, x.n.SetPreferences(as(bob), notify.Preferences{Channels: []string{"chat"}}))
	return x
}

// once checks that all mail of a ticket has left, each letter once and by its own id, at the first attempt.
func (x *shop) once(t *testing.T, id int64, attempts int) {
	t.Helper()
	ids := map[string]int{}
	for _, m := range x.taken(t) {
		ids[m.to+m.Header.Get("Message-Id")]++
	}
	for _, l := range must(x.n.Letters(x.host, id))(t) {
		if l.Channel != notify.Mail {
			continue
		}
		to := l.To.Email
		if l.Agent == ann.ID {
			to = ann.Email
		}
		if l.State != notify.Sent || l.Attempts != attempts || ids[to+"<"+l.MessageID+">"] != 1 {
			t.Errorf("%d mails to %s of %+v", ids[to+"<"+l.MessageID+">"], to, l)
		}
	}
}

// tokens are a server's: the one that is good now, and the one that the client logged in with.
type tokens struct {
	mu         sync.Mutex
	good, used string
	given      string // to the client
}

func (k *tokens) login(_, _, secret string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if secret != k.good {
		return errors.New("expired")
	}
	k.used = secret
	return nil
}

func (k *tokens) token(context.Context) (string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.given, nil
}

func (k *tokens) set(good, given string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.good, k.given = good, given
}

// ask refuses whoever logged in with what is not good any more.
func (k *tokens) ask(err error) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.used != k.good {
		return err
	}
	return nil
}

func TestToken(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		recipient bool
		err       error
	}{
		"at the sender, for good as it says":    {false, refusal(530, 5, 7, 0, "authentication required")},
		"at the sender, by a word of the login": {false, refusal(535, 5, 7, 3, "authentication unsuccessful")},
		"at the sender, for now":                {false, refusal(454, 4, 7, 0, "token expired")},
		"at the recipient":                      {true, refusal(530, 5, 7, 1, "client was not authenticated")},
		"and closes":                            {false, refusal(421, 4, 7, 0, "idle session expired")},
	} {
		t.Run("M24 a token runs out within a session, and the server says so "+what, func(t *testing.T) {
			t.Parallel()
			k := &tokens{good: "one", given: "one"}
			o := smtpserver.Options{Mechanisms: []string{sasl.OAuthBearer}, Login: k.login}
			if c.recipient {
				o.Recipient = func(string) error { return k.ask(c.err) }
			} else {
				o.Sender = func(string) error { return k.ask(c.err) }
			}
			var chats []string
			x := sends(t, smtpserver.Start(t, o), smtp.Options{Security: smtp.Plain, Username: "shop", Token: k.token}, &chats)
			tk := x.lamp(t)
			x.tick(t)
			k.set("two", "two")
			must(x.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "Is it plugged in?"}))(t)
			x.tick(t)
			x.once(t, tk.ID, 1)
			equal(t, "logins", x.server.Connections(), 2)
			k.set("three", "two") // and the new one is not there yet
			must(x.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "Is it on?"}))(t)
			one := x.lamp(t)
			x.tick(t)
			equal(t, "mails", len(x.taken(t)), 3) // the ticket to Gus and Ann, and the first answer
			equal(t, "by chat heard", len(chats), 2)
			if s := x.checked(t); !strings.Contains(s, "the mail server fails") {
				t.Error(s)
			}
			x.Clock.Advance(4 * 24 * time.Hour) // longer than anything is tried
			x.tick(t)
			k.set("three", "three")
			x.Clock.Advance(time.Hour)
			x.tick(t)
			x.once(t, tk.ID, 1)
			x.once(t, one.ID, 1)
		})
	}
}

func TestHandshake(t *testing.T) {
	t.Parallel()
	cert, strange := testcert.New(t), testcert.New(t)
	for what, implicit := range map[string]bool{"over TLS": true, "by STARTTLS": false} {
		t.Run("M24 letters wait while no handshake succeeds, "+what+", and nothing else does", func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			show, refuse := strange, error(nil)
			config := &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
				mu.Lock()
				defer mu.Unlock()
				return &show.TLS, refuse
			}}
			security := smtp.StartTLS
			if implicit {
				security = smtp.TLS
			}
			var chats []string
			x := sends(t, smtpserver.Start(t, smtpserver.Options{TLS: config, Implicit: implicit}), smtp.Options{Security: security, TLS: &tls.Config{RootCAs: cert.Pool}}, &chats)
			tk := x.lamp(t)
			for range 10 {
				x.tick(t)
				x.Clock.Advance(12 * time.Hour)
			}
			mu.Lock()
			refuse = errors.New("no key today")
			mu.Unlock()
			x.tick(t)
			equal(t, "mails", len(x.taken(t)), 0)
			equal(t, "by chat heard", len(chats), 1)
			if s := x.checked(t); !strings.Contains(s, "the mail server fails") || !strings.Contains(s, "tls") {
				t.Error(s)
			}
			mu.Lock()
			show, refuse = cert, nil
			mu.Unlock()
			x.Clock.Advance(time.Hour)
			x.tick(t)
			x.once(t, tk.ID, 1)
			equal(t, "mails", len(x.taken(t)), 2)
		})
	}
}

func TestSigned(t *testing.T) {
	t.Parallel()
	_, key, err := ed25519.GenerateKey(nil)
	done(t, err)
	_, other, err := ed25519.GenerateKey(nil)
	done(t, err)
	t.Run("M24 a server that takes no mail of the desk's signature gets it when it does, by the same Message-ID", func(t *testing.T) {
		t.Parallel()
		var mu sync.Mutex
		published := other // what DNS says is of a key that is not used any more
		verify := func(m smtpserver.Mail) error {
			mu.Lock()
			defer mu.Unlock()
			public := published.Public().(ed25519.PublicKey)
			lookup := func(string) ([]string, error) {
				return []string{"v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)}, nil
			}
			signed, err := dkim.VerifyWithOptions(strings.NewReader(string(m.Raw)), &dkim.VerifyOptions{LookupTXT: lookup})
			if err != nil || len(signed) != 1 || signed[0].Err != nil {
				return refusal(550, 5, 7, 20, "no passing DKIM signature found")
			}
			return nil
		}
		var chats []string
		o := smtp.Options{Security: smtp.Plain, DKIM: &smtp.DKIM{Domain: "shop.example", Selector: "s", Key: crypto.Signer(key)}}
		x := sends(t, smtpserver.Start(t, smtpserver.Options{Data: verify}), o, &chats)
		tk := x.lamp(t)
		for range 3 {
			x.tick(t)
			x.Clock.Advance(10 * time.Minute)
		}
		equal(t, "mails", len(x.taken(t)), 0)
		equal(t, "by chat heard", len(chats), 1)
		l := x.letterOf(t, tk.ID, ann.ID, notify.Mail)
		if l.State != notify.Queued || !strings.Contains(l.Error, "no passing DKIM") {
			t.Errorf("%+v", l)
		}
		if m := must(x.Messages(as(ann), tk.ID, ticket.MessageQuery{}))(t)[0]; len(m.Undelivered) != 0 {
			t.Errorf("%+v", m.Undelivered)
		}
		mu.Lock()
		published = key
		mu.Unlock()
		x.Clock.Advance(time.Hour)
		x.tick(t)
		equal(t, "mails", len(x.taken(t)), 2)
		x.once(t, tk.ID, 4)
	})
}
