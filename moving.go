package helpdesk

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/helpdeskgo/helpdesk/internal/merging"
	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// What goes with a ticket or with its messages when those move: working time and ratings.

// takeAlong takes over the working time and the ratings of the ticket of s.
func (w *write) takeAlong(ctx context.Context, s *write, m *joining) (err error) {
	if m.Time, err = w.moveTime(ctx, s.after, w.after); err != nil {
		return err
	}
	if w.after.Spent.Total < 0 || w.after.Spent.Billable < 0 {
		return ticket.Invalid("sources", ticket.FaultOutOfRange, "have too much working time: the target would have more than 292 years")
	}
	m.Ratings, err = w.moveRatings(ctx, s.after, w.after)
	return err
}

// giveBack gives the ticket of s back what takeAlong took, and what its messages, back, have got since.
func (w *write) giveBack(ctx context.Context, s *write, m joining, back []*ticket.Message) error {
	if err := w.moveTimeBack(ctx, s.after, w.after, m.Time, m.At); err != nil {
		return err
	}
	if err := w.moveRatingsBack(ctx, s.after, w.after, m.Ratings); err != nil {
		return err
	}
	return w.moveWith(ctx, w.after, s.after, back)
}

// moveWith moves the working time and the ratings of some messages to the ticket that these have moved to.
func (w *write) moveWith(ctx context.Context, from, to *ticket.Ticket, list []*ticket.Message) error {
	ids := merging.IDs(list)
	err := eachBound(ctx, w.tx, kindTime, from, ids, func(rec *store.Record) error { return w.moveTimeRecord(ctx, rec, from, to) })
	if err != nil {
		return err
	}
	return eachBound(ctx, w.tx, kindRating, from, ids, func(rec *store.Record) error {
		return record.Move(ctx, w.tx, rec, record.ID(to.ID), func(r *ticket.Rating) { r.TicketID = to.ID })
	})
}

// eachBound calls fn for the records of a ticket that belong to one of its messages.
func eachBound(ctx context.Context, r store.Reader, kind string, of *ticket.Ticket, messages []int64, fn func(*store.Record) error) error {
	recs, err := r.Records(ctx, store.RecordQuery{Kind: kind, Parent: record.ID(of.ID)})
	for _, rec := range recs {
		var doc struct {
			MessageID int64 `json:"message_id"`
		}
		if err := json.Unmarshal(rec.Doc, &doc); err != nil {
			return err
		}
		if doc.MessageID == 0 || !slices.Contains(messages, doc.MessageID) {
			continue
		}
		if err := fn(rec); err != nil {
			return err
		}
	}
	return err
}
