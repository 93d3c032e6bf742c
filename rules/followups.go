package rules

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/agenda"
	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// FollowUp is something to be done about a ticket at a time (M65): people are reminded, properties are set. At or After
// is required, and somebody to remind or something to set.
type FollowUp struct {
	ID     int64 `json:"id"`     // set by Add
	Ticket int64 `json:"ticket"` // so is this
	// At is when it is due; After, in its place, how long after it was added.
	At    time.Time       `json:"at"`
	After ticket.Duration `json:"after,omitempty"` // in place of At
	// WorkingTime has After count only while somebody works: by the calendar of the ticket's brand, which must have one.
	WorkingTime bool `json:"working_time,omitempty"`

	Text        string     `json:"text,omitempty"`         // of the reminder, plain
	Remind      Recipients `json:"remind,omitzero"`        // whom, with Text
	SetStatus   string     `json:"set_status,omitempty"`   // code; empty leaves it as it is
	SetPriority string     `json:"set_priority,omitempty"` // code
	SetOwner    string     `json:"set_owner,omitempty"`    // id of an agent
	// CancelOn says whose reply ends it before it is due. Automatic mails and mails that came back are no replies (X21).
	CancelOn CancelOn `json:"cancel_on,omitempty"`

	By     ticket.Person `json:"by"`      // who added it; set by Add, as the rest
	MadeAt time.Time     `json:"made_at"` // when it was added
	Seq    int64         `json:"seq"`     // of the ticket's journal, then
}

// maxFollowUps is how many a ticket has at a time.
const maxFollowUps = 100

// FollowUps are those of all tickets.
type FollowUps struct{ r *Rules }

// FollowUps returns the group of verbs for follow-ups.
func (r *Rules) FollowUps() FollowUps { return FollowUps{r} }

func (f *FollowUp) check(now time.Time, after func(time.Duration) (time.Time, error)) error {
	var e ticket.ValidationError
	switch {
	case f.At.IsZero() == (f.After == 0):
		e.Add("at", ticket.FaultRequired, "is needed, or after in its place: when is it due?")
	case f.After < 0:
		e.Add("after", ticket.FaultOutOfRange, "lies in the past: give a time span above 0")
	case f.After > 0:
		var err error
		if f.At, err = after(time.Duration(f.After)); err != nil {
			e.Add("working_time", ticket.FaultUnavailable, "%v", err)
		}
	case f.WorkingTime:
		e.Add("working_time", ticket.FaultConflicting, "goes with after, and not with at")
	}
	if f.At = ticket.Time(f.At); e.Err() == nil && (f.At.Before(now) || f.At.After(now.AddDate(100, 0, 0))) {
		e.Add("at", ticket.FaultOutOfRange, "is to lie in the next 100 years")
	}
	if f.Remind.IsZero() && f.SetStatus == "" && f.SetPriority == "" && f.SetOwner == "" {
		e.Add("remind", ticket.FaultRequired, "names nobody, and nothing is to be set: what is it for?")
	}
	if !f.Remind.IsZero() && f.Text == "" {
		e.Add("text", ticket.FaultRequired, "is empty: what are they to be reminded of?")
	}
	if !slices.Contains([]CancelOn{CancelOnNone, CancelOnCustomer, CancelOnAnybody}, f.CancelOn) {
		e.Add("cancel_on", ticket.FaultUnknown, "%q is unknown: use customer or anybody, or leave it empty", f.CancelOn)
	}
	e.CheckText("text", f.Text, maxText)
	e.CheckLine("set_owner", f.SetOwner, maxWord)
	checkRecipients(&e, "remind", f.Remind)
	return e.Err()
}

const maxText = 64 << 10 // bytes of what somebody is told

// checkStatus adds that the catalogue has no such status; empty is none.
func (r *Rules) checkStatus(ctx context.Context, e *ticket.ValidationError, field, code string) error {
	list, err := r.desk.Statuses(ctx)
	if code != "" && err == nil && !slices.ContainsFunc(list, func(s ticket.Status) bool { return s.Code == code }) {
		e.Add(field, ticket.FaultUnknown, "%.100q is no status of the catalogue", code)
	}
	return err
}

// checkPriority is the same for a priority.
func (r *Rules) checkPriority(ctx context.Context, e *ticket.ValidationError, field, code string) error {
	list, err := r.desk.Priorities(ctx)
	if code != "" && err == nil && !slices.ContainsFunc(list, func(p ticket.Priority) bool { return p.Code == code }) {
		e.Add(field, ticket.FaultUnknown, "%.100q is no priority of the catalogue", code)
	}
	return err
}

