package gateway

import (
	"context"
	"encoding/json"

	"github.com/helpdeskgo/helpdesk/store"
)

// mostListed is how many mails a list has.
const mostListed = 1000

// Quarantine lists the mails that were given up, the newest first, at most 1,000. Each names why; Raw opens its bytes.
func (g *Gateway) Quarantine(ctx context.Context) ([]Outcome, error) {
	return g.list(ctx, store.WorkQuery{States: []store.WorkState{store.WorkDead}, Limit: mostListed})
}

// Recent lists the last mails that were fetched, the newest first, at most 1,000, and what became of them. One that still
// waits has no Result, and its Reason is what has held it up so far. From and Subject of a mail that became a message stand
// there, and are empty here.
func (g *Gateway) Recent(ctx context.Context, last int) ([]Outcome, error) {
	return g.list(ctx, store.WorkQuery{Limit: min(max(last, 1), mostListed)})
}

func (g *Gateway) list(ctx context.Context, q store.WorkQuery) (out []Outcome, err error) {
	q.Kind, q.Name = kindMail, g.name
	err = g.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		out = nil
		works, err := r.Works(ctx, q)
		for _, w := range works {
			out = append(out, outcomeOf(w))
		}
		return err
	})
	return out, err
}

// outcomeOf is what became of a mail.
func outcomeOf(w *store.Work) Outcome {
	var j job
	o := Outcome{Reason: w.Error}
	if w.State == store.WorkDead {
		o.Result = Quarantined
	}
	over := w.State == store.WorkDead || w.State == store.WorkDone
	if json.Unmarshal(w.Doc, &j) == nil && j.Outcome != nil && over {
		o = *j.Outcome
	}
	o.Work, o.Received = w.ID, j.Received
	return o
}
