package gateway

import (
	"context"
	"time"
)

// Source is a mailbox that mails are fetched from: gateway/imap has one.
type Source interface {
	// Fetch hands every mail after the cursor to take, one at a time, and returns the cursor behind the last one. A
	// cursor of another validity means that the mailbox begins anew. An error of take ends it and is returned.
	Fetch(ctx context.Context, from Cursor, take func(ctx context.Context, in Incoming) error) (Cursor, error)
}

// Cursor is the place up to which a mailbox has been fetched. The zero value is the beginning.
type Cursor struct {
	Validity uint32 `json:"validity"` // UIDVALIDITY (RFC 3501 §2.3.1.1)
	UID      uint32 `json:"uid"`
}

// Incoming is a mail as a source hands it over.
type Incoming struct {
	Validity, UID uint32
	Next          Cursor    // may be stored once this mail is
	Received      time.Time // zero means now
	Raw           []byte
	Size          int64  // as the server claims it
	Problem       string // why Raw is not the whole mail; empty if it is
}
