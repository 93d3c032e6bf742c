package helpdesk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Mass is what staff do to many tickets at once (M62). A mass action is stored before it begins: it goes on after a
// restart, on any process of the desk, and does to each ticket what it does once.
type Mass struct{ d *Desk }

// Mass returns the group of verbs for mass actions.
func (d *Desk) Mass() Mass { return Mass{d} }

// Start stores a mass action, which is then carried out under the name and the rights of the acting person: in
// background mode at once, by a desk between Desk.Start and Desk.Stop; in manual mode by Run or Tick; and in inline mode
// before Start returns. What is the same for every ticket is checked here, as the single verb would: that the patch
// names nothing that the catalogue has not, as an unknown status, and that there is a target to merge into. The rest is
// checked ticket by ticket. Hooks hear of the patch there and not before, so no filter puts right what is refused here.
// Get tells how far it is, after every 50 tickets.
//
// Errors: ticket.ErrNoActor; ticket.ErrForbidden for customers, for staff who may see nothing, and without the right to
// merge into the target; ticket.ErrNotFound and ticket.ErrMerged for the target; ticket.ErrInvalid for an action without
// tickets, with more than ticket.MaxMass ids, without anything to do, or with a patch that no ticket can take;
// ticket.ErrTooDeep for a handler that goes on causing itself; ticket.ErrBusy.
func (m Mass) Start(ctx context.Context, action ticket.MassAction) (ticket.MassRun, error) {
	run, err := m.start(ctx, action)
	return run, failed("start mass action", err)
}

func (m Mass) start(ctx context.Context, action ticket.MassAction) (ticket.MassRun, error) {
	d := m.d
	ctx, actor, err := m.staff(ctx)
	if err != nil {
		return ticket.MassRun{}, err
	}
	if inGuard(ctx) {
		return ticket.MassRun{}, errGuardWrites
	}
	action = action.Clone()
	if err := d.checkMass(ctx, actor, &action); err != nil {
		return ticket.MassRun{}, err
	}
	cause, err := d.causeFrom(ctx)
	if err != nil {
		return ticket.MassRun{}, err
	}
	run := massDoc{Depth: cause.Depth, MassRun: ticket.MassRun{Action: action, By: actor, State: ticket.MassRunning, Started: d.Now(), Total: ticket.Count{N: len(action.IDs)}}}
	if q := run.Action.Query; q != nil {
		if run.Total, err = d.countTickets(ctx, *q); err != nil {
			return ticket.MassRun{}, err
		}
		if until := run.Started.Add(time.Microsecond); q.CreatedTo.IsZero() || q.CreatedTo.After(until) {
			q.CreatedTo = until // or what hooks open while it goes on would be done, too, and what they open then, without end
		}
		if run, err = d.massList(ctx, run); err != nil {
			return ticket.MassRun{}, err
		}
	}
	err = d.store.Update(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		if run.ID, err = tx.NewID(ctx, "mass"); err != nil {
			return err
		}
		if run.Work, err = tx.NewID(ctx, "work"); err != nil {
			return err
		}
		if err := run.put(ctx, tx); err != nil {
			return err
		}
		tx.OnCommit(d.Wake)
		return tx.PutWork(ctx, &store.Work{ID: run.Work, Kind: kindMass, Name: kindMass, Due: time.Unix(0, 0), State: store.WorkPending, Created: run.Started, Doc: json.RawMessage(record.ID(run.ID))})
	})
	if err == nil && d.cfg.Dispatch == Inline && !d.inTx(ctx) {
		return m.run(ctx, run.ID)
	}
	return run.MassRun, err
}

// staff is how each of these verbs begins.
func (m Mass) staff(ctx context.Context) (context.Context, ticket.Actor, error) {
	ctx, actor, err := m.d.enter(ctx)
	if err == nil && actor.IsCustomer() {
		err = fmt.Errorf("%w: mass actions are for staff", ticket.ErrForbidden)
	}
	return ctx, actor, err
}

// Get returns a mass action as it stands. Errors: ticket.ErrNoActor; ticket.ErrForbidden for customers;
// ticket.ErrNotFound, also for one of somebody else, unless the actor may configure the desk.
func (m Mass) Get(ctx context.Context, id int64) (ticket.MassRun, error) {
	run, err := m.get(ctx, id)
	return run.MassRun, failed(fmt.Sprintf("read mass action %d", id), err)
}

