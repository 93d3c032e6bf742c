package helpdesk

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// pruneMass removes mass actions that have been over for long, with their results.
func (d *Desk) pruneMass(ctx context.Context) (int, error) {
	before := d.Now().Add(-massRetention)
	var old []int64
	err := d.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		old = nil
		recs, err := r.Records(ctx, store.RecordQuery{Kind: kindMass})
		for _, rec := range recs {
			var run massDoc
			if err := json.Unmarshal(rec.Doc, &run); err != nil {
				return err
			}
			if run.State != ticket.MassRunning && run.Finished.Before(before) {
				old = append(old, run.ID)
			}
		}
		return err
	})
	for _, id := range old {
		if err == nil {
			err = d.forgetMass(ctx, id)
		}
	}
	return len(old), err
}

func (d *Desk) forgetMass(ctx context.Context, id int64) error {
	for more := true; more; {
		err := d.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
			recs, err := tx.Records(ctx, store.RecordQuery{Kind: kindMassResult, Parent: decimal(id), Limit: pruned})
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
			return errors.Join(err, tx.DeleteRecord(ctx, kindMass, massKey(id, 0)))
		})
		if err != nil {
			return err
		}
	}
	return nil
}
