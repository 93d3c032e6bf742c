package rules

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/agenda"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// AutoClose is a policy by which tickets close themselves on which the customer does not answer (I10): a chaser reminds
// the customer, once or several times, and then the ticket is closed. It is stored under its Code.
//
// A ticket waits from the moment when somebody other than the customer gave it one of the statuses, or when an agent
// wrote to the customer last. A reply of the customer ends that, and whatever takes the ticket out of the policy; the
// next reply of an agent begins it anew. Notes change nothing, and neither do automatic mails, mails that came back
// (X21), and what rules write. For rules a chaser is no reply of staff. What was deleted and is restored waits anew. A
// closing that is refused, as by a gate, is tried every hour; the desk's Check tells of it.
type AutoClose struct {
	Code     string `json:"code"`               // names it for good
	Name     string `json:"name"`               // for people
	Inactive bool   `json:"inactive,omitempty"` // no ticket falls under it
	Sort     int    `json:"sort,omitempty"`     // of several policies for a ticket the first holds; ties by Code

	Statuses    []string `json:"statuses"`              // at least one; not of class closed
	Departments []string `json:"departments,omitempty"` // none means all
	Brands      []string `json:"brands,omitempty"`      // none means all

	After   ticket.Duration `json:"after"`             // so long without an answer, and the chaser goes out; at least an hour
	Chasers int             `json:"chasers,omitempty"` // how many; default 1, at most 10
	Every   ticket.Duration `json:"every,omitempty"`   // between two of them; default CloseAfter
	// CloseAfter is how long after the last chaser was sent the ticket is closed, however late that was; at least an hour.
	CloseAfter ticket.Duration `json:"close_after"`
	// Text is the chaser: a public reply of the desk's own, with variables as Desk.Texts has them.
	Text   string        `json:"text"`
	Format ticket.Format `json:"format,omitempty"` // default plain
	Status string        `json:"status"`           // of class solved or closed, and none of Statuses

	// Since is when counting begins: what a ticket has waited before does not count. Save sets it to now where it is zero,
	// and when a policy becomes active again.
	Since   time.Time `json:"since,omitzero"`
	Version int64     `json:"version,omitempty"` // of the stored policy, as for a Rule; 0 is that of a new one
}

var autoCloseForm = form[AutoClose]{"autoclose", func(p *AutoClose) heading { return heading{p.Code, p.Name, p.Sort, &p.Version} }}

const (
	minWait = ticket.Duration(time.Hour)
	maxWait = ticket.Duration(10 * 365 * 24 * time.Hour)
)

// matches reports whether a ticket is one of the policy's, as long as nobody answers.
func (p AutoClose) matches(t *ticket.Ticket) bool {
	in := func(list []string, code string) bool { return len(list) == 0 || slices.Contains(list, code) }
	return !p.Inactive && live(t) && t.Folder != ticket.Spam && slices.Contains(p.Statuses, t.Status) && in(p.Departments, t.Department) && in(p.Brands, t.Brand)
}

func (p AutoClose) filled() AutoClose {
	p.Chasers = max(p.Chasers, 1)
	if p.Every == 0 {
		p.Every = p.CloseAfter
	}
	p.Since = ticket.Time(p.Since)
	return p
}

// AutoCloses are the policies by which tickets close themselves.
type AutoCloses struct{ r *Rules }

// AutoCloses returns the group of verbs for them.
func (r *Rules) AutoCloses() AutoCloses { return AutoCloses{r} }

// Save stores a policy, a new one or one that was read and changed, and returns it as it is stored. Tickets that wait
// already fall under it at once. Errors: ticket.ErrNoActor; ticket.ErrForbidden for whoever may not configure;
// ticket.ErrConflict, unless Version is that of what is stored, or store.AnyVersion; ticket.ErrInvalid, as a
// ticket.ValidationError that names each field as JSON does.
func (g AutoCloses) Save(ctx context.Context, p AutoClose) (out AutoClose, err error) {
	err = g.r.configuring(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		out, err = g.r.saveAutoClose(ctx, tx, p)
		return err
	})
	return out, failed("save auto-close policy "+p.Code, err)
}

func (r *Rules) saveAutoClose(ctx context.Context, tx store.Tx, p AutoClose) (AutoClose, error) {
	p = p.filled()
	old, err := autoCloseForm.get(ctx, tx, p.Code)
	if err := orGone(err); err != nil {
		return p, err
	}
	if p.Since.IsZero() || (old.Inactive && !p.Inactive && p.Since.Equal(old.Since)) {
		p.Since = r.desk.Now()
	}
	bad := r.checkAutoClose(ctx, p)
	p, err = autoCloseForm.put(ctx, r.desk, p)
	if err := allFaults(bad, err); err != nil {
		return p, err
	}
	return p, r.scan(ctx, tx, p)
}

