package replytext

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A signature below "--" has at most maxBelow lines that say something, one below another rule maxCard, and a text
// at most maxParts parts that were signed by different hands: the writer, the telephone, the mailing list.
const maxBelow, maxCard, maxParts = 20, 8, 6

// findSignatures looks for what stands below the answer: at the end of what is new, and above the quotes at its end.
func (p *page) findSignatures() {
	for i := range p.cut {
		l := &p.lines[i]
		if l.state == fresh && l.says == "--" && p.nextLine(i+1) < p.cut && p.lines[p.nextLine(i+1)].state == signature {
			l.state = signature // the dashes stand above the element
		}
		l.folded = l.folded || l.state == signature
	}
	if p.more && p.cut == len(p.lines) {
		return // the end is not in sight
	}
	for range maxParts {
		last := p.lastNew(p.cut - 1)
		if last < 0 {
			return
		}
		first := last
		for first > 0 && p.lines[first-1].state == fresh && !p.lines[first-1].folded {
			first--
		}
		from := p.noticeIn(first, last)
		if from < 0 {
			from = p.signatureIn(first, last)
		}
		if from < 0 || p.lastNew(from-1) < 0 {
			return
		}
		for k := from; k <= last; k++ {
			if !p.lines[k].blank() {
				p.lines[k].state, p.lines[k].folded = signature, true
			}
		}
	}
}

// lastNew is the last line up to i that is new and says something, -1 if there is none.
func (p *page) lastNew(i int) int {
	for ; i >= 0; i-- {
		if l := &p.lines[i]; l.state == fresh && !l.blank() && !l.folded {
			return i
		}
	}
	return -1
}

// signatureIn is the first line of the signature that lines first to last end with, -1 if there is none.
func (p *page) signatureIn(first, last int) int {
	below := 0
	found := -1
	for k := last; k >= first && below <= maxBelow; k-- {
		l := &p.lines[k]
		switch {
		case l.blank():
			continue
		case l.says == "--" && k < last: // RFC 3676, 4.3; many programs lose the blank behind the dashes
			found = k
		case below > 0 && below <= maxCard && isSignatureRule(l.says) && !p.isAnnounced(k, first) && p.isCard(k+1, last):
			found = k
		case below > 1 && below <= maxCard && isRule(l.says) && p.isContact(k, first, last):
			found = k
		}
		below++
	}
	if found >= 0 {
		return found
	}
	if p.isDashedName(last) {
		return last
	}
	for k := last; k >= first && k > last-3; k-- {
		if isDevice(p.lines[k].low) {
			return k
		}
		if !p.lines[k].blank() && !containsAny(p.lines[k].low, excuses) {
			break
		}
	}
	return -1
}

func containsAny(s string, list []string) bool {
	return slices.ContainsFunc(list, func(part string) bool { return strings.Contains(s, part) })
}

func beginsWithAny(s string, list []string) bool {
	return slices.ContainsFunc(list, func(part string) bool { return strings.HasPrefix(s, part) })
}

// isSignatureRule reports whether a line may divide a signature from a text. Other rules divide parts of the text
// itself.
func isSignatureRule(s string) bool {
	if s == "---" || len(s) >= 2 && strings.Trim(s, "_") == "" {
		return true
	}
	for _, r := range s {
		if r != '—' && r != '–' && r != '―' {
			return false
		}
	}
	return true
}

// isCard reports whether lines first to last could be a visiting card, or the foot of a mailing list: a name, or an
// address, and nothing like a sentence.
func (p *page) isCard(first, last int) bool {
	k := p.nextLine(first)
	if k > last {
		return false
	}
	name, _, _ := strings.Cut(p.lines[k].says, "|")
	name, _, _ = strings.Cut(name, ",")
	known := isName(name) || strings.Contains(p.lines[k].low, "mailing list")
	advert := strings.HasPrefix(p.lines[first-1].says, "____________________") // what a free provider adds
	for ; k <= last; k++ {
		s := p.lines[k].says
		words := strings.Count(s, " ") + 1
		if utf8.RuneCountInString(s) > 80 || !advert && (words > 5 && strings.HasSuffix(s, ".") || strings.HasSuffix(s, "?")) {
			return false
		}
		known = known || words == 1 && strings.Contains(s, "://") || words < 7 && strings.Contains(s, "@")
	}
	return known
}

// isAnnounced reports whether a line of words that ends with a colon stands above the rule in line k.
func (p *page) isAnnounced(k, first int) bool {
	above := k - 1
	for above >= first && p.lines[above].blank() {
		above--
	}
	return above >= first && strings.HasSuffix(p.lines[above].says, ":")
}

// isContact reports whether the lines below the rule in line k are the visiting card of a person whom one can reach, and
// what stands above the rule neither is their heading nor announces them.
func (p *page) isContact(k, first, last int) bool {
	if k == first || !p.lines[k-1].blank() || len(p.lines[k].says) < 5 || p.isAnnounced(k, first) || !p.isCard(k+1, last) {
		return false
	}
	name := p.nextLine(k + 1)
	for i := name + 1; i <= last; i++ {
		if containsAny(p.lines[i].low, []string{"@", "www.", "://"}) {
			return isName(p.lines[name].says)
		}
	}
	return false
}

