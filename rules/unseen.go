package rules

import (
	"slices"
	"strings"
)

// unseen are warnings of what a rule asks for that is never there when it is looked at; changing says that a rule before it
// may change the ticket.
func (c *compiled) unseen(changing bool) (out []Warning) {
	if len(c.Do) == 0 && len(c.Notify) == 0 && !c.Stop {
		out = append(out, Warning{c.Code, "it does nothing: it has no action, tells nobody, and does not stop"})
	}
	if c.Every != 0 && !slices.Contains(c.On, ByClock) {
		out = append(out, Warning{c.Code, "it says every, and is not looked at by the clock: on: [by_clock] is"})
	}
	if c.Stop && c.onlyByClock() {
		out = append(out, Warning{c.Code, "it stops, and by the clock each rule looks for itself: stop means nothing there"})
	}
	if c.condition == nil {
		return out
	}
	facts := c.condition.Facts()
	only := func(of ...Trigger) bool {
		return !slices.ContainsFunc(c.On, func(t Trigger) bool {
			hosts := slices.Contains(of, "x.") && strings.HasPrefix(string(t), "x.")
			return !hosts && !slices.Contains(of, t)
		})
	}
	if facts.Message && only(ByClock, DeadlineNear, DeadlineMissed, "x.") {
		out = append(out, Warning{c.Code, "it asks for message…, and nothing that it answers has a message: ticket.last_message is the last public one"})
	}
	if facts.Event && only(ByClock, "x.") {
		out = append(out, Warning{c.Code, "it asks what happened, or how the ticket was before, and is looked at with no event: ask how the ticket is"})
	}
	if !only(Created) {
		return out
	}
	if facts.Changes && !changing {
		out = append(out, Warning{c.Code, "it asks what has changed, and is looked at when the ticket is opened: nothing has changed by then, and no rule before it changes anything"})
	}
	for _, t := range facts.Thresholds {
		if t.Hours > 0 && (t.Operator == ">" || t.Operator == ">=") {
			out = append(out, Warning{c.Code, "it asks whether hours have passed, and is looked at once, when the ticket is opened: on: [by_clock] looks again and again"})
			break
		}
	}
	return out
}
