package search

import (
	"maps"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/internal/fulltext"
	"github.com/helpdeskgo/helpdesk/internal/markup"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// documentBytes is how much of each part of a ticket is found: of longer ones the newest messages.
const documentBytes = 1 << 20

// Composer collects the texts of a document: what a ticket is found by.
type Composer struct {
	doc                                 store.Document
	subject, codes, people, body, notes fulltext.Writer
}

// Compose begins the document of a ticket with the ticket's own fields. What customers are not shown, or not always,
// stands with the notes. Deleted and merged tickets are found by nothing: their document is Gone.
func Compose(t *ticket.Ticket) *Composer {
	w := fulltext.Writer{Limit: documentBytes}
	c := &Composer{doc: store.Document{Version: t.Version, Updated: t.UpdatedAt}, subject: w, codes: w, people: w, body: w, notes: w}
	if t.DeletedAt != nil || t.MergedInto != 0 {
		c.doc.Gone = true
		return c
	}
	c.doc.Who = strings.Join(whose(t), " ")
	c.addTicket(t)
	return c
}

// Gone reports whether there is nothing to add.
func (c *Composer) Gone() bool { return c.doc.Gone }

// Document returns what was composed.
func (c *Composer) Document() store.Document {
	doc := c.doc
	doc.Subject, doc.Codes, doc.People = c.subject.String(), c.codes.String(), c.people.String()
	doc.Body, doc.Notes = c.body.String(), c.notes.String()
	return doc
}

func add(dst *fulltext.Writer, texts ...string) (whole bool) {
	whole = true
	for _, text := range texts {
		whole = dst.Add(text) && whole
	}
	return whole
}

func (c *Composer) addTicket(t *ticket.Ticket) {
	add(&c.subject, t.Subject)
	add(&c.codes, t.Code, t.External, t.Service)
	for _, ref := range t.Related {
		add(&c.codes, ref.ID, ref.Label)
	}
	add(&c.people, t.Requester.Name, t.Requester.Email, t.Phone)
	for _, p := range t.Participants {
		add(&c.people, p.Name, p.Email)
	}
	add(&c.notes, t.Tags...)
	for _, code := range slices.Sorted(maps.Keys(t.Fields)) {
		add(&c.notes, t.Fields[code])
	}
}

// Merged adds what leads to the ticket of one that was merged into it: its codes, and its subject. Customers do not find
// it by that. Which of them may read what a source was about its people say, and the document has one column for all
// customers; somebody who came to the target alone would learn of the other one's subject word by word.
func (c *Composer) Merged(shell *ticket.Ticket) {
	add(&c.codes, shell.Code, shell.External)
	add(&c.notes, shell.Subject)
}

// Message adds a message, and reports whether its text had room: if not, older ones have none either. What an encrypted
// one says is not found.
func (c *Composer) Message(m *ticket.Message) (room bool) {
	text := &c.body
	if !m.Kind.Public() {
		text = &c.notes
	}
	room = true
	if !m.Encrypted {
		room = add(text, readable(m))
	}
	add(text, m.Author.Name)
	for _, p := range slices.Concat(m.To, m.Cc) {
		add(text, p.Name, p.Email)
	}
	for _, f := range m.Files {
		add(text, f.Name)
	}
	for _, p := range m.Bcc {
		add(&c.notes, p.Name, p.Email)
	}
	return room
}

// readable is what people read of a message.
func readable(m *ticket.Message) string {
	switch {
	case strings.TrimSpace(m.Body) == "":
		return markup.Strip(m.HTMLBody, " ")
	case m.Format == ticket.HTML:
		return markup.Strip(m.Body, " ")
	}
	return m.Body
}
