package rules

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/agenda"
	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Snooze says that a ticket is out of sight until a time (X15).
type Snooze struct {
	ID     int64         `json:"id"`
	Ticket int64         `json:"ticket"`
	Until  time.Time     `json:"at"`
	By     ticket.Person `json:"by"` // who wants it back
	MadeAt time.Time     `json:"made_at"`
	Seq    int64         `json:"seq"` // of the ticket's journal, then
}

func (s Snooze) cause() string { return "snooze:" + record.ID(s.ID) }

// Snooze puts a ticket out of sight until a time: into the Archive, so that no list and no number of the inbox has it. It
// comes back to the inbox, with the status that it has then, when that time has come or when the customer replies, and
// whoever snoozed it is told; and by Unsnooze, by a change of its status, and by being moved to another folder by hand.
// Automatic mails and mails that came back wake nothing (X21). What is solved or closed meanwhile stays in the Archive.
//
// Snoozing again changes the time. The status does not change, so no clock that goes by it pauses; the ticket's history
// has the move and the time.
//
// Errors: ticket.ErrNoActor; ticket.ErrNotFound; ticket.ErrForbidden for customers, and for staff who may not update the
// ticket; ticket.ErrMerged; ticket.ErrInvalid for a time that does not lie in the next 100 years, and for a ticket that
// is solved or closed, or not in the inbox; ticket.ErrRefused.
func (r *Rules) Snooze(ctx context.Context, ticketID int64, until time.Time) (s Snooze, err error) {
	actor, err := ticket.ActorFrom(ctx)
	if err == nil {
		err = r.update(ctx, func(ctx context.Context, tx store.Tx) (err error) {
			s, err = r.snooze(ctx, tx, ticketID, actor, ticket.Time(until))
			return err
		})
	}
	return s, failed(fmt.Sprintf("snooze ticket %d", ticketID), err)
}

func (r *Rules) snooze(ctx context.Context, tx store.Tx, ticketID int64, actor ticket.Actor, until time.Time) (Snooze, error) {
	now := r.desk.Now()
	s := Snooze{Ticket: ticketID, Until: until, By: actor.Person(), MadeAt: now}
	if err := lockTicket(ctx, tx, ticketID); err != nil {
		return s, err
	}
	old, err := snoozed(ctx, tx, ticketID)
	if err != nil {
		return s, err
	}
	t, err := r.desk.Trace(ctx, ticketID, ticket.Change{Field: "snoozed_until", Old: stamp(old.Until), New: stamp(until)})
	if err != nil {
		return s, err
	}
	var e ticket.ValidationError
	if !until.After(now) || until.After(now.AddDate(100, 0, 0)) {
		e.Add("until", ticket.FaultOutOfRange, "is to lie in the next 100 years")
	}
	switch {
	case t.Class.Done():
		e.Add("", ticket.FaultState, "the ticket is %s: it needs nobody's eye", t.Class)
	case t.Folder == ticket.Spam, t.Folder == ticket.Archive && old.ID == 0:
		e.Add("", ticket.FaultState, "the ticket lies in the folder %s, out of sight: move it to the inbox first", t.Folder)
	}
	if e.Err() != nil {
		return s, e.Err()
	}
	if t, err = r.desk.UpdateTicket(ctx, ticketID, ticket.Patch{Folder: new(ticket.Archive)}); err != nil {
		return s, err
	}
	if s.ID, err = tx.NewID(ctx, kindSnooze); err != nil {
		return s, err
	}
	s.Seq = t.EventSeq
	if err := record.Put(ctx, tx, kindSnooze, record.ID(ticketID), record.ID(ticketID), s); err != nil {
		return s, err
	}
	return s, r.arm(ctx, tx, kindSnooze, ticketID, entryKey(ticketID, s.ID), until)
}

// snoozed returns the snooze of a ticket; one without ID where there is none.
func snoozed(ctx context.Context, x store.Reader, ticketID int64) (Snooze, error) {
	s, err := record.Read[Snooze](ctx, x, kindSnooze, record.ID(ticketID))
	if err != nil {
		return Snooze{}, orGone(err)
	}
	return s, nil
}

// Unsnooze brings a snoozed ticket back. Nobody is told. Errors: as Snooze; ticket.ErrNotFound for one that is not
// snoozed, too.
func (r *Rules) Unsnooze(ctx context.Context, ticketID int64) error {
	err := r.update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := lockTicket(ctx, tx, ticketID); err != nil {
			return err
		}
		s, err := snoozed(ctx, tx, ticketID)
		if err != nil {
			return err
		}
		t, err := r.desk.Trace(ctx, ticketID, ticket.Change{Field: "snoozed_until", Old: stamp(s.Until)})
		if err == nil && s.ID == 0 {
			err = fmt.Errorf("%w: the ticket is not snoozed", ticket.ErrNotFound)
		}
		if err != nil {
			return err
		}
		return r.bringBack(ctx, tx, t)
	})
	return failed(fmt.Sprintf("wake ticket %d", ticketID), err)
}

