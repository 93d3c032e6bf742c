package replytext

import (
	"strings"
	"unicode"
)

// field is a header field that mail programs write above a quoted mail.
type field uint8

const (
	fieldFrom field = 1 << iota
	fieldSent       // says that it was sent, as Outlook does
	fieldDate
	fieldTo
	fieldCc
	fieldSubject
)

// isHeader reports whether a block of header fields begins at line i: who, and at least one other; and something that
// only mails have, for people write "From: Berlin, To: Paris, Date: 3 May" themselves.
func (p *page) isHeader(i int) bool {
	first := fieldOf(p.lines[i].low)
	if first == 0 && !p.isAuthor(i) {
		return false
	}
	b := fieldBlock{form: i > 0 && isOtherField(p.lines[i-1].low)}
	for k := i; k < len(p.lines) && k < i+24 && b.gap < 4; k++ {
		l := &p.lines[k]
		if l.blank() {
			continue
		}
		if beginsWithAny(l.low, rawFields) {
			return false // somebody shows us a mail as it travelled
		}
		fields := fieldsOf(l.low)
		if k == i && first == 0 {
			fields = fieldFrom
		}
		if !b.take(l, fields, p.lines[k-min(k, 1)].blank()) {
			break // another block
		}
	}
	if first&(fieldTo|fieldCc) != 0 && (b.found&fieldFrom == 0 || b.found&fieldSubject == 0) {
		return false
	}
	return b.isMail()
}

// fieldBlock is what was found in a block of header fields.
type fieldBlock struct {
	found          field
	last           field // of the line before
	gap            int   // lines since that are none
	address, timed bool  // an address stands in it, the time of day
	author         bool  // the address is the author's
	form           bool  // other fields stand among them, as in forms
}

// take reads a line; below says that a blank one stands above it. It reports false where another block begins.
func (b *fieldBlock) take(l *line, fields field, below bool) bool {
	addressed := strings.Contains(l.says, "@")
	switch {
	case fields == 0: // the rest of a long value, or the end
		other := isOtherField(l.low)
		b.form = b.form || other && !below
		b.gap++
		addressed = addressed && b.gap == 1 && !other
	case b.found&fields == fields && fields != fieldCc:
		return false
	default:
		b.gap, b.last = 0, fields
		b.found |= fields
		b.timed = b.timed || fields&(fieldDate|fieldSent) != 0 && clock.MatchString(l.low)
	}
	b.address = b.address || addressed
	b.author = b.author || addressed && b.last&fieldFrom != 0
	return true
}

// isAuthor reports whether line i names an author under a word that is not known here, "Xx: Ann <ann@example.com>", right
// above the other fields of a mail.
func (p *page) isAuthor(i int) bool {
	name, ok := fieldName(p.lines[i].low)
	if !ok || !isWord(name) || !strings.HasSuffix(p.lines[i].says, ">") || !email.MatchString(p.lines[i].says) || i+3 >= len(p.lines) {
		return false
	}
	var found field
	for k := i + 1; k <= i+4 && k < len(p.lines); k++ {
		found |= fieldOf(p.lines[k].low)
	}
	return fieldOf(p.lines[i+1].low) != 0 && found&(fieldSent|fieldDate) != 0 && found&fieldTo != 0 && found&fieldSubject != 0
}

// isOtherField reports whether a line is a field that mails do not have: "Phone: 1".
func isOtherField(low string) bool {
	name, ok := fieldName(low)
	return ok && len(name) <= 40 && !strings.ContainsAny(name, "@<") && strings.Count(name, " ") < 3 && fieldNames[name] == 0 && !strings.Contains(low, "://")
}

// isWord reports whether s is one word, and no long one.
func isWord(s string) bool {
	return s != "" && len(s) <= 40 && strings.IndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }) < 0
}

// isMail reports whether the fields are those of a mail. Letters on paper have an author, a date and a subject, too, and
// forms on the web an author and his address.
func (b *fieldBlock) isMail() bool {
	f, others := b.found, b.found&^fieldFrom
	if b.form && f&(fieldSent|fieldTo) == 0 {
		return false
	}
	switch {
	case f&fieldFrom != 0 && others&fieldSent != 0:
		return b.address || b.timed || others&fieldSubject != 0
	case f&fieldFrom != 0 && others&fieldSubject != 0 && others&fieldDate != 0:
		return b.address || b.timed
	case f&fieldFrom != 0 && others != 0:
		return b.author || b.address && others&fieldSubject != 0
	case f&(fieldDate|fieldSent) != 0 && others&(fieldTo|fieldSubject) != 0:
		return b.address && b.timed
	}
	return false
}

// fieldOf is the field that a line begins with, 0 if none.
func fieldOf(low string) field {
	name, ok := fieldName(low)
	if !ok {
		return 0
	}
	return fieldNames[name]
}

// fieldName is what stands before the first colon of a line, without marks of emphasis.
func fieldName(low string) (string, bool) {
	low = strings.TrimLeft(low, "*_|• \t-")
	end := strings.IndexAny(low, ":：")
	if end < 0 || end > 60 {
		return "", false
	}
	return strings.Trim(low[:end], "*_ \t"), true
}

// fieldsOf are all the fields of a line: some programs write several on one.
func fieldsOf(low string) field {
	found := fieldOf(low)
	if found == 0 {
		return 0
	}
	words := strings.Fields(low[:min(len(low), 400)])
	for i, w := range words {
		if i == 0 || !strings.HasSuffix(w, ":") && w != ":" {
			continue
		}
		name := strings.Trim(w, ":*")
		if name == "" {
			name = words[i-1]
		}
		found |= fieldNames[name]
	}
	return found
}
