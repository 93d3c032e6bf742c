package helpdesk

import (
	"context"
	"slices"

	"github.com/helpdeskgo/helpdesk/internal/identity"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// linkPerson leads from a person, as "id:…" or "email:…", to tickets that they have left or wrote into from outside.
const linkPerson = "person"

// rememberPeople keeps a way to a ticket for those to whom its row does not lead, by all that is known of them: an
// erasure must find them.
func (w *write) rememberPeople(ctx context.Context) error {
	var outside []ticket.Person
	if w.before == nil || w.before.Requester != w.after.Requester || !slices.Equal(w.before.Participants, w.after.Participants) {
		outside = slices.Clone(w.after.Participants)
		if w.before != nil {
			outside = append(append(outside, w.before.Requester), w.before.Participants...)
		}
	}
	if w.actor.IsCustomer() {
		outside = append(outside, w.actor.Person())
	}
	for _, e := range w.events {
		outside = append(outside, identity.In(e.message)...)
	}
	for _, m := range w.moved {
		outside = append(outside, identity.In(m)...)
	}
	for _, p := range outside {
		if identity.Leads(w.after, p) || w.conf.WritesAs(p.Email) {
			continue
		}
		for _, key := range identity.Keys(p) {
			if err := w.tx.Link(ctx, linkPerson, key, w.after.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// eachPerson calls fn for the people of whom the messages and the history of a ticket tell; was says that they were its
// requester.
func eachPerson(ctx context.Context, r store.Reader, ticketID int64, fn func(p ticket.Person, was bool)) error {
	for m, err := range everyMessage(ctx, r, ticketID) {
		if err != nil {
			return err
		}
		for _, p := range identity.In(m) {
			fn(p, false)
		}
	}
	for e, err := range everyEvent(ctx, r, ticket.EventQuery{TicketID: ticketID}) {
		if err != nil {
			return err
		}
		if e.Actor.IsCustomer() {
			fn(e.Actor.Person(), false)
		}
		for _, c := range e.Changes {
			for _, p := range identity.InChange(c) {
				fn(p, c.Field == "requester")
			}
		}
	}
	return nil
}

// forgetPeople takes back what rememberPeople did for a ticket.
func (w *write) forgetPeople(ctx context.Context, t *ticket.Ticket) error {
	keys := map[string]bool{}
	add := func(p ticket.Person, _ bool) {
		for _, key := range identity.Keys(p) {
			keys[key] = true
		}
	}
	for _, p := range append(slices.Clone(t.Participants), t.Requester) {
		add(p, false)
	}
	if err := eachPerson(ctx, w.tx, t.ID, add); err != nil {
		return err
	}
	for key := range keys {
		if err := w.tx.Unlink(ctx, linkPerson, key, t.ID); err != nil {
			return err
		}
	}
	return nil
}
