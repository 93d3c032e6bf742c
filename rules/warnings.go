package rules

import (
	"context"
	"fmt"
	"slices"

	"github.com/helpdeskgo/helpdesk/store"
)

// Warning is something about a rule that is allowed, but can hardly be meant.
type Warning struct {
	Rule    string `json:"rule"`
	Message string `json:"message"`
}

// Warnings lists what is allowed and can hardly be meant: conditions that can never hold, rules that no event reaches
// because one before them always stops, what is never there when they are looked at, rules that do nothing, notices whose files
// never go with them, rules that can set each other off for ever, agents whom nobody knows, texts in which something looks like
// a variable and is none, and rules that fit the catalogue no more. Of macros it lists agents and texts. Errors:
// ticket.ErrNoActor; ticket.ErrForbidden for who may not configure the desk.
func (r *Rules) Warnings(ctx context.Context) (out []Warning, err error) {
	if err := r.desk.MayConfigure(ctx); err != nil {
		return nil, failed("warnings", err)
	}
	var list []*Rule
	err = r.store.View(ctx, func(ctx context.Context, x store.Reader) error {
		set, err := r.load(ctx, x)
		if err != nil {
			return err
		}
		out, list = r.warnings(set), set.list()
		macros, err := macroForm.list(ctx, x)
		for _, m := range macros {
			list = append(list, m.asRule())
		}
		return err
	})
	known := r.newAcquaintance()
	for _, rule := range list {
		if err != nil {
			break
		}
		var more []Warning
		more, err = r.doubts(ctx, known, rule)
		out = append(out, more...)
	}
	return out, failed("warnings", err)
}

func (r *Rules) warnings(set *ruleset) (out []Warning) {
	for code, why := range set.broken {
		out = append(out, unfitting(code, why))
	}
	for i := range set.rules {
		out = append(out, set.warningsOf(i)...)
	}
	return append(out, r.cycles(set)...)
}

func unfitting(code string, why error) Warning {
	return Warning{code, "it does not run: " + why.Error()}
}

// warningsOf are those of one rule, but for circles.
func (s *ruleset) warningsOf(i int) (out []Warning) {
	c := s.rules[i]
	if c.Inactive {
		return nil
	}
	if c.condition != nil {
		for _, w := range c.condition.Warnings() {
			out = append(out, Warning{c.Code, w.Error()})
		}
	}
	if by := s.shadow(i); by != "" {
		out = append(out, Warning{c.Code, fmt.Sprintf("it is never looked at: rule %q comes before it, always matches, and stops", by)})
	}
	changing := slices.ContainsFunc(s.rules[:i], func(before *compiled) bool { return before.of(Created) && len(before.Do) > 0 })
	return slices.Concat(out, c.unseen(changing), c.filesWarnings())
}

// warningsFor are those of one rule, with the circle that it closes.
func (r *Rules) warningsFor(ctx context.Context, code string) (out []Warning, err error) {
	err = r.store.View(ctx, func(ctx context.Context, x store.Reader) error {
		out = nil
		set, err := r.load(ctx, x)
		if err != nil {
			return err
		}
		if why := set.broken[code]; why != nil {
			out = append(out, unfitting(code, why))
		}
		i := slices.IndexFunc(set.rules, func(c *compiled) bool { return c.Code == code })
		if i < 0 {
			return nil
		}
		out = append(out, set.warningsOf(i)...)
		if path := r.cycleOf(r.finder(set), set.rules[i]); path != nil {
			out = append(out, circular(path))
		}
		return nil
	})
	return out, err
}

// shadow names a rule before that one that leaves nothing to it.
func (s *ruleset) shadow(i int) string {
	c := s.rules[i]
	for _, t := range c.On {
		by := ""
		for _, before := range s.rules[:i] {
			if t != ByClock && before.Stop && before.of(t) && before.condition == nil && before.covers(c) {
				by = before.Code
			}
		}
		if by == "" {
			return ""
		}
		if t == c.On[len(c.On)-1] {
			return by
		}
	}
	return ""
}

// covers reports whether a rule is looked at for all tickets for which another one is.
func (r *Rule) covers(other *compiled) bool {
	if len(r.Brands) == 0 {
		return true
	}
	for _, b := range other.Brands {
		if !r.serves(b) {
			return false
		}
	}
	return len(other.Brands) > 0
}
