package helpdesk

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
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

// composer collects the texts of a document.
type composer struct {
	subject, codes, people, body, notes fulltext.Writer
	full                                bool
}

func newComposer() *composer {
	w := fulltext.Writer{Limit: documentBytes}
	return &composer{subject: w, codes: w, people: w, body: w, notes: w}
}

func add(dst *fulltext.Writer, texts ...string) (whole bool) {
	whole = true
	for _, text := range texts {
		whole = dst.Add(text) && whole
	}
	return whole
}

// documentOf makes what a ticket is found by: deleted and merged ones by nothing.
func documentOf(ctx context.Context, r store.Reader, id int64) (store.Document, error) {
	t, err := r.Ticket(ctx, id, ticket.Scope{All: true})
	if errors.Is(err, ticket.ErrNotFound) {
		return store.Document{Gone: true}, nil
	}
	if err != nil {
		return store.Document{}, err
	}
	doc := store.Document{Version: t.Version, Updated: t.UpdatedAt}
	if t.DeletedAt != nil || t.MergedInto != 0 {
		doc.Gone = true
		return doc, nil
	}
	c := newComposer()
	c.addTicket(t)
	if err := c.addMerged(ctx, r, t); err != nil {
		return doc, err
	}
	if err := c.addMessages(ctx, r, id); err != nil {
		return doc, err
	}
	doc.Subject, doc.Codes, doc.People = c.subject.String(), c.codes.String(), c.people.String()
	doc.Body, doc.Notes = c.body.String(), c.notes.String()
	doc.Who = strings.Join(whose(t), " ")
	return doc, nil
}

// addTicket adds the ticket's own fields. What customers are not shown, or not always, stands with the notes.
func (c *composer) addTicket(t *ticket.Ticket) {
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

// addMerged adds what leads to this ticket of those that were merged into it: their codes, and their subjects. Customers
// do not find it by those. Which of them may read what a source was about its people say, and the document has one
// column for all customers; somebody who came to the target alone would learn of the other one's subject word by word.
func (c *composer) addMerged(ctx context.Context, r store.Reader, t *ticket.Ticket) error {
	ids, err := shellsOf(ctx, r, t.ID)
	if err != nil {
		return err
	}
	for _, id := range ids {
		shell, err := r.Ticket(ctx, id, ticket.Scope{All: true})
		if errors.Is(err, ticket.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		add(&c.codes, shell.Code, shell.External)
		add(&c.notes, shell.Subject)
	}
	return nil
}

func (c *composer) addMessages(ctx context.Context, r store.Reader, id int64) error {
	q := ticket.MessageQuery{TicketID: id, Newest: true, Limit: ticket.MaxPage}
	for {
		list, err := r.Messages(ctx, q)
		if err != nil {
			return err
		}
		for _, m := range list {
			c.addMessage(m)
			q.AfterSeq = m.Seq
		}
		if len(list) < ticket.MaxPage || c.full {
			return nil
		}
	}
}

func (c *composer) addMessage(m *ticket.Message) {
	text := &c.body
	if !m.Kind.Public() {
		text = &c.notes
	}
	if !m.Encrypted {
		c.full = !add(text, readable(m)) || c.full
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

// The letters before what makes a ticket somebody's own.
const (
	ownRequester    = "r"
	ownAddress      = "e" // of a requester
	ownParticipant  = "p" // address
	ownOrganisation = "o"
	ownAssignee     = "a"
	ownWatcher      = "w"
)

// own is a token for somebody to whom tickets may belong. It tells nothing, and need not be unique: it spares work, and
// decides nothing.
func own(what, value string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(value)) // a hash never fails
	return fmt.Sprintf("%s%016x", what, h.Sum64())
}

// whose lists the tokens of a ticket.
func whose(t *ticket.Ticket) (out []string) {
	put := func(what, value string) {
		if value != "" {
			out = append(out, own(what, value))
		}
	}
	put(ownRequester, t.Requester.ID)
	put(ownAddress, ticket.NormalizeEmail(t.Requester.Email))
	put(ownOrganisation, t.Organisation)
	put(ownAssignee, t.Assignee)
	for _, p := range t.Participants {
		put(ownParticipant, ticket.NormalizeEmail(p.Email))
	}
	for _, w := range t.Watchers {
		put(ownWatcher, w)
	}
	return out
}

// narrowed lists tokens of which every ticket has one that scope and filter can select; none means that there are too
// many.
func narrowed(scope ticket.Scope, q ticket.Query) (out []string) {
	put := func(value string, what ...string) {
		for _, w := range what {
			if value != "" {
				out = append(out, own(w, value))
			}
		}
	}
	if !scope.All && len(scope.Places) == 0 {
		put(scope.Agent, ownAssignee, ownWatcher)
		put(scope.Requester, ownRequester)
		for _, e := range scope.Emails {
			put(ticket.NormalizeEmail(e), ownAddress, ownParticipant)
		}
		for _, o := range scope.Organisations {
			put(o, ownOrganisation)
		}
		return out
	}
	switch {
	case q.Requester != "":
		put(q.Requester, ownRequester)
	case q.Email != "":
		put(ticket.NormalizeEmail(q.Email), ownAddress)
	case q.Participant != "":
		put(ticket.NormalizeEmail(q.Participant), ownParticipant)
	case q.Organisation != "":
		put(q.Organisation, ownOrganisation)
	case q.Watcher != "":
		put(q.Watcher, ownWatcher)
	default:
		put(q.Assignee, ownAssignee)
	}
	return out
}
