package ticket_test

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestFieldKey(t *testing.T) {
	t.Parallel()
	t.Run("M49 numbers sort by value before texts, whatever their spelling", func(t *testing.T) {
		t.Parallel()
		ordered := [][]string{
			{"-" + strings.Repeat("9", 200)}, {"-100", "-0100.00"}, {"-99.5"}, {"-12"}, {"-11"}, {"-10.5"}, {"-10"}, {"-2"}, {"-1.5"}, {"-1.25"},
			{"-1", "-1.", "-01"}, {"-0.5", "-.5"}, {"-0.05"}, {"-0.005"}, {"0", "-0", "+0", "0.0", ".0", "000", "-0.000"}, {"0.005"},
			{"0.05", "+.05"}, {"0.5"}, {"1", "+1", "1.0", "1.", "001", "\t1 \r\n"}, {"1.25"}, {"1.5"}, {"2"}, {"9"}, {"10"}, {"10.5"}, {"99.5"}, {"100"},
			{"9007199254740992"}, {"9007199254740993"}, {"9007199254740993.5"}, {"1" + strings.Repeat("0", 199)},
			{"!"}, {"+-1"}, {"-"}, {"1 2"}, {"1,5"}, {"1.2.3"}, {"1_0"}, {"1e5", "1E5"},
			{"2026-03-01"}, {"2026-03-10"}, {strings.Repeat("9", 201)}, {"İ", "i", "I", "ı"}, {"inf"}, {"Straße", "STRAßE"}, {"zoo"}, {"Σ", "σ", "ς"},
		}
		var last ticket.FieldKey
		for _, same := range ordered {
			for _, line := range same {
				k := ticket.KeyOf(line)
				if want := ticket.KeyOf(same[0]); k != want {
					t.Errorf("%q has the key %q, and %q has %q", line, k, same[0], want)
				}
				if k <= last {
					t.Errorf("%q (%q) does not come after what stands before it (%q)", line, k, last)
				}
			}
			last = ticket.KeyOf(same[0])
		}
		for line, want := range map[string]bool{"-1.5": true, "0": true, "٣": false, "1e5": false, "0x10": false, "NaN": false, "": false, ".": false, "-": false} {
			if ticket.KeyOf(line).IsNumber() != want {
				t.Errorf("%q is a number: %v", line, !want)
			}
		}
	})
	t.Run("M49 the cases of a character are one", func(t *testing.T) {
		t.Parallel()
		for r := rune(1); r <= unicode.MaxRune; r++ {
			if !utf8.ValidRune(r) {
				continue
			}
			k := ticket.KeyOf("x" + string(r))
			if other := ticket.KeyOf("x" + string(unicode.SimpleFold(r))); k != other {
				t.Errorf("%q and its other case are %q and %q", r, k, other)
			}
			if again := ticket.KeyOf(strings.TrimPrefix(string(k), "t")); again != k {
				t.Errorf("%q is %q, and that is %q", r, k, again)
			}
		}
	})
	t.Run("M49 long lines are compared by their beginning, lines beyond the limit not at all", func(t *testing.T) {
		t.Parallel()
		long := strings.Repeat("é", ticket.MaxFieldKey/2-1)
		if ticket.KeyOf(long+"éa") != ticket.KeyOf(long+"éb") || ticket.KeyOf(long+"a") == ticket.KeyOf(long+"b") {
			t.Error("a text is not compared by its first bytes")
		}
		if k := ticket.KeyOf(long + "a日本"); !utf8.ValidString(string(k)) || k != ticket.KeyOf(long+"a") {
			t.Errorf("a character is cut in two: %q", k)
		}
		var value strings.Builder
		for n := range ticket.MaxFieldKeys + 1 {
			fmt.Fprintf(&value, "\n\r\n %d\r\n%d.0", n, n)
		}
		keys := ticket.KeysOf(value.String())
		if len(keys) != ticket.MaxFieldKeys || keys[0] != ticket.KeyOf("0") || slices.Contains(keys, ticket.KeyOf(fmt.Sprint(ticket.MaxFieldKeys))) {
			t.Errorf("%d keys: %q", len(keys), keys)
		}
		for _, empty := range []string{"", " ", "\n", "\r\n \t\n\u00a0"} {
			if keys := ticket.KeysOf(empty); len(keys) != 0 {
				t.Errorf("%q has the keys %q", empty, keys)
			}
		}
	})
}

