package gateway

import (
	"errors"

	"github.com/helpdeskgo/helpdesk/internal/mark"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// A CodeFinder recognises ticket codes. Find returns the codes in a text in the
// order in which they stand there.
type CodeFinder interface {
	Find(text string) []string
}

// CitedBy says how a mail refers to an earlier one.
type CitedBy string

// The ways to refer to a ticket.
const (
	ByAddress    CitedBy = "address_mark"   // a mark of the desk in the address that it was sent to
	ByOwnID      CitedBy = "own_message_id" // a Message-ID that the desk issued
	ByInReplyTo  CitedBy = "in_reply_to"    // another id in In-Reply-To
	ByReferences CitedBy = "references"     // another id in References
	ByHiddenCode CitedBy = "hidden_code"    // a mark of the desk in what is quoted
	BySubject    CitedBy = "subject_code"   // a ticket code in the subject: guessable
)

// Marked reports whether the desk's own mark says it, which only who has a mail of the desk can repeat.
func (b CitedBy) Marked() bool { return b == ByAddress || b == ByOwnID || b == ByHiddenCode }

// Citation is one reference of a mail to an earlier one, to be looked up.
type Citation struct {
	By    CitedBy
	Value string      // a Message-ID without angle brackets, an address, a code
	Mark  ticket.Mark // of those that are Marked
}

// Citations lists what a mail refers to, the most trustworthy first: marks in the addresses that it was sent to,
// Message-IDs that the desk issued, then the ids of In-Reply-To, then References from the newest to the oldest, marks in
// what it quotes, and the ticket codes in the subject from the last to the first. Each value comes once, none is empty,
// and the mail's own id is left out. A mark that claims to be the desk's and is not counts for nothing. codes and marks may
// be nil.
//
// The order alone proves nothing: whoever acts on one must know the sender as somebody whom the ticket concerns, for codes
// can be guessed, and mails passed on.
func Citations(m *Mail, codes CodeFinder, marks ticket.Marker) []Citation {
	c := citations{marks: marks, seen: map[string]bool{"": true, m.MessageID: true}}
	c.addresses(m)
	c.ids(m)
	c.hidden(m)
	return append(c.list, subjectCodes(m.Subject, codes)...)
}

// citations gathers them.
type citations struct {
	marks ticket.Marker
	seen  map[string]bool
	list  []Citation
}

// mostMarks is how many marks of one kind are tried: whoever forges has no more than these.
const mostMarks = 100

// read adds what a mark says, if it is genuine; forged says that it claims to be the desk's and is not.
func (c *citations) read(by CitedBy, value, sealed string) (genuine, forged bool) {
	if c.marks == nil || sealed == "" {
		return false, false
	}
	m, err := c.marks.ReadMark(sealed)
	if err != nil {
		return false, errors.Is(err, ticket.ErrForbidden)
	}
	if !c.seen[sealed] {
		c.list = append(c.list, Citation{By: by, Value: value, Mark: m})
	}
	c.seen[sealed] = true
	return true, false
}

// recipients are the fields that name whom a mail was sent to. Servers write some of them.
var recipients = []string{"Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Forwarded-To"}

func (c *citations) addresses(m *Mail) {
	tried := 0
	try := func(a Address) {
		if sealed := mark.InAddress(a.Email); sealed != "" && tried < mostMarks {
			tried++
			c.read(ByAddress, a.Email, sealed)
		}
	}
	for _, list := range [][]Address{m.To, m.Cc} {
		for _, a := range list {
			try(a)
		}
	}
	for _, name := range recipients {
		for _, v := range m.Header(name) {
			list, _ := parseAddresses(v, mostMarks)
			for _, a := range list {
				try(a)
			}
		}
	}
}

// ids are those that the desk issued, and then the others.
func (c *citations) ids(m *Mail) {
	var others []Citation
	tried := 0
	cite := func(by CitedBy, id string) {
		if c.seen[id] {
			return
		}
		c.seen[id] = true
		if sealed := mark.InID(id); sealed != "" && tried < mostMarks {
			tried++
			if genuine, forged := c.read(ByOwnID, id, sealed); genuine || forged {
				return
			}
		}
		others = append(others, Citation{By: by, Value: id})
	}
	for _, id := range m.InReplyTo {
		cite(ByInReplyTo, id)
	}
	for i := len(m.References) - 1; i >= 0; i-- {
		cite(ByReferences, m.References[i])
	}
	c.list = append(c.list, others...)
}

// hidden are the marks in the text and in the HTML as it came: what a person does not see of it counts, too.
func (c *citations) hidden(m *Mail) {
	for _, text := range []string{m.Text, m.HTML} {
		for _, sealed := range mark.InText(text) {
			if !c.seen[sealed] {
				c.read(ByHiddenCode, mark.Code(sealed), sealed)
			}
		}
	}
}

func subjectCodes(subject string, codes CodeFinder) []Citation {
	if codes == nil {
		return nil
	}
	found := codes.Find(subject)
	var list []Citation
	seen := map[string]bool{"": true}
	for i := len(found) - 1; i >= 0; i-- {
		if code := found[i]; !seen[code] {
			seen[code] = true
			list = append(list, Citation{By: BySubject, Value: code})
		}
	}
	return list
}
