package rules

import (
	"context"
	"errors"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// A recurring ticket goes on by its entry on the agenda, each of which puts the next one there. Where that chain is broken,
// nothing would ever be opened again: it is looked for, and goes on.

// recall has definitions go on that would not, or not for long.
func (r *Rules) recall(ctx context.Context) error {
	return r.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		recs, err := tx.Records(ctx, store.RecordQuery{Kind: kindRecurrence})
		if err != nil {
			return err
		}
		for _, rec := range recs {
			if err := r.recallOne(ctx, tx, rec.Key); err != nil {
				return err
			}
		}
		return nil
	})
}

func (r *Rules) recallOne(ctx context.Context, tx store.Tx, code string) error {
	if _, err := tx.LockRecord(ctx, kindRecurrence, code); err != nil {
		return orGone(err)
	}
	c, err := record.Read[course](ctx, tx, kindRecurrence, code)
	if err != nil {
		return orGone(err)
	}
	d, err := recurringForm.get(ctx, tx, code)
	if err != nil {
		return orGone(err)
	}
	s, err := parseSchedule(d.Rule, d.Zone)
	if err != nil {
		return nil // as is said when it is due
	}
	why, err := r.astray(ctx, tx, d, s, &c)
	if err != nil || why == "" {
		return err
	}
	r.log.WarnContext(ctx, "a recurring ticket goes on that would not have", "code", code, "why", why, "after", c.Done)
	if c.ID, err = tx.NewID(ctx, kindRecurrence); err != nil { // entries of before are stale
		return err
	}
	return r.follow(ctx, tx, d, s, c, 0)
}

// astray says why a course does not go on, and from where it is to; empty where it does.
func (r *Rules) astray(ctx context.Context, tx store.Tx, d Recurring, s *schedule, c *course) (why string, err error) {
	now := ticket.Time(r.desk.Now()) // not earlier than that of who wrote the record, but for what their clocks are apart
	if c.Done.Sub(now) >= overlap {
		c.Done = now
		return "the clock was ahead, and was set back", nil
	}
	next, ok := d.next(s, c.Done)
	if !ok {
		return "", nil
	}
	if c.Work == 0 { // of before entries were noted
		if now.Sub(next) < time.Hour {
			return "", nil
		}
		return "its time is over, and nothing was opened", nil
	}
	w, err := tx.Work(ctx, c.Work)
	switch {
	case errors.Is(err, ticket.ErrNotFound):
		return "its entry on the agenda is lost", nil
	case err != nil:
		return "", err
	case w.State == store.WorkDead:
		c.Fault = w.Error
		return "its entry on the agenda was given up", r.discard(ctx, tx, w)
	case w.State == store.WorkDone: // or it would have noted the next one
		c.Done, c.Fault = now, ""
		return "its entry on the agenda was discarded, and what was due with it is left out", nil
	}
	return "", nil
}
