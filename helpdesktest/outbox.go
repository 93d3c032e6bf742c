package helpdesktest

import (
	"context"
	"slices"
	"sync"
)

// Mail is a mail that an Outbox caught.
type Mail struct {
	From string
	To   []string
	Raw  []byte // as it would have gone out (RFC 5322)
}

// Outbox takes mail and keeps it. Hand its Send to whatever would send.
type Outbox struct {
	mu    sync.Mutex
	mails []Mail
	fail  error
}

// Send keeps a mail, or fails as FailWith said.
func (o *Outbox) Send(ctx context.Context, from string, to []string, raw []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.fail != nil {
		return o.fail
	}
	o.mails = append(o.mails, Mail{from, slices.Clone(to), slices.Clone(raw)})
	return nil
}

// FailWith has Send fail from now on; nil ends that.
func (o *Outbox) FailWith(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.fail = err
}

// Mails returns what was sent so far.
func (o *Outbox) Mails() []Mail {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.mails)
}
