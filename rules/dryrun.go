package rules

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/journal"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Trial says what a dry run goes over.
type Trial struct {
	Rules []Rule       // that are tried; nil means those that are stored
	Query ticket.Query // selects the tickets
	// Since and Until bound the events, and the clock; until now if Until is zero. Rules count as active since Since.
	Since, Until time.Time
	Tickets      int // at most so many; default 10,000
}

// Report is what rules would have done.
type Report struct {
	Since   time.Time      `json:"since"`
	Until   time.Time      `json:"until"`
	Tickets int            `json:"tickets"` // looked at
	Events  int            `json:"events"`
	Matched map[string]int `json:"matched"`        // by rule, how often; 0 for those that never did
	Hits    []Hit          `json:"hits,omitempty"` // the first MaxHits, by ticket and time
	More    bool           `json:"more,omitempty"` // there were more of them, or more tickets
}

// MaxHits is how many hits a report lists. Those beyond are counted.
const MaxHits = 10_000

// Hit is one match of a rule.
type Hit struct {
	Rule     string    `json:"rule"`
	TicketID int64     `json:"ticket"`
	EventID  int64     `json:"event,omitempty"` // 0 by the clock
	At       time.Time `json:"at"`
	Trigger  Trigger   `json:"trigger"`
	Would    []string  `json:"would,omitempty"` // its actions
	Error    string    `json:"error,omitempty"` // its condition could not be looked at
}

// DryRun replays the journals of tickets and says what rules would have done, writing nothing (X04). Each event is looked at
// with the ticket as it was then; what a rule would have set is seen by the rules after it for that event, and is gone with the
// next one, for what really came next is known. Errors: ticket.ErrNoActor; ticket.ErrForbidden for who may not configure the
// desk; ticket.ErrInvalid for rules that Save would refuse, and for a Since after the Until that is given.
func (r *Rules) DryRun(ctx context.Context, tr Trial) (Report, error) {
	out, err := r.dryRun(ctx, tr)
	return out, failed("dry run", err)
}

func (r *Rules) dryRun(ctx context.Context, tr Trial) (out Report, err error) {
	if err := r.desk.MayConfigure(ctx); err != nil {
		return out, err
	}
	if !tr.Until.IsZero() && tr.Since.After(tr.Until) {
		return out, ticket.Invalid("since", ticket.FaultOutOfRange, "is %s, and so after until, %s: nothing lies between", tr.Since.Format(time.RFC3339), tr.Until.Format(time.RFC3339))
	}
	set, err := r.trialSet(ctx, tr.Rules)
	if err != nil {
		return out, err
	}
	if tr.Until.IsZero() {
		tr.Until = r.desk.Now()
	}
	if tr.Tickets <= 0 {
		tr.Tickets = 10_000
	}
	out = Report{Since: tr.Since, Until: tr.Until, Matched: map[string]int{}}
	for _, c := range set.rules {
		out.Matched[c.Code] = 0
	}
	for id, err := range r.selected(ctx, tr.Query) {
		if err != nil {
			return out, err
		}
		if out.Tickets == tr.Tickets {
			out.More = true
			break
		}
		out.Tickets++
		if err := r.replay(ctx, set, id, tr, &out); err != nil {
			return out, err
		}
	}
	return out, nil
}

// trialSet are the rules that are tried.
func (r *Rules) trialSet(ctx context.Context, list []Rule) (set *ruleset, err error) {
	err = r.store.View(ctx, func(ctx context.Context, x store.Reader) (err error) {
		set, err = r.load(ctx, x)
		return err
	})
	if err != nil || list == nil {
		return set, err
	}
	for i := range list {
		if err := r.check(ctx, &list[i], set.setup); err != nil {
			return nil, err
		}
	}
	list = slices.Clone(list)
	slices.SortStableFunc(list, inOrder)
	return r.compileAll(list, set.setup, nil), nil
}

