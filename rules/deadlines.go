package rules

import (
	"context"
	"errors"
	"slices"

	"github.com/helpdeskgo/helpdesk/internal/agenda"
	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/rules/sla"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Deadlines (I21). What a ticket's clocks say is worked out from its journal whenever something happens to it, and when the
// next stage of one is due. Each stage that has passed is told once: in the journal, and to the rules.

const (
	dueDeadline  = "deadline" // on the agenda
	kindDeadline = "deadline" // record: the stages of a ticket that were told
)

// watchDeadlines has stages told when they are due.
func (r *Rules) watchDeadlines() {
	r.agenda.Handle(dueDeadline, func(ctx context.Context, tx store.Tx, e agenda.Entry) error { return r.deadlines(ctx, tx, e.Ticket) })
	r.agenda.HandleOutside(dueDeadlineScan, r.scanDeadlines)
}

// redate works a ticket's deadlines out anew, if there is any policy.
func (r *Rules) redate(ctx context.Context, id int64) error {
	t, err := r.loadTiming(ctx)
	if err != nil || t.set.Empty() {
		return err
	}
	return r.store.Update(ctx, func(ctx context.Context, tx store.Tx) error { return r.deadlines(ctx, tx, id) })
}

// deadlines tells of the stages that have passed, and puts the next one on the agenda.
func (r *Rules) deadlines(ctx context.Context, tx store.Tx, id int64) error {
	t, err := tx.LockTicket(ctx, id)
	if err != nil || !live(t) {
		return orGone(err)
	}
	clocks, next, err := r.stages(ctx, tx, id)
	if err != nil {
		return err
	}
	old, err := record.Read[[]string](ctx, tx, kindDeadline, record.ID(id))
	if err != nil && !errors.Is(err, ticket.ErrNotFound) {
		return err
	}
	told := slices.Clone(old) // also stages that the ticket has no more: another policy holds, and the first may again
	var news []stage
	for _, c := range clocks {
		for _, s := range c.Stages {
			if s.Past && !slices.Contains(told, s.ID) {
				told = append(told, s.ID)
				news = append(news, stage{c, s})
			}
		}
	}
	if len(news) > 0 {
		if err := record.Put(ctx, tx, kindDeadline, record.ID(id), record.ID(id), told); err != nil {
			return err
		}
	}
	if !next.IsZero() {
		if err := agenda.Put(ctx, tx, r.desk.Now(), agenda.Entry{What: dueDeadline, Key: "", Ticket: id, Due: next}); err != nil {
			return err
		}
	}
	slices.SortStableFunc(news, func(a, b stage) int { return a.Due.Compare(b.Due) })
	for _, s := range news {
		if err := r.passed(ctx, tx, id, s); err != nil {
			return err
		}
	}
	return nil
}

// stage is one of a clock.
type stage struct {
	sla.Clock
	sla.Stage
}

// trigger is what rules know it by.
func (s stage) trigger() Trigger {
	if s.Name == sla.Breach {
		return DeadlineMissed
	}
	return DeadlineNear
}

// passed journals that a stage has passed, and runs the rules for it.
func (r *Rules) passed(ctx context.Context, tx store.Tx, id int64, s stage) error {
	as := r.desk.Caused(system(ctx), "policy/"+s.Policy)
	t, err := r.desk.Trace(as, id, ticket.Change{Field: fieldDeadline, New: string(s.Target) + " " + s.Name})
	if err != nil {
		return err
	}
	e, err := eventAt(ctx, tx, id, t.EventSeq)
	if err != nil {
		return err
	}
	o := &occasion{ticket: t, before: t, event: e, name: string(s.Target), at: r.desk.Now()}
	return r.run(ctx, tx, o, []Trigger{s.trigger()})
}

// Fields of changes that are no properties of a ticket: what belongs to it has changed.
const (
	fieldDeadline = "deadline"
)

// isTrace reports whether a change is no property's.
func isTrace(field string) bool {
	return slices.Contains([]string{fieldDeadline, "follow_up", "snoozed_until", "appointment"}, field)
}
