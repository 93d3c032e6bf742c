// Package placeholder fills in texts that hold names in brackets, as in "Dear [ticket_customer_name]". It is pure: what
// the names mean is for the caller.
//
// A placeholder is one word in square brackets that begins with a letter, holds an underscore, and otherwise letters,
// digits, underscores, dots and hyphens: "[sic]", "[1]", "[see below]" and "[]" are text. Case does not matter. A
// backslash before the bracket makes it text as well, and goes away: "\[ticket_code]" becomes "[ticket_code]". Two
// backslashes there are one backslash before a placeholder, and so on; anywhere else a backslash is itself.
package placeholder

import (
	"iter"
	"strings"
	"unicode/utf8"
)

// maxName is the longest name, in bytes. What is longer is text.
const maxName = 100

// Max is how many placeholders of one text are filled in; a text with more is refused.
const Max = 1000

// Placeholder is one place in a text where a value goes.
type Placeholder struct {
	Name         string // lower case
	Line, Column int    // of the bracket, counted from 1, columns in characters
}

// mention is a word in brackets with the backslashes before it.
type mention struct {
	at, end int // of all of it: text[at:end]
	slashes int
	name    string // as written
}

// escaped reports whether the mention is text.
func (m mention) escaped() bool { return m.slashes%2 == 1 }

// mentions finds what may be a placeholder. Every byte is looked at maxName times at most.
func mentions(text string) iter.Seq[mention] {
	return func(yield func(mention) bool) {
		for from := 0; ; {
			i := strings.IndexByte(text[from:], '[')
			if i < 0 {
				return
			}
			i += from
			n := nameLength(text[i+1:])
			if n == 0 {
				from = i + 1
				continue
			}
			at := i
			for at > from && text[at-1] == '\\' {
				at--
			}
			m := mention{at: at, end: i + 1 + n + 1, slashes: i - at, name: text[i+1 : i+1+n]}
			if from = m.end; !yield(m) {
				return
			}
		}
	}
}

// nameLength returns how long the name is that s begins with and that a bracket ends, or 0.
func nameLength(s string) int {
	underscore := false
	for i := range min(len(s), maxName+1) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
		case c == ']' && underscore:
			return i
		case i == 0:
			return 0
		case c == '_':
			underscore = true
		case '0' <= c && c <= '9', c == '-', c == '.':
		default:
			return 0
		}
	}
	return 0
}

// All yields the placeholders of a text.
func All(text string) iter.Seq[Placeholder] {
	return func(yield func(Placeholder) bool) {
		line, column, seen := 1, 1, 0
		for m := range mentions(text) {
			if m.escaped() {
				continue
			}
			bracket := m.at + m.slashes
			before := text[seen:bracket]
			if i := strings.LastIndexByte(before, '\n'); i >= 0 {
				line, column, before = line+strings.Count(before, "\n"), 1, before[i+1:]
			}
			column += utf8.RuneCountInString(before)
			seen = bracket
			if !yield(Placeholder{strings.ToLower(m.name), line, column}) {
				return
			}
		}
	}
}

// pieces goes through a text in its order: text as it is, and names to be filled in. It ends where either says no.
func pieces(s string, text func(string) bool, name func(string) bool) {
	last := 0
	for m := range mentions(s) {
		plain := s[last:m.at] + s[m.at:m.at+m.slashes/2]
		if m.escaped() {
			plain += s[m.at+m.slashes : m.end]
		}
		if last = m.end; !text(plain) || (!m.escaped() && !name(strings.ToLower(m.name))) {
			return
		}
	}
	text(s[last:])
}
