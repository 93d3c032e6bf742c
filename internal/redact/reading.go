package redact

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/quotedprintable"
	"slices"
	"strings"
	"unicode/utf8"
)

// InMail reports whether a raw mail has one of the texts somewhere: in a header, say, or in a part that is encoded.
func (s *Scrubber) InMail(raw []byte) bool { return slices.ContainsFunc(readings(raw), s.has) }

// readings are the texts that somebody may find in a raw mail: as it stands, and with what mails encode decoded
// (RFC 2045, 6; RFC 2047), wherever it stands. They are for searching: no part is told from another.
func readings(raw []byte) []string {
	out := []string{string(raw), unquoted(raw), unwrapped(raw)}
	var words mime.WordDecoder
	if text, err := words.DecodeHeader(string(raw)); err == nil {
		out = append(out, text)
	} else {
		out = append(out, eachWord(string(raw)))
	}
	for i, text := range out {
		if !utf8.ValidString(text) {
			out[i] = latin(text)
		}
	}
	return out
}

// unquoted reads quoted-printable as far as it can be read.
func unquoted(raw []byte) string {
	var b strings.Builder
	for line := range bytes.Lines(raw) {
		text, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(line)))
		if err != nil {
			text = line
		}
		b.Write(text)
	}
	return b.String()
}

// unwrapped reads every run of lines that may be base64.
func unwrapped(raw []byte) string {
	var b strings.Builder
	var run []byte
	end := func() {
		text := make([]byte, base64.StdEncoding.DecodedLen(len(run)))
		n, _ := base64.StdEncoding.Decode(text, run) // as far as it goes
		b.Write(text[:n])
		b.WriteByte('\n')
		run = run[:0]
	}
	for line := range bytes.Lines(raw) {
		line = bytes.TrimRight(line, " \t\r\n")
		if plain := bytes.TrimRight(line, "="); len(line) == 0 || len(plain) == 0 || len(bytes.Trim(plain, base64Letters)) > 0 {
			end()
			continue
		}
		if run = append(run, line...); line[len(line)-1] == '=' {
			end()
		}
	}
	end()
	return b.String()
}

const base64Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// eachWord decodes the encoded words of headers one by one: one in a foreign character set holds up no other.
func eachWord(s string) string {
	var words mime.WordDecoder
	words.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	text, err := words.DecodeHeader(s)
	if err != nil {
		return ""
	}
	return text
}

// latin reads bytes that are no UTF-8 as ISO 8859-1.
func latin(s string) string {
	runes := make([]rune, len(s))
	for i := range len(s) {
		runes[i] = rune(s[i])
	}
	return string(runes)
}
