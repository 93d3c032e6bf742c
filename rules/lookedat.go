package rules

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/journal"
	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// lookedAt is what became of a rule when rules were run for an event, as far as that is kept. A nil lookedAt is that of an
// event for which none ran.
type lookedAt struct {
	run     Run
	ran     []Ran    // what it did, for each trigger
	after   []string // the rules that had run before it
	seq     int64    // of the journal, as the rule found the ticket; 0 where it is not kept
	stopped string   // the rule that left nothing to it
}

// runsOf are those of a ticket that are kept, the oldest first.
func runsOf(ctx context.Context, r store.Reader, ticketID int64) (runs []Run, err error) {
	return runs, record.ReadAll(ctx, r, kindRun, record.ID(ticketID), &runs)
}

// lookedAt finds when a rule was looked at for an event: where that was more than once, the time at which it ran, or else
// one at which it could have.
func (s *ruleset) lookedAt(runs []Run, c *compiled, event int64) (best *lookedAt) {
	var ran []Ran
	for _, run := range runs {
		for _, t := range run.Triggers {
			if run.EventID != event || !c.of(t) {
				continue
			}
			l := s.lookedAtFor(run, c, t)
			if best == nil || len(ran) == 0 && (len(l.ran) > 0 || best.stopped != "" && l.stopped == "") {
				best = l
			}
			ran = append(ran, l.ran...)
		}
	}
	if best != nil {
		best.ran = ran
	}
	return best
}

func (s *ruleset) lookedAtFor(run Run, c *compiled, t Trigger) *lookedAt {
	l := &lookedAt{run: run, seq: run.Seq}
	turn := slices.Index(run.Triggers, t)
	for _, done := range run.Rules {
		of := slices.Index(run.Triggers, done.Trigger)
		switch {
		case of == turn && done.Rule == c.Code:
			l.ran = append(l.ran, done)
		case of < turn, of == turn && s.goesBefore(done.Rule, c):
			l.after = append(l.after, done.Rule)
			if l.seq = done.Seq; of == turn && done.Stopped {
				l.stopped = done.Rule
			}
		}
	}
	return l
}

// goesBefore reports whether a rule is looked at before another one. One that is there no more may have been.
func (s *ruleset) goesBefore(code string, c *compiled) bool {
	other, err := s.rule(code)
	return err != nil || inOrder(other.Rule, c.Rule) < 0
}

// found has the occasion be as the rule found it.
func (l *lookedAt) found(ctx context.Context, r store.Reader, o *occasion) (err error) {
	if l.run.Seq == 0 || l.seq == 0 { // it was not kept
		return nil
	}
	if o.before, err = atSeq(ctx, r, o.ticket.ID, l.run.Seq); err != nil {
		return err
	}
	if o.event != nil {
		err = ticket.Undo(o.before, o.event.Changes)
	}
	if err != nil {
		return err
	}
	o.ticket, err = atSeq(ctx, r, o.ticket.ID, l.seq)
	return err
}

// atSeq is a ticket as the event of that number left it.
func atSeq(ctx context.Context, r store.Reader, id, seq int64) (*ticket.Ticket, error) {
	e, err := eventAt(ctx, r, id, seq)
	if err != nil {
		return nil, err
	}
	return journal.AsOf(ctx, r, e)
}

// eventAt is the event of that number.
func eventAt(ctx context.Context, r store.Reader, id, seq int64) (*ticket.Event, error) {
	list, err := r.Events(ctx, ticket.EventQuery{TicketID: id, AfterSeq: seq - 1, Limit: 1})
	if err == nil && len(list) == 0 {
		err = ticket.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

// idle says why a rule did nothing that was looked at; holds is whether its condition does.
func (l *lookedAt) idle(holds bool) string {
	switch {
	case l == nil || len(l.ran) > 0:
		return ""
	case l.stopped != "":
		return fmt.Sprintf("the rule %q ran before it, and stopped", l.stopped)
	case holds && l.seq == 0:
		return "its condition holds for the ticket as the event left it, but it did nothing when rules ran for that: the ticket was otherwise by then, or so was the rule"
	case holds:
		return "its condition holds, but it did nothing when rules ran for this event: it was another rule then"
	}
	return ""
}

// onlyByClock reports whether it answers nothing but the clock.
func (c *compiled) onlyByClock() bool {
	return !slices.ContainsFunc(c.On, func(t Trigger) bool { return t != ByClock })
}

// explainClock says of a rule by the clock that matches whether that is something new: each ticket is matched once, and
// not at all where it matched before the rule was there.
func (r *Rules) explainClock(ctx context.Context, x store.Reader, set *ruleset, c *compiled, t *ticket.Ticket, runs []Run, out *Explanation) error {
	mark, err := record.Read[string](ctx, x, kindMark, c.Code+"/"+record.ID(t.ID))
	if err := orGone(err); err != nil {
		return err
	}
	if mark == c.mark(t) {
		for _, run := range slices.Backward(runs) {
			i := slices.IndexFunc(run.Rules, func(done Ran) bool { return done.Rule == c.Code && done.Trigger == ByClock })
			if i >= 0 {
				out.Ran = []Ran{run.Rules[i]}
				out.Why = fmt.Sprintf("it has run for this at %s, and does so once: %s", run.At.Format(time.RFC3339), out.Why)
				return nil
			}
		}
	}
	l, err := record.Read[looked](ctx, x, kindClock, c.Code)
	if err != nil && !errors.Is(err, ticket.ErrNotFound) {
		return err
	}
	old := mark == c.mark(t)
	if !old && !c.marked(mark) {
		if old, err = r.matchedAt(ctx, x, set, c, t, later(c.Since, l.To)); err != nil {
			return err
		}
	}
	if old {
		out.Matches, out.Why = false, fmt.Sprintf("it is left alone, for it matched before the rule was active, or asked this: the rule is active since %s", c.Since.Format(time.RFC3339))
	}
	return nil
}
