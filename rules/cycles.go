package rules

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/rules/condition"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Rules that set each other off. What one sets is known when it is saved: an edge leads from it to every rule that looks
// at the change and can match what it has set. Whoever runs in such a circle is stopped after one round (see Looped), and
// here the circle is named before.

// cycles warns of each circle once, at its first rule.
func (r *Rules) cycles(set *ruleset) (out []Warning) {
	f := r.finder(set)
	told := map[string]bool{}
	for _, c := range set.rules {
		if path := r.cycleOf(f, c); path != nil && !told[sorted(path)] {
			told[sorted(path)] = true
			out = append(out, circular(path))
		}
	}
	return out
}

// cycleOf is the circle in which a rule is, from it on; nil for none.
func (r *Rules) cycleOf(f *finder, c *compiled) []*mover {
	if c.Inactive {
		return nil
	}
	f.left = maxSearch
	path := f.circle(r.mover(c), c, nil, ticket.Patch{})
	if path == nil || !r.restless(path) {
		return nil
	}
	return path
}

func circular(path []*mover) Warning {
	return Warning{path[0].Code, "it can set itself off: " + strings.Join(append(named(path), path[0].Code), " → ")}
}

// The bounds of the search for circles: longer ones, and those of very many rules, are stopped when they come to be.
const (
	maxCircle = 6
	maxSearch = 10_000 // steps from one rule
)

// mover is a rule with what it sets, the triggers that this gives, and the parts of its condition that must all hold.
type mover struct {
	*compiled
	sets  ticket.Patch
	gives []Trigger
	parts []clause
}

type clause struct {
	*condition.Condition
	fields []string
}

// finder looks for circles.
type finder struct {
	set  *ruleset
	on   map[Trigger][]*mover // active rules
	left int                  // steps
}

func (r *Rules) finder(set *ruleset) *finder {
	f := &finder{set: set, on: map[Trigger][]*mover{}}
	for t, list := range set.on {
		for _, c := range list {
			f.on[t] = append(f.on[t], r.mover(c))
		}
	}
	return f
}

// following are the rules that look at what a rule gives, each once.
func (f *finder) following(m *mover) iter.Seq[*mover] {
	return func(yield func(*mover) bool) {
		for i, t := range m.gives {
			for _, next := range f.on[t] {
				if !slices.ContainsFunc(m.gives[:i], next.of) && !yield(next) {
					return
				}
			}
		}
	}
}

// circle is a way from one rule to another, each of which can match what those before it have set.
func (f *finder) circle(at *mover, to *compiled, path []*mover, set ticket.Patch) []*mover {
	path = append(slices.Clone(path), at)
	set = merged(set, at.sets)
	now := &ticket.Ticket{ID: 1}
	f.set.setup.apply(now, set)
	vars := condition.NewVars(condition.Source{Ticket: now})
	for next := range f.following(at) {
		if f.left--; f.left < 0 {
			return nil
		}
		if next.excluded(vars, set) {
			continue
		}
		if next.compiled == to {
			return path
		}
		if len(path) == maxCircle || slices.Contains(path, next) {
			continue
		}
		if found := f.circle(next, to, path, set); found != nil {
			return found
		}
	}
	return nil
}

func named(path []*mover) []string {
	return codes(path, func(m *mover) string { return m.Code })
}

func sorted(path []*mover) string {
	list := named(path)
	slices.Sort(list)
	return strings.Join(list, " ")
}

// restless reports whether a second round would change anything: what is set to what it is already sets nothing off.
func (r *Rules) restless(path []*mover) bool {
	tags, values := map[string]bool{}, map[string]string{} // of tags: whether it is added
	for _, c := range path {
		for _, s := range c.Do {
			action := r.actions[s.Action]
			switch {
			case action == nil || action.outside:
			case !action.set:
				return true
			case s.Action == "add_tags" || s.Action == "remove_tags":
				list, err := parse[[]string](s.With)
				for _, t := range list {
					adds := s.Action == "add_tags"
					if was, there := tags[t]; err == nil && there && was != adds {
						return true
					}
					tags[t] = adds
				}
			default:
				property := s.Action
				if slices.Contains([]string{"archive", "spam", "restore"}, property) {
					property = "folder"
				}
				if was, there := values[property]; there && was != s.String() {
					return true
				}
				values[property] = s.String()
			}
		}
	}
	return false
}

// mover works out what a rule does that other rules look at, once.
func (r *Rules) mover(c *compiled) *mover {
	c.once.Do(func() { c.moves = r.newMover(c) })
	return c.moves
}

func (r *Rules) newMover(c *compiled) *mover {
	m := &mover{compiled: c}
	a := &Acting{Rule: c.Code, Ticket: &ticket.Ticket{}}
	for _, s := range c.Do {
		action := r.actions[s.Action]
		switch {
		case action == nil || action.outside:
		case action.set:
			if action.do(context.Background(), a, s.With) == nil {
				m.gives = append(m.gives, Changed)
			}
		case s.Action == "add_note":
			m.gives = append(m.gives, Noted)
		}
	}
	if m.sets = a.Patch; m.sets.Assignee != nil {
		m.gives = append(m.gives, Assigned)
	}
	if c.condition != nil {
		for _, p := range c.condition.Conjuncts() {
			m.parts = append(m.parts, clause{p, p.Facts().Fields})
		}
	}
	return m
}

// excluded reports whether the condition cannot hold where these properties are as they are.
func (m *mover) excluded(v *condition.Vars, set ticket.Patch) bool {
	for _, p := range m.parts {
		if slices.ContainsFunc(p.fields, func(f string) bool { return !isSet(set, f) }) {
			continue
		}
		if ok, err := p.Match(v); err == nil && !ok {
			return true
		}
	}
	return false
}

// merged is what a patch leaves of what another has set.
func merged(a, b ticket.Patch) ticket.Patch {
	for _, f := range []struct{ to, from **string }{
		{&a.Status, &b.Status}, {&a.Priority, &b.Priority}, {&a.Department, &b.Department}, {&a.Brand, &b.Brand}, {&a.Assignee, &b.Assignee},
	} {
		if *f.from != nil {
			*f.to = *f.from
		}
	}
	if b.Folder != nil {
		a.Folder = b.Folder
	}
	return a
}

// isSet reports whether a patch says what a field is.
func isSet(p ticket.Patch, field string) bool {
	switch field {
	case "ticket.status", "ticket.class":
		return p.Status != nil
	case "ticket.priority":
		return p.Priority != nil
	case "ticket.department":
		return p.Department != nil
	case "ticket.brand", "ticket.store":
		return p.Brand != nil
	case "ticket.assignee", "ticket.owner":
		return p.Assignee != nil
	case "ticket.folder":
		return p.Folder != nil
	}
	return false
}
