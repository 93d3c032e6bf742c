package imap

import (
	"context"
	"fmt"

	"github.com/helpdeskgo/helpdesk/gateway"
)

// Source returns the mailbox as a gateway fetches from it.
func (b *Mailbox) Source() gateway.Source { return source{b} }

type source struct{ box *Mailbox }

func (s source) Fetch(ctx context.Context, from gateway.Cursor, to gateway.Intake) (gateway.Cursor, error) {
	end, err := s.box.Fetch(ctx, Cursor{UIDValidity: from.Validity, UID: from.UID}, func(ctx context.Context, m Message) error {
		in := gateway.Incoming{Place: fmt.Sprintf("%d/%d", m.UIDValidity, m.UID), Next: cursor(m.Next), Received: m.Received, Raw: m.Raw, Size: m.Size}
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
	return cursor(end), err
}

func cursor(c Cursor) gateway.Cursor { return gateway.Cursor{Validity: c.UIDValidity, UID: c.UID} }
