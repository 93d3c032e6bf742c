package rules_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestFilesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	const rule = "rules:\n  - code: a\n    name: A\n    on: [created]\n"
	for _, c := range []struct{ what, text, want string }{
		{"a name that nobody knows", rule + "    whne: x\n", `line 5, column 5: unknown field "whne"; did you mean "when"?`},
		{"a name that nobody knows in an entry", rule + "  - code: b\n    naem: B\n", `line 6, column 5: unknown field "naem"; did you mean "name"? (in rules[1])`},
		{"if in place of when", rule + "    if: x\n", `unknown field "if"; did you mean "when"? (in rules[0])`},
		{"a span in place of a goal", "policies:\n  - code: a\n    first_response: 4h\n", "line 3, column 21: policies[0].first_response: wants a mapping, as within: 4h, and is a text"},
		{"a condition that is a comment", rule + "    when: #x\n", "line 5, column 5: rules[0].when: is empty: leave it out for a rule that always matches; what begins with # is a comment"},
		{"a condition that is nothing", rule + "    when:\n", "rules[0].when: is empty"},
		{"a condition that is a tag", rule + "    when: !ticket.locked\n", "line 5, column 11: anchors, aliases and tags are not read: put a text that begins with !, & or * in single quotes"},
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
		{"a list in place of a span", rule + "    every: [1]\n", "line 5, column 12: rules[0].every: wants a span, as 90m or 2d, and is a list"},
		{"a number in place of a span", rule + "    every: 5\n", `line 5, column 12: rules[0].every: wants a span, as 90m or 2d, and is "5"`},
		{"a day in place of a time", rule + "    since: 2026-12-24\n", `line 5, column 12: rules[0].since: wants a time, as "2026-12-24T14:00:00Z", and is "2026-12-24"`},
		{"a text deep in it", "calendars:\n- code: c\n  week: {monday: 9-5}\n", "line 3, column 18: calendars[0].week.monday: wants a list, and is a text"},
		{"a list for texts by name", "calendars:\n- code: c\n  labels: {de: [x]}\n", "line 3, column 16: calendars[0].labels.de: wants a text, and is a list"},
		{"a text for texts by name", "calendars:\n- code: c\n  labels: x\n", "line 3, column 11: calendars[0].labels: wants a mapping of names to values, and is a text"},
		{"no YAML", rule + "   when: x\n", "line 5, column 4: "},
		{"a name that stands there twice", rule + "    code: b\n", "line 5, column 5: "},
		{"an anchor", rule + "    when: &x y\n", "line 5, column 11: anchors, aliases and tags are not read"},
		{"a span that is none", rule + "    every: often\n", `line 5, column 12: rules[0].every: wants a span, as 90m or 2d, and is "often"`},
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

func TestFilesThatComeBack(t *testing.T) {
	t.Parallel()
	t.Run("M52 whatever a text is, it comes back the same to the byte, and so does what an action is configured with", func(t *testing.T) {
		t.Parallel()
		for _, s := range oddTexts() {
			was := rules.File{Macros: []rules.Macro{{Code: "m", Name: s, Do: []rules.Step{rules.Do("add_note", rules.Text{Body: s}), rules.Do("set_fields", map[string]string{s: s})}}}}
			b := must(was.YAML())(t)
			is, err := rules.ParseFile(b)
			if err != nil || !reflect.DeepEqual(is, was) {
				t.Errorf("%q comes back as %+v, %v, by\n%s", s, is, err, b)
			}
		}
	})
	t.Run("M52 a file that is written is one for people: lines are lines, and what needs no quotes has none", func(t *testing.T) {
		t.Parallel()
		f := rules.File{Rules: []rules.Rule{{Code: "a", Name: "Große Aufträge", Every: ticket.Duration(90 * time.Minute), On: []rules.Trigger{rules.ByClock}, When: "ticket.subject contains \"Order\"\n  and hours_since_created > 2", Do: []rules.Step{rules.Do("add_tags", []string{"yes", "a b", "1.0"}), rules.Do("archive", nil)}}}}
		want := "rules:\n  - code: a\n    name: Große Aufträge\n    on:\n      - by_clock\n    every: 1h30m0s\n    when: |-\n      ticket.subject contains \"Order\"\n        and hours_since_created > 2\n    do:\n      - add_tags:\n          - \"yes\"\n          - a b\n          - \"1.0\"\n      - archive: null\n"
		if got := string(must(f.YAML())(t)); got != want {
			t.Errorf("it is\n%s\nwant\n%s", got, want)
		}
	})
}

// TestFileBombs is not parallel: it measures.
func TestFileBombs(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine is timed, which the race detector would slow down: run it without -short")
	}
	many := func(n int, what string) string { return strings.Repeat(what, n) }
	var names strings.Builder
	for i := range 200_000 {
		fmt.Fprintf(&names, "  k%d: 1\n", i)
	}
	const line, column = "line ", ", column "
	for _, c := range []struct{ what, text, want string }{
		{"brackets in brackets", "rules: " + many(100_000, "["), "is nested deeper than 100"},
		{"brackets in brackets that end", "rules: " + many(200_000, "[") + many(200_000, "]"), "is nested deeper than 100"},
		{"JSON that is deep", `{"rules": ` + many(200_000, "[") + many(200_000, "]") + "}", "is nested deeper than 100"},
		{"mappings in mappings", "rules: " + many(200_000, "{a: "), "is nested deeper than 100"},
		{"lists in lists", "rules:\n" + many(200_000, "- "), "is nested deeper than 100"},
		{"questions in questions", "rules:\n" + many(200_000, "? "), "names that begin with ? are not read"},
		{"tags of tags", "rules: " + many(200_000, "!a "), "tags are not read"},
		{"names beside each other", "rules:\n" + names.String(), "has more than 1000 names in one mapping"},
		{"names in brackets", "rules: {" + many(200_000, "a: 1, ") + "}", "has more than 1000 names in one mapping"},
		{"a list that is long", "rules:\n" + many(110_000, "- {code: a, name: b, on: [created]}\n"), "has more than 400000 names, values and signs"},
		{"closing brackets", "rules: " + many(1_000_000, "]"), ""},
	} {
		t.Run("M52 X04 a file that is made to take time is refused at once: "+c.what, func(t *testing.T) {
			began := time.Now()
			_, err := rules.ParseFile([]byte(c.text))
			took := time.Since(began)
			if !errors.Is(err, ticket.ErrInvalid) || !strings.Contains(err.Error(), c.want) || c.want != "" && (!strings.Contains(err.Error(), line) || !strings.Contains(err.Error(), column)) {
				t.Errorf("got %v, want %q and the place", err, c.want)
			}
			if took > 10*time.Second { // it is a second, and was a minute or more
				t.Errorf("took %v", took)
			}
		})
	}
	t.Run("M52 X04 as large and as deep a file as is allowed is read", func(t *testing.T) {
		text := "rules:\n" + many(24_000, "- {code: a, name: b, on: [created]}\n") // and not 13 s
		began := time.Now()
		f, err := rules.ParseFile([]byte(text))
		if took := time.Since(began); err != nil || len(f.Rules) != 24_000 || took > 10*time.Second {
			t.Errorf("%d rules after %v: %v", len(f.Rules), took, err)
		}
		deep := many(40, "{conditions: [") + many(40, "]}")
		if _, err := rules.ParseFile([]byte("rules:\n- code: a\n  do:\n  - add_note: " + deep + "\n")); err != nil {
			t.Error(err)
		}
		text = "rules:\n" + many(2000, "- code: a\n  brands:\n  - a\n  do:\n  - add_tags: [a]\n") // levels and names that have ended count no more
		if f, err = rules.ParseFile([]byte(text)); err != nil || len(f.Rules) != 2000 {
			t.Error(err)
		}
	})
}
