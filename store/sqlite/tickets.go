package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// The boxes of the list indexes: the folder, or deleted.
const (
	boxInbox = iota
	boxArchive
	boxSpam
	boxOther
	boxDeleted
	boxMerged
)

func folderBox(f ticket.Folder) int {
	switch f {
	case ticket.Inbox:
		return boxInbox
	case ticket.Archive:
		return boxArchive
	case ticket.Spam:
		return boxSpam
	}
	return boxOther
}

// The kinds of facets.
const (
	facetTag = iota + 1
	facetParticipant
	facetWatcher
	facetRelated
	facetField
)

type facet struct {
	kind  int
	value string
}

// name is what conditions about the facet are about.
func (f facet) name() string { return "facet " + strconv.Itoa(f.kind) + f.value }

// ticketRow is a ticket's columns and facets beside its document.
type ticketRow struct {
	known   bool // it is that of a ticket
	columns ticketColumns
	facets  []facet
	fields  []fieldValue
}

type ticketColumns struct {
	box                                                int
	folder, class, status, department, brand, priority string
	channel, assignee, requester, email, organisation  string
	service, external                                  string
	unread, unreadClient                               bool
	created, updated, replied                          int64
}

func rowOf(t *ticket.Ticket) ticketRow {
	r := ticketRow{known: true, columns: ticketColumns{
		box: folderBox(t.Folder), folder: string(t.Folder), class: string(t.Class), status: t.Status, department: t.Department,
		brand: t.Brand, priority: t.Priority, channel: string(t.Channel), assignee: t.Assignee, requester: t.Requester.ID,
		email: ticket.NormalizeEmail(t.Requester.Email), organisation: t.Organisation, service: t.Service, external: t.External,
		unread: t.UnreadByStaff, unreadClient: t.UnreadByClient,
		created: micros(t.CreatedAt), updated: micros(t.UpdatedAt), replied: micros(t.LastReplyAt),
	}}
	switch {
	case t.DeletedAt != nil:
		r.columns.box = boxDeleted
	case t.MergedInto != 0:
		r.columns.box = boxMerged
	}
	add := func(kind int, value string) {
		if f := (facet{kind, value}); !slices.Contains(r.facets, f) {
			r.facets = append(r.facets, f)
		}
	}
	for _, tag := range t.Tags {
		add(facetTag, tag)
	}
	for _, p := range t.Participants {
		add(facetParticipant, ticket.NormalizeEmail(p.Email))
	}
	for _, w := range t.Watchers {
		add(facetWatcher, w)
	}
	for _, ref := range t.Related {
		add(facetRelated, refValue(ref))
	}
	r.addFields(t.Fields)
	return r
}

// refValue joins kind and id so that no two pairs look alike.
func refValue(r ticket.Ref) string { return strconv.Itoa(len(r.Kind)) + ":" + r.Kind + r.ID }

func (c *ticketColumns) args(id int64, doc string) []any {
	return []any{id, c.box, c.folder, c.class, c.status, c.department, c.brand, c.priority, c.channel, c.assignee, c.requester,
		c.email, c.organisation, c.service, c.external, c.unread, c.created, c.updated, doc, c.replied, c.unreadClient}
}

const (
	insertTicket = `INSERT INTO {p}tickets (id, box, folder, class, status, department, brand, priority, channel, assignee, requester,
		email, organisation, service, external, unread, created, updated, doc, replied, unread_client)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`
	updateTicket = `UPDATE {p}tickets SET box = ?2, folder = ?3, class = ?4, status = ?5, department = ?6, brand = ?7, priority = ?8,
		channel = ?9, assignee = ?10, requester = ?11, email = ?12, organisation = ?13, service = ?14, external = ?15, unread = ?16,
		created = ?17, updated = ?18, doc = ?19, replied = ?20, unread_client = ?21 WHERE id = ?1`
	updateTicketDoc = `UPDATE {p}tickets SET doc = ?2 WHERE id = ?1`
)

// Ticket returns a ticket if scope sees it.
func (r *reader) Ticket(ctx context.Context, id int64, scope ticket.Scope) (*ticket.Ticket, error) {
	if err := r.check(ctx); err != nil {
		return nil, err
	}
	t, err := r.ticket(id)
	if err != nil {
		return nil, err
	}
	if !scope.Sees(t) {
		return nil, missing("ticket", id)
	}
	return t, nil
}

func (r *reader) ticket(id int64) (*ticket.Ticket, error) {
	var doc []byte
	err := r.ses.row([]any{&doc}, "SELECT doc FROM {p}tickets WHERE id = ?", id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, missing("ticket", id)
	}
	if err != nil {
		return nil, classify("read a ticket", err)
	}
	t := new(ticket.Ticket)
	if err := decode(doc, t); err != nil {
		return nil, err
	}
	if r.unit != nil {
		r.unit.see(t.ID, rowOf(t))
	}
	return t, nil
}

// see notes a ticket's stored row, so that a write need not read it again.
func (u *unit) see(id int64, row ticketRow) {
	if u.seen == nil {
		u.seen = map[int64]ticketRow{}
	}
	u.seen[id] = row
}

