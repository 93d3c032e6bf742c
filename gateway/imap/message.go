package imap

import "time"

// Cursor is the place up to which a mailbox has been fetched. The zero value is
// the beginning.
type Cursor struct {
	UIDValidity uint32 // UIDs mean nothing under another value (RFC 3501 §2.3.1.1)
	UID         uint32 // every mail up to this one has been handed over
}

// State says what became of a mail.
type State int

// The states of a mail.
const (
	Fetched     State = iota // Raw is the whole mail
	TooBig                   // over Config.MaxMail: Raw is its header only
	Unfetchable              // the server fails on it: Raw is nil, Reason says why
)

// Message is one mail as the server hands it over.
type Message struct {
	UIDValidity uint32
	UID         uint32
	State       State
	Reason      error     // of an unfetchable mail, else nil
	Received    time.Time // INTERNALDATE in UTC; zero if the server gives none
	Size        int64     // RFC822.SIZE in bytes, as the server claims it
	Flags       []string  // as they stand on the server; for display only
	Raw         []byte
	// Next is the cursor that may be stored once this mail is: it passes no mail
	// that has not been handed over.
	Next Cursor
}
