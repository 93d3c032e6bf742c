package helpdesk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Time is the working time of a desk (I09): entries that agents log or that their timers leave, the sums of them, and
// the invoices that are made of them (I17). It is for staff: customers are refused, whatever they may see otherwise.
type Time struct{ d *Desk }

// Time returns the group of verbs for working time.
func (d *Desk) Time() Time { return Time{d} }

// Log adds an entry by hand. Its Duration is kept in whole seconds: what is given is rounded to them, half a second
// upwards. Without an Agent it is the acting agent's; without a Start it ended now. Ticket.Spent follows in the same transaction, and the ticket keeps its place in lists. Agents log their own time with the right to
// update the ticket, and somebody else's with the right to edit messages, too. Whether there is such an Agent is not
// asked: time of somebody who has left can be logged.
//
// Errors: ticket.ErrNoActor; ticket.ErrNotFound, for a deleted ticket too; ticket.ErrForbidden; ticket.ErrInvalid for a
// time that rounds to less than a second or is over ticket.MaxEntry, for a start before 1970, for nobody's time, and for a message of another ticket;
// ticket.ErrBusy.
func (g Time) Log(ctx context.Context, ticketID int64, e ticket.TimeEntry) (ticket.TimeEntry, error) {
	err := g.d.logTime(ctx, ticketID, &e)
	if err != nil {
		e = ticket.TimeEntry{}
	}
	return e, failed(fmt.Sprintf("log time on ticket %d", ticketID), err)
}

func (d *Desk) logTime(ctx context.Context, ticketID int64, e *ticket.TimeEntry) error {
	ctx, actor, err := d.staffAt(ctx)
	if err != nil {
		return err
	}
	now := d.Now()
	if e.Agent == "" && actor.Kind == ticket.ActorStaff {
		e.Agent = actor.ID
	}
	if e.Duration = wholeSeconds(e.Duration); e.Start.IsZero() {
		e.Start = now.Add(-time.Duration(e.Duration))
	}
	e.TicketID, e.CreatedAt, e.Start = ticketID, now, ticket.Time(e.Start)
	e.Forgotten, e.Invoice, e.Reference = false, 0, ""
	if err := d.checkEntry(e, second); err != nil {
		return err
	}
	acts := timeActs(actor, e.Agent)
	return d.onTime(ctx, actor, ticketID, acts, func(ctx context.Context, w *write) error { return w.addTime(ctx, e) })
}

// staffAt is enter for verbs that customers have no part in.
func (d *Desk) staffAt(ctx context.Context) (context.Context, ticket.Actor, error) {
	ctx, actor, err := d.enter(ctx)
	if err == nil && actor.IsCustomer() {
		err = fmt.Errorf("%w: this is for staff", ticket.ErrForbidden)
	}
	return ctx, actor, err
}

// timeActs are the rights that it takes to write an agent's time.
func timeActs(actor ticket.Actor, agent string) []Action {
	if actor.Kind == ticket.ActorStaff && actor.ID == agent {
		return []Action{ActUpdate}
	}
	return []Action{ActUpdate, ActEdit}
}

// second is the least that an entry by hand may have, and what durations are counted in.
const second = ticket.Duration(time.Second)

func wholeSeconds(d ticket.Duration) ticket.Duration {
	return ticket.Duration(time.Duration(d).Round(time.Second))
}

func (d *Desk) checkEntry(e *ticket.TimeEntry, least ticket.Duration) error {
	var v ticket.ValidationError
	if e.Agent == "" {
		v.Add("agent", ticket.FaultRequired, "is missing: say whose time it is")
	}
	v.CheckLine("agent", e.Agent, d.cfg.Limits.Text)
	v.CheckText("note", e.Note, d.cfg.Limits.Body)
	if e.Duration < least || e.Duration > ticket.MaxEntry {
		v.Add("duration", ticket.FaultOutOfRange, "is %s: give %s to %s", time.Duration(e.Duration), time.Duration(least), time.Duration(ticket.MaxEntry))
	}
	if e.Start.Unix() < 0 || e.Start.Year() > 9999 {
		v.Add("started_at", ticket.FaultOutOfRange, "is before 1970 or after 9999")
	}
	return v.Err()
}

// onTime is the frame of writes of working time on a ticket.
func (d *Desk) onTime(ctx context.Context, actor ticket.Actor, ticketID int64, acts []Action, fn func(context.Context, *write) error) error {
	if err := d.mayTime(ctx, actor, ticketID, acts...); err != nil {
		return err
	}
	_, err := d.transact(ctx, actor, func(ctx context.Context, w *write) error {
		if err := w.lock(ctx, ticketID, acts...); err != nil {
			return err
		}
		if err := alive(w.after); err != nil {
			return err
		}
		if err := fn(ctx, w); err != nil {
			return err
		}
		return w.commit(ctx, nil)
	})
	return err
}

// mayTime asks for the rights on a ticket that is there.
func (d *Desk) mayTime(ctx context.Context, actor ticket.Actor, ticketID int64, acts ...Action) error {
	t, err := d.read(ctx, actor, ticketID)
	if err == nil {
		err = d.may(ctx, actor, t, acts...)
	}
	if err != nil {
		return err
	}
	return alive(t)
}

