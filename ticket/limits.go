package ticket

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Limits bound what a desk takes in. A zero field means its default.
type Limits struct {
	Subject    int   // bytes; default 998, the longest line of a mail (RFC 5322, 2.1.1)
	Body       int   // bytes, for the text and for the HTML alternative each; default 1 MiB
	Text       int   // bytes of any other field; default 1,000
	File       int64 // bytes of one file; default 25 MiB
	Files      int   // files of one message; default 100
	List       int   // tags, participants, watchers, related objects, custom fields each; default 100
	Depth      int   // how deep handlers may cause each other; default 8
	UploadSize int64 // bytes of all files of one message; default 50 MiB
	// TicketFiles is how many bytes the files of one ticket have together; default 1 GiB. What was removed since does
	// not count.
	TicketFiles int64
}

// WithDefaults returns the limits with every zero field set to its default.
func (l Limits) WithDefaults() Limits {
	set := func(p *int, v int) {
		if *p <= 0 {
			*p = v
		}
	}
	set(&l.Subject, 998)
	set(&l.Body, 1<<20)
	set(&l.Text, 1000)
	set(&l.Files, 100)
	set(&l.List, 100)
	set(&l.Depth, 8)
	if l.File <= 0 {
		l.File = 25 << 20
	}
	if l.UploadSize <= 0 {
		l.UploadSize = 50 << 20
	}
	if l.TicketFiles <= 0 {
		l.TicketFiles = 1 << 30
	}
	return l
}

// CheckText adds to e what is wrong with a text: too long, not UTF-8, or with a NUL in it.
func (e *ValidationError) CheckText(field, s string, limit int) {
	switch {
	case len(s) > limit:
		e.Add(field, FaultTooLong, "is %d bytes long: shorten it to %d", len(s), limit)
	case !utf8.ValidString(s):
		e.Add(field, FaultMalformed, "is not valid UTF-8: convert it")
	case strings.IndexByte(s, 0) >= 0:
		e.Add(field, FaultMalformed, "holds a NUL character: remove it")
	}
}

// CheckLine is CheckText for a text of one line.
func (e *ValidationError) CheckLine(field, s string, limit int) {
	e.CheckText(field, s, limit)
	if strings.ContainsAny(s, "\r\n") {
		e.Add(field, FaultMalformed, "holds a line break: remove it")
	}
}

// CheckCount adds to e that a list is longer than limit.
func (e *ValidationError) CheckCount(field string, n, limit int) {
	if n > limit {
		e.Add(field, FaultTooMany, "has %d entries: at most %d are taken", n, limit)
	}
}

// String shows a person as "Name <address>", for people and logs; it is no header field.
func (p Person) String() string {
	switch {
	case p.Name != "" && p.Email != "":
		return fmt.Sprintf("%s <%s>", p.Name, p.Email)
	case p.Name != "":
		return p.Name
	case p.Email != "":
		return p.Email
	}
	return p.ID
}
