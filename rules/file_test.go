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
		{"a name that nobody knows", rule + "    whne: x\n", `line 5, column 5: unknown field "whne"; did you mean "when"?`},
		{"a list that nobody knows", rule + "ruels: []\n", `line 5, column 1: unknown field "ruels"`},
		{"a list in place of a text", rule + "    when: [x]\n", "line 5, column 11: rules[0].when: wants a text, and is a list"},
		{"a mapping in place of a text", rule + "    when: {a: b}\n", "line 5, column 11: rules[0].when: wants a text, and is a mapping"},
		{"a number in place of a text", "rules:\n  - code: 5\n", "line 2, column 11: rules[0].code: wants a text, and is a number: put it in quotes"},
		{"a text in place of a list", rule + "    do: close\n", "line 5, column 9: rules[0].do: wants a list, and is a text"},
		{"a mapping in place of a list", rule + "    do:\n      archive: null\n", "line 6, column 7: rules[0].do: wants a list, and is a mapping"},
		{"a list in place of a mapping", "- code: a\n", "line 1, column 1: wants a mapping, as auto_close: …, and is a list"},
		{"an action without its configuration", rule + "    do:\n      - spam: null\n      - archive\n", "line 7, column 9: rules[0].do[1]: wants an action with its configuration, as add_tags: [vip], or archive: null, and is a text"},
		{"two actions in one", rule + "    do: [{archive: null, spam: null}]\n", "line 5, column 10: rules[0].do[0]: is to be one action, and has 2"},
		{"a text in place of a number", rule + "    sort: high\n", "line 5, column 11: rules[0].sort: wants a whole number, and is a text"},
		{"a number in quotes", rule + "    sort: \"5\"\n", "line 5, column 11: rules[0].sort: wants a whole number, and is a text"},
		{"a part of a number", rule + "    sort: 1.5\n", "line 5, column 11: rules[0].sort: wants a whole number, and is 1.5"},
		{"a number that is too great", rule + "    sort: 99999999999999999999\n", "wants a whole number, and is 99999999999999999999"},
		{"a number in place of a switch", rule + "    stop: 1\n", "line 5, column 11: rules[0].stop: wants true or false, and is a number"},
		{"a list in place of a span", rule + "    every: [1]\n", "line 5, column 12: rules[0].every: wants a span, as 72h or 90m, and is a list"},
		{"a number in place of a span", rule + "    every: 5\n", `line 5, column 12: rules[0].every: wants a span, as 72h or 90m, and is "5"`},
		{"a day in place of a time", rule + "    since: 2026-12-24\n", `line 5, column 12: rules[0].since: wants a time, as "2026-12-24T14:00:00Z", and is "2026-12-24"`},
		{"a text deep in it", "calendars:\n- code: c\n  week: {monday: 9-5}\n", "line 3, column 18: calendars[0].week.monday: wants a list, and is a text"},
		{"a list for texts by name", "calendars:\n- code: c\n  labels: {de: [x]}\n", "line 3, column 16: calendars[0].labels.de: wants a text, and is a list"},
		{"a text for texts by name", "calendars:\n- code: c\n  labels: x\n", "line 3, column 11: calendars[0].labels: wants a mapping of names to values, and is a text"},
		{"no YAML", rule + "   when: x\n", "line 5, column 4: "},
		{"a name that stands there twice", rule + "    code: b\n", "line 5, column 5: "},
		{"an anchor", rule + "    when: &x y\n", "line 5, column 11: anchors, aliases and tags are not read"},
		{"a span that is none", rule + "    every: often\n", `line 5, column 12: rules[0].every: wants a span, as 72h or 90m, and is "often"`},
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