// Add adds a follow-up to a ticket and returns it as it is stored. The ticket's history has it, without the text. A ticket
// has 100 at a time at most.
//
// Errors: ticket.ErrNoActor; ticket.ErrNotFound; ticket.ErrForbidden for customers, and for staff who may not update the
// ticket; ticket.ErrMerged; ticket.ErrInvalid, as a ticket.ValidationError that names each field as JSON does.
func (g FollowUps) Add(ctx context.Context, ticketID int64, f FollowUp) (added FollowUp, err error) {
	r := g.r
	actor, err := ticket.ActorFrom(ctx)
	if err == nil {
		err = r.update(ctx, func(ctx context.Context, tx store.Tx) (err error) {
			added, err = r.addFollowUp(ctx, tx, ticketID, actor, f)
			return err
		})
	}
	return added, failed(fmt.Sprintf("add follow-up to ticket %d", ticketID), err)
}

func (r *Rules) addFollowUp(ctx context.Context, tx store.Tx, ticketID int64, actor ticket.Actor, f FollowUp) (FollowUp, error) {
	now := r.desk.Now()
	bad := f.check(now, func(d time.Duration) (time.Time, error) { // told after it is known who may
		if !f.WorkingTime {
			return now.Add(d), nil
		}
		return r.workingTime(ctx, tx, ticketID, now, d)
	})
	t, err := r.desk.Trace(ctx, ticketID, ticket.Change{Field: "follow_up", New: stamp(f.At)})
	if err != nil {
		return f, err
	}
	var e ticket.ValidationError
	if err := errors.Join(r.checkStatus(ctx, &e, "set_status", f.SetStatus), r.checkPriority(ctx, &e, "set_priority", f.SetPriority)); err != nil {
		return f, err
	}
	if own, err := r.desk.CheckAgent(system(ctx), f.SetOwner); own {
		var v *ticket.ValidationError
		if errors.As(err, &v) {
			e.Add("set_owner", v.Fields[0].Fault, "%s", v.Fields[0].Message)
		}
	}
	if err := allFaults(bad, &e); err != nil {
		return f, err
	}
	have, err := tx.Records(ctx, store.RecordQuery{Kind: kindFollowUp, Parent: record.ID(ticketID), Limit: maxFollowUps})
	if err != nil {
		return f, err
	}
	if len(have) == maxFollowUps {
		return f, ticket.Invalid("", ticket.FaultTooMany, "the ticket has %d follow-ups: cancel one first", maxFollowUps)
	}
	if f.ID, err = tx.NewID(ctx, kindFollowUp); err != nil {
		return f, err
	}
	f.Ticket, f.By, f.MadeAt, f.Seq = ticketID, actor.Person(), now, t.EventSeq
	if err := record.Put(ctx, tx, kindFollowUp, record.Ordered(f.ID), record.ID(ticketID), f); err != nil {
		return f, err
	}
	return f, r.arm(ctx, tx, kindFollowUp, ticketID, entryKey(ticketID, f.ID), f.At)
}

// workingTime is when so much time has been worked for a ticket's brand.
func (r *Rules) workingTime(ctx context.Context, tx store.Tx, ticketID int64, from time.Time, d time.Duration) (time.Time, error) {
	t, err := tx.Ticket(ctx, ticketID, everything)
	if err != nil {
		return from, err
	}
	h, err := r.Calendars().Hours(ctx, t.Brand)
	if err != nil {
		return from, err
	}
	at, ok := h.Add(from, d)
	if !ok {
		return from, errors.New("the calendar is not open for so long")
	}
	return at, nil
}

// List lists the follow-ups of a ticket that are still to come, by their time, those of tickets that were merged into it
// included. Errors: ticket.ErrNoActor; ticket.ErrNotFound; ticket.ErrForbidden for customers.
func (g FollowUps) List(ctx context.Context, ticketID int64) ([]FollowUp, error) {
	out := []FollowUp{}
	err := g.r.forStaff(ctx, ticketID)
	var ids []int64
	if err == nil {
		ids, err = g.r.family(ctx, ticketID)
	}
	if err == nil {
		err = g.r.store.View(ctx, func(ctx context.Context, x store.Reader) (err error) {
			out = out[:0]
			for _, id := range ids {
				err = errors.Join(err, record.ReadAll(ctx, x, kindFollowUp, record.ID(id), &out))
			}
			return err
		})
	}
	slices.SortFunc(out, func(a, b FollowUp) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	return out, failed(fmt.Sprintf("list follow-ups of ticket %d", ticketID), err)
}

// forStaff refuses customers, and whoever does not see the ticket.
func (r *Rules) forStaff(ctx context.Context, ticketID int64) error {
	actor, err := ticket.ActorFrom(ctx)
	if err != nil {
		return err
	}
	if _, err := r.desk.Ticket(ctx, ticketID); err != nil {
		return err
	}
	if actor.IsCustomer() {
		return fmt.Errorf("%w: this is for staff", ticket.ErrForbidden)
	}
	return nil
}

// Cancel removes a follow-up of a ticket, or of one that was merged into it. Errors: as Add; ticket.ErrNotFound for one
// that is over, too.
func (g FollowUps) Cancel(ctx context.Context, ticketID, id int64) error {
	err := g.r.update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := lockTicket(ctx, tx, ticketID); err != nil {
			return err
		}
		f, err := record.Read[FollowUp](ctx, tx, kindFollowUp, record.Ordered(id))
		if _, denied := g.r.desk.Trace(ctx, ticketID, ticket.Change{Field: "follow_up", Old: stamp(f.At)}); denied != nil {
			return denied
		}
		if err != nil {
			return err
		}
		ids, err := g.r.family(ctx, ticketID)
		if err != nil {
			return err
		}
		if !slices.Contains(ids, f.Ticket) {
			return ticket.ErrNotFound
		}
		return tx.DeleteRecord(ctx, kindFollowUp, record.Ordered(id))
	})
	return failed(fmt.Sprintf("cancel follow-up %d of ticket %d", id, ticketID), err)
}

