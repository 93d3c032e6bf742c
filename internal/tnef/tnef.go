// Package tnef unpacks winmail.dat, in which Outlook puts the files and the body of
// a mail (MS-OXTNEF). It reads what is there and never trusts a length; checksums
// are not looked at, for much that writes TNEF gets them wrong.
package tnef

import (
	"encoding/binary"
	"errors"
	"strings"
)

// ErrFormat says that the bytes are no TNEF.
var ErrFormat = errors.New("not a TNEF stream: keep it as a file")

// Limits of one stream, with those that are embedded in it.
const (
	maxFiles = 500
	maxDepth = 4
	maxProps = 10_000 // in one set of properties
)

// Message is what a stream holds. Data of files may share memory with the stream.
type Message struct {
	Class   string // such as IPM.Note, empty if the stream does not say
	Subject string
	Text    string
	HTML    string
	RTF     []byte // unpacked; it may hold the HTML (MS-OXRTFEX)
	Files   []File
	// Lost says that the stream held more than came out: it was damaged, over a
	// limit, or is more than a mail, such as a meeting.
	Lost bool
}

// File is one attachment.
type File struct {
	Name      string // unsanitised, empty if the stream has none
	MediaType string // as the stream says, mostly empty
	ContentID string
	Data      []byte
	Message   *Message // an embedded message; Data is empty then
}

// Charset makes text of bytes in a Windows code page; 0 is unknown.
type Charset func(codepage int, b []byte) string

// Is reports whether data begins as TNEF does.
func Is(data []byte) bool {
	return len(data) >= 6 && binary.LittleEndian.Uint32(data) == 0x223E9F78
}

// Decode unpacks a stream. It returns an error only where nothing can be read; a
// stream that breaks off yields what comes before, and is Lost.
func Decode(data []byte, charset Charset) (*Message, error) {
	files := 0
	return decode(data, charset, 0, &files)
}

func decode(data []byte, charset Charset, depth int, files *int) (*Message, error) {
	if !Is(data) {
		return nil, ErrFormat
	}
	d := decoder{charset: charset, depth: depth, files: files, m: &Message{}}
	d.attributes(data[6:])
	d.finish()
	return d.m, nil
}

// Attributes (MS-OXTNEF §2.1.3.2), of which the low word is the name and the high
// word the type.
const (
	attOEMCodepage   = 0x00069007
	attMessageClass  = 0x00078008
	attSubject       = 0x00018004
	attBody          = 0x0002800C
	attMessageProps  = 0x00069003
	attAttachBegin   = 0x00069002 // attAttachRenddata, first of each attachment
	attAttachTitle   = 0x00018010
	attAttachData    = 0x0006800F
	attAttachProps   = 0x00069005
	attTransportName = 0x00069001
)

type decoder struct {
	charset  Charset
	depth    int
	files    *int
	m        *Message
	codepage int
	html     []byte // in the code page of the message
	htmlPage int
	attach   *attachment // under way
}

// attachment gathers what several attributes say about one file.
type attachment struct {
	file              File
	title, long       string
	data              []byte
	embedded, unknown bool // a message; an object that is no file
}

func (d *decoder) attributes(s []byte) {
	for len(s) > 0 {
		if len(s) < 9 {
			d.m.Lost = d.m.Lost || len(strings.Trim(string(s), "\x00\r\n")) > 0
			return
		}
		id := binary.LittleEndian.Uint32(s[1:])
		size := binary.LittleEndian.Uint32(s[5:])
		level, rest := s[0], s[9:]
		if level != 1 && level != 2 {
			d.m.Lost = true
			return
		}
		if uint64(size) > uint64(len(rest)) {
			d.m.Lost = true
			size = uint32(len(rest)) //nolint:gosec // smaller than size
		}
		d.attribute(id, rest[:size:size])
		s = rest[min(int(size)+2, len(rest)):]
	}
}

func (d *decoder) attribute(id uint32, value []byte) {
	switch id {
	case attOEMCodepage:
		if len(value) >= 4 {
			d.codepage = int(binary.LittleEndian.Uint16(value))
		}
	case attMessageClass:
		d.m.Class = d.string8(value)
	case attSubject:
		d.m.Subject = d.string8(value)
	case attBody:
		d.m.Text = d.string8(value)
	case attMessageProps:
		d.properties(value, d.messageProperty)
	case attAttachBegin:
		d.begin()
	}
	if d.attach == nil {
		return
	}
	switch id {
	case attAttachTitle:
		d.attach.title = d.string8(value)
	case attTransportName:
		d.attach.file.Name = d.string8(value)
	case attAttachData:
		d.attach.data = value
	case attAttachProps:
		d.properties(value, d.fileProperty)
	}
}

// begin ends the attachment under way and begins the next one.
func (d *decoder) begin() {
	d.end()
	if *d.files >= maxFiles {
		d.m.Lost = true
		return
	}
	*d.files++
	d.attach = &attachment{}
}

func (d *decoder) end() {
	a := d.attach
	if a == nil {
		return
	}
	d.attach = nil
	for _, name := range []string{a.long, a.title} {
		if name != "" {
			a.file.Name = name
			break
		}
	}
	a.file.Data = a.data
	d.m.Lost = d.m.Lost || a.unknown
	if a.embedded {
		d.embedded(a)
	}
	d.m.Files = append(d.m.Files, a.file)
}

// embedded unpacks a message in the message, or leaves it as it is.
func (d *decoder) embedded(a *attachment) {
	if d.depth >= maxDepth {
		d.m.Lost = true
		return
	}
	inner, err := decode(a.data, d.charset, d.depth+1, d.files)
	if err != nil {
		d.m.Lost = true
		return
	}
	a.file.Data, a.file.Message = nil, inner
	d.m.Lost = d.m.Lost || inner.Lost
}

// finish makes text of what waited for its code page.
func (d *decoder) finish() {
	d.end()
	if d.html != nil {
		page := d.htmlPage
		if page == 0 {
			page = d.codepage
		}
		d.m.HTML = strings.TrimRight(d.charset(page, d.html), "\x00")
	}
	switch class := strings.ToLower(d.m.Class); {
	case class == "", class == "ipm", strings.HasPrefix(class, "ipm.note"), class == "ipm.microsoft mail.note":
	default: // a meeting, a task, a card: what makes it one has not come out
		d.m.Lost = true
	}
}

// string8 decodes a string in the code page, up to its NUL.
func (d *decoder) string8(b []byte) string {
	for i, c := range b {
		if c == 0 {
			b = b[:i]
			break
		}
	}
	return d.charset(d.codepage, b)
}
