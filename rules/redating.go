package rules

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/internal/agenda"
	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// After policies or calendars have changed all open tickets are dated anew: a page at a time, so that nothing else that is
// due waits for all of them, and no other process takes over what is still being done.

const (
	dueDeadlineScan = "deadline.scan" // on the agenda: the next page
	kindRedating    = "redating"      // record: which scan counts
	allOpen         = "open"          // its key
)

// redating is the scan that counts. One that was put on the agenda before comes to nothing.
type redating struct {
	ID    int64 `json:"id"`
	Begun bool  `json:"begun,omitempty"`
}

// rescan has all open tickets looked at. A scan that has not begun sees whatever this transaction writes: begin waits for it.
func (r *Rules) rescan(ctx context.Context, tx store.Tx) error {
	s, err := lockRedating(ctx, tx)
	if err != nil || s.ID != 0 && !s.Begun {
		return err
	}
	if s.ID, err = tx.NewID(ctx, kindRedating); err != nil {
		return err
	}
	s.Begun = false
	if err := record.Put(ctx, tx, kindRedating, allOpen, "", s); err != nil {
		return err
	}
	now := r.desk.Now()
	return agenda.Put(ctx, tx, now, agenda.Entry{What: dueDeadlineScan, Key: scanKey(s.ID, 0), Due: now})
}

func lockRedating(ctx context.Context, tx store.Tx) (redating, error) {
	if _, err := tx.LockRecord(ctx, kindRedating, allOpen); err != nil {
		return redating{}, orGone(err)
	}
	s, err := record.Read[redating](ctx, tx, kindRedating, allOpen)
	return s, orGone(err)
}

// scanKey names a page by the scan and by the entry of the page before.
func scanKey(scan, before int64) string { return "scan/" + record.ID(scan) + "/" + record.ID(before) }

// begin notes that a scan runs, and reports whether it is the one that counts.
func (r *Rules) begin(ctx context.Context, scan int64) (counts bool, err error) {
	err = r.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		s, err := lockRedating(ctx, tx)
		if counts = s.ID == scan; err != nil || !counts || s.Begun {
			return err
		}
		s.Begun = true
		return record.Put(ctx, tx, kindRedating, allOpen, "", s)
	})
	return counts, err
}

// scanDeadlines dates a page of the open tickets, each in a transaction of its own, and puts the next page on the agenda.
// What was due before a policy is in force is no stage of it.
func (r *Rules) scanDeadlines(ctx context.Context, e agenda.Entry) (agenda.Handler, error) {
	scan, cursor := entryID(e.Key), ""
	if len(e.Doc) > 0 {
		if err := json.Unmarshal(e.Doc, &cursor); err != nil {
			return nil, err
		}
	}
	if counts, err := r.begin(ctx, scan); err != nil || !counts {
		return nil, err
	}
	q := ticket.Query{Classes: []ticket.Class{ticket.ClassNew, ticket.ClassOpen, ticket.ClassPending}, Sort: ticket.OldestCreated, Cursor: cursor, Limit: scanned}
	var page ticket.Page
	err := r.store.View(ctx, func(ctx context.Context, x store.Reader) (err error) {
		page, err = x.Tickets(ctx, q, ticket.Scope{All: true})
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, t := range page.Tickets {
		if err := r.redate(ctx, t.ID); err != nil {
			return nil, err
		}
	}
	if page.Next == "" || len(page.Tickets) == 0 && page.Next == cursor {
		return nil, nil
	}
	doc, err := json.Marshal(page.Next)
	return func(ctx context.Context, tx store.Tx, e agenda.Entry) error {
		now := r.desk.Now()
		return agenda.Put(ctx, tx, now, agenda.Entry{What: dueDeadlineScan, Key: scanKey(scan, e.ID), Due: now, Doc: doc})
	}, err
}

// movesClocks reports whether a change of a ticket can move any of its clocks, or put it under another policy.
func movesClocks(changes []ticket.Change) bool {
	still := []string{"subject", "assignee", "assigned_by", "watchers", "participants", "tags", "links", "related", "spent", "updated_at"}
	return len(changes) == 0 || slices.ContainsFunc(changes, func(c ticket.Change) bool {
		return !slices.Contains(still, c.Field) && !strings.HasPrefix(c.Field, "fields.") && !isTrace(c.Field)
	})
}
