package imap

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/diagnosis"
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
		n := len(d.Steps)
		switch {
		case n > 0 && d.Steps[n-1].Name == name:
			d.Steps[n-1].Took, d.Steps[n-1].Err = d.Steps[n-1].Took+took, err
			return
		case n > 0 && d.Steps[n-1].Err != nil: // it begins anew, with another token
			d.Steps = nil
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

// protocol is IMAP for who wants to know why a mailbox is not reached.
var protocol = diagnosis.Protocol{
	Name: "IMAP", TLSPort: 993, Plain: 143,
	Off:             []string{"imap access is disabled", "not enabled for imap", "imap is disabled"},
	RefusesPassword: []string{"basicauthblocked", "basic auth", "logondenied", "authenticate failed"},
}

// advice names the likely cause of a failure.
func (c *Config) advice(err error) string {
	var failed *Error
	switch {
	case !errors.As(err, &failed):
		return "it was interrupted"
	case errors.Is(err, ErrNoMailbox):
		return "check the name of the folder, with the server's own separator between levels"
	}
	return protocol.Advice(diagnosis.Failure{Err: err, Authentication: errors.Is(err, ErrAuthentication), TLS: errors.Is(err, ErrTLS), Network: errors.Is(err, ErrNetwork), Token: c.Token != nil})
}
