package imap_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"testing"

	goimap "github.com/emersion/go-imap/v2"

	"github.com/helpdeskgo/helpdesk/gateway/imap"
)

// each runs a test against both servers.
func each(t *testing.T, test func(t *testing.T, s server)) {
	t.Run("in-memory", func(t *testing.T) { t.Parallel(); test(t, startMemory(t)) })
	t.Run("dovecot", func(t *testing.T) { t.Parallel(); test(t, startDovecot(t)) })
}

func TestFetch(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s server) {
		c := s.client(t)
		first := [][]byte{numbered(1, 0), numbered(2, 100_000), []byte("Subject: 8-bit \xe4\r\n\r\n\xff\x80 without a line end"), numbered(4, 0)}
		add(t, c, nil, first...)
		cursor, got := fetchAll(t, s.config, imap.Cursor{})
		if len(got.messages) != len(first) {
			t.Fatalf("%s", got.summary())
		}
		for i, m := range got.messages {
			if !bytes.Equal(m.Raw, first[i]) || m.State != imap.Fetched || m.Size != int64(len(first[i])) || !m.Received.Equal(arrived) {
				t.Errorf("mail %d: state %v, size %d, received %v", i, m.State, m.Size, m.Received)
			}
			if m.UIDValidity == 0 || m.Next != (imap.Cursor{UIDValidity: m.UIDValidity, UID: m.UID}) {
				t.Errorf("mail %d: next %+v", i, m.Next)
			}
		}
		if again, got := fetchAll(t, s.config, cursor); len(got.messages) != 0 || again != cursor {
			t.Errorf("a second run brings %s, %+v", got.summary(), again)
		}
		add(t, c, nil, numbered(5, 0))
		if _, got := fetchAll(t, s.config, cursor); len(got.messages) != 1 || !bytes.Equal(got.messages[0].Raw, numbered(5, 0)) {
			t.Errorf("the new mail: %s", got.summary())
		}
		stale := imap.Cursor{UIDValidity: cursor.UIDValidity + 1, UID: cursor.UID}
		if after, got := fetchAll(t, s.config, stale); len(got.messages) != 5 || after.UIDValidity != cursor.UIDValidity {
			t.Errorf("after a change of UIDVALIDITY: %s, %+v", got.summary(), after)
		}
	})
}

func TestM36ReadMailIsFetchedAndNoFlagChanges(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s server) {
		t.Run("M36 the unread flag is neither used nor changed", func(t *testing.T) {
			c := s.client(t)
			add(t, c, []goimap.Flag{goimap.FlagSeen}, numbered(1, 0))
			add(t, c, nil, numbered(2, 0))
			if _, got := fetchAll(t, s.config, imap.Cursor{}); len(got.messages) != 2 {
				t.Fatalf("%s", got.summary())
			}
			if _, err := c.Select("INBOX", nil).Wait(); err != nil {
				t.Fatal(err)
			}
			data, err := c.Search(&goimap.SearchCriteria{NotFlag: []goimap.Flag{goimap.FlagSeen}}, nil).Wait()
			if err != nil || len(data.AllSeqNums()) != 1 {
				t.Errorf("unread now: %v, %v", data, err)
			}
		})
	})
}

func TestM37MoreThan2048Mails(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("3,000 mails take too long for -short")
	}
	s := startMemory(t)
	for i := range 3000 {
		raw := numbered(i, 0)
		if _, err := s.user.Append("INBOX", literal{bytes.NewReader(raw)}, &goimap.AppendOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("M37 a mailbox with over 2,048 mails is fetched whole", func(t *testing.T) {
		if _, got := fetchAll(t, s.config, imap.Cursor{}); len(got.messages) != 3000 || got.messages[2999].UID != 3000 {
			t.Errorf("%d mails", len(got.messages))
		}
	})
}

type literal struct{ *bytes.Reader }

func TestFetchOverGaps(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s server) {
		c := s.client(t)
		for i := range 300 {
			add(t, c, nil, numbered(i+1, 0))
		}
		if _, err := c.Select("INBOX", nil).Wait(); err != nil {
			t.Fatal(err)
		}
		var gone goimap.UIDSet
		gone.AddRange(2, 290)
		if err := c.Store(gone, &goimap.StoreFlags{Op: goimap.StoreFlagsAdd, Flags: []goimap.Flag{goimap.FlagDeleted}, Silent: true}, nil).Close(); err != nil {
			t.Fatal(err)
		}
		if err := c.Expunge().Close(); err != nil {
			t.Fatal(err)
		}
		cursor, got := fetchAll(t, s.config, imap.Cursor{})
		if len(got.messages) != 11 || got.messages[0].UID != 1 || got.messages[10].UID != 300 || cursor.UID != 300 {
			t.Errorf("%s, %+v", got.summary(), cursor)
		}
		if end, err := newMailbox(t, s.config).Check(t.Context()); err != nil || end != cursor {
			t.Errorf("check: %+v, %v", end, err)
		}
	})
}

