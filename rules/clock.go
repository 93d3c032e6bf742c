package rules

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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

// looked is how far a rule has looked.
type looked struct {
	To time.Time `json:"to"`
}

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
	if err := record.Put(ctx, tx, kindClock, rule.Code, "", l); err != nil {
		return err
	}
	tx.OnCommit(r.desk.Wake)
	return r.lookNext(ctx, tx, rule, r.desk.Now())
}

// look is a part of one look, which may be over very many tickets.
type look struct {
	Until time.Time `json:"until"`
	Part  int       `json:"part"`
	Query int       `json:"query"` // which of the questions is asked
	After string    `json:"after"` // cursor of its next page
}

// pagesAtOnce is after how many pages other things that are due have their turn.
const pagesAtOnce = 2

// overlap is by how much the clocks of two processes may differ.
const overlap = time.Minute

// lookNext has a rule look at a time. Another version of it does not.
func (r *Rules) lookNext(ctx context.Context, tx store.Tx, rule *Rule, at time.Time) error {
	return agenda.Put(ctx, tx, r.desk.Now(), agenda.Entry{What: clockEntry, Key: rule.Code + "@" + strconv.FormatInt(rule.Version, 10), Due: at})
}

// checkClock is one look, or a part of it.
func (r *Rules) checkClock(ctx context.Context, e agenda.Entry) (agenda.Handler, error) {
	code, version, _ := strings.Cut(e.Key, "@")
	version, _, _ = strings.Cut(version, "#")
	l := look{Until: r.desk.Now()}
	if len(e.Doc) > 0 {
		if err := json.Unmarshal(e.Doc, &l); err != nil {
			return nil, err
		}
	}
	var set *ruleset
	var from looked
	err := r.store.View(ctx, func(ctx context.Context, x store.Reader) (err error) {
		if set, err = r.load(ctx, x); err != nil {
			return err
		}
		from, err = record.Read[looked](ctx, x, kindClock, code)
		return orGone(err)
	})
	if err != nil {
		return nil, err
	}
	c, err := set.rule(code)
	if err != nil || strconv.FormatInt(c.Version, 10) != version || !c.of(ByClock) {
		return r.postpone(set, code), nil // another version looks
	}
	more, err := r.lookOver(ctx, c, from.To, &l)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, tx store.Tx, e agenda.Entry) error {
		if more {
			return r.lookOn(ctx, tx, &c.Rule, e, l)
		}
		return r.looked(ctx, tx, c, e, from.To, l.Until)
	}, nil
}

// lookOver goes over some pages of what may have begun to match, and reports whether there are more.
func (r *Rules) lookOver(ctx context.Context, c *compiled, from time.Time, l *look) (more bool, err error) {
	questions := c.questions(from.Add(-overlap), l.Until)
	for pages := 0; l.Query < len(questions) && pages < pagesAtOnce; pages++ {
		q := questions[l.Query]
		q.Limit, q.Cursor = ticket.MaxPage, l.After
		var page ticket.Page
		err := r.store.View(ctx, func(ctx context.Context, x store.Reader) (err error) {
			page, err = x.Tickets(ctx, q, everything)
			return err
		})
		if err != nil {
			return false, err
		}
		for _, t := range page.Tickets {
			if !c.serves(t.Brand) {
				continue
			}
			if err := r.fire(ctx, c, t.ID, from); err != nil {
				return false, err
			}
		}
		if l.After = page.Next; l.After == "" {
			l.Query++
		}
	}
	return l.Query < len(questions), nil
}

// lookOn has the rest of a look done when others had their turn.
func (r *Rules) lookOn(ctx context.Context, tx store.Tx, rule *Rule, e agenda.Entry, l look) error {
	l.Part++
	doc, err := json.Marshal(l)
	if err != nil {
		return err
	}
	key := fmt.Sprintf("%s@%d#%d", rule.Code, rule.Version, l.Part)
	return agenda.Put(ctx, tx, r.desk.Now(), agenda.Entry{What: clockEntry, Key: key, Due: e.Due, Doc: doc})
}

// looked ends a look, and has the next one follow.
func (r *Rules) looked(ctx context.Context, tx store.Tx, c *compiled, e agenda.Entry, from, until time.Time) error {
	if until.After(from) { // and not where the clock was set back
		if err := record.Put(ctx, tx, kindClock, c.Code, "", looked{To: until}); err != nil {
			return err
		}
	}
	now, next := r.desk.Now(), e.Due.Add(c.every())
	if !next.After(now) {
		next = now.Add(c.every())
	}
	return r.lookNext(ctx, tx, &c.Rule, next)
}

// postpone keeps the entry of a rule that does not fit the catalogue: it goes on when that is mended.
func (r *Rules) postpone(set *ruleset, code string) agenda.Handler {
	if set.broken[code] == nil {
		return nil
	}
	return func(ctx context.Context, tx store.Tx, e agenda.Entry) error {
		e.Due = r.desk.Now().Add(time.Hour)
		return agenda.Put(ctx, tx, r.desk.Now(), e)
	}
}

// fire runs a rule for a candidate, if it has begun to match since the look before.
func (r *Rules) fire(ctx context.Context, c *compiled, id int64, from time.Time) error {
	return r.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		t, err := tx.LockTicket(ctx, id)
		if err != nil {
			return orGone(err)
		}
		if !live(t) || !c.serves(t.Brand) {
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
	if err == nil && was == mark {
		return nil
	}
	old := false
	if err != nil { // it may have matched before the rule was active
		if old, err = run.matchedAt(ctx, c, from); err != nil {
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
	run.record.Rules = []Ran{*done}
	return run.record.put(ctx, run.tx)
}

// matchedAt reports whether the ticket matched at an earlier time already, as it was then. A look does not see a ticket that
// is deleted or merged: whether one that came back since is late or old goes by when the rule became active.
func (run *running) matchedAt(ctx context.Context, c *compiled, at time.Time) (bool, error) {
	t := run.o.ticket
	events, err := journal.Since(ctx, run.tx, t.ID, 0)
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
	vars, err := run.seenAt(ctx, run.tx, &occasion{ticket: then, before: then}, run.set, at)
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
	out := make([]string, 0, len(names))
	for _, name := range names {
		out = append(out, strings.TrimPrefix(name, "ticket.")+"="+strconv.FormatInt(timeOf(t, name).UnixMicro(), 10))
	}
	return strings.Join(out, " ")
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