// LockTicket returns the ticket: nobody else writes until the transaction ends.
func (x *tx) LockTicket(ctx context.Context, id int64) (*ticket.Ticket, error) {
	return x.Ticket(ctx, id, ticket.Scope{All: true})
}

// PutTicket stores the whole ticket. What stands in indexes is touched only where it changed.
func (x *tx) PutTicket(ctx context.Context, t *ticket.Ticket) error {
	if t == nil {
		return invalid("ticket", ticket.FaultRequired, "is missing")
	}
	if err := x.checkPut(ctx, "ticket", t.ID); err != nil {
		return err
	}
	c := *t
	c.CreatedAt, c.UpdatedAt, c.LastReplyAt = ticket.Time(t.CreatedAt), ticket.Time(t.UpdatedAt), ticket.Time(t.LastReplyAt)
	c.SolvedAt, c.ClosedAt, c.DeletedAt = moment(t.SolvedAt), moment(t.ClosedAt), moment(t.DeletedAt)
	doc, err := encode(&c)
	if err != nil {
		return err
	}
	if err := x.putTicket(&c, doc); err != nil {
		return classify("write a ticket", err)
	}
	return classify("mark a ticket", x.mark(t.ID))
}

func (x *tx) putTicket(t *ticket.Ticket, doc string) error {
	row := rowOf(t)
	old, known := x.unit.seen[t.ID]
	if !known {
		n, err := x.ses.exec(insertTicket, row.columns.args(t.ID, doc)...)
		if err != nil {
			return err
		}
		if n == 1 {
			x.unit.see(t.ID, row)
			return x.ses.changeRows(t.ID, ticketRow{}, row)
		}
		stored, err := x.ticket(t.ID)
		if err != nil {
			return err
		}
		old = rowOf(stored)
	}
	x.unit.see(t.ID, row)
	var err error
	if old.columns == row.columns {
		_, err = x.ses.exec(updateTicketDoc, t.ID, doc)
	} else {
		_, err = x.ses.exec(updateTicket, row.columns.args(t.ID, doc)...)
	}
	if err != nil {
		return err
	}
	return x.ses.changeRows(t.ID, old, row)
}

// changeRows writes what of the rows beside the ticket's own has changed.
func (s *session) changeRows(id int64, old, row ticketRow) error {
	if err := s.changeCounts(old, row); err != nil {
		return err
	}
	if old.columns.updated != row.columns.updated || !slices.Equal(old.facets, row.facets) {
		if err := s.changeFacets(id, old, row); err != nil {
			return err
		}
	}
	if slices.Equal(old.fields, row.fields) {
		return nil
	}
	return s.changeFields(id, old.fields, row.fields)
}

func (s *session) changeFacets(id int64, old, row ticketRow) error {
	gone := make(map[facet]bool, len(old.facets))
	for _, f := range old.facets {
		gone[f] = true
	}
	for _, f := range row.facets {
		var err error
		switch {
		case !gone[f]:
			_, err = s.exec("INSERT INTO {p}facets (kind, value, updated, ticket) VALUES (?, ?, ?, ?)", f.kind, f.value, row.columns.updated, id)
		case old.columns.updated != row.columns.updated:
			_, err = s.exec("UPDATE {p}facets SET updated = ?5 WHERE kind = ?1 AND value = ?2 AND updated = ?3 AND ticket = ?4",
				f.kind, f.value, old.columns.updated, id, row.columns.updated)
		}
		if err != nil {
			return err
		}
		delete(gone, f)
	}
	for _, f := range old.facets {
		if !gone[f] {
			continue
		}
		_, err := s.exec("DELETE FROM {p}facets WHERE kind = ? AND value = ? AND updated = ? AND ticket = ?", f.kind, f.value, old.columns.updated, id)
		if err != nil {
			return err
		}
	}
	return nil
}

// DeleteTicket removes a ticket, its messages and its events; one that is not there is no error.
func (x *tx) DeleteTicket(ctx context.Context, id int64) error {
	if err := x.check(ctx); err != nil {
		return err
	}
	if id <= 0 {
		return nil // entries without a ticket have it
	}
	t, err := x.ticket(id)
	switch {
	case errors.Is(err, ticket.ErrNotFound):
	case err != nil:
		return err
	default:
		if err := x.ses.changeRows(id, rowOf(t), ticketRow{}); err != nil {
			return classify("delete a ticket", err)
		}
	}
	delete(x.unit.seen, id)
	delete(x.unit.marked, id)
	if err := x.forgetDocument(id); err != nil {
		return classify("delete a ticket's document", err)
	}
	for _, q := range []string{
		"DELETE FROM {p}stale WHERE ticket = ?",
		"DELETE FROM {p}tickets WHERE id = ?",
		"DELETE FROM {p}messages WHERE ticket = ?",
		"DELETE FROM {p}events WHERE ticket = ? AND ticket <> 0",
	} {
		if _, err := x.ses.exec(q, id); err != nil {
			return classify("delete a ticket", err)
		}
	}
	return nil
}
