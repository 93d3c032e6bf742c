package rules

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// What changes a ticket without its counting as updated is found in the journal: working time that is logged, and tags
// that are renamed. Nothing else that a condition by the clock asks for changes so.

// quietly are the events that can change so what a rule asks for.
func (c *compiled) quietly() (types []ticket.EventType) {
	if c.facts.Drifts || c.facts.Group { // every ticket is looked at
		return nil
	}
	if slices.Contains(c.facts.Fields, "ticket.spent_minutes") {
		types = append(types, ticket.EventTimeLogged)
	}
	if slices.Contains(c.facts.Fields, "ticket.tags") {
		types = append(types, ticket.EventUpdated)
	}
	return types
}

// quiet reports whether an event has changed something without the ticket counting as updated.
func quiet(e *ticket.Event) bool {
	_, tagged := e.Changed("tags")
	_, updated := e.Changed("updated_at")
	return e.Type == ticket.EventTimeLogged || tagged && !updated
}

// lookQuietly goes over the tickets that were changed quietly, as lookOn does over the others. It reports whether it has
// come to the end.
func (r *Rules) lookQuietly(ctx context.Context, c *compiled, l *looked, seen map[int64]bool, end time.Time) (bool, error) {
	types := c.quietly()
	if len(types) == 0 {
		return true, nil
	}
	q := ticket.EventQuery{Since: l.To.Add(-overlap), Types: types, Limit: ticket.MaxPage}
	if l.Cursor != "" {
		var at int64
		if _, err := fmt.Sscanf(l.Cursor, "%d/%d", &at, &q.AfterID); err != nil {
			return false, fmt.Errorf("the look of %s stands at %q: %w", c.Code, l.Cursor, err)
		}
		q.Since = time.UnixMicro(at).UTC()
	}
	for {
		if len(seen) >= lookAtMost || time.Now().After(end) {
			return false, nil
		}
		var page []*ticket.Event
		err := r.store.View(ctx, func(ctx context.Context, x store.Reader) (err error) {
			page, err = x.Events(ctx, q)
			return err
		})
		if err != nil {
			return false, err
		}
		for _, e := range page {
			if seen[e.TicketID] || !quiet(e) {
				continue
			}
			seen[e.TicketID] = true
			if err := r.fire(ctx, c, e.TicketID, l.To); err != nil {
				return false, err
			}
		}
		if len(page) < q.Limit {
			return true, nil
		}
		last := page[len(page)-1]
		q.Since, q.AfterID = last.At, last.ID
		l.Cursor = fmt.Sprintf("%d/%d", last.At.UnixMicro(), last.ID)
	}
}
