package helpdesk

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// kindMerge is the kind of records that say how to undo the merging of a customer.
const kindMerge = "customer-merge"

// joined is what merging moved.
type joined struct {
	Into    string         `json:"into"`
	Emails  []string       `json:"emails"`
	Tickets []joinedTicket `json:"tickets"`
}

// joinedTicket is a ticket with the requester and the organisation that it had.
type joinedTicket struct {
	ID           int64         `json:"id"`
	Requester    ticket.Person `json:"requester"`
	Organisation string        `json:"organisation,omitempty"`
}

// MergeCustomers makes one customer of two (X13): the addresses and the tickets of from become those of into, who is
// whom every look-up of from returns from now on. All of it is one transaction; UnmergeCustomer takes it back. Both must
// be customers of the desk's own directory. Errors: ticket.ErrNoActor; ticket.ErrForbidden without the right to keep
// people; ticket.ErrNotFound; ticket.ErrInvalid for a customer with themselves, or who is merged already.
func (p People) MergeCustomers(ctx context.Context, into, from string) (ticket.Customer, error) {
	var out ticket.Customer
	err := p.d.keepPeople(ctx, fmt.Sprintf("merge customer %s into %s", from, into), func(ctx context.Context, w *write) (err error) {
		out, err = w.mergeCustomers(ctx, into, from)
		return err
	})
	return out, err
}

func (w *write) mergeCustomers(ctx context.Context, into, from string) (ticket.Customer, error) {
	if into == from {
		return ticket.Customer{}, ticket.Invalid("from", ticket.FaultConflicting, "is the same customer")
	}
	a, recA, err := w.standing(ctx, into)
	if err != nil {
		return a, err
	}
	b, recB, err := w.standing(ctx, from)
	if err != nil {
		return a, err
	}
	undo := joined{Into: into}
	for _, e := range b.Emails {
		if err := w.unpoint(ctx, kindCustomerEmail, emailKey(b.Brand, e), from); err != nil {
			return a, err
		}
		err := w.point(ctx, kindCustomerEmail, emailKey(a.Brand, e), into, "the address "+e)
		if err != nil {
			return a, err
		}
		if !slices.Contains(a.Emails, e) {
			a.Emails, undo.Emails = append(a.Emails, e), append(undo.Emails, e)
		}
	}
	if a, err = w.storeCustomer(ctx, a, recA); err != nil {
		return a, err
	}
	b.MergedInto = into
	if _, err = w.storeCustomer(ctx, b, recB); err != nil {
		return a, err
	}
	if err := w.putMerged(ctx, from, into); err != nil {
		return a, err
	}
	if undo.Tickets, err = w.moveTickets(ctx, ticket.Query{Requester: from}, func(t *ticket.Ticket) {
		if t.Organisation == b.Organisation { // the colleagues of the one who is gone are not those of the other
			t.Organisation = a.Organisation
		}
		t.Requester.ID = into
	}); err != nil {
		return a, err
	}
	return a, record.Put(ctx, w.tx, kindMerge, from, "", undo)
}

// standing returns a customer who is there and not merged.
func (w *write) standing(ctx context.Context, id string) (ticket.Customer, *store.Record, error) {
	c, rec, err := w.customer(ctx, id)
	switch {
	case err != nil:
		return c, rec, err
	case rec.Version == 0:
		return c, rec, missing("customer", id)
	case c.MergedInto != "":
		return c, rec, ticket.Invalid("id", ticket.FaultState, "customer %q is merged into %q: unmerge them first", id, c.MergedInto)
	}
	return c, rec, nil
}

// putMerged says in the configuration who goes by whose name; an empty into takes it back.
func (w *write) putMerged(ctx context.Context, from, into string) error {
	w.configured = true
	if into == "" {
		return w.tx.DeleteRecord(ctx, kindMerged, from)
	}
	return record.Put(ctx, w.tx, kindMerged, from, "", merged{from, into})
}

// UnmergeCustomer takes a merge back: the addresses and the tickets that came from the customer are theirs again, as
// far as nobody has given them to somebody else since; what was opened in between stays where it is. Of several merges
// one upon the other the last is taken back first. Errors: as MergeCustomers; ticket.ErrExists for an address that
// another customer has by now.
func (p People) UnmergeCustomer(ctx context.Context, from string) (ticket.Customer, error) {
	var out ticket.Customer
	err := p.d.keepPeople(ctx, "unmerge customer "+from, func(ctx context.Context, w *write) (err error) {
		out, err = w.unmergeCustomer(ctx, from)
		return err
	})
	return out, err
}

