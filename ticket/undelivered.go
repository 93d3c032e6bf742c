package ticket

import "time"

// Undelivered says that a mail did not reach somebody, as a mail server has reported (RFC 3464).
type Undelivered struct {
	Recipient  string `json:"recipient"`            // the address
	Status     string `json:"status,omitempty"`     // such as 5.1.1 (RFC 3463)
	Diagnostic string `json:"diagnostic,omitempty"` // the server's words: untrusted text
	Permanent  bool   `json:"permanent,omitempty"`  // the server has given up; otherwise it is late, or may be tried again
	// Proven says that the report cites what only this recipient can know: a mark that they were given, or the id of a
	// mail that was sent to nobody else.
	Proven bool      `json:"proven,omitempty"`
	At     time.Time `json:"at"`
}

// MaxUndelivered is how many recipients of a message are noted as such, the last ones.
const MaxUndelivered = 100
