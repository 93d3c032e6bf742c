package replytext

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// isRule reports whether a line is nothing but a line: two or more dashes, underscores, equals signs or stars.
func isRule(s string) bool {
	n := 0
	for _, r := range s {
		if !isStroke(r) && r != ' ' {
			return false
		}
		n++
	}
	return n > 1
}

// isStroke reports whether lines are drawn with r.
func isStroke(r rune) bool {
	if r < utf8.RuneSelf {
		return r == '-' || r == '_' || r == '=' || r == '*' || r == '~'
	}
	return unicode.Is(unicode.Pd, r) || r == '─' || r == '━' || r == '−'
}

// inscription is what stands between the strokes of a line such as "----- Original Message -----", in lower case; drawn
// tells whether there are strokes at all.
func inscription(low string) (words string, drawn bool) {
	if startsWithLetter(low) {
		return strings.TrimRight(low, " :："), false
	}
	words = strings.TrimFunc(low, func(r rune) bool {
		return isStroke(r) || r == ' ' || r == ':' || r == '<' || r == '>' || r == '[' || r == ']'
	})
	first, last := strings.IndexFunc(low, isStroke), strings.LastIndexFunc(low, isStroke)
	return words, first == 0 && last > len(words)
}

// isOriginal reports whether line i says that the original message follows. Without strokes it must stand above header
// fields.
func (p *page) isOriginal(i int) bool {
	l := &p.lines[i]
	if len(l.low) > 120 {
		return false
	}
	words, drawn := inscription(l.low)
	if drawn && beginsWith(original, words) {
		return true
	}
	if !original[words] {
		return false
	}
	k := p.nextLine(i + 1)
	return k < len(p.lines) && fieldOf(p.lines[k].low) != 0
}

// beginsWith reports whether words are a member of a set, alone or with more behind it: "forwarded by Ann on 3 May".
func beginsWith(set map[string]bool, words string) bool {
	for i, r := range words {
		if r == ' ' && set[words[:i]] {
			return true
		}
	}
	return set[words]
}

// findGroupWise takes the three marks of the lines with which GroupWise announces what it quotes for no marks of quotation:
// ">>> Ann Example <ann@example.com> 05.01.2026 09:00 >>>", ">>> On …". What stands below the first is quoted to its end.
func (p *page) findGroupWise() {
	for i := range p.lines {
		l := &p.lines[i]
		if l.depth != 3 || !strings.HasPrefix(p.text[l.start:l.end], ">>> ") || i+1 < len(p.lines) && p.lines[i+1].depth >= 3 {
			continue
		}
		whole := strings.HasSuffix(l.says, ">>>") && (clock.MatchString(l.low) || day.MatchString(l.low))
		if whole || opens(l.low) && dayWithin.MatchString(l.low) {
			l.depth, l.state, l.tail = 0, fresh, whole
		}
	}
}

// isForward reports whether a line says that a message was forwarded.
func isForward(l *line) bool {
	if len(l.low) > 120 {
		return false
	}
	words, drawn := inscription(l.low)
	return drawn && beginsWith(forwarded, words) || forwarded[words] && (strings.HasSuffix(l.low, ":") || strings.HasSuffix(l.low, "："))
}