func (w *write) unmergeCustomer(ctx context.Context, from string) (ticket.Customer, error) {
	b, recB, err := w.customer(ctx, from)
	if err == nil && recB.Version == 0 {
		err = missing("customer", from)
	}
	if err != nil {
		return b, err
	}
	rec, err := w.tx.Record(ctx, kindMerge, from)
	if errors.Is(err, ticket.ErrNotFound) {
		return b, ticket.Invalid("from", ticket.FaultState, "customer %q is not merged", from)
	}
	if err != nil {
		return b, err
	}
	undo, err := storedDoc[joined](rec)
	if err != nil {
		return b, err
	}
	a, recA, err := w.customer(ctx, undo.Into)
	if err != nil {
		return b, err
	}
	if a.MergedInto != "" {
		return b, ticket.Invalid("from", ticket.FaultState, "customer %q, into whom they were merged, is merged into %q: unmerge that one first", undo.Into, a.MergedInto)
	}
	was := a.Clone()
	a.Emails = slices.DeleteFunc(a.Emails, func(e string) bool { return slices.Contains(undo.Emails, e) })
	if err := w.moveAddresses(ctx, was, a); err != nil {
		return b, err
	}
	if _, err := w.storeCustomer(ctx, a, recA); err != nil {
		return b, err
	}
	b.MergedInto = ""
	if err := w.moveAddresses(ctx, ticket.Customer{}, b); err != nil {
		return b, err
	}
	if b, err = w.storeCustomer(ctx, b, recB); err != nil {
		return b, err
	}
	if err := w.putMerged(ctx, from, ""); err != nil {
		return b, err
	}
	if err := w.moveBack(ctx, undo); err != nil {
		return b, err
	}
	return b, w.tx.DeleteRecord(ctx, kindMerge, from)
}

func (w *write) moveBack(ctx context.Context, undo joined) error {
	for _, j := range undo.Tickets {
		t, err := w.tx.LockTicket(ctx, j.ID)
		if errors.Is(err, ticket.ErrNotFound) || (err == nil && t.Requester.ID != undo.Into) {
			continue // purged, or somebody else's by now
		}
		if err != nil {
			return err
		}
		if err := w.change(ctx, t, func(t *ticket.Ticket) { t.Requester, t.Organisation = j.Requester, j.Organisation }); err != nil {
			return err
		}
	}
	return nil
}

// moveTickets changes every ticket that q selects, deleted and merged ones too, and says which and whose they were.
func (w *write) moveTickets(ctx context.Context, q ticket.Query, fn func(*ticket.Ticket)) ([]joinedTicket, error) {
	var out []joinedTicket
	for _, q := range everywhere(q) {
		all, err := w.allTickets(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, t := range all {
			out = append(out, joinedTicket{t.ID, t.Requester, t.Organisation})
			if err := w.change(ctx, t, fn); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// allTickets reads every ticket of a query before any of them changes place in it, and locks them.
func (w *write) allTickets(ctx context.Context, q ticket.Query) ([]*ticket.Ticket, error) {
	var out []*ticket.Ticket
	q.Limit = ticket.MaxPage
	for {
		page, err := w.tx.Tickets(ctx, q, ticket.Scope{All: true})
		if err != nil {
			return nil, err
		}
		for _, t := range page.Tickets {
			if t, err = w.tx.LockTicket(ctx, t.ID); err != nil {
				return nil, err
			}
			out = append(out, t)
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return out, nil
		}
	}
}

// change is an update of one more ticket in the transaction of this write, with its own event.
func (w *write) change(ctx context.Context, t *ticket.Ticket, fn func(*ticket.Ticket)) error {
	other := &write{d: w.d, tx: w.tx, conf: w.conf, actor: w.actor, cause: w.cause, now: w.now, before: t, last: t.Clone(), after: t.Clone()}
	fn(other.after)
	if err := other.step(ctx, ticket.EventUpdated, nil); err != nil {
		return err
	}
	if err := other.commit(ctx, &w.d.hooks.TicketUpdateGuard); err != nil {
		return err
	}
	other.announce(ctx)
	return nil
}
