package helpdesk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Tags are the labels that staff put on tickets (M79). They are kept in one form, lower-cased and with single spaces,
// and come into being by being used.
type Tags struct{ d *Desk }

// Tags returns the group of verbs for tags.
func (d *Desk) Tags() Tags { return Tags{d} }

// List lists the tags that begin with prefix, by name, with how many tickets have each: of those that the actor may see,
// in any folder. Errors: ticket.ErrNoActor; ticket.ErrForbidden for customers, who are not shown tags.
func (g Tags) List(ctx context.Context, prefix string) (ticket.TagList, error) {
	list, err := g.d.tags(ctx, prefix)
	return list, failed("list tags", err)
}

func (d *Desk) tags(ctx context.Context, prefix string) (out ticket.TagList, err error) {
	ctx, actor, err := d.staffAt(ctx)
	if err != nil {
		return out, err
	}
	scope, err := d.scope(ctx, actor)
	if err != nil {
		return out, err
	}
	var found store.Tallies
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
		found, err = r.Tallies(ctx, store.TallyQuery{By: store.TallyTags, Whole: true, Prefix: tagPrefix(prefix)}, scope)
		return err
	})
	n := map[string]int{}
	for _, t := range found.Rows {
		n[t.Tag] += t.N
	}
	for tag, tickets := range n {
		out.Tags = append(out.Tags, ticket.TagCount{Tag: tag, Tickets: tickets})
	}
	slices.SortFunc(out.Tags, func(a, b ticket.TagCount) int { return cmp.Compare(a.Tag, b.Tag) })
	out.More = found.More
	return out, err
}

// tagPrefix brings the beginning of a tag into the form of tags: what is typed so far may end with a space.
func tagPrefix(s string) string {
	const mark = "\x00"
	whole := normalTags([]string{s + mark})
	return whole[0][:len(whole[0])-len(mark)]
}

// Rename has every ticket that has the tag old carry the tag to instead; where to is in use, the two become one. It
// returns how many tickets it changed. Each ticket is changed as by an update, with an entry in its history, guards and
// hooks of its own; gates are not asked, and the tickets keep their places in lists. Deleted tickets are renamed, too; a
// merged one keeps its tags as they were, and has the new one when the merge is undone. Saved lists that select by the
// tag select by the new one; mass actions that were started do what they were told.
//
// It works in batches, between which others write, so a rename of very many tickets is not one transaction: after an
// error, or when ctx has ended, call it again. Inside a transaction all of it is part of that. Errors: ticket.ErrNoActor;
// ticket.ErrForbidden without the right to configure; ticket.ErrInvalid for an empty tag or one over the limits; a
// guard's; ticket.ErrConflict where tickets get the old tag back as soon as it is gone, as from a hook; ticket.ErrBusy.
func (g Tags) Rename(ctx context.Context, old, to string) (int, error) {
	n, err := g.d.retag(ctx, old, to, true)
	return n, failed(fmt.Sprintf("rename tag %q", old), err)
}

// Delete takes a tag from every ticket that has it, as Rename does. A saved list that selects by it finds nothing from
// then on, rather than more than it did. Errors: as Rename.
func (g Tags) Delete(ctx context.Context, tag string) (int, error) {
	n, err := g.d.retag(ctx, tag, "", false)
	return n, failed(fmt.Sprintf("delete tag %q", tag), err)
}

// retag goes on until no ticket has the tag.
func (d *Desk) retag(ctx context.Context, old, to string, rename bool) (changed int, err error) {
	ctx, actor, err := d.enter(ctx)
	if err == nil {
		err = d.mayAtAll(ctx, actor, ActConfigure)
	}
	if err == nil {
		err = d.writable(ctx)
	}
	if err != nil {
		return 0, err
	}
	if old, err = d.oneTag("tag", old); err != nil {
		return 0, err
	}
	if rename {
		if to, err = d.oneTag("to", to); err != nil || to == old {
			return 0, err
		}
	}
	done := map[int64]bool{}
	for {
		n, ids, err := d.retagSome(ctx, actor, old, to)
		if changed += n; err != nil {
			return changed, err
		}
		if len(ids) == 0 {
			break
		}
		before := len(done)
		maps.Copy(done, setOf(ids))
		if len(done) == before { // a hook, or somebody else, is at odds with it
			return changed, fmt.Errorf("%w: tickets got the tag back as soon as it was gone, ticket %d for one", ticket.ErrConflict, ids[0])
		}
	}
	if rename {
		if err := d.retagViews(ctx, actor, old, to); err != nil {
			return changed, err
		}
	}
	return changed, d.noteRenaming(ctx, old, to)
}

// oneTag brings a tag into the form of tags.
func (d *Desk) oneTag(field, s string) (string, error) {
	var v ticket.ValidationError
	v.CheckLine(field, s, d.cfg.Limits.Text)
	list := normalTags([]string{s})
	if len(list) == 0 {
		v.Add(field, ticket.FaultRequired, "is empty: name a tag")
		return "", v.Err()
	}
	return list[0], v.Err()
}

// tagBatch is how many tickets get another tag in one transaction: others wait for it some milliseconds.
const tagBatch = 50

// retagSome changes the tag of some tickets, and says which had it. An empty to takes the tag away.
func (d *Desk) retagSome(ctx context.Context, actor ticket.Actor, old, to string) (changed int, ids []int64, err error) {
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		ids = nil
		for _, deleted := range []bool{false, true} {
			q := ticket.Query{Tags: []string{old}, Deleted: deleted, Sort: ticket.OldestUpdate, Limit: tagBatch}
			list, err := firstTickets(ctx, r, q)
			if err != nil {
				return err
			}
			for _, t := range list {
				ids = append(ids, t.ID)
			}
		}
		return nil
	})
	if err != nil || len(ids) == 0 {
		return 0, nil, err
	}
	err = d.store.Update(ctx, func(ctx context.Context, _ store.Tx) error {
		changed = 0
		for _, id := range ids {
			w, err := d.transact(ctx, actor, func(ctx context.Context, w *write) error { return w.retag(ctx, id, old, to) })
			if errors.Is(err, ticket.ErrNotFound) { // purged meanwhile
				continue
			}
			if err != nil {
				return fmt.Errorf("ticket %d: %w", id, err)
			}
			changed += min(1, len(w.events))
		}
		return nil
	})
	if err != nil {
		changed = 0
	}
	return changed, ids, err
}

// retag changes the tag of one ticket, if it still has it.
func (w *write) retag(ctx context.Context, id int64, old, to string) error {
	if err := w.lockUnchecked(ctx, id); err != nil {
		return hidden(err)
	}
	if !slices.Contains(w.after.Tags, old) {
		return nil
	}
	tags := slices.DeleteFunc(slices.Clone(w.after.Tags), func(t string) bool { return t == old })
	w.after.Tags, w.quiet = normalTags(append(tags, to)), true
	if err := w.step(ctx, ticket.EventUpdated, nil); err != nil {
		return err
	}
	return w.commit(ctx, nil)
}