// addTime stores a new entry of the ticket that the write has locked.
func (w *write) addTime(ctx context.Context, e *ticket.TimeEntry) (err error) {
	if err := w.checkTimed(ctx, e); err != nil {
		return err
	}
	if e.ID, err = w.tx.NewID(ctx, kindTime); err != nil {
		return err
	}
	if err := times.Put(ctx, w.tx, nil, e); err != nil {
		return err
	}
	return w.spend(ctx, nil, e)
}

// checkTimed refuses a message that is not the ticket's.
func (w *write) checkTimed(ctx context.Context, e *ticket.TimeEntry) error {
	if e.MessageID == 0 {
		return nil
	}
	m, err := w.tx.Message(ctx, e.MessageID)
	if err == nil && m.TicketID == w.after.ID {
		return nil
	}
	if err == nil || errors.Is(err, ticket.ErrNotFound) {
		return ticket.Invalid("message_id", ticket.FaultUnknown, "%d is no message of the ticket", e.MessageID)
	}
	return err
}

// Entry returns one entry. Errors: ticket.ErrNoActor; ticket.ErrNotFound; ticket.ErrForbidden for customers.
func (g Time) Entry(ctx context.Context, id int64) (ticket.TimeEntry, error) {
	ctx, actor, err := g.d.staffAt(ctx)
	var e ticket.TimeEntry
	if err == nil {
		e, err = g.d.timeEntry(ctx, actor, id)
	}
	return e, failed(fmt.Sprintf("read time entry %d", id), err)
}

// timeEntry returns an entry of a ticket that the actor may see.
func (d *Desk) timeEntry(ctx context.Context, actor ticket.Actor, id int64) (e ticket.TimeEntry, err error) {
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
		e, err = times.Get(ctx, r, id)
		return err
	})
	if err == nil {
		_, err = d.read(ctx, actor, e.TicketID)
	}
	if err != nil {
		return ticket.TimeEntry{}, err
	}
	return e, nil
}

// Edit changes an entry that is on no invoice. Errors: as Log; ticket.ErrConflict for one that is on an invoice.
func (g Time) Edit(ctx context.Context, id int64, p ticket.TimePatch) (ticket.TimeEntry, error) {
	e, err := g.d.changeTime(ctx, id, func(ctx context.Context, w *write, was ticket.TimeEntry) (ticket.TimeEntry, error) {
		e, least := patched(was, p), ticket.Duration(0) // a timer may have left one without time
		if p.Duration != nil {
			least = second
		}
		if err := w.d.checkEntry(&e, least); err != nil {
			return e, err
		}
		if e == was {
			return e, nil
		}
		if err := w.checkTimed(ctx, &e); err != nil {
			return e, err
		}
		if err := times.Put(ctx, w.tx, &was, &e); err != nil {
			return e, err
		}
		return e, w.spend(ctx, &was, &e)
	})
	return e, failed(fmt.Sprintf("edit time entry %d", id), err)
}

func patched(e ticket.TimeEntry, p ticket.TimePatch) ticket.TimeEntry {
	if p.Start != nil {
		e.Start = ticket.Time(*p.Start)
	}
	if p.Duration != nil {
		e.Duration = wholeSeconds(*p.Duration)
	}
	if p.Billable != nil {
		e.Billable = *p.Billable
	}
	if p.Note != nil {
		e.Note = *p.Note
	}
	if p.MessageID != nil {
		e.MessageID = *p.MessageID
	}
	return e
}

// Delete removes an entry that is on no invoice. Errors: as Edit.
func (g Time) Delete(ctx context.Context, id int64) error {
	_, err := g.d.changeTime(ctx, id, func(ctx context.Context, w *write, was ticket.TimeEntry) (ticket.TimeEntry, error) {
		if err := times.Drop(ctx, w.tx, &was); err != nil {
			return was, err
		}
		return was, w.spend(ctx, &was, nil)
	})
	return failed(fmt.Sprintf("delete time entry %d", id), err)
}

// changeTime has fn change an entry as it is under the lock of its ticket.
func (d *Desk) changeTime(ctx context.Context, id int64, fn func(context.Context, *write, ticket.TimeEntry) (ticket.TimeEntry, error)) (out ticket.TimeEntry, err error) {
	ctx, actor, err := d.staffAt(ctx)
	if err != nil {
		return out, err
	}
	seen, err := d.timeEntry(ctx, actor, id)
	if err != nil {
		return out, err
	}
	err = d.onTime(ctx, actor, seen.TicketID, timeActs(actor, seen.Agent), func(ctx context.Context, w *write) error {
		was, err := times.Get(ctx, w.tx, id)
		if err != nil {
			return err
		}
		if was.TicketID != w.after.ID {
			return ticket.ErrConflict // it was moved meanwhile
		}
		if was.Invoice != 0 {
			return standing(fmt.Sprintf("the time is on invoice %d and stays as it was billed", was.Invoice))
		}
		out, err = fn(ctx, w, was)
		return err
	})
	if err != nil {
		return ticket.TimeEntry{}, err
	}
	return out, nil
}
