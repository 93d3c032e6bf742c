package helpdesk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// GuestLinks between tickets (X12). Both sides have one, each the opposite of the other.

// LinkTicket links a ticket to another one, and that one back, in one transaction; two tickets have one link, so another
// kind replaces it. Whoever may not see the other ticket is not shown the link. Errors: ticket.ErrNoActor;
// ticket.ErrNotFound and ticket.ErrForbidden for either ticket; ticket.ErrMerged; ticket.ErrInvalid for an unknown kind,
// for the ticket itself, and over Limits.List; ticket.ErrRefused; ticket.ErrBusy.
func (d *Desk) LinkTicket(ctx context.Context, id int64, l ticket.Link) (*ticket.Ticket, error) {
	t, err := d.relink(ctx, id, l.Ticket, func(*write) error {
		if l.Kind.Opposite() == "" {
			return ticket.Invalid("kind", ticket.FaultUnknown, "%q is no kind of link: use related, duplicate, original, parent, child, blocks or blocked_by", l.Kind)
		}
		return nil
	}, func(t *ticket.Ticket, other int64) error {
		kind := l.Kind
		if t.ID != id {
			kind = kind.Opposite()
		}
		t.Links = slices.DeleteFunc(t.Links, func(l ticket.Link) bool { return l.Ticket == other })
		if t.Links = append(t.Links, ticket.Link{Kind: kind, Ticket: other}); len(t.Links) > d.cfg.Limits.List {
			return ticket.Invalid("links", ticket.FaultTooMany, "are too many: ticket %d has %d, the most that one may have", t.ID, d.cfg.Limits.List)
		}
		return nil
	})
	return t, failed(fmt.Sprintf("link ticket %d", id), err)
}

// UnlinkTicket undoes LinkTicket, on both sides, also what either ticket has by a merge: to undo that does not bring the link
// back. Where there is no link nothing happens. Errors: as LinkTicket.
func (d *Desk) UnlinkTicket(ctx context.Context, id, other int64) (*ticket.Ticket, error) {
	of := map[int64][]int64{id: {id}, other: {other}} // with what was merged into them: a link to that leads to them
	t, err := d.relink(ctx, id, other, func(w *write) error {
		if w.tx == nil {
			return nil
		}
		for _, main := range []int64{id, other} {
			shells, err := shellsOf(ctx, w.tx, main)
			if err != nil {
				return err
			}
			of[main] = append([]int64{main}, shells...)
		}
		return errors.Join(w.unlinkEach(ctx, of[id][1:], of[other]), w.unlinkEach(ctx, of[other][1:], of[id]))
	}, func(t *ticket.Ticket, other int64) error {
		t.Links = unlinked(t.Links, of[other])
		return nil
	})
	return t, failed(fmt.Sprintf("unlink ticket %d", id), err)
}

// unlinked are links without those to some tickets.
func unlinked(list []ticket.Link, from []int64) []ticket.Link {
	list = slices.DeleteFunc(slices.Clone(list), func(l ticket.Link) bool { return slices.Contains(from, l.Ticket) })
	if len(list) == 0 {
		return nil
	}
	return list
}

// unlinkEach takes links out of what was merged into a ticket: they would be back when that is undone, and on one side only.
func (w *write) unlinkEach(ctx context.Context, shells, from []int64) error {
	for _, id := range shells {
		s := w.another()
		if err := s.lockUnchecked(ctx, id); err != nil {
			return err
		}
		s.quiet, s.after.Links = true, unlinked(s.after.Links, from)
		if err := s.step(ctx, ticket.EventUpdated, nil); err != nil {
			return err
		}
		if err := s.commit(ctx, nil); err != nil {
			return err
		}
	}
	return nil
}

// keepLinked puts links back that the undoing of a merge has taken from w's ticket, though their other sides lead to it:
// they were made again since.
func (w *write) keepLinked(ctx context.Context, had []ticket.Link) error {
	for _, l := range had {
		if slices.Contains(w.after.Links, l) {
			continue
		}
		own, err := w.linkedBy(ctx, l.Ticket, ticket.Link{Kind: l.Kind.Opposite(), Ticket: w.after.ID})
		if err != nil {
			return err
		}
		if own {
			w.after.Links = append(w.after.Links, l)
		}
	}
	return nil
}

// linkedBy reports whether a ticket has a link, and not by a merge.
func (w *write) linkedBy(ctx context.Context, id int64, l ticket.Link) (bool, error) {
	x, err := w.tx.Ticket(ctx, id, ticket.Scope{All: true})
	if errors.Is(err, ticket.ErrNotFound) || err == nil && !slices.Contains(x.Links, l) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	shells, err := mergedInto(ctx, w.tx, id)
	if err != nil {
		return false, err
	}
	for _, id := range shells {
		s, err := w.tx.Ticket(ctx, id, ticket.Scope{All: true})
		if err != nil || slices.Contains(s.Links, l) {
			return false, err
		}
	}
	return true, nil
}

