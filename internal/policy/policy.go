// Package policy says what the settings of a desk have against what somebody is about to do. It is pure: settings, an actor
// and a ticket go in, and a reason comes out, empty where nothing is against it. Mails are exempt from who may come in:
// what becomes of a stranger's mail is for its gateway to say, and none is lost by a switch.
package policy

import (
	"slices"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Entry says why the desk is closed to a customer.
func Entry(s ticket.Settings, a ticket.Actor) string {
	switch {
	case a.Channel == ticket.ChannelEmail, !a.IsCustomer():
		return ""
	case a.Kind == ticket.ActorClient && !s.CustomerSection && a.Ticket == 0:
		return "the desk is for staff only: the settings close the customer section"
	case a.Kind == ticket.ActorGuest && s.LoginRequired && a.Ticket == 0:
		return "the settings require a login"
	}
	return ""
}

// Opening says why somebody may open no ticket.
func Opening(s ticket.Settings, a ticket.Actor) string {
	if a.Kind == ticket.ActorGuest && !s.GuestTickets && a.Channel != ticket.ChannelEmail {
		return "the settings let no guest open a ticket"
	}
	return ""
}

// Edit says why its customer may not edit a ticket (R03).
func Edit(s ticket.Settings, t *ticket.Ticket) string {
	switch {
	case t.Locked:
		return "the ticket is locked"
	case s.CustomerEdit == ticket.EditWhileOpen && !t.Class.Done():
		return ""
	case s.CustomerEdit == ticket.EditUntilReply && !t.Class.Done():
		if t.LastReplyBy == ticket.ActorClient || t.LastReplyBy == ticket.ActorGuest {
			return ""
		}
		return "staff have replied: the settings let customers edit until then"
	case s.CustomerEdit == ticket.EditNever || s.CustomerEdit == "":
		return "the settings let no customer edit"
	}
	return "the ticket is " + string(t.Class)
}

// Reopening returns ticket.ErrLocked or ticket.ErrClosed where a customer may not take a ticket out of the status that it
// has: what is done may be closed to them.
func Reopening(s ticket.Settings, t *ticket.Ticket) error {
	switch {
	case !t.Class.Done():
		return nil
	case t.Locked:
		return ticket.ErrLocked
	case slices.Contains(s.SilentStatuses, t.Status), t.Class == ticket.ClassClosed && s.AfterClose != ticket.AfterCloseReopen:
		return ticket.ErrClosed
	}
	return nil
}
