package tnef

import (
	"strconv"
	"strings"
)

// RTFText makes plain text of RTF, and of RTF that was made from HTML (MS-OXRTFEX)
// that HTML again. It knows what Outlook writes, and passes over the rest. charset
// is for bytes above ASCII.
func RTFText(rtf []byte, charset Charset) (text string, html bool) {
	r := rtfReader{s: rtf, charset: charset, page: 1252, state: rtfState{skipChars: 1}}
	r.html = strings.Contains(string(rtf[:min(len(rtf), 1024)]), `\fromhtml1`)
	r.read()
	r.flush()
	return strings.TrimSpace(strings.ToValidUTF8(r.out.String(), "\uFFFD")), r.html
}

// rtfState is what a group inherits, and loses at its end.
type rtfState struct {
	hidden    bool // a destination that is no text
	rtfOnly   bool // text for readers of RTF, absent from the HTML
	skipChars int  // after \u, for readers that do not know it
}

type rtfReader struct {
	s       []byte
	out     strings.Builder
	charset Charset
	page    int
	html    bool
	bytes   []byte // of the code page, not yet decoded
	state   rtfState
	stack   []rtfState
	skip    int    // characters that a \u has replaced
	high    uint16 // first half of a surrogate pair
}

// maxRTFGroups is how deep groups nest; deeper ones are read as part of that one.
const maxRTFGroups = 200

func (r *rtfReader) read() {
	deeper := 0
	for len(r.s) > 0 && r.out.Len() < maxRTF {
		c := r.s[0]
		r.s = r.s[1:]
		switch c {
		case '{':
			if len(r.stack) >= maxRTFGroups {
				deeper++
				continue
			}
			r.stack = append(r.stack, r.state)
			r.skip = 0
		case '}':
			if deeper > 0 {
				deeper--
			} else if n := len(r.stack); n > 0 {
				r.state, r.stack = r.stack[n-1], r.stack[:n-1]
			}
			r.skip = 0
		case '\\':
			r.control()
		case '\r', '\n', 0:
		default:
			r.char(c)
		}
	}
}

// visible reports whether text belongs to the result.
func (r *rtfReader) visible() bool {
	return !r.state.hidden && (!r.html || !r.state.rtfOnly)
}

func (r *rtfReader) char(c byte) {
	if r.skip > 0 {
		r.skip--
		return
	}
	if r.visible() {
		r.bytes = append(r.bytes, c)
	}
}

func (r *rtfReader) flush() {
	if len(r.bytes) > 0 {
		r.out.WriteString(r.charset(r.page, r.bytes))
		r.bytes = r.bytes[:0]
	}
}

func (r *rtfReader) write(s string) {
	if r.visible() {
		r.flush()
		r.out.WriteString(s)
	}
}

// control reads what follows a backslash: a symbol, or a word with a number.
func (r *rtfReader) control() {
	if len(r.s) == 0 {
		return
	}
	end := 0
	for end < len(r.s) && end < 40 && isLetter(r.s[end]) {
		end++
	}
	if end == 0 {
		r.symbol()
		return
	}
	word := string(r.s[:end])
	r.s = r.s[end:]
	end = 0
	if len(r.s) > 0 && r.s[0] == '-' {
		end++
	}
	for end < len(r.s) && end < 12 && r.s[end] >= '0' && r.s[end] <= '9' {
		end++
	}
	number, err := strconv.Atoi(string(r.s[:end]))
	r.s = r.s[end:]
	if len(r.s) > 0 && r.s[0] == ' ' {
		r.s = r.s[1:]
	}
	r.word(word, number, err == nil)
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func (r *rtfReader) symbol() {
	c := r.s[0]
	r.s = r.s[1:]
	switch c {
	case '\'':
		if len(r.s) < 2 {
			return
		}
		b, err := strconv.ParseUint(string(r.s[:2]), 16, 8)
		r.s = r.s[2:]
		if err == nil {
			r.char(byte(b))
		}
	case '\\', '{', '}':
		r.char(c)
	case '~':
		r.write("\u00A0")
	case '_':
		r.write("-")
	case '*': // a destination that may be passed over
		r.state.hidden = true
		if word := "\\htmltag"; r.html && strings.HasPrefix(string(r.s[:min(len(r.s), len(word))]), word) {
			r.state.hidden, r.state.rtfOnly = false, false
		}
	}
}

func (r *rtfReader) word(word string, number int, numbered bool) {
	switch word {
	case "fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "header", "footer", "headerl", "headerr", "footerl", "footerr",
		"footnote", "listtable", "listoverridetable", "filetbl", "revtbl", "themedata", "xmlnstbl", "fldinst", "bkmkstart", "bkmkend":
		r.state.hidden = true
	case "ansicpg":
		r.page = number
	case "uc":
		r.state.skipChars = min(max(number, 0), 10)
	case "u":
		r.unicode(uint16(number)) //nolint:gosec // RTF writes code units as signed numbers
	case "htmlrtf":
		r.state.rtfOnly = !numbered || number != 0
	case "bin":
		r.s = r.s[min(max(number, 0), len(r.s)):]
	case "par", "line", "row", "sect", "page":
		r.write("\n")
	case "tab", "cell":
		r.write("\t")
	case "emdash":
		r.write("—")
	case "endash":
		r.write("–")
	case "lquote":
		r.write("‘")
	case "rquote":
		r.write("’")
	case "ldblquote":
		r.write("“")
	case "rdblquote":
		r.write("”")
	case "bullet":
		r.write("•")
	}
}

// unicode writes a code unit of UTF-16.
func (r *rtfReader) unicode(u uint16) {
	high := r.high
	r.high = 0
	switch {
	case u >= 0xD800 && u < 0xDC00:
		r.high = u
	case u >= 0xDC00 && u < 0xE000:
		if high != 0 {
			r.write(string((rune(high)-0xD800)<<10 + rune(u) - 0xDC00 + 0x10000))
		}
	case u >= 0xF020 && u < 0xF100: // a font of symbols
		r.write(string(rune(u - 0xF000)))
	default:
		r.write(string(rune(u)))
	}
	r.skip = r.state.skipChars
}
