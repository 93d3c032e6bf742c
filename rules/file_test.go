package rules_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestFilesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	const rule = "rules:\n  - code: a\n    name: A\n    on: [created]\n"
	for _, c := range []struct{ what, text, want string }{
		{"a name that nobody knows", rule + "    whne: x\n", `line 5, column 5: unknown field "whne"`},
		{"a list that nobody knows", rule + "ruels: []\n", `line 5, column 1: unknown field "ruels"`},
		{"a list in place of a text", rule + "    when: [x]\n", "line 5, column 11: "},
		{"no YAML", rule + "   when: x\n", "line 5, column 4: "},
		{"a name that stands there twice", rule + "    code: b\n", "line 5, column 5: "},
		{"an anchor", rule + "    when: &x y\n", "line 5, column 11: anchors, aliases and tags are not read"},
		{"a span that is none", rule + "    every: often\n", `invalid duration "often"`},
		{"two documents", rule + "---\n" + rule, "more than one document"},
	} {
		t.Run("M52 a file with "+c.what+" is refused with the place", func(t *testing.T) {
			t.Parallel()
			f, err := rules.ParseFile([]byte(c.text))
			if !errors.Is(err, ticket.ErrInvalid) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want %q in it, and one line", err, c.want)
			}
			if f.Rules != nil {
				t.Errorf("and half of it: %+v", f)
			}
		})
	}
}
