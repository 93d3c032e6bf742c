package ticket

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// FieldFilter selects tickets by one custom field. Values and a range are joined by and. Values are compared by their
// FieldKey.
type FieldFilter struct {
	Code     string
	Values   []string // has one of these, or for a field of several values any of them
	From, To string   // inclusive; empty means open
	Empty    bool     // has no value; nothing else is looked at
}

// FieldKey is what a store compares of one line of a custom field's value. A line that reads as a decimal number is
// one, and sorts before every text; a text is compared without case, by its first MaxFieldKey bytes.
type FieldKey struct {
	IsNumber bool
	Number   float64
	Text     string // empty for a number
}

// MaxFieldKey is how much of a text is compared, in bytes.
const MaxFieldKey = 200

// MaxFieldKeys is how many lines of one value can be found; the lines after them are kept and not found.
const MaxFieldKeys = 50

// KeyOf returns the key of one line.
func KeyOf(line string) FieldKey {
	line = strings.TrimSpace(line)
	if n, err := strconv.ParseFloat(line, 64); err == nil && decimal(line) && !math.IsInf(n, 0) {
		return FieldKey{IsNumber: true, Number: n + 0} // + 0 makes one zero of both
	}
	line = strings.ToLower(line)
	if len(line) > MaxFieldKey {
		cut := MaxFieldKey
		for cut > 0 && !utf8.RuneStart(line[cut]) {
			cut--
		}
		line = line[:cut]
	}
	return FieldKey{Text: line}
}

// decimal keeps out what ParseFloat reads besides: hexadecimal, infinities, underscores, exponents.
func decimal(s string) bool {
	return strings.Trim(s, "+-.0123456789") == ""
}

// KeysOf returns the keys of a value, one for each line that is not empty, without repetitions. The first one is what
// the value is sorted by.
func KeysOf(value string) []FieldKey {
	var out []FieldKey
	for line := range strings.Lines(value) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		if k := KeyOf(line); !slices.Contains(out, k) {
			out = append(out, k)
		}
		if len(out) == MaxFieldKeys {
			break
		}
	}
	return out
}

// Compare orders keys: numbers by value, then texts by their bytes.
func (k FieldKey) Compare(other FieldKey) int {
	switch {
	case k.IsNumber && other.IsNumber:
		return cmp.Compare(k.Number, other.Number)
	case k.IsNumber:
		return -1
	case other.IsNumber:
		return 1
	}
	return strings.Compare(k.Text, other.Text)
}

// Selects reports whether a value is one that f selects. A range is that of numbers or that of texts, as its bounds
// are; where the two differ, From decides.
func (f FieldFilter) Selects(value string) bool {
	keys := KeysOf(value)
	if f.Empty {
		return len(keys) == 0
	}
	return slices.ContainsFunc(keys, f.selects)
}

func (f FieldFilter) selects(k FieldKey) bool {
	if len(f.Values) > 0 && !slices.ContainsFunc(f.Values, func(v string) bool { return KeyOf(v) == k }) {
		return false
	}
	from, to := KeyOf(f.From), KeyOf(f.To)
	switch {
	case f.From != "" && (k.IsNumber != from.IsNumber || k.Compare(from) < 0):
		return false
	case f.To != "" && (k.IsNumber != to.IsNumber || k.Compare(to) > 0):
		return false
	}
	return true
}
