package helpdesk

import (
	"context"

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
	highlightMessages = 20       // of one ticket, the newest
	highlightBytes    = 64 << 10 // of one message
	highlightTotal    = 4 << 20  // of all messages of a page
)

// hits shows what was found, with the places where the words stand.
func (d *Desk) hits(ctx context.Context, actor ticket.Actor, scope ticket.Scope, a asked, list []*ticket.Ticket, most int) ([]ticket.Hit, error) {
	out := make([]ticket.Hit, 0, len(list))
	if most == 0 {
		most = defaultHighlights
	}
	h := highlighter{internal: scope.Internal, most: min(most, maxHighlights), left: highlightTotal}
	for _, entry := range a.query.All {
		h.phrases = append(h.phrases, entry...)
	}
	for _, t := range list {
		hit := ticket.Hit{Ticket: d.show(ctx, actor, t)}
		if h.most > 0 && len(h.phrases) > 0 {
			var err error
			if hit.Highlights, err = h.of(ctx, d.store, hit.Ticket); err != nil {
				return nil, err
			}
		}
		out = append(out, hit)
	}
	return out, nil
}

// highlighter looks for the phrases of a question in the texts of tickets as they are now.
type highlighter struct {
	phrases  []store.Phrase
	internal bool // notes are looked at
	most     int  // highlights of a ticket
	left     int  // bytes of messages that may still be looked at
	out      []ticket.Highlight
}

// of returns the highlights of a ticket: its own fields first, then those of its newest messages.
func (h *highlighter) of(ctx context.Context, s store.Store, t *ticket.Ticket) ([]ticket.Highlight, error) {
	h.out = nil
	h.look(0, ticket.InSubject, store.ColumnSubject, t.Subject)
	h.look(0, ticket.InCode, store.ColumnCodes, t.Code)
	for _, p := range append([]ticket.Person{t.Requester}, t.Participants...) {
		h.look(0, ticket.InPerson, store.ColumnPeople, p.Name)
		h.look(0, ticket.InPerson, store.ColumnPeople, p.Email)
	}
	if len(h.out) >= h.most || h.left <= 0 {
		return h.out, nil
	}
	q := ticket.MessageQuery{TicketID: t.ID, Newest: true, Limit: highlightMessages}
	if !h.internal {
		q.Kinds = publicKinds(nil)
	}
	err := s.View(ctx, func(ctx context.Context, r store.Reader) error {
		list, err := r.Messages(ctx, q)
		for _, m := range list {
			h.message(m)
		}
		return err
	})
	return h.out, err
}

func (h *highlighter) message(m *ticket.Message) {
	if len(h.out) >= h.most || h.left <= 0 {
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

func (h *highlighter) look(message int64, field string, column store.Column, text string) {
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
