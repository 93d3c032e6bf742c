package sla

import (
	"time"
)

// Why says what a clock made of a time.
type Why string

// The reasons.
const (
	Open   Why = "open"    // it counted
	Closed Why = "closed"  // outside working hours
	OnHold Why = "on_hold" // the status pauses it
	Done   Why = "done"    // the ticket was solved or closed
	Away   Why = "away"    // it was in the spam folder, deleted, or merged
	Rest   Why = "rest"    // more than is explained one by one
)

// MaxExplained is how many entries an explanation has at most.
const MaxExplained = 10_000

// Counted is an entry of an explanation.
type Counted struct {
	From    time.Time     `json:"from"`
	To      time.Time     `json:"to"`
	Counted time.Duration `json:"counted"`
	Why     Why           `json:"why"`
	Special string        `json:"special,omitempty"` // the special period that opened or closed it
	Status  string        `json:"status,omitempty"`  // the code of the one that paused or ended it
}

// Explain says how the deadline comes about: it divides the time from the clock's start to its deadline, without a gap, into
// what counts and what does not, so that what counts is Within. Where no deadline is known it ends with the clock, or now,
// and what counts is Elapsed. The times of working hours are in the calendar's zone.
func (c Clock) Explain() []Counted {
	end := c.Deadline
	switch {
	case !end.IsZero():
	case !c.End.IsZero():
		end = c.End
	default:
		end = c.now
	}
	var out []Counted
	for _, p := range c.parts {
		if p.to.IsZero() || p.to.After(end) {
			p.to = end
		}
		if !p.from.Before(p.to) {
			break
		}
		if p.why != Open {
			out = append(out, Counted{From: p.from, To: p.to, Why: p.why, Status: p.status})
			continue
		}
		for i := range c.hours.Intervals(p.from, p.to) {
			if len(out) >= MaxExplained-1 {
				return append(out, c.rest(i.From, end))
			}
			e := Counted{From: i.From, To: i.To, Why: Closed, Special: i.Special}
			if i.Open {
				e.Why, e.Counted = Open, i.Duration()
			}
			out = append(out, e)
		}
	}
	return out
}

// rest is what is left to explain.
func (c Clock) rest(from, to time.Time) Counted {
	c.now = to
	all := c.elapsed()
	c.now = from
	return Counted{From: from, To: to, Counted: all - c.elapsed(), Why: Rest}
}
