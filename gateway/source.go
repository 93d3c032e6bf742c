package gateway

import (
	"context"
	"time"
)

// Source is a mailbox that mails are fetched from: gateway/imap and gateway/pop3 have some.
type Source interface {
	// Fetch hands over mails that may be new, and returns the cursor behind the last one. A source that keeps a place
	// hands over every mail after the cursor; a cursor of another validity means that the mailbox begins anew. One that
	// keeps none asks what is new. An error of the intake ends it and is returned.
	Fetch(ctx context.Context, from Cursor, to Intake) (Cursor, error)
}

// Intake is what a source hands mails to.
type Intake interface {
	// New returns those of the places of which no mail was taken yet, in their order.
	New(ctx context.Context, places []string) ([]string, error)
	// Take takes one mail: when it returns, the mail is committed.
	Take(ctx context.Context, in Incoming) error
}

// Cursor is the place up to which a mailbox has been fetched. The zero value is the beginning.
type Cursor struct {
	Validity uint32 `json:"validity"` // UIDVALIDITY (RFC 3501 §2.3.1.1)
	UID      uint32 `json:"uid"`
}

// Incoming is a mail as a source hands it over.
type Incoming struct {
	// Place names the mail in its mailbox for as long as it is there: no other is ever called so. Empty for a mail that
	// comes from nowhere.
	Place    string
	Next     Cursor    // may be stored once this mail is
	Received time.Time // zero means now
	Raw      []byte
	Size     int64  // as the server claims it
	Problem  string // why Raw is not the whole mail; empty if it is
}
