package gateway

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/helpdeskgo/helpdesk/internal/mark"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// known is what the desk knows of what a mail says.
type known struct {
	Facts
	tickets  map[int64]*ticket.Ticket // those of its threads
	sender   ticket.Correspondent
	returned returned
	relay    string // the list or the web form that the mail came by
	copy     int64  // the marked note that the same mail has become, when nothing proved it
}

// agent is the agent as an actor.
func (k known) agent() ticket.Actor {
	a := k.sender.Agent
	return ticket.Staff(a.ID, a.Name, a.Email).Via(ticket.ChannelEmail)
}

// mostThreads is how many tickets are looked at that a mail cites.
const mostThreads = 10

// know looks up what a mail says. The actor is whom it claims to be from.
func (g *Gateway) know(ctx context.Context, m *Mail, n Nature, marks ticket.Marker, form string) (k known, err error) {
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
	if k.Pattern, err = g.caught(ctx, m); err != nil {
		return k, err
	}
	if k.returned, err = g.returned(ctx, n.Bounce, marks); err != nil {
		return k, err
	}
	if err := g.find(ctx, ticket.Mark{TicketID: k.returned.ticket, MessageID: k.returned.message}, &k, &k.Bounced); err != nil {
		return k, err
	}
	if err := g.threads(ctx, m, marks, &k); err != nil {
		return k, err
	}
	if g.opts.Policy.Sent != SentNone || k.Agent != "" {
		if err := g.knowSent(ctx, m, &k); err != nil {
			return k, err
		}
	}
	return k, g.knowCopies(ctx, m, &k)
}

// find looks up a ticket that the mail is about, and says so in the fact. One that is gone is none.
func (g *Gateway) find(ctx context.Context, at ticket.Mark, k *known, fact *int64) error {
	if at.TicketID == 0 {
		return nil
	}
	t, err := g.cited(ctx, Citation{By: ByOwnID, Mark: at})
	if errors.Is(err, ticket.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	k.tickets[t.ID], *fact = t, t.ID
	return nil
}

// own reports whether an address is one of the mailbox's.
func (g *Gateway) own(email string) bool {
	for _, o := range g.opts.Own {
		if ticket.NormalizeEmail(o) == ticket.NormalizeEmail(mark.Base(email)) {
			return true
		}
	}
	return false
}

// threads looks up the tickets that a mail cites, up to the first to which its sender belongs. Deleted tickets are not
// found, nor are those that were merged into one.
func (g *Gateway) threads(ctx context.Context, m *Mail, marks ticket.Marker, k *known) error {
	author, _ := Author(m)
	seen := map[int64]bool{}
	cited := Citations(m, g.desk.Codes(), marks)
	noted, err := g.noted(ctx, m, cited)
	if err != nil {
		return err
	}
	for _, c := range append(cited, citedLines(m, g.desk.Codes(), g.numberLines)...) {
		t, err := g.cited(ctx, c)
		if errors.Is(err, ticket.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if seen[t.ID] {
			continue
		}
		seen[t.ID], k.tickets[t.ID] = true, t
		thread := Thread{Citation: c, TicketID: t.ID, Given: c.By == ByAddress && c.Mark.GivenTo(author.Email), Note: t.ID == noted}
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

// noted is the ticket of the internal note that a mail answers: the letter that it replies to carried it. 0 is none.
func (g *Gateway) noted(ctx context.Context, m *Mail, cited []Citation) (id int64, err error) {
	at := slices.IndexFunc(cited, func(c Citation) bool { return c.By == ByOwnID }) // the newest
	if at < 0 || cited[at].Mark.MessageID == 0 || len(m.InReplyTo) > 0 && !slices.Contains(m.InReplyTo, cited[at].Value) {
		return 0, nil
	}
	err = g.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		msg, err := r.Message(ctx, cited[at].Mark.MessageID)
		if err == nil && msg.Kind == ticket.KindNote {
			id = msg.TicketID
		}
		if errors.Is(err, ticket.ErrNotFound) {
			return nil
		}
		return err
	})
	return id, err
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
	if c.By.Marked() {
		return markedTicket(ctx, r, c.Mark)
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

// markedTicket is the ticket of the message that a mark names, which may have moved since, or else the one that it names.
func markedTicket(ctx context.Context, r store.Reader, m ticket.Mark) (*ticket.Ticket, error) {
	id := m.TicketID
	if m.MessageID != 0 {
		switch msg, err := r.Message(ctx, m.MessageID); {
		case err == nil:
			id = msg.TicketID
		case !errors.Is(err, ticket.ErrNotFound):
			return nil, err
		}
	}
	return r.Ticket(ctx, id, ticket.Scope{All: true})
}
