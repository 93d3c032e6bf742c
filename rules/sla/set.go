package sla

import (
	"fmt"
	"time"

	"github.com/helpdeskgo/helpdesk/rules/calendar"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Set is all policies with their calendars, made ready. It never changes, and is safe for concurrent use.
type Set struct {
	policies []Policy
	hours    map[string]*calendar.Hours // by the policy's code
	groups   bool
}

// NewSet returns the set of these policies. Errors: ticket.ErrInvalid for a policy or a calendar that Check refuses, and for
// a policy whose calendar is not there.
func NewSet(policies []Policy, calendars []calendar.Calendar) (*Set, error) {
	ready := map[string]*calendar.Hours{}
	for _, c := range calendars {
		h, err := calendar.Compile(c)
		if err != nil {
			return nil, fmt.Errorf("calendar %s: %w", c.Code, err)
		}
		ready[c.Code] = h
	}
	always, err := calendar.Compile(calendar.Calendar{Code: "always", Name: "always", Mode: calendar.AlwaysOpen})
	if err != nil {
		return nil, err
	}
	s := &Set{hours: map[string]*calendar.Hours{}}
	for _, p := range policies {
		if err := p.Check(); err != nil {
			return nil, fmt.Errorf("policy %s: %w", p.Code, err)
		}
		h, ok := ready[p.Calendar]
		switch {
		case p.Calendar == "":
			h = always
		case !ok:
			return nil, fmt.Errorf("policy %s: %w", p.Code, ticket.Invalid("calendar", ticket.FaultUnknown, "there is no calendar %q: save it first", p.Calendar))
		}
		s.policies, s.hours[p.Code] = append(s.policies, p.Clone()), h
		s.groups = s.groups || len(p.For.Groups) > 0
	}
	return s, nil
}

// Empty reports whether no ticket can have a clock.
func (s *Set) Empty() bool { return len(s.policies) == 0 }

// Groups reports whether any policy asks for History.Group.
func (s *Set) Groups() bool { return s.groups }

// Choose is Choose among the policies of the set.
func (s *Set) Choose(f Facts) (Policy, bool) {
	p, ok := Choose(s.policies, f)
	return p.Clone(), ok
}

// Clocks are those of a ticket at a moment, those that have ended included: one for each wait of its customer in their
// order, then that of its resolution. A target that the policy does not have gives none. Errors: a journal that cannot be
// read.
func (s *Set) Clocks(h History, now time.Time) ([]Clock, error) {
	moments, err := h.moments()
	if err != nil {
		return nil, err
	}
	if moments[len(moments)-1].away || s.Empty() {
		return nil, nil
	}
	var out []Clock
	add := func(w wait) {
		if c, ok := s.clock(moments, w, now); ok {
			out = append(out, c)
		}
	}
	for _, w := range h.waits() {
		add(w)
	}
	add(wait{target: Resolution, from: h.Ticket.CreatedAt})
	return out, nil
}

// Current are the clocks that matter now: of each target of the ticket's policy the last one. One that has not begun, as
// that of a next response while nobody waits, is NotStarted.
func (s *Set) Current(h History, now time.Time) ([]Clock, error) {
	all, err := s.Clocks(h, now)
	m := h.momentOf(h.Ticket, now)
	if err != nil || m.away {
		return nil, err
	}
	p, _ := Choose(s.policies, m.facts)
	var out []Clock
	for _, t := range Targets() {
		last := Clock{Target: t, State: NotStarted, Policy: p.Code, Within: time.Duration(p.Goal(t).Within)}
		last.Remaining = last.Within
		for _, c := range all {
			if c.Target == t {
				last = c
			}
		}
		if last.Within > 0 {
			out = append(out, last)
		}
	}
	return out, nil
}
