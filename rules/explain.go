package rules

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/journal"
	"github.com/helpdeskgo/helpdesk/rules/condition"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Explanation says what a rule makes of a ticket, and why (X04).
type Explanation struct {
	Rule     Rule            `json:"rule"`
	TicketID int64           `json:"ticket"`
	EventID  int64           `json:"event,omitempty"` // 0: a trigger of the host's, if Triggers has one, or the ticket as it is now
	At       time.Time       `json:"at"`              // as of when it was looked at
	Triggers []Trigger       `json:"triggers,omitempty"`
	Matches  bool            `json:"matches"`
	Why      string          `json:"why"`             // one sentence
	Tree     *condition.Tree `json:"tree,omitempty"`  // every part of the condition, what it saw, and what came of it
	Would    []string        `json:"would,omitempty"` // what it does where it matches
	// Ran is what the rule did then, as far as that is kept; nil where it did nothing.
	Ran []Ran `json:"ran,omitempty"`
	// After are the rules that had run before it for that event: it found the ticket as they had left it.
	After []string `json:"after,omitempty"`
}

// Explain says whether a rule matches a ticket as it found it when it was looked at for an event, and why or why not. While
// rules have not answered the event, that is the ticket as the event left it. Event 0 is the last one of the ticket that the
// rule answers, with those of the host's that Runs has still; where there is none, Why says so, and Tree is of the ticket as it
// is now. A rule by the clock is asked of the ticket as it is now, and whether that is something new to it is said, too. It
// writes nothing. Errors: ticket.ErrNoActor; ticket.ErrNotFound for a ticket, an event or a rule that is not there;
// ticket.ErrForbidden for who may not read the ticket's history.
func (r *Rules) Explain(ctx context.Context, ticketID int64, rule string, event int64) (x Explanation, err error) {
	op := fmt.Sprintf("explain the rule %q for ticket %d", rule, ticketID)
	if _, err := r.desk.History(ctx, ticketID, ticket.EventQuery{Limit: 1}); err != nil {
		return x, failed(op, err)
	}
	err = r.store.View(ctx, func(ctx context.Context, reader store.Reader) error {
		set, err := r.load(ctx, reader)
		if err != nil {
			return err
		}
		c, err := set.rule(rule)
		if err != nil {
			return err
		}
		runs, err := runsOf(ctx, reader, ticketID)
		if err != nil {
			return err
		}
		o, l, err := r.occasionOf(ctx, reader, set, c, ticketID, event, runs)
		if err != nil {
			return err
		}
		x, err = r.explain(ctx, reader, set, c, o, l, runs)
		return err
	})
	return x, failed(op, err)
}

// asOf is an occasion as it was; without an event it is of now.
func asOf(ctx context.Context, r store.Reader, ticketID, event int64, now time.Time) (o *occasion, err error) {
	o = &occasion{}
	if event == 0 {
		o.ticket, err = r.Ticket(ctx, ticketID, everything)
		o.before, o.at = o.ticket, now
		return o, err
	}
	if o.event, err = r.Event(ctx, event); errors.Is(err, ticket.ErrNotFound) || err == nil && o.event.TicketID != ticketID {
		err = fmt.Errorf("%w: the ticket has no event %d in its history", ticket.ErrNotFound, event)
	}
	if err != nil {
		return nil, err
	}
	if o.ticket, err = journal.AsOf(ctx, r, o.event); err != nil {
		return nil, err
	}
	o.at = o.event.At
	if err := o.complete(ctx, r); err != nil {
		return nil, err
	}
	return o, nil
}

// complete adds the message of the event, and what was before it.
func (o *occasion) complete(ctx context.Context, r store.Reader) (err error) {
	if o.event.MessageID != 0 {
		if o.message, err = r.Message(ctx, o.event.MessageID); err != nil && !errors.Is(err, ticket.ErrNotFound) {
			return err
		}
	}
	o.message = readable(o.message)
	o.name, _ = deadlineOf(o.event)
	o.before = o.ticket.Clone()
	return ticket.Undo(o.before, o.event.Changes)
}