func (m Mass) get(ctx context.Context, id int64) (massDoc, error) {
	ctx, actor, err := m.staff(ctx)
	if err != nil {
		return massDoc{}, err
	}
	run, err := m.d.readMass(ctx, id)
	if err != nil {
		return massDoc{}, hidden(err)
	}
	if run.By.Kind == actor.Kind && run.By.ID == actor.ID {
		return run, nil
	}
	err = m.d.mayAtAll(ctx, actor, ActConfigure)
	if errors.Is(err, ticket.ErrForbidden) {
		err = ticket.ErrNotFound
	}
	if err != nil {
		return massDoc{}, err
	}
	return run, nil
}

// Results lists what became of the tickets of a mass action, by their ids, after the given one; limit as for lists. Errors: as Get.
func (m Mass) Results(ctx context.Context, id, after int64, limit int) ([]ticket.MassResult, error) {
	out, err := m.results(ctx, id, after, limit)
	return out, failed(fmt.Sprintf("list results of mass action %d", id), err)
}

func (m Mass) results(ctx context.Context, id, after int64, limit int) ([]ticket.MassResult, error) {
	if _, err := m.get(ctx, id); err != nil {
		return nil, err
	}
	if limit <= 0 {
		limit = ticket.DefaultPage
	}
	var out []ticket.MassResult
	err := m.d.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		out = nil
		recs, err := r.Records(ctx, store.RecordQuery{Kind: kindMassResult, Parent: record.ID(id), After: massKey(id, after), Limit: min(limit, ticket.MaxPage)})
		for _, rec := range recs {
			var res ticket.MassResult
			if err := json.Unmarshal(rec.Doc, &res); err != nil {
				return err
			}
			out = append(out, res)
		}
		return err
	})
	return out, err
}

// Cancel ends a mass action: when it returns no other ticket is changed, and what was being done to one is rolled back.
// What is done stays done; an action that is over stays as it is. Errors: as Get; ticket.ErrBusy.
func (m Mass) Cancel(ctx context.Context, id int64) (ticket.MassRun, error) {
	run, err := m.cancel(ctx, id)
	return run.MassRun, failed(fmt.Sprintf("cancel mass action %d", id), err)
}

func (m Mass) cancel(ctx context.Context, id int64) (run massDoc, err error) {
	if err := m.d.writable(ctx); err != nil {
		return run, err
	}
	if _, err := m.get(ctx, id); err != nil {
		return run, err
	}
	err = m.d.store.Update(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		if run, err = storedMass(tx.LockRecord(ctx, kindMass, massKey(id, 0))); err != nil || run.State != ticket.MassRunning {
			return err
		}
		if run.Done, run.Failed, err = run.count(ctx, tx); err != nil {
			return err
		}
		return run.end(ctx, tx, ticket.MassCancelled, m.d.Now())
	})
	return run, err
}

// Run carries a mass action out in this goroutine and returns when it is over: for manual mode, and for whoever will not
// wait for the background. It may run beside others who do the same. Errors: as Get; ticket.ErrStopped and ctx.Err(),
// with the action as far as it came, to be gone on with later.
func (m Mass) Run(ctx context.Context, id int64) (ticket.MassRun, error) {
	run, err := m.run(ctx, id)
	return run, failed(fmt.Sprintf("run mass action %d", id), err)
}

func (m Mass) run(ctx context.Context, id int64) (ticket.MassRun, error) {
	if err := m.d.writable(ctx); err != nil {
		return ticket.MassRun{}, err
	}
	if m.d.inTx(ctx) {
		return ticket.MassRun{}, ticket.Invalid("", ticket.FaultUnavailable, "a mass action writes ticket by ticket: run it outside of transactions")
	}
	if _, err := m.get(ctx, id); err != nil {
		return ticket.MassRun{}, err
	}
	for {
		run, err := m.d.massStep(ctx, id)
		if err != nil || run.State != ticket.MassRunning {
			return run.MassRun, err
		}
	}
}
