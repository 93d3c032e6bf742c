package remote

import (
	"context"
	"errors"
	"slices"

	"github.com/helpdeskgo/helpdesk/store/internal/row"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Ticket returns a ticket if scope sees it.
func (r *reader) Ticket(ctx context.Context, id int64, scope ticket.Scope) (*ticket.Ticket, error) {
	if err := r.check(ctx); err != nil {
		return nil, err
	}
	t, err := r.ticket(id, "")
	if err == nil && (t == nil || !scope.Sees(t)) {
		return nil, r.s.missing("ticket", id)
	}
	return t, err
}

// ticket returns nil where there is none.
func (r *reader) ticket(id int64, lock string) (t *ticket.Ticket, err error) {
	err = r.ses.each("read a ticket", "SELECT doc FROM {p}tickets WHERE id = ?"+lock, func(scan Scan) error {
		var doc []byte
		if err := scan(&doc); err != nil {
			return err
		}
		t = new(ticket.Ticket)
		return row.Decode(doc, t)
	}, id)
	return t, err
}

// LockTicket returns the ticket, which nobody else changes until the transaction ends.
func (x *tx) LockTicket(ctx context.Context, id int64) (*ticket.Ticket, error) {
	if err := x.check(ctx); err != nil {
		return nil, err
	}
	t, err := x.lock(id)
	if err == nil && t == nil {
		return nil, x.s.missing("ticket", id)
	}
	return t, err
}

// lock returns nil where there is no such ticket.
func (x *tx) lock(id int64) (*ticket.Ticket, error) {
	t, err := x.ticket(id, " FOR UPDATE")
	if err == nil && t != nil {
		x.unit.see(id, row.Of(t))
	}
	return t, err
}

// see notes the row of a ticket that this transaction has locked or put, so that a write need not read it again.
func (u *unit) see(id int64, r row.Row) {
	if u.seen == nil {
		u.seen = map[int64]row.Row{}
	}
	u.seen[id] = r
}

// PutTicket stores the whole ticket. What stands in indexes is touched only where it changed.
func (x *tx) PutTicket(ctx context.Context, t *ticket.Ticket) error {
	if t == nil {
		return x.s.invalid("ticket", ticket.FaultRequired, "is missing")
	}
	if err := x.checkPut(ctx, "ticket", t.ID); err != nil {
		return err
	}
	kept := row.Kept(t)
	doc, err := row.Encode(kept)
	if err != nil {
		return err
	}
	old, err := x.before(t.ID)
	if err != nil {
		return err
	}
	now := row.Of(kept)
	if err := x.putTicket(t.ID, old, now, doc); err != nil {
		return err
	}
	x.unit.see(t.ID, now)
	return x.markStale(t.ID)
}

// before returns the row that a ticket has, locked. There is none of a ticket whose id this transaction has just taken.
func (x *tx) before(id int64) (row.Row, error) {
	if old, known := x.unit.seen[id]; known {
		return old, nil
	}
	if x.unit.fresh.use("ticket", id) {
		return row.Row{}, nil
	}
	if _, err := x.lock(id); err != nil {
		return row.Row{}, err
	}
	return x.unit.seen[id], nil
}

const (
	insertTicket = "INSERT INTO {p}tickets (" + row.Names + ", doc, id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	updateTicket = `UPDATE {p}tickets SET box = ?, folder = ?, class = ?, status = ?, department = ?, brand = ?, priority = ?, channel = ?, assignee = ?, requester = ?,
		email = ?, organisation = ?, service = ?, external = ?, unread = ?, unread_client = ?, created = ?, updated = ?, replied = ?, doc = ? WHERE id = ?`
)

func (x *tx) putTicket(id int64, old, now row.Row, doc string) error {
	st := Statement{What: "write a ticket", Into: "tickets", Text: insertTicket, Anew: true, Args: now.Columns.AppendTo(make([]any, 0, 21))}
	st.Args = append(st.Args, doc, id)
	switch {
	case old.Known && old.Columns == now.Columns:
		st = Statement{What: st.What, Text: "UPDATE {p}tickets SET doc = ? WHERE id = ?", Args: []any{doc, id}}
	case old.Known:
		st.Text, st.Into = updateTicket, ""
	}
	if err := x.ses.later(st); err != nil {
		return err
	}
	return x.changeRows(id, old, now)
}

// changeRows writes what of the rows beside the ticket's own has changed.
func (x *tx) changeRows(id int64, old, now row.Row) error {
	if err := x.count(row.Differences(old, now)); err != nil {
		return err
	}
	moved := old.Columns.Updated != now.Columns.Updated
	for _, f := range now.Facets {
		st := Statement{What: "write a facet", Into: "facets", Anew: true, Text: "INSERT INTO {p}facets (kind, value, updated, ticket) VALUES (?, ?, ?, ?)",
			Args: []any{f.Kind, f.Value, now.Columns.Updated, id}}
		if slices.Contains(old.Facets, f) {
			if !moved {
				continue
			}
			st.Into = ""
			st.Text, st.Args = "UPDATE {p}facets SET updated = ? WHERE kind = ? AND value = ? AND updated = ? AND ticket = ?",
				[]any{now.Columns.Updated, f.Kind, f.Value, old.Columns.Updated, id}
		}
		if err := x.ses.later(st); err != nil {
			return err
		}
	}
	for _, f := range old.Facets {
		if slices.Contains(now.Facets, f) {
			continue
		}
		err := x.ses.later(Statement{What: "remove a facet", Text: "DELETE FROM {p}facets WHERE kind = ? AND value = ? AND updated = ? AND ticket = ?",
			Args: []any{f.Kind, f.Value, old.Columns.Updated, id}})
		if err != nil {
			return err
		}
	}
	return x.changeFields(id, old.Fields, now.Fields)
}

// changeFields writes the values of custom fields that have changed.
func (x *tx) changeFields(id int64, old, now []row.Field) error {
	for _, f := range now {
		if slices.Contains(old, f) {
			continue
		}
		if err := x.ses.later(Statement{What: "write a field", Text: x.s.put.field, Args: []any{id, f.Code, string(f.Key)}}); err != nil {
			return err
		}
	}
	for _, f := range old {
		if slices.ContainsFunc(now, func(n row.Field) bool { return n.Code == f.Code }) {
			continue
		}
		err := x.ses.later(Statement{What: "remove a field", Text: "DELETE FROM {p}field_values WHERE ticket = ? AND field = ?", Args: []any{id, f.Code}})
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
	old, err := x.before(id)
	if err == nil && old.Known {
		// Only one that was seen, and counted out: another may be put at this moment.
		err = errors.Join(x.changeRows(id, old, row.Row{}),
			x.ses.later(Statement{What: "delete a ticket", Text: "DELETE FROM {p}tickets WHERE id = ?", Args: []any{id}}))
	}
	if err != nil {
		return err
	}
	delete(x.unit.seen, id)
	delete(x.unit.marked, id)
	if err := x.removeDocument(id); err != nil {
		return err
	}
	for _, text := range []string{
		"DELETE FROM {p}messages WHERE ticket = ?",
		"DELETE FROM {p}events WHERE ticket = ?",
	} {
		if err := x.ses.later(Statement{What: "delete a ticket", Text: text, Args: []any{id}}); err != nil {
			return err
		}
	}
	return nil
}
