package replytext

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// attribution is the line, or the lines, that announce a quote: "On … wrote:".
type attribution struct {
	last int  // index of the last line
	at   int  // where in the first line it begins
	sure bool // it needs no marks of quotation below it
}

// An attribution is wrapped into at most maxWrap lines of maxAttribution bytes together.
const maxWrap, maxAttribution = 6, 500

var (
	email     = regexp.MustCompile(`[^\s@<>()\[\]"',;:]+@[^\s@<>()\[\]"',;:]+`)
	clock     = regexp.MustCompile(`\d{1,2}\s?[:：h]\s?\d{2}|(?:^|[^.\d])\d{1,2}\.\d{2}(?:[^.\d]|$)|\d{1,2}\s?[点點時时시]`)
	day       = regexp.MustCompile(`\d{1,4}\s?[./-]\s?\d{1,2}\s?[./-]\s?\d{2,4}|\b(?:19|20)\d\d\b|\d{1,2}\s?[月월]|\d{1,2}-\p{L}{3,5}\.?-\d{2}`)
	dayFirst  = regexp.MustCompile(`^["(\[]?(?:\d{1,4}\s?[./-]\s?\d|\d{4}\s?[年년]|\d{1,2}\.? \p{L}{2,}|(?:19|20)\d\d\. \p{L}{2,}|[\p{L}\p{M}]{1,12}\.?,? (?:\p{L}{1,12} )?(?:(?:19|20)\d\d|\d{1,2})\b)`)
	nameFirst = regexp.MustCompile(`^"?[^<>@:："]{1,60}"? <[^\s@<>]+@[^\s@<>]+>`)
	dayWithin = regexp.MustCompile(`^(?:\S+\s+){1,4}\d`)
	atEnd     = regexp.MustCompile(`@[^\s@<>()\[\]"',;:]+(?:>|\)|\]|"|'|mailto:\S*)*\s*[,;]?\s*[:：]?$`)
	byAuthor  = regexp.MustCompile(`\s(?:by|von|par|por|da|door|przez|od|от|від|av|af|de|from)\s+[^\s@]+@[^\s@]+\s*[:：]$`)
	aEnd      = regexp.MustCompile(`@[^\s@<>()\[\]"',;:]+[>)\]]+\s*[:：]$`)
	continued = regexp.MustCompile(`^(?:<|"?[^\s@]+@\S+|mailto:)`)
	glued     = regexp.MustCompile(`^.{10,200}<[^\s@<>]+@[^\s<>]+>[^<>:]{0,40}:[ ]{3,}`)
	within    = regexp.MustCompile(`(?:^|[^\p{L}\p{N}])(On|Am|Le|El|Il|Em|Op|Den|Dne|Dnia|W dniu)\s+(?:\p{L}+\.?,?\s+){0,2}\d`)
)

// attribution reports whether one begins in line i.
func (p *page) attribution(i int) (attribution, bool) {
	l := &p.lines[i]
	begins := opens(l.low) || dayFirst.MatchString(l.low)
	if a, ok := p.runsInto(i); ok {
		return a, true
	}
	if !begins {
		if a, ok := p.sharesLine(i); ok {
			return a, true
		}
	}
	named := nameFirst.MatchString(l.low)
	if !begins && !named && !mayAttribute(l.low) && (i+1 >= p.cut || !p.continues(l, i+1)) {
		return attribution{}, false
	}
	said, found := "", attribution{last: -1}
	for k, n := i, 0; k < len(p.lines) && n < maxWrap && len(said) < maxAttribution; k++ {
		next := &p.lines[k]
		if next.blank() {
			if !p.goesOn(said, k) {
				break
			}
			continue
		}
		if n > 0 && !p.joins(l, said, k, begins || named) {
			break
		}
		n++
		if next.depth > 0 && n > 1 {
			said += ">" // the end of an address that stands at the beginning of a line
		}
		said = strings.TrimSpace(said + " " + next.low)
		sure, ok := p.attributes(said, begins, k)
		if !ok || p.beginsLater(i, k, named) {
			continue
		}
		if sure {
			return attribution{k, l.start, true}, true
		}
		if p.quoteBelow(k) {
			found = attribution{k, l.start, false}
		}
	}
	return found, found.last >= 0
}

