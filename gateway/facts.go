package gateway

import (
	"cmp"
	"context"
	"errors"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// known is what the desk knows of what a mail says.
type known struct {
	Facts
	tickets map[int64]*ticket.Ticket // those of its threads
	sender  ticket.Correspondent
	relay   string // the list or the web form that the mail came by
	copy    int64  // the marked note that the same mail has become, when nothing proved it
}

// agent is the agent as an actor.
func (k known) agent() ticket.Actor {
	a := k.sender.Agent
	return ticket.Staff(a.ID, a.Name, a.Email).Via(ticket.ChannelEmail)
}

// mostThreads is how many tickets are looked at that a mail cites.
const mostThreads = 10

// know looks up what a mail says. The actor is whom it claims to be from.
func (g *Gateway) know(ctx context.Context, m *Mail, n Nature, form string) (k known, err error) {
	author, via := Author(m)
	k.tickets, k.Relayed, k.Form, k.relay = map[int64]*ticket.Ticket{}, via != "", form != "", firstOf(form, via)
	if k.sender, err = g.desk.Correspondent(ctx, author.Email); err != nil {
		return k, err
	}
	k.Own, k.Known, k.Member = k.sender.Own || g.own(author.Email), k.sender.Customer != "", k.sender.Organisation != ""
	if k.sender.Agent != nil {
		k.Agent = k.sender.Agent.ID
	}
	if g.opts.SpamHeaders {
		if spam, why := SpamVerdict(m); spam {
			k.Filtered = why
		}
	}
	filters, err := g.filters(ctx)
	if err != nil {
		return k, err
	}
	k.Pattern = caught(filters, m)
	if b := n.Bounce; b != nil && b.OriginalMessageID != "" {
		if k.Bounced, err = g.sent(ctx, b.OriginalMessageID); err != nil {
			return k, err
		}
	}
	if err := g.threads(ctx, m, &k); err != nil {
		return k, err
	}
	if g.opts.Policy.Sent != SentNone {
		if err := g.knowSent(ctx, m, &k); err != nil {
			return k, err
		}
	}
	return k, g.knowCopies(ctx, m, &k)
}

// own reports whether an address is one of the mailbox's.
func (g *Gateway) own(email string) bool {
	for _, o := range g.opts.Own {
		if ticket.NormalizeEmail(o) == ticket.NormalizeEmail(email) {
			return true
		}
	}
	return false
}

// threads looks up the tickets that a mail cites, up to the first to which its sender belongs. Deleted tickets are not
// found, nor are those that were merged into one.
func (g *Gateway) threads(ctx context.Context, m *Mail, k *known) error {
	for _, c := range append(Citations(m, g.desk.Codes(), nil), citedLines(m, g.desk.Codes(), g.numberLines)...) {
		t, err := g.cited(ctx, c)
		if errors.Is(err, ticket.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if k.tickets[t.ID] != nil {
			continue
		}
		k.tickets[t.ID] = t
		thread := Thread{Citation: c, TicketID: t.ID}
		takes, err := g.desk.TakesPart(ctx, t.ID)
		if err != nil {
			return err
		}
		if takes {
			thread.Sender = Participant
		}
		k.Threads = append(k.Threads, thread)
		if takes || len(k.Threads) == mostThreads {
			return nil
		}
	}
	return nil
}

func (g *Gateway) cited(ctx context.Context, c Citation) (t *ticket.Ticket, err error) {
	err = g.store.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
		if t, err = lookUp(ctx, r, c); err != nil {
			return err
		}
		return alive(ctx, r, t)
	})
	return t, err
}

// sent is the ticket of a message that the desk has sent under a Message-ID; 0 if it has sent none.
func (g *Gateway) sent(ctx context.Context, id string) (ticketID int64, err error) {
	err = g.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		ticketID = 0
		ids, err := r.Linked(ctx, linkMessageID, id)
		if err != nil {
			return err
		}
		for _, id := range ids {
			m, err := r.Message(ctx, id)
			if errors.Is(err, ticket.ErrNotFound) || err == nil && m.Author.IsCustomer() {
				continue
			}
			if err == nil {
				ticketID = m.TicketID
			}
			return err
		}
		return nil
	})
	return ticketID, err
}

// kinds of links and keys that the desk keeps, and that a mail is matched with.
const (
	linkMessageID = "message-id"
	keyCode       = "code"
)

// alive returns ticket.ErrNotFound where what is written to the ticket would go to a deleted one.
func alive(ctx context.Context, r store.Reader, t *ticket.Ticket) (err error) {
	for err == nil && t.DeletedAt == nil {
		if t.MergedInto == 0 {
			return nil
		}
		t, err = r.Ticket(ctx, t.MergedInto, ticket.Scope{All: true})
	}
	return cmp.Or(err, ticket.ErrNotFound)
}

func lookUp(ctx context.Context, r store.Reader, c Citation) (*ticket.Ticket, error) {
	all := ticket.Scope{All: true}
	if c.By == BySubject || c.By == ByNumberLine {
		id, err := r.Holder(ctx, keyCode, c.Value)
		if err != nil {
			return nil, err
		}
		return r.Ticket(ctx, id, all)
	}
	ids, err := r.Linked(ctx, linkMessageID, c.Value)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		m, err := r.Message(ctx, id)
		if errors.Is(err, ticket.ErrNotFound) {
			continue // purged since
		}
		if err != nil {
			return nil, err
		}
		return r.Ticket(ctx, m.TicketID, all)
	}
	return nil, ticket.ErrNotFound
}
