package gateway

import (
	"context"
	"errors"
	"slices"

	"github.com/helpdeskgo/helpdesk/internal/mark"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// returned is the message of the desk that a bounce tells of, as far as that is proven: the report cites the Message-ID
// that it was sent with.
type returned struct {
	ticket, message int64
	failed          []ticket.Undelivered // recipients to whom that mail was sent
}

// returned looks up what a bounce tells of; nothing where it cites no mail of the desk.
func (g *Gateway) returned(ctx context.Context, b *Bounce, marks ticket.Marker) (returned, error) {
	if b == nil || b.OriginalMessageID == "" {
		return returned{}, nil
	}
	if sealed := mark.InID(b.OriginalMessageID); sealed != "" {
		m, err := marks.ReadMark(sealed)
		if err == nil {
			return returned{m.TicketID, m.MessageID, b.undelivered(m.GivenTo, true)}, nil
		}
		if errors.Is(err, ticket.ErrForbidden) {
			return returned{}, nil
		}
	}
	return g.returnedByID(ctx, b)
}

// returnedByID looks for a message that staff have written, by the id that a host has sent it with.
func (g *Gateway) returnedByID(ctx context.Context, b *Bounce) (out returned, err error) {
	err = g.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		out = returned{}
		ids, err := r.Linked(ctx, linkMessageID, b.OriginalMessageID)
		if err != nil {
			return err
		}
		for _, id := range ids {
			m, err := r.Message(ctx, id)
			if errors.Is(err, ticket.ErrNotFound) || err == nil && m.Author.IsCustomer() {
				continue
			}
			if err != nil {
				return err
			}
			t, err := r.Ticket(ctx, m.TicketID, ticket.Scope{All: true})
			if err != nil {
				return err
			}
			to := sentTo(t, m)
			out = returned{m.TicketID, m.ID, b.undelivered(func(email string) bool { return slices.Contains(to, email) }, len(to) == 1)}
			return nil
		}
		return nil
	})
	return out, err
}

// sentTo lists the addresses to which a message can have been sent.
func sentTo(t *ticket.Ticket, m *ticket.Message) (out []string) {
	for _, p := range slices.Concat([]ticket.Person{t.Requester}, t.Participants, m.To, m.Cc, m.Bcc) {
		if email := ticket.NormalizeEmail(p.Email); email != "" && !slices.Contains(out, email) {
			out = append(out, email)
		}
	}
	return out
}

// undelivered are the recipients of a report that a mail was sent to: what a server says of others proves nothing. proven
// says that nobody else can know of that mail.
func (b *Bounce) undelivered(to func(email string) bool, proven bool) (list []ticket.Undelivered) {
	for _, d := range b.All {
		if d.Action != "failed" && d.Action != "delayed" {
			continue
		}
		for _, email := range []string{d.Original, d.Recipient} { // which an alias has another than was written to
			if email = ticket.NormalizeEmail(email); email != "" && to(email) {
				list = append(list, ticket.Undelivered{Recipient: email, Status: d.Status, Diagnostic: d.Diagnostic, Permanent: d.Permanent(), Proven: proven})
				break
			}
		}
	}
	return list
}
