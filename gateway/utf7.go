package gateway

import (
	"encoding/base64"
	"strings"
	"unicode/utf16"

	"golang.org/x/text/encoding/korean"
)

// Two 7-bit encodings that x/text does not decode.

var utf7Alphabet = base64.StdEncoding.WithPadding(base64.NoPadding)

// decodeUTF7 decodes RFC 2152; what is malformed stays as it is.
func decodeUTF7(b []byte) string {
	var out strings.Builder
	s := string(b)
	for s != "" {
		plus := strings.IndexByte(s, '+')
		if plus < 0 {
			break
		}
		out.WriteString(s[:plus])
		s = s[plus+1:]
		end := 0
		for end < len(s) && isBase64(s[end]) {
			end++
		}
		run := s[:end]
		s = strings.TrimPrefix(s[end:], "-")
		switch text, ok := decodeUTF7Run(run); {
		case run == "":
			out.WriteByte('+') // "+-"
		case ok:
			out.WriteString(text)
		default:
			out.WriteString("+" + run)
		}
	}
	out.WriteString(s)
	return validText(out.String())
}

func decodeUTF7Run(run string) (string, bool) {
	data, err := utf7Alphabet.DecodeString(run)
	if err != nil && len(data) == 0 {
		return "", false
	}
	units := make([]uint16, 0, len(data)/2)
	for i := 0; i+1 < len(data); i += 2 {
		units = append(units, uint16(data[i])<<8|uint16(data[i+1]))
	}
	return string(utf16.Decode(units)), len(units) > 0
}

func isBase64(c byte) bool {
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/'
}

// decodeISO2022KR decodes RFC 1557: between SO and SI the bytes are EUC-KR
// without their high bits.
func decodeISO2022KR(b []byte) string {
	s := strings.ReplaceAll(string(b), "\x1b$)C", "")
	out := make([]byte, 0, len(s))
	shifted := byte(0)
	for i := range len(s) {
		switch c := s[i]; {
		case c == 0x0E:
			shifted = 0x80
		case c == 0x0F:
			shifted = 0
		case c > ' ':
			out = append(out, c|shifted)
		default:
			out = append(out, c)
		}
	}
	text, err := korean.EUCKR.NewDecoder().Bytes(out)
	if err != nil {
		return decodeUndeclared(b)
	}
	return string(text)
}
