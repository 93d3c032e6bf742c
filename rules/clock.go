package rules

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/agenda"
	"github.com/helpdeskgo/helpdesk/internal/journal"
	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Rules by the clock look every so often, and miss nothing in between: a look goes over what has crossed one of the
// rule's hours since the look before, however long ago that was, and over what has changed since. Others cannot have
// begun to match. A ticket that matches is noted with the times by which it did (of the last reply, as a rule): it is
// not matched again until one of them changes.

const (
	clockEntry = "clock"     // on the agenda
	kindClock  = "ruleclock" // record: how far a rule has looked
	kindMark   = "rulemark"  // record: that a rule has matched a ticket
)

// looked is how far a rule has looked, and when it looks next.
type looked struct {
	To   time.Time `json:"to"`
	Next time.Time `json:"next"`
	Turn int64     `json:"turn"` // of the one entry that looks next: any other comes to nothing

	// A look that is not over: it goes up to a time, and has come to this page of that question.
	Until    time.Time `json:"until,omitzero"`
	Question int       `json:"question,omitempty"`
	Cursor   string    `json:"cursor,omitempty"`
}

// A look takes a part of its tickets at a time, lest another process takes it over meanwhile.
const (
	lookAtMost = 1000 // tickets
	lookFor    = 20 * time.Second
)

// overlap is by how much the clocks of two processes may differ.
const overlap = time.Minute

// watchClock has a rule look from now on, if it is one by the clock.
func (r *Rules) watchClock(ctx context.Context, tx store.Tx, rule *Rule) error {
	if rule.Inactive || !slices.Contains(rule.On, ByClock) {
		return tx.DeleteRecord(ctx, kindClock, rule.Code)
	}
	l, err := record.Read[looked](ctx, tx, kindClock, rule.Code)
	if err != nil && !errors.Is(err, ticket.ErrNotFound) {
		return err
	}
	if l.To.IsZero() || rule.Since.After(l.To) || rule.Version == 1 {
		l.To = rule.Since
	}
	tx.OnCommit(r.desk.Wake)
	return r.lookNext(ctx, tx, rule.Code, rule.Version, looked{To: l.To, Turn: l.Turn}, r.desk.Now())
}

// lookNext has a version of a rule look at a time, and at no other.
func (r *Rules) lookNext(ctx context.Context, tx store.Tx, code string, version int64, l looked, at time.Time) error {
	l.Turn++
	l.Next = ticket.Time(at)
	if err := record.Put(ctx, tx, kindClock, code, "", l); err != nil {
		return err
	}
	key := fmt.Sprintf("%s@%d@%d", code, version, l.Turn)
	return agenda.Put(ctx, tx, r.desk.Now(), agenda.Entry{What: clockEntry, Key: key, Due: l.Next})
}

// checkClock is one look, or a part of it.
func (r *Rules) checkClock(ctx context.Context, e agenda.Entry) (agenda.Handler, error) {
	code, of, _ := strings.Cut(e.Key, "@")
	var version, turn int64
	if _, err := fmt.Sscanf(of, "%d@%d", &version, &turn); err != nil {
		return nil, fmt.Errorf("the entry %q names no version and turn: %w", e.Key, err)
	}
	now := ticket.Time(r.desk.Now())
	var set *ruleset
	var l looked
	err := r.store.View(ctx, func(ctx context.Context, x store.Reader) (err error) {
		if set, err = r.load(ctx, x); err != nil {
			return err
		}
		l, err = record.Read[looked](ctx, x, kindClock, code)
		return orGone(err)
	})
	if err != nil || l.Turn != turn {
		return nil, err
	}
	c, err := set.rule(code)
	switch {
	case set.broken[code] != nil: // it goes on from here when it is mended
		return r.thenLook(code, version, l, now.Add(time.Hour)), nil
	case err != nil || c.Version != version || !c.of(ByClock):
		return nil, nil
	}
	next, err := r.lookOn(ctx, c, l, now)
	if err != nil {
		return nil, err
	}
	if !next.Until.IsZero() {
		return r.thenLook(code, version, next, now), nil
	}
	at := e.Due.Add(c.every())
	if !at.After(now) {
		at = now.Add(c.every())
	}
	return r.thenLook(code, version, next, at), nil
}

