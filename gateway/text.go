package gateway

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// validText makes s valid UTF-8 without NUL.
func validText(s string) string {
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "")
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// lineEnds turns \r\n and lone \r into \n.
func lineEnds(s string) string {
	if strings.IndexByte(s, '\r') < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

// oneLine makes s valid, turns every run of white space and control characters
// into one space, and trims it.
func oneLine(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	gap := false
	for _, r := range validText(s) {
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			gap = true
			continue
		}
		if gap && b.Len() > 0 {
			b.WriteByte(' ')
		}
		gap = false
		b.WriteRune(r)
	}
	return b.String()
}

// cutBytes shortens s to at most limit bytes, the marker included, never within
// a rune, and says whether it did.
func cutBytes(s string, limit int) (string, bool) {
	if len(s) <= limit {
		return s, false
	}
	const marker = "\n" + CutMarker + "\n"
	end := max(limit-len(marker), 0)
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + marker, true
}

// cutRunes shortens s to at most limit runes, with an ellipsis as the last one.
func cutRunes(s string, limit int) (string, bool) {
	if len(s) <= limit || utf8.RuneCountInString(s) <= limit {
		return s, false
	}
	n := 0
	for i := range s {
		if n++; n == limit {
			return s[:i] + "…", true
		}
	}
	return s, false
}
