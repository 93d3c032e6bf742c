package notify

import (
	"time"

	"github.com/helpdeskgo/helpdesk/notify/template"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// State is how far a letter has come.
type State string

// The states of a letter.
const (
	Held      State = "held"      // until Due: its author may still take it back, or its reader is not to be disturbed
	Queued    State = "queued"    // is sent as soon as may be, and tried again where that fails
	Sent      State = "sent"      // the mail server has it, or the channel
	Bounced   State = "bounced"   // the mail server will not take it, however often it is tried
	Failed    State = "failed"    // was tried for long, and given up: see Retry
	Cancelled State = "cancelled" // was taken back, or there was nothing left to tell: Reason says why
)

// Done reports whether nothing comes of the letter any more by itself.
func (s State) Done() bool { return s != Held && s != Queued }

// The names of the channels that are always there.
const (
	Mail = "mail"
	Feed = "feed"
)

// Letter is one notification of one recipient: an order to send, and what became of it. It holds none of the texts of a
// ticket: what it says is read when it is sent.
type Letter struct {
	ID      int64 `json:"id"`
	Ticket  int64 `json:"ticket,omitempty"`  // that it was ordered for: see Letters
	Message int64 `json:"message,omitempty"` // that it carries
	Event   int64 `json:"event,omitempty"`   // that it tells of

	Channel string        `json:"channel"` // Mail, or one of Options.Channels
	Kind    template.Kind `json:"kind"`
	Role    Role          `json:"role"`
	Why     string        `json:"why"` // for people

	Agent string        `json:"agent,omitempty"` // id, of staff
	To    ticket.Person `json:"to,omitzero"`     // of everybody else
	// Known says that the directory had the address of To when the letter was ordered: if it has another one by now, the
	// letter goes there.
	Known bool `json:"known,omitempty"`

	State  State     `json:"state"`
	Reason string    `json:"reason,omitempty"` // why it is held or cancelled, for people
	Due    time.Time `json:"due"`              // when it may be sent, or is tried again
	Digest bool      `json:"digest,omitempty"` // goes with others in one
	In     int64     `json:"in,omitempty"`     // ID of that letter, once it is made

	Members []int64 `json:"members,omitempty"` // of a digest: what it tells

	Attempts int       `json:"attempts,omitempty"`
	Error    string    `json:"error,omitempty"` // of the last attempt
	Created  time.Time `json:"created"`
	Ended    time.Time `json:"ended,omitzero"` // when it was sent or given up

	MessageID string `json:"message_id,omitempty"` // of the mail, without angle brackets
	From      string `json:"from,omitempty"`       // address of the mail's sender
	Automatic bool   `json:"automatic,omitempty"`  // nobody has written what it says
	Copy      string `json:"copy,omitempty"`       // address that gets a blind copy of what the reader gets (M08)

	email string // that the server is asked about as the reader's own, while it is sent
	moved bool   // To has another address than it was ordered for

	// Of a notice: its own words, whose files go with it, and what asked for it.
	Title  string `json:"title,omitempty"`
	Note   string `json:"note,omitempty"`
	Files  int64  `json:"files,omitempty"`
	Notice string `json:"notice,omitempty"` // Notice.Why
}

// conflict says in which state a letter is that cannot be taken back, or sent again: a ticket.ErrConflict in other words, for
// there is nothing to read again.
type conflict string

func (c conflict) Error() string        { return string(c) }
func (c conflict) Is(target error) bool { return target == ticket.ErrConflict }
