package replytext

import "strings"

// findCut looks for the place from which on everything is quoted, without a mark at each line, and on its way for
// the lines that announce a quote which has them. A mail that begins with such a place is quoted by nobody: it was
// passed on, or the answer stands below. It is looked at further down.
func (p *page) findCut() {
	seen, words := false, false // something new, and more of it than what a telephone says
	for i := 0; i < len(p.lines); i++ {
		l := &p.lines[i]
		if l.blank() || l.state == quote || l.state == announcing {
			continue
		}
		if l.depth == 0 && isForward(l) {
			return // what somebody hands on is for its reader
		}
		if at, found := p.cutAt(i); found {
			if words || seen && !l.marker || at > l.start {
				p.drop(i, at)
				return
			}
			if l.marker {
				l.state = announcing
			}
			continue
		}
		if a, found := p.attribution(i); found {
			quoted := a.last+1 < len(p.lines) && p.quoteBelow(a.last)
			switch {
			case quoted:
				p.announce(i, a)
				if k := p.nextLine(i + 1); seen && k < len(p.lines) && isOutlook(l.low) {
					p.drop(k, p.lines[k].start)
					return
				}
				seen = seen || a.at > l.start
				i = a.last
				continue
			case a.sure && (seen || a.at > l.start):
				p.drop(i, a.at)
				return
			}
		}
		if k := p.nextLine(i + 1); seen && k < len(p.lines) && isOutlook(l.low) {
			p.drop(k, p.lines[k].start)
			return
		}
		if l.state == signature || !isRule(l.says) {
			seen, words = true, words || l.state == fresh && !isDevice(l.low)
		}
	}
}

// cutAt reports whether the rest is quoted from line i on, and where in that line it begins.
func (p *page) cutAt(i int) (at int, found bool) {
	l := &p.lines[i]
	switch {
	case l.marker:
		return l.from, true
	case l.tail, p.isOriginal(i), p.isHeader(i):
		return l.start, true
	}
	return 0, false
}

// quoteBelow reports whether the next line that says anything is marked as quoted.
func (p *page) quoteBelow(i int) bool {
	k := p.nextLine(i + 1)
	return k < len(p.lines) && (p.lines[k].state == quote || p.lines[k].state == announcing)
}

// announce marks the lines of an attribution.
func (p *page) announce(i int, a attribution) {
	for k := i; k <= a.last; k++ {
		p.lines[k].state, p.lines[k].cited = announcing, a.sure
	}
	p.lines[i].from = a.at
	for k := i - 1; k >= 0 && a.at == p.lines[i].start && p.lines[k].state == fresh && p.lines[k].isRecipient(); k-- {
		p.lines[k].state, p.lines[k].cited = announcing, a.sure
	}
}

// heads reports whether a line right above what is quoted belongs to it: a rule, words between strokes, or what Orange
// and Yandex write.
func (l *line) heads() bool {
	if isRule(l.says) || l.isRecipient() || original[l.low] || strings.HasPrefix(l.low, "message du ") && day.MatchString(l.low) {
		return true
	}
	_, drawn := inscription(l.low)
	return drawn && len(l.says) < 100 && strings.HasPrefix(l.says, "--") && strings.HasSuffix(l.says, "--")
}

// isRecipient reports whether a line is a field that Yandex writes above the line that announces a quote: "To: …;".
func (l *line) isRecipient() bool {
	return strings.HasSuffix(l.says, ";") && fieldOf(l.low)&(fieldTo|fieldCc|fieldSubject) != 0
}

// drop folds everything from line i on, with the rules that stand above it.
func (p *page) drop(i, at int) {
	p.lines[i].from = at
	if at == p.lines[i].start {
		for k := i - 1; k >= 0 && (p.lines[k].blank() || p.lines[k].state == fresh && p.lines[k].heads()); k-- {
			i = k
		}
	}
	p.cut = i
	for k := i; k < len(p.lines); k++ {
		p.lines[k].state, p.lines[k].folded = dropped, true
	}
}
