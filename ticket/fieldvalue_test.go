package ticket_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestParseOptions(t *testing.T) {
	t.Parallel()
	t.Run("M48 a line of options is a value and a name", func(t *testing.T) {
		t.Parallel()
		got := ticket.ParseOptions("r | Red\r\n\n b|\n c | Blue | Green\n|x\n")
		want := []ticket.Option{{Value: "r", Name: "Red"}, {Value: "b", Name: "b"}, {Value: "c", Name: "Blue | Green"}}
		if len(got) != len(want) {
			t.Fatalf("got %+v", got)
		}
		for i := range want {
			if got[i].Value != want[i].Value || got[i].Name != want[i].Name {
				t.Errorf("option %d is %+v, want %+v", i, got[i], want[i])
			}
		}
	})
}

// FuzzFieldValue holds that a normal value is normal, of its type, and found by itself.
func FuzzFieldValue(f *testing.F) {
	for _, s := range []string{"", " ", "1", "-0.50", "+7", "1e9", "2026-11-21", "2026-02-30", "yes", "r\ng", "a\r\nb", "\x00", "ä" + strings.Repeat("x", 300), strings.Repeat("9", 400), "-", ".", "٣"} {
		f.Add(s)
	}
	options := ticket.ParseOptions("r | Red\ng | Green\n-0.5\n1")
	types := []ticket.FieldType{ticket.FieldText, ticket.FieldArea, ticket.FieldNumber, ticket.FieldDate, ticket.FieldCheckbox, ticket.FieldSelect, ticket.FieldMulti}
	f.Fuzz(func(t *testing.T, value string) {
		for _, typ := range types {
			field := ticket.Field{Code: "f", Type: typ}
			if typ.HasOptions() {
				field.Options = options
			}
			normal, wrong := field.Normal(value)
			if wrong != nil {
				if normal != "" || (utf8.ValidString(value) && !utf8.ValidString(wrong.Message)) {
					t.Fatalf("%s %q: %q and %q", typ, value, normal, wrong)
				}
				continue
			}
			if again, wrong := field.Normal(normal); again != normal || wrong != nil {
				t.Fatalf("%s %q: %q becomes %q %q", typ, value, normal, again, wrong)
			}
			_ = field.Text(normal, "b", "de")
			for _, k := range ticket.KeysOf(normal) {
				if typ == ticket.FieldNumber && !k.IsNumber() {
					t.Fatalf("%q is no number to the stores", normal)
				}
			}
			if keys := ticket.KeysOf(normal); len(keys) > 0 && !(ticket.FieldFilter{Values: []string{strings.SplitN(normal, "\n", 2)[0]}}).Selects(normal) && strings.TrimSpace(strings.SplitN(normal, "\n", 2)[0]) != "" {
				t.Fatalf("%s %q is not found by its first line", typ, normal)
			}
		}
	})
}
