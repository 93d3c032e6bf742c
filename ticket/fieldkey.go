package ticket

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// FieldFilter selects tickets by one custom field. Values and a range are joined by and; with neither, the field has
// any value at all. Everything is compared by its FieldKey.
type FieldFilter struct {
	Code   string   `json:"code"`
	Values []string `json:"values,omitempty"` // a line of the value is one of these
	From   string   `json:"from,omitempty"`   // the first line lies between From and To, both inclusive; empty means open
	To     string   `json:"to,omitempty"`
	Empty  bool     `json:"empty,omitempty"` // has no value; nothing else is looked at
}

// FieldKey is what a store keeps of one line of a custom field's value to find and to sort it: keys are compared as
// strings, byte by byte. It is empty for an empty line, and ASCII for a number.
//
// A line that reads as a decimal number is one, and sorts by its value before every text: 1, +1 and 1.0 have one key,
// and so have 7 and 007. Its precision has no limit but its length: with more than MaxFieldKey digits
// on one side of the point it is a text. Exponents, grouped digits and hexadecimal numbers are texts.
//
// A text is compared without case, by its first MaxFieldKey bytes. Case is that of single characters (Unicode's simple
// mappings), and all i are one, with or without a dot.
type FieldKey string

// MaxFieldKey is how much of a line is compared: bytes of a text, digits of a number.
const MaxFieldKey = 200

// MaxFieldKeys is how many lines of one value can be found; the lines after them are kept and not found.
const MaxFieldKeys = 50

// What a key begins with. Negative numbers, zero, positive numbers and texts follow each other.
const (
	negativeKey = "n0"
	zeroKey     = "n1"
	positiveKey = "n2"
	textKey     = "t"
)

// IsNumber reports whether k is the key of a number.
func (k FieldKey) IsNumber() bool { return strings.HasPrefix(string(k), "n") }

// longLine is how much of a text is looked at: whatever its characters, MaxFieldKey bytes come of that.
const longLine = MaxFieldKey * utf8.UTFMax

// KeyOf returns the key of one line.
func KeyOf(line string) FieldKey {
	line = strings.TrimSpace(line)
	if line == "" {
		return ""
	}
	if len(line) > longLine {
		line = line[:longLine]
	} else if k, ok := numberKey(line); ok {
		return k
	}
	line = strings.Map(foldCase, line)
	if len(line) > MaxFieldKey {
		cut := MaxFieldKey
		for !utf8.RuneStart(line[cut]) {
			cut--
		}
		line = line[:cut]
	}
	return FieldKey(textKey + line)
}

// foldCase makes one character of all its cases. It replaces NUL, which not every database takes in a text.
func foldCase(r rune) rune {
	if r == 0 {
		return utf8.RuneError
	}
	return unicode.ToLower(unicode.ToUpper(r))
}

// exponentBase makes every exponent positive: its absolute value is at most MaxFieldKey.
const exponentBase = 500

// numberKey writes a number as 0.d1d2d3… × 10^e, without zeros at either end of the digits: first its sign, then e,
// then the digits. All of it is turned around for a negative number, and closed by what is greater than a digit.
func numberKey(s string) (FieldKey, bool) {
	prefix := positiveKey
	switch s[0] {
	case '-':
		prefix, s = negativeKey, s[1:]
	case '+':
		s = s[1:]
	}
	whole, fraction, _ := strings.Cut(s, ".")
	if whole+fraction == "" || strings.Trim(whole+fraction, "0123456789") != "" {
		return "", false
	}
	whole = strings.TrimLeft(whole, "0")
	digits := strings.TrimLeft(whole+fraction, "0")
	e := exponentBase + len(whole)
	if whole == "" {
		e -= len(fraction) - len(digits)
	}
	digits = strings.TrimRight(digits, "0")
	if digits == "" {
		return zeroKey, true
	}
	if len(whole) > MaxFieldKey || len(fraction) > MaxFieldKey {
		return "", false
	}
	key := []byte{byte('0' + e/100), byte('0' + e/10%10), byte('0' + e%10)}
	key = append(key, digits...)
	if prefix == negativeKey {
		for i, d := range key {
			key[i] = '0' + '9' - d
		}
		key = append(key, '~')
	}
	return FieldKey(prefix + string(key)), true
}

// KeysOf returns the keys of a value, one for each line that is not empty, without repetitions. The first one is what
// the value is sorted by, and what a range looks at.
func KeysOf(value string) []FieldKey {
	var out []FieldKey
	for line := range strings.Lines(value) {
		if k := KeyOf(line); k != "" && !slices.Contains(out, k) {
			out = append(out, k)
		}
		if len(out) == MaxFieldKeys {
			break
		}
	}
	return out
}

// Range returns the first and the last key that f's From and To let in; an empty one is open. none says that they let
// in nothing. A range is that of numbers or that of texts, as its bounds are: it holds nothing where they differ.
func (f FieldFilter) Range() (from, to FieldKey, none bool) {
	const first, afterNumbers, last = FieldKey("n"), FieldKey("o"), FieldKey("u")
	from, to = KeyOf(f.From), KeyOf(f.To)
	switch {
	case from == "" && to == "":
		return "", "", false
	case from == "" && to.IsNumber():
		from = first
	case from == "":
		from = afterNumbers
	case to == "" && from.IsNumber():
		to = afterNumbers
	case to == "":
		to = last
	}
	return from, to, from > to || (from.IsNumber() && !to.IsNumber() && to != afterNumbers)
}

// Keys returns the keys of f's Values, without repetitions. Those that are empty select nothing and are left out.
func (f FieldFilter) Keys() []FieldKey {
	var out []FieldKey
	for _, v := range f.Values {
		if k := KeyOf(v); k != "" && !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	return out
}

// Selects reports whether a value is one that f selects.
func (f FieldFilter) Selects(value string) bool {
	keys := KeysOf(value)
	if f.Empty || len(keys) == 0 {
		return f.Empty && len(keys) == 0
	}
	wanted := f.Keys()
	if len(f.Values) > 0 && !slices.ContainsFunc(keys, func(k FieldKey) bool { return slices.Contains(wanted, k) }) {
		return false
	}
	from, to, none := f.Range()
	return !none && from <= keys[0] && (to == "" || keys[0] <= to)
}
