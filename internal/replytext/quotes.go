package replytext

import "strings"

// mendWraps takes for quoted what a mail program wrapped out of a quoted line without marking it: a line or two right
// between quoted ones, of which the upper was long, or left something open.
func (p *page) mendWraps() {
	for i := 1; i < p.cut; i++ {
		above, l := &p.lines[i-1], &p.lines[i]
		if above.state != quote || l.blank() || l.state != fresh || !leftOpen(above.says) && !isLink(l.says) {
			continue
		}
		end := i
		for end < p.cut && end < i+2 && !p.lines[end].blank() && p.lines[end].state == fresh {
			end++
		}
		if end < p.cut && p.lines[end].state == quote {
			for k := i; k < end; k++ {
				p.lines[k].state = quote
			}
		}
	}
}

// leftOpen reports whether a line ends as if it were to go on.
func leftOpen(s string) bool {
	if strings.HasSuffix(s, "?") {
		return false
	}
	if strings.Count(s, "(") > strings.Count(s, ")") || strings.Count(s, "<") > strings.Count(s, ">") || strings.Contains(s, "http") {
		return true
	}
	return len(s) >= 50 && !strings.ContainsAny(s[len(s)-1:], ".!:")
}

// isLink reports whether a line is but a link in brackets, as programs put it behind the word that was linked.
func isLink(s string) bool {
	return strings.HasPrefix(s, "(http") || strings.HasPrefix(s, "<http") || strings.HasPrefix(s, "[http")
}

// group is a run of quoted lines with what announces them, or of new ones.
type group struct {
	first, last int
	quoted      bool
	announced   bool // a mail program quoted it, no doubt
	own         bool // the writer did, by hand
	empty       bool // nothing in it that could be answered
}

// groups are the runs of the lines above the cut.
func (p *page) groups() []group {
	var all []group
	for i := range p.cut {
		l := &p.lines[i]
		if l.blank() && l.state != quote || l.folded {
			continue
		}
		quoted := l.state == quote || l.state == announcing || isRule(l.says) && p.quoteBelow(i)
		begins := l.state == announcing && (i == 0 || p.lines[i-1].state != announcing)
		if n := len(all); n > 0 && all[n-1].quoted == quoted && !begins {
			all[n-1].last = i
		} else {
			all = append(all, group{first: i, last: i, quoted: quoted})
		}
		g := &all[len(all)-1]
		g.announced = g.announced || l.cited || l.marker && quoted || l.state == fresh && quoted
		g.own = g.own || l.own
	}
	if p.more && p.cut == len(p.lines) {
		all = append(all, group{first: len(p.lines), last: len(p.lines)})
	}
	for i := range all {
		if g := &all[i]; g.quoted {
			g.announced = g.announced || p.announcedWithin(g)
			g.empty = p.saysNothing(g)
		}
	}
	return all
}

// announcedWithin reports whether the first quoted line says who wrote the others.
func (p *page) announcedWithin(g *group) bool {
	first := p.nextLine(g.first)
	if first > g.last {
		return false
	}
	a, found := p.attribution(first)
	return found && a.sure
}

// judgeQuotes decides which of the quotes above the cut are folded. Those below the last new line are. Those above it
// stay where answers stand between them: the answers mean nothing without. A single one is folded if a mail program put
// it there, and stays if the writer did.
func (p *page) judgeQuotes() {
	all := p.groups()
	last := len(all) - 1
	for last >= 0 && all[last].quoted {
		last--
	}
	for i := last + 1; i < len(all); i++ {
		if !p.writersOwn(all, i) {
			p.fold(all[i])
		}
	}
	if between(all) {
		return
	}
	for i := range last + 1 {
		if g := all[i]; g.quoted && !g.own && (g.announced || i == 0 && !p.more) {
			p.fold(g)
		}
	}
}

// writersOwn reports whether the writer put in a quote, to speak of it: by the mark-up, or because it stands above the
// one that the program added.
func (p *page) writersOwn(all []group, i int) bool {
	g := all[i]
	if g.announced || i == 0 {
		return false
	}
	return g.own || i+1 < len(all) && all[i+1].announced && !all[i-1].quoted
}

// between reports whether something new stands between two quotes.
func between(all []group) bool {
	seen, answered := false, false
	for _, g := range all {
		switch {
		case !g.quoted:
			answered = seen
		case g.empty:
		case answered:
			return true
		default:
			seen = true
		}
	}
	return false
}

func (p *page) fold(g group) {
	for k := g.first; k <= g.last; k++ {
		p.lines[k].folded = true
	}
}

// keepSomething unfolds what would leave nothing to see: signatures first, and then quotes that no mail program
// announced.
func (p *page) keepSomething() {
	if p.anything() {
		return
	}
	for i := range p.lines {
		if l := &p.lines[i]; l.state == signature {
			l.folded, l.state = false, fresh
		}
	}
	if p.anything() {
		return
	}
	for _, g := range p.groupsOfFolded() {
		if !g.announced {
			for k := g.first; k <= g.last; k++ {
				p.lines[k].folded = false
			}
		}
	}
}

// groupsOfFolded are the groups as they were before any was folded.
func (p *page) groupsOfFolded() []group {
	kept := make([]bool, p.cut)
	for i := range p.cut {
		kept[i], p.lines[i].folded = p.lines[i].folded, false
	}
	all := p.groups()
	for i := range p.cut {
		p.lines[i].folded = kept[i]
	}
	return all
}

// anything reports whether there is something to see.
func (p *page) anything() bool {
	if p.more && p.cut == len(p.lines) {
		return true
	}
	for i := range p.lines {
		l := &p.lines[i]
		if l.from > l.start || !l.blank() && !l.folded && !isRule(l.says) {
			return true
		}
	}
	return false
}
