package helpdesktest

import (
	"bytes"
	"context"
	"slices"
	"sync"

	"github.com/helpdeskgo/helpdesk/notify/letter"
)

// Mail is a mail that an Outbox caught.
type Mail struct {
	From, To string // of its envelope
	Subject  string
	Text     string // the plain one
	Raw      []byte // as it would have gone out (RFC 5322)
}

// Outbox takes mail and keeps it: it is the Mail of notify.Options in a test.
type Outbox struct {
	mu    sync.Mutex
	mails []Mail
	fail  error
}

// Send keeps a letter as the mail that it would be, or fails as FailWith said.
func (o *Outbox) Send(ctx context.Context, l *letter.Letter, from, to string) error {
	var raw bytes.Buffer
	if err := l.Check(); err != nil {
		return err
	}
	if err := l.Write(ctx, &raw); err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.fail != nil {
		return o.fail
	}
	o.mails = append(o.mails, Mail{from, to, l.Subject, l.Text, raw.Bytes()})
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