// selected are the ids of tickets, page after page.
func (r *Rules) selected(ctx context.Context, q ticket.Query) iter.Seq2[int64, error] {
	return func(yield func(int64, error) bool) {
		q.Limit = ticket.MaxPage
		for {
			var page ticket.Page
			err := r.store.View(ctx, func(ctx context.Context, x store.Reader) (err error) {
				page, err = x.Tickets(ctx, q, everything)
				return err
			})
			if err != nil {
				yield(0, err)
				return
			}
			for _, t := range page.Tickets {
				if !yield(t.ID, nil) {
					return
				}
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				return
			}
		}
	}
}

// past is a ticket's life as its journal has it.
type past struct {
	events   []*ticket.Event
	after    []*ticket.Ticket // as each event left it
	messages map[int64]*ticket.Message
}

func readPast(ctx context.Context, r store.Reader, id int64) (*past, error) {
	t, err := r.Ticket(ctx, id, everything)
	if err != nil {
		return nil, err
	}
	p := &past{messages: map[int64]*ticket.Message{}}
	if p.events, err = journal.Since(ctx, r, id, 0); err != nil {
		return nil, err
	}
	p.after = make([]*ticket.Ticket, len(p.events))
	for i, e := range slices.Backward(p.events) {
		p.after[i] = t.Clone()
		if err := ticket.Undo(t, e.Changes); err != nil {
			return nil, err
		}
	}
	for _, e := range p.events {
		if e.MessageID == 0 || p.messages[e.MessageID] != nil {
			continue
		}
		m, err := r.Message(ctx, e.MessageID)
		if err != nil && !errors.Is(err, ticket.ErrNotFound) {
			return nil, err
		}
		p.messages[e.MessageID] = readable(m)
	}
	return p, nil
}

// occasion is the event of that index.
func (p *past) occasion(i int) *occasion {
	o := &occasion{event: p.events[i], ticket: p.after[i].Clone(), before: p.after[max(i-1, 0)], message: p.messages[p.events[i].MessageID]}
	o.name, _ = deadlineOf(o.event)
	if i == 0 {
		o.before = o.ticket.Clone()
	}
	return o
}

// replay goes over one ticket.
func (r *Rules) replay(ctx context.Context, set *ruleset, id int64, tr Trial, out *Report) error {
	return r.store.View(ctx, func(ctx context.Context, x store.Reader) error {
		p, err := readPast(ctx, x, id)
		if err != nil {
			return orGone(err)
		}
		rp := &replaying{Rules: r, reader: x, set: set, past: p, tr: tr, out: out, marks: map[string]string{}}
		return rp.all(ctx)
	})
}

type replaying struct {
	*Rules
	reader store.Reader
	set    *ruleset
	past   *past
	tr     Trial
	out    *Report
	marks  map[string]string // of rules by the clock
}

func (rp *replaying) all(ctx context.Context) error {
	for i, e := range rp.past.events {
		if e.At.After(rp.tr.Until) {
			break
		}
		end := rp.tr.Until
		if i+1 < len(rp.past.events) && rp.past.events[i+1].At.Before(end) {
			end = rp.past.events[i+1].At
		}
		if !e.At.Before(rp.tr.Since) {
			rp.out.Events++
			if err := rp.event(ctx, rp.past.occasion(i)); err != nil {
				return err
			}
		}
		rp.own(i)
		if err := rp.between(ctx, i, e.At, end); err != nil {
			return err
		}
	}
	return nil
}

// own has what a rule by the clock has changed itself be no new cause for it.
func (rp *replaying) own(i int) {
	cause := rp.past.events[i].Cause
	for _, c := range rp.set.on[ByClock] {
		if c.Code == cause.Rule && cause.Event == 0 {
			rp.marks[c.Code] = c.mark(rp.past.after[i])
		}
	}
}

// event runs the rules for one event, on what they would have left.
func (rp *replaying) event(ctx context.Context, o *occasion) error {
	if o.ticket.DeletedAt != nil || o.ticket.MergedInto != 0 {
		return nil
	}
	for _, trigger := range triggersOf(o.event, o.message) {
		for _, c := range rp.set.on[trigger] {
			if !c.serves(o.ticket.Brand) {
				continue
			}
			matched, err := rp.try(ctx, c, o, trigger, o.event.At)
			if err != nil {
				return err
			}
			if matched && c.Stop {
				break
			}
		}
	}
	return nil
}