func (r *Rules) checkAutoClose(ctx context.Context, p AutoClose) error {
	var e ticket.ValidationError
	if len(p.Statuses) == 0 {
		e.Add("statuses", ticket.FaultRequired, "are missing: in which statuses does a ticket wait for the customer?")
	}
	for _, w := range []struct {
		field string
		span  ticket.Duration
	}{{"after", p.After}, {"every", p.Every}, {"close_after", p.CloseAfter}} {
		if w.span < minWait || w.span > maxWait {
			e.Add(w.field, ticket.FaultOutOfRange, "is %v: give at least an hour and at most ten years", w.span)
		}
	}
	if p.Chasers > 10 {
		e.Add("chasers", ticket.FaultOutOfRange, "are %d: 10 at most", p.Chasers)
	}
	if p.Text == "" {
		e.Add("text", ticket.FaultRequired, "is empty: what is the customer to read before the ticket is closed?")
	}
	if err := r.desk.CheckText(ctx, &e, "text", p.Text, p.Format); err != nil {
		return err
	}
	if err := r.checkAutoCloseCodes(ctx, &e, p); err != nil {
		return err
	}
	return e.Err()
}

// checkAutoCloseCodes holds a policy against the catalogue.
func (r *Rules) checkAutoCloseCodes(ctx context.Context, e *ticket.ValidationError, p AutoClose) error {
	statuses, err := r.desk.Statuses(ctx)
	if err != nil {
		return err
	}
	classes := map[string]ticket.Class{}
	for _, s := range statuses {
		classes[s.Code] = s.Class
	}
	for _, code := range p.Statuses {
		switch class, known := classes[code]; {
		case !known:
			e.Add("statuses", ticket.FaultUnknown, "hold %.100q, which is no status of the catalogue", code)
		case class == ticket.ClassClosed:
			e.Add("statuses", ticket.FaultConflicting, "hold %q, in which tickets are closed already", code)
		}
	}
	switch class, known := classes[p.Status]; {
	case !known:
		e.Add("status", ticket.FaultUnknown, "%.100q is no status of the catalogue", p.Status)
	case !class.Done(), slices.Contains(p.Statuses, p.Status):
		e.Add("status", ticket.FaultConflicting, "%q does not end what the policy waits for: use one of class solved or closed that is none of statuses", p.Status)
	}
	departments, err := r.desk.Departments(ctx)
	if err != nil {
		return err
	}
	unknown(e, "departments", p.Departments, departments, func(d ticket.Department) string { return d.Code })
	brands, err := r.desk.Brands(ctx)
	if err != nil {
		return err
	}
	unknown(e, "brands", p.Brands, brands, func(b ticket.Brand) string { return b.Code })
	return nil
}

// unknown adds the codes that no entry has.
func unknown[T any](e *ticket.ValidationError, field string, codes []string, entries []T, code func(T) string) {
	e.CheckCount(field, len(codes), ticket.MaxValues)
	for _, c := range codes {
		if !slices.ContainsFunc(entries, func(x T) bool { return code(x) == c }) {
			e.Add(field, ticket.FaultUnknown, "hold %.100q, which the catalogue does not have", c)
		}
	}
}

// List lists the policies in the order in which they are asked. Errors: ticket.ErrNoActor; ticket.ErrForbidden.
func (g AutoCloses) List(ctx context.Context) (out []AutoClose, err error) {
	err = g.r.reading(ctx, func(ctx context.Context, x store.Reader) (err error) {
		out, err = autoCloseForm.list(ctx, x)
		return err
	})
	return out, failed("list auto-close policies", err)
}

// Delete removes a policy. Nothing of its tickets changes, but that they wait no longer. Errors: as Save;
// ticket.ErrNotFound.
func (g AutoCloses) Delete(ctx context.Context, code string) error {
	return failed("delete auto-close policy "+code, g.r.desk.DeleteDefinition(ctx, autoCloseForm.kind, code))
}

// scan has the tickets looked at that may fall under a policy.
func (r *Rules) scan(ctx context.Context, tx store.Tx, p AutoClose) error {
	now := r.desk.Now()
	return agenda.Put(ctx, tx, now, agenda.Entry{What: dueScan, Key: fmt.Sprintf("%s/%d", p.Code, p.Version), Due: now})
}
