package rules

import (
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

// CatchUp says what becomes of occurrences that nobody was there for: no process ran, or nothing could be written.
type CatchUp string

// The ways to catch up.
const (
	CatchUpOnce CatchUp = "once" // one ticket, for the last of them; the default
	CatchUpAll  CatchUp = "all"  // one ticket each, in their order; at most Recurring.Bound, the last ones
	CatchUpSkip CatchUp = "skip" // none for what is later than Recurring.Grace
)

// Recurring opens a ticket again and again (I07). It is stored under its Code.
type Recurring struct {
	Code     string `json:"code"`               // names it for good
	Name     string `json:"name"`               // for people
	Inactive bool   `json:"inactive,omitempty"` // opens nothing; what it would have opened meanwhile is not caught up

	// Rule says when: lines DTSTART and RRULE, and any number of EXDATE (RFC 5545, 3.8.2.4 and 3.8.5), in the time of
	// Zone. An EXDATE without a time is the whole day. It comes true once an hour at most. COUNT is at most 10,000, and counts from DTSTART.
	Rule string `json:"rule"`
	Zone string `json:"zone"` // name of IANA's, as "Europe/Berlin"

	CatchUp CatchUp         `json:"catch_up,omitempty"` // of times when no process ran: once, the default; all; skip
	Bound   int             `json:"bound,omitempty"`    // of CatchUpAll; default 100, at most 1,000
	Grace   ticket.Duration `json:"grace,omitempty"`    // of CatchUpSkip; default 1 h

	Ticket TicketTemplate `json:"ticket"` // what is opened; subject, body and requester are required

	Version int64 `json:"version,omitempty"` // of what is stored; 0 is that of a new one
}

// TicketTemplate is the ticket that is opened; what is empty is taken from the settings. Subject, Body and Requester are
// required.
type TicketTemplate struct {
	Subject      string            `json:"subject"`
	Body         string            `json:"body"`
	Format       ticket.Format     `json:"format,omitempty"`
	Brand        string            `json:"brand,omitempty"`
	Department   string            `json:"department,omitempty"`
	Status       string            `json:"status,omitempty"`
	Priority     string            `json:"priority,omitempty"`
	Assignee     string            `json:"assignee,omitempty"`
	Requester    ticket.Person     `json:"requester"`
	Organisation string            `json:"organisation,omitempty"`
	Participants []ticket.Person   `json:"participants,omitempty"`
	Watchers     []string          `json:"watchers,omitempty"`
	Service      string            `json:"service,omitempty"`
	Tags         []string          `json:"tags,omitempty"`
	Fields       map[string]string `json:"fields,omitempty"`
}

func (t TicketTemplate) draft() ticket.Draft {
	return ticket.Draft{
		Subject: t.Subject, Body: t.Body, Format: t.Format, Brand: t.Brand, Department: t.Department, Status: t.Status, Priority: t.Priority,
		Assignee: t.Assignee, Requester: t.Requester, Organisation: t.Organisation, Participants: t.Participants, Watchers: t.Watchers,
		Service: t.Service, Tags: t.Tags, Fields: t.Fields,
	}.Clone()
}

var recurringForm = form[Recurring]{"recurring", func(d *Recurring) heading { return heading{d.Code, d.Name, 0, &d.Version} }}

const (
	maxBound   = 1000
	maxPreview = 1000
)

func (d Recurring) filled() Recurring {
	if d.CatchUp == "" {
		d.CatchUp = CatchUpOnce
	}
	if d.Bound == 0 {
		d.Bound = 100
	}
	if d.Grace == 0 {
		d.Grace = ticket.Duration(time.Hour)
	}
	return d
}

func (d Recurring) check() (*schedule, error) {
	var e ticket.ValidationError
	if !slices.Contains([]CatchUp{CatchUpOnce, CatchUpAll, CatchUpSkip}, d.CatchUp) {
		e.Add("catch_up", ticket.FaultUnknown, "%.40q is no way to catch up: use once, all or skip", d.CatchUp)
	}
	if d.Bound < 1 || d.Bound > maxBound {
		e.Add("bound", ticket.FaultOutOfRange, "is %d: give 1 to %d", d.Bound, maxBound)
	}
	if d.Grace < ticket.Duration(time.Minute) || d.Grace > maxWait {
		e.Add("grace", ticket.FaultOutOfRange, "is %v: give at least a minute", d.Grace)
	}
	for field, missing := range map[string]bool{"subject": d.Ticket.Subject == "", "body": d.Ticket.Body == "", "requester": d.Ticket.Requester.IsZero()} {
		if missing {
			e.Add("ticket."+field, ticket.FaultRequired, "is missing")
		}
	}
	s, err := parseSchedule(d.Rule, d.Zone)
	return s, allFaults(&e, err)
}

// RecurringTickets are the definitions of tickets that recur.
type RecurringTickets struct{ r *Rules }

// RecurringTickets returns the group of verbs for them.
func (r *Rules) RecurringTickets() RecurringTickets { return RecurringTickets{r} }

// Save stores a definition, a new one or one that was read and changed, and returns it as it is stored. A new rule, or
// one that was changed or was inactive, opens nothing for times before now. The ticket is checked when it is opened: what
// the desk has against it then is a Problem of its Check, and is tried again every hour until it is mended.
//
// Errors: ticket.ErrNoActor; ticket.ErrForbidden for whoever may not configure; ticket.ErrConflict, unless Version is that
// of what is stored, or store.AnyVersion; ticket.ErrInvalid, as a ticket.ValidationError that names each field as JSON
// does.
func (g RecurringTickets) Save(ctx context.Context, d Recurring) (out Recurring, err error) {
	err = g.r.configuring(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		out, err = g.r.saveRecurring(ctx, tx, d.filled())
		return err
	})
	return out, failed("save recurring ticket "+d.Code, err)
}

