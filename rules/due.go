package rules

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/agenda"
	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// What is due on tickets: follow-ups, snoozes, appointments, tickets that close themselves. Each stands in a record whose
// parent is the ticket, and is changed under the lock of the ticket's row. The agenda only says when to look.
//
// A deleted ticket rests: what falls due then is done when it is restored. What belongs to a merged ticket happens to the
// one that has it; closing by itself and snoozing are of a ticket alone, and rest until it is unmerged. What belongs to a
// purged ticket is removed.

// Keeper is how rules keep what belongs to a ticket; helpdesk.Automation has it.
type Keeper interface {
	Trace(ctx context.Context, id int64, changes ...ticket.Change) (*ticket.Ticket, error)
	Merged(ctx context.Context, id int64) ([]*ticket.Ticket, error)
	CheckText(ctx context.Context, e *ticket.ValidationError, field, text string, format ticket.Format) error
	DoubtText(ctx context.Context, text string) ([]string, error)
	Expand(ctx context.Context, ticketID int64, text string, format ticket.Format) (string, error)
	ExpandForStaff(ctx context.Context, ticketID int64, text string, format ticket.Format) (string, error)
}

// The kinds of records, and the names on the agenda.
const (
	kindFollowUp    = "followup"
	kindSnooze      = "snooze"
	kindAppointment = "appointment"
	kindClosing     = "closing"
	kindRecurrence  = "recurrence"
	dueScan         = "closing.scan"
)

// watchDue has what is due done.
func (r *Rules) watchDue() {
	r.errands.HandleOutside(kindNotice, r.sendNotice)
	r.agenda.Handle(kindFollowUp, r.followUpDue)
	r.agenda.Handle(kindSnooze, r.snoozeDue)
	r.agenda.Handle(kindAppointment, r.appointmentDue)
	r.agenda.Handle(kindClosing, r.closingDue)
	r.agenda.Handle(dueScan, r.scanDue)
	r.agenda.Handle(kindRecurrence, r.recurrenceDue)
	r.desk.AddStep(r.pruneDue)
	r.desk.AddCheck(r.dueProblems)
	r.desk.AddCheck(r.closingProblems)
}

// lookAt finds out what an event ends, or begins, on a ticket. It goes by the journal and by the ticket as it is, and not
// by the event, which may come late or twice.
func (r *Rules) lookAt(ctx context.Context, id int64) error {
	concerns := false
	err := r.store.View(ctx, func(ctx context.Context, x store.Reader) (err error) {
		concerns, err = r.concerned(ctx, x, id)
		return err
	})
	if err != nil || !concerns {
		return err
	}
	return r.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		t, err := tx.LockTicket(ctx, id)
		if err != nil {
			return orGone(err)
		}
		return errors.Join(r.lookAtFollowUps(ctx, tx, t), r.lookAtSnooze(ctx, tx, t), r.lookAtClosing(ctx, tx, t))
	})
}

// concerned reports whether a ticket has, or may get, anything that an event can end. Most have not, and then nothing is
// locked and nothing written.
func (r *Rules) concerned(ctx context.Context, x store.Reader, id int64) (bool, error) {
	for _, kind := range []string{kindFollowUp, kindSnooze, kindClosing} {
		recs, err := x.Records(ctx, store.RecordQuery{Kind: kind, Parent: record.ID(id), Limit: 1})
		if err != nil || len(recs) > 0 {
			return true, err
		}
	}
	list, err := autoCloseForm.list(ctx, x)
	if err != nil || len(list) == 0 {
		return false, err
	}
	t, err := x.Ticket(ctx, id, ticket.Scope{All: true})
	return err == nil && slices.ContainsFunc(list, func(p AutoClose) bool { return p.matches(t) }), orGone(err)
}

// rearm puts everything of a ticket that is back on the agenda once more: what fell due meanwhile came to nothing.
func (r *Rules) rearm(ctx context.Context, id, event int64) error {
	err := r.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		t, err := tx.LockTicket(ctx, id)
		if err != nil {
			return orGone(err)
		}
		for _, kind := range []string{kindFollowUp, kindSnooze, kindAppointment} {
			recs, err := tx.Records(ctx, store.RecordQuery{Kind: kind, Parent: record.ID(id)})
			if err != nil {
				return err
			}
			for _, rec := range recs {
				var d struct {
					ID     int64           `json:"id"`
					At     time.Time       `json:"at"`
					Before ticket.Duration `json:"before"`
				}
				if err := json.Unmarshal(rec.Doc, &d); err != nil {
					return err
				}
				if err := r.arm(ctx, tx, kind, t.ID, entryKey(t.ID, d.ID)+"/"+record.ID(event), d.At.Add(-time.Duration(d.Before))); err != nil {
					return err
				}
			}
		}
		return r.lookAtClosing(ctx, tx, t)
	})
	if err != nil {
		return err
	}
	return r.catchUpClock(ctx, id)
}

// arm puts an entry on the agenda; one that is late is due now.
func (r *Rules) arm(ctx context.Context, tx store.Tx, what string, ticketID int64, key string, due time.Time) error {
	now := r.desk.Now()
	if due.Before(now) {
		due = now
	}
	return agenda.Put(ctx, tx, now, agenda.Entry{What: what, Key: key, Ticket: ticketID, Due: due})
}

