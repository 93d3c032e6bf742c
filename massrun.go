package helpdesk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// How mass actions are carried out: in batches. Each ticket is a write of its own, and what became of it is stored with
// that write, so that neither a crash nor a second process does it again.
const (
	kindMass       = "mass"        // records by id: how far an action is; and the kind of the work that does it
	kindMassResult = "mass_result" // by action and ticket, with the action as parent: what became of it

	massBatch     = 50
	massRetention = 30 * 24 * time.Hour // of actions that are over
)

// massDoc is a mass action as it is stored.
type massDoc struct {
	ticket.MassRun
	Next   int    `json:"next"`             // among the ids
	Cursor string `json:"cursor,omitempty"` // of the store's list
	Depth  int    `json:"depth,omitempty"`  // of the handler that started it: see ticket.Cause

	version int64
}

func massKey(id, ticketID int64) string {
	if ticketID < 0 {
		ticketID = 0
	}
	return fmt.Sprintf("%019d/%019d", id, ticketID)
}

func (run *massDoc) put(ctx context.Context, tx store.Tx) error {
	doc, err := json.Marshal(run)
	if err != nil {
		return err
	}
	return tx.PutRecord(ctx, &store.Record{Kind: kindMass, Key: massKey(run.ID, 0), Version: run.version, Doc: doc})
}

func readMassIn(ctx context.Context, r store.Reader, id int64) (run massDoc, err error) {
	rec, err := r.Record(ctx, kindMass, massKey(id, 0))
	if err != nil {
		return run, err
	}
	err = json.Unmarshal(rec.Doc, &run)
	run.version = rec.Version
	return run, err
}

func (d *Desk) readMass(ctx context.Context, id int64) (run massDoc, err error) {
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
		run, err = readMassIn(ctx, r, id)
		return err
	})
	return run, err
}

// massStep does the next batch of a mass action.
func (d *Desk) massStep(ctx context.Context, id int64) (massDoc, error) {
	run, err := d.readMass(ctx, id)
	if err != nil || run.State != ticket.MassRunning {
		return run, err
	}
	ids, next, err := d.massNext(ctx, run)
	if err != nil {
		return run, err
	}
	for _, t := range ids {
		switch err := d.massOne(ctx, run, t); {
		case errors.Is(err, errMassMoved):
			return d.readMass(ctx, id)
		case err != nil:
			return run, err
		}
	}
	err = d.store.Update(ctx, func(ctx context.Context, tx store.Tx) error { return d.massTally(ctx, tx, run, &next, ids) })
	if errors.Is(err, ticket.ErrConflict) { // somebody else has done the same batch, or has cancelled
		return d.readMass(ctx, id)
	}
	return next, err
}

// massNext lists the tickets of the next batch, and says where the action will be after it.
func (d *Desk) massNext(ctx context.Context, run massDoc) (ids []int64, next massDoc, err error) {
	next = run
	if run.Action.Query == nil {
		end := min(run.Next+massBatch, len(run.Action.IDs))
		ids, next.Next = run.Action.IDs[run.Next:end], end
		if end == len(run.Action.IDs) {
			next.State = ticket.MassDone
		}
		return ids, next, nil
	}
	q := *run.Action.Query
	q.Cursor = run.Cursor
	ctx, actor, err := d.enter(ticket.WithActor(ctx, run.By))
	if err != nil {
		return nil, next, err
	}
	scope, err := d.scope(ctx, actor)
	if err != nil {
		return nil, next, err
	}
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		page, err := r.Tickets(ctx, q, scope)
		ids = nil
		for _, t := range page.Tickets {
			ids = append(ids, t.ID)
		}
		if next.Cursor = page.Next; next.Cursor == "" {
			next.State = ticket.MassDone
		}
		return err
	})
	return ids, next, err
}

// massOne does to one ticket what the action says, and stores what became of it. Its error says that nothing did: what
// will pass is no result.
func (d *Desk) massOne(ctx context.Context, run massDoc, id int64) error {
	if err := d.usable(ctx); err != nil {
		return err
	}
	known := false
	err := d.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		now, err := r.Record(ctx, kindMass, massKey(run.ID, 0))
		if err == nil && now.Version != run.version {
			err = errMassMoved
		}
		if err != nil {
			return err
		}
		_, err = r.Record(ctx, kindMassResult, massKey(run.ID, id))
		if known = err == nil; errors.Is(err, ticket.ErrNotFound) {
			return nil
		}
		return err
	})
	if err != nil || known {
		return err
	}
	err = d.massDo(ctx, run, id)
	switch {
	case err == nil, errors.Is(err, errMassDone):
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, ticket.ErrBusy), errors.Is(err, ticket.ErrStopped):
		return err
	}
	err = d.store.Update(ctx, func(ctx context.Context, tx store.Tx) error { return d.massResult(ctx, tx, run.ID, id, err) })
	if errors.Is(err, errMassDone) {
		return nil
	}
	return err
}

// errMassMoved says that a mass action was cancelled, or that somebody else has done the batch.
var errMassMoved = errors.New("the mass action has moved on")

// errMassDone rolls back what was done to a ticket a second time.
var errMassDone = errors.New("the mass action has come to this ticket before")

// massResult stores what became of a ticket, once.
func (d *Desk) massResult(ctx context.Context, tx store.Tx, run, id int64, failure error) error {
	res := ticket.MassResult{Ticket: id, At: d.Now()}
	if failure != nil {
		res.Error = clip(failure.Error(), 1000)
	}
	doc, err := json.Marshal(res)
	if err != nil {
		return err
	}
	err = tx.PutRecord(ctx, &store.Record{Kind: kindMassResult, Key: massKey(run, id), Parent: decimal(run), Doc: doc})
	if errors.Is(err, ticket.ErrConflict) {
		return errMassDone
	}
	return err
}

