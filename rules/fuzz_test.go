package rules_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/rules/calendar"
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
		is, was := must(json.Marshal(again))(t), must(json.Marshal(file))(t)
		if !bytes.Equal(is, was) {
			t.Fatalf("it comes back as\n%s\nand was\n%s\nby\n%s", is, was, once)
		}
		if twice, err := again.YAML(); err != nil || string(twice) != string(once) {
			t.Fatalf("written again it is another: %v\n%s\n%s", err, once, twice)
		}
	})
}

// oddTexts are such as YAML has its own ideas of.
func oddTexts() []string {
	return []string{
		"", " ", "\n", "\t", "\r", "a\tb", "a\r\nb", "\n\n a", "  a\n b", "a\n  b\n c\n", "a\n\nb\n", "a \nb", "a\n\tb", "a\n#b", "a\n- b\n---\nc", "a\n...", "a\n\n", "a\nb: c",
		".inf", "-.Inf", ".nan", "~", "null", "Yes", "off", "1e3", "0o17", "0x1F", "1_000", "01", "1:20", "2026-01-01", "72h", "1h30m", "+1", "1.", "=", "<<", "-", "- a", "?", "? a", ":", "key:", "a: b", "a #b", "#c",
		"|", ">", "%a", "@", "`", "!tag", "&a", "*a", "[x]", "{x}", "a]", "a, b", "\"q\"", "'s'", `a\nb`, `a\`, "a'b", `a "b" c`, "yes", "true\nfalse",
		"\u0085x", "a\u2028b", "\ufeffx", "\x00", "\x1b", "\u00a0", "é", "日本\n語", "😀", "\U000e0001", "<b>&amp;", strings.Repeat("long ", 300),
	}
}

// FuzzText writes any text wherever a file has one, and reads it again: it is the same to the byte.
func FuzzText(f *testing.F) {
	for _, s := range oddTexts() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ToValidUTF8(s, "")
		file := rules.File{
			Macros: []rules.Macro{{Code: "m", Name: s, Notes: s, Do: []rules.Step{
				rules.Do("add_note", rules.Text{Body: s}), rules.Do("set_fields", map[string]any{s: []string{s, s}, "x" + s: map[string]any{s: 1.50}}), rules.Do("add_tags", [][]string{{s}, {}}),
			}}},
			Calendars: []calendar.Calendar{{Code: "c", Name: s, OpenMessage: map[string]string{s: s, "de": s}}},
		}
		if s != "" {
			file.Macros[0].Do = append(file.Macros[0].Do, rules.Do(s, s))
		}
		b, err := file.YAML()
		if err != nil {
			t.Fatal(err)
		}
		again, err := rules.ParseFile(b)
		if err != nil {
			t.Fatalf("%v\n%s", err, b)
		}
		if !reflect.DeepEqual(again, file) {
			t.Fatalf("%q comes back as\n%+v\nby\n%s", s, again, b)
		}
	})
}
