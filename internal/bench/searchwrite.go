package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// newIndexed is a desk whose background runs, with search or without.
func newIndexed(ctx context.Context, e *env, off bool) (*desk, error) {
	path := filepath.Join(e.dir, fmt.Sprintf("search-%d.db", rand.Int64()))
	s, err := sqlite.Open(ctx, path, &sqlite.Options{SearchOff: off})
	if err != nil {
		return nil, err
	}
	h, err := helpdesk.New(ctx, s, nil)
	if err != nil {
		return nil, err
	}
	out := &desk{h, s, path}
	if err := h.Start(ctx); err != nil {
		return nil, err
	}
	return out, out.create(ctx)
}

// drained waits until every ticket can be found, and says how long that took and how many had to wait.
func (d *desk) drained(ctx context.Context) (waiting int, took time.Duration, err error) {
	start := time.Now()
	for {
		h, err := d.Health(ctx)
		if err != nil || h.Stale == 0 {
			return waiting, time.Since(start), err
		}
		waiting = max(waiting, h.Stale)
		select {
		case <-ctx.Done():
			return waiting, time.Since(start), ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// runSearchWrite measures what search costs those who write, with the work of the indexer behind them.
func runSearchWrite(ctx context.Context, e *env) (result, error) {
	on, err := newIndexed(ctx, e, false)
	if err != nil {
		return result{}, err
	}
	defer on.close(ctx)
	off, err := newIndexed(ctx, e, true)
	if err != nil {
		return result{}, err
	}
	defer off.close(ctx)
	wide := *e
	wide.n *= 20
	var waiting int
	var took time.Duration
	// A round ends when all its tickets can be found: what is left to the indexer would run while the other side is timed.
	indexed := func(n int) error {
		if err := crowd(ctx, on.create)(n); err != nil {
			return err
		}
		var err error
		waiting, took, err = on.drained(ctx)
		return err
	}
	ours, theirs, ratio, err := wide.pairs(indexed, crowd(ctx, off.create))
	if err != nil {
		return result{}, err
	}
	page, err := on.Search(ticket.WithActor(ctx, ticket.System("bench")), ticket.Search{Text: "lamp broken", Limit: 1})
	if err == nil && len(page.Hits) != 1 {
		err = fmt.Errorf("nothing is found: %d hits", len(page.Hits))
	}
	waited := fmt.Sprint(waiting)
	if waiting == 1000 {
		waited = "1000 or more"
	}
	return result{ours: perOp("search on, indexer running", ours), raw: perOp("search off", theirs), ratio: ratio, promise: 0.50,
		notes: []string{fmt.Sprintf("64 callers; in the last round %s tickets could not be found yet after the last write, and %s later, which counts, all could", waited, took.Round(time.Millisecond))}}, err
}
