package helpdesk

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"

	"github.com/helpdeskgo/helpdesk/internal/merging"
	"github.com/helpdeskgo/helpdesk/internal/redact"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Where a ticket was merged and is no more, and where it was split off, the other one's journal still tells of it: of the
// people, tags and objects that it brought, and of its messages.

// formerly is what other journals may tell of.
type formerly struct {
	tickets  map[int64]bool // that were merged into each other, or split off from each other, at some time
	messages map[int64]bool
}

// scrubFormerly takes the texts out of what others tell of w's ticket, and of the family of those that are merged into
// it. What those have of their own stays.
func (w *write) scrubFormerly(ctx context.Context, s *scrubber, family []int64, detail string) (found bool, err error) {
	list, err := thread(ctx, w.tx, w.after.ID)
	if err != nil {
		return false, err
	}
	known, err := w.everTogether(ctx, family)
	if err != nil {
		return false, err
	}
	f := formerly{tickets: setOf(known), messages: setOf(merging.IDs(list))}
	for _, id := range known {
		if slices.Contains(family, id) { // of those all was scrubbed
			continue
		}
		b := w.another()
		err := b.lockUnchecked(ctx, id)
		if errors.Is(err, ticket.ErrNotFound) { // purged since
			continue
		}
		if err != nil {
			return false, err
		}
		changed, err := b.scrubTold(ctx, s, f)
		if err != nil {
			return false, err
		}
		if changed {
			found = true
			if err := b.scrubbed(ctx, detail); err != nil {
				return false, err
			}
		}
	}
	return found, nil
}

// everTogether adds to some tickets those into which they were merged at some time, or from which they were split off,
// and to those likewise.
func (w *write) everTogether(ctx context.Context, ids []int64) ([]int64, error) {
	known := slices.Clone(ids)
	for i := 0; i < len(known); i++ {
		t, err := w.tx.Ticket(ctx, known[i], ticket.Scope{All: true})
		if errors.Is(err, ticket.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		others := []int64{t.SplitFrom}
		for e, err := range everyEvent(ctx, w.tx, ticket.EventQuery{TicketID: t.ID, Types: []ticket.EventType{ticket.EventMergedInto}}) {
			if err != nil {
				return nil, err
			}
			if c, ok := e.Changed("merged_into"); ok {
				into, _ := strconv.ParseInt(c.New, 10, 64) // nothing where it came back
				others = append(others, into)
			}
		}
		for _, id := range others {
			if id != 0 && !slices.Contains(known, id) {
				known = append(known, id)
			}
		}
	}
	return known, nil
}

// scrubTold takes the texts out of what the journal of w's ticket tells of others: entries about their messages, and,
// from when they were merged into it until that was undone, what the changes of lists say that it gained from them.
func (w *write) scrubTold(ctx context.Context, s *scrubber, f formerly) (found bool, err error) {
	here := 0
	for e, err := range everyEvent(ctx, w.tx, ticket.EventQuery{TicketID: w.after.ID}) {
		if err != nil {
			return found, err
		}
		next, changed := e, false
		if f.messages[e.MessageID] {
			if next, changed, err = redact.Document(s.Scrubber, e); err != nil {
				return found, err
			}
		}
		with := f.named(e)
		if e.Type == ticket.EventMerged {
			here += with
		}
		if here > 0 {
			changed = scrubGained(s, next) || changed
		}
		if e.Type == ticket.EventUnmerged {
			here -= with
		}
		if !changed {
			continue
		}
		found = true
		if err := w.tx.PutEvent(ctx, next); err != nil {
			return found, err
		}
	}
	return found, nil
}

// named is how many of the tickets an entry about a move names.
func (f formerly) named(e *ticket.Event) (n int) {
	c, _ := e.Changed("tickets")
	var ids []int64
	_ = json.Unmarshal([]byte(c.New), &ids) // the desk wrote it
	for _, id := range ids {
		if f.tickets[id] {
			n++
		}
	}
	return n
}

// scrubGained takes the texts out of the lists that a merge adds to, in place.
func scrubGained(s *scrubber, e *ticket.Event) (changed bool) {
	for i := range e.Changes {
		c := &e.Changes[i]
		if !slices.Contains([]string{"participants", "tags", "related"}, c.Field) {
			continue
		}
		was := *c
		c.Old, c.New = s.JSON(c.Old), s.JSON(c.New)
		changed = changed || *c != was
	}
	return changed
}
