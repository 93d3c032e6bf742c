package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/helpdeskgo/helpdesk/store/internal/row"
	"github.com/helpdeskgo/helpdesk/ticket"
)

const (
	insertTicket = "INSERT INTO {p}tickets (id, " + row.Names + ", doc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING"
	updateTicket = `UPDATE {p}tickets SET box = ?2, folder = ?3, class = ?4, status = ?5, department = ?6, brand = ?7, priority = ?8,
		channel = ?9, assignee = ?10, requester = ?11, email = ?12, organisation = ?13, service = ?14, external = ?15, unread = ?16,
		unread_client = ?17, created = ?18, updated = ?19, replied = ?20, doc = ?21 WHERE id = ?1`
	updateTicketDoc = `UPDATE {p}tickets SET doc = ?2 WHERE id = ?1`
)

// ticketArgs are those of a statement that writes a whole row.
func ticketArgs(id int64, c *row.Columns, doc string) []any {
	return append(c.AppendTo(append(make([]any, 0, 21), id)), doc)
}

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
	if err := row.Decode(doc, t); err != nil {
		return nil, err
	}
	if r.unit != nil {
		r.unit.see(t.ID, row.Of(t))
	}
	return t, nil
}

// see notes a ticket's stored row, so that a write need not read it again.
func (u *unit) see(id int64, r row.Row) {
	if u.seen == nil {
		u.seen = map[int64]row.Row{}
	}
	u.seen[id] = r
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
	kept := row.Kept(t)
	doc, err := row.Encode(kept)
	if err != nil {
		return err
	}
	if err := x.putTicket(kept, doc); err != nil {
		return classify("write a ticket", err)
	}
	return classify("mark a ticket", x.mark(t.ID))
}

func (x *tx) putTicket(t *ticket.Ticket, doc string) error {
	now := row.Of(t)
	old, known := x.unit.seen[t.ID]
	if !known {
		n, err := x.ses.exec(insertTicket, ticketArgs(t.ID, &now.Columns, doc)...)
		if err != nil {
			return err
		}
		if n == 1 {
			x.unit.see(t.ID, now)
			return x.ses.changeRows(t.ID, row.Row{}, now)
		}
		stored, err := x.ticket(t.ID)
		if err != nil {
			return err
		}
		old = row.Of(stored)
	}
	x.unit.see(t.ID, now)
	var err error
	if old.Columns == now.Columns {
		_, err = x.ses.exec(updateTicketDoc, t.ID, doc)
	} else {
		_, err = x.ses.exec(updateTicket, ticketArgs(t.ID, &now.Columns, doc)...)
	}
	if err != nil {
		return err
	}
	return x.ses.changeRows(t.ID, old, now)
}

// changeRows writes what of the rows beside the ticket's own has changed.
func (s *session) changeRows(id int64, old, now row.Row) error {
	if err := s.changeCounts(old, now); err != nil {
		return err
	}
	if old.Columns.Updated != now.Columns.Updated || !slices.Equal(old.Facets, now.Facets) {
		if err := s.changeFacets(id, old, now); err != nil {
			return err
		}
	}
	if slices.Equal(old.Fields, now.Fields) {
		return nil
	}
	return s.changeFields(id, old.Fields, now.Fields)
}

func (s *session) changeFacets(id int64, old, now row.Row) error {
	gone := make(map[row.Facet]bool, len(old.Facets))
	for _, f := range old.Facets {
		gone[f] = true
	}
	for _, f := range now.Facets {
		var err error
		switch {
		case !gone[f]:
			_, err = s.exec("INSERT INTO {p}facets (kind, value, updated, ticket) VALUES (?, ?, ?, ?)", f.Kind, f.Value, now.Columns.Updated, id)
		case old.Columns.Updated != now.Columns.Updated:
			_, err = s.exec("UPDATE {p}facets SET updated = ?5 WHERE kind = ?1 AND value = ?2 AND updated = ?3 AND ticket = ?4",
				f.Kind, f.Value, old.Columns.Updated, id, now.Columns.Updated)
		}
		if err != nil {
			return err
		}
		delete(gone, f)
	}
	for _, f := range old.Facets {
		if !gone[f] {
			continue
		}
		_, err := s.exec("DELETE FROM {p}facets WHERE kind = ? AND value = ? AND updated = ? AND ticket = ?", f.Kind, f.Value, old.Columns.Updated, id)
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
		if err := x.ses.changeRows(id, row.Of(t), row.Row{}); err != nil {
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
