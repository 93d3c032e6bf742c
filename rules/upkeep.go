package rules

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/agenda"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// How long what was done is kept on the agenda, to be looked at, and what was given up, to be retried.
const (
	keptDone = 30 * 24 * time.Hour
	keptDead = 90 * 24 * time.Hour
)

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

// pruneDue removes what is old, once an hour. It is not work that anybody waits for, so none is counted.
func (r *Rules) pruneDue(ctx context.Context) (int, error) {
	now := r.desk.Now()
	if !r.pruned.turn(now) {
		return 0, nil
	}
	if err := r.rewind(ctx, now); err != nil {
		return 0, failed("have rules look again", err)
	}
	if err := r.recall(ctx); err != nil {
		return 0, failed("have tickets recur", err)
	}
	return 0, errors.Join(
		failed("discard what was given up", inParts(ctx, func() (int, error) { return r.discardDead(ctx, now.Add(-keptDead)) })),
		failed("prune the agenda", inParts(ctx, func() (int, error) { return r.agenda.Prune(ctx, now.Add(-keptDone)) })),
		failed("prune errands", inParts(ctx, func() (int, error) { return r.errands.Prune(ctx, now.Add(-keptDone)) })),
		failed("prune marks", r.pruneMarks(ctx)),
		failed("prune what failed", r.pruneFailing(ctx)),
	)
}

// inParts does something until nothing is left to do.
func inParts(ctx context.Context, part func() (int, error)) error {
	for {
		if n, err := part(); n == 0 || err != nil || ctx.Err() != nil {
			return err
		}
	}
}

// prunedAtOnce is how much one transaction removes.
const prunedAtOnce = 500

// discardDead discards what was given up before a time, a part of it.
func (r *Rules) discardDead(ctx context.Context, before time.Time) (n int, err error) {
	err = r.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		n = 0
		q := store.WorkQuery{States: []store.WorkState{store.WorkDead}, Limit: 1000}
		for n < prunedAtOnce {
			dead, err := agenda.Works(ctx, tx, q)
			if err != nil || len(dead) == 0 {
				return err
			}
			for _, w := range dead {
				q.BeforeID = w.ID
				if n == prunedAtOnce || !w.Finished.Before(before) {
					continue
				}
				if err := r.discard(ctx, tx, w); err != nil {
					return err
				}
				n++
			}
		}
		return nil
	})
	return n, err
}

// pruneMarks removes the marks of rules that are no more.
func (r *Rules) pruneMarks(ctx context.Context) error {
	for after := ""; ; {
		var code string
		err := r.store.View(ctx, func(ctx context.Context, x store.Reader) (err error) {
			code, err = nextMarked(ctx, x, after)
			return err
		})
		if err != nil || code == "" || ctx.Err() != nil {
			return err
		}
		if err := inParts(ctx, func() (int, error) { return r.unmark(ctx, code) }); err != nil {
			return err
		}
		after = code + "0" // behind all that begin with the code and "/"
	}
}

// nextMarked is the rule of the first mark after a key; empty for none.
func nextMarked(ctx context.Context, x store.Reader, after string) (string, error) {
	recs, err := x.Records(ctx, store.RecordQuery{Kind: kindMark, After: after, Limit: 1})
	if err != nil || len(recs) == 0 {
		return "", err
	}
	code, _, _ := strings.Cut(recs[0].Key, "/")
	return code, nil
}

// unmark removes a part of the marks of a rule, if it is no more, and returns how many those were.
func (r *Rules) unmark(ctx context.Context, code string) (n int, err error) {
	err = r.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		n = 0
		if _, err := ruleForm.get(ctx, tx, code); !errors.Is(err, ticket.ErrNotFound) {
			return err
		}
		recs, err := tx.Records(ctx, store.RecordQuery{Kind: kindMark, After: code + "/", Limit: prunedAtOnce})
		for _, rec := range recs {
			if !strings.HasPrefix(rec.Key, code+"/") {
				break
			}
			if err := tx.DeleteRecord(ctx, kindMark, rec.Key); err != nil {
				return err
			}
			n++
		}
		return err
	})
	return n, err
}

// shownDead is how many of the entries that were given up a check names.
const shownDead = 20

// dueProblems tells what was due and could not be done.
func (r *Rules) dueProblems(ctx context.Context) ([]ticket.Problem, error) {
	var out []ticket.Problem
	clock, err := r.store.Now(ctx)
	if err != nil {
		return nil, err
	}
	err = r.store.View(ctx, func(ctx context.Context, x store.Reader) error {
		out = nil
		dead, err := agenda.Works(ctx, x, store.WorkQuery{States: []store.WorkState{store.WorkDead}, Limit: shownDead})
		if err != nil {
			return err
		}
		for _, w := range dead {
			out = append(out, ticket.Problem{Area: "rules", Message: fmt.Sprintf("what was due at %s was given up (%s, ticket %d): %s", w.Due.Format(time.RFC3339), w.Name, w.TicketID, w.Error)})
		}
		stuck, err := stuckProblems(ctx, x, clock)
		if err != nil {
			return err
		}
		out = append(out, stuck...)
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

// overdue is how long after the end of its lease somebody should have taken something over.
const overdue = time.Minute

// stuckProblems tells what was begun and goes on for ever, where nobody is left to take it over.
func stuckProblems(ctx context.Context, x store.Reader, clock time.Time) (out []ticket.Problem, err error) {
	leased, err := agenda.Works(ctx, x, store.WorkQuery{States: []store.WorkState{store.WorkLeased}, Limit: 1000})
	for _, w := range leased {
		if clock.Sub(w.LeasedTo) > overdue && len(out) < shownDead {
			out = append(out, ticket.Problem{Area: "rules", Message: fmt.Sprintf("what was due at %s was begun %d times and has not come to its end (%s, ticket %d), and nobody takes it over: no process runs, or code of the host's goes on when its context has ended",
				w.Due.Format(time.RFC3339), w.Attempt, w.Name, w.TicketID)})
		}
	}
	return out, err
}
