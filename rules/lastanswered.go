package rules

import (
	"context"
	"errors"
	"slices"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// occasionOf is the occasion of an event, and what became of a rule then; of event 0 it is the last that the rule answers, or
// the ticket as it is now.
func (r *Rules) occasionOf(ctx context.Context, x store.Reader, set *ruleset, c *compiled, ticketID, event int64, runs []Run) (o *occasion, l *lookedAt, err error) {
	at := r.desk.Now()
	if event == 0 && !c.onlyByClock() {
		last, err := c.lastAnswered(ctx, x, ticketID)
		if err != nil {
			return nil, nil, err
		}
		if run := c.lastFired(runs); run != nil && (last == nil || run.Seq >= last.Seq && !run.At.Before(last.At)) {
			at, l = run.At, set.lookedAt([]Run{*run}, c, 0)
		} else if last != nil {
			event = last.ID
		}
	}
	if o, err = asOf(ctx, x, ticketID, event, at); err == nil && event != 0 {
		l = set.lookedAt(runs, c, event)
	}
	return o, l, err
}

// lastAnswered is the last event of a ticket that gives a trigger of the rule; nil for none. Messages are read from the last
// one on, until one does.
func (c *compiled) lastAnswered(ctx context.Context, x store.Reader, ticketID int64) (*ticket.Event, error) {
	hears := slices.ContainsFunc(c.On, func(t Trigger) bool {
		return slices.Contains([]Trigger{CustomerReplied, StaffReplied, ThirdPartyReplied, Noted, Changed}, t)
	})
	var may []*ticket.Event
	for e, err := range events(ctx, x, ticket.EventQuery{TicketID: ticketID}) {
		if err != nil {
			return nil, err
		}
		if hears && e.MessageID != 0 || c.answers(triggersOf(e, nil)) {
			may = append(may, e)
		}
	}
	for _, e := range slices.Backward(may) {
		if c.answers(triggersOf(e, nil)) {
			return e, nil
		}
		m, err := x.Message(ctx, e.MessageID)
		if err != nil && !errors.Is(err, ticket.ErrNotFound) {
			return nil, err
		}
		if c.answers(triggersOf(e, readable(m))) {
			return e, nil
		}
	}
	return nil, nil
}

// answers reports whether the rule is one for any of the triggers, active or not.
func (c *compiled) answers(triggers []Trigger) bool {
	return slices.ContainsFunc(triggers, func(t Trigger) bool { return slices.Contains(c.On, t) })
}

// lastFired is the last run for a trigger of the host's that the rule answers, or in which it ran by the clock; nil for none.
func (c *compiled) lastFired(runs []Run) *Run {
	for _, run := range slices.Backward(runs) {
		ran := slices.ContainsFunc(run.Rules, func(done Ran) bool { return done.Rule == c.Code })
		if run.EventID == 0 && c.answers(run.Triggers) && (ran || run.Triggers[0].Own()) {
			return &run
		}
	}
	return nil
}