// goesOn reports whether an address is still open at a blank line k, or begins below it.
func (p *page) goesOn(said string, k int) bool {
	if said == "" {
		return false
	}
	next := p.nextLine(k)
	return next < len(p.lines) && next <= k+1 && (isOpen(said) || strings.HasPrefix(p.lines[next].says, "<") || strings.Contains(said, "@") && onlyVerb(p.lines[next].low))
}

// isOpen reports whether an address has begun and not ended.
func isOpen(said string) bool { return strings.Count(said, "<") > strings.Count(said, ">") }

// joins reports whether line k may continue what was said. Where nothing shows that an attribution begun, only an
// address or the verb may follow.
func (p *page) joins(first *line, said string, k int, begins bool) bool {
	next := &p.lines[k]
	if next.depth != first.depth {
		return isOpen(said) && len(next.says) < 40 && next.depth <= 1
	}
	if next.state != first.state {
		return false
	}
	return begins || isOpen(said) || p.continues(first, k)
}

// continues reports whether line k can only be the rest of an attribution that began in the line above.
func (p *page) continues(above *line, k int) bool {
	l := &p.lines[k]
	if continued.MatchString(l.says) || onlyVerb(l.low) {
		return true
	}
	if !strings.HasSuffix(l.low, ":") && !strings.HasSuffix(l.low, "：") || !p.quoteBelow(k) || !strings.Contains(above.low, "@") && !hasVerb(above.low) {
		return false
	}
	if isCJK(l.low) || l.low[0] >= '0' && l.low[0] <= '9' {
		return true // the time of day
	}
	_, whole := p.attributes(l.low, opens(l.low), k)
	return !whole
}

// beginsLater reports whether one of the lines after i up to k begins an attribution more plainly than line i does. Below a
// line that has the author (named) it must have one, too.
func (p *page) beginsLater(i, k int, named bool) bool {
	for n := i + 1; n <= k; n++ {
		if low := p.lines[n].low; opens(low) && dayWithin.MatchString(low) && (!named || strings.Contains(low, "@")) {
			return true
		}
	}
	return false
}

// mayAttribute is a quick look at the end of a line.
func mayAttribute(low string) bool {
	end := strings.TrimRight(low, " :：*_-—–")
	return len(low) > len(end) || strings.HasSuffix(end, ">") || strings.HasSuffix(end, "<") || finalVerb(end)
}

// attributes reports whether said, which ends with line k, announces a quote. begins tells whether it starts as such
// lines do.
func (p *page) attributes(said string, begins bool, k int) (sure, ok bool) {
	if len(said) > 2*maxAttribution || p.effort < 0 {
		return false, false
	}
	end := strings.TrimRight(said, " :：*_-—–=")
	colon := strings.ContainsAny(said[len(end):], ":：")
	drawn := strings.HasPrefix(said, "--") && strings.HasSuffix(said, "--")
	final := finalVerb(end)
	if !final && !colon && !strings.HasSuffix(said, ">") && !strings.HasSuffix(said, ")") {
		return false, false
	}
	p.effort -= len(said)
	hasEmail, hasClock, hasDay := strings.Contains(said, "@") && email.MatchString(said), clock.MatchString(said), day.MatchString(said)
	digits := strings.ContainsAny(said, "0123456789")
	if final && !colon && !drawn && k+1 < len(p.lines) && !p.lines[k+1].blank() && p.lines[k+1].depth == 0 {
		final = false // a sentence that goes on
	}
	switch {
	case final && begins && (hasEmail || hasClock && (colon || drawn)):
		return true, true
	case final && drawn, final && colon && hasEmail:
		return true, true
	case final && begins && digits:
		return false, true
	case final && colon && strings.Count(said, " ") < 8:
		return false, true
	case colon && hasVerb(said) && (hasEmail && (hasClock || hasDay) || begins && (hasEmail || hasClock)):
		return true, true
	case colon && hasVerb(said) && digits:
		return false, true
	case hasClock && aEnd.MatchString(said), colon && begins && (hasClock || hasDay) && byAuthor.MatchString(said):
		return true, true
	case colon && beginsWithAny(said, quoters) && hasEmail:
		return true, true
	case colon && (hasEmail || hasClock && hasDay), begins && hasEmail && hasDay && atEnd.MatchString(said):
		return false, true
	}
	return false, false
}