func TestFieldFilter(t *testing.T) {
	t.Parallel()
	t.Run("M49 a filter selects by value, by range, and by having any", func(t *testing.T) {
		t.Parallel()
		for _, c := range []struct {
			f        ticket.FieldFilter
			yes, not string // values, one for each |
		}{
			{ticket.FieldFilter{}, "0|x|\nx", "| |\n"},
			{ticket.FieldFilter{Empty: true, Values: []string{"x"}, From: "1"}, "| |\n", "0|x"},
			{ticket.FieldFilter{Values: []string{"1", "Red"}}, "1|+1.0|RED|blue\nred|2\n1", "10|re|red blue||Red 1"},
			{ticket.FieldFilter{Values: []string{"", " "}}, "", "|x|0"},
			{ticket.FieldFilter{From: "-1", To: "10"}, "-1|-0.5|0|10|2\n99", "-2|11|x||99\n2|1-"},
			{ticket.FieldFilter{From: "9"}, "9|10|100", "8|-9|x|2026-01-01|"},
			{ticket.FieldFilter{To: "9"}, "9|-100|0", "10|x|2026-01-01|"},
			{ticket.FieldFilter{From: "2026-02-01", To: "2026-03-01"}, "2026-02-01|2026-02-28|2026-03-01", "2026-01-31|2026-03-02|2026|"},
			{ticket.FieldFilter{From: "b"}, "B|c|zzz", "a|99|"},
			{ticket.FieldFilter{To: "b"}, "A|B", "ba|99|"},
			{ticket.FieldFilter{From: "1", To: "b"}, "", "1|5|a|b|"},
			{ticket.FieldFilter{From: "b", To: "1"}, "", "1|5|a|b|"},
			{ticket.FieldFilter{From: "5", To: "1"}, "", "1|3|5"},
			{ticket.FieldFilter{From: " ", To: "\t"}, "0|x", "|\n"},
			{ticket.FieldFilter{Values: []string{"1", "5"}, From: "2"}, "5|2\n1", "1|1\n5"},
		} {
			for value := range strings.SplitSeq(c.yes, "|") {
				if c.yes != "" && !c.f.Selects(value) {
					t.Errorf("%+v does not select %q", c.f, value)
				}
			}
			for value := range strings.SplitSeq(c.not, "|") {
				if c.f.Selects(value) {
					t.Errorf("%+v selects %q", c.f, value)
				}
			}
		}
	})
	t.Run("M49 only a sort by a field has one", func(t *testing.T) {
		t.Parallel()
		for sort, want := range map[ticket.Sort]string{ticket.ByField("due"): "due asc", ticket.ByFieldDesc("a/b"): "a/b desc",
			ticket.NewestUpdate: "", ticket.ByField(""): "", ticket.ByFieldDesc(""): "", "": ""} {
			code, desc, ok := sort.Field()
			got := ""
			if ok {
				got = code + map[bool]string{true: " desc", false: " asc"}[desc]
			}
			if got != want {
				t.Errorf("%q: %q, want %q", sort, got, want)
			}
		}
	})
}

// FuzzFieldKey holds the order of keys against arithmetic, and filters against each other.
func FuzzFieldKey(f *testing.F) {
	for _, s := range []string{"", "1", "-1.50", "+.5", "0", "red\nblue", "\xff\x00", "1e5", strings.Repeat("9", 300), strings.Repeat("日", 100)} {
		f.Add(s, "-01.5")
		f.Add(s, "Red ")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		x, y := ticket.KeyOf(a), ticket.KeyOf(b)
		if len(x) > ticket.MaxFieldKey*2+10 || !utf8.ValidString(string(x)) || strings.ContainsRune(string(x), 0) {
			t.Errorf("%q has the key %q", a, x)
		}
		if again := ticket.KeyOf(" " + a + "\t"); again != x {
			t.Errorf("spaces make another key of %q: %q, %q", a, x, again)
		}
		if x.IsNumber() && y.IsNumber() {
			checkOrder(t, a, b, strings.Compare(string(x), string(y)))
		}
		keys := ticket.KeysOf(a)
		if len(keys) > ticket.MaxFieldKeys || slices.Contains(keys, "") {
			t.Errorf("the keys of %q are %q", a, keys)
		}
		if (ticket.FieldFilter{Empty: true}).Selects(a) == (ticket.FieldFilter{}).Selects(a) {
			t.Errorf("%q has a value and none", a)
		}
		for _, k := range keys {
			line := slices.IndexFunc(strings.Split(a, "\n"), func(line string) bool { return ticket.KeyOf(line) == k })
			if line < 0 || !(ticket.FieldFilter{Values: []string{b, strings.Split(a, "\n")[line]}}).Selects(a) {
				t.Errorf("%q is not found by its key %q", a, k)
			}
		}
		if len(keys) > 0 && y != "" {
			from, to := ticket.FieldFilter{From: b}.Selects(a), ticket.FieldFilter{To: b}.Selects(a)
			if same := keys[0].IsNumber() == y.IsNumber(); same != (from || to) || (from && to) != (keys[0] == y) {
				t.Errorf("%q from %q: %v, to it: %v", a, b, from, to)
			}
		}
	})
}

func checkOrder(t *testing.T, a, b string, got int) {
	t.Helper()
	x, ok := new(big.Rat).SetString(strings.TrimSpace(a))
	y, ok2 := new(big.Rat).SetString(strings.TrimSpace(b))
	if !ok || !ok2 {
		t.Fatalf("%q or %q is no number", a, b)
	}
	if want := x.Cmp(y); got != want {
		t.Errorf("%q and %q compare as %d, want %d", a, b, got, want)
	}
}