// entryKey names what an entry is about: the ticket, and which of what it has. No two of those have one id, so that
// an entry of what was replaced is known as such.
func entryKey(ticketID, id int64) string { return record.ID(ticketID) + "/" + record.ID(id) }

// entryID is the id in an entryKey.
func entryID(key string) int64 {
	parts := strings.Split(key, "/")
	if len(parts) < 2 {
		return 0
	}
	n, _ := strconv.ParseInt(parts[1], 10, 64) // 0 is nobody's
	return n
}

// update is a transaction of the desk, with the store's.
func (r *Rules) update(ctx context.Context, fn func(ctx context.Context, tx store.Tx) error) error {
	return r.desk.InTx(ctx, func(ctx context.Context) error { return r.store.Update(ctx, fn) })
}

// entryCode is the code before the id in the key of an entry that is about a definition.
func entryCode(key string) string {
	code, _, _ := strings.Cut(key, "/")
	return code
}

// forget removes what a purged ticket leaves.
func (r *Rules) forget(ctx context.Context, id int64) error {
	return r.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		for _, kind := range []string{kindFollowUp, kindSnooze, kindAppointment, kindClosing, kindRun, kindFailing, kindMark, kindDeadline, kindNotice} {
			recs, err := tx.Records(ctx, store.RecordQuery{Kind: kind, Parent: record.ID(id)})
			if err != nil {
				return err
			}
			for _, rec := range recs {
				if err := tx.DeleteRecord(ctx, kind, rec.Key); err != nil {
					return err
				}
			}
		}
		return errors.Join(tx.Unlink(ctx, linkFaulty, allFaulty, id), r.discardOf(ctx, tx, id))
	})
}

// holder locks the ticket that has what a ticket held: itself, or the one that it was merged into. It is nil where that
// rests, or is gone.
func holder(ctx context.Context, tx store.Tx, id int64) (*ticket.Ticket, error) {
	for {
		t, err := tx.Ticket(ctx, id, ticket.Scope{All: true})
		if err != nil {
			return nil, orGone(err)
		}
		if t.MergedInto == 0 || t.DeletedAt != nil {
			break
		}
		id = t.MergedInto
	}
	t, err := tx.LockTicket(ctx, id)
	if err != nil || !live(t) {
		return nil, orGone(err)
	}
	return t, nil
}

// lockTicket keeps others from changing what belongs to a ticket, whoever asks: whether they may is for Trace to say.
func lockTicket(ctx context.Context, tx store.Tx, id int64) error {
	_, err := tx.LockTicket(ctx, id)
	return orGone(err)
}

// family are the ids of a ticket and of those that were merged into it, and into those.
func (r *Rules) family(ctx context.Context, id int64) ([]int64, error) {
	ids := []int64{id}
	for i := 0; i < len(ids); i++ {
		list, err := r.desk.Merged(system(ctx), ids[i])
		if err != nil {
			return nil, err
		}
		for _, t := range list {
			ids = append(ids, t.ID)
		}
	}
	return ids, nil
}

// live reports whether something can happen to a ticket.
func live(t *ticket.Ticket) bool { return t.DeletedAt == nil && t.MergedInto == 0 }

// orGone takes what is not there for no error.
func orGone(err error) error {
	if errors.Is(err, ticket.ErrNotFound) {
		return nil
	}
	return err
}

// events goes through a part of a ticket's journal.
func events(ctx context.Context, x store.Reader, q ticket.EventQuery) iter.Seq2[*ticket.Event, error] {
	return func(yield func(*ticket.Event, error) bool) {
		q.Limit = ticket.MaxPage
		for {
			page, err := x.Events(ctx, q)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, e := range page {
				if !yield(e, nil) {
					return
				}
				q.AfterSeq = e.Seq
			}
			if len(page) < q.Limit {
				return
			}
		}
	}
}

// isAnswer reports whether an entry of the journal is a reply that a person wrote: no rule did, no robot, no mail server
// that sends a mail back (X21), and no supplier.
func isAnswer(ctx context.Context, x store.Reader, e *ticket.Event) (bool, error) {
	if e.Type != ticket.EventReplied || e.Kind != ticket.KindReply || e.Actor.Kind == ticket.ActorSystem {
		return false, nil
	}
	m, err := x.Message(ctx, e.MessageID)
	if errors.Is(err, ticket.ErrNotFound) {
		return true, nil
	}
	return err == nil && !m.Unproven && (m.Mail == nil || !m.Mail.Automatic), err
}

// CancelOn says whose answer ends something that waits for one.
type CancelOn string

// Whose answers can.
const (
	CancelOnNone     CancelOn = ""         // nobody's
	CancelOnCustomer CancelOn = "customer" //
	CancelOnAnybody  CancelOn = "anybody"  // also that of staff
)

// permanent reports whether trying again would change nothing.
func permanent(err error) bool {
	return isAny(err, ticket.ErrInvalid, ticket.ErrRefused, ticket.ErrForbidden, ticket.ErrClosed, ticket.ErrLocked, ticket.ErrNotFound)
}
