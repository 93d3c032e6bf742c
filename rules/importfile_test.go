package rules_test

import (
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestImportFile(t *testing.T) {
	t.Parallel()
	const rule = "rules:\n  - {code: first, name: F, on: [created], do: [archive: null]}\n  - code: a\n    name: A\n    on: [created]\n"
	t.Run("M52 what is wrong in a file of rules is said with its line, in conditions too", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		for text, want := range map[string]string{
			"    when: ticket.statsu == \"x\"\n":                           `rules[1].when: line 6, column 11: ticket.statsu is not known: did you mean ticket.status? (in "a")`,
			"    when: 'true and ticket.statsu == \"x\"'\n":                `rules[1].when: line 6, column 21: ticket.statsu is not known`,
			"    when: \"ticket.statsu == \\\"x\\\"\"\n":                   `rules[1].when: line 6, column 11: line 1, column 1: ticket.statsu`,
			"    when: |\n      true and\n      ticket.statsu == \"x\"\n":  `line 2, column 1: ticket.statsu is not known`,
			"    do:\n      - set_status: gone\n":                          `rules[1].do[0].set_status: line 7, column 21: there is no status "gone"`,
			"    do:\n      - set_stat: gone\n":                            `rules[1].do[0].set_stat: line 7, column 19: there is no action "set_stat"`,
			"    brands: [default, other]\n":                               `rules[1].brands[1]: line 6, column 23: `,
			"    match: {conditions: [{field: ticket.x, operator: is}]}\n": `rules[1].match: line 6, column`,
		} {
			_, _, err := w.rules.ImportFile(as(agent), []byte(rule+text), false)
			if wantErr(t, err, ticket.ErrInvalid); err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %s", text, err, want)
			}
		}
		if _, _, err := w.rules.ImportFile(as(agent), []byte("rules: 5"), false); err == nil || !strings.Contains(err.Error(), "line 1, column 8") {
			t.Errorf("what cannot be read: %v", err)
		}
		if list := must(w.rules.List(as(agent)))(t); len(list) > 0 {
			t.Errorf("it is stored: %v", list)
		}
	})
	t.Run("M52 a file is stored, and what is doubtful of it said", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		f, warnings, err := w.rules.ImportFile(as(agent), []byte(rule+"    when: ticket.channel == \"mail\"\n    do: [archive: null]\n"), true)
		if err != nil || len(f.Rules) != 2 || len(warnings) != 1 {
			t.Fatalf("%+v, %v, %v", f, warnings, err)
		}
		equal(t, "rules", codesOf(must(w.rules.List(as(agent)))(t)), []string{"a", "first"})
	})
	t.Run("M52 what # has cut from a condition is to stand in quotes", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		_, _, err := w.rules.ImportFile(as(agent), []byte(rule+"    when: count(ticket.tags, # startsWith \"a\") > 1\n"), false)
		if wantErr(t, err, ticket.ErrInvalid); err != nil && !strings.Contains(err.Error(), "put it in single quotes") {
			t.Error(err)
		}
	})
}
