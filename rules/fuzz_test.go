package rules_test

import (
	"errors"
	"testing"

	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// FuzzFile reads whatever there is: it is refused, or written as something that is read as the same.
func FuzzFile(f *testing.F) {
	for _, s := range []string{"", "rules: []", "rules:\n- code: a\n  name: A\n  on: [created]\n  when: |-\n    true\n  do:\n  - add_tags: [a, \"1.0\"]\n  - archive: null\n", "rules: &a [*a]", "policies:\n- {code: p, within: 1h}", "{\"macros\": [{\"code\": \"m\"}]}", "calendars:\n- {code: c, special: [{name: n, from: --12-24, to: --01-02T14:00}]}\n- code: d\n  special:\n  - from: --02-29\n", "a: !!binary x\n---\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := rules.ParseFile(b)
		if err != nil {
			if !errors.Is(err, ticket.ErrInvalid) {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		once, err := file.YAML()
		if err != nil {
			t.Fatal(err)
		}
		again, err := rules.ParseFile(once)
		if err != nil {
			t.Fatalf("what was written is refused: %v\n%s", err, once)
		}
		if twice, err := again.YAML(); err != nil || string(twice) != string(once) {
			t.Fatalf("written again it is another: %v\n%s\n%s", err, once, twice)
		}
	})
}
