package gateway

import (
	"regexp"
	"strings"
)

// enrichedParam and enrichedCommand are what text/enriched (RFC 1896) marks its text up with.
var (
	enrichedParam   = regexp.MustCompile(`(?is)<param>.{0,400}?</param>`)
	enrichedCommand = regexp.MustCompile(`</?[A-Za-z][A-Za-z0-9-]{0,59}>`)
	enrichedLines   = regexp.MustCompile(`\n+`)
)

// unenriched is the plain text of text/enriched. One line end is but a blank, and of several one is (RFC 1896, "Line
// breaks").
func unenriched(text string) string {
	const literal = "\x00" // no text holds one: see validText
	text = strings.ReplaceAll(text, "<<", literal)
	text = enrichedCommand.ReplaceAllString(enrichedParam.ReplaceAllString(text, ""), "")
	text = enrichedLines.ReplaceAllStringFunc(text, func(s string) string {
		if len(s) == 1 {
			return " "
		}
		return s[1:]
	})
	return strings.TrimRight(strings.ReplaceAll(text, literal, "<"), " ")
}

// readable reports whether a part of a rarer type is the text of its mail: the first part, and without a name.
func (g *gatherer) readable(p *part) bool {
	switch p.media.name {
	case "text/markdown", "text/x-markdown", "text/enriched", "text/richtext":
		return g.pieces == 0 && len(g.attachments) == 0 && p.filename() == ""
	}
	return false
}