// explain says what a rule makes of an occasion; l is what became of it then, if rules ran.
func (r *Rules) explain(ctx context.Context, reader store.Reader, set *ruleset, c *compiled, o *occasion, l *lookedAt, runs []Run) (Explanation, error) {
	x := Explanation{Rule: c.Clone(), TicketID: o.ticket.ID, At: o.at}
	switch {
	case o.event != nil:
		x.EventID = o.event.ID
		x.Triggers = triggersOf(o.event, o.message)
	case l != nil:
		x.Triggers = l.run.Triggers
	}
	if l != nil {
		x.At, x.Ran, x.After = l.run.At, l.ran, l.after
		if err := l.found(ctx, reader, o); err != nil {
			return x, err
		}
	}
	vars, err := r.seenAt(ctx, reader, o, set, x.At)
	if err != nil {
		return x, err
	}
	x.Matches, x.Why = true, "it has no condition"
	if c.condition != nil {
		x.Tree = c.condition.Explain(vars)
		x.Matches, x.Why = x.Tree.Outcome == condition.True, x.Tree.Says
	}
	now := o.event == nil && l == nil
	switch why := cmp.Or(c.unfit(o, x.Triggers), l.idle(x.Matches)); {
	case why != "":
		x.Matches, x.Why = false, why
	case now && !slices.Contains(c.On, ByClock):
		x.Matches, x.Why = false, fmt.Sprintf("nothing has happened to the ticket that the rule answers, which is %q; as the ticket is now: %s", c.On, x.Why)
	case now && x.Matches:
		err = r.explainClock(ctx, reader, set, c, o.ticket, runs, &x)
	}
	if x.Matches && (!now || x.Ran == nil) {
		for _, s := range c.Do {
			x.Would = append(x.Would, s.String())
		}
	}
	return x, err
}

// unfit says why a rule is not even looked at.
func (c *compiled) unfit(o *occasion, triggers []Trigger) string {
	switch {
	case c.Inactive:
		return "the rule is not active"
	case !c.serves(o.ticket.Brand):
		return fmt.Sprintf("the rule is for the brands %q, and the ticket is of %q", c.Brands, o.ticket.Brand)
	case o.ticket.DeletedAt != nil:
		return "the ticket is deleted"
	case o.ticket.MergedInto != 0:
		return "the ticket is merged into another one"
	case o.event != nil && !slices.ContainsFunc(triggers, c.of):
		return fmt.Sprintf("the rule answers %q, and the event gives %q", c.On, triggers)
	case !c.awaits(o.ticket.Brand, o.at):
		return "the rule was not active yet: it is since " + c.Since.Format(time.RFC3339)
	}
	return ""
}

// Matching lists the rules that would match a ticket as it is now, if a trigger came that nothing had changed before, in
// their order; one that stops is the last. Errors: as Explain; ticket.ErrInvalid for what is no trigger.
func (r *Rules) Matching(ctx context.Context, ticketID int64, t Trigger) (out []string, err error) {
	op := fmt.Sprintf("match %s with ticket %d", t, ticketID)
	if !t.Valid() {
		return nil, failed(op, ticket.Invalid("trigger", ticket.FaultUnknown, "%q is no trigger; those of the host begin with \"x.\"%s", t, hint(string(t), texts(Triggers()))))
	}
	if _, err := r.desk.History(ctx, ticketID, ticket.EventQuery{Limit: 1}); err != nil {
		return nil, failed(op, err)
	}
	err = r.store.View(ctx, func(ctx context.Context, x store.Reader) error {
		set, err := r.load(ctx, x)
		if err != nil {
			return err
		}
		out = make([]string, 0, len(set.on[t]))
		o, err := asOf(ctx, x, ticketID, 0, r.desk.Now())
		if err != nil {
			return err
		}
		vars, err := r.seen(ctx, x, o, set)
		if err != nil {
			return err
		}
		for _, c := range set.on[t] {
			if !c.awaits(o.ticket.Brand, o.at) {
				continue
			}
			if ok, err := c.matches(vars); err != nil || !ok { // what cannot be asked does not match: Explain says it
				continue
			}
			if out = append(out, c.Code); c.Stop {
				break
			}
		}
		return nil
	})
	return out, failed(op, err)
}
