package gateway

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/internal/mark"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Sent says that the mailbox is a Sent folder, and what becomes of the mails in it that cite no ticket (X20). All others
// are what agents have answered from another mail program: that they lie there is the proof. Those that the desk has
// sent itself, or has already, are left alone.
type Sent string

// The policies for a Sent folder.
const (
	SentNone    Sent = ""        // it is none
	SentAnswers Sent = "answers" // they are none of the desk's business
	SentAll     Sent = "all"     // they open tickets of those to whom they were sent
)

// sent is what becomes of a mail in a Sent folder.
func (c *chooser) sent() Decision {
	f := c.facts
	if k := c.nature.Kind; k != KindHuman && k != KindList {
		return Decision{Action: Drop, Reason: "a program has sent it: it is nobody's answer"}
	}
	const proof = ": it lies among the sent mails"
	for _, t := range f.Threads {
		if t.Addressed {
			return Decision{Action: Staff, TicketID: t.TicketID, By: t.By, Agent: f.Agent, Reason: "an agent has answered" + proof}
		}
	}
	switch {
	case len(f.Threads) > 0 && f.ToDesk: // an agent's answer by way of the desk, which sends it to the customer
		return Decision{Action: Drop, Reason: "it was sent to the desk, whose own mailbox has it"}
	case len(f.Threads) > 0:
		t := f.Threads[0]
		return Decision{Action: Staff, TicketID: t.TicketID, By: t.By, Agent: f.Agent, Confided: true, Reason: "an agent has written to somebody else about the ticket" + proof}
	}
	if c.policy.Sent == SentAll && f.Addressee.Email != "" {
		return Decision{Action: Open, Agent: f.Agent, Reason: "an agent has written to a customer" + proof}
	}
	return Decision{Action: Drop, Reason: "it cites no ticket that is here"}
}

// knowSent looks up whom an agent's mail was sent to, and whether they belong to the tickets that it cites.
func (g *Gateway) knowSent(ctx context.Context, m *Mail, k *known) error {
	bcc, _ := parseAddresses(strings.Join(m.header.values("bcc"), ","), mostThreads)
	all := slices.Concat(m.To, m.Cc, bcc)
	var toDesk, toOthers bool // in To itself
	for i, a := range all[:min(len(all), mostThreads)] {
		who, err := g.desk.Correspondent(ctx, mark.Base(a.Email))
		if err != nil {
			return err
		}
		desk := who.Own || g.own(a.Email) || mark.InAddress(a.Email) != ""
		switch {
		case desk:
			k.ToDesk = true
		case who.Agent == nil && k.Addressee.Email == "":
			k.Addressee = a
		}
		if i < len(m.To) {
			toDesk, toOthers = toDesk || desk, toOthers || !desk && who.Agent == nil
		}
		for i, t := range k.Threads {
			cited := k.tickets[t.TicketID]
			k.Threads[i].Addressed = t.Addressed || cited.Concerns(ticket.Person{Email: a.Email}) || cited.Concerns(ticket.Person{ID: who.Customer, Email: a.Email})
		}
	}
	k.InCopy = toOthers && !toDesk && k.ToDesk
	return nil
}

// knowCopies looks for the mail among the messages that the desk has, which bear its Message-ID.
func (g *Gateway) knowCopies(ctx context.Context, m *Mail, k *known) error {
	inSent := g.opts.Policy.Sent != SentNone
	if m.MessageIDDerived || !inSent && k.Agent == "" {
		return nil
	}
	return g.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		k.Here, k.copy = false, 0
		ids, err := r.Linked(ctx, linkMessageID, m.MessageID)
		if err != nil {
			return err
		}
		for _, id := range ids {
			has, err := r.Message(ctx, id)
			if errors.Is(err, ticket.ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			k.compare(m, has, inSent)
		}
		return nil
	})
}

// compare says what a message with the same Message-ID is to the mail. Anybody may write such an id, so that of a customer
// counts with the same words only.
func (k *known) compare(m *Mail, has *ticket.Message, inSent bool) {
	ours := !has.Author.IsCustomer()
	same := letters(has.Body) == letters(m.Text) && has.DeletedAt == nil
	switch {
	case !inSent:
		k.Here = k.Here || ours && same && has.Mail.Sent && has.Kind.Public()
	case ours, same && !has.Unproven && has.Author.Email == m.From.Email:
		k.Here = true
	case same && has.Unproven && has.Author.Email == m.From.Email:
		k.copy = has.ID
	}
}

// sender is the agent as whom the mail is kept: whose address it was sent from, or whom the options name.
func (v *delivery) sender() ticket.Actor {
	from := person(v.mail.From, v.desk.Limits())
	switch {
	case v.known.sender.Agent != nil:
		return v.known.agent()
	case v.opts.SentBy != "":
		return ticket.Staff(v.opts.SentBy, from.Name, from.Email).Via(ticket.ChannelEmail)
	}
	a := ticket.System("gateway").Via(ticket.ChannelEmail)
	a.Name, a.Email = firstOf(from.Name, from.Email), from.Email
	return a
}

// tooEarly reports whether the mail that an agent has answered may still be on its way through another gateway.
func (v *delivery) tooEarly() bool {
	m, f := v.mail, v.known.Facts
	return v.opts.Policy.Sent != SentNone && !f.Here && len(f.Threads) == 0 && len(m.InReplyTo)+len(m.References) > 0 && v.work.Attempt <= patience
}
