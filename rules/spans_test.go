package rules_test

import (
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestSpansOfDays(t *testing.T) {
	t.Parallel()
	t.Run("M52 I09 a file says spans in days, and they come back as hours", func(t *testing.T) {
		t.Parallel()
		f := must(rules.ParseFile([]byte(`
rules:
  - code: a
    name: A
    on: [by_clock]
    every: 1d12h
auto_close:
  - code: silent
    name: Silent
    statuses: [open]
    after: 2d
policies:
  - code: p
    name: P
    resolution: {within: 5d, warn: [{before: 1d}]}
`)))(t)
		for what, got := range map[ticket.Duration]ticket.Duration{
			ticket.Duration(36 * time.Hour): f.Rules[0].Every, ticket.Duration(48 * time.Hour): f.AutoClose[0].After,
			ticket.Duration(120 * time.Hour): f.Policies[0].Resolution.Within, ticket.Duration(24 * time.Hour): f.Policies[0].Resolution.Warn[0].Before,
		} {
			if got != what {
				t.Errorf("%v, want %v", got, what)
			}
		}
		again := must(rules.ParseFile(must(f.YAML())(t)))(t)
		if again.AutoClose[0].After != f.AutoClose[0].After {
			t.Errorf("comes back as %v", again.AutoClose[0].After)
		}
	})
}
