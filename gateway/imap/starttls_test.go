package imap_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/gateway/imap"
)

// TestHostileStartTLS: whatever is said before the connection is protected, no secret is.
func TestHostileStartTLS(t *testing.T) {
	t.Parallel()
	answers := func(text string) *hostile {
		return &hostile{before: func(c *hostileConn, command, _ string) bool {
			if command == "STARTTLS" {
				c.say("%s", text)
				c.hang()
				return false
			}
			return true
		}}
	}
	for name, c := range map[string]struct {
		server *hostile
		want   error
	}{
		"NO":                       {answers("S NO not here"), imap.ErrTLS},
		"BAD":                      {answers("S BAD what"), imap.ErrProtocol},
		"BYE":                      {answers("* BYE going down"), imap.ErrNetwork},
		"BYE for a greeting":       {&hostile{greeting: "* BYE full"}, imap.ErrNetwork},
		"PREAUTH":                  {&hostile{greeting: "* PREAUTH come in"}, imap.ErrProtocol},
		"words behind the answer":  {answers("S OK go on\r\n* OK [CAPABILITY IMAP4rev1] injected"), imap.ErrProtocol},
		"a line without end":       {answers("* OK " + strings.Repeat("x", 1<<20)), imap.ErrProtocol},
		"lines without end":        {answers(strings.Repeat("* OK x\r\n", 1000)), imap.ErrProtocol},
		"silence":                  {&hostile{before: func(c *hostileConn, _, _ string) bool { c.hang(); return false }}, imap.ErrNetwork},
		"an answer that is no TLS": {answers("S OK go on"), imap.ErrNetwork},
	} {
		t.Run("M35 before STARTTLS: "+name, func(t *testing.T) {
			t.Parallel()
			config := c.server.start(t)
			config.Security = imap.StartTLS
			_, err := newMailbox(t, config).Check(t.Context())
			if !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
			if said := strings.Join(c.server.commands(), "\n"); strings.Contains(said, "LOGIN") || strings.Contains(said, "secret") {
				t.Errorf("it said %q", said)
			}
		})
	}
}
