package rules

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/rules/condition"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// answer runs the rules for what one delivery tells of. All that they write, and the note that they have run, is one
// transaction with the mark that the delivery is done.
func (r *Rules) answer(ctx context.Context, m hooks.Meta, of part) error {
	var set *ruleset
	err := r.store.View(ctx, func(ctx context.Context, x store.Reader) (err error) {
		set, err = r.load(ctx, x)
		return err
	})
	if err != nil || len(set.rules) == 0 {
		return err
	}
	return r.desk.Once(ctx, func(ctx context.Context) error {
		return r.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
			o, err := readOccasion(ctx, tx, m.EventID)
			if err != nil || o == nil {
				return err
			}
			return r.run(ctx, tx, o, of(o.event, o.message))
		})
	})
}

// occasion is what rules are run for: an event, or none by the clock, and the ticket.
type occasion struct {
	ticket  *ticket.Ticket // as it is now: a rule that comes late does not act on what is no longer so
	before  *ticket.Ticket // as it was before the event, in what the event changed
	event   *ticket.Event
	cause   ticket.Cause // where there is no event
	message *ticket.Message
	name    string // of the deadline that an event tells of
	at      time.Time
}

var everything = ticket.Scope{All: true}

// readOccasion returns nil where there is nothing for rules to do any more: the ticket is deleted, or has gone into
// another one.
func readOccasion(ctx context.Context, tx store.Tx, event int64) (*occasion, error) {
	e, err := tx.Event(ctx, event)
	if err != nil {
		return nil, orGone(err)
	}
	o := &occasion{event: e, at: e.At}
	if o.ticket, err = tx.LockTicket(ctx, e.TicketID); err != nil {
		return nil, orGone(err)
	}
	if o.ticket.DeletedAt != nil || o.ticket.MergedInto != 0 {
		return nil, nil
	}
	return o, o.complete(ctx, tx)
}

// running is one run of rules, for all triggers of one occasion.
type running struct {
	*Rules
	tx      store.Tx
	set     *ruleset
	o       *occasion
	vars    *condition.Vars
	record  Run
	trigger Trigger
}

// run runs the rules, and notes what came of it where any was looked at.
func (r *Rules) run(ctx context.Context, tx store.Tx, o *occasion, triggers []Trigger) error {
	set, err := r.load(ctx, tx)
	if err != nil || !set.wants(triggers) {
		return err
	}
	run := &running{Rules: r, tx: tx, set: set, o: o}
	run.record = Run{TicketID: o.ticket.ID, At: r.desk.Now(), Triggers: triggers, Seq: o.ticket.EventSeq}
	if o.event != nil {
		run.record.EventID = o.event.ID
	}
	if err := run.look(ctx); err != nil {
		return err
	}
	for _, run.trigger = range triggers {
		if err := run.all(ctx); err != nil {
			return err
		}
	}
	if run.record.Looked == 0 {
		return nil
	}
	return run.keep(ctx)
}

// look reads what conditions see.
func (run *running) look(ctx context.Context) error {
	var err error
	run.vars, err = run.seen(ctx, run.tx, run.o, run.set)
	return err
}

// all runs the rules of one trigger, in their order.
func (run *running) all(ctx context.Context) error {
	for _, c := range run.set.on[run.trigger] {
		if !c.awaits(run.o.ticket.Brand, run.o.at) {
			continue
		}
		run.record.Looked++
		done, err := run.one(ctx, c)
		if err != nil {
			return err
		}
		if done == nil {
			continue
		}
		done.Stopped, done.Seq = c.Stop && done.Outcome != Looped && !done.unclear, run.o.ticket.EventSeq
		run.record.Rules = append(run.record.Rules, *done)
		if done.Stopped {
			return nil
		}
	}
	return nil
}

// one runs one rule: nil where it does not match.
func (run *running) one(ctx context.Context, c *compiled) (*Ran, error) {
	done := &Ran{Rule: c.Code, Version: c.Version, Trigger: run.trigger, Outcome: Matched}
	ok, err := c.matches(run.vars)
	if err != nil && again(ctx, err) {
		return nil, err
	}
	if err != nil {
		done.Outcome, done.Error, done.unclear = Failed, clip("its condition: "+err.Error()), true
		run.warn(ctx, done)
		return done, nil
	}
	if !ok {
		return nil, nil
	}
	cycle, err := run.cycle(ctx, c.Code)
	if err != nil {
		return nil, err
	}
	if cycle != "" {
		done.Outcome, done.Error = Looped, "it has been caused by itself: "+cycle
		run.warn(ctx, done)
		return done, nil
	}
	if err := run.act(ctx, c, done); err != nil {
		if again(ctx, err) || !isOwn(err) {
			return nil, err
		}
		done.Outcome, done.Error, done.Did = Failed, clip(err.Error()), nil
		run.warn(ctx, done)
	}
	return done, nil
}