func (r *Rules) saveRecurring(ctx context.Context, tx store.Tx, d Recurring) (Recurring, error) {
	s, bad := d.check()
	old, err := recurringForm.get(ctx, tx, d.Code)
	if err := orGone(err); err != nil {
		return d, err
	}
	d, err = recurringForm.put(ctx, r.desk, d)
	if err := allFaults(bad, err); err != nil {
		return d, err
	}
	if _, err := tx.LockRecord(ctx, kindRecurrence, d.Code); orGone(err) != nil { // no ticket is opened meanwhile
		return d, err
	}
	c, err := record.Read[course](ctx, tx, kindRecurrence, d.Code)
	if err := orGone(err); err != nil {
		return d, err
	}
	if c.ID == 0 || old.Code == "" || old.Inactive || old.Rule != d.Rule || old.Zone != d.Zone {
		c.Done = ticket.Time(r.desk.Now()).Add(-time.Microsecond)
	}
	if now := ticket.Time(r.desk.Now()); c.Done.After(now) { // the clock was set back
		c.Done = now
	}
	if c.ID, err = tx.NewID(ctx, kindRecurrence); err != nil { // entries of before are stale
		return d, err
	}
	c.Fault = ""
	return d, r.follow(ctx, tx, d, s, c, 0)
}

// List lists the definitions by their codes. Errors: ticket.ErrNoActor; ticket.ErrForbidden.
func (g RecurringTickets) List(ctx context.Context) (out []Recurring, err error) {
	err = g.r.reading(ctx, func(ctx context.Context, x store.Reader) (err error) {
		out, err = recurringForm.list(ctx, x)
		return err
	})
	return out, failed("list recurring tickets", err)
}

// Delete removes a definition. Its tickets stay. Errors: as Save; ticket.ErrNotFound.
func (g RecurringTickets) Delete(ctx context.Context, code string) error {
	err := g.r.update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := g.r.desk.DeleteDefinition(ctx, recurringForm.kind, code); err != nil {
			return err
		}
		return tx.DeleteRecord(ctx, kindRecurrence, code)
	})
	return failed("delete recurring ticket "+code, err)
}

// Next returns the next n times, at most 1,000, at which a definition would open a ticket, whether it is stored or not,
// and active or not. They are in its zone. Errors: ticket.ErrInvalid.
func (g RecurringTickets) Next(d Recurring, n int) ([]time.Time, error) {
	s, err := parseSchedule(d.Rule, d.Zone)
	if err != nil {
		return nil, failed("preview recurring ticket "+d.Code, err)
	}
	out := []time.Time{}
	for at := range s.after(g.r.desk.Now()) {
		if len(out) == min(n, maxPreview) {
			break
		}
		out = append(out, at.In(s.zone))
	}
	return out, nil
}

