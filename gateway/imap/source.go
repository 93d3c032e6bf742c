package imap

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/helpdeskgo/helpdesk/gateway"
)

// Source returns the mailbox as a gateway fetches from it. It hears of new mail, and it does with mails what
// Config.Disposal says, where the gateway's Options.Acknowledge is set.
func (b *Mailbox) Source() gateway.Source { return source{b} }

var (
	_ gateway.Waiter       = source{}
	_ gateway.Acknowledger = source{}
)

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

// Wait implements gateway.Waiter.
func (s source) Wait(ctx context.Context, from gateway.Cursor) error {
	return s.box.Wait(ctx, Cursor{UIDValidity: from.Validity, UID: from.UID})
}

// Acknowledge implements gateway.Acknowledger. Places of a folder that is no more are passed over.
func (s source) Acknowledge(ctx context.Context, places []string) error {
	byValidity := map[uint32][]uint32{}
	for _, p := range places {
		var validity, uid uint32
		if n, err := fmt.Sscanf(p, "%d/%d", &validity, &uid); err == nil && n == 2 {
			byValidity[validity] = append(byValidity[validity], uid)
		}
	}
	for _, validity := range slices.Sorted(maps.Keys(byValidity)) {
		if err := s.box.Acknowledge(ctx, validity, byValidity[validity]); err != nil {
			return err
		}
	}
	return nil
}

func cursor(c Cursor) gateway.Cursor { return gateway.Cursor{Validity: c.UIDValidity, UID: c.UID} }