func TestFetchBigMails(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s server) {
		c := s.client(t)
		add(t, c, nil, numbered(1, 0), numbered(2, 50_000), numbered(3, 30_000), numbered(4, 30_000), numbered(5, 0))
		config := s.config
		config.MaxMail, config.WindowBytes = 40_000, 35_000
		_, got := fetchAll(t, config, imap.Cursor{})
		if got.summary() != "1:0 2:1 3:0 4:0 5:0" {
			t.Fatalf("%s", got.summary())
		}
		big := got.messages[1]
		if !strings.Contains(string(big.Raw), "Subject: mail 2\r\n") || strings.Contains(string(big.Raw), "text") || big.Size < 49_000 {
			t.Errorf("the header of the big mail: %q, size %d", big.Raw, big.Size)
		}
	})
}

func TestHandlerStopsTheFetch(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s server) {
		c := s.client(t)
		add(t, c, nil, numbered(1, 0), numbered(2, 0), numbered(3, 0))
		full := errors.New("the disk is full")
		var got collector
		cursor, err := newMailbox(t, s.config).Fetch(t.Context(), imap.Cursor{}, func(ctx context.Context, m imap.Message) error {
			if m.UID == 2 {
				return full
			}
			return got.take(ctx, m)
		})
		if err != full || cursor.UID != 1 || got.summary() != "1:0" {
			t.Errorf("%v, %+v, %s", err, cursor, got.summary())
		}
		if _, rest := fetchAll(t, s.config, cursor); rest.summary() != "2:0 3:0" {
			t.Errorf("the rest: %s", rest.summary())
		}
		ctx, cancel := context.WithCancel(t.Context())
		cursor, err = newMailbox(t, s.config).Fetch(ctx, imap.Cursor{}, func(context.Context, imap.Message) error { cancel(); return nil })
		if !errors.Is(err, context.Canceled) || cursor.UID != 1 {
			t.Errorf("cancelled: %v, %+v", err, cursor)
		}
	})
}

func TestConnections(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s server) {
		add(t, s.client(t), nil, numbered(1, 0))
		for _, c := range []struct {
			name   string
			change func(*imap.Config)
			want   error
		}{
			{"TLS", func(*imap.Config) {}, nil},
			{"STARTTLS", func(c *imap.Config) { c.Address, c.Security = s.plain, imap.StartTLS }, nil},
			{"plaintext", func(c *imap.Config) { c.Address, c.Security = s.plain, imap.Plaintext }, nil},
			{"an unknown certificate", func(c *imap.Config) { c.TLSConfig = nil }, imap.ErrTLS},
			{"an unknown certificate after STARTTLS", func(c *imap.Config) { c.Address, c.Security, c.TLSConfig = s.plain, imap.StartTLS, nil }, imap.ErrTLS},
			{"a certificate for another name", func(c *imap.Config) {
				c.TLSConfig = &tls.Config{RootCAs: c.TLSConfig.RootCAs, ServerName: "example.com"}
			}, imap.ErrTLS},
			{"TLS to a plaintext port", func(c *imap.Config) { c.Address = s.plain }, imap.ErrTLS},
			{"a wrong password", func(c *imap.Config) { c.Password = "top secret" }, imap.ErrAuthentication},
			{"a missing folder", func(c *imap.Config) { c.Folder = "Nowhere" }, imap.ErrNoMailbox},
			{"a closed port", func(c *imap.Config) { c.Address = "127.0.0.1:1" }, imap.ErrNetwork},
		} {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				config := s.config
				c.change(&config)
				_, err := newMailbox(t, config).Fetch(t.Context(), imap.Cursor{}, func(context.Context, imap.Message) error { return nil })
				if !errors.Is(err, c.want) {
					t.Errorf("got %v, want %v", err, c.want)
				}
				if err != nil && strings.Contains(err.Error(), "top secret") {
					t.Errorf("the password is in %q", err)
				}
			})
		}
	})
}

func TestConfig(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"imaps://ann@host":                     "{host:993 0 ann  INBOX}",
		"imaps://ann%40example.com@host:99/A":  "{host:99 0 ann@example.com  A}",
		"imaps://ann@example.com@host/A/B%20C": "{host:993 0 ann@example.com  A/B C}",
		"imap://ann:pw@host":                   "{host:143 1 ann pw INBOX}",
		"imap+insecure://ann@[::1]/":           "{[::1]:143 2 ann  INBOX}",
		"IMAPS://ann@host":                     "{host:993 0 ann  INBOX}",
		"http://ann@host":                      "", "imaps://host": "", "imaps://ann@": "", "ann@host": "", "imaps://ann:s%zzecret@host": "", "imaps://ann@host/%zz": "",
	} {
		c, err := imap.ParseURL(url)
		if want == "" {
			if err == nil || strings.Contains(err.Error(), "zzecret") {
				t.Errorf("%s: %+v, %v", url, c, err)
			}
			continue
		}
		got := fmt.Sprint(struct {
			a       string
			s       imap.Security
			u, p, f string
		}{c.Address, c.Security, c.Username, c.Password, c.Folder})
		if err != nil || got != want {
			t.Errorf("%s: %s, %v, want %s", url, got, err, want)
		}
	}
	if shown := fmt.Sprintf("%v %+v", imap.Config{Password: "top secret"}, &imap.Config{Password: "top secret"}); strings.Contains(shown, "secret") {
		t.Errorf("the password is in %q", shown)
	}
	for _, c := range []imap.Config{{}, {Address: "host"}, {Address: "host:1", Username: "a"}, {Address: "host:1", Username: "a", Password: "b", Security: 7}} {
		if _, err := imap.New(c); err == nil {
			t.Errorf("%+v is taken", c)
		}
	}
}
