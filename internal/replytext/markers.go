package replytext

import (
	"strings"
	"unicode"
)

// findMarkers marks the lines at which "reply above this line" begins, however the mail program quoted, wrapped or
// dressed it up: only letters and digits are compared.
func (p *page) findMarkers(markers []string) {
	for i := range p.lines {
		if at, found := p.markerAt(i); found {
			p.lines[i].marker, p.lines[i].from = true, at
		} else if isReplyAbove(p.lines[i].low) {
			p.lines[i].marker = true
		}
	}
	if len(markers) == 0 {
		return
	}
	s := skeletonOf(p)
	for _, m := range markers {
		var want strings.Builder
		bones(m, func(r rune, _ int) { want.WriteRune(r) })
		if want.Len() < 4 {
			continue // it would be found everywhere
		}
		for at := 0; ; {
			k := strings.Index(s.letters[at:], want.String())
			if k < 0 {
				break
			}
			p.markLine(s.places[at+k])
			at += k + want.Len()
		}
	}
}

// isReplyAbove reports whether a line asks for replies above it, as the mails of other desks do: with strokes around it, or
// in the words of a request.
func isReplyAbove(low string) bool {
	if low == "" || len(low) > 160 {
		return false
	}
	bare := strings.TrimLeftFunc(low, func(r rune) bool { return isStroke(r) || strings.ContainsRune(" #[(<>|:►▲↑^+", r) })
	if len(bare) == len(low) && !beginsWithAny(bare, asking) {
		return false
	}
	return containsAny(bare, aboveThis) && !strings.HasSuffix(strings.TrimRight(bare, " *_)]"), "?")
}

// markLine marks the line that holds a byte of the text. What stands before the marker in its line is new only if the
// line is not quoted.
func (p *page) markLine(at int) {
	i := p.lineOf(at)
	l := &p.lines[i]
	if l.marker {
		return
	}
	l.marker, l.from = true, l.start
	if before := p.text[l.start:at]; l.depth == 0 && strings.IndexFunc(before, unicode.IsLetter) >= 0 {
		l.from = l.start + len(strings.TrimRightFunc(before, func(r rune) bool { return isStroke(r) || r == '#' || r == ' ' || r == '[' }))
	}
}

// lineOf is the index of the line that holds a byte.
func (p *page) lineOf(at int) int {
	lo, hi := 0, len(p.lines)-1
	for lo < hi {
		if mid := (lo + hi) / 2; p.lines[mid].next <= at {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// skeleton is the text as letters and digits, in lower case, each byte with its place.
type skeleton struct {
	letters string
	places  []int
}

func skeletonOf(p *page) skeleton {
	var s skeleton
	var b strings.Builder
	for i := range p.lines {
		l := &p.lines[i]
		bones(p.text[l.start:min(l.end, l.start+lineLimit)], func(r rune, at int) {
			n := b.Len()
			b.WriteRune(r)
			for range b.Len() - n {
				s.places = append(s.places, l.start+at)
			}
		})
	}
	s.letters = b.String()
	return s
}

// bones calls fn for the letters and digits of s that no tag holds.
func bones(s string, fn func(r rune, at int)) {
	tag := -1 // where one ends
	for i, r := range s {
		if i < tag {
			continue
		}
		if r == '<' {
			if n := strings.IndexByte(s[i:min(len(s), i+60)], '>'); n > 1 && !strings.ContainsAny(s[i:i+n], "@:") {
				tag = i + n
			}
			continue
		}
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			fn(unicode.ToLower(r), i)
		}
	}
}

// markerAt looks in line i for the beginning of a marker of the form "##- … -##", whose dashes may be of any kind, and
// which may go on in the next lines.
func (p *page) markerAt(i int) (at int, found bool) {
	l := &p.lines[i]
	raw := p.text[l.start:min(l.end, l.start+lineLimit)]
	k := strings.Index(raw, "##")
	if k < 0 || !strings.Contains(l.says, "##") {
		return 0, false
	}
	rest := strings.TrimLeft(plain(raw[k+2:]), "# ")
	said := strings.TrimLeftFunc(rest, isStroke)
	if said == rest || strings.TrimSpace(said) == "" {
		return 0, false
	}
	for n := 1; n < 4 && !closesMarker(said); n++ {
		if i+n >= len(p.lines) || len(said) > 300 {
			return 0, false
		}
		said += " " + p.lines[i+n].says
	}
	if !closesMarker(said) {
		return 0, false
	}
	if l.depth > 0 || strings.IndexFunc(raw[:k], unicode.IsLetter) < 0 {
		k = 0
	}
	return l.start + k, true
}

// closesMarker reports whether s has dashes and then "##".
func closesMarker(s string) bool {
	before, _, found := strings.Cut(s, "##")
	before = strings.TrimRight(before, " ")
	return found && strings.TrimRightFunc(before, isStroke) != before
}
