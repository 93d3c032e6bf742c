package letter

import (
	"context"
	"io"
	"time"
)

// Address is a mailbox with the name that people read.
type Address struct {
	Name  string // may be empty
	Email string
}

// Letter is a mail to be written. The zero value of a field leaves its header out, except where it says otherwise.
//
// Those who get it are not among its headers alone: who is written to is for the envelope, where blind copies stand too.
type Letter struct {
	From    Address // needed
	ReplyTo []Address
	To, Cc  []Address // one of both is needed: a mail to nobody looks like spam
	Subject string    // line breaks and control characters become spaces
	Date    time.Time // needed

	// MessageID, InReplyTo and References are ids without angle brackets (RFC 5322, 3.6.4). MessageID is needed: a mail
	// that is sent again must be known as the same. What is no id is left out of the other two; of many References the
	// first and the last ones stay.
	MessageID             string
	InReplyTo, References []string

	// Automatic says that no person wrote it: "auto-generated", or "auto-replied" for an answer to a mail (RFC 3834, 5).
	// Such a mail also asks Exchange not to answer it.
	Automatic string
	// Header holds further fields, as List-Unsubscribe. Their values are ASCII, and those above are not among them.
	Header []Field

	Text string // plain; it or HTML is needed, and both is best
	HTML string
	// Files come behind the text, except those with a ContentID, which the HTML shows.
	Files []File
}

// Field is one of a header.
type Field struct{ Name, Value string }

// File is an attachment.
type File struct {
	Name      string // as people see it; empty has none
	MediaType string // as "image/png"; empty, or what cannot travel as it is, becomes application/octet-stream
	ContentID string // by which the HTML shows it, as in cid:logo@shop; without angle brackets
	// Open is called once each time the letter is written. What it returns is closed.
	Open func(ctx context.Context) (io.ReadCloser, error)
}

// What Letter.Automatic may be.
const (
	Generated = "auto-generated"
	Replied   = "auto-replied"
)
