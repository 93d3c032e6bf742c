package safehtml

import (
	"net/url"
	"regexp"
	"strings"
)

// maxURL is how long a link may be, in bytes.
const maxURL = 8 << 10

var (
	linkStart  = regexp.MustCompile(`^(?i:https?://[^/]|mailto:.|tel:.)`)
	imageStart = regexp.MustCompile(`^(?i:https?://[^/]|cid:.)`)
	dataImage  = regexp.MustCompile(`^data:image/(?:gif|jpeg|png|webp);base64,[A-Za-z0-9+/]+=*$`)
)

// address makes a URL as browsers read it (URL §4.4): without the white space and the
// control characters that hide a scheme, and with its scheme in lower case. What
// cannot stand in one is percent-encoded.
func address(s string) string {
	var b strings.Builder
	for _, c := range []byte(strings.TrimFunc(s, func(r rune) bool { return r <= ' ' || r == '\u00A0' })) {
		switch {
		case c == '\t', c == '\n', c == '\r':
		case c < ' ', c == 0x7F:
			return ""
		case c == ' ', c == '"', c == '<', c == '>', c == '`', c == '\\', c == '^', c == '{', c == '|', c == '}':
			b.WriteString("%" + string("0123456789ABCDEF"[c>>4]) + string("0123456789ABCDEF"[c&15]))
		default:
			b.WriteByte(c)
		}
	}
	s = b.String()
	if strings.HasPrefix(s, "//") {
		s = "https:" + s
	}
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok {
		return ""
	}
	return strings.ToLower(scheme) + ":" + strayPercent.ReplaceAllString(rest, "%25$1")
}

// strayPercent begins no percent-encoded byte; url.Parse would refuse the whole.
var strayPercent = regexp.MustCompile(`%($|[^0-9a-fA-F]|[0-9a-fA-F]$|[0-9a-fA-F][^0-9a-fA-F])`)

func safeLink(s string) (string, bool) {
	if len(s) > maxURL {
		return "", false
	}
	s = address(s)
	return s, linkStart.MatchString(s)
}

func safeImage(s string) (string, bool) {
	if trimmed := strings.TrimSpace(s); len(trimmed) > 5 && strings.EqualFold(trimmed[:5], "data:") {
		s = "data:" + strings.Map(func(r rune) rune {
			if r <= ' ' {
				return -1
			}
			return r
		}, trimmed[5:])
		return s, dataImage.MatchString(s)
	}
	if len(s) > maxURL {
		return "", false
	}
	s = address(s)
	return s, imageStart.MatchString(s)
}

// contentID is the id in a cid URL (RFC 2392), as the Content-ID header has it.
func contentID(s string) string {
	if plain, err := url.PathUnescape(s); err == nil {
		s = plain
	}
	return strings.Trim(s, "<> ")
}

// A declaration's value is made of these alone: no url(), no expression, no var(), no
// escapes, no comments, and nothing negative, which would move a mail over the page
// around it.
var styleValue = regexp.MustCompile(`^` + styleWord + `(?:(?:\s*[,/]\s*|\s+)` + styleWord + `){0,15}$`)

const styleWord = `(?:#[0-9a-fA-F]{3,8}` +
	`|(?:[0-9]{1,4}(?:\.[0-9]{0,6})?|\.[0-9]{1,6})(?:px|pt|em|rem|ex|ch|in|cm|mm|pc|%)?` +
	`|-?[a-zA-Z][a-zA-Z-]{0,40}` +
	`|'[\p{L}\p{M}\p{N} _.-]{1,60}'|"[\p{L}\p{M}\p{N} _.-]{1,60}"` +
	`|rgba?\([0-9.,%\s]{1,40}\))`

// maxStyle is how long the style of an element may be, in bytes.
const maxStyle = 4 << 10

// safeStyle keeps the declarations of the list. Nothing in it places an element
// outside of the flow of the mail.
func safeStyle(s string) string {
	if len(s) > maxStyle {
		return ""
	}
	var b strings.Builder
	for declaration := range strings.SplitSeq(s, ";") {
		name, value, _ := strings.Cut(declaration, ":")
		name = strings.ToLower(strings.TrimSpace(name))
		value = strings.TrimSpace(value)
		if low := strings.ToLower(value); strings.HasSuffix(low, "important") {
			value = strings.TrimRight(value[:len(value)-len("important")], " \t\r\n")
			value = strings.TrimRight(strings.TrimSuffix(value, "!"), " \t\r\n")
		}
		if !safeProperty(name) || !styleValue.MatchString(value) {
			continue
		}
		if b.Len() > 0 {
			b.WriteString("; ")
		}
		b.WriteString(name + ": " + value)
	}
	return b.String()
}

func safeProperty(name string) bool {
	for _, prefix := range []string{"margin", "padding", "border"} {
		if rest, ok := strings.CutPrefix(name, prefix); ok && safeSide(rest) {
			return true
		}
	}
	switch name {
	case "background", "background-color", "border-collapse", "border-radius", "border-spacing", "color", "direction", "display",
		"font", "font-family", "font-size", "font-style", "font-variant", "font-weight", "height", "letter-spacing", "line-height",
		"list-style", "list-style-type", "max-height", "max-width", "min-width", "overflow", "table-layout", "text-align", "text-decoration",
		"text-indent", "text-transform", "unicode-bidi", "vertical-align", "white-space", "width", "word-break", "word-spacing", "word-wrap", "overflow-wrap":
		return true
	}
	return false
}

// safeSide reports whether rest is a side of a box, and what of it.
func safeSide(rest string) bool {
	switch strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(rest, "-width"), "-style"), "-color") {
	case "", "-top", "-right", "-bottom", "-left":
		return true
	}
	return false
}
