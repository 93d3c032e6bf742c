package pop3_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/gateway/pop3"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func open(t *testing.T, c pop3.Config) *pop3.Mailbox {
	t.Helper()
	b, err := pop3.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func all(_ context.Context, ids []string) ([]string, error) { return ids, nil }

// fetched collects what a run brings: the id of each mail, its state, and its text.
func fetched(t *testing.T, b *pop3.Mailbox) (out []pop3.Message, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	err = b.Fetch(ctx, all, func(_ context.Context, m pop3.Message) error {
		out = append(out, m)
		return nil
	})
	return out, err
}

func some(n int) (out []mail) {
	for i := range n {
		out = append(out, mail{fmt.Sprint("id", i+1), fmt.Sprintf("Subject: %d\r\n\r\nbody %d\r\n", i+1, i+1)})
	}
	return out
}

func expect(t *testing.T, got []pop3.Message, err error, want ...mail) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) {
		t.Fatalf("%d mails, want %d: %+v", len(got), len(want), got)
	}
	for i, m := range got {
		if m.ID != want[i].id || string(m.Raw) != want[i].raw || m.State != pop3.Fetched || m.Size != int64(len(want[i].raw)) {
			t.Errorf("got %+v, want %+v", m, want[i])
		}
	}
}

func TestFetch(t *testing.T) {
	t.Parallel()
	t.Run("M35 mails come as they are, points, blank lines and long ones among them", func(t *testing.T) {
		t.Parallel()
		want := append(some(2), mail{"p", ".\r\n..\r\n.a\r\n\r\n.\r\n" + strings.Repeat("x", 100_000) + "\r\n"}, mail{"e", "\r\n"})
		got, err := fetched(t, open(t, newServer(t, false, want...).config()))
		expect(t, got, err, want...)
	})
	t.Run("M35 only what is not known is fetched", func(t *testing.T) {
		t.Parallel()
		s := newServer(t, false, some(4)...)
		var got []string
		err := open(t, s.config()).Fetch(t.Context(), func(_ context.Context, ids []string) ([]string, error) {
			if fmt.Sprint(ids) != "[id1 id2 id3 id4]" {
				t.Errorf("asked for %v", ids)
			}
			return []string{"id4", "id2"}, nil
		}, func(_ context.Context, m pop3.Message) error { got = append(got, m.ID); return nil })
		if err != nil || fmt.Sprint(got) != "[id2 id4]" {
			t.Errorf("%v, %v", got, err)
		}
		for _, c := range s.commands() {
			if strings.HasPrefix(c, "RETR") && c != "RETR 2" && c != "RETR 4" || strings.HasPrefix(c, "DELE") {
				t.Errorf("the server was asked to %s", c)
			}
		}
	})
	t.Run("M35 of a mail that is too big the header comes", func(t *testing.T) {
		t.Parallel()
		big := mail{"big", "Subject: big\r\n\r\n" + strings.Repeat("line\r\n", 1000)}
		c := newServer(t, false, big, some(1)[0]).config()
		c.MaxMail = 1000
		got, err := fetched(t, open(t, c))
		if err != nil || len(got) != 2 || got[0].State != pop3.TooBig || string(got[0].Raw) != "Subject: big\r\n\r\n" || got[1].State != pop3.Fetched {
			t.Errorf("%+v, %v", got, err)
		}
	})
	t.Run("M35 mails with the same id are told apart", func(t *testing.T) {
		t.Parallel()
		got, err := fetched(t, open(t, newServer(t, false, mail{"a", "1\r\n"}, mail{"a", "2\r\n"}).config()))
		expect(t, got, err, mail{"a", "1\r\n"}, mail{"a 2", "2\r\n"})
	})
	t.Run("M35 an error of the caller ends it", func(t *testing.T) {
		t.Parallel()
		stop := errors.New("stop")
		b := open(t, newServer(t, false, some(3)...).config())
		n := 0
		err := b.Fetch(t.Context(), all, func(context.Context, pop3.Message) error { n++; return stop })
		if !errors.Is(err, stop) || n != 1 {
			t.Errorf("%v after %d mails", err, n)
		}
	})
	t.Run("M35 mails are deleted by their ids, when the connection ends as it should", func(t *testing.T) {
		t.Parallel()
		s := newServer(t, false, some(3)...)
		if err := open(t, s.config()).Delete(t.Context(), []string{"id2", "gone"}); err != nil {
			t.Fatal(err)
		}
		got, err := fetched(t, open(t, s.config()))
		expect(t, got, err, some(3)[0], some(3)[2])
	})
}

