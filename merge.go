package helpdesk

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/internal/merging"
	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// maxMerge is how many tickets one call merges.
const maxMerge = 100

// Merge makes one ticket of several (I11): what the sources have goes into the target. Messages are sorted in by their
// time, with files, working time and ratings; requester and participants of a source become participants, so they see
// all of the target from then on; tags, watchers, links and related objects are added. A newer message of a customer
// marks the target unread (X23). Status, assignee and custom fields of the target stay.
//
// Of a source a shell is left, with MergedInto set: no list shows it and nothing can be written to it, but its code, its
// external id, its guest links and mail to its thread lead to the target for ever, and a reply to it goes there. Unmerge
// undoes all this.
//
// Who may see the target sees the messages of the sources from then on, also of those that lay in another department: a
// gate at TicketMergeValidation can refuse that (hooks.Merging.Across).
//
// Errors: ticket.ErrNoActor; ticket.ErrNotFound; ticket.ErrForbidden without the right to merge on each; ticket.ErrMerged
// where one was merged before; ticket.ErrInvalid for no source, the target as its own source, more than 100, and where
// the target would get more participants, watchers, tags, objects or links than Limits.List; ticket.ErrSealed for an
// encrypted message whose key is missing; ticket.ErrRefused; ticket.ErrBusy.
func (d *Desk) Merge(ctx context.Context, target int64, sources ...int64) (*ticket.Ticket, error) {
	t, err := d.merge(ctx, target, sources)
	return t, failed(fmt.Sprintf("merge into ticket %d", target), err)
}

func (d *Desk) merge(ctx context.Context, target int64, sources []int64) (*ticket.Ticket, error) {
	ctx, actor, err := d.enter(ctx)
	if err != nil {
		return nil, err
	}
	sources = slices.Clone(sources)
	if err := checkMerge(target, sources); err != nil {
		return nil, err
	}
	in := hooks.Merging{Actor: actor}
	if in.Target, err = d.readToMerge(ctx, actor, target); err != nil {
		return nil, err
	}
	for _, id := range sources {
		s, err := d.readToMerge(ctx, actor, id)
		if err != nil {
			return nil, fmt.Errorf("ticket %d: %w", id, err)
		}
		in.Sources = append(in.Sources, s)
	}
	if err := d.hooks.TicketMergeValidation.RunWithin(ctx, d.gateLimit(ctx), in); err != nil {
		return nil, err
	}
	w, err := d.transact(ctx, actor, func(ctx context.Context, w *write) error { return w.merge(ctx, target, sources) })
	if err != nil {
		return nil, err
	}
	return d.show(ctx, actor, w.after), nil
}

func checkMerge(target int64, sources []int64) error {
	var e ticket.ValidationError
	switch {
	case len(sources) == 0:
		e.Add("sources", ticket.FaultRequired, "are missing: name the tickets that are to be merged")
	case len(sources) > maxMerge:
		e.Add("sources", ticket.FaultTooMany, "are too many: %d at most", maxMerge)
	}
	for i, id := range sources {
		if id == target {
			e.Add("sources", ticket.FaultConflicting, "hold the target, ticket %d: leave it out; where the code of another one has led to it, that one is merged into it already (see Desk.Merged)", target)
		} else if slices.Contains(sources[:i], id) {
			e.Add("sources", ticket.FaultDuplicate, "name ticket %d twice", id)
		}
	}
	return e.Err()
}