func (run *running) warn(ctx context.Context, done *Ran) {
	run.log.WarnContext(ctx, "a rule did not run", "rule", done.Rule, "ticket", run.o.ticket.ID, "outcome", string(done.Outcome), "error", done.Error)
}

func (c *compiled) matches(v *condition.Vars) (bool, error) {
	if c.condition == nil {
		return true, nil
	}
	return c.condition.Match(v)
}

// again reports whether an error is no fault of the rule, whoever returned it: the whole run is to be tried again.
func again(ctx context.Context, err error) bool {
	var u *unread
	return ctx.Err() != nil || errors.As(err, &u) || isAny(err, ticket.ErrBusy, ticket.ErrStopped, ticket.ErrTxDone, store.ErrStale, store.ErrUncertain)
}

// isOwn reports whether an error of its actions is the rule's: the desk refused what it does, or code of the host's failed.
// Any other is the store's.
func isOwn(err error) bool {
	var f *fault
	return errors.As(err, &f) || permanent(err) || isAny(err, ticket.ErrExists, ticket.ErrConflict, ticket.ErrMerged, ticket.ErrSealed,
		ticket.ErrNoActor, ticket.ErrHookFailed, ticket.ErrTooDeep, ErrUnanswerable)
}

func isAny(err error, of ...error) bool {
	return slices.ContainsFunc(of, func(e error) bool { return errors.Is(err, e) })
}

// fault is an error of an action that is the rule's, whatever it is.
type fault struct{ error }

func (f *fault) Unwrap() error { return f.error }

// act does what the rule says, all or nothing.
func (run *running) act(ctx context.Context, c *compiled, done *Ran) error {
	ctx = run.desk.Caused(system(ctx), c.Code)
	a := &Acting{Rule: c.Code, Trigger: run.trigger, Ticket: run.o.ticket, Event: run.o.event, Message: run.o.message}
	did := done.Did
	err := run.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		done.Did = slices.Clone(did)
		if err := run.steps(ctx, tx, a, c.Do, done); err != nil {
			return err
		}
		return run.notices(ctx, tx, a, &c.Rule, done)
	})
	if err != nil || a.Ticket == run.o.ticket {
		return err
	}
	run.o.ticket = a.Ticket
	return run.look(ctx) // the rules after this one see what it has changed
}

// steps does the actions of a rule or a macro. What they set is written before whatever does more.
func (r *Rules) steps(ctx context.Context, tx store.Tx, a *Acting, steps []Step, done *Ran) error {
	a.Patch = ticket.Patch{}
	for i, s := range steps {
		action := r.actions[s.Action]
		if action == nil {
			return &fault{fmt.Errorf("there is no action %q", s.Action)}
		}
		if !action.set {
			if err := r.flush(ctx, a); err != nil {
				return err
			}
		}
		a.said = ""
		if err := r.step(ctx, tx, a, action, s); err != nil {
			return fmt.Errorf("action %d (%s): %w", i+1, s.Action, err)
		}
		did := s.String()
		if a.said != "" {
			did += ": " + a.said
		}
		done.Did = append(done.Did, clip(did))
	}
	return r.flush(ctx, a)
}

// step does one action, or has it done after the transaction. A panic is the host's code's, and ends nothing else.
func (r *Rules) step(ctx context.Context, tx store.Tx, a *Acting, action *action, s Step) (err error) {
	defer func() {
		if p := recover(); p != nil {
			r.log.ErrorContext(ctx, "an action panicked", "action", s.Action, "rule", a.Rule, "panic", p, "stack", string(debug.Stack()))
			err = &fault{errors.New("panicked")}
		}
	}()
	if action.outside {
		return r.putOutside(ctx, tx, a, s)
	}
	if err := r.timed(ctx, func(ctx context.Context) error { return action.do(ctx, a, s.With) }); err != nil {
		if action.set || !action.ours {
			err = &fault{err}
		}
		return err
	}
	if action.set {
		return nil
	}
	now, err := r.desk.Ticket(ctx, a.Ticket.ID)
	if err != nil {
		return err
	}
	a.Ticket = now
	return nil
}

// timed runs what may be the host's, which is not to hold up everything else. What comes late is not taken.
func (r *Rules) timed(ctx context.Context, fn func(ctx context.Context) error) error {
	inner, cancel := context.WithTimeout(ctx, r.within)
	defer cancel()
	err := fn(inner)
	switch late := inner.Err() != nil && ctx.Err() == nil; {
	case late && err != nil:
		return fmt.Errorf("it took longer than %v: %w", r.within, err)
	case late:
		return fmt.Errorf("it took longer than %v", r.within)
	}
	return err
}

// flush writes what was set.
func (r *Rules) flush(ctx context.Context, a *Acting) error {
	p := a.Patch
	a.Patch = ticket.Patch{}
	if isZero(p) {
		return nil
	}
	t, err := r.desk.UpdateTicket(ctx, a.Ticket.ID, p)
	if err != nil {
		return err
	}
	a.Ticket = t
	return nil
}