// lookAtFollowUps ends the follow-ups of a locked ticket that a reply has answered.
func (r *Rules) lookAtFollowUps(ctx context.Context, tx store.Tx, t *ticket.Ticket) error {
	recs, err := tx.Records(ctx, store.RecordQuery{Kind: kindFollowUp, Parent: record.ID(t.ID)})
	if err != nil || !live(t) {
		return err
	}
	for _, rec := range recs {
		var f FollowUp
		if err := json.Unmarshal(rec.Doc, &f); err != nil {
			return err
		}
		if _, err := r.answeredFollowUp(ctx, tx, t, f); err != nil {
			return err
		}
	}
	return nil
}

// answeredFollowUp ends a follow-up if somebody has answered for whom it waited.
func (r *Rules) answeredFollowUp(ctx context.Context, tx store.Tx, t *ticket.Ticket, f FollowUp) (bool, error) {
	answered, err := f.CancelOn.answered(ctx, tx, t, f.Ticket, f.Seq)
	if err != nil || !answered {
		return false, err
	}
	ctx = r.desk.Caused(system(ctx), f.cause())
	if _, err := r.desk.Trace(ctx, t.ID, ticket.Change{Field: "follow_up", Old: stamp(f.At)}); err != nil {
		return false, err
	}
	return true, tx.DeleteRecord(ctx, kindFollowUp, record.Ordered(f.ID))
}

func (f FollowUp) cause() string { return "followup:" + record.ID(f.ID) }

// followUpDue does what a follow-up says.
func (r *Rules) followUpDue(ctx context.Context, tx store.Tx, e agenda.Entry) error {
	t, err := holder(ctx, tx, e.Ticket)
	if err != nil || t == nil {
		return err
	}
	key := record.Ordered(entryID(e.Key))
	f, err := record.Read[FollowUp](ctx, tx, kindFollowUp, key)
	if err != nil {
		return orGone(err) // it was cancelled
	}
	if answered, err := r.answeredFollowUp(ctx, tx, t, f); answered || err != nil {
		return err
	}
	as, err := r.because(ctx, tx, f.Ticket, f.Seq, f.cause())
	if err != nil {
		return err
	}
	if _, err := r.desk.Trace(as, t.ID, ticket.Change{Field: "follow_up", Old: stamp(f.At)}); err != nil {
		return err
	}
	if err := r.setByFollowUp(as, t, f); err != nil {
		return err
	}
	if err := r.tell(as, tx, Notice{Ticket: t.ID, To: f.Remind, Text: f.Text, Why: f.cause(), At: f.At}); err != nil {
		return err
	}
	return tx.DeleteRecord(ctx, kindFollowUp, key)
}

// setByFollowUp sets what is to be set. What cannot be set any more, as a status that is gone, keeps nobody from being
// reminded: a note says so.
func (r *Rules) setByFollowUp(ctx context.Context, t *ticket.Ticket, f FollowUp) error {
	var p ticket.Patch
	for _, s := range []struct {
		value string
		field **string
	}{{f.SetStatus, &p.Status}, {f.SetPriority, &p.Priority}, {f.SetOwner, &p.Assignee}} {
		if s.value != "" {
			*s.field = new(s.value)
		}
	}
	err := r.desk.InTx(ctx, func(ctx context.Context) error { // behind a savepoint
		_, err := r.desk.UpdateTicket(ctx, t.ID, p)
		return err
	})
	if err == nil || !permanent(err) {
		return err
	}
	_, err = r.desk.AddNote(ctx, t.ID, ticket.ReplyDraft{Body: fmt.Sprintf("A follow-up was due, and could not change the ticket: %v", err)})
	return err
}

// stamp is a time as the journal has it.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// allFaults joins what several checks have against one input.
func allFaults(errs ...error) error {
	var all ticket.ValidationError
	for _, err := range errs {
		var e *ticket.ValidationError
		if errors.As(err, &e) {
			all.Fields = append(all.Fields, e.Fields...)
		} else if err != nil {
			return err
		}
	}
	return all.Err()
}