// massDo is the verb itself, with its result in the same transaction. Its errors are without the operation and the
// ticket, which stand beside them in the result.
func (d *Desk) massDo(ctx context.Context, run massDoc, id int64) error {
	ctx = withCause(ticket.WithActor(ctx, run.By), ticket.Cause{Mass: run.ID, Depth: run.Depth})
	ctx = d.Also(ctx, func(ctx context.Context, _, _ int64) error {
		return d.store.Update(ctx, func(ctx context.Context, tx store.Tx) error { return d.massResult(ctx, tx, run.ID, id, nil) })
	})
	var err error
	switch a := run.Action; a.Do {
	case ticket.MassUpdate:
		c := change{act: massAct(a), patch: a.Patch.Clone()}
		if len(a.AddTags)+len(a.RemoveTags) > 0 {
			c.derive = retag(a.AddTags, a.RemoveTags)
		}
		_, err = d.tryUpdate(ctx, id, c)
	case ticket.MassDelete:
		err = withoutOp(d.DeleteTicket(ctx, id))
	case ticket.MassRestore:
		_, err = d.RestoreTicket(ctx, id)
		err = withoutOp(err)
	case ticket.MassPurge:
		err = withoutOp(d.Purge(ctx, id))
	case ticket.MassMerge:
		_, err = d.merge(ctx, a.Into, []int64{id})
	}
	return err
}

// withoutOp is what a verb wrapped with its name and the ticket's; see failed.
func withoutOp(err error) error {
	if cause := errors.Unwrap(err); cause != nil {
		return cause
	}
	return err
}

// massAct is the right that an update needs besides those that its parts need.
func massAct(a ticket.MassAction) Action {
	p := a.Patch
	p.Status, p.Assignee, p.Note = nil, nil, ""
	switch {
	case len(a.AddTags)+len(a.RemoveTags) > 0 || !emptyPatch(p):
		return ActUpdate
	case a.Patch.Status != nil:
		return ActStatus
	case a.Patch.Assignee != nil:
		return ActAssign
	}
	return ActNote
}

// retag adds tags to those that a ticket has, and removes others.
func retag(add, remove []string) func(*write, *ticket.Ticket, *ticket.Patch) error {
	return func(_ *write, t *ticket.Ticket, p *ticket.Patch) error {
		list := normalTags(append(without(t.Tags, remove), add...))
		p.Tags = &list
		return nil
	}
}

// massTally counts a batch and moves the action on.
func (d *Desk) massTally(ctx context.Context, tx store.Tx, run massDoc, next *massDoc, ids []int64) error {
	next.Done, next.Failed = run.Done, run.Failed
	for _, id := range ids {
		rec, err := tx.Record(ctx, kindMassResult, massKey(run.ID, id))
		if err != nil {
			return err
		}
		var res ticket.MassResult
		if err := json.Unmarshal(rec.Doc, &res); err != nil {
			return err
		}
		next.Done++
		if res.Error != "" {
			next.Failed++
		}
	}
	if next.State == ticket.MassDone {
		next.Finished = d.Now()
	}
	return next.put(ctx, tx)
}

// massWork carries out mass actions that are due, under a lease, until none is left or the time of the lease is half
// over; the rest is left to the next who asks. It returns how many batches it did.
func (d *Desk) massWork(ctx context.Context) (int, error) {
	r := store.LeaseRequest{Kind: kindMass, DueBy: d.Now(), TTL: d.cfg.LeaseTTL, Limit: 1}
	end := time.Now().Add(d.cfg.LeaseTTL / 2)
	for n := 0; ; {
		works, err := d.leaseWork(ctx, r)
		if err != nil || len(works) == 0 {
			return n, err
		}
		w := *works[0]
		done, err := d.massLeased(ctx, &w, end)
		n += done
		if err := d.finishWork(ctx, &w); err != nil {
			return n, err
		}
		if err != nil || w.State == store.WorkPending {
			return n, err
		}
	}
}

// massInBackground has mass actions carried out beside the deliveries, by one goroutine at a time.
func (d *Desk) massInBackground() {
	if !d.run.mass.CompareAndSwap(false, true) {
		return
	}
	d.run.spawn(func(ctx context.Context) {
		defer d.run.mass.Store(false)
		if _, err := d.massWork(ctx); err != nil && !d.run.quitting() {
			d.log(ctx, "a mass action was interrupted: it goes on later", "error", err)
		}
	})
}

// massLeased does batches of the action that the work is about.
func (d *Desk) massLeased(ctx context.Context, w *store.Work, end time.Time) (n int, err error) {
	var id int64
	if err := json.Unmarshal(w.Doc, &id); err != nil {
		w.State, w.Error, w.Finished = store.WorkDead, err.Error(), d.Now()
		return 0, nil
	}
	w.State = store.WorkPending
	for time.Now().Before(end) && !d.run.quitting() {
		run, err := d.massStep(ctx, id)
		switch {
		case errors.Is(err, ticket.ErrNotFound), err == nil && run.State != ticket.MassRunning:
			w.State, w.Finished = store.WorkDone, d.Now()
			return n + 1, nil
		case err != nil:
			w.Error, w.Due = clip(err.Error(), 1000), d.Now().Add(10*time.Second)
			return n, err
		}
		n++
	}
	return n, nil
}

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
