package gateway

import (
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Mail is one understood mail. Every string in it is valid UTF-8 without NUL;
// the one-line ones (names, subject, ids, header values) hold no control
// characters either. HTML is as the sender wrote it: whoever shows it
// shows what [Sanitize] makes of it.
type Mail struct {
	// Degraded says that no parser could read the mail within the limits. Sender
	// and subject are then found leniently, Text holds the first
	// [Limits.DegradedText] bytes and the raw mail is the only attachment.
	Degraded bool
	// Problems names, in English and without any text from the mail, what was
	// repaired by guessing, cut or left out.
	Problems []string

	// From is the author (RFC 5322 §3.6.2), or the best substitute that the other
	// headers offer.
	From Address
	// FromUnknown says that no header holds an address: From is then
	// [UnknownSender].
	FromUnknown bool
	// To, Cc and ReplyTo are in header order; groups are flattened, entries
	// without an address are left out. A Reply-To is where to answer, not who wrote.
	To, Cc, ReplyTo []Address

	// Subject is decoded, on one line, at most [Limits.Subject] runes long. It is
	// empty if the mail has none and [ReadOptions.NoSubject] is empty.
	Subject string
	// MessageID is the id without angle brackets (RFC 5322 §3.6.4). A mail without
	// one gets an id made of the SHA-256 of its raw bytes; MessageIDDerived tells.
	MessageID        string
	MessageIDDerived bool
	// InReplyTo and References hold the ids without angle brackets in header
	// order, the newest reference last. No id is empty.
	InReplyTo, References []string

	// Date is the Date header in UTC. Where that is missing, unreadable or later
	// than the time of receipt, it is the time of receipt; DateClamped tells.
	Date        time.Time
	DateClamped bool

	// Text is the whole body as plain text with \n line ends, derived from the
	// HTML where the mail brings no text.
	Text string
	// HTML is the HTML body, unsanitised, empty if the mail has none; see [Sanitize].
	HTML string
	// Attachments are in the order of the mail.
	Attachments []Attachment

	// Protections says how the mail or parts of it were signed or encrypted, the
	// outermost first. Signed parts are read like any other; encrypted ones are where
	// [ReadOptions.Decrypt] can open them, and are files otherwise.
	Protections []Protection

	// Identity tells whether two mails are the same one, fetched twice or through
	// two mailboxes: the Message-ID and a hash of everything that the sender wrote,
	// without the trace headers that each server adds. The same Message-ID with
	// other content has another identity.
	Identity string

	header header
	folds  *[]ticket.Fold // of Text, where a gateway has looked for them
	caught *string        // the spam pattern that matches, where a gateway has looked
}

// Header returns the decoded values of the named header field in the order in
// which they stand in the mail, nil if there is none. The name's case does not
// matter.
func (m *Mail) Header(name string) []string {
	var values []string
	for _, raw := range m.header.values(name) {
		values = append(values, oneLine(decodeWords(raw)))
	}
	return values
}

// Attachment is one file of a mail: everything that is neither the text nor the
// HTML body.
type Attachment struct {
	// Filename is safe to use as a name in one directory: no path, no control or
	// direction characters, no name reserved by an operating system, at most 255
	// bytes. A nameless file is called attachment-N.ext.
	Filename string
	// MediaType is the lower-case type without parameters, such as image/png.
	MediaType string
	// ContentID is the id that HTML refers to as cid: (RFC 2392), without angle
	// brackets, or empty.
	ContentID string
	// Inline says that the file is shown within the body: the HTML refers to it, or
	// it is a picture that the sender marked as inline.
	Inline bool
	// Size is the size in bytes after decoding, also where Data was left out.
	Size int
	// Data is the content, byte for byte; a message/rfc822 is the attached mail
	// unchanged. It is nil where Omitted is true. It may share memory with the raw
	// mail given to Read.
	Data []byte
	// Omitted says that the file is larger than [Limits.File].
	Omitted bool
}