func TestProtection(t *testing.T) {
	t.Parallel()
	t.Run("M35 TLS from the first byte", func(t *testing.T) {
		t.Parallel()
		c := newServer(t, true, some(1)...).config()
		c.Security = pop3.TLS
		got, err := fetched(t, open(t, c))
		expect(t, got, err, some(1)...)
	})
	t.Run("M35 TLS after STLS, and no secret before", func(t *testing.T) {
		t.Parallel()
		s := newServer(t, false, some(1)...)
		c := s.config()
		c.Security = pop3.StartTLS
		got, err := fetched(t, open(t, c))
		expect(t, got, err, some(1)...)
		if said := s.commands(); said[0] != "STLS" {
			t.Errorf("it began with %v", said)
		}
	})
	t.Run("M35 a server without STLS is refused, and one that speaks ahead of it", func(t *testing.T) {
		t.Parallel()
		for _, text := range []string{"-ERR no\r\n", "+OK\r\n+OK injected\r\n"} {
			s := newServer(t, false, some(1)...)
			s.answer = func(_ int, command string) (string, bool) { return text, command == "STLS" }
			c := s.config()
			c.Security = pop3.StartTLS
			if _, err := fetched(t, open(t, c)); !errors.Is(err, pop3.ErrTLS) {
				t.Errorf("%q: %v", text, err)
			}
			if said := s.commands(); len(said) != 1 {
				t.Errorf("it said %v", said)
			}
		}
	})
	t.Run("M35 a certificate of nobody's is refused", func(t *testing.T) {
		t.Parallel()
		c := newServer(t, true).config()
		c.Security, c.TLSConfig = pop3.TLS, nil
		if _, err := fetched(t, open(t, c)); !errors.Is(err, pop3.ErrTLS) {
			t.Errorf("%v", err)
		}
	})
}

