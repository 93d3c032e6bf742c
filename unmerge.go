package helpdesk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/internal/merging"
	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Unmerge undoes the merge of a ticket, named by the id of the source: it gets back exactly what was moved, in its old
// order, and the target loses what it had gained by that. What was written to the target since stays there, but for
// replies to the code, to the id or to a mail of the source, the last that they cite: those go along. Of several merges
// into one target each can be undone, in any order; the target must not be merged itself meanwhile.
//
// The code of the source leads to the target, as everything does that people see: the id of the source is that of the
// shell which Merged lists for the target.
//
// Errors: ticket.ErrNoActor; ticket.ErrNotFound, also where the target is deleted; ticket.ErrForbidden;
// ticket.ErrInvalid for a ticket that is not merged; ticket.ErrMerged where the target was merged on;
// ticket.ErrConflict where messages were split off since; ticket.ErrSealed; ticket.ErrRefused; ticket.ErrBusy.
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
		return ticket.Invalid("source", ticket.FaultState, "ticket %d is not merged into another one: where a code has led here, name the ticket by its id, which Desk.Merged lists", t.ID)
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
	if err := w.unindex(ctx); err != nil {
		return err
	}
	if err := w.tx.DeleteRecord(ctx, kindJoining, record.ID(source)); err != nil {
		return err
	}
	return w.commitMoved(ctx, others)
}

func mergeOf(ctx context.Context, r store.Reader, source int64) (m joining, err error) {
	rec, err := r.Record(ctx, kindJoining, record.ID(source))
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
	others, err := w.otherMerges(ctx, m)
	if err != nil {
		return err
	}
	theirs, along, mine, err := w.partThread(ctx, all, m, others)
	if err != nil {
		return err
	}
	if s.after.Tags, err = tagsSince(ctx, w.tx, s.after.Tags, m.At); err != nil {
		return err
	}
	had := w.after.Links
	if err := w.lose(ctx, s.after, m, mine, others); err != nil {
		return err
	}
	if err := w.keepLinked(ctx, had); err != nil {
		return err
	}
	if err := w.arrange(ctx, mine); err != nil {
		return err
	}
	back := slices.Concat(theirs, along)
	if err := s.arrange(ctx, back); err != nil {
		return err
	}
	if last := merging.LastPublic(along); last != nil {
		customer := last.Author.IsCustomer()
		s.after.UnreadByStaff, s.after.UnreadByClient = customer, !customer
	}
	if err := w.giveBack(ctx, s, m, back); err != nil {
		return err
	}
	if err := w.stepMoved(ctx, ticket.EventUnmerged, s.after.ID); err != nil {
		return err
	}
	s.quiet, s.after.MergedInto = true, 0
	return s.step(ctx, ticket.EventMergedInto, nil)
}

// otherMerge is one that stays when another one into the same target is undone.
type otherMerge struct {
	joining
	shell *ticket.Ticket
}

func (w *write) otherMerges(ctx context.Context, m joining) (out []otherMerge, err error) {
	var all []joining
	if err := record.ReadAll(ctx, w.tx, kindJoining, record.ID(m.Target), &all); err != nil {
		return nil, err
	}
	for _, o := range all {
		if o.Source == m.Source {
			continue
		}
		shell, err := w.tx.Ticket(ctx, o.Source, ticket.Scope{All: true})
		if err != nil {
			return nil, err
		}
		if shell.Tags, err = tagsSince(ctx, w.tx, shell.Tags, o.At); err != nil {
			return nil, err
		}
		out = append(out, otherMerge{o, shell})
	}
	return out, nil
}

// partThread divides the target's thread: what the source brought, in its old order, without what was purged since; what
// goes along with it; and the rest.
func (w *write) partThread(ctx context.Context, all []*ticket.Message, m joining, others []otherMerge) (theirs, along, mine []*ticket.Message, err error) {
	here := make(map[int64]*ticket.Message, len(all))
	for _, x := range all {
		here[x.ID] = x
	}
	for _, id := range m.Order {
		if x := here[id]; x != nil {
			theirs = append(theirs, x)
		} else if err := w.purgedSince(ctx, id); err != nil {
			return nil, nil, nil, err
		}
	}
	family, err := shellsOf(ctx, w.tx, m.Source)
	if err != nil {
		return nil, nil, nil, err
	}
	had := setOf(m.Had)
	for _, o := range others { // what another one brought is that one's, whatever it answers
		maps.Copy(had, setOf(o.Order))
	}
	for i, side := range merging.Part(all, setOf(m.Order), had, append(family, m.Source)) {
		switch side {
		case merging.Along:
			along = append(along, all[i])
		case merging.Mine:
			mine = append(mine, all[i])
		}
	}
	return theirs, along, mine, nil
}

// purgedSince refuses a message that is elsewhere now. One that is nowhere any more was purged with the ticket that it was
// split off into: it stands in nobody's way.
func (w *write) purgedSince(ctx context.Context, id int64) error {
	_, err := w.tx.Message(ctx, id)
	switch {
	case errors.Is(err, ticket.ErrNotFound):
		return nil
	case err != nil:
		return err
	}
	return standing(fmt.Sprintf("message %d was split off since: undo that split first", id))
}

func setOf(ids []int64) map[int64]bool {
	out := make(map[int64]bool, len(ids))
	for _, id := range ids {
		out[id] = true
	}
	return out
}

// lose takes from the target what the merge had brought it, as its journal tells. What a ticket that is still merged
// brings as well stays, until that one is taken apart.
func (w *write) lose(ctx context.Context, s *ticket.Ticket, m joining, mine []*ticket.Message, others []otherMerge) error {
	events := append([]int64{m.Event}, m.Also...)
	last := merging.LastPublic(mine)
	undo := merging.Undo{Source: s, Canonical: w.conf.canonical}
	for _, o := range others {
		undo.Others = append(undo.Others, merging.Other{At: o.At, Shell: o.shell})
	}
	kept := map[int64]bool{}
	for i, id := range events {
		e, err := w.tx.Event(ctx, id)
		if errors.Is(err, ticket.ErrNotFound) {
			continue
		}
		if err == nil {
			err = retell(ctx, w.tx, e)
		}
		if err != nil {
			return err
		}
		undo.Event, undo.Inherited, undo.Marks = e, i > 0, last == nil || last.CreatedAt.Before(e.At)
		maps.Copy(kept, undo.Take(w.after))
	}
	for _, o := range others {
		if !kept[o.Source] {
			continue
		}
		o.Also = union(o.Also, events, func(a, b int64) bool { return a == b })
		if err := o.put(ctx, w.tx); err != nil {
			return err
		}
	}
	return nil
}

func without[T comparable](list, gone []T) []T {
	list = slices.DeleteFunc(slices.Clone(list), func(v T) bool { return slices.Contains(gone, v) })
	if len(list) == 0 {
		return nil
	}
	return list
}
