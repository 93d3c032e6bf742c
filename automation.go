package helpdesk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// What rules and calendars need of the desk beside the verbs that everybody has.

// Automation is the desk as rules see it: every verb of Desk, the lists of its catalogue, and what only rules need.
type Automation struct{ *Desk }

// Automation returns the desk for rules, as rules.New takes it.
func (d *Desk) Automation() Automation { return Automation{d} }

// Statuses is Catalog.Statuses.
func (g Automation) Statuses(ctx context.Context) ([]ticket.Status, error) {
	return g.Catalog().Statuses(ctx)
}

// Priorities is Catalog.Priorities.
func (g Automation) Priorities(ctx context.Context) ([]ticket.Priority, error) {
	return g.Catalog().Priorities(ctx)
}

// Departments is Catalog.Departments.
func (g Automation) Departments(ctx context.Context) ([]ticket.Department, error) {
	return g.Catalog().Departments(ctx)
}

// Brands is Catalog.Brands.
func (g Automation) Brands(ctx context.Context) ([]ticket.Brand, error) {
	return g.Catalog().Brands(ctx)
}

// Fields is Catalog.Fields.
func (g Automation) Fields(ctx context.Context) ([]ticket.Field, error) {
	return g.Catalog().Fields(ctx)
}

// Definitions are the kinds of what Automation keeps: configuration that belongs to rules, notifications and webhooks. The
// desk sees to it that only those change it who may, and that it is journalled.
var definitions = []string{"rule", "calendar", "policy", "recurring", "macro", "assignment", "autoclose", "template", "webhook"}

// automated are the kinds of records that rules, notifications and webhooks keep of a ticket, which is their parent, and that
// may have texts of people.
var automated = []string{"followup", "appointment", "snooze", "closing", "rulerun", "rulefailing", "notice", kindLetter, "later", "webhook_log"}

// kindLetter are the records of letters, those about no ticket under ticket 0.
const kindLetter = "letter"

func kindDefinition(kind string) string { return "config/" + kind }

// Uses reports whether the desk stores what it knows in s.
func (g Automation) Uses(s store.Store) bool { return g.store == s }

// Caused returns a context whose writes name a rule as their cause: see WithRule.
func (g Automation) Caused(ctx context.Context, rule string) context.Context {
	return WithRule(ctx, rule)
}

// Cause returns why ctx writes, to be kept with what is put off. Errors: ticket.ErrTooDeep where ctx may not write any more.
func (g Automation) Cause(ctx context.Context) (ticket.Cause, error) { return g.causeFrom(ctx) }

// Because returns a context whose writes name a cause: of what was put off, so that it counts as done by what put it off.
func (g Automation) Because(ctx context.Context, c ticket.Cause) context.Context {
	return withCause(ctx, c)
}

// MayConfigure refuses whoever may not change the configuration. Errors: ticket.ErrNoActor; ticket.ErrForbidden.
func (g Automation) MayConfigure(ctx context.Context) error { return g.Mail().MayConfigure(ctx) }

// MayWork refuses who may neither reply to a ticket nor change its properties. Errors: ticket.ErrNoActor;
// ticket.ErrNotFound, also for whom it is hidden from; ticket.ErrForbidden; the directory's own.
func (g Automation) MayWork(ctx context.Context, id int64) error {
	if _, err := g.Ticket(ctx, id); err != nil {
		return err
	}
	for _, act := range []Action{ActReply, ActUpdate} {
		if may, err := g.Rights().May(ctx, act, id); may || err != nil {
			return err
		}
	}
	return fmt.Errorf("%w: it takes the right to reply to the ticket, or to update it", ticket.ErrForbidden)
}

// PutDefinition stores a rule, a calendar or the like, a document that the caller has checked, as a record of the kind
// "config/" and kind under its code, and returns its new version. It is stored if its version is still the given one: 0
// is that of a new one, and store.AnyVersion stands for all. Errors: ticket.ErrNoActor; ticket.ErrForbidden;
// ticket.ErrConflict; ticket.ErrInvalid for another kind, a malformed code, a name that is missing or too long.
func (g Automation) PutDefinition(ctx context.Context, kind, code, name string, doc []byte, version int64) (stored int64, err error) {
	what := kind + "/" + code
	err = g.configure(ctx, func(ctx context.Context, w *write) error {
		var e ticket.ValidationError
		if !slices.Contains(definitions, kind) {
			e.Add("kind", ticket.FaultUnknown, "%q is no kind of definition", kind)
		}
		if checkEntry(&e, code, name); e.Err() != nil {
			return e.Err()
		}
		if err := w.expectVersion(ctx, kindDefinition(kind), code, version); err != nil {
			return err
		}
		stored, err = w.putDefinition(ctx, kindDefinition(kind), code, doc, what)
		return err
	})
	return stored, failed("put "+what, err)
}

// DeleteDefinition removes one. Errors: as PutDefinition; ticket.ErrNotFound.
func (g Automation) DeleteDefinition(ctx context.Context, kind, code string) error {
	what := kind + "/" + code
	return failed("delete "+what, g.configure(ctx, func(ctx context.Context, w *write) error {
		if !slices.Contains(definitions, kind) {
			return ticket.Invalid("kind", ticket.FaultUnknown, "%q is no kind of definition", kind)
		}
		return w.putConfig(ctx, kindDefinition(kind), code, nil, ticket.EventCatalog, what)
	}))
}

// AddStep has Tick and, in background mode, the started desk do what step finds due, every PollInterval and whenever Wake
// is called: it does a part of it, and returns how much that was; then it is called again until that is nothing. In
// background mode no step waits for another. It must be called before the desk is used by several goroutines.
func (g Automation) AddStep(fn func(ctx context.Context) (int, error)) {
	g.steps = append(g.steps, step{fn, make(chan struct{}, 1)})
}

// step is what a part of the library has done by the clock.
type step struct {
	fn    func(ctx context.Context) (int, error)
	nudge chan struct{}
}

// runSteps does all that is due now.
func (d *Desk) runSteps(ctx context.Context) (total int, err error) {
	for _, s := range d.steps {
		n, e := d.runStep(ctx, s)
		total, err = total+n, errors.Join(err, e)
	}
	return total, err
}

func (d *Desk) runStep(ctx context.Context, s step) (int, error) {
	for total := 0; ; {
		n, err := s.fn(ctx)
		total += n
		if n == 0 || err != nil || ctx.Err() != nil || d.run.quitting() {
			return total, err
		}
	}
}

// stepLoop runs a step in background mode.
func (d *Desk) stepLoop(ctx context.Context, s step) {
	poll := time.NewTicker(d.cfg.PollInterval)
	defer poll.Stop()
	for {
		if _, err := d.runStep(ctx, s); err != nil && ctx.Err() == nil {
			d.log(ctx, "what is due by the clock failed", "error", err)
		}
		select {
		case <-d.run.quit:
			return
		case <-s.nudge:
		case <-poll.C:
		}
	}
}

// Once is Deliveries.Once.
func (g Automation) Once(ctx context.Context, fn func(ctx context.Context) error) error {
	return g.Deliveries().Once(ctx, fn)
}

// Agents is People.Agents.
func (g Automation) Agents(ctx context.Context) ([]ticket.Agent, error) {
	return g.People().Agents(ctx)
}