// thenLook ends a look, unless the rule was saved meanwhile.
func (r *Rules) thenLook(code string, version int64, next looked, at time.Time) agenda.Handler {
	return func(ctx context.Context, tx store.Tx, _ agenda.Entry) error {
		l, err := record.Read[looked](ctx, tx, kindClock, code)
		if err != nil || l.Turn != next.Turn {
			return orGone(err)
		}
		return r.lookNext(ctx, tx, code, version, next, at)
	}
}

// lookOn goes over candidates from where the look stands, and returns where it stands then.
func (r *Rules) lookOn(ctx context.Context, c *compiled, l looked, now time.Time) (looked, error) {
	if l.To.After(now.Add(overlap)) { // the clock was set back
		l = looked{To: now, Turn: l.Turn}
	}
	if l.Until.IsZero() || l.Until.After(now) {
		l.Until, l.Question, l.Cursor = now, 0, ""
	}
	questions := c.questions(l.To.Add(-overlap), l.Until)
	seen, end := map[int64]bool{}, time.Now().Add(lookFor)
	for l.Question < len(questions) {
		if len(seen) >= lookAtMost || time.Now().After(end) {
			return l, nil
		}
		q := questions[l.Question]
		q.Limit, q.Cursor = ticket.MaxPage, l.Cursor
		var page ticket.Page
		err := r.store.View(ctx, func(ctx context.Context, x store.Reader) (err error) {
			page, err = x.Tickets(ctx, q, everything)
			return err
		})
		if err != nil {
			return l, err
		}
		for _, t := range page.Tickets {
			if seen[t.ID] || !c.serves(t.Brand) {
				continue
			}
			seen[t.ID] = true
			if err := r.fire(ctx, c, t.ID, l.To); err != nil {
				return l, err
			}
		}
		if l.Cursor = page.Next; l.Cursor == "" {
			l.Question++
		}
	}
	if done, err := r.lookQuietly(ctx, c, &l, seen, end); err != nil || !done {
		return l, err
	}
	return looked{To: later(l.To, l.Until), Turn: l.Turn}, nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// rewind has rules look that would not for long: because the clock was set back, or because what would have had them look
// was given up.
func (r *Rules) rewind(ctx context.Context, now time.Time) error {
	return r.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		set, err := r.load(ctx, tx)
		if err != nil {
			return err
		}
		for _, c := range set.on[ByClock] {
			l, err := record.Read[looked](ctx, tx, kindClock, c.Code)
			if err != nil && !errors.Is(err, ticket.ErrNotFound) {
				return err
			}
			if l.To.IsZero() {
				l.To = c.Since
			}
			// Others go on while this process pauses: it is not later than that when the record is read, and not earlier after it.
			if l.Next.Sub(r.desk.Now()) > c.every()+overlap || now.Sub(l.Next) > 2*time.Hour {
				if err := r.lookNext(ctx, tx, c.Code, c.Version, l, now); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// fire runs a rule for a candidate, if it has begun to match since the look before.
func (r *Rules) fire(ctx context.Context, c *compiled, id int64, from time.Time) error {
	return r.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		t, err := tx.LockTicket(ctx, id)
		if err != nil {
			return orGone(err)
		}
		if !live(t) || !c.awaits(t.Brand, r.desk.Now()) {
			return nil
		}
		set, err := r.load(ctx, tx)
		if err != nil {
			return err
		}
		run := &running{Rules: r, tx: tx, set: set, o: &occasion{ticket: t, before: t}, trigger: ByClock}
		run.record = Run{TicketID: id, At: r.desk.Now(), Triggers: []Trigger{ByClock}, Looked: 1}
		if err := run.look(ctx); err != nil {
			return err
		}
		return run.clock(ctx, c, from)
	})
}

func (run *running) clock(ctx context.Context, c *compiled, from time.Time) error {
	t := run.o.ticket
	if ok, err := c.matches(run.vars); err == nil && !ok {
		return nil
	}
	key, mark := c.Code+"/"+record.ID(t.ID), c.mark(t)
	was, err := record.Read[string](ctx, run.tx, kindMark, key)
	if err != nil && !errors.Is(err, ticket.ErrNotFound) {
		return err
	}
	if was == mark {
		return nil
	}
	old := false
	if !c.marked(was) { // it may have matched before the rule asked this
		if old, err = run.matchedAt(ctx, run.tx, run.set, c, t, from); err != nil {
			return err
		}
	}
	if err := record.Put(ctx, run.tx, kindMark, key, record.ID(t.ID), mark); err != nil || old {
		return err
	}
	done, err := run.one(ctx, c)
	if err != nil || done == nil {
		return err
	}
	// What the rule itself has changed is no new cause for it, whether it matches by it now, or will after some hours.
	if t, err = run.tx.Ticket(ctx, t.ID, everything); err != nil {
		return err
	}
	if err := record.Put(ctx, run.tx, kindMark, key, record.ID(t.ID), c.mark(t)); err != nil {
		return err
	}
	run.record.Rules = []Ran{*done}
	return run.keep(ctx)
}

// matchedAt reports whether the ticket matched at an earlier time already, as it was then. A look does not see a ticket that
// is deleted or merged: whether one that came back since is late or old goes by when the rule became active.
func (r *Rules) matchedAt(ctx context.Context, x store.Reader, set *ruleset, c *compiled, t *ticket.Ticket, at time.Time) (bool, error) {
	events, err := journal.Since(ctx, x, t.ID, 0)
	if err != nil {
		return false, err
	}
	if slices.ContainsFunc(events, func(e *ticket.Event) bool { return cameBack(e) && !e.At.Before(at) }) {
		at = c.Since
	}
	if !t.CreatedAt.Before(at) {
		return false, nil
	}
	then := t.Clone()
	for _, e := range slices.Backward(events) {
		if e.At.Before(at) { // what came at that very moment may have come after the look
			break
		}
		if err := ticket.Undo(then, e.Changes); err != nil {
			return false, err
		}
	}
	vars, err := r.seenAt(ctx, x, &occasion{ticket: then, before: then}, set, at)
	if err != nil {
		return false, err
	}
	ok, err := c.matches(vars)
	return ok && err == nil, nil
}

// cameBack reports whether an event is the end of a time in which nothing happened to its ticket.
func cameBack(e *ticket.Event) bool {
	into, moved := e.Changed("merged_into")
	return e.Type == ticket.EventRestored || e.Type == ticket.EventMergedInto && moved && into.New == ""
}

// catchUpClock has a ticket that is back looked at by the rules by the clock: its hours may have gone by meanwhile.
func (r *Rules) catchUpClock(ctx context.Context, id int64) error {
	var set *ruleset
	err := r.store.View(ctx, func(ctx context.Context, x store.Reader) (err error) {
		set, err = r.load(ctx, x)
		return err
	})
	if err != nil {
		return err
	}
	for _, c := range set.rules {
		if !c.of(ByClock) {
			continue
		}
		if err := r.fire(ctx, c, id, c.Since); err != nil {
			return err
		}
	}
	return nil
}

// mark is by which times a ticket matches.
func (c *compiled) mark(t *ticket.Ticket) string {
	names := c.facts.Timestamps
	if len(names) == 0 {
		names = []string{"ticket.last_reply_at"}
	}
	out := []string{strings.TrimSpace(c.asks())}
	for _, name := range names {
		out = append(out, strings.TrimPrefix(name, "ticket.")+"="+strconv.FormatInt(timeOf(t, name).UnixMicro(), 10))
	}
	return strings.Join(out, " ")
}

// marked reports whether a mark is one of what the rule asks now.
func (c *compiled) marked(mark string) bool { return strings.HasPrefix(mark, c.asks()) }

// asks names the condition: what an earlier one has matched, another has not.
func (c *compiled) asks() string {
	h := fnv.New64a()
	if c.condition != nil {
		h.Write([]byte(c.condition.String()))
	}
	return strconv.FormatUint(h.Sum64(), 36) + " "
}

func timeOf(t *ticket.Ticket, name string) time.Time {
	pointed := func(p *time.Time) time.Time {
		if p == nil {
			return time.Time{}
		}
		return *p
	}
	switch name {
	case "ticket.created_at":
		return t.CreatedAt
	case "ticket.updated_at":
		return t.UpdatedAt
	case "ticket.solved_at":
		return pointed(t.SolvedAt)
	case "ticket.closed_at":
		return pointed(t.ClosedAt)
	}
	return t.LastReplyAt
}