// isName reports whether s could be the name of a person: one to five words, all with a capital first letter where the
// script has such.
func isName(s string) bool {
	words := strings.Fields(s)
	if len(words) == 0 || len(words) > 5 || len(s) > 50 {
		return false
	}
	for _, w := range words {
		r, _ := utf8.DecodeRuneInString(w)
		if !unicode.IsLetter(r) || unicode.IsLower(r) || strings.ContainsAny(w, "0123456789:;?!/") {
			return false
		}
	}
	return true
}

// isDashedName reports whether line i is a name behind a dash, below a text: "-Ann". An item of a list is none.
func (p *page) isDashedName(i int) bool {
	says := p.lines[i].says
	name := strings.TrimLeft(says, "-–—")
	dashes := len(says) - len(name)
	apart := strings.HasPrefix(name, " ")
	name = strings.TrimRight(strings.TrimSpace(name), ".")
	if person, company, ok := strings.Cut(name, ","); ok && dashes == 2 && strings.HasPrefix(says, "-- ") && isName(person) && isName(company) {
		name = person
	}
	words := strings.Fields(name)
	if dashes == 0 || len(words) == 0 || len(words) > 3 || len(name) > 40 {
		return false
	}
	for _, r := range name {
		if !unicode.IsLetter(r) && !strings.ContainsRune(" .'’-", r) {
			return false
		}
	}
	above := i - 1
	for above >= 0 && p.lines[above].blank() {
		above--
	}
	if above < 0 || strings.HasPrefix(p.lines[above].says, "-") || strings.HasPrefix(p.lines[above].says, "•") || strings.HasSuffix(p.lines[above].says, ":") {
		return false
	}
	return !apart || above < i-1
}

// isDevice reports whether a line is what a telephone or a mail program signs with: "Sent from my iPhone".
func isDevice(low string) bool {
	low = strings.TrimFunc(low, func(r rune) bool { return !unicode.In(r, unicode.L, unicode.M, unicode.N) && r != '>' && r != ')' })
	if strings.Contains(low, "outlook") && strings.Count(low, " ") < 8 && outlookLink.MatchString(low) {
		return true // in whatever language
	}
	return isKnownDevice(low)
}

// outlookLink is the link to itself that Outlook on a telephone signs with.
var outlookLink = regexp.MustCompile(`[\p{L}\p{N}] ?[<(]https?://aka\.ms/[^\s<>()]+[>)]$`)

// isKnownDevice is isDevice without a guess at the language.
func isKnownDevice(low string) bool {
	low = strings.TrimFunc(low, func(r rune) bool { return !unicode.In(r, unicode.L, unicode.M, unicode.N) && r != '>' && r != ')' })
	low = withoutLink(linkWithin.ReplaceAllString(low, " "))
	if head, tail, ok := strings.Cut(low, ","); ok && containsAny(tail, excuses) {
		low = head
	}
	if len(low) > 160 || strings.ContainsAny(low, ";?") {
		return false
	}
	for _, d := range devices {
		if d.matches(low) {
			return true
		}
	}
	return false
}

// isOutlook reports whether a line is the one that Outlook on a telephone puts, with a link to itself, between what is
// written and what is answered. What follows is quoted, whatever its header looks like.
func isOutlook(low string) bool {
	return strings.Contains(low, "outlook") && strings.Contains(low, "aka.ms/") && isKnownDevice(low)
}

// matches reports whether a line has the form of d.
func (d device) matches(low string) bool {
	if !strings.HasPrefix(low, d.begins) || !strings.HasSuffix(low, d.ends) || strings.Count(low, " ") >= d.words {
		return false
	}
	if strings.Contains(low, ",") && !d.commas {
		return false
	}
	if !d.product {
		return true
	}
	return containsAny(low, products)
}

// linkWithin is the link that Outlook's plain text has behind a word, where others follow.
var linkWithin = regexp.MustCompile(`\s?(?:<https?://[^\s<>]{1,300}>|\(https?://[^\s()]{1,300}\)|\[https?://[^\s\[\]]{1,300}\])\s`)

// withoutLink is a line without the link that some programs put behind it.
func withoutLink(low string) string {
	if i := strings.Index(low, "://"); i > 0 {
		low = low[:i]
		low = low[:strings.LastIndexAny(low, " <([")+1]
	}
	return strings.TrimRight(low, " .!<([")
}

// saysNothing reports whether nothing in a quote could be answered: it is blank, or it is but a signature.
func (p *page) saysNothing(g *group) bool {
	first, last := g.first, g.last
	for range maxParts {
		for last >= first && (p.lines[last].blank() || isRule(p.lines[last].says)) {
			last--
		}
		if last < first {
			return true
		}
		from := p.signatureIn(first, last)
		if from < 0 {
			return p.isClosing(first, last)
		}
		last = from - 1
	}
	return last < first
}

// isClosing reports whether lines first to last are but a closing formula and a name.
func (p *page) isClosing(first, last int) bool {
	first = p.nextLine(first)
	if first > last || last > first+4 || !beginsWithAny(p.lines[first].low, closings) {
		return false
	}
	for ; first <= last; first++ {
		if s := p.lines[first].says; len(s) > 50 || strings.HasSuffix(s, "?") {
			return false
		}
	}
	return true
}
