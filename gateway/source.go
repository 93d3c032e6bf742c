package gateway

import (
	"context"
	"errors"
	"time"
)

// What a source reports that no retry cures.
var (
	// ErrAuthentication: the server refuses to let us in.
	ErrAuthentication = errors.New("the server refuses the user name, the password or the token")
	// ErrInvalidGrant: there are no more tokens. A source of tokens wraps it where the authorisation server says
	// invalid_grant (RFC 6749, section 5.2): the access was taken back, or has run out.
	ErrInvalidGrant = errors.New("the access by OAuth 2.0 is no longer granted: it must be given again")
)

// Source is a mailbox that mails are fetched from: gateway/imap and gateway/pop3 have some.
type Source interface {
	// Fetch hands over mails that may be new, and returns the cursor behind the last one. A source that keeps a place
	// hands over every mail after the cursor; a cursor of another validity means that the mailbox begins anew. One that
	// keeps none asks what is new. An error of the intake ends it and is returned.
	Fetch(ctx context.Context, from Cursor, to Intake) (Cursor, error)
}

// Waiter is a source that hears of new mails: IMAP has IDLE (RFC 2177).
type Waiter interface {
	// Wait returns nil once there may be mails behind the cursor, or the error of the context when that ends.
	Wait(ctx context.Context, from Cursor) error
}

// Acknowledger is a source whose mails can be flagged, moved or removed once they are done with.
type Acknowledger interface {
	// Acknowledge does that with the mails at these places. Those that are not there any more are no error, so that it
	// can be repeated.
	Acknowledge(ctx context.Context, places []string) error
}

// Intake is what a source hands mails to.
type Intake interface {
	// New returns those of the places of which no mail was taken yet, in their order.
	New(ctx context.Context, places []string) ([]string, error)
	// Take takes one mail. It is committed with others, at the latest when the fetch ends: what a source returns as its
	// cursor counts for nothing, the gateway keeps Next of the last mail that is committed.
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
