package placeholder

import (
	"iter"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Lookalike is a place in a text that may have been meant as a placeholder, and is text.
type Lookalike struct {
	Text         string // as it is written
	Name         string // in it
	Foreign      bool   // it is how other programs write placeholders, and hardly ever anything else
	Line, Column int    // as of a Placeholder
}

// Lookalikes yields what a text has in brackets or braces and looks like a name: "[name]", "{{ticket.code}}". What may be a
// placeholder is none of it, and neither are links of Markdown.
func Lookalikes(text string) iter.Seq[Lookalike] {
	const name = `[A-Za-z][A-Za-z0-9_. -]{1,60}`
	shape := regexp.MustCompile(`\$?\{\{[^{}\n]{1,100}\}\}|\$?\{ ?` + name + `\}|\[` + name + `\]`)
	return func(yield func(Lookalike) bool) {
		line, column, seen := 1, 1, 0
		for _, at := range shape.FindAllStringIndex(text, -1) {
			s := text[at[0]:at[1]]
			if s[0] == '[' && (nameLength(s[1:]) > 0 || linked(text, at[0], at[1])) {
				continue
			}
			before := text[seen:at[0]]
			if i := strings.LastIndexByte(before, '\n'); i >= 0 {
				line, column, before = line+strings.Count(before, "\n"), 1, before[i+1:]
			}
			column += utf8.RuneCountInString(before)
			seen = at[0]
			l := Lookalike{s, strings.Trim(s, "$[{ }]"), strings.HasPrefix(s, "$") || strings.HasPrefix(s, "{{"), line, column}
			if !yield(l) {
				return
			}
		}
	}
}

// linked reports whether brackets belong to what stands beside them: a link, an index.
func linked(text string, from, to int) bool {
	if to < len(text) && strings.IndexByte("([", text[to]) >= 0 {
		return true
	}
	if from == 0 {
		return false
	}
	c := text[from-1]
	return strings.IndexByte("]!", c) >= 0 || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
