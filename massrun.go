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

	massBatch = 50
)

// massDoc is a mass action as it is stored.
type massDoc struct {
	ticket.MassRun
	Next   int     `json:"next"`             // among the ids: where the batch begins
	Batch  []int64 `json:"batch,omitempty"`  // of a query: what was listed, which need not be in the list any more
	Cursor string  `json:"cursor,omitempty"` // of the store's list, after the batch
	Depth  int     `json:"depth,omitempty"`  // of the handler that started it: see ticket.Cause
	Work   int64   `json:"work"`             // by which the background finds it

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

// storedMass is the action in its record, as somebody has it now.
func storedMass(rec *store.Record, err error) (run massDoc, _ error) {
	if err != nil {
		return run, err
	}
	err = json.Unmarshal(rec.Doc, &run)
	run.version = rec.Version
	return run, err
}

func (d *Desk) readMass(ctx context.Context, id int64) (run massDoc, err error) {
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
		run, err = storedMass(r.Record(ctx, kindMass, massKey(id, 0)))
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
	for _, t := range run.batch() {
		switch err := d.massOne(ctx, run, t); {
		case errors.Is(err, errMassMoved):
			return d.readMass(ctx, id)
		case err != nil:
			return run, err
		}
	}
	next, last, err := d.massNext(ctx, run)
	if err != nil {
		return run, err
	}
	err = d.store.Update(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		if err := run.stands(tx.LockRecord(ctx, kindMass, massKey(id, 0))); err != nil { // nobody adds what is not counted
			return err
		}
		next.Done, next.Failed, err = run.count(ctx, tx)
		switch {
		case err != nil:
			return err
		case last:
			return next.end(ctx, tx, ticket.MassDone, d.Now())
		}
		return next.put(ctx, tx)
	})
	if errors.Is(err, errMassMoved) { // somebody else has done the same batch, or has cancelled
		return d.readMass(ctx, id)
	}
	return next, err
}

// batch are the tickets whose turn it is.
func (run *massDoc) batch() []int64 {
	if run.Action.Query != nil {
		return run.Batch
	}
	return run.Action.IDs[run.Next:min(run.Next+massBatch, len(run.Action.IDs))]
}

// massNext is the action with the batch done, but not counted yet; last says that it was the last one.
func (d *Desk) massNext(ctx context.Context, run massDoc) (next massDoc, last bool, err error) {
	switch {
	case run.Action.Query == nil:
		run.Next += len(run.batch())
		return run, run.Next == len(run.Action.IDs), nil
	case run.Cursor == "":
		return run, true, nil
	}
	next, err = d.massList(ctx, run)
	return next, false, err
}

// massList lists the batch of a query that its cursor is before.
func (d *Desk) massList(ctx context.Context, run massDoc) (massDoc, error) {
	q := *run.Action.Query
	q.Cursor = run.Cursor
	ctx, actor, err := d.enter(ticket.WithActor(ctx, run.By))
	if err != nil {
		return run, err
	}
	scope, err := d.scope(ctx, actor)
	if err != nil {
		return run, err
	}
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		page, err := r.Tickets(ctx, q, scope)
		run.Batch, run.Cursor = nil, page.Next
		for _, t := range page.Tickets {
			run.Batch = append(run.Batch, t.ID)
		}
		return err
	})
	return run, err
}

// massTries is how often a ticket is tried whose write finds the database busy while others get through.
const massTries = 3

// ofHook reports whether an error is what a hook answered.
func ofHook(err error) bool {
	return errors.Is(err, ticket.ErrRefused) || errors.Is(err, ticket.ErrHookFailed)
}

// massOne does to one ticket what the action says, and stores what became of it. Its error says that nothing did: what
// will pass is no result. What a hook answers is one, whatever it is.
func (d *Desk) massOne(ctx context.Context, run massDoc, id int64) error {
	known, err := d.massKnown(ctx, run, id)
	if err != nil || known {
		return err
	}
	for range massTries {
		if err = d.massDo(ctx, run, id); !errors.Is(err, ticket.ErrBusy) || ofHook(err) {
			break
		}
		if err := d.store.Update(ctx, func(context.Context, store.Tx) error { return nil }); err != nil {
			return err // it is the database, and not this ticket
		}
	}
	switch {
	case err == nil, errors.Is(err, errMassDone):
		return nil
	case errors.Is(err, errMassMoved):
		return err
	}
	if over := d.usable(ctx); over != nil {
		return over // which is what hooks failed for, too
	}
	failure := err
	err = d.store.Update(ctx, func(ctx context.Context, tx store.Tx) error { return d.massResult(ctx, tx, run, id, failure) })
	if errors.Is(err, errMassDone) {
		return nil
	}
	return err
}

// massDo is the verb itself, with its result in the same transaction. Its errors are without the operation and the
// ticket, which stand beside them in the result.
func (d *Desk) massDo(ctx context.Context, run massDoc, id int64) error {
	ctx = withCause(ticket.WithActor(ctx, run.By), ticket.Cause{Mass: run.ID, Depth: run.Depth})
	ctx = d.Also(ctx, func(ctx context.Context, _, _ int64) error {
		return d.store.Update(ctx, func(ctx context.Context, tx store.Tx) error { return d.massResult(ctx, tx, run, id, nil) })
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

// massWork carries out mass actions that are due, under a lease, until none is left or the time of the lease is half
// over; the rest is left to the next who asks. It returns how many batches it did.
func (d *Desk) massWork(ctx context.Context) (int, error) {
	return d.massUntil(ctx, time.Now().Add(d.cfg.LeaseTTL/2))
}

func (d *Desk) massUntil(ctx context.Context, end time.Time) (int, error) {
	r := store.LeaseRequest{Kind: kindMass, DueBy: d.Now(), TTL: d.cfg.LeaseTTL, Limit: 1}
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
		w.Error = ""
	}
	return n, nil
}

// checkMassWaits says that nobody carries mass actions out: where the background of this desk was not started, or
// nobody has begun for long, that is nothing which will pass. And it says what interrupts one again and again.
func (d *Desk) checkMassWaits(ctx context.Context) (out []Problem, err error) {
	var list []*store.Work
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
		list, err = r.Works(ctx, store.WorkQuery{Kind: kindMass, States: []store.WorkState{store.WorkPending}, Limit: 1000})
		return err
	})
	idle, waiting := d.cfg.Dispatch == Background && !d.run.started.Load(), 0
	for _, w := range list {
		switch {
		case idle, w.Attempt == 0 && d.Now().Sub(w.Created) > oldLag:
			waiting++
		case w.Error != "":
			out = append(out, Problem{Area: "mass", Message: fmt.Sprintf("mass action %s was interrupted, and is tried again: %s", w.Doc, w.Error)})
		}
	}
	if waiting > 0 {
		out = append(out, Problem{Area: "mass", Message: fmt.Sprintf("mass actions wait (%d): call Desk.Start, or Mass().Run, or Desk.Tick from time to time", waiting)})
	}
	return out, err
}
