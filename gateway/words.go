package gateway

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

// decodeWords decodes the encoded words of RFC 2047 in a header value, and raw
// 8-bit text where a sender wrote none. It is lenient: words that touch other
// text, hold blanks, lack padding or break within a character are understood too.
// The result may hold control characters: see oneLine.
func decodeWords(value string) string {
	if !strings.Contains(value, "=?") {
		return decodeUndeclared([]byte(value))
	}
	var out strings.Builder
	var run []byte // bytes of adjacent words in one charset
	var charset string
	flush := func() {
		if len(run) > 0 {
			out.WriteString(decodeCharset(charset, run))
			run = run[:0]
		}
	}
	for value != "" {
		start := strings.Index(value, "=?")
		if start < 0 {
			break
		}
		word, size, ok := parseWord(value[start:])
		if !ok {
			flush()
			out.WriteString(decodeUndeclared([]byte(value[:start+2])))
			value = value[start+2:]
			continue
		}
		// Blanks between two words are not text (RFC 2047 §6.2).
		between := value[:start]
		if len(run) == 0 || strings.TrimSpace(between) != "" {
			flush()
			out.WriteString(decodeUndeclared([]byte(between)))
		} else if word.charset != charset {
			flush()
		}
		charset, run = word.charset, append(run, word.data...)
		value = value[start+size:]
	}
	flush()
	out.WriteString(decodeUndeclared([]byte(value)))
	return out.String()
}

type encodedWord struct {
	charset string
	data    []byte
}

// parseWord reads one encoded word at the start of s and returns its length.
func parseWord(s string) (word encodedWord, size int, ok bool) {
	rest := s[2:]
	charset, rest, ok1 := strings.Cut(rest, "?")
	encoding, rest, ok2 := strings.Cut(rest, "?")
	if !ok1 || !ok2 || len(encoding) != 1 || len(charset) > 64 || strings.ContainsAny(charset, " \t=") {
		return word, 0, false
	}
	end, tail := wordEnd(rest, encoding)
	if end < 0 {
		return word, 0, false
	}
	charset, _, _ = strings.Cut(charset, "*") // language, RFC 2231 §5
	word.charset = strings.ToLower(charset)
	text := rest[:end]
	switch encoding {
	case "b", "B":
		word.data, _ = decodeBase64([]byte(text))
	case "q", "Q":
		// "?==" at the end of a word: the last "=" belongs to a broken "=XX".
		word.data = decodeQ(text)
		if word.charset == "utf-8" && strings.Contains(text, " ") && !utf8.Valid(word.data) { // folded within a character
			if whole := decodeQ(strings.ReplaceAll(text, " ", "")); utf8.Valid(whole) {
				word.data = whole
			}
		}
	default:
		return word, 0, false
	}
	return word, len(s) - len(rest) + end + tail, true
}

// wordEnd finds where the text of an encoded word ends, and the length of the mark there. A question mark that a
// sender left unencoded before an encoded character ("what?=3F") is no end; a word that was cut off ends with the
// value.
func wordEnd(rest, encoding string) (end, tail int) {
	for from := 0; ; {
		i := strings.Index(rest[from:], "?=")
		if i < 0 {
			break
		}
		end, after := from+i, rest[from+i+2:]
		word, _, _ := strings.Cut(after, " ")
		if (encoding == "q" || encoding == "Q") && len(after) > 2 && isHex(after[0]) && isHex(after[1]) &&
			strings.Contains(word, "?=") && !strings.Contains(word, "=?") {
			from = end + 2
			continue
		}
		return end, 2
	}
	text := strings.TrimSuffix(rest, "?")
	if text == "" || strings.ContainsAny(text, " \t?") {
		return -1, 0
	}
	return len(text), len(rest) - len(text)
}

// decodeQ decodes the Q encoding (RFC 2047 §4.2).
func decodeQ(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '_':
			out = append(out, ' ')
		case s[i] == '=' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			out = append(out, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
		default:
			out = append(out, s[i])
		}
	}
	return out
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func unhex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c >= 'a':
		return c - 'a' + 10
	}
	return c - 'A' + 10
}

var base64Alphabet = base64.StdEncoding.WithPadding(base64.NoPadding)
