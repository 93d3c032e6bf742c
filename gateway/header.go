package gateway

import (
	"bytes"
	"strings"
)

// field is one header field: its name in lower case and its unfolded, still
// encoded value.
type field struct{ name, value string }

// header is a header block in the order of the mail.
type header []field

func (h header) values(name string) []string {
	var values []string
	for _, f := range h {
		if strings.EqualFold(f.name, name) {
			values = append(values, f.value)
		}
	}
	return values
}

func (h header) get(name string) string {
	for _, f := range h {
		if strings.EqualFold(f.name, name) {
			return f.value
		}
	}
	return ""
}

func (h header) has(name string) bool {
	for _, f := range h {
		if strings.EqualFold(f.name, name) {
			return true
		}
	}
	return false
}

// scanHeader reads the fields of a cleaned header block without any parser. It
// serves the degraded mail, and the identity, which must not depend on the parser.
func scanHeader(block []byte) header {
	var h header
	for line := range bytes.Lines(block) {
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		if line[0] == ' ' || line[0] == '\t' {
			if n := len(h); n > 0 {
				h[n-1].value = strings.TrimSpace(h[n-1].value + " " + strings.TrimSpace(string(line)))
			}
			continue
		}
		if name, value, ok := bytes.Cut(line, []byte(":")); ok {
			h = append(h, field{strings.ToLower(string(name)), string(bytes.TrimSpace(value))})
		}
	}
	return h
}
