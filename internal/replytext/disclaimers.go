package replytext

import "strings"

// A legal notice is looked for in the last maxNotice lines that say something; its paragraph is read up to maxParagraph
// bytes.
const maxNotice, maxParagraph = 60, 800

// noticeIn is the first line of the legal notices that lines first to last end with, -1 if there are none. Below a notice
// nothing follows but what stands at the foot of letters.
func (p *page) noticeIn(first, last int) int {
	found := -1
	for k, seen := last, 0; k >= first && seen < maxNotice; k-- {
		if p.lines[k].blank() {
			continue
		}
		seen++
		begins := k == first || p.lines[k-1].blank() || isRule(p.lines[k-1].says)
		if !begins && !beginsNotice(p.lines[k].low) {
			continue
		}
		text, end := p.paragraph(k, last)
		switch {
		case isNotice(text):
			if found < 0 || found > end || p.runsOn(k, found) {
				found = k
			}
		case found < 0 && begins && !isFoot(text), found >= 0 && begins && end < found && !isFoot(text):
			return p.withRules(found, first)
		}
	}
	return p.withRules(found, first)
}

// runsOn reports whether lines first to last-1 are full, so that what stands in them goes on in the next.
func (p *page) runsOn(first, last int) bool {
	for ; first < last; first++ {
		if len(p.lines[first].says) < 40 {
			return false
		}
	}
	return true
}

// withRules takes the rules above a notice along.
func (p *page) withRules(k, first int) int {
	for k > first && (p.lines[k-1].blank() || isRule(p.lines[k-1].says)) {
		k--
	}
	return k
}

// paragraph is the text from line k to the next blank one, and its last line.
func (p *page) paragraph(k, last int) (text string, end int) {
	var b strings.Builder
	for end = k; end <= last && !p.lines[end].blank() && b.Len() < maxParagraph; end++ {
		b.WriteString(p.lines[end].low + " ")
	}
	return b.String(), end - 1
}

// beginsNotice reports whether a line begins as notices do.
func beginsNotice(low string) bool {
	low = strings.TrimLeft(low, "*_-–—=#[(<>|\"'“„« ")
	return beginsWithAny(low, noticeHeadings) || beginsWithAny(low, thisMail)
}

// isNotice reports whether a paragraph, in lower case, is a legal notice: under the heading of one, or about this mail and
// for whom it is.
func isNotice(text string) bool {
	bare := strings.TrimLeft(text, "*_-–—=#[(<>|\"'“„« ")
	if beginsWithAny(bare, noticeHeadings) {
		return true
	}
	if len(text) < 300 && containsAny(text, printing) {
		return true
	}
	strong := 0
	if len(text) > 30 {
		strong = count(text, confidences)
	}
	if strong == 0 || containsAny(" "+text, personal) {
		return false
	}
	all := strong + count(text, mistakes)
	return all > 1 && (all > 2 || containsAny(text, thisMail))
}

// isFoot reports whether a paragraph is what stands at the foot of letters: who the company is, and where.
func isFoot(text string) bool {
	return strings.IndexFunc(text, isLetter) < 0 || containsAny(text, feet)
}

func isLetter(r rune) bool { return startsWithLetter(string(r)) }

func count(s string, list []string) (n int) {
	for _, part := range list {
		if strings.Contains(s, part) {
			n++
		}
	}
	return n
}
