package imap_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/gateway/imap"
)

func TestM42Diagnose(t *testing.T) {
	t.Parallel()
	s := startDovecot(t)
	add(t, s.client(t), nil, numbered(1, 0))
	closed := listen(t)
	closed.Close()
	for name, c := range map[string]struct {
		change func(*imap.Config)
		steps  string // that worked
		kind   error
		advice string
	}{
		"all is well":       {func(*imap.Config) {}, "connect login open", nil, ""},
		"STARTTLS":          {func(c *imap.Config) { c.Address, c.Security = s.plain, imap.StartTLS }, "connect login open", nil, ""},
		"wrong password":    {func(c *imap.Config) { c.Password = "verysecret" }, "connect", imap.ErrAuthentication, "password"},
		"no such folder":    {func(c *imap.Config) { c.Folder = "Nowhere" }, "connect login", imap.ErrNoMailbox, "name of the folder"},
		"nobody listens":    {func(c *imap.Config) { c.Address = closed.Addr().String() }, "", imap.ErrNetwork, "nothing listens"},
		"no TLS there":      {func(c *imap.Config) { c.Address = s.plain }, "", imap.ErrTLS, "no TLS at this port"},
		"unknown authority": {func(c *imap.Config) { c.TLSConfig = &tls.Config{} }, "", imap.ErrTLS, "certificate is not trusted"},
	} {
		t.Run("M42 "+name, func(t *testing.T) {
			t.Parallel()
			config := s.config
			config.Timeouts.Command = 10 * time.Second
			c.change(&config)
			d := newMailbox(t, config).Diagnose(t.Context())
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
			if c.kind == nil && (d.Mails != 1 || d.Next == 0 || d.UIDValidity == 0 || !d.Idle || !d.Move || len(d.Capabilities) == 0) {
				t.Errorf("%+v", d)
			}
			if text := fmt.Sprintf("%+v", d); strings.Contains(text, config.Password) {
				t.Errorf("it holds the password: %s", text)
			}
		})
	}
}
