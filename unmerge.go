package helpdesk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Unmerge undoes the merge of a ticket, named by the id of the source: it gets back exactly what was moved, in its old
// order, and the target loses what it had gained by that. What was written to the target since stays there, but for
// replies to the code, to the id or to a mail of the source, the last that they cite: those go along. Of several merges
// into one target each can be undone, in any order; the target must not be merged itself meanwhile.
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
		return ticket.Invalid("source", ticket.FaultState, "is not merged into another ticket")
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
	if err := w.lose(ctx, s.after, m, mine, others); err != nil {
		return err
	}
	if err := w.arrange(ctx, mine); err != nil {
		return err
	}
	back := slices.Concat(theirs, along)
	if err := s.arrange(ctx, back); err != nil {
		return err
	}
	if last := lastPublic(along); last != nil {
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
	if err := loadAllOf(ctx, w.tx, kindJoining, decimal(m.Target), &all); err != nil {
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
	family = append(family, m.Source)
	brought, had := setOf(m.Order), setOf(m.Had)
	for _, o := range others { // what another one brought is that one's, whatever it answers
		maps.Copy(had, setOf(o.Order))
	}
	known := mails{}
	for _, x := range all {
		if had[x.ID] {
			known.put(x, false)
		}
	}
	for _, x := range theirs { // a mail that came to both tickets counts as the source's
		known.put(x, true)
	}
	for _, x := range all {
		switch {
		case brought[x.ID]:
		case !had[x.ID] && (slices.Contains(family, x.Via) || (x.Via == 0 && known.answered(x))):
			along = append(along, x)
			known.put(x, true)
		default:
			mine = append(mine, x)
			known.put(x, false)
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

// mails says by the ids of a thread's mails whether they go with the source.
type mails map[string]bool

func (known mails) put(m *ticket.Message, goes bool) {
	if m.Mail != nil && m.Mail.MessageID != "" {
		known[m.Mail.MessageID] = known[m.Mail.MessageID] || goes
	}
}

// answered reports whether a message came as a mail whose answered one goes. References lead up to that one (RFC 5322,
// 3.6.4): of those that are known the last counts.
func (known mails) answered(m *ticket.Message) bool {
	if m.Mail == nil {
		return false
	}
	for _, id := range slices.Backward(slices.Concat(m.Mail.References, m.Mail.InReplyTo)) {
		if goes, ok := known[id]; ok {
			return goes
		}
	}
	return false
}

// undoing says whose a value is that the target got by a merge.
type undoing struct {
	conf      *config
	event     *ticket.Event // of the merge that brought the target the value
	source    *ticket.Ticket
	inherited bool // that merge was undone before, and source brings the value, too
	others    []otherMerge
	kept      map[int64]bool // the others for whom a value stays
}

// lose takes from the target what the merge had brought it, as its journal tells. What a ticket that is still merged
// brings as well stays, until that one is taken apart.
func (w *write) lose(ctx context.Context, s *ticket.Ticket, m joining, mine []*ticket.Message, others []otherMerge) error {
	events := append([]int64{m.Event}, m.Also...)
	last := lastPublic(mine)
	u := undoing{conf: w.conf, source: s, others: others, kept: map[int64]bool{}}
	for i, id := range events {
		var err error
		if u.event, err = w.tx.Event(ctx, id); errors.Is(err, ticket.ErrNotFound) {
			continue
		}
		if err == nil {
			err = retell(ctx, w.tx, u.event)
		}
		if err != nil {
			return err
		}
		u.inherited = i > 0
		u.take(w.after, last == nil || last.CreatedAt.Before(u.event.At)) // nobody has said anything since
	}
	for _, o := range others {
		if !u.kept[o.Source] {
			continue
		}
		o.Also = union(o.Also, events, func(a, b int64) bool { return a == b })
		if err := o.put(ctx, w.tx); err != nil {
			return err
		}
	}
	return nil
}

// take takes out of the target what goes. marks says that the marks of what is to be read go, too.
func (u *undoing) take(t *ticket.Ticket, marks bool) {
	gone := lost(u, "participants", u.concerns)
	t.Participants = slices.DeleteFunc(slices.Clone(t.Participants), func(p ticket.Person) bool { return slices.ContainsFunc(gone, p.Is) }) // also by another name
	if len(t.Participants) == 0 {
		t.Participants = nil
	}
	t.Watchers = without(t.Watchers, lost(u, "watchers", func(t *ticket.Ticket, v string) bool { return slices.Contains(t.Watchers, v) }))
	t.Tags = without(t.Tags, lost(u, "tags", func(t *ticket.Ticket, v string) bool { return slices.Contains(t.Tags, v) }))
	t.Links = without(t.Links, lost(u, "links", func(t *ticket.Ticket, v ticket.Link) bool { return slices.Contains(t.Links, v) }))
	t.Related = without(t.Related, lost(u, "related", func(t *ticket.Ticket, v ticket.Ref) bool {
		return slices.ContainsFunc(t.Related, func(r ticket.Ref) bool { return r.Kind == v.Kind && r.ID == v.ID })
	}))
	if marks {
		t.UnreadByStaff = t.UnreadByStaff && !(marked(u.event, "unread_by_staff") && u.goes(func(t *ticket.Ticket) bool { return t.UnreadByStaff }))
		t.UnreadByClient = t.UnreadByClient && !(marked(u.event, "unread_by_client") && u.goes(func(t *ticket.Ticket) bool { return t.UnreadByClient }))
	}
}

// concerns reports whether a ticket is somebody's, also where they are another customer's account by now.
func (u *undoing) concerns(t *ticket.Ticket, p ticket.Person) bool {
	now := p
	now.ID = u.conf.canonical(p.ID)
	return t.Concerns(p) || t.Concerns(now)
}

// lost are the values of a list that go.
func lost[T comparable](u *undoing, field string, has func(*ticket.Ticket, T) bool) []T {
	return slices.DeleteFunc(gained[T](u.event, field), func(v T) bool {
		return !u.goes(func(t *ticket.Ticket) bool { return has(t, v) })
	})
}

// goes reports whether something goes: has says which tickets bring it. What one that was merged before had brought was
// gone by then, taken out or read, or it would not have been gained.
func (u *undoing) goes(has func(*ticket.Ticket) bool) bool {
	if u.inherited && !has(u.source) {
		return false
	}
	goes := true
	for _, o := range u.others {
		if !o.At.Before(u.event.At) && has(o.shell) {
			u.kept[o.Source], goes = true, false
		}
	}
	return goes
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
