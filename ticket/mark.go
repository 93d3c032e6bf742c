package ticket

import (
	"crypto/sha256"
	"encoding/binary"
)

// LoopHeader is the field of automatic mail of a desk; its value is Marks.Loop.
const LoopHeader = "X-Helpdesk-Loop"

// Mark is what a mail that the desk sends says of itself, signed by the desk's key: whatever answers the mail carries it
// back, in an address, an id, or the text that it quotes.
type Mark struct {
	TicketID  int64
	MessageID int64 // the message that the mail carries; 0 for none
	Number    int64 // tells mails apart that are about the same message and go to the same person; such as an event's id
	To        Recipient
}

// Recipient stands for the one whom a marked mail goes to, so that a mark does not show an address.
type Recipient [5]byte

// RecipientOf is the digest of an address at a ticket. The zero Recipient is nobody's.
func RecipientOf(ticketID int64, email string) Recipient {
	email = NormalizeEmail(email)
	if email == "" {
		return Recipient{}
	}
	sum := sha256.Sum256(append(binary.BigEndian.AppendUint64([]byte("mail "), uint64(ticketID)), email...))
	return Recipient(sum[:])
}

// GivenTo reports whether the mark was in a mail to that address.
func (m Mark) GivenTo(email string) bool {
	return m.To != Recipient{} && m.To == RecipientOf(m.TicketID, email)
}

// Marks are what a mail of the desk is to carry, so that it is known again: the same Mark makes the same Marks, until the
// key is rotated. They are worth as much as the mail: who has it may cite the ticket, but only whom the ticket concerns
// answers in it.
type Marks struct {
	// MessageID of the mail, without angle brackets (RFC 5322, 3.6.4). A mail that comes in with it is the desk's own.
	MessageID string
	// Address is the sender's with a mark after a plus (RFC 5233), for From or Reply-To. It is empty where it would be too
	// long for a local part (RFC 5321, 4.5.3.1.1), which is so where the sender's own has more than about 16 characters.
	Address string
	// Code is for the text of the mail, and HTML holds it three times for the HTML, in places of which some survive in what
	// mail programs quote.
	Code, HTML string
	// Loop is the value of LoopHeader, for mail that nobody wrote. A mail that comes in with it is dropped.
	Loop string
}

// Marker writes the marks of mail, and reads them in what comes back.
type Marker interface {
	// Mark returns the marks of a mail that is sent from an address. Errors: ErrInvalid.
	Mark(m Mark, from string) (Marks, error)
	// ReadMark reads one that was found. Errors: ErrForbidden for one that claims to be the desk's and is not; ErrNotFound
	// for whatever else was not made by the desk, also where its key has been dropped since.
	ReadMark(sealed string) (Mark, error)
	// Loop is the value of LoopHeader in the desk's mail.
	Loop() string
}
