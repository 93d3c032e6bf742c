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
	var found field
	address, timed := false, false
	for k, gap := i, 0; k < len(p.lines) && k < i+24 && gap < 4; k++ {
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
		if fields == 0 {
			gap++ // the rest of a long value, or the end
			address = address || gap == 1 && strings.Contains(l.says, "@") && !isOtherField(l.low)
			continue
		}
		if found&fields == fields && fields != fieldCc {
			break // another block
		}
		gap = 0
		found |= fields
		address = address || strings.Contains(l.says, "@")
		timed = timed || fields&(fieldDate|fieldSent) != 0 && clock.MatchString(l.low)
	}
	if first&(fieldTo|fieldCc) != 0 && (found&fieldFrom == 0 || found&fieldSubject == 0) {
		return false
	}
	return found.isMail(address, timed)
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
	return ok && !strings.ContainsAny(name, "@<")
}

// isWord reports whether s is one word, and no long one.
func isWord(s string) bool {
	return s != "" && len(s) <= 40 && strings.IndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }) < 0
}

// isMail reports whether fields are those of a mail: address says that one stands in them, and timed that they have the
// time of day. Letters on paper have an author, a date and a subject, too.
func (f field) isMail(address, timed bool) bool {
	switch others := f &^ fieldFrom; {
	case f&fieldFrom != 0 && others&fieldSent != 0:
		return address || timed || others&fieldSubject != 0
	case f&fieldFrom != 0 && others&fieldSubject != 0 && others&fieldDate != 0:
		return address || timed
	case f&fieldFrom != 0 && others != 0:
		return address
	case f&(fieldDate|fieldSent) != 0 && others&(fieldTo|fieldSubject) != 0:
		return address && timed
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
