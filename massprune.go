package helpdesk

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// What is left of mass actions that are over, and when that goes.
const (
	kindMassOver  = "mass_over" // records by the time of the end and the action: the oldest come first
	massRetention = 30 * 24 * time.Hour
)

// end says how an action is over: in its record, to whoever would carry it out, and to pruneMass.
func (run *massDoc) end(ctx context.Context, tx store.Tx, state ticket.MassState, at time.Time) error {
	run.State, run.Finished, run.Batch = state, at, nil
	err := tx.SetWork(ctx, run.Work, store.WorkPending, store.WorkDone, at)
	if err != nil && !errors.Is(err, store.ErrStale) { // somebody has it in hand, and will see
		return err
	}
	rec := &store.Record{Kind: kindMassOver, Key: timedKey(at, record.ID(run.ID)), Version: store.AnyVersion, Doc: json.RawMessage(record.ID(run.ID))}
	return errors.Join(run.put(ctx, tx), tx.PutRecord(ctx, rec))
}

// pruneMass removes mass actions that have been over for long, with their results.
func (d *Desk) pruneMass(ctx context.Context) (n int, err error) {
	for more := true; more; {
		var old []*store.Record
		before := d.Now().Add(-massRetention)
		err := d.store.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
			old, err = r.Records(ctx, store.RecordQuery{Kind: kindMassOver, Limit: sweepStep})
			return err
		})
		if err != nil {
			return n, err
		}
		more = len(old) == sweepStep
		for _, rec := range old {
			if timeOf(rec.Key).After(before) {
				return n, nil
			}
			if err := d.forgetMass(ctx, rec); err != nil {
				return n, err
			}
			n++
		}
	}
	return n, nil
}

// forgetMass removes the action that a record of its end is about.
func (d *Desk) forgetMass(ctx context.Context, over *store.Record) error {
	var id int64
	if err := json.Unmarshal(over.Doc, &id); err != nil {
		return err
	}
	for more := true; more; {
		err := d.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
			recs, err := tx.Records(ctx, store.RecordQuery{Kind: kindMassResult, Parent: record.ID(id), Limit: pruned})
			if err != nil {
				return err
			}
			for _, rec := range recs {
				if err := tx.DeleteRecord(ctx, kindMassResult, rec.Key); err != nil {
					return err
				}
			}
			if more = len(recs) == pruned; more {
				return nil
			}
			_, err = tx.PruneWork(ctx, kindMass, d.Now().Add(-massRetention), pruned)
			return errors.Join(err, tx.DeleteRecord(ctx, kindMass, massKey(id, 0)), tx.DeleteRecord(ctx, kindMassOver, over.Key))
		})
		if err != nil {
			return err
		}
	}
	return nil
}
