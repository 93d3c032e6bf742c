package rules

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/rules/sla"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Policies are the promises that stand in the store, until when tickets are answered and solved (I21).
type Policies struct{ r *Rules }

// Policies returns the group of verbs for policies.
func (r *Rules) Policies() Policies { return Policies{r} }

var policyForm = form[sla.Policy]{"policy", func(p *sla.Policy) heading { return heading{p.Code, p.Name, p.Sort, &p.Version} }}

// Save stores a policy, a new one or one that was read and changed, and returns it as it is stored. What it names must be
// there, customers, organisations and groups apart: those are the directory's.
//
// Errors: ticket.ErrNoActor; ticket.ErrForbidden for whoever may not configure; ticket.ErrConflict, unless Version is that
// of what is stored, or AnyVersion; ticket.ErrInvalid, as a ticket.ValidationError that names each field as JSON does.
func (g Policies) Save(ctx context.Context, p sla.Policy) (out sla.Policy, err error) {
	err = g.r.configuring(ctx, func(ctx context.Context, tx store.Tx) error {
		var e ticket.ValidationError
		if err := g.r.checkPolicyNames(ctx, tx, &e, p); err != nil {
			return err
		}
		if err := with(&e, p.Check()); err != nil {
			return err
		}
		old, err := policyForm.get(ctx, tx, p.Code)
		if err != nil && !errors.Is(err, ticket.ErrNotFound) {
			return err
		}
		next := p.Clone()
		next.Since = inForce(p, old, g.r.desk.Now())
		if out, err = policyForm.put(ctx, g.r.desk, next); err != nil {
			return err
		}
		return g.r.rescan(ctx, tx)
	})
	return out, failed("save policy "+p.Code, err)
}

// inForce is since when a policy is, after the one that was stored; old is zero where none was.
func inForce(p, old sla.Policy, now time.Time) time.Time {
	switch {
	case !p.Since.IsZero() && !p.Since.Equal(old.Since):
		return ticket.Time(p.Since)
	case old.Code == "", old.Inactive && !p.Inactive:
		return ticket.Time(now)
	}
	return old.Since
}

// checkPolicyNames adds what the policy names and nobody has.
func (r *Rules) checkPolicyNames(ctx context.Context, tx store.Tx, e *ticket.ValidationError, p sla.Policy) error {
	if p.Calendar != "" { // it stays until the policy is stored
		_, err := tx.LockRecord(ctx, calendarForm.record(), p.Calendar)
		switch {
		case errors.Is(err, ticket.ErrNotFound):
			e.Add("calendar", ticket.FaultUnknown, "there is no calendar %q: save it first", p.Calendar)
		case err != nil:
			return err
		}
	}
	brands, err1 := r.brandCodes(ctx)
	priorities, err2 := r.desk.Priorities(ctx)
	departments, err3 := r.desk.Departments(ctx)
	statuses, err4 := r.desk.Statuses(ctx)
	checkKnown(e, "brands", "brand", p.Brands, brands)
	checkKnown(e, "for.priorities", "priority", p.For.Priorities, codes(priorities, func(p ticket.Priority) string { return p.Code }))
	checkKnown(e, "for.departments", "department", p.For.Departments, codes(departments, func(d ticket.Department) string { return d.Code }))
	checkKnown(e, "pause.statuses", "status", p.Pause.Statuses, codes(statuses, func(s ticket.Status) string { return s.Code }))
	return errors.Join(err1, err2, err3, err4)
}

// Get returns a policy. Errors: ticket.ErrNoActor; ticket.ErrForbidden for whoever may not configure; ticket.ErrNotFound.
func (g Policies) Get(ctx context.Context, code string) (p sla.Policy, err error) {
	err = g.r.reading(ctx, func(ctx context.Context, x store.Reader) (err error) {
		p, err = policyForm.get(ctx, x, code)
		return err
	})
	return p, failed("read policy "+code, err)
}

// List returns them all, by Sort and code. Errors: ticket.ErrNoActor; ticket.ErrForbidden for whoever may not configure.
func (g Policies) List(ctx context.Context) (out []sla.Policy, err error) {
	err = g.r.reading(ctx, func(ctx context.Context, x store.Reader) (err error) {
		out, err = policyForm.list(ctx, x)
		return err
	})
	return out, failed("list policies", err)
}

