package pop3

import (
	"context"
	"errors"
	"maps"
	"net"
	"slices"
	"strings"
	"time"
)

// Diagnosis is what a look at a maildrop has shown, for whoever sets it up (M42). It holds no secret.
type Diagnosis struct {
	Mailbox      string   // where it is
	Steps        []Step   // in their order, up to the first that failed
	Capabilities []string // of the server, as it says at the login
	Mails        int      // in the maildrop
	Advice       string   // the likely cause of the failure and what to do; empty if all is well
}

// Step is one step of it.
type Step struct {
	Name string // connect, login or list
	Took time.Duration
	Err  error // an *Error; nil if it worked
}

// Diagnose connects, logs in and lists the maildrop, and reports how far that goes. It changes nothing, and fetches
// nothing.
func (b *Mailbox) Diagnose(ctx context.Context) Diagnosis {
	d := Diagnosis{Mailbox: b.config.String()}
	var c *conn
	defer func() {
		if c != nil {
			c.close()
		}
	}()
	steps := []struct {
		name string
		do   func() error
	}{
		{phaseConnect, func() (err error) { c, err = dial(ctx, &b.config); return err }},
		{phaseLogin, func() error { return c.login(&b.config) }},
		{phaseList, func() error {
			list, err := c.list(b.config.Timeouts.Command)
			d.Mails = len(list)
			return err
		}},
	}
	for _, s := range steps {
		begin := time.Now()
		err := s.do()
		if err != nil {
			err = cancelled(ctx, failure(s.name, err))
		}
		d.Steps = append(d.Steps, Step{s.name, time.Since(begin), err})
		if c != nil {
			d.Capabilities = slices.Sorted(maps.Keys(c.caps.list))
		}
		if err != nil {
			d.Advice = b.config.advice(err)
			return d
		}
	}
	_, _ = c.command(b.config.Timeouts.Command, "QUIT") // all is known
	return d
}

// advice names the likely cause of a failure.
func (c *Config) advice(err error) string {
	var dns *net.DNSError
	var failed *Error
	if !errors.As(err, &failed) {
		return "it was interrupted"
	}
	text := strings.ToLower(err.Error())
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) })
	}
	switch {
	case errors.Is(err, ErrInUse):
		return "another program has the maildrop open: POP3 lets one in at a time; try again, or use IMAP"
	case errors.Is(err, ErrAuthentication) && has("application-specific", "app password", "application password"):
		return "the server wants a password made for this application: make an app password in the account's security settings"
	case errors.Is(err, ErrAuthentication) && has("pop access is disabled", "pop is disabled", "not enabled for pop"):
		return "POP3 is switched off for this account: switch it on in its settings"
	case errors.Is(err, ErrAuthentication) && c.Token != nil:
		return "the server refuses the token: check that it is for this mailbox and has the scope of POP3"
	case errors.Is(err, ErrAuthentication):
		return "check the user name and the password; some providers want an app password, or POP3 to be switched on"
	case errors.Is(err, ErrTLS) && has("does not look like a tls handshake", "first record"):
		return "there is no TLS at this port: use STARTTLS, or port 995"
	case errors.Is(err, ErrTLS) && has("certificate"):
		return "the certificate is not trusted or is for another name: use the name that it is for, or give its authority"
	case errors.Is(err, ErrTLS):
		return "the connection could not be protected: check the port and how it is to be protected"
	case errors.As(err, &dns) || has("no such host", "server misbehaving"):
		return "the host has no address: check its name"
	case has("refused"):
		return "nothing listens at this port: check the host and the port"
	case has("timeout", "in time", "unreachable", "deadline"):
		return "no answer: check the host and the port (995 wants TLS from the first byte, 110 does not), and what firewalls let through"
	case errors.Is(err, ErrNetwork):
		return "the connection was lost or could not be made: try again"
	}
	return "this is no POP3 server, or it is not well: check the port"
}
