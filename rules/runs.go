package rules

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Run is what is kept of a run of the rules for a ticket: those that matched, or could not be run. All others that were
// looked at did not match: Explain says why. Of each ticket the last 200 runs are kept, and some more.
type Run struct {
	TicketID int64     `json:"ticket"`
	EventID  int64     `json:"event,omitempty"` // that was answered; 0 by the clock
	At       time.Time `json:"at"`
	Triggers []Trigger `json:"triggers"`
	Looked   int       `json:"looked"` // how many rules were looked at, those of each trigger
	Rules    []Ran     `json:"rules,omitempty"`

	Seq int64 `json:"seq,omitempty"` // of the ticket's journal, as it began
}

// Ran is what became of one rule.
type Ran struct {
	Rule    string   `json:"rule"`
	Version int64    `json:"version"`
	Trigger Trigger  `json:"trigger"`
	Outcome Outcome  `json:"outcome"`
	Did     []string `json:"did,omitempty"` // its actions, as they are written
	Error   string   `json:"error,omitempty"`
	Stopped bool     `json:"stopped,omitempty"` // no rule after it was looked at
	Seq     int64    `json:"seq,omitempty"`     // of the ticket's journal, as rules after it saw the ticket

	unclear bool // its condition could not be asked, so it may not have matched
}

// Outcome is how a rule ended.
type Outcome string

// The outcomes.
const (
	Matched Outcome = "matched" // and has done what it says
	Failed  Outcome = "failed"  // nothing of it was done: Error says why
	Looped  Outcome = "looped"  // it was not run, for what it would answer it has caused itself: Error names the circle
)

const kindRun = "rulerun"

// keptRuns is how many runs of a ticket are kept at least. Those before are removed now and then.
const keptRuns = 200

// put stores the run: once for an event and its triggers. Of those without an event there may be several at a time.
func (run Run) put(ctx context.Context, tx store.Tx) error {
	key := strings.Join([]string{record.Ordered(run.TicketID), record.Ordered(run.At.UnixMicro()), record.Ordered(run.EventID), string(run.Triggers[0])}, "/")
	turn := run.EventID
	if turn == 0 {
		id, err := tx.NewID(ctx, kindRun)
		if err != nil {
			return err
		}
		turn = id
		key += "/" + record.Ordered(id)
	}
	if err := record.Put(ctx, tx, kindRun, key, record.ID(run.TicketID), run); err != nil || turn%32 != 0 {
		return err
	}
	recs, err := tx.Records(ctx, store.RecordQuery{Kind: kindRun, Parent: record.ID(run.TicketID)})
	if err != nil {
		return err
	}
	for _, old := range recs[:max(len(recs)-keptRuns, 0)] {
		if err := tx.DeleteRecord(ctx, kindRun, old.Key); err != nil {
			return err
		}
	}
	return nil
}

// Runs lists what rules have done to a ticket, the newest first, at most limit of them (0 means ticket.DefaultPage).
// Errors: ticket.ErrNoActor; ticket.ErrNotFound; ticket.ErrForbidden for who may not read the ticket's history.
func (r *Rules) Runs(ctx context.Context, ticketID int64, limit int) (out []Run, err error) {
	op := fmt.Sprintf("list what ran for ticket %d", ticketID)
	if _, err := r.desk.History(ctx, ticketID, ticket.EventQuery{Limit: 1}); err != nil {
		return nil, failed(op, err)
	}
	err = r.store.View(ctx, func(ctx context.Context, x store.Reader) error {
		out = nil
		return record.ReadAll(ctx, x, kindRun, record.ID(ticketID), &out)
	})
	slices.Reverse(out)
	return out[:min(len(out), ticket.PageSize(limit))], failed(op, err)
}

// cycle names the rules by which a rule has caused what it would answer, on the same ticket; empty where it has not.
func (run *running) cycle(ctx context.Context, code string) (string, error) {
	if run.o.event == nil || run.o.name != "" { // a stage of a deadline is told once, whatever brought it
		return "", nil
	}
	path := []string{code}
	for c := run.o.event.Cause; c.Rule != ""; {
		path = append(path, c.Rule)
		if c.Rule == code {
			slices.Reverse(path)
			return strings.Join(path, " → "), nil
		}
		e, err := run.tx.Event(ctx, c.Event)
		if err != nil {
			return "", orGone(err)
		}
		if e.TicketID != run.o.event.TicketID || len(path) > maxPath {
			return "", nil
		}
		c = e.Cause
	}
	return "", nil
}

// maxPath is how far back a cause is looked for. The desk's own limit ends what goes on for longer.
const maxPath = 20

func clip(s string) string {
	const most = 500
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "�"), "\x00", "�")
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}

// isZero reports whether a patch changes nothing.
func isZero(p ticket.Patch) bool {
	b, err := json.Marshal(p)
	return err == nil && string(b) == "{}"
}