// course is how far a definition has come.
type course struct {
	ID    int64     `json:"id"`              // another one with each saving
	Done  time.Time `json:"done"`            // what is due up to then was opened, or left out
	Fault string    `json:"fault,omitempty"` // why what comes next cannot be opened
	Work  int64     `json:"work,omitempty"`  // the entry that has what comes next opened; 0: there is none, or nobody noted it
}

// follow stores a course, and puts what comes next on the agenda, as the entry that follows another.
func (r *Rules) follow(ctx context.Context, tx store.Tx, d Recurring, s *schedule, c course, entry int64) error {
	c.Work = 0
	if next, ok := d.next(s, c.Done); ok {
		return r.proceed(ctx, tx, d.Code, c, entry, next)
	}
	return record.Put(ctx, tx, kindRecurrence, d.Code, "", c)
}

// next is the first time after another at which a definition opens a ticket, unless it is inactive, or over.
func (d Recurring) next(s *schedule, after time.Time) (time.Time, bool) {
	if d.Inactive {
		return time.Time{}, false
	}
	for next := range s.after(after) {
		return next, true
	}
	return time.Time{}, false
}

// proceed stores a course with the entry that has it go on, at a time or, if that is over, now.
func (r *Rules) proceed(ctx context.Context, tx store.Tx, code string, c course, entry int64, at time.Time) (err error) {
	now := r.desk.Now()
	if at.Before(now) {
		at = now
	}
	e := agenda.Entry{What: kindRecurrence, Key: fmt.Sprintf("%s/%d/%d", code, c.ID, entry), Due: at}
	if c.Work, err = agenda.Add(ctx, tx, now, e); err != nil {
		return err
	}
	return record.Put(ctx, tx, kindRecurrence, code, "", c)
}

// due returns the occurrence for which a ticket is to be opened now, if there is one, and how far the course has come
// then.
func (d Recurring) due(s *schedule, done, now time.Time) (at, upTo time.Time) {
	var missed []time.Time
	upTo = done
	for next := range s.after(done) {
		if next.After(now) {
			break
		}
		upTo = next
		if d.CatchUp == CatchUpSkip && now.Sub(next) > time.Duration(d.Grace) {
			continue
		}
		if missed = append(missed, next); len(missed) > d.Bound {
			missed = missed[1:]
		}
	}
	if len(missed) == 0 {
		return time.Time{}, upTo
	}
	if d.CatchUp == CatchUpOnce {
		return upTo, upTo
	}
	return missed[0], missed[0]
}

// recurrenceDue opens the ticket of one occurrence, and has the next one looked at.
func (r *Rules) recurrenceDue(ctx context.Context, tx store.Tx, e agenda.Entry) error {
	code := entryCode(e.Key)
	rec, err := tx.LockRecord(ctx, kindRecurrence, code)
	if err != nil {
		return orGone(err)
	}
	var c course
	if err := json.Unmarshal(rec.Doc, &c); err != nil {
		return err
	}
	d, err := recurringForm.get(ctx, tx, code)
	if err != nil || d.Inactive || c.ID != entryID(e.Key) {
		return orGone(err)
	}
	s, err := parseSchedule(d.Rule, d.Zone)
	if err != nil {
		return err
	}
	now := r.desk.Now()
	at, upTo := d.due(s, c.Done, now)
	if !at.IsZero() {
		err := r.desk.InTx(ctx, func(ctx context.Context) error { // behind a savepoint
			_, err := r.desk.CreateTicket(r.desk.Caused(system(ctx), "recurring:"+d.Code), d.Ticket.draft())
			return err
		})
		if err != nil {
			return r.stumble(ctx, tx, d, c, e.ID, err)
		}
	}
	c.Done, c.Fault = upTo, ""
	return r.follow(ctx, tx, d, s, c, e.ID)
}

// stumble keeps an occurrence whose ticket the desk refuses until somebody mends that.
func (r *Rules) stumble(ctx context.Context, tx store.Tx, d Recurring, c course, entry int64, err error) error {
	if !permanent(err) && !errors.Is(err, ticket.ErrExists) {
		return err
	}
	r.log.WarnContext(ctx, "a recurring ticket could not be opened", "code", d.Code, "error", err)
	c.Fault = err.Error()
	return r.proceed(ctx, tx, d.Code, c, entry, r.desk.Now().Add(time.Hour))
}
