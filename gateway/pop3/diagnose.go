package pop3

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/diagnosis"
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
	d, used, err := b.look(ctx, "")
	if err == nil {
		return d
	}
	next, err := b.config.anew(ctx, used, err)
	if next == "" {
		d.Steps[len(d.Steps)-1].Err, d.Advice = err, b.config.advice(err)
		return d
	}
	d, _, _ = b.look(ctx, next)
	return d
}

// look is Diagnose with a token, or, of none, with the one that is asked for. used is that one.
func (b *Mailbox) look(ctx context.Context, token string) (d Diagnosis, used string, err error) {
	d.Mailbox = b.config.String()
	var c *conn
	defer func() {
		if c != nil {
			c.close()
			used = c.token
		}
	}()
	steps := []struct {
		name string
		do   func() error
	}{
		{phaseConnect, func() (err error) { c, err = dial(ctx, &b.config); return err }},
		{phaseLogin, func() error { c.token = token; return c.login(&b.config) }},
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
			return d, "", err
		}
	}
	_, _ = c.command(b.config.Timeouts.Command, "QUIT") // all is known
	return d, "", nil
}

// protocol is POP3 for who wants to know why a maildrop is not reached.
var protocol = diagnosis.Protocol{
	Name: "POP3", TLSPort: 995, Plain: 110,
	Off: []string{"pop access is disabled", "pop is disabled", "not enabled for pop"},
}

// advice names the likely cause of a failure.
func (c *Config) advice(err error) string {
	var failed *Error
	switch {
	case !errors.As(err, &failed):
		return "it was interrupted"
	case errors.Is(err, ErrInUse):
		return "another program has the maildrop open: POP3 lets one in at a time; try again, or use IMAP"
	}
	return protocol.Advice(diagnosis.Failure{Err: err, Authentication: errors.Is(err, ErrAuthentication), TLS: errors.Is(err, ErrTLS), Network: errors.Is(err, ErrNetwork), Token: c.Token != nil})
}
