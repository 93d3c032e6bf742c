package helpdesk

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// What became of the tickets of a mass action.

// errMassMoved says that a mass action was cancelled, or that somebody else has done the batch.
var errMassMoved = errors.New("the mass action has moved on")

// errMassDone rolls back what was done to a ticket a second time.
var errMassDone = errors.New("the mass action has come to this ticket before")

// stands fails with errMassMoved where the action's record, as somebody has it now, is not any more as it was read.
func (run *massDoc) stands(now *store.Record, err error) error {
	if err == nil && now.Version != run.version {
		err = errMassMoved
	}
	return err
}

// massKnown reports whether the action has come to a ticket before.
func (d *Desk) massKnown(ctx context.Context, run massDoc, id int64) (known bool, err error) {
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		if err := run.stands(r.Record(ctx, kindMass, massKey(run.ID, 0))); err != nil {
			return err
		}
		_, err := r.Record(ctx, kindMassResult, massKey(run.ID, id))
		if known = err == nil; errors.Is(err, ticket.ErrNotFound) {
			return nil
		}
		return err
	})
	return known, err
}

// massResult stores what became of a ticket, once, and while the action is still on its way: who cancels it waits, and
// counts what was done.
func (d *Desk) massResult(ctx context.Context, tx store.Tx, run massDoc, id int64, failure error) error {
	if err := run.stands(tx.LockRecord(ctx, kindMass, massKey(run.ID, 0))); err != nil {
		return err
	}
	res := ticket.MassResult{Ticket: id, Code: ticket.ErrorCode(failure), At: d.Now()}
	if failure != nil {
		res.Error = clip(failure.Error(), 1000)
	}
	doc, err := json.Marshal(res)
	if err != nil {
		return err
	}
	err = tx.PutRecord(ctx, &store.Record{Kind: kindMassResult, Key: massKey(run.ID, id), Parent: record.ID(run.ID), Doc: doc})
	if errors.Is(err, ticket.ErrConflict) {
		return errMassDone
	}
	return err
}

// count adds what became of the batch to what was before, as far as it has come.
func (run *massDoc) count(ctx context.Context, r store.Reader) (done, failed int, err error) {
	done, failed = run.Done, run.Failed
	for _, id := range run.batch() {
		rec, err := r.Record(ctx, kindMassResult, massKey(run.ID, id))
		if errors.Is(err, ticket.ErrNotFound) {
			continue
		}
		if err != nil {
			return 0, 0, err
		}
		var res ticket.MassResult
		if err := json.Unmarshal(rec.Doc, &res); err != nil {
			return 0, 0, err
		}
		done++
		if res.Error != "" {
			failed++
		}
	}
	return done, failed, nil
}
