package helpdesk

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/internal/merging"
	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Split makes messages of a ticket into a new one, which has a code of its own and the old one's people, tags and
// related objects; SplitFrom says where it came from. It is opened like any other ticket: TicketCreated fires, and then
// TicketSplit for the old one. What the settings and the split do not say is taken from the old ticket.
//
// Unsplit undoes it. Errors: ticket.ErrNoActor; ticket.ErrNotFound; ticket.ErrForbidden without the right to merge, or to
// open a ticket where the new one is to lie; ticket.ErrMerged; ticket.ErrInvalid for messages that are not the ticket's,
// for none and for all of them, and for what a draft may not say; ticket.ErrSealed; ticket.ErrRefused; ticket.ErrBusy.
func (d *Desk) Split(ctx context.Context, id int64, s ticket.Split) (*ticket.Ticket, error) {
	t, err := d.split(ctx, id, s)
	return t, failed(fmt.Sprintf("split ticket %d", id), err)
}

func (d *Desk) split(ctx context.Context, id int64, s ticket.Split) (*ticket.Ticket, error) {
	ctx, actor, err := d.enter(ctx)
	if err != nil {
		return nil, err
	}
	s = s.Clone()
	t, err := d.readToMerge(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	if s.Assignee != "" {
		part := t.Clone()
		part.Assignee, part.Department = s.Assignee, cmp.Or(s.Department, t.Department)
		err = d.checkSight(ctx, actor, &ticket.Ticket{Watchers: part.Watchers}, part)
	}
	if err != nil {
		return nil, err
	}
	if err := d.hooks.TicketSplitValidation.RunWithin(ctx, d.gateLimit(ctx), hooks.Splitting{Actor: actor, Ticket: t, Split: s}); err != nil {
		return nil, err
	}
	w, err := d.transact(ctx, actor, func(ctx context.Context, w *write) error { return w.split(ctx, id, s) })
	if err != nil {
		return nil, err
	}
	return d.show(ctx, actor, w.after), nil
}

// split is the part inside the transaction; w has the new ticket.
func (w *write) split(ctx context.Context, id int64, s ticket.Split) error {
	from := w.another()
	if err := from.lock(ctx, id, ActMerge); err != nil {
		return err
	}
	if err := alive(from.after); err != nil {
		return err
	}
	all, err := thread(ctx, w.tx, id)
	if err != nil {
		return err
	}
	gone, rest, err := divide(all, s.Messages)
	if err != nil {
		return err
	}
	if err := w.openSplit(ctx, from.after, gone, s); err != nil {
		return err
	}
	gone[0].Mail = gone[0].Mail.AsFirst() // what it quotes is in another ticket now
	if err := w.arrange(ctx, gone); err != nil {
		return err
	}
	if err := from.arrange(ctx, rest); err != nil {
		return err
	}
	if err := w.moveWith(ctx, from.after, w.after, gone); err != nil {
		return err
	}
	if err := w.step(ctx, ticket.EventCreated, gone[0]); err != nil {
		return err
	}
	if err := from.unindex(ctx); err != nil { // whoever may not see the new ticket finds nothing by its words
		return err
	}
	if err := from.stepMoved(ctx, ticket.EventSplit, w.after.ID); err != nil {
		return err
	}
	if err := putSplit(ctx, w.tx, w.after.ID, id, merging.IDs(all)); err != nil {
		return err
	}
	if err := w.commit(ctx, &w.d.hooks.TicketCreateGuard); err != nil {
		return err
	}
	return from.commit(ctx, &w.d.hooks.TicketMoveGuard)
}

// divide parts a thread by ids.
func divide(all []*ticket.Message, ids []int64) (gone, rest []*ticket.Message, err error) {
	for _, m := range all {
		if slices.Contains(ids, m.ID) {
			gone = append(gone, m)
		} else {
			rest = append(rest, m)
		}
	}
	for _, id := range ids {
		if !slices.ContainsFunc(gone, func(m *ticket.Message) bool { return m.ID == id }) {
			return nil, nil, ticket.Invalid("messages", ticket.FaultUnknown, "the ticket has no message %d", id)
		}
	}
	switch {
	case len(gone) == 0:
		return nil, nil, ticket.Invalid("messages", ticket.FaultRequired, "are missing: name those that are to go")
	case len(rest) == 0:
		return nil, nil, ticket.Invalid("messages", ticket.FaultNotAllowed, "are all that there are: leave one, or change the ticket itself")
	}
	return gone, rest, nil
}

// openSplit makes the new ticket's row.
func (w *write) openSplit(ctx context.Context, t *ticket.Ticket, gone []*ticket.Message, s ticket.Split) error {
	draft := ticket.Draft{
		Subject: cmp.Or(s.Subject, t.Subject), Body: "of the messages", Brand: t.Brand, Department: cmp.Or(s.Department, t.Department), Priority: t.Priority,
		Assignee: s.Assignee, Requester: s.Requester, Phone: t.Phone, Participants: t.Participants, Service: t.Service, Related: t.Related,
		Tags: t.Tags, Form: t.Gateway,
	}
	draft.Fields = w.conf.Served(t.Fields, draft.Brand, draft.Department)
	if draft.Requester.IsZero() {
		draft.Requester = writerOf(gone, t)
	}
	if draft.Requester.Is(t.Requester) {
		draft.Organisation = t.Organisation
	} else if !t.Requester.IsZero() {
		draft.Participants = without(draft.Participants, []ticket.Person{draft.Requester})
	}
	if err := w.d.identifyAgain(ctx, w.conf, &draft); err != nil {
		return err
	}
	if err := w.d.checkDraft(ctx, w.conf, w.actor, &draft); err != nil {
		return err
	}
	if err := w.d.authorize(ctx, w.conf, w.actor, ActCreate, ticketToBe(w.actor, &draft)); err != nil {
		return err
	}
	id, err := w.tx.NewID(ctx, "ticket")
	if err != nil {
		return err
	}
	w.after = w.newTicket(id, &draft)
	w.after.SplitFrom, w.after.Channel, w.after.Gateway = t.ID, t.Channel, t.Gateway
	last := merging.LastPublic(gone)
	w.after.UnreadByStaff = t.UnreadByStaff && last != nil && last.Author.IsCustomer()
	w.after.UnreadByClient = t.UnreadByClient && last != nil && !last.Author.IsCustomer()
	w.after.LastReplyAt = w.now
	if err := w.keepSight(ctx); err != nil {
		return err
	}
	return w.newCode(ctx)
}

// writerOf is the customer who wrote the first of the messages, or the requester of the ticket that they are from.
// Whoever could not be tied to the ticket is none.
func writerOf(list []*ticket.Message, t *ticket.Ticket) ticket.Person {
	for _, m := range list {
		if m.Author.IsCustomer() && !m.Unproven && t.Concerns(m.Author.Person()) {
			return m.Author.Person()
		}
	}
	return t.Requester
}

// kindSplit is the kind of records, by the id of the new ticket, that hold the order which the messages of the old one
// had.
const kindSplit = "ticket_split"

func putSplit(ctx context.Context, tx store.Tx, id, from int64, order []int64) error {
	return record.Put(ctx, tx, kindSplit, record.ID(id), record.ID(from), order)
}

// orderBeforeSplit is the order in which the messages of w's ticket were before the other one was split off from it;
// nothing where it was not.
func (w *write) orderBeforeSplit(ctx context.Context, other int64) (order []int64, err error) {
	rec, err := w.tx.Record(ctx, kindSplit, record.ID(other))
	if errors.Is(err, ticket.ErrNotFound) || (err == nil && rec.Parent != record.ID(w.after.ID)) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return order, json.Unmarshal(rec.Doc, &order)
}

// Unsplit undoes the split of a ticket, named by the id of the new one: it is merged into the one that it was split off
// from, where the messages get their old places. What was added to the new one since goes along, sorted in by time.
// Errors: as Merge; ticket.ErrInvalid for a ticket that was not split off.
func (d *Desk) Unsplit(ctx context.Context, id int64) (*ticket.Ticket, error) {
	t, err := d.unsplit(ctx, id)
	return t, failed(fmt.Sprintf("undo the split of ticket %d", id), err)
}

func (d *Desk) unsplit(ctx context.Context, id int64) (*ticket.Ticket, error) {
	ctx, actor, err := d.enter(ctx)
	if err != nil {
		return nil, err
	}
	t, err := d.read(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	if t.SplitFrom == 0 {
		return nil, ticket.Invalid("", ticket.FaultState, "was not split off from another ticket")
	}
	return d.merge(ctx, t.SplitFrom, []int64{id})
}
