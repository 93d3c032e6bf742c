package ticket

import (
	"slices"
	"strings"
	"unicode"
)

// Mention names, in an internal note, whom it is for: an agent, or the members of a department (X30).
type Mention struct {
	Agent      string `json:"agent,omitempty"`      // id
	Department string `json:"department,omitempty"` // code
}

// Mentioned is a note that mentions somebody.
type Mentioned struct {
	Mention Mention  `json:"mention"` // the agent, where the note names them beside their departments
	Ticket  *Ticket  `json:"ticket"`
	Message *Message `json:"message"`
	Seen    bool     `json:"seen"` // by the agent whose list it is; what they wrote themselves is
}

// MentionPage is one page of a list of mentions. It may be short and still have a Next.
type MentionPage struct {
	Mentions []Mentioned `json:"mentions"`
	Next     string      `json:"next,omitempty"`
}

// MentionQuery selects mentions of the acting agent and of their departments, the newest first.
type MentionQuery struct {
	Cursor string // Next of the page before
	Limit  int    // default DefaultPage, at most MaxPage
}

// AtWords lists the words after "@" in a text, without it: each once, in the order of the text. An address such as
// ann@example.com has none.
func AtWords(text string) (out []string) {
	before := ' '
	for i, r := range text {
		if r == '@' && !wordRune(before) {
			word := text[i+1:]
			if end := strings.IndexFunc(word, func(r rune) bool { return !wordRune(r) && r != '.' && r != '-' }); end >= 0 {
				word = word[:end]
			}
			if word = strings.TrimRight(word, ".-"); word != "" && !slices.Contains(out, word) {
				out = append(out, word)
			}
		}
		before = r
	}
	return out
}

func wordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '_'
}
