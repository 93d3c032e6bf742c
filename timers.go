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

// TimerOptions tune a timer. The zero TimerOptions work, and so does nil.
type TimerOptions struct {
	Message  int64 // that the time is spent on, of the ticket
	Billable bool
	Note     string
}

// errRuns says that a timer was started meanwhile.
var errRuns = fmt.Errorf("%w: another timer of the agent was started meanwhile", ticket.ErrConflict)

const stranded = "the running timer is that of a deleted ticket: restore the ticket, or call Time.Cancel"

// errStranded says that a timer cannot be stopped.
var errStranded = fmt.Errorf("%w: %s", ticket.ErrNotFound, stranded)

// Start starts the timer of the acting agent on a ticket. One that runs is stopped first, which leaves its entry. It
// takes the right to update the ticket. Errors: as Log; ticket.ErrForbidden for everybody but agents; ticket.ErrConflict
// while one runs on a deleted ticket.
func (g Time) Start(ctx context.Context, ticketID int64, o *TimerOptions) (ticket.Timer, error) {
	if o == nil {
		o = &TimerOptions{}
	}
	t, err := g.d.startTimer(ctx, ticketID, *o)
	return t, failed(fmt.Sprintf("start timer on ticket %d", ticketID), err)
}

func (d *Desk) startTimer(ctx context.Context, ticketID int64, o TimerOptions) (ticket.Timer, error) {
	ctx, actor, err := d.agentAt(ctx)
	if err != nil {
		return ticket.Timer{}, err
	}
	t := ticket.Timer{Agent: actor.ID, TicketID: ticketID, MessageID: o.Message, Billable: o.Billable, Note: o.Note}
	if err := d.checkEntry(&ticket.TimeEntry{Agent: t.Agent, Note: t.Note, Start: d.Now()}, 0); err != nil {
		return ticket.Timer{}, err
	}
	for tries := 0; ; tries++ {
		if err := d.mayTime(ctx, actor, ticketID, ActUpdate); err != nil { // before another one is stopped for it
			return ticket.Timer{}, err
		}
		switch _, err := d.stopTimer(ctx, actor, nil); {
		case errors.Is(err, errStranded):
			return ticket.Timer{}, fmt.Errorf("%w: %s", ticket.ErrConflict, stranded)
		case err != nil && !errors.Is(err, ticket.ErrNotFound):
			return ticket.Timer{}, err
		}
		err := d.onTime(ctx, actor, ticketID, []Action{ActUpdate}, func(ctx context.Context, w *write) error {
			t.Start = w.now
			return w.startTimer(ctx, t)
		})
		if !errors.Is(err, errRuns) || tries == 3 {
			return t, err
		}
	}
}

func (w *write) startTimer(ctx context.Context, t ticket.Timer) error {
	if err := w.checkTimed(ctx, &ticket.TimeEntry{MessageID: t.MessageID}); err != nil {
		return err
	}
	switch _, err := w.tx.Record(ctx, kindTimer, t.Agent); {
	case err == nil:
		return errRuns
	case !errors.Is(err, ticket.ErrNotFound):
		return err
	}
	doc, err := json.Marshal(t)
	if err != nil {
		return err
	}
	return w.tx.PutRecord(ctx, &store.Record{Kind: kindTimer, Key: t.Agent, Parent: record.ID(t.TicketID), Doc: doc}) // a new one
}

// Stop stops the timer of the acting agent and returns the entry that it leaves; a note takes the place of the one that
// it was started with. Its Duration is in whole seconds, as by Log, and 0 for less than half of one. The time was begun with the right to, so it counts whatever became of that since. A clock that
// was set back gives no time, and one that was forgotten counts and says so. Errors: ticket.ErrNoActor;
// ticket.ErrNotFound where no timer runs, and where its ticket is deleted: restore it, or Cancel; ticket.ErrForbidden
// for everybody but agents; ticket.ErrInvalid for a note that is too long; ticket.ErrBusy.
func (g Time) Stop(ctx context.Context, note ...string) (ticket.TimeEntry, error) {
	ctx, actor, err := g.d.agentAt(ctx)
	var e ticket.TimeEntry
	if err == nil {
		e, err = g.d.stopTimer(ctx, actor, note)
	}
	return e, failed("stop timer", err)
}

