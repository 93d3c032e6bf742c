package gateway

import (
	"bytes"
	"strings"
)

// decodeTransfer undoes a Content-Transfer-Encoding (RFC 2045 §6) and reports
// whether the bytes were sound. It never fails: what cannot be decoded is passed
// through or skipped. Names that senders misspell are understood; an unknown one
// means no encoding at all.
func decodeTransfer(encoding string, body []byte) (data []byte, sound bool) {
	encoding, _, _ = strings.Cut(strings.ToLower(encoding), ";")
	encoding = strings.Trim(encoding, " \t\"'")
	switch {
	case strings.HasPrefix(encoding, "quoted"), encoding == "qp":
		return decodeQuotedPrintable(body)
	case strings.HasPrefix(encoding, "base64"), encoding == "base-64":
		return decodeBase64(body)
	case strings.Contains(encoding, "uue"), strings.Contains(encoding, "uuencode"):
		return decodeUU(body)
	}
	return body, true
}

// decodeBase64 decodes base64 with anything foreign in it skipped. It ends at the
// padding, because footers that relays append to encoded parts follow there.
func decodeBase64(b []byte) (data []byte, sound bool) {
	sound = true
	data = make([]byte, 0, base64Alphabet.DecodedLen(len(b)))
	packed := make([]byte, min(4096, (len(b)+3)/4*4)) // without what is foreign; a multiple of four
	n := 0
	unpack := func() {
		room := data[len(data):cap(data)]
		size, err := base64Alphabet.Decode(room, packed[:n])
		data, sound, n = data[:len(data)+size], sound && err == nil, 0
	}
scan:
	for _, c := range b {
		switch {
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '+', c == '/':
			if n == len(packed) {
				unpack()
			}
			packed[n] = c
			n++
		case c == '=':
			if n%4 != 1 {
				break scan
			}
			sound = false
		case c == '\r', c == '\n', c == ' ', c == '\t':
		default:
			sound = false
		}
	}
	if n%4 == 1 { // six bits make no byte
		n, sound = n-1, false
	}
	unpack()
	return data, sound
}

// decodeQuotedPrintable decodes RFC 2045 §6.7; a "=" that begins nothing is text.
func decodeQuotedPrintable(b []byte) (data []byte, sound bool) {
	out, sound := make([]byte, 0, len(b)), true
	for line := range bytes.Lines(b) {
		text := bytes.TrimRight(line, "\r\n")
		end := line[len(text):]
		text = bytes.TrimRight(text, " \t") // added in transport
		if soft := bytes.HasSuffix(text, []byte("=")); soft {
			text, end = text[:len(text)-1], nil
		}
		for i := 0; i < len(text); i++ {
			if text[i] != '=' {
				out = append(out, text[i])
				continue
			}
			if i+2 < len(text) && isHex(text[i+1]) && isHex(text[i+2]) {
				out = append(out, unhex(text[i+1])<<4|unhex(text[i+2]))
				i += 2
				continue
			}
			out, sound = append(out, '='), false
		}
		out = append(out, end...)
	}
	return out, sound
}

// decodeUU decodes uuencode as POSIX describes it; text without a begin line is
// returned unchanged.
func decodeUU(b []byte) (data []byte, sound bool) {
	var out []byte
	begun := false
	for line := range bytes.Lines(b) {
		line = bytes.TrimRight(line, "\r\n")
		switch {
		case !begun:
			begun = bytes.HasPrefix(line, []byte("begin "))
		case bytes.Equal(line, []byte("end")):
			return out, true
		case len(line) > 0:
			out = appendUULine(out, line)
		}
	}
	if !begun {
		return b, false
	}
	return out, false
}

func appendUULine(out, line []byte) []byte {
	size := int((line[0] - ' ') & 0x3F)
	six := func(i int) byte {
		if i < len(line) {
			return (line[i] - ' ') & 0x3F
		}
		return 0
	}
	for i := 1; size > 0; i += 4 {
		a, b, c, d := six(i), six(i+1), six(i+2), six(i+3)
		group := [3]byte{a<<2 | b>>4, b<<4 | c>>2, c<<6 | d}
		n := min(size, 3)
		out = append(out, group[:n]...)
		size -= n
	}
	return out
}
