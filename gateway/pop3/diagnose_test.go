package pop3_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/gateway/pop3"
	"github.com/helpdeskgo/helpdesk/internal/dovecot"
)

func TestM42Diagnose(t *testing.T) {
	t.Parallel()
	s := dovecot.Start(t)
	s.Deliver(t, []byte("From: ann@example.com\r\nSubject: one\r\n\r\ntext\r\n"))
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	for name, c := range map[string]struct {
		change func(*pop3.Config)
		steps  string // that worked
		kind   error
		advice string
	}{
		"all is well":       {func(*pop3.Config) {}, "connect login list", nil, ""},
		"STLS":              {func(c *pop3.Config) { c.Address, c.Security = s.POP3, pop3.StartTLS }, "connect login list", nil, ""},
		"wrong password":    {func(c *pop3.Config) { c.Password = "verysecret" }, "connect", pop3.ErrAuthentication, "password"},
		"nobody listens":    {func(c *pop3.Config) { c.Address = closed.Addr().String() }, "", pop3.ErrNetwork, "nothing listens"},
		"no TLS there":      {func(c *pop3.Config) { c.Address = s.POP3 }, "", pop3.ErrTLS, "no TLS at this port"},
		"unknown authority": {func(c *pop3.Config) { c.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12} }, "", pop3.ErrTLS, "certificate is not trusted"},
		"another protocol":  {func(c *pop3.Config) { c.Address = s.AddrTLS }, "", pop3.ErrProtocol, "no POP3 server"},
	} {
		t.Run("M42 "+name, func(t *testing.T) {
			config := pop3.Config{Address: s.POP3TLS, Username: dovecot.Username, Password: dovecot.Password, TLSConfig: &tls.Config{RootCAs: s.Pool, MinVersion: tls.VersionTLS12}}
			c.change(&config)
			d := open(t, config).Diagnose(t.Context())
			var steps []string
			var failed error
			for _, step := range d.Steps {
				if failed = step.Err; failed == nil {
					steps = append(steps, step.Name)
				}
			}
			if got := strings.Join(steps, " "); got != c.steps || !errors.Is(failed, c.kind) {
				t.Errorf("steps %q, %v", got, failed)
			}
			if (d.Advice == "") != (c.advice == "") || !strings.Contains(d.Advice, c.advice) {
				t.Errorf("advice %q", d.Advice)
			}
			if c.kind == nil && (d.Mails != 1 || len(d.Capabilities) == 0) {
				t.Errorf("%+v", d)
			}
			if text := fmt.Sprintf("%+v", d); strings.Contains(text, config.Password) {
				t.Errorf("it holds the password: %s", text)
			}
		})
	}
}