// Snoozed returns the snooze of a ticket. Errors: ticket.ErrNoActor; ticket.ErrForbidden for customers;
// ticket.ErrNotFound, also for a ticket that is not snoozed.
func (r *Rules) Snoozed(ctx context.Context, ticketID int64) (s Snooze, err error) {
	if err = r.forStaff(ctx, ticketID); err == nil {
		err = r.store.View(ctx, func(ctx context.Context, x store.Reader) (err error) {
			s, err = record.Read[Snooze](ctx, x, kindSnooze, record.ID(ticketID))
			return err
		})
	}
	return s, failed(fmt.Sprintf("read snooze of ticket %d", ticketID), err)
}

// Snoozes lists what is snoozed of the tickets that the actor may see, by the id of the ticket. Errors:
// ticket.ErrNoActor; ticket.ErrForbidden for customers.
func (r *Rules) Snoozes(ctx context.Context) ([]Snooze, error) {
	var all, out []Snooze
	err := r.store.View(ctx, func(ctx context.Context, x store.Reader) error {
		all = nil
		return record.ReadAll(ctx, x, kindSnooze, "", &all)
	})
	for _, s := range all {
		if err != nil {
			break
		}
		switch err = r.forStaff(ctx, s.Ticket); {
		case err == nil:
			out = append(out, s)
		case errors.Is(err, ticket.ErrNotFound):
			err = nil
		}
	}
	return out, failed("list what is snoozed", err)
}

// bringBack ends the snooze of a locked ticket. What is done, or was moved by hand, stays where it is.
func (r *Rules) bringBack(ctx context.Context, tx store.Tx, t *ticket.Ticket) error {
	if err := tx.DeleteRecord(ctx, kindSnooze, record.ID(t.ID)); err != nil {
		return err
	}
	if t.Folder != ticket.Archive || t.Class.Done() {
		return nil
	}
	_, err := r.desk.UpdateTicket(ctx, t.ID, ticket.Patch{Folder: new(ticket.Inbox)})
	return err
}

// wake brings a ticket back because of why, and tells who has snoozed it.
func (r *Rules) wake(ctx context.Context, tx store.Tx, t *ticket.Ticket, s Snooze, why string) error {
	ctx = r.desk.Caused(system(ctx), s.cause())
	if _, err := r.desk.Trace(ctx, t.ID, ticket.Change{Field: "snoozed_until", Old: stamp(s.Until)}); err != nil {
		return err
	}
	if err := r.bringBack(ctx, tx, t); err != nil || s.By.ID == "" || t.Class.Done() {
		return err
	}
	n := Notice{Ticket: t.ID, To: Recipients{Agents: []string{s.By.ID}}, Text: fmt.Sprintf("Ticket %s is back: %s", t.Code, why), Why: s.cause(), At: r.desk.Now()}
	return r.tell(ctx, tx, n)
}

// lookAtSnooze wakes a locked ticket if the customer has replied, and forgets the snooze of one that is back.
func (r *Rules) lookAtSnooze(ctx context.Context, tx store.Tx, t *ticket.Ticket) error {
	s, err := snoozed(ctx, tx, t.ID)
	if err != nil || s.ID == 0 || !live(t) {
		return err
	}
	replied, err := CancelOnCustomer.answered(ctx, tx, t, t.ID, s.Seq)
	switch {
	case err != nil:
		return err
	case replied:
		return r.wake(ctx, tx, t, s, "the customer has replied.")
	case t.Folder != ticket.Archive:
		return r.bringBack(ctx, tx, t)
	}
	return nil
}

// snoozeDue wakes a ticket whose time has come.
func (r *Rules) snoozeDue(ctx context.Context, tx store.Tx, e agenda.Entry) error {
	t, err := tx.LockTicket(ctx, e.Ticket)
	if err != nil || !live(t) {
		return orGone(err)
	}
	s, err := snoozed(ctx, tx, e.Ticket)
	if err != nil || s.ID == 0 || s.ID != entryID(e.Key) {
		return err
	}
	if t.Folder != ticket.Archive {
		return r.bringBack(ctx, tx, t)
	}
	as, err := r.because(ctx, tx, t.ID, s.Seq, s.cause())
	if err != nil {
		return err
	}
	return r.wake(as, tx, t, s, "the time for which it was snoozed is over.")
}
