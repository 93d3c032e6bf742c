package pop3

import (
	"bytes"
	"context"
	"io"
	"net"
	"testing"
	"time"
)

// script is a connection on which the server says what it will, whatever it is asked.
type script struct {
	net.Conn
	said io.Reader
}

func (s script) Read(p []byte) (int, error)       { return s.said.Read(p) }
func (s script) Write(p []byte) (int, error)      { return len(p), nil }
func (s script) SetDeadline(time.Time) error      { return nil }
func (s script) SetReadDeadline(time.Time) error  { return nil }
func (s script) SetWriteDeadline(time.Time) error { return nil }
func (s script) Close() error                     { return nil }

// FuzzAnswers shows that nothing that a server says does harm: what comes is a mail within the bounds, or an error.
func FuzzAnswers(f *testing.F) {
	for _, said := range []string{
		"+OK\r\nSASL PLAIN\r\n.\r\n+OK\r\n+OK\r\n1 10\r\n.\r\n+OK\r\n1 a\r\n.\r\n+OK\r\n..x\r\n.\r\n",
		"-ERR\r\n+OK\r\n+OK\r\n+OK\r\n.\r\n+OK\r\n.\r\n",
		"+OK\r\nSASL XOAUTH2\r\n.\r\n+ e30=\r\n-ERR [AUTH] no\r\n",
		"+OK\r\n.\r\n+OK\n+OK\n+OK\n1 9999999999999999999\n.\n",
	} {
		f.Add([]byte(said), false)
		f.Add([]byte(said), true)
	}
	f.Fuzz(func(t *testing.T, said []byte, token bool) {
		cfg, err := Config{Address: "localhost:110", Username: "desk", Password: "secret", MaxMail: 1000}.withDefaults()
		if err != nil {
			t.Fatal(err)
		}
		if token {
			cfg.Token = func(context.Context) (string, error) { return "good", nil }
		}
		c := &conn{ctx: t.Context(), stop: func() bool { return true }}
		c.use(script{said: bytes.NewReader(said)})
		defer c.close()
		if c.login(&cfg) != nil {
			return
		}
		list, err := c.list(time.Second)
		if err != nil {
			return
		}
		named(list)
		ids := map[string]bool{}
		for _, e := range list {
			if ids[e.id] || e.id == "" || e.number < 1 || e.size < 0 {
				t.Errorf("%+v among %+v", e, list)
			}
			ids[e.id] = true
			raw, whole, err := c.retrieve(time.Second, e.number, cfg.MaxMail)
			if int64(len(raw)) > cfg.MaxMail || (err == nil && !whole && int64(len(raw)) != cfg.MaxMail) {
				t.Errorf("%d bytes, whole %v, %v", len(raw), whole, err)
			}
			if err != nil {
				return
			}
		}
	})
}
