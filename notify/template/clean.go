package template

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/helpdeskgo/helpdesk/internal/mark"
)

// How much of a fact a letter tells.
// Together they leave room in a letter, also where each character takes six in HTML.
const (
	maxSubject = 200    // runes
	maxCode    = 100    // runes of a ticket's code
	maxName    = 100    // runes of a name that is greeted
	maxLine    = 500    // runes of a name, a label, the value of a field
	maxLink    = 2_048  // bytes
	maxBody    = 50_000 // bytes of a message, or a note
	maxQuoted  = 10_000 // bytes of a message of the history, a comment, a signature
	maxHistory = 50_000 // bytes of all of the history
	maxItem    = 300    // bytes of a notice
	maxList    = 100    // entries
	maxHTML    = 4      // times as long may HTML be as a text
	cut        = "[…]"
)

// oneLine is a fact as it can stand in a line: no breaks, no control characters, nothing that turns the direction of what
// follows, and no mark of the desk.
func oneLine(s string, most int) string {
	s = s[:min(len(s), 16*most)] // white space within it goes
	s = strip(strings.Join(strings.Fields(visible(s)), " "))
	if n := utf8.RuneCountInString(s); n > most {
		s = strip(strings.TrimSpace(string([]rune(s)[:most-1]))) + "…" // cutting could make a mark as well
	}
	return s
}

// lines is a fact of several lines.
func lines(s string, most int) string {
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + " " + cut
	}
	s = visible(strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n"))
	return strings.Trim(unmarked(s), "\n")
}

// visible takes out what nobody sees and what turns the direction of what follows: control characters but for line feeds
// and tabs, embeddings, overrides and isolates. The marks between letters that some scripts need stay.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\u2028' || r == '\u2029' || r == '\v' || r == '\f' || r == '\u0085':
			return '\n'
		case r >= '\u202A' && r <= '\u202E', r >= '\u2066' && r <= '\u2069', r == '\uFEFF', unicode.IsControl(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// markerForm begins a line of the form "##- … -##", and broken does not. The end counts as well: in HTML a tag may follow.
var markerForm = regexp.MustCompile(`#[# ]*#( *(?:[-_=*~\p{Pd}─━−]|$))`)

const broken = "#$1"

// strip takes marks of the desk out, also those that come of taking others out.
func strip(s string) string {
	for range 3 {
		out := mark.Strip(s)
		if len(out) == len(s) {
			return s
		}
		s = out
	}
	return strings.NewReplacer("hd-", "hd\u200B-", "+hd", "+\u200Bhd").Replace(s) // whoever nests them means no good
}

// unmarked is a text in which nothing is a mark of the desk or a line of the form "##- … -##". The words of such a line in
// another form stay: whatever somebody answers stands above the letter's own marker, and the gateway folds what stands
// below a marker, and takes nothing away.
func unmarked(s string) string { return markerForm.ReplaceAllString(strip(s), broken) }

// unmarkedHTML is the same for safe HTML, whose tags hold no "<" or ">" within.
func unmarkedHTML(s string) string {
	s = strip(s)
	if !strings.Contains(s, "##") {
		return s
	}
	var b strings.Builder
	for s != "" {
		text, tag := s, ""
		if i := strings.IndexByte(s, '<'); i >= 0 {
			text, tag = s[:i], s[i:]
			if j := strings.IndexByte(tag, '>'); j >= 0 {
				tag = tag[:j+1]
			}
		}
		s = s[len(text)+len(tag):]
		b.WriteString(markerForm.ReplaceAllString(text, broken))
		b.WriteString(tag)
	}
	return b.String()
}

// link is an address that a letter may lead to; empty for what is none.
func link(s string) string {
	if s = strings.TrimSpace(s); len(s) > maxLink {
		return ""
	}
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsGraphic(r) || strings.ContainsRune("<>\"`\\", r)
	}) {
		return ""
	}
	return s
}