// readToMerge returns a ticket that may be merged, split or taken apart.
func (d *Desk) readToMerge(ctx context.Context, actor ticket.Actor, id int64) (*ticket.Ticket, error) {
	t, err := d.read(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	if err := d.may(ctx, actor, t, ActMerge); err != nil {
		return nil, err
	}
	return t, alive(t)
}

// merge is the part inside the transaction.
func (w *write) merge(ctx context.Context, target int64, sources []int64) error {
	others, err := w.lockTogether(ctx, ActMerge, target, sources)
	if err != nil {
		return err
	}
	mine, err := thread(ctx, w.tx, target)
	if err != nil {
		return err
	}
	for _, s := range others {
		if err := alive(s.after); err != nil {
			return fmt.Errorf("ticket %d: %w", s.after.ID, err)
		}
		if mine, err = w.absorb(ctx, s, mine); err != nil {
			return err
		}
	}
	return w.commitMoved(ctx, others)
}

// lockTogether takes the rows of several tickets in the order of their ids, so that two who do that cannot wait for each
// other. w has the first one, and the rest come back in the order of others.
func (w *write) lockTogether(ctx context.Context, act Action, first int64, others []int64) ([]*write, error) {
	locked := map[int64]*write{first: w}
	for _, id := range others {
		locked[id] = w.another()
	}
	for _, id := range slices.Sorted(slices.Values(append([]int64{first}, others...))) {
		if err := locked[id].lock(ctx, id, act); err != nil {
			return nil, fmt.Errorf("ticket %d: %w", id, err)
		}
	}
	return w.beside, alive(w.after)
}

// commitMoved puts all tickets of a move, w's first.
func (w *write) commitMoved(ctx context.Context, others []*write) error {
	for _, x := range append([]*write{w}, others...) {
		if err := x.commit(ctx, &w.d.hooks.TicketMoveGuard); err != nil {
			return err
		}
	}
	return nil
}

// absorb takes over what the ticket of s has. mine is the thread of w's ticket, and what it returns is that one afterwards.
func (w *write) absorb(ctx context.Context, s *write, mine []*ticket.Message) ([]*ticket.Message, error) {
	theirs, err := thread(ctx, w.tx, s.after.ID)
	if err != nil {
		return nil, err
	}
	order, err := w.orderBeforeSplit(ctx, s.after.ID)
	if err != nil {
		return nil, err
	}
	m := joining{Source: s.after.ID, Target: w.after.ID, At: w.now, Order: merging.IDs(theirs), Had: merging.IDs(mine)}
	w.markMerged(mine, theirs, s.after)
	if err := w.gain(s.after); err != nil {
		return nil, err
	}
	all := merging.Weave(order, mine, theirs)
	if err := w.arrange(ctx, all); err != nil {
		return nil, err
	}
	if err := w.takeAlong(ctx, s, &m); err != nil {
		return nil, err
	}
	if err := w.stepMoved(ctx, ticket.EventMerged, s.after.ID); err != nil {
		return nil, err
	}
	m.Event = w.events[len(w.events)-1].event.ID
	s.quiet, s.after.MergedInto = true, w.after.ID
	if err := s.step(ctx, ticket.EventMergedInto, nil); err != nil {
		return nil, err
	}
	return all, m.put(ctx, w.tx)
}

// stepMoved journals a move with the other tickets' ids.
func (w *write) stepMoved(ctx context.Context, typ ticket.EventType, others ...int64) error {
	ids, err := json.Marshal(others)
	if err != nil {
		return err
	}
	return w.journal(ctx, typ, nil, append(ticket.Diff(w.last, w.after), ticket.Change{Field: "tickets", New: string(ids)}))
}

// markMerged sets the marks of what somebody has to read.
func (w *write) markMerged(mine, theirs []*ticket.Message, s *ticket.Ticket) {
	t, newest := w.after, merging.LastPublic(theirs)
	newer := newest != nil && newest.CreatedAt.After(t.LastReplyAt)
	if last := merging.LastPublic(mine); last == nil {
		newer = newest != nil
	}
	t.UnreadByStaff = t.UnreadByStaff || s.UnreadByStaff || (newer && newest.Author.IsCustomer())
	t.UnreadByClient = t.UnreadByClient || s.UnreadByClient
}

// gain adds people, tags, objects and links of another ticket, up to the limit that they have on every ticket: one that
// went beyond could not be changed any more.
func (w *write) gain(s *ticket.Ticket) error {
	t, had := w.after, *w.after
	t.Participants = slices.Clone(t.Participants)
	for _, p := range append([]ticket.Person{s.Requester}, s.Participants...) {
		if !p.IsZero() && !t.Concerns(p) {
			t.Participants = append(t.Participants, p)
		}
	}
	t.Watchers = union(t.Watchers, s.Watchers, func(a, b string) bool { return a == b })
	t.Tags = normalTags(slices.Concat(t.Tags, s.Tags))
	t.Related = union(t.Related, s.Related, func(a, b ticket.Ref) bool { return a.Kind == b.Kind && a.ID == b.ID })
	foreign := slices.DeleteFunc(slices.Clone(s.Links), func(l ticket.Link) bool { return l.Ticket == t.ID })
	t.Links = union(t.Links, foreign, func(a, b ticket.Link) bool { return a == b })
	var e ticket.ValidationError
	for _, list := range []struct {
		field    string
		had, has int
	}{
		{"participants", len(had.Participants), len(t.Participants)}, {"watchers", len(had.Watchers), len(t.Watchers)}, {"tags", len(had.Tags), len(t.Tags)},
		{"related", len(had.Related), len(t.Related)}, {"links", len(had.Links), len(t.Links)},
	} {
		if list.has > list.had {
			e.CheckCount(list.field, list.has, w.d.cfg.Limits.List)
		}
	}
	return e.Err()
}

// union appends what is not there yet.
func union[T any](have, more []T, same func(a, b T) bool) []T {
	have = slices.Clone(have)
	for _, v := range more {
		if !slices.ContainsFunc(have, func(h T) bool { return same(h, v) }) {
			have = append(have, v)
		}
	}
	return have
}

// joining says how a merge is undone. Who and what the target gained stands in its journal, and only there, so that an
// erasure finds it.
type joining struct {
	Source int64     `json:"source"`
	Target int64     `json:"target"`
	At     time.Time `json:"at"`
	Event  int64     `json:"event"` // of the target's journal
	Order  []int64   `json:"order"` // the source's messages, in their order
	Had    []int64   `json:"had"`   // the target's: they were there before, whatever they answer
	// Also are the events of merges that were undone since, which brought something that the source brings, too.
	Also []int64 `json:"also,omitempty"`

	Time    []string `json:"time,omitempty"` // what moved beside them
	Ratings []string `json:"ratings,omitempty"`
}

// kindJoining is the kind of records by the id of the source, with the target as their parent.
const kindJoining = "ticket_merge"

func (m joining) put(ctx context.Context, tx store.Tx) error {
	return record.Put(ctx, tx, kindJoining, record.ID(m.Source), record.ID(m.Target), m)
}

// mergedInto lists the tickets that were merged into one.
func mergedInto(ctx context.Context, r store.Reader, target int64) (out []int64, err error) {
	recs, err := r.Records(ctx, store.RecordQuery{Kind: kindJoining, Parent: record.ID(target)})
	if err != nil {
		return nil, err
	}
	for _, rec := range recs { // whose documents can be long, and are not needed
		id, err := strconv.ParseInt(rec.Key, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("merge %q: %w", rec.Key, err)
		}
		out = append(out, id)
	}
	return out, nil
}

// shellsOf lists the tickets that were merged into one, and into those, and so on.
func shellsOf(ctx context.Context, r store.Reader, target int64) ([]int64, error) {
	out, err := mergedInto(ctx, r, target)
	for i := 0; i < len(out) && err == nil; i++ {
		var deeper []int64
		deeper, err = mergedInto(ctx, r, out[i])
		out = append(out, deeper...)
	}
	return out, err
}

// Merged lists the tickets that were merged into one, as far as the actor may see them. Errors: ticket.ErrNoActor;
// ticket.ErrNotFound; ticket.ErrForbidden for customers.
func (d *Desk) Merged(ctx context.Context, id int64) ([]*ticket.Ticket, error) {
	list, err := d.merges(ctx, id)
	return list, failed(fmt.Sprintf("list what was merged into ticket %d", id), err)
}

func (d *Desk) merges(ctx context.Context, id int64) (out []*ticket.Ticket, err error) {
	ctx, actor, err := d.enter(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := d.read(ctx, actor, id); err != nil {
		return nil, err
	}
	if actor.IsCustomer() && !inGuard(ctx) {
		return nil, fmt.Errorf("%w: staff see what was merged", ticket.ErrForbidden)
	}
	var ids []int64
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
		ids, err = mergedInto(ctx, r, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	seen, err := d.readEach(ctx, actor, ids)
	if err != nil {
		return nil, err
	}
	for _, s := range ids {
		if t := seen[s]; t != nil {
			out = append(out, d.show(ctx, actor, t))
		}
	}
	return out, nil
}
