package gateway

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// part is one node of a mail's MIME tree, as either parser yields it: a leaf with
// its body still in transfer encoding, or a multipart with its children.
type part struct {
	header   header
	media    mediaType // Content-Type, defaults filled in
	body     []byte    // of a leaf; of a multipart without children all of it
	children []*part
}

// newPart fills in the media type that the header declares. within is the type of
// the enclosing multipart, empty at the root.
func newPart(h header, within string) *part {
	p := &part{header: h, media: parseMediaType(h.get("content-type"))}
	p.media.name = repairType(p.media.name)
	if p.media.name == "" {
		p.media.name = p.defaultType(within)
	}
	return p
}

// defaultType is the type of a part that declares none, or none that can be read
// (RFC 2045 §5.2, RFC 2046 §5.1.5).
func (p *part) defaultType(within string) string {
	switch {
	case p.media.params["boundary"] != "":
		return "multipart/mixed"
	case within == "multipart/digest":
		return "message/rfc822"
	case p.filename() != "" || p.disposition().name == "attachment":
		return "application/octet-stream"
	}
	return "text/plain"
}

// repairType returns a valid type/subtype, or "" where nothing can be made of it.
func repairType(name string) string {
	main, sub, _ := strings.Cut(name, "/")
	main, sub = token(main), token(sub)
	switch {
	case main != "" && sub != "":
		return main + "/" + sub
	case main == "text", main == "plain":
		return "text/plain"
	case main == "html":
		return "text/html"
	case main == "multipart":
		return "multipart/mixed"
	case main == "application", main == "image", main == "audio", main == "video":
		return "application/octet-stream"
	case strings.Contains(name, "html"): // "<html>", "html/text;"
		return "text/html"
	}
	return ""
}

// token keeps the characters that RFC 2045 §5.1 allows in a token, up to the
// first foreign one.
func token(s string) string {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c > '~' || strings.IndexByte(`()<>@,;:\"/[]?=`, c) >= 0 {
			return s[:i]
		}
	}
	return s
}

func (p *part) multipart() bool { return strings.HasPrefix(p.media.name, "multipart/") }

func (p *part) boundary() string { return p.media.params["boundary"] }

// disposition is the Content-Disposition (RFC 2183), its name empty if absent. One
// that says neither inline nor attachment counts as attachment (§2.8).
func (p *part) disposition() mediaType {
	d := parseMediaType(p.header.get("content-disposition"))
	if d.name != "" && d.name != "inline" {
		d.name = "attachment"
	}
	return d
}

// filename is the decoded but unsanitised name, from either header. One in which a program put question marks for what it
// could not write is the last choice.
func (p *part) filename() (spoilt string) {
	for _, name := range []string{p.disposition().params["filename"], p.disposition().params["name"], p.media.params["name"], p.media.params["filename"]} {
		name = oneLine(decodeWords(name))
		if name != "" && !strings.Contains(name, "??") {
			return name
		}
		spoilt = firstOf(spoilt, name)
	}
	return spoilt
}

// contentID is the id without angle brackets.
func (p *part) contentID() string {
	return oneLine(strings.Trim(strings.TrimSpace(p.header.get("content-id")), "<>"))
}

// declareHeader decodes raw 8-bit header fields by the charset that the mail declares for its text: RFC 5322 §2.2
// forbids such fields, and who writes them writes both alike.
func (p *part) declareHeader() {
	for i, f := range p.header { // ISO-2022-JP is all ASCII: it must be read before quotes and brackets are
		if strings.Contains(f.value, "\x1b$") {
			p.header[i].value = decodeUndeclared([]byte(f.value))
		}
	}
	charset := p.textCharset()
	if charsetNamed(charsetName(charset)) == nil {
		return
	}
	for i, f := range p.header {
		if !utf8.ValidString(f.value) {
			p.header[i].value = decodeCharset(charset, []byte(f.value))
		}
	}
}

// textCharset is the charset of the first text that declares one.
func (p *part) textCharset() string {
	if c := p.media.params["charset"]; c != "" {
		return c
	}
	for _, child := range p.children {
		if c := child.textCharset(); c != "" {
			return c
		}
	}
	return ""
}

// content is the body with the transfer encoding undone.
func (p *part) content() (data []byte, sound bool) {
	if p.multipart() {
		return p.body, true
	}
	return decodeTransfer(p.header.get("content-transfer-encoding"), p.body)
}

// text is the content in UTF-8.
func (p *part) text() (text string, sound bool) {
	data, sound := p.content()
	if !sound && !likeBase64(p.body) && strings.Contains(strings.ToLower(p.header.get("content-transfer-encoding")), "base64") {
		data = p.body // it was never encoded
	}
	charset := p.media.params["charset"]
	if charset == "" && p.media.name == "text/html" {
		charset = htmlCharset(data)
	}
	text = validText(lineEnds(decodeCharset(charset, data)))
	if strings.EqualFold(p.media.params["format"], "flowed") && p.media.name == "text/plain" {
		text = unflow(text, strings.EqualFold(p.media.params["delsp"], "yes"))
	}
	return text, sound
}

// likeBase64 reports whether a body has the long words of base64, rather than those of a language.
func likeBase64(b []byte) bool {
	b = b[:min(len(b), 4096)]
	return len(bytes.Fields(b)) <= 2*(bytes.Count(b, []byte("\n"))+1)
}
