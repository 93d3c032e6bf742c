package helpdesk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Unmerge undoes the merge of a ticket, named by the id of the source: it gets back exactly what was moved, in its old
// order, and the target loses what it had gained by that. What was written to the target since stays there, but for
// replies to the code, to the id or to a mail of the source: those go along. Of several merges into one target each can
// be undone, in any order; the target must not be merged itself meanwhile.
//
// Errors: ticket.ErrNoActor; ticket.ErrNotFound, also where the target is deleted; ticket.ErrForbidden; ticket.ErrInvalid
// for a ticket that is not merged; ticket.ErrMerged where the target was merged on; ticket.ErrConflict where messages were
// split off since; ticket.ErrSealed; ticket.ErrRefused; ticket.ErrBusy.
func (d *Desk) Unmerge(ctx context.Context, source int64) (*ticket.Ticket, error) {
	t, err := d.unmerge(ctx, source)
	return t, failed(fmt.Sprintf("unmerge ticket %d", source), err)
}

func (d *Desk) unmerge(ctx context.Context, source int64) (*ticket.Ticket, error) {
	ctx, actor, err := d.enter(ctx)
	if err != nil {
		return nil, err
	}
	s, err := d.read(ctx, actor, source)
	if err != nil {
		return nil, err
	}
	if err := d.may(ctx, actor, s, ActMerge); err != nil {
		return nil, err
	}
	if err := isMerged(s); err != nil {
		return nil, err
	}
	target, err := d.readToMerge(ctx, actor, s.MergedInto)
	if err != nil {
		return nil, fmt.Errorf("the target: %w", err)
	}
	in := hooks.Merging{Actor: actor, Target: target, Sources: []*ticket.Ticket{s}, Undo: true}
	if err := d.hooks.TicketMergeValidation.RunWithin(ctx, d.gateLimit(ctx), in); err != nil {
		return nil, err
	}
	w, err := d.transact(ctx, actor, func(ctx context.Context, w *write) error { return w.unmerge(ctx, target.ID, source) })
	if err != nil {
		return nil, err
	}
	return d.show(ctx, actor, w.beside[0].after), nil
}

func isMerged(t *ticket.Ticket) error {
	switch {
	case t.DeletedAt != nil:
		return alive(t)
	case t.MergedInto == 0:
		return ticket.Invalid("source", "is not merged into another ticket")
	}
	return nil
}

// unmerge is the part inside the transaction; w has the target.
func (w *write) unmerge(ctx context.Context, target, source int64) error {
	others, err := w.lockTogether(ctx, ActMerge, target, []int64{source})
	if err != nil {
		return err
	}
	s := others[0]
	if err := isMerged(s.after); err != nil {
		return err
	}
	m, err := mergeOf(ctx, w.tx, source)
	if err != nil {
		return err
	}
	if m.Target != target || s.after.MergedInto != target {
		return fmt.Errorf("%w: it was merged into another ticket", ticket.ErrConflict)
	}
	if err := w.release(ctx, s, m); err != nil {
		return err
	}
	if err := w.tx.DeleteRecord(ctx, kindJoining, decimal(source)); err != nil {
		return err
	}
	return w.commitMoved(ctx, others)
}

func mergeOf(ctx context.Context, r store.Reader, source int64) (m joining, err error) {
	rec, err := r.Record(ctx, kindJoining, decimal(source))
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal(rec.Doc, &m)
}

// release gives the ticket of s back what it brought.
func (w *write) release(ctx context.Context, s *write, m joining) error {
	all, err := thread(ctx, w.tx, w.after.ID)
	if err != nil {
		return err
	}
	theirs, mine, err := w.partThread(ctx, all, m)
	if err != nil {
		return err
	}
	if err := w.lose(ctx, m, mine); err != nil {
		return err
	}
	if err := w.arrange(ctx, mine); err != nil {
		return err
	}
	if err := s.arrange(ctx, theirs); err != nil {
		return err
	}
	if last := lastPublic(theirs[len(m.Order):]); last != nil {
		customer := last.Author.IsCustomer()
		s.after.UnreadByStaff, s.after.UnreadByClient = customer, !customer
	}
	if err := w.giveBack(ctx, s, m, theirs[len(m.Order):]); err != nil {
		return err
	}
	if err := w.stepMoved(ctx, ticket.EventUnmerged, s.after.ID); err != nil {
		return err
	}
	s.quiet, s.after.MergedInto = true, 0
	return s.step(ctx, ticket.EventMergedInto, nil)
}

