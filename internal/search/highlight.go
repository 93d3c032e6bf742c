package search

import (
	"github.com/helpdeskgo/helpdesk/internal/fulltext"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// The bounds of highlights: what is beyond them is found all the same.
const (
	defaultHighlights = 3
	maxHighlights     = 10
	snippetBytes      = 160
	highlightRanges   = 40       // of one text
	highlightBytes    = 64 << 10 // of one message
	highlightTotal    = 4 << 20  // of all messages of a page
)

// HighlightedMessages is how many messages of a ticket are looked at, the newest.
const HighlightedMessages = 20

// Highlighter looks for the phrases of a question in the texts of tickets as they are now.
type Highlighter struct {
	phrases []store.Phrase
	most    int // highlights of a ticket
	left    int // bytes of messages that may still be looked at
	out     []ticket.Highlight
}

// NewHighlighter looks for what q asks for. most is as ticket.Search.Highlights has it.
func NewHighlighter(q store.SearchQuery, most int) *Highlighter {
	if most == 0 {
		most = defaultHighlights
	}
	h := &Highlighter{most: min(most, maxHighlights), left: highlightTotal}
	for _, entry := range q.All {
		h.phrases = append(h.phrases, entry...)
	}
	if len(h.phrases) == 0 {
		h.most = 0
	}
	return h
}

// Ticket begins with a ticket: its own fields come first.
func (h *Highlighter) Ticket(t *ticket.Ticket) {
	h.out = nil
	h.look(0, ticket.InSubject, store.ColumnSubject, t.Subject)
	h.look(0, ticket.InCode, store.ColumnCodes, t.Code)
	for _, p := range append([]ticket.Person{t.Requester}, t.Participants...) {
		h.look(0, ticket.InPerson, store.ColumnPeople, p.Name)
		h.look(0, ticket.InPerson, store.ColumnPeople, p.Email)
	}
}

// More reports whether messages of the ticket are worth looking at.
func (h *Highlighter) More() bool { return len(h.out) < h.most && h.left > 0 }

// Highlights returns those of the ticket that it began with last.
func (h *Highlighter) Highlights() []ticket.Highlight { return h.out }

// Message goes on with a message of the ticket: one that its reader may read.
func (h *Highlighter) Message(m *ticket.Message) {
	if !h.More() {
		return
	}
	column := store.ColumnBody
	if !m.Kind.Public() {
		column = store.ColumnNotes
	}
	if !m.Encrypted {
		text := readable(m)
		if len(text) > highlightBytes {
			text = whole(text[:highlightBytes])
		}
		h.left -= len(text)
		h.look(m.ID, ticket.InBody, column, text)
	}
	for _, f := range m.Files {
		h.look(m.ID, ticket.InFile, column, f.Name)
	}
}

// whole cuts off the part of a character at the end of a text.
func whole(text string) string {
	for i := len(text) - 1; i >= 0 && i >= len(text)-4; i-- {
		if text[i] < 0x80 {
			return text[:i+1]
		}
		if text[i] >= 0xc0 {
			return text[:i]
		}
	}
	return text
}

func (h *Highlighter) look(message int64, field string, column store.Column, text string) {
	if text == "" || len(h.out) >= h.most {
		return
	}
	var phrases []fulltext.Phrase
	for _, p := range h.phrases {
		if p.Column == "" || p.Column == column {
			phrases = append(phrases, fulltext.Phrase{Words: p.Words, Prefix: p.Prefix})
		}
	}
	found := fulltext.Find(text, phrases, highlightRanges)
	if len(found) == 0 {
		return
	}
	part, within := fulltext.Snippet(text, found, snippetBytes)
	out := ticket.Highlight{MessageID: message, Field: field, Text: part}
	for _, r := range within {
		out.Ranges = append(out.Ranges, ticket.Range(r))
	}
	h.out = append(h.out, out)
}
