package ticket

import (
	"io"
	"time"
)

// MessageKind says who may read a message.
type MessageKind string

// The kinds of messages (M63).
const (
	KindReply      MessageKind = "reply"       // public: customer and staff
	KindNote       MessageKind = "note"        // internal: staff only
	KindThirdParty MessageKind = "third_party" // to or from a third party, seen by the customer
	KindConfided   MessageKind = "confided"    // to or from a third party, not seen by the customer
)

// Public reports whether the customer may read messages of this kind.
func (k MessageKind) Public() bool { return k == KindReply || k == KindThirdParty }

// Format is how a body was written. Bodies are stored as given and made safe on the way out.
type Format string

// The formats of bodies.
const (
	Plain    Format = "plain"
	Markdown Format = "markdown"
	HTML     Format = "html"
)

// Message is one contribution to a ticket. Seq orders the messages of a ticket, starting at 1.
type Message struct {
	ID       int64       `json:"id"`
	TicketID int64       `json:"ticket_id"`
	Seq      int64       `json:"seq"`
	Kind     MessageKind `json:"kind"`
	Author   Actor       `json:"author"`

	Body      string `json:"body"`
	Format    Format `json:"format"`
	HTMLBody  string `json:"html_body,omitempty"` // the HTML alternative of a mail, raw: show what gateway.Sanitize makes of it
	Encrypted bool   `json:"encrypted,omitempty"` // the bodies are stored encrypted (W32)
	Sealed    bool   `json:"sealed,omitempty"`    // they could not be decrypted for want of the key, and are empty; in a store: they are ciphertext

	To    []Person `json:"to,omitempty"`
	Cc    []Person `json:"cc,omitempty"`
	Bcc   []Person `json:"bcc,omitempty"`
	Files []File   `json:"files,omitempty"`
	Mail  *Mail    `json:"mail,omitempty"`

	// Unproven marks a message whose sender could not be tied to the ticket: a mail that cites its code from a foreign
	// address. It is a note.
	Unproven bool `json:"unproven,omitempty"`

	// Mentions are whom a note is for, as its text says with "@", or its author chose (X30).
	Mentions []Mention `json:"mentions,omitempty"`

	// Via is the merged ticket that the message was written to, in place of the one that has it. An undone merge takes it
	// along.
	Via int64 `json:"via,omitempty"`

	// Undelivered are those of its recipients whom the mail with it did not reach, one entry each, the newest last.
	Undelivered []Undelivered `json:"undelivered,omitempty"`

	CreatedAt time.Time  `json:"created_at"`
	EditedAt  *time.Time `json:"edited_at,omitempty"`
	DeletedAt *time.Time `json:"deleted_at,omitempty"` // body and files are gone, the place in the thread stays
}

// Mail is what ties a message to the mail that it came in as or goes out as.
type Mail struct {
	MessageID  string    `json:"message_id,omitempty"` // without angle brackets (RFC 5322, 3.6.4)
	InReplyTo  []string  `json:"in_reply_to,omitempty"`
	References []string  `json:"references,omitempty"`
	Identity   string    `json:"identity,omitempty"` // Message-ID and hash of the content: the same mail has the same identity
	Gateway    string    `json:"gateway,omitempty"`
	Date       time.Time `json:"date,omitzero"`      // when it was sent, as far as its sender can be believed
	Raw        string    `json:"raw,omitempty"`      // blob that holds the mail as it came
	Degraded   bool      `json:"degraded,omitempty"` // could not be parsed in full: the raw mail has the rest
	Kind       string    `json:"kind,omitempty"`     // what wrote it, as gateway.Kind: human, auto_reply, list, bounce …
	// Automatic says that it is no sign of the customer: it changes no status, and nothing that waits for the customer's
	// answer ends with it (X21).
	Automatic bool `json:"automatic,omitempty"`
	// Unanswerable says that no automatic answer may be sent to it (RFC 3834, 2).
	Unanswerable bool `json:"unanswerable,omitempty"`
	// Quiet says why nobody is to be told of it: its sender is over a cap, or the same mail has come several times. It is
	// empty as a rule.
	Quiet string `json:"quiet,omitempty"`
	// Relay is the mailing list or the web form that it came by: who wrote it is then what a field says that anybody can
	// write.
	Relay string `json:"relay,omitempty"`
	// Sent says that an agent has sent it with another program: its recipients have it, and it is not sent to them again.
	Sent bool `json:"sent,omitempty"`

	// Folds are the parts of Message.Body that quote earlier messages or are a signature; Message.Reply is the rest. They
	// are of the body as it came: a body that is edited, redacted or deleted, or that a filter changed, has none.
	Folds []Fold `json:"folds,omitempty"`
}

// File is an attachment. Blob names its content; it is empty when the content was removed or never stored, and then
// Missing says why.
type File struct {
	Name      string `json:"name"`
	Type      string `json:"type"`                 // media type (RFC 2045), as claimed by the sender
	Size      int64  `json:"size"`                 // bytes
	Blob      string `json:"blob,omitempty"`       // SHA-256 of the content, in hexadecimal
	ContentID string `json:"content_id,omitempty"` // without angle brackets (RFC 2392)
	Inline    bool   `json:"inline,omitempty"`
	Missing   string `json:"missing,omitempty"`
}

// Upload is a file on its way in. Content is read once, to its end or to the limit, and never held whole. Its name is
// made safe by FileName.
type Upload struct {
	Name      string
	Type      string // empty means application/octet-stream
	ContentID string
	Inline    bool
	Content   io.Reader
	// Missing, if not empty, says why there is no content: the message then shows name and Size of a file that was not
	// kept, whatever its type and size are, for nothing of it is stored.
	Missing string
	// Size is how many bytes it has, 0 where that is unknown. What is stored is counted, and not believed;
	// Desk.CheckTicket and CheckReply, which read nothing, go by this.
	Size int64
}