// partThread divides the target's thread: what the source brought, in its old order, and what goes along with it; and
// the rest.
func (w *write) partThread(ctx context.Context, all []*ticket.Message, m joining) (theirs, mine []*ticket.Message, err error) {
	cites := map[string]bool{}
	for _, id := range m.Order {
		i := slices.IndexFunc(all, func(x *ticket.Message) bool { return x.ID == id })
		if i < 0 {
			return nil, nil, standing(fmt.Sprintf("message %d was split off since: undo that split first", id))
		}
		theirs = append(theirs, all[i])
		if mail := all[i].Mail; mail != nil && mail.MessageID != "" {
			cites[mail.MessageID] = true
		}
	}
	family, err := shellsOf(ctx, w.tx, m.Source)
	if err != nil {
		return nil, nil, err
	}
	family = append(family, m.Source)
	brought, had := setOf(m.Order), setOf(m.Had)
	for _, x := range all {
		switch {
		case brought[x.ID]:
		case !had[x.ID] && (slices.Contains(family, x.Via) || answers(x, cites)):
			theirs = append(theirs, x)
			if x.Mail != nil && x.Mail.MessageID != "" {
				cites[x.Mail.MessageID] = true
			}
		default:
			mine = append(mine, x)
		}
	}
	return theirs, mine, nil
}

func setOf(ids []int64) map[int64]bool {
	out := make(map[int64]bool, len(ids))
	for _, id := range ids {
		out[id] = true
	}
	return out
}

// answers reports whether a message came as a mail that answers one of those.
func answers(m *ticket.Message, ids map[string]bool) bool {
	return m.Mail != nil && slices.ContainsFunc(slices.Concat(m.Mail.InReplyTo, m.Mail.References), func(id string) bool { return ids[id] })
}

// lose takes from the target what the merge had brought it, as its journal tells.
func (w *write) lose(ctx context.Context, m joining, mine []*ticket.Message) error {
	e, err := w.tx.Event(ctx, m.Event)
	if errors.Is(err, ticket.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	t := w.after
	t.Participants = without(t.Participants, gained[ticket.Person](e, "participants"))
	t.Watchers = without(t.Watchers, gained[string](e, "watchers"))
	t.Tags = without(t.Tags, gained[string](e, "tags"))
	t.Related = without(t.Related, gained[ticket.Ref](e, "related"))
	t.Links = without(t.Links, gained[ticket.Link](e, "links"))
	if last := lastPublic(mine); last == nil || last.CreatedAt.Before(m.At) { // nobody has said anything since
		t.UnreadByStaff = t.UnreadByStaff && !marked(e, "unread_by_staff")
		t.UnreadByClient = t.UnreadByClient && !marked(e, "unread_by_client")
	}
	return nil
}

// gained are the values that a list got.
func gained[T comparable](e *ticket.Event, field string) []T {
	c, _ := e.Changed(field)
	var was, is []T
	_ = json.Unmarshal([]byte(c.Old), &was) // an empty list is written as nothing
	_ = json.Unmarshal([]byte(c.New), &is)
	return without(is, was)
}

func without[T comparable](list, gone []T) []T {
	list = slices.DeleteFunc(slices.Clone(list), func(v T) bool { return slices.Contains(gone, v) })
	if len(list) == 0 {
		return nil
	}
	return list
}

func marked(e *ticket.Event, field string) bool {
	c, ok := e.Changed(field)
	return ok && c.New == "true"
}