// Delete removes a policy: its tickets are under the next one that fits. Errors: ticket.ErrNoActor; ticket.ErrForbidden for
// whoever may not configure; ticket.ErrNotFound.
func (g Policies) Delete(ctx context.Context, code string) error {
	return failed("delete policy "+code, g.r.configuring(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := g.r.desk.DeleteDefinition(ctx, policyForm.kind, code); err != nil {
			return err
		}
		return g.r.rescan(ctx, tx)
	}))
}

// Clocks are those of a ticket that matter now: see sla.Set.Current. Errors: ticket.ErrNoActor; ticket.ErrNotFound;
// ticket.ErrForbidden for customers.
func (g Policies) Clocks(ctx context.Context, id int64) ([]sla.Clock, error) {
	out, err := g.clocks(ctx, id)
	return out, failed("clocks", err)
}

func (g Policies) clocks(ctx context.Context, id int64) (out []sla.Clock, err error) {
	actor, err := ticket.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	if actor.IsCustomer() {
		return nil, ticket.ErrForbidden
	}
	if _, err := g.r.desk.Ticket(ctx, id); err != nil { // who may see it
		return nil, err
	}
	t, err := g.r.loadTiming(ctx)
	if err != nil {
		return nil, err
	}
	var h sla.History
	err = g.r.store.View(ctx, func(ctx context.Context, x store.Reader) (err error) {
		h, err = g.r.history(ctx, x, t.set, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	return t.set.Current(h, g.r.desk.Now())
}

// stages are all clocks that a ticket has, those that have ended included, and when the next stage of one is due: zero if
// none is. A stage that is Past happened once, and its ID says which one it was.
func (r *Rules) stages(ctx context.Context, x store.Reader, id int64) (clocks []sla.Clock, next time.Time, err error) {
	t, err := r.timingIn(ctx, x)
	if err != nil || t.set.Empty() {
		return nil, next, err
	}
	h, err := r.history(ctx, x, t.set, id)
	if err != nil {
		return nil, next, err
	}
	now := r.desk.Now()
	clocks, err = t.set.Clocks(h, now)
	return clocks, sla.Next(clocks, now), err
}

// history reads what clocks are made of.
func (r *Rules) history(ctx context.Context, x store.Reader, set *sla.Set, id int64) (h sla.History, err error) {
	if h.Ticket, err = x.Ticket(ctx, id, ticket.Scope{All: true}); err != nil {
		return h, err
	}
	for more := true; more; {
		q := ticket.EventQuery{TicketID: id, Limit: ticket.MaxPage}
		if n := len(h.Events); n > 0 {
			q.AfterSeq = h.Events[n-1].Seq
		}
		page, err := x.Events(ctx, q)
		if err != nil {
			return h, err
		}
		h.Events, more = append(h.Events, page...), len(page) == ticket.MaxPage
	}
	if h.Messages, err = threadOf(ctx, x, id); err != nil {
		return h, err
	}
	h.Events = slices.DeleteFunc(h.Events, func(e *ticket.Event) bool { return e.Seq > h.Ticket.EventSeq }) // from after the ticket was read
	if set.Groups() {
		h.Group, err = r.desk.CustomerGroup(system(ctx), h.Ticket.Requester.ID)
	}
	return h, err
}

// threadOf reads what counts of a ticket's thread: its first message and all replies, without their texts. Notes are not
// even read, for there may be many, and long ones.
func threadOf(ctx context.Context, x store.Reader, id int64) (out []*ticket.Message, err error) {
	q := ticket.MessageQuery{TicketID: id, Limit: 1}
	for {
		page, err := x.Messages(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, m := range page {
			bare := *m
			bare.Body, bare.HTMLBody, q.AfterSeq = "", "", m.Seq
			out = append(out, &bare)
		}
		if len(page) < q.Limit {
			return out, nil
		}
		q.Kinds, q.Limit = []ticket.MessageKind{ticket.KindReply}, ticket.MaxPage
	}
}
