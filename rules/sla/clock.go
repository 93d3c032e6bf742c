package sla

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/helpdeskgo/helpdesk/rules/calendar"
)

// State is how a clock stands.
type State string

// The states.
const (
	NotStarted State = "not_started" // nobody waits
	Running    State = "running"
	Paused     State = "paused"   // by the ticket's status
	Met        State = "met"      // in time
	Breached   State = "breached" // the deadline has passed, whatever came later
)

// Clock is how far a promise is kept.
type Clock struct {
	Policy string    `json:"policy"` // code
	Target Target    `json:"target"`
	State  State     `json:"state"`
	Start  time.Time `json:"start,omitzero"`
	// End is when the answer came, or when the ticket was solved; zero while neither is so. A ticket that is opened again
	// takes it back.
	End time.Time `json:"end,omitzero"`
	// Deadline is when the working time is over if nothing else happens. It is zero where nobody can tell: while the clock
	// is paused, after an end in time, and where the calendar does not open any more.
	Deadline  time.Time     `json:"deadline,omitzero"`
	Within    time.Duration `json:"within"`    // what is promised
	Elapsed   time.Duration `json:"elapsed"`   // working time so far
	Remaining time.Duration `json:"remaining"` // Within without Elapsed: below 0 when it is late
	Stages    []Stage       `json:"stages,omitempty"`

	parts []part
	hours *calendar.Hours
	now   time.Time
}

// Stage is a warning, or the breach.
type Stage struct {
	// ID names the stage of this very clock: by policy, target, stage and start. What is to happen once for a stage happens
	// once for its ID and its ticket.
	ID   string    `json:"id"`
	Name string    `json:"name"`         // "breach", or "warning:75%", or "warning:30m0s" before it
	Due  time.Time `json:"due,omitzero"` // zero where that is not known, or does not come any more
	Past bool      `json:"past,omitempty"`
}

// Breach is the name of the last stage.
const Breach = "breach"

// part is a time in which the clock counts, or why it does not.
type part struct {
	from, to time.Time // to is zero where it goes on
	why      Why       // Open where it counts
	status   string
}

// clock is that of a wait, or of the resolution; ok is false where nothing was promised.
func (s *Set) clock(moments []moment, w wait, now time.Time) (Clock, bool) {
	if end := doneSince(moments); w.to.IsZero() && !end.IsZero() && !end.Before(w.from) {
		w.to = end // until it is opened again
	}
	p, ok := Choose(s.policies, lastBefore(moments, w.to).facts)
	goal := p.Goal(w.target)
	if !ok || goal.Within == 0 {
		return Clock{}, false
	}
	c := Clock{Policy: p.Code, Target: w.target, Start: w.from, End: w.to, Within: time.Duration(goal.Within), hours: s.hours[p.Code], now: now}
	c.parts = partsOf(moments, w, p.Pause)
	c.Elapsed = c.elapsed()
	c.Remaining = c.Within - c.Elapsed
	c.Deadline = c.reach(c.Within)
	c.State = c.state()
	if c.State == Met {
		c.Deadline = time.Time{}
	}
	c.Stages = c.stages(goal, p.Since)
	return c, true
}

// lastBefore is the last moment that is not after t; the last of all if t is zero.
func lastBefore(moments []moment, t time.Time) moment {
	last := len(moments) - 1
	for last > 0 && !t.IsZero() && moments[last].at.After(t) {
		last--
	}
	return moments[last]
}

// doneSince is since when the ticket has been solved or closed, or zero.
func doneSince(moments []moment) (since time.Time) {
	for _, m := range slices.Backward(moments) {
		if !m.class.Done() {
			break
		}
		since = m.at
	}
	return since
}

// partsOf divides the time of a clock at the changes of its ticket.
func partsOf(moments []moment, w wait, pause Pause) []part {
	var out []part
	for i, m := range moments {
		p := part{from: later(m.at, w.from), to: w.to, why: whyOf(m, pause), status: m.status}
		if i+1 < len(moments) && (p.to.IsZero() || moments[i+1].at.Before(p.to)) {
			p.to = moments[i+1].at
		}
		if !p.to.IsZero() && !p.from.Before(p.to) {
			continue
		}
		if last := len(out) - 1; last >= 0 && out[last].why == p.why && (p.why == Open || out[last].status == p.status) {
			out[last].to = p.to
			continue
		}
		out = append(out, p)
	}
	return out
}

// whyOf says whether a clock counts, and what keeps it from that.
func whyOf(m moment, pause Pause) Why {
	switch {
	case m.away:
		return Away
	case m.class.Done():
		return Done
	case pause.In(m.status, m.class):
		return OnHold
	}
	return Open
}

// elapsed is what has been counted by now.
func (c *Clock) elapsed() (sum time.Duration) {
	for _, p := range c.parts {
		to := p.to
		if to.IsZero() || to.After(c.now) {
			to = c.now
		}
		if p.why == Open {
			sum += c.hours.Between(p.from, to)
		}
	}
	return sum
}

// reach is when so much is counted, if nothing else happens; zero if that is never.
func (c *Clock) reach(d time.Duration) time.Time {
	for _, p := range c.parts {
		if p.why != Open {
			continue
		}
		if !p.to.IsZero() {
			if n := c.hours.Between(p.from, p.to); n < d {
				d -= n
				continue
			}
		}
		at, _ := c.hours.Add(p.from, d)
		return at
	}
	return time.Time{}
}

func (c *Clock) state() State {
	known, ended := !c.Deadline.IsZero(), !c.End.IsZero()
	switch {
	case known && ended && c.End.After(c.Deadline), known && !ended && !c.now.Before(c.Deadline):
		return Breached
	case ended:
		return Met
	case len(c.parts) > 0 && c.parts[len(c.parts)-1].why != Open:
		return Paused
	}
	return Running
}

// stages are those of the goal, in the order in which they come.
func (c *Clock) stages(g Goal, since time.Time) []Stage {
	warn := slices.Clone(g.Warn)
	slices.SortStableFunc(warn, func(a, b Warning) int { return cmp.Compare(a.after(g.Within), b.after(g.Within)) })
	var out []Stage
	for _, w := range warn {
		out = append(out, c.stage(w.name(), c.reach(w.after(g.Within)), since))
	}
	return append(out, c.stage(Breach, c.Deadline, since))
}

func (c *Clock) stage(name string, due, since time.Time) Stage {
	if due.Before(since) {
		due = time.Time{}
	}
	return Stage{
		ID:   "sla/" + c.Policy + "/" + string(c.Target) + "/" + name + "/" + strconv.FormatInt(c.Start.UnixMicro(), 10),
		Name: name, Due: due, Past: !due.IsZero() && !c.now.Before(due),
	}
}

func (w Warning) name() string {
	if w.Percent > 0 {
		return "warning:" + strconv.Itoa(w.Percent) + "%"
	}
	return "warning:" + w.Before.String()
}

// Next is the first moment after now at which a stage of one of the clocks is due, or zero.
func Next(clocks []Clock, now time.Time) (at time.Time) {
	for _, c := range clocks {
		for _, s := range c.Stages {
			if s.Due.After(now) && (at.IsZero() || s.Due.Before(at)) {
				at = s.Due
			}
		}
	}
	return at
}