// relink changes the links of two tickets. check comes first, outside the transaction and in it; change gets each ticket
// with the other's id.
func (d *Desk) relink(ctx context.Context, id, other int64, check func(*write) error, change func(t *ticket.Ticket, other int64) error) (*ticket.Ticket, error) {
	ctx, actor, err := d.enter(ctx)
	if err != nil {
		return nil, err
	}
	if other == id {
		return nil, ticket.Invalid("ticket", ticket.FaultConflicting, "is the ticket itself: name another one")
	}
	if err := check(&write{}); err != nil {
		return nil, err
	}
	for _, pair := range [][2]int64{{id, other}, {other, id}} {
		if err := d.gateRelink(ctx, actor, pair[0], pair[1], change); err != nil {
			return nil, err
		}
	}
	w, err := d.transact(ctx, actor, func(ctx context.Context, w *write) error {
		others, err := w.lockTogether(ctx, ActUpdate, id, []int64{other})
		if err != nil {
			return err
		}
		if err := errors.Join(alive(others[0].after), check(w)); err != nil {
			return err
		}
		for i, x := range []*write{w, others[0]} {
			if err := change(x.after, [2]int64{other, id}[i]); err != nil {
				return err
			}
			if err := x.step(ctx, ticket.EventUpdated, nil); err != nil {
				return err
			}
			if err := x.commit(ctx, &w.d.hooks.TicketUpdateGuard); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return d.show(ctx, actor, w.after), nil
}

// gateRelink shows the gates of updates what one of the two tickets would be.
func (d *Desk) gateRelink(ctx context.Context, actor ticket.Actor, id, other int64, change func(*ticket.Ticket, int64) error) error {
	t, err := d.read(ctx, actor, id)
	if err == nil {
		err = d.may(ctx, actor, t, ActUpdate)
	}
	if err == nil && actor.IsCustomer() {
		err = fmt.Errorf("%w: staff link tickets", ticket.ErrForbidden)
	}
	if err == nil {
		err = alive(t)
	}
	if err != nil {
		return fmt.Errorf("ticket %d: %w", id, err)
	}
	after := t.Clone()
	if err := change(after, other); err != nil {
		return err
	}
	in := hooks.Updating{Actor: actor, Ticket: t, Patch: &ticket.Patch{}, After: after, Changes: ticket.Diff(t, after)}
	if len(in.Changes) == 0 {
		return nil
	}
	return d.hooks.TicketUpdateValidation.RunWithin(ctx, d.gateLimit(ctx), in)
}

// forgetLinks takes the links to a ticket that is purged out of the others. What was linked with a ticket that was merged
// since is linked with its target, too.
func (w *write) forgetLinks(ctx context.Context) error {
	for _, l := range w.before.Links {
		for id := l.Ticket; id != 0; {
			var err error
			if id, err = w.forgetLink(ctx, id, l.Kind.Opposite()); err != nil {
				return err
			}
		}
	}
	return nil
}

// forgetLink takes the link to w's ticket out of another one, and returns where that was merged.
func (w *write) forgetLink(ctx context.Context, id int64, kind ticket.LinkKind) (mergedInto int64, err error) {
	b := w.another()
	err = b.lockUnchecked(ctx, id)
	if errors.Is(err, ticket.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	b.quiet = true
	b.after.Links = without(b.after.Links, []ticket.Link{{Kind: kind, Ticket: w.before.ID}})
	if err := b.step(ctx, ticket.EventUpdated, nil); err != nil {
		return 0, err
	}
	return b.after.MergedInto, b.commit(ctx, nil)
}

// veilLinks takes the numbers of tickets that the actor may not see out of a history.
func (d *Desk) veilLinks(ctx context.Context, a ticket.Actor, list []*ticket.Event) {
	if a.Kind == ticket.ActorSystem || inGuard(ctx) {
		return
	}
	var ids []int64
	named := func(id int64) bool { ids = append(ids, id); return true }
	for _, e := range list {
		for _, c := range e.Changes {
			_, _ = veiled(c.Field, c.Old, named), veiled(c.Field, c.New, named)
		}
	}
	if len(ids) == 0 {
		return
	}
	seen, err := d.readEach(ctx, a, ids)
	sees := func(id int64) bool { return err == nil && seen[id] != nil }
	for _, e := range list {
		for i, c := range e.Changes {
			e.Changes[i].Old, e.Changes[i].New = veiled(c.Field, c.Old, sees), veiled(c.Field, c.New, sees)
		}
	}
}

// veiled is a value of a change without the numbers of unseen tickets; of other fields it is what it was.
func veiled(field, text string, sees func(int64) bool) string {
	switch field {
	case "linked_to", "merged_into", "split_from":
		if id, err := strconv.ParseInt(text, 10, 64); err == nil && id != 0 && !sees(id) {
			return strconv.Itoa(hiddenTicket)
		}
	case "links":
		return veiledList(text, func(l ticket.Link) bool { return sees(l.Ticket) })
	case "tickets":
		return veiledList(text, sees)
	}
	return text
}

func veiledList[T any](text string, sees func(T) bool) string {
	var list []T
	if json.Unmarshal([]byte(text), &list) != nil {
		return text
	}
	seen := slices.DeleteFunc(list, func(v T) bool { return !sees(v) })
	doc, err := json.Marshal(seen)
	if err != nil || len(seen) == 0 {
		return ""
	}
	return string(doc)
}
