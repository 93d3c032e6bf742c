package rules

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/helpdeskgo/helpdesk/internal/agenda"
	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

const fireEntry = "fire" // on the agenda

// signal is a trigger of the host's on the agenda, and why it came.
type signal struct {
	Trigger Trigger      `json:"trigger"`
	Cause   ticket.Cause `json:"cause,omitzero"`
}

// Fire has the rules looked at that answer a trigger of the host's own, which begins with "x.": "x.parcel_delivered". They
// run soon, once, and with the caller's transaction if ctx carries one. It returns how many there are, as of now, for the
// brand of the ticket: 0 is no error, for whoever configures the desk may have none that answers, but it is also what
// comes of a name that is misspelt, and of a ticket that is deleted or merged. It takes the right to see the ticket; customers have it not. Errors:
// ticket.ErrNoActor; ticket.ErrNotFound; ticket.ErrForbidden; ticket.ErrInvalid for another trigger; ticket.ErrTooDeep
// where rules have fired each other's triggers too often.
func (r *Rules) Fire(ctx context.Context, ticketID int64, t Trigger) (answering int, err error) {
	op := fmt.Sprintf("fire %s for ticket %d", t, ticketID)
	if !t.Own() || !t.Valid() {
		return 0, failed(op, ticket.Invalid("trigger", ticket.FaultMalformed, "%q is no trigger of the host's: those begin with \"x.\", and have at most 64 bytes", t))
	}
	about, err := r.staffs(ctx, ticketID)
	if err != nil {
		return 0, failed(op, err)
	}
	err = r.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		var err error
		if answering, err = r.answering(ctx, tx, about, t); err != nil {
			return err
		}
		id, err := tx.NewID(ctx, fireEntry)
		if err != nil {
			return err
		}
		cause, err := r.desk.Cause(ctx)
		if err != nil {
			return err
		}
		doc, err := json.Marshal(signal{t, cause})
		if err != nil {
			return err
		}
		now := r.desk.Now()
		tx.OnCommit(r.desk.Wake)
		return agenda.Put(ctx, tx, now, agenda.Entry{What: fireEntry, Key: record.ID(id), Ticket: ticketID, Due: now, Doc: doc})
	})
	if err != nil {
		return 0, failed(op, err)
	}
	return answering, nil
}

// answering is how many rules are looked at for a trigger that comes for a ticket now.
func (r *Rules) answering(ctx context.Context, x store.Reader, about *ticket.Ticket, t Trigger) (n int, err error) {
	set, err := r.load(ctx, x)
	if err != nil || !live(about) {
		return 0, err
	}
	for _, c := range set.on[t] {
		if c.awaits(about.Brand, r.desk.Now()) {
			n++
		}
	}
	return n, nil
}

// fired runs the rules for a trigger of the host's.
func (r *Rules) fired(ctx context.Context, tx store.Tx, e agenda.Entry) error {
	var s signal
	if err := json.Unmarshal(e.Doc, &s); err != nil {
		return err
	}
	o := &occasion{at: e.Due, cause: s.Cause}
	var err error
	if o.ticket, err = tx.LockTicket(ctx, e.Ticket); err != nil {
		return orGone(err)
	}
	if o.ticket.DeletedAt != nil || o.ticket.MergedInto != 0 {
		return nil
	}
	o.before = o.ticket
	return r.run(r.desk.Because(ctx, ticket.Cause{Event: s.Cause.Event, Binding: Binding, Depth: s.Cause.Depth + 1}), tx, o, []Trigger{s.Trigger})
}