// runsInto looks for an attribution behind which the quoted text follows in the same line, as the text of Yahoo's
// telephones has it: "On … Ann <ann@example.com> wrote:   It flickers."
func (p *page) runsInto(i int) (attribution, bool) {
	l := &p.lines[i]
	if l.depth > 0 || !opens(l.low) {
		return attribution{}, false
	}
	m := glued.FindString(l.low)
	if m == "" || !clock.MatchString(m) {
		return attribution{}, false
	}
	if sure, ok := p.attributes(strings.TrimSpace(m), true, i); !ok || !sure {
		return attribution{}, false
	}
	return attribution{i, l.start, true}, true
}

// sharesLine looks for an attribution that stands behind the end of the reply, in the same line, above marked lines.
func (p *page) sharesLine(i int) (attribution, bool) {
	l := &p.lines[i]
	if l.depth > 0 || !p.quoteBelow(i) || !finalVerb(strings.TrimRight(l.low, " :：*-")) {
		return attribution{}, false
	}
	raw := p.text[l.start:min(l.end, l.start+lineLimit)]
	all := within.FindAllStringSubmatchIndex(raw, -1)
	if len(all) == 0 {
		return attribution{}, false
	}
	at := all[len(all)-1][2]
	if sure, ok := p.attributes(strings.ToLower(strings.TrimSpace(raw[at:])), true, i); !ok || !sure {
		return attribution{}, false
	}
	before := strings.TrimRightFunc(raw[:at], func(r rune) bool { return isStroke(r) || r == ' ' })
	return attribution{i, l.start + len(before), true}, true
}

// opens reports whether a line begins as attributions do: "On", "Le", "Am".
func opens(low string) bool {
	low = strings.TrimLeft(low, "-–—*_ \"")
	for _, w := range openers {
		if rest, ok := strings.CutPrefix(low, w); ok && (rest == "" || !startsWithLetter(rest) || isCJK(w)) {
			return true
		}
	}
	return false
}

// finalVerb reports whether s, in lower case and without a colon, ends with a verb of writing.
func finalVerb(s string) bool {
	for _, v := range verbs {
		if before, ok := strings.CutSuffix(s, v); ok && (before == "" || isCJK(v) || !endsWithLetter(before)) {
			return true
		}
	}
	return false
}

// onlyVerb reports whether a line has nothing but the verb.
func onlyVerb(low string) bool {
	return slices.Contains(verbs, strings.Trim(low, " :：*->"))
}

// hasVerb reports whether a verb of writing stands anywhere in s.
func hasVerb(s string) bool {
	for _, v := range verbs {
		for at := 0; ; {
			k := strings.Index(s[at:], v)
			if k < 0 {
				break
			}
			k += at
			if isCJK(v) || !endsWithLetter(s[:k]) && !startsWithLetter(s[k+len(v):]) {
				return true
			}
			at = k + len(v)
		}
	}
	return false
}

func startsWithLetter(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLetter(r)
}

func endsWithLetter(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return unicode.IsLetter(r)
}

// isCJK reports whether a word belongs to a script without spaces between words.
func isCJK(w string) bool {
	r, _ := utf8.DecodeRuneInString(w)
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai)
}
