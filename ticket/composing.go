package ticket

import (
	"slices"
	"time"
)

// SavedDraft is a message that an agent has begun and not sent (M15). An agent has one for each ticket.
type SavedDraft struct {
	TicketID int64  `json:"ticket_id"` // set by the desk
	Agent    string `json:"agent"`     // id; set by the desk

	Kind      MessageKind `json:"kind"` // default KindReply
	Body      string      `json:"body"`
	Format    Format      `json:"format"` // default Plain
	HTMLBody  string      `json:"html_body,omitempty"`
	To        []Person    `json:"to,omitempty"`
	Cc        []Person    `json:"cc,omitempty"`
	Bcc       []Person    `json:"bcc,omitempty"`
	Status    string      `json:"status,omitempty"`
	Encrypted bool        `json:"encrypted,omitempty"` // the bodies are stored encrypted (W32)
	Sealed    bool        `json:"sealed,omitempty"`    // as of a Message: set by the desk
	Seen      int64       `json:"seen,omitempty"`      // as of a ReplyDraft

	// Version is another one with each saving. Given back with the next, it has a draft that was saved, sent or discarded
	// elsewhere meanwhile refused with ErrConflict; 0 saves regardless.
	Version int64     `json:"version,omitempty"`
	SavedAt time.Time `json:"saved_at,omitzero"` // set by the desk
}

// Reply returns the draft as a message to send. Files are for whoever sends it to add.
func (s SavedDraft) Reply() ReplyDraft {
	return ReplyDraft{Kind: s.Kind, Body: s.Body, Format: s.Format, HTMLBody: s.HTMLBody, To: slices.Clone(s.To), Cc: slices.Clone(s.Cc), Bcc: slices.Clone(s.Bcc),
		Status: s.Status, Encrypted: s.Encrypted, Seen: s.Seen}
}

// Activity is what somebody does at a ticket.
type Activity string

// The activities that others are told of (I14).
const (
	Viewing Activity = "viewing"
	Writing Activity = "writing"
)

// Presence says that an agent is at a ticket.
type Presence struct {
	Agent    string    `json:"agent"` // id
	Name     string    `json:"name,omitempty"`
	Activity Activity  `json:"activity"`
	Since    time.Time `json:"since"` // when they began to do it
	Seen     time.Time `json:"seen"`  // when they last said so, to a third of the expiry
}
