package gateway

import (
	"bytes"
	"io"
	"strings"

	"golang.org/x/text/encoding/unicode"
)

// A mail often reaches the desk with damage that is plain to see and safe to
// repair: a byte order mark, blank lines or an mbox line before the header, line
// ends doubled by a broken converter, header lines that lost their indentation.
// Only the header is touched, except for doubled line ends: the body is somebody's
// file and stays byte for byte.

// cleaned is a mail after repair: the header block ends with an empty line, and
// body is a slice of the raw mail wherever that is possible.
type cleaned struct {
	header []byte
	body   []byte
	cut    bool // a field or the block was over its limit
	mended bool // a line of the header was not what it should be
}

// reader reads the mail without a copy of it.
func (c cleaned) reader() io.Reader {
	return io.MultiReader(bytes.NewReader(c.header), bytes.NewReader(c.body))
}

func clean(raw []byte, limits Limits) cleaned {
	raw = bytes.TrimPrefix(oneByteUnits(raw), []byte("\xEF\xBB\xBF"))
	raw = bytes.TrimLeft(raw, "\r\n\x00")
	if line, rest := cutLine(raw); isMboxLine(line) {
		raw = bytes.TrimLeft(rest, "\r\n")
	}
	head := raw[:min(len(raw), 4096)]
	if bytes.IndexByte(head, '\n') < 0 && bytes.Count(head, []byte("\r")) > 1 && bytes.IndexByte(raw, '\n') < 0 {
		raw = bytes.ReplaceAll(raw, []byte("\r"), []byte("\r\n")) // line ends of an old Macintosh
		head = raw[:min(len(raw), 4096)]
	}
	if bytes.Contains(head, []byte("\r\r\n")) {
		raw = bytes.ReplaceAll(raw, []byte("\r\r\n"), []byte("\r\n"))
	}
	c := cleaner{limits: limits}
	return c.run(raw)
}

// oneByteUnits turns a mail that some program saved as UTF-16 into UTF-8; a byte order mark followed by a NUL tells.
func oneByteUnits(raw []byte) []byte {
	if len(raw) < 4 || raw[0]^raw[1] != 0x01 || raw[0] < 0xFE || raw[2] != 0 && raw[3] != 0 {
		return raw
	}
	out, err := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder().Bytes(raw)
	if err != nil {
		return raw
	}
	return out
}

// isMboxLine reports the line that an mbox file puts before each mail (RFC 4155).
func isMboxLine(line []byte) bool {
	if !bytes.HasPrefix(line, []byte("From ")) && !bytes.HasPrefix(line, []byte(">From ")) {
		return false
	}
	_, _, isField := splitField(line)
	return !isField
}

// cutLine splits b after its first line end.
func cutLine(b []byte) (line, rest []byte) {
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		return b[:i+1], b[i+1:]
	}
	return b, nil
}

// cleaner rebuilds a header block line by line.
type cleaner struct {
	limits Limits
	out    bytes.Buffer
	field  []byte // the field being gathered, folded lines included
	name   string
	cut    bool
	mended bool
}

func (c *cleaner) run(raw []byte) cleaned {
	rest := raw
	for len(rest) > 0 {
		line, next := cutLine(rest)
		text := bytes.TrimRight(line, "\r\n")
		if len(text) == 0 {
			rest = next // the empty line that ends the header
			break
		}
		if !c.line(text) {
			break // this line is the body's first
		}
		rest = next
	}
	c.flush()
	c.out.WriteString("\r\n")
	return cleaned{header: c.out.Bytes(), body: rest, cut: c.cut, mended: c.mended}
}

// line takes one header line and reports false where the body has begun without
// the empty line that should precede it.
func (c *cleaner) line(text []byte) bool {
	if bytes.IndexByte(text, 0) >= 0 {
		text = bytes.ReplaceAll(text, []byte{0}, nil)
	}
	if len(text) == 0 {
		return true
	}
	if name, value, ok := splitField(text); ok {
		c.flush()
		c.name = strings.ToLower(name)
		c.field = append(append(append(c.field[:0], name...), ": "...), value...)
		return true
	}
	if text[0] == ':' {
		c.mended = true
		return true // a field without a name
	}
	if c.name == "" {
		trimmed := bytes.TrimLeft(text, " \t")
		if _, _, ok := splitField(trimmed); ok && len(trimmed) < len(text) {
			c.mended = true
			return c.line(trimmed) // the first field, indented by mistake
		}
		return false
	}
	if c.startsBody(text) {
		return false
	}
	c.mended = c.mended || text[0] != ' ' && text[0] != '\t'
	if len(c.field) < c.limits.Field+2 { // over the limit it is cut in any case
		c.field = append(append(c.field, "\r\n "...), bytes.TrimLeft(text, " \t")...)
	}
	return true
}

// startsBody reports whether text is the first delimiter of the multipart that
// the header declares.
func (c *cleaner) startsBody(text []byte) bool {
	id, ok := bytes.CutPrefix(text, []byte("--"))
	id = bytes.TrimRight(id, "- \t")
	return ok && len(id) > 0 && (bytes.Contains(c.out.Bytes(), id) || bytes.Contains(c.field, id))
}

// flush writes the gathered field within the limits. Once the block is full, only
// the fields without which the mail cannot be understood are still let in.
func (c *cleaner) flush() {
	if c.name == "" {
		return
	}
	if len(c.field) > c.limits.Field {
		c.field, c.cut = c.field[:c.limits.Field], true
	}
	if c.out.Len()+len(c.field) > c.limits.HeaderBytes {
		c.cut = true
		if !essential(c.name) || c.out.Len()+len(c.field) > 2*c.limits.HeaderBytes {
			return
		}
	}
	c.out.Write(c.field)
	c.out.WriteString("\r\n")
}

func essential(name string) bool {
	switch name {
	case "from", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references",
		"content-type", "content-transfer-encoding", "content-disposition", "mime-version":
		return true
	}
	return false
}

// splitField splits a line at its colon if a field name of RFC 5322 §2.2 stands
// before it; blanks between name and colon (§4.5.8) are dropped.
func splitField(line []byte) (name string, value []byte, ok bool) {
	before, value, ok := bytes.Cut(line, []byte(":"))
	before = bytes.TrimRight(before, " \t")
	if !ok || len(before) == 0 {
		return "", nil, false
	}
	for _, c := range before {
		if c <= ' ' || c > '~' {
			return "", nil, false
		}
	}
	return string(before), bytes.TrimSpace(value), true
}
