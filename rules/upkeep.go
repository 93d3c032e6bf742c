package rules

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/agenda"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// keptDone is how long what was done is kept on the agenda, to be looked at.
const keptDone = 30 * 24 * time.Hour

// pruning is when the agenda was last rid of what is old.
type pruning struct {
	mu   sync.Mutex
	last time.Time
}

// turn reports whether it is time again, and takes the turn.
func (p *pruning) turn(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if d := now.Sub(p.last); d >= 0 && d < time.Hour {
		return false
	}
	p.last = now
	return true
}

// pruneDue removes what was done long ago from the agenda, once an hour. It is not work that anybody waits for, so none is
// counted.
func (r *Rules) pruneDue(ctx context.Context) (int, error) {
	now := r.desk.Now()
	if !r.pruned.turn(now) {
		return 0, nil
	}
	if err := r.rewind(ctx, now); err != nil {
		return 0, failed("have rules look again", err)
	}
	for {
		n, err := r.agenda.Prune(ctx, now.Add(-keptDone))
		if n == 0 || err != nil || ctx.Err() != nil {
			return 0, failed("prune the agenda", err)
		}
	}
}

// shownDead is how many of the entries that were given up a check names.
const shownDead = 20

// dueProblems tells what was due and could not be done.
func (r *Rules) dueProblems(ctx context.Context) ([]ticket.Problem, error) {
	var out []ticket.Problem
	err := r.store.View(ctx, func(ctx context.Context, x store.Reader) error {
		out = nil
		dead, err := x.Works(ctx, store.WorkQuery{Kind: agenda.Kind, States: []store.WorkState{store.WorkDead}, Limit: shownDead})
		if err != nil {
			return err
		}
		for _, w := range dead {
			out = append(out, ticket.Problem{Area: "rules", Message: fmt.Sprintf("what was due at %s was given up (%s, ticket %d): %s", w.Due.Format(time.RFC3339), w.Name, w.TicketID, w.Error)})
		}
		recs, err := x.Records(ctx, store.RecordQuery{Kind: kindRecurrence})
		if err != nil {
			return err
		}
		for _, rec := range recs {
			var c course
			if err := json.Unmarshal(rec.Doc, &c); err != nil {
				return err
			}
			if c.Fault != "" {
				out = append(out, ticket.Problem{Area: "rules", Message: fmt.Sprintf("the recurring ticket %q cannot be opened, and is tried every hour: %s", rec.Key, c.Fault)})
			}
		}
		return nil
	})
	return out, err
}
