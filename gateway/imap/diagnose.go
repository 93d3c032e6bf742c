package imap

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"time"
)

// Diagnosis is what a look at a mailbox has shown, for whoever sets it up (M42). It holds no secret.
type Diagnosis struct {
	Mailbox      string   // where it is
	Steps        []Step   // in their order, up to the first that failed
	Capabilities []string // of the server, as it says before the login and after
	Mails        uint32   // in the folder
	Next         uint32   // UIDNEXT
	UIDValidity  uint32
	Idle         bool   // it tells of new mail by itself
	Move         bool   // it moves mails in one step
	Advice       string // the likely cause of the failure and what to do; empty if all is well
}

// Step is one step of it.
type Step struct {
	Name string // connect, starttls, login or open
	Took time.Duration
	Err  error // an *Error; nil if it worked
}

// Diagnose connects, logs in and opens the folder, and reports how far that goes. It changes nothing, and fetches nothing.
func (b *Mailbox) Diagnose(ctx context.Context) Diagnosis {
	d := Diagnosis{Mailbox: b.config.String()}
	s, err := openWith(ctx, &b.config, reading, func(name string, took time.Duration, err error) {
		if n := len(d.Steps); n > 0 && d.Steps[n-1].Name == name && d.Steps[n-1].Err == nil {
			d.Steps[n-1].Took, d.Steps[n-1].Err = d.Steps[n-1].Took+took, err
			return
		}
		d.Steps = append(d.Steps, Step{name, took, err})
	})
	if err != nil {
		d.Advice = b.config.advice(err)
		return d
	}
	defer s.close()
	_ = s.command(func() error { // a connection that is lost here has shown all that it could
		for c := range s.client.Caps() {
			d.Capabilities = append(d.Capabilities, string(c))
		}
		return nil
	})
	slices.Sort(d.Capabilities)
	d.Mails, d.Next, d.UIDValidity = s.mails, s.uidNext, s.uidValidity
	d.Idle, d.Move = slices.Contains(d.Capabilities, "IDLE"), slices.Contains(d.Capabilities, "MOVE")
	return d
}

// advice names the likely cause of a failure.
func (c *Config) advice(err error) string {
	var dns *net.DNSError
	text := strings.ToLower(err.Error())
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) })
	}
	var failed *Error
	if !errors.As(err, &failed) {
		return "it was interrupted"
	}
	switch {
	case errors.Is(err, ErrAuthentication) && has("application-specific", "app password", "application password"):
		return "the server wants a password made for this application: make an app password in the account's security settings"
	case errors.Is(err, ErrAuthentication) && has("imap access is disabled", "not enabled for imap", "imap is disabled"):
		return "IMAP is switched off for this account: switch it on in its settings"
	case errors.Is(err, ErrAuthentication) && has("basicauthblocked", "basic auth", "logondenied", "authenticate failed") && c.Token == nil:
		return "the server may take no passwords any more: use a token of OAuth 2.0, or else check the user name and the password"
	case errors.Is(err, ErrAuthentication) && c.Token != nil:
		return "the server refuses the token: check that it is for this mailbox and has the scope of IMAP"
	case errors.Is(err, ErrAuthentication):
		return "check the user name and the password; some providers want an app password, or IMAP to be switched on"
	case errors.Is(err, ErrNoMailbox):
		return "check the name of the folder, with the server's own separator between levels"
	case errors.Is(err, ErrTLS) && has("does not look like a tls handshake", "first record"):
		return "there is no TLS at this port: use STARTTLS, or port 993"
	case errors.Is(err, ErrTLS) && has("certificate"):
		return "the certificate is not trusted or is for another name: use the name that it is for, or give its authority"
	case errors.Is(err, ErrTLS):
		return "the connection could not be protected: check the port and how it is to be protected"
	case errors.As(err, &dns) || has("no such host", "server misbehaving"):
		return "the host has no address: check its name"
	case has("refused"):
		return "nothing listens at this port: check the host and the port"
	case has("timeout", "in time", "unreachable"):
		return "no answer: check the host and the port (993 wants TLS from the first byte, 143 does not), and what firewalls let through"
	case errors.Is(err, ErrNetwork):
		return "the connection was lost or could not be made: try again"
	}
	return "this is no IMAP server, or it is not well: check the port"
}
