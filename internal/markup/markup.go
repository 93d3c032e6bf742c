// Package markup looks past the tags and entities of HTML.
package markup

import (
	"html"
	"strings"
)

// Strip is what people read of HTML, more or less, with something in the place of each tag. It is for searching, and makes
// nothing safe to show.
func Strip(s, tags string) string {
	if !strings.ContainsAny(s, "<&") {
		return s
	}
	var b strings.Builder
	for {
		text, rest, tag := strings.Cut(s, "<")
		b.WriteString(text)
		if !tag {
			break
		}
		if _, s, tag = strings.Cut(rest, ">"); !tag {
			b.WriteString("<" + rest)
			break
		}
		b.WriteString(tags)
	}
	return html.UnescapeString(b.String())
}
