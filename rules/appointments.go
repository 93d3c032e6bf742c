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

// Appointment is the one time that is fixed for a ticket (I07), as of a visit. At is required.
type Appointment struct {
	ID     int64           `json:"id"`               // another one with each Set
	Ticket int64           `json:"ticket"`           // set by Set, as ID and By
	At     time.Time       `json:"at"`               // in the next 100 years
	Text   string          `json:"text,omitempty"`   // what it is about, plain
	Remind Recipients      `json:"remind,omitzero"`  // they are told of it
	Before ticket.Duration `json:"before,omitempty"` // so long before; at most a year
	By     ticket.Person   `json:"by"`               // who set it

	Reminded bool `json:"reminded,omitempty"` // they were told; set by the desk
}

func (a Appointment) cause() string { return "appointment:" + record.ID(a.ID) }

// Appointments are those of all tickets.
type Appointments struct{ r *Rules }

// Appointments returns the group of verbs for appointments.
func (r *Rules) Appointments() Appointments { return Appointments{r} }

func (a *Appointment) check(now time.Time) error {
	var e ticket.ValidationError
	if a.At = ticket.Time(a.At); !a.At.After(now) || a.At.After(now.AddDate(100, 0, 0)) {
		e.Add("at", ticket.FaultOutOfRange, "is to lie in the next 100 years")
	}
	if a.Before < 0 || a.Before > ticket.Duration(366*24*time.Hour) {
		e.Add("before", ticket.FaultOutOfRange, "is %v: give a time span up to a year", a.Before)
	}
	e.CheckText("text", a.Text, maxText)
	checkRecipients(&e, "remind", a.Remind)
	return e.Err()
}

// Set fixes the appointment of a ticket, in place of the one that there was, also of a ticket that was merged into it, and
// returns it as it is stored. Whoever is to be reminded is told once, at once if it is later than Before already. The
// ticket's history has it, without the text. An appointment that is over stays until it is cleared or another is set.
//
// Errors: ticket.ErrNoActor; ticket.ErrNotFound; ticket.ErrForbidden for customers, and for staff who may not update the
// ticket; ticket.ErrMerged; ticket.ErrInvalid, as a ticket.ValidationError that names each field as JSON does.
func (g Appointments) Set(ctx context.Context, ticketID int64, a Appointment) (Appointment, error) {
	r := g.r
	actor, err := ticket.ActorFrom(ctx)
	if err == nil {
		err = r.update(ctx, func(ctx context.Context, tx store.Tx) error {
			bad := a.check(r.desk.Now()) // told after it is known who may
			if _, err := r.replaceAppointment(ctx, tx, ticketID, a.At); err != nil {
				return err
			}
			if bad != nil {
				return bad
			}
			if a.ID, err = tx.NewID(ctx, kindAppointment); err != nil {
				return err
			}
			a.Ticket, a.By, a.Reminded = ticketID, actor.Person(), false
			if err := record.Put(ctx, tx, kindAppointment, record.ID(ticketID), record.ID(ticketID), a); err != nil || a.Remind.IsZero() {
				return err
			}
			return r.arm(ctx, tx, kindAppointment, ticketID, entryKey(ticketID, a.ID), a.At.Add(-time.Duration(a.Before)))
		})
	}
	return a, failed(fmt.Sprintf("set appointment of ticket %d", ticketID), err)
}

// replaceAppointment removes the appointment that there is, writes the new time into the ticket's history, if that is not
// zero, and reports whether there was one.
func (r *Rules) replaceAppointment(ctx context.Context, tx store.Tx, ticketID int64, at time.Time) (was bool, err error) {
	if err := lockTicket(ctx, tx, ticketID); err != nil {
		return false, err
	}
	ids, err := r.family(ctx, ticketID)
	if err := orGone(err); err != nil {
		return false, err
	}
	old, err := appointmentOf(ctx, tx, ids)
	if err := orGone(err); err != nil {
		return false, err
	}
	if _, err := r.desk.Trace(ctx, ticketID, ticket.Change{Field: "appointment", Old: stamp(old.At), New: stamp(at)}); err != nil {
		return false, err
	}
	return old.ID != 0, tx.DeleteRecord(ctx, kindAppointment, record.ID(old.Ticket))
}

// appointmentOf returns that of the first of some tickets that has one. Errors: ticket.ErrNotFound.
func appointmentOf(ctx context.Context, x store.Reader, ids []int64) (Appointment, error) {
	for _, id := range ids {
		a, err := record.Read[Appointment](ctx, x, kindAppointment, record.ID(id))
		if !errors.Is(err, ticket.ErrNotFound) {
			return a, err
		}
	}
	return Appointment{}, ticket.ErrNotFound
}

// Get returns the appointment of a ticket, or of one that was merged into it. Errors: ticket.ErrNoActor;
// ticket.ErrForbidden for customers; ticket.ErrNotFound, also where there is none.
func (g Appointments) Get(ctx context.Context, ticketID int64) (a Appointment, err error) {
	var ids []int64
	if err = g.r.forStaff(ctx, ticketID); err == nil {
		ids, err = g.r.family(ctx, ticketID)
	}
	if err == nil {
		err = g.r.store.View(ctx, func(ctx context.Context, x store.Reader) (err error) {
			a, err = appointmentOf(ctx, x, ids)
			return err
		})
	}
	return a, failed(fmt.Sprintf("read appointment of ticket %d", ticketID), err)
}

// Clear removes the appointment of a ticket, or of one that was merged into it. Errors: as Set; ticket.ErrNotFound where
// there is none, too.
func (g Appointments) Clear(ctx context.Context, ticketID int64) error {
	err := g.r.update(ctx, func(ctx context.Context, tx store.Tx) error {
		was, err := g.r.replaceAppointment(ctx, tx, ticketID, time.Time{})
		if err == nil && !was {
			err = fmt.Errorf("%w: the ticket has no appointment", ticket.ErrNotFound)
		}
		return err
	})
	return failed(fmt.Sprintf("clear appointment of ticket %d", ticketID), err)
}

// appointmentDue reminds of an appointment, unless that has been done.
func (r *Rules) appointmentDue(ctx context.Context, tx store.Tx, e agenda.Entry) error {
	t, err := holder(ctx, tx, e.Ticket)
	if err != nil || t == nil {
		return err
	}
	key := record.ID(e.Ticket)
	a, err := record.Read[Appointment](ctx, tx, kindAppointment, key)
	if err != nil || a.ID != entryID(e.Key) || a.Reminded {
		return orGone(err)
	}
	as := r.desk.Caused(system(ctx), a.cause())
	text := fmt.Sprintf("Ticket %s has an appointment at %s.", t.Code, a.At.Format("2006-01-02 15:04 MST"))
	if a.Text != "" {
		text += "\n\n" + a.Text
	}
	if err := r.tell(as, tx, Notice{Ticket: t.ID, To: a.Remind, Text: text, Why: a.cause(), At: a.At.Add(-time.Duration(a.Before))}); err != nil {
		return err
	}
	a.Reminded = true // once, also where the ticket is deleted and restored
	return record.Put(ctx, tx, kindAppointment, key, key, a)
}
