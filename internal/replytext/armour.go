package replytext

import "strings"

// findArmour folds what OpenPGP puts around a text that is signed within itself (RFC 9580, 7): the line and the fields
// above it, and the signature below. Dashes that it escapes are read as they were written.
func (p *page) findArmour() {
	const begins, signs, ends = "-----begin pgp signed message-----", "-----begin pgp signature-----", "-----end pgp signature-----"
	inside := false
	for i := 0; i < len(p.lines); i++ {
		l := &p.lines[i]
		if l.depth > 0 || l.state != fresh {
			continue
		}
		switch {
		case l.low == begins:
			inside = true
			for i = p.sign(i); i+1 < len(p.lines) && isArmourField(p.lines[i+1].low); {
				i = p.sign(i + 1)
			}
		case l.low == signs:
			inside = false
			for i < len(p.lines) && p.lines[i].low != ends {
				i = p.sign(i) + 1
			}
			if i < len(p.lines) {
				p.sign(i)
			}
		case inside && strings.HasPrefix(l.says, "- "):
			l.says, l.low = l.says[2:], l.low[2:]
		}
	}
}

// sign makes a line part of a signature.
func (p *page) sign(i int) int {
	if l := &p.lines[i]; !l.blank() {
		l.state, l.folded = signature, true
	}
	return i
}

func isArmourField(low string) bool {
	return beginsWithAny(low, []string{"hash:", "version:", "comment:", "charset:", "messageid:", "notdashescaped:"})
}
