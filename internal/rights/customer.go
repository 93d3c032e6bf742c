package rights

import (
	"cmp"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Customer is a client or a guest who asks.
type Customer struct {
	Actor   ticket.Actor
	Account ticket.Customer // as the directory knows them; the zero value for somebody whom it does not know
}

// HasAccount reports whether the directory is to be asked for an account. An address that nobody has proven opens none;
// that of a mail is for its gateway to judge.
func (c Customer) HasAccount() bool {
	return c.Actor.Kind != ticket.ActorGuest || c.Actor.Channel == ticket.ChannelEmail
}

// Scope is what of the tickets the customer sees.
func (c Customer) Scope() ticket.Scope {
	a := c.Actor
	if !c.HasAccount() && a.Ticket == 0 && !a.Verified {
		return ticket.Scope{} // anybody can type an address
	}
	s := ticket.Scope{Requester: a.ID}
	if a.Email != "" {
		s.Emails = []string{a.Email}
	}
	if !c.HasAccount() {
		return s
	}
	s.Requester, s.Emails = cmp.Or(c.Account.ID, s.Requester), append(s.Emails, c.Account.Emails...)
	if c.Account.SeesOrganisation && c.Account.Organisation != "" {
		s.Organisations = []string{c.Account.Organisation}
	}
	return s
}

// Concerns reports whether a ticket is one that the customer requested or takes part in. Whoever wrote a mail may answer
// even what they are not shown.
func (c Customer) Concerns(t *ticket.Ticket) bool {
	byMail := c.Actor.Channel == ticket.ChannelEmail && t.Concerns(c.Actor.Person())
	return byMail || c.Scope().Sees(t)
}

// Requested reports whether the customer is the requester of a ticket: by id, or by address where it has none.
func (c Customer) Requested(t *ticket.Ticket) bool {
	all := c.Scope()
	mine := ticket.Scope{Requester: all.Requester}
	if t.Requester.ID == "" {
		mine.Emails = all.Emails
	}
	own := t.Clone()
	own.Participants = nil
	return mine.Sees(own)
}
