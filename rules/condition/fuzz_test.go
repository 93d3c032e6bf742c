package condition_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/rules/condition"
)

// FuzzCondition compiles and runs what comes: it is refused with an *Error, or runs, and means the same when it is written
// anew.
func FuzzCondition(f *testing.F) {
	for _, text := range bombs() {
		f.Add(text)
	}
	for _, text := range []string{
		`ticket.status == "open" and hours_since_last_reply > 72`, `any(ticket.tags, # matches "a+")`, `not (1 < 2 ? ticket.locked : true)`,
		`changed_to(field["order-no"], "x") or before.field.gift`, `date("2026-01-01") < now`, `-1.5e3 * 2 - -3 >= 0 != true`, `"\u{41}\x41" in ['a', "b"]`,
		"`raw` == \"\\n\"", `ticket.tags | len() > 1`, `if true {false} else {true}`, `1e20 > -1e300`, `hours_since(ticket.solved_at) / 0 == 1`,
	} {
		f.Add(text)
	}
	s := schema()
	v := condition.NewVars(lamp())
	f.Fuzz(func(t *testing.T, text string) {
		c, err := condition.Compile(text, s)
		if err != nil {
			var e *condition.Error
			if !errors.As(err, &e) || e.Message == "" || strings.Contains(e.Message, "cannot be run") {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		got, err := c.Match(v)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if tree := c.Explain(v); (tree.Outcome == condition.True) != got || tree.Outcome == condition.Failed {
			t.Fatalf("%q: %v, and is explained as %s", text, got, tree.Outcome)
		}
		again, err := condition.Compile(c.String(), s)
		var e *condition.Error
		if errors.As(err, &e) && strings.Contains(e.Message, "bytes: shorten") {
			return // escapes are longer than what they stand for
		}
		if err != nil {
			t.Fatalf("%q, written as %q: %v", text, c, err)
		}
		if same, err := again.Match(v); same != got || err != nil || again.String() != c.String() {
			t.Fatalf("%q, written as %q and %q: %v and %v, %v", text, c, again, got, same, err)
		}
	})
}
