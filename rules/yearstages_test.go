package rules_test

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/rules/sla"
	"github.com/helpdeskgo/helpdesk/store"
)

// expectStages is that each stage of a deadline was told once: of a ticket that has always been under the same policy within
// an hour.
func (y *year) expectStages(t testing.TB, byHour bool) {
	t.Helper()
	unsteady := map[int]bool{}
	for _, a := range y.happened {
		switch a.what {
		case "priority", "followup", "delete", "restore", "merge":
			unsteady[a.n] = true
			if a.what == "merge" {
				unsteady[a.lot%(a.n+1)] = true
			}
		}
	}
	stages := 0
	for n, id := range y.ids {
		told := y.stages(t, id, false)
		stages += len(told)
		once := map[string]bool{}
		for _, s := range told {
			if what := s.policy + " " + s.what; !strings.HasPrefix(s.what, string(sla.NextResponse)) && once[what] {
				t.Errorf("ticket %d: %s was told twice", n, what)
			} else {
				once[what] = true
			}
		}
		if !unsteady[n] && byHour {
			inTime := func(got, want passing) bool {
				return got.policy == want.policy && got.what == want.what && !got.at.Before(want.at) && got.at.Sub(want.at) < time.Hour
			}
			if want := y.stages(t, id, true); !slices.EqualFunc(told, want, inTime) {
				t.Errorf("ticket %d: stages told: %v, want %v", n, told, want)
			}
		}
	}
	if stages < len(y.ids)/2 {
		t.Errorf("only %d stages were there to check", stages)
	}
}

// passing is that a stage has passed.
type passing struct {
	at           time.Time
	policy, what string
}

// stages are those of a ticket that its journal tells of, or that its clocks have at the end of the year.
func (y *year) stages(t testing.TB, id int64, clocks bool) (out []passing) {
	t.Helper()
	if !clocks {
		for _, e := range y.journal(t, id) {
			if c, is := e.Changed("deadline"); is {
				out = append(out, passing{e.At, strings.TrimPrefix(e.Cause.Rule, "policy/"), c.New})
			}
		}
	} else {
		ok(t, y.Store.View(bg, func(ctx context.Context, x store.Reader) error {
			out = nil
			list, _, err := rules.Stages(y.Rules, ctx, x, id)
			for _, c := range list {
				for _, s := range c.Stages {
					if s.Past {
						out = append(out, passing{s.Due, c.Policy, string(c.Target) + " " + s.Name})
					}
				}
			}
			return err
		}))
	}
	slices.SortFunc(out, func(a, b passing) int {
		return cmp.Or(cmp.Compare(a.policy+a.what, b.policy+b.what), a.at.Compare(b.at))
	})
	return out
}
