package gateway

// A CodeFinder recognises ticket codes. Find returns the codes in a text in the
// order in which they stand there.
type CodeFinder interface {
	Find(text string) []string
}

// An IDChecker knows the Message-IDs that the desk itself has issued. Own must
// check the whole id, its authentication code included: a reply that cites one is
// believed.
type IDChecker interface {
	Own(id string) bool
}

// CitedBy says how a mail refers to an earlier one.
type CitedBy string

// The ways to refer to a ticket.
const (
	ByOwnID      CitedBy = "own_message_id" // a Message-ID that the desk issued
	ByInReplyTo  CitedBy = "in_reply_to"    // another id in In-Reply-To
	ByReferences CitedBy = "references"     // another id in References
	BySubject    CitedBy = "subject_code"   // a ticket code in the subject: guessable
)

// Citation is one reference of a mail to an earlier one, to be looked up.
type Citation struct {
	By    CitedBy
	Value string // a Message-ID without angle brackets, or a ticket code
}

// Citations lists what a mail refers to, the most trustworthy first: Message-IDs
// that the desk issued, then the ids of In-Reply-To, then References from the
// newest to the oldest, then the ticket codes in the subject from the last to the
// first. Each value comes once, none is empty, and the mail's own id is left out.
// codes and own may be nil.
//
// The order alone proves nothing: whoever acts on a subject code must know the
// sender as a participant of the ticket, for codes can be guessed.
func Citations(m *Mail, codes CodeFinder, own IDChecker) []Citation {
	var ours, others []Citation
	seen := map[string]bool{"": true, m.MessageID: true}
	cite := func(by CitedBy, id string) {
		if seen[id] {
			return
		}
		seen[id] = true
		if own != nil && own.Own(id) {
			ours = append(ours, Citation{ByOwnID, id})
			return
		}
		others = append(others, Citation{by, id})
	}
	for _, id := range m.InReplyTo {
		cite(ByInReplyTo, id)
	}
	for i := len(m.References) - 1; i >= 0; i-- {
		cite(ByReferences, m.References[i])
	}
	return append(append(ours, others...), subjectCodes(m.Subject, codes)...)
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
			list = append(list, Citation{BySubject, code})
		}
	}
	return list
}
