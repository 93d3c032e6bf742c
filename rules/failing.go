package rules

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// kindFailing is the record of a rule that has failed, of its last ticket: what is redacted there, or erased, is so here.
const kindFailing = "rulefailing"

// failsLately is how long the desk's Check tells of a rule that has failed and was not run since. It stands over a weekend.
const failsLately = 72 * time.Hour

// failing is how often a rule has failed, in one version, with no longer pause between. Of two that fail at the same time one
// may not be counted.
type failing struct {
	Version  int64     `json:"version"`
	Times    int       `json:"times"`
	Since    time.Time `json:"since"`
	Last     time.Time `json:"last"`
	TicketID int64     `json:"ticket"`
	Trigger  Trigger   `json:"trigger"`
	Error    string    `json:"error"`
	Worked   bool      `json:"worked,omitempty"` // since the last time: the desk's Check says nothing of it
}

// faulty are the rules that have failed, as far as this process knows: those that work need not be looked up. What others
// have seen fail it learns when it prunes, and from Check.
type faulty struct {
	mu    sync.Mutex
	rules map[string]bool
}

func (f *faulty) has(code string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.rules[code]
}

func (f *faulty) set(code string, is bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.rules == nil {
		f.rules = map[string]bool{}
	}
	if f.rules[code] = is; !is {
		delete(f.rules, code)
	}
}

// keep stores what came of a run, which rules failed, and which work again.
func (run *running) keep(ctx context.Context) error {
	telling := slices.DeleteFunc(slices.Clone(run.record.Rules), func(r Ran) bool {
		return r.Outcome != Failed && (r.Outcome != Matched || !run.faulty.has(r.Rule))
	})
	slices.SortStableFunc(telling, func(a, b Ran) int { return cmp.Compare(a.Rule, b.Rule) }) // every run locks them in one order
	for _, done := range telling {
		if done.Outcome == Matched {
			if err := run.mended(ctx, done); err != nil {
				return err
			}
			continue
		}
		run.faulty.set(done.Rule, true)
		f, err := record.Read[failing](ctx, run.tx, kindFailing, done.Rule)
		if err := orGone(err); err != nil {
			return err
		}
		if !f.lately(done.Version, run.record.At) {
			f = failing{Version: done.Version, Since: run.record.At}
		}
		f.Times++
		f.Worked = false
		f.Last, f.TicketID, f.Trigger, f.Error = run.record.At, run.record.TicketID, done.Trigger, done.Error
		if err := record.Put(ctx, run.tx, kindFailing, done.Rule, record.ID(f.TicketID), f); err != nil {
			return err
		}
	}
	return run.record.put(ctx, run.tx)
}

// mended notes that a rule which has failed works again, in the same version.
func (run *running) mended(ctx context.Context, done Ran) error {
	rec, err := run.tx.LockRecord(ctx, kindFailing, done.Rule)
	if err := orGone(err); err != nil {
		return err
	}
	var f failing
	if rec != nil {
		if err := json.Unmarshal(rec.Doc, &f); err != nil {
			return err
		}
	}
	run.tx.OnCommit(func() { run.faulty.set(done.Rule, false) })
	if f.Worked || f.Times == 0 || f.Version != done.Version {
		return nil
	}
	f.Worked = true
	return record.Put(ctx, run.tx, kindFailing, done.Rule, rec.Parent, f)
}

// lately reports whether it is that version of the rule that fails still, as far as anybody knows.
func (f failing) lately(version int64, now time.Time) bool {
	return f.Times > 0 && f.Version == version && now.Sub(f.Last) < failsLately
}

func (f failing) says(code string) string {
	last := fmt.Sprintf("the last time at %s for ticket %d (%s)", f.Last.Format(time.RFC3339), f.TicketID, f.Trigger)
	if f.Times == 1 {
		return fmt.Sprintf("rule %q has failed, %s: %s", code, last, f.Error)
	}
	return fmt.Sprintf("rule %q has failed %d times since %s, %s: %s", code, f.Times, f.Since.Format(time.RFC3339), last, f.Error)
}

// shownFailing is how many rules that fail a check names.
const shownFailing = 20

// failingProblems tells the desk's Check of rules that have failed lately. What was saved since has yet to show what it does.
func (r *Rules) failingProblems(ctx context.Context, x store.Reader, s *ruleset) (out []ticket.Problem, err error) {
	recs, err := x.Records(ctx, store.RecordQuery{Kind: kindFailing})
	if err != nil {
		return nil, err
	}
	more := 0
	for _, rec := range recs {
		c, err := s.rule(rec.Key)
		if err != nil || c.Inactive {
			continue
		}
		var f failing
		if err := json.Unmarshal(rec.Doc, &f); err != nil {
			return nil, err
		}
		r.faulty.set(rec.Key, !f.Worked)
		switch {
		case f.Worked || !f.lately(c.Version, r.desk.Now()):
		case len(out) == shownFailing:
			more++
		default:
			out = append(out, ticket.Problem{Area: "rules", Message: f.says(c.Code)})
		}
	}
	if more > 0 {
		out = append(out, ticket.Problem{Area: "rules", Message: fmt.Sprintf("%d more rules have failed lately: the Runs of their tickets say why", more)})
	}
	return out, nil
}

// pruneFailing removes what nobody is told of any more.
func (r *Rules) pruneFailing(ctx context.Context) error {
	return r.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		recs, err := tx.Records(ctx, store.RecordQuery{Kind: kindFailing})
		for _, rec := range recs {
			var f failing
			if err := json.Unmarshal(rec.Doc, &f); err != nil {
				return err
			}
			if f.lately(f.Version, r.desk.Now()) {
				r.faulty.set(rec.Key, !f.Worked)
				continue
			}
			if err := tx.DeleteRecord(ctx, kindFailing, rec.Key); err != nil {
				return err
			}
		}
		return err
	})
}
