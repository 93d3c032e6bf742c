package pop3

import (
	"context"
	"fmt"

	"github.com/helpdeskgo/helpdesk/gateway"
)

// Source returns the maildrop as a gateway fetches from it. It removes mails that are done with where the gateway's
// Options.Acknowledge is set: there is nothing else that POP3 could do with them.
func (b *Mailbox) Source() gateway.Source { return source{b} }

var _ gateway.Acknowledger = source{}

type source struct{ box *Mailbox }

// Fetch keeps no place: the gateway knows which mails are new by their ids.
func (s source) Fetch(ctx context.Context, from gateway.Cursor, to gateway.Intake) (gateway.Cursor, error) {
	err := s.box.Fetch(ctx, to.New, func(ctx context.Context, m Message) error {
		in := gateway.Incoming{Place: m.ID, Raw: m.Raw, Size: m.Size}
		switch m.State {
		case TooBig:
			in.Problem = fmt.Sprintf("this mail of %d bytes is too big to be fetched: here are its headers, and the server has the rest", m.Size)
		case Unfetchable:
			in.Problem = "the server fails on it"
			if m.Reason != nil {
				in.Problem = m.Reason.Error()
			}
		}
		return to.Take(ctx, in)
	})
	return from, err
}

// Acknowledge implements gateway.Acknowledger.
func (s source) Acknowledge(ctx context.Context, places []string) error {
	return s.box.Delete(ctx, places)
}