func TestLogin(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		caps                   []string
		password, token, first string
		want                   error
	}{
		"by PLAIN":                            {[]string{"SASL LOGIN PLAIN"}, "secret", "", "AUTH PLAIN", nil},
		"by USER and PASS":                    {[]string{"USER"}, "secret", "", "USER desk", nil},
		"by OAUTHBEARER":                      {[]string{"SASL XOAUTH2 OAUTHBEARER"}, "", "good", "AUTH OAUTHBEARER", nil},
		"by XOAUTH2":                          {[]string{"SASL PLAIN XOAUTH2"}, "", "good", "AUTH XOAUTH2", nil},
		"a wrong password":                    {[]string{"USER"}, "wrong", "", "USER desk", pop3.ErrAuthentication},
		"a wrong password by PLAIN":           {[]string{"SASL PLAIN"}, "wrong", "", "AUTH PLAIN", pop3.ErrAuthentication},
		"a token that has expired":            {[]string{"SASL OAUTHBEARER"}, "", "old", "AUTH OAUTHBEARER", pop3.ErrAuthentication},
		"a token that has expired by XOAUTH2": {[]string{"SASL XOAUTH2"}, "", "old", "AUTH XOAUTH2", pop3.ErrAuthentication},
		"a long token":                        {[]string{"SASL XOAUTH2"}, "", strings.Repeat("x", 3000), "AUTH XOAUTH2", pop3.ErrAuthentication},
		"a token that is none":                {[]string{"SASL XOAUTH2"}, "", "a\x01b", "", pop3.ErrAuthentication},
	} {
		t.Run("M35 "+name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, false, some(1)...)
			s.caps = c.caps
			conf := s.config()
			if conf.Password = c.password; c.token != "" {
				conf.Token = func(context.Context) (string, error) { return c.token, nil }
			}
			_, err := fetched(t, open(t, conf))
			if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
				t.Errorf("%v, want %v", err, c.want)
			}
			if err != nil && c.token != "" && c.first != "" && !strings.Contains(err.Error(), "invalid_token") {
				t.Errorf("%v does not tell what the server said", err)
			}
			said := s.commands()
			if at := slices.Index(said, "CAPA"); c.first != "" && (at < 0 || !strings.HasPrefix(said[at+1], c.first)) {
				t.Errorf("it said %v, want %s after CAPA", said, c.first)
			}
			for _, line := range said {
				if len(line) > 253 {
					t.Errorf("a line of %d bytes", len(line))
				}
			}
		})
	}
	for cause, kind := range map[error]error{errors.New("no route"): pop3.ErrNetwork, gateway.ErrInvalidGrant: gateway.ErrInvalidGrant} {
		t.Run("I29 a source of tokens that fails is told: "+cause.Error(), func(t *testing.T) {
			t.Parallel()
			conf := newServer(t, false).config()
			conf.Password = ""
			conf.Token = func(context.Context) (string, error) { return "", cause }
			if _, err := fetched(t, open(t, conf)); !errors.Is(err, kind) || !strings.Contains(err.Error(), cause.Error()) {
				t.Errorf("%v", err)
			}
		})
	}
	for name, c := range map[string]struct {
		next string // that comes after the one that the server refuses
		err  error
		want error
		by   int // logins
	}{
		"is asked for anew, once":                   {"good", nil, nil, 2},
		"is not tried again":                        {"old", nil, pop3.ErrAuthentication, 1},
		"is no better by a new one that is refused": {"older", nil, pop3.ErrAuthentication, 2},
		"is not replaced where nothing is granted":  {"", gateway.ErrInvalidGrant, gateway.ErrInvalidGrant, 1},
	} {
		t.Run("I29 M35 a token that the server refuses "+name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, false, some(1)...)
			s.caps = []string{"SASL XOAUTH2"}
			conf := s.config()
			current, refused := "old", 0
			conf.Password = ""
			conf.Token = func(context.Context) (string, error) {
				if refused == 0 {
					return current, nil
				}
				return current, c.err
			}
			conf.Refused = func(token string) {
				if refused++; token != "old" {
					t.Errorf("refused is %q", token)
				}
				current = c.next
			}
			logins := func() (n int) {
				for _, line := range s.commands() {
					if strings.HasPrefix(line, "AUTH ") {
						n++
					}
				}
				return n
			}
			mails, err := fetched(t, open(t, conf))
			if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) || err == nil && len(mails) != 1 {
				t.Errorf("%d mails, %v", len(mails), err)
			}
			if n := logins(); n != c.by || refused != 1 {
				t.Errorf("%d logins, %d times refused", n, refused)
			}
			current, refused = "old", 0
			d := open(t, conf).Diagnose(t.Context())
			last := d.Steps[len(d.Steps)-1]
			if !errors.Is(last.Err, c.want) || (last.Err == nil) != (c.want == nil) || (d.Advice == "") != (c.want == nil) || len(d.Steps) > 3 || logins() != 2*c.by {
				t.Errorf("M42: %+v, %d logins", d, logins())
			}
		})
	}
	t.Run("M35 what cannot be is refused", func(t *testing.T) {
		t.Parallel()
		good := newServer(t, false).config()
		for what, spoil := range map[string]func(*pop3.Config){
			"no port":             func(c *pop3.Config) { c.Address = "localhost" },
			"no user":             func(c *pop3.Config) { c.Username = "" },
			"a user of two words": func(c *pop3.Config) { c.Username = "a b" },
			"no password":         func(c *pop3.Config) { c.Password = "" },
			"a password of lines": func(c *pop3.Config) { c.Password = "a\r\nDELE 1" },
			"no security":         func(c *pop3.Config) { c.Security = 7 },
		} {
			c := good
			spoil(&c)
			if _, err := pop3.New(c); !errors.Is(err, ticket.ErrInvalid) {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}

func TestHostile(t *testing.T) {
	t.Parallel()
	t.Run("M35 a mail on which the server fails is given up, and the others come", func(t *testing.T) {
		t.Parallel()
		for what, text := range map[string]string{
			"a refusal": "-ERR broken\r\n", "the end of the connection": "\x04", "nonsense": "hello\r\n", "silence in the middle": "+OK\r\nSubject: 2\r\n",
			"the end in the middle": "+OK\r\nSubject: 2\r\n\x04", "a mail without an end": "+OK\r\n" + strings.Repeat("x", 10<<20) + "\r\n",
		} {
			s := newServer(t, false, some(4)...)
			s.answer = func(_ int, command string) (string, bool) { return text, command == "RETR 2" }
			c := s.config()
			c.MaxMail, c.Timeouts.Mail = 1<<20, 300*time.Millisecond
			got, err := fetched(t, open(t, c))
			if err != nil || len(got) != 4 {
				t.Errorf("%s: %d mails, %v", what, len(got), err)
				continue
			}
			good := 0
			for _, m := range got {
				switch {
				case m.State == pop3.Fetched && string(m.Raw) != "":
					good++
				case m.ID != "id2" || m.Reason == nil || m.Raw != nil:
					t.Errorf("%s: %+v", what, m)
				}
			}
			if good != 3 {
				t.Errorf("%s: %d mails came whole", what, good)
			}
		}
	})
	t.Run("M35 a connection that is lost in the middle is made anew, though all numbers have changed", func(t *testing.T) {
		t.Parallel()
		s := newServer(t, false, some(5)...)
		s.answer = func(conn int, command string) (string, bool) {
			if conn == 1 && command == "RETR 3" {
				s.mu.Lock()
				s.mails = s.mails[1:] // another client has removed the first
				s.mu.Unlock()
				return "\x04", true
			}
			return "", false
		}
		got, err := fetched(t, open(t, s.config()))
		expect(t, got, err, some(5)...)
	})
	t.Run("M35 a server that gives nothing is an outage, and no mail is given up", func(t *testing.T) {
		t.Parallel()
		s := newServer(t, false, some(3)...)
		s.answer = func(_ int, command string) (string, bool) { return "-ERR disk\r\n", strings.HasPrefix(command, "RETR") }
		got, err := fetched(t, open(t, s.config()))
		var outage *pop3.Error
		if len(got) != 0 || !errors.As(err, &outage) {
			t.Errorf("%+v, %v", got, err)
		}
	})
	for what, c := range map[string]struct {
		command, text string
		want          error
	}{
		"a greeting that is none":             {"", "HTTP/1.1 400\r\n", pop3.ErrProtocol},
		"the end before the greeting":         {"", "\x04", pop3.ErrNetwork},
		"a line without an end":               {"", "+OK " + strings.Repeat("x", 1<<20), pop3.ErrProtocol},
		"silence":                             {"LIST", "", pop3.ErrNetwork},
		"a list of nonsense":                  {"LIST", "+OK\r\nx y\r\n.\r\n", pop3.ErrProtocol},
		"a size below zero":                   {"LIST", "+OK\r\n1 -5\r\n.\r\n", pop3.ErrProtocol},
		"an id that is none":                  {"UIDL", "+OK\r\n1\r\n.\r\n", pop3.ErrProtocol},
		"no UIDL":                             {"UIDL", "-ERR what\r\n", pop3.ErrProtocol},
		"a maildrop in use":                   {"PASS secret", "-ERR [IN-USE] another one\r\n", pop3.ErrInUse},
		"a server that has a bad day":         {"PASS secret", "-ERR [SYS/TEMP] later\r\n", pop3.ErrNetwork},
		"somebody who comes again too soon":   {"PASS secret", "-ERR [LOGIN-DELAY] later\r\n", pop3.ErrNetwork},
		"the end of the connection at a list": {"LIST", "+OK\r\n1 5\r\n\x04", pop3.ErrNetwork},
	} {
		t.Run("M35 it is told: "+what, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, false, some(1)...)
			s.caps = []string{"USER"}
			s.answer = func(_ int, command string) (string, bool) { return c.text, command == c.command }
			got, err := fetched(t, open(t, s.config()))
			var typed *pop3.Error
			if len(got) != 0 || !errors.Is(err, c.want) || !errors.As(err, &typed) || len(err.Error()) > 400 {
				t.Errorf("%d mails, %v; want %v", len(got), err, c.want)
			}
		})
	}
	t.Run("M35 a server that does not know CAPA is no trouble", func(t *testing.T) {
		t.Parallel()
		s := newServer(t, false, some(1)...)
		s.answer = func(_ int, command string) (string, bool) { return "-ERR what\r\n", command == "CAPA" }
		got, err := fetched(t, open(t, s.config()))
		expect(t, got, err, some(1)...)
	})
	t.Run("M35 a caller who gives up is let go at once", func(t *testing.T) {
		t.Parallel()
		s := newServer(t, false, some(1)...)
		s.answer = func(_ int, command string) (string, bool) { return "", command == "LIST" }
		c := s.config()
		c.Timeouts.Command = time.Minute
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		if err := open(t, c).Fetch(ctx, all, nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
	})
}