func (d *Desk) stopTimer(ctx context.Context, actor ticket.Actor, note []string) (e ticket.TimeEntry, err error) {
	running, err := d.timer(ctx, actor.ID)
	if err != nil {
		return e, err
	}
	_, err = d.transact(ctx, actor, func(ctx context.Context, w *write) error {
		if err := w.lockUnchecked(ctx, running.TicketID); err != nil {
			return err
		}
		t, err := record.Read[ticket.Timer](ctx, w.tx, kindTimer, actor.ID)
		if err != nil {
			return err
		}
		if t.TicketID != running.TicketID {
			return errRuns
		}
		if w.after.DeletedAt != nil {
			return errStranded
		}
		if err := alive(w.after); err != nil {
			return err
		}
		e = d.entryOf(t, w.now)
		if len(note) > 0 {
			e.Note = note[0]
		}
		if err := d.checkEntry(&e, 0); err != nil {
			return err
		}
		if err := w.tx.DeleteRecord(ctx, kindTimer, actor.ID); err != nil {
			return err
		}
		if w.checkTimed(ctx, &e) != nil {
			e.MessageID = 0 // it went elsewhere
		}
		if err := w.addTime(ctx, &e); err != nil {
			return err
		}
		return w.commit(ctx, nil)
	})
	if err != nil {
		return ticket.TimeEntry{}, err
	}
	return e, nil
}

// entryOf is what a timer leaves.
func (d *Desk) entryOf(t ticket.Timer, now time.Time) ticket.TimeEntry {
	spent := max(0, now.Sub(t.Start))
	e := ticket.TimeEntry{TicketID: t.TicketID, Agent: t.Agent, MessageID: t.MessageID, Start: t.Start, Duration: min(wholeSeconds(ticket.Duration(spent)), ticket.MaxEntry),
		Billable: t.Billable, Note: t.Note, Forgotten: spent > d.cfg.TimerLimit, CreatedAt: now}
	return e
}

// timer returns the running timer of an agent.
func (d *Desk) timer(ctx context.Context, agent string) (t ticket.Timer, err error) {
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
		t, err = record.Read[ticket.Timer](ctx, r, kindTimer, agent)
		return err
	})
	if errors.Is(err, ticket.ErrNotFound) {
		err = fmt.Errorf("%w: no timer runs", ticket.ErrNotFound)
	}
	return t, err
}

// Running returns the running timer of the acting agent. Errors: ticket.ErrNoActor; ticket.ErrNotFound where none runs;
// ticket.ErrForbidden for everybody but agents.
func (g Time) Running(ctx context.Context) (ticket.Timer, error) {
	ctx, actor, err := g.d.agentAt(ctx)
	var t ticket.Timer
	if err == nil {
		t, err = g.d.timer(ctx, actor.ID)
	}
	if err != nil {
		return ticket.Timer{}, failed("read timer", err)
	}
	e := g.d.entryOf(t, g.d.Now())
	t.Elapsed, t.Forgotten = e.Duration, e.Forgotten
	return t, nil
}

// Cancel stops the timer of the acting agent without an entry; none is no error. Errors: ticket.ErrNoActor;
// ticket.ErrForbidden for everybody but agents; ticket.ErrBusy.
func (g Time) Cancel(ctx context.Context) error {
	ctx, actor, err := g.d.agentAt(ctx)
	if err == nil {
		err = g.d.writable(ctx)
	}
	if err == nil {
		err = g.d.store.Update(ctx, func(ctx context.Context, tx store.Tx) error { return tx.DeleteRecord(ctx, kindTimer, actor.ID) })
	}
	return failed("cancel timer", err)
}