// try looks whether a rule matches, notes it, and has the ticket be as it would be.
func (rp *replaying) try(ctx context.Context, c *compiled, o *occasion, trigger Trigger, at time.Time) (bool, error) {
	vars, err := rp.seenAt(ctx, rp.reader, o, rp.set, at)
	if err != nil {
		return false, err
	}
	ok, err := c.matches(vars)
	if !ok && err == nil {
		return false, nil
	}
	hit := Hit{Rule: c.Code, TicketID: o.ticket.ID, At: at, Trigger: trigger}
	if o.event != nil && trigger != ByClock {
		hit.EventID = o.event.ID
	}
	if err != nil {
		hit.Error = clip(err.Error())
	} else {
		hit.Would = rp.would(ctx, c, o, trigger)
	}
	rp.out.Matched[c.Code]++
	if rp.out.More = rp.out.More || len(rp.out.Hits) == MaxHits; len(rp.out.Hits) < MaxHits {
		rp.out.Hits = append(rp.out.Hits, hit)
	}
	return err == nil, nil
}

// would lists what a rule would do, and does to the copy of the ticket what can be done without writing.
func (rp *replaying) would(ctx context.Context, c *compiled, o *occasion, trigger Trigger) []string {
	a := &Acting{Rule: c.Code, Trigger: trigger, Ticket: o.ticket, Event: o.event, Message: o.message}
	var out []string
	for _, s := range c.Do {
		out = append(out, clip(s.String()))
		if action := rp.actions[s.Action]; action != nil && action.set {
			if err := action.do(ctx, a, s.With); err != nil {
				out[len(out)-1] += ": " + clip(err.Error())
			}
		}
	}
	for _, n := range c.Notify {
		out = append(out, "notify "+clip(jsonText(n.To)))
	}
	rp.set.setup.apply(o.ticket, a.Patch)
	return out
}

func jsonText(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// between goes over the time from one event to the next: a rule by the clock can begin to match when that changes the
// ticket, and when one of its hours is crossed.
func (rp *replaying) between(ctx context.Context, i int, from, to time.Time) error {
	if !to.After(rp.tr.Since) {
		return nil
	}
	for _, c := range rp.set.on[ByClock] {
		for _, at := range c.moments(rp.past.after[i], from, to) {
			if err := rp.tick(ctx, c, rp.past.occasion(i), at); err != nil {
				return err
			}
		}
	}
	return nil
}

// moments are when a rule could begin to match a ticket that does not change between two times.
func (c *compiled) moments(t *ticket.Ticket, from, to time.Time) []time.Time {
	out := []time.Time{from}
	for timestamp, after := range c.crossings {
		at := timeOf(t, timestamp).Add(after)
		for _, at := range []time.Time{at, at.Add(time.Microsecond)} { // at least, and more than
			if at.After(from) && at.Before(to) {
				out = append(out, at)
			}
		}
	}
	slices.SortFunc(out, time.Time.Compare)
	return out
}

func (rp *replaying) tick(ctx context.Context, c *compiled, o *occasion, at time.Time) error {
	if o.ticket.DeletedAt != nil || o.ticket.MergedInto != 0 || !c.serves(o.ticket.Brand) {
		return nil
	}
	o.event, o.message, o.before, o.name = nil, nil, o.ticket, ""
	vars, err := rp.seenAt(ctx, rp.reader, o, rp.set, at)
	if err != nil {
		return err
	}
	if ok, err := c.matches(vars); err == nil && !ok || rp.marks[c.Code] == c.mark(o.ticket) {
		return nil
	}
	rp.marks[c.Code] = c.mark(o.ticket)
	if at.Before(rp.tr.Since) { // it matched before
		return nil
	}
	_, err = rp.try(ctx, c, o, ByClock, at)
	return err
}
