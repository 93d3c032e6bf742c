package sqlite

import (
	"context"
	"strings"

	"github.com/helpdeskgo/helpdesk/store/internal/row"
	"github.com/helpdeskgo/helpdesk/ticket"
)

const selectMessage = "SELECT body, html, doc FROM {p}messages"

// scanMessage puts a message together.
func scanMessage(scan func(...any) error) (*ticket.Message, error) {
	var body, html string
	var doc []byte
	if err := scan(&body, &html, &doc); err != nil {
		return nil, err
	}
	return row.Message(doc, body, html)
}

// Message returns a message by id.
func (r *reader) Message(ctx context.Context, id int64) (*ticket.Message, error) {
	if err := r.check(ctx); err != nil {
		return nil, err
	}
	return one(r.ses, scanMessage, "message", id, selectMessage+" WHERE id = ?", id)
}

// Messages lists messages of one ticket.
func (r *reader) Messages(ctx context.Context, q ticket.MessageQuery) ([]*ticket.Message, error) {
	if err := r.check(ctx); err != nil {
		return nil, err
	}
	text, args := selectMessages(q)
	return several(r.ses, scanMessage, "messages", text, args...)
}

func selectMessages(q ticket.MessageQuery) (text string, args []any) {
	text, args, op, dir := selectMessage+" WHERE ticket = ?", []any{q.TicketID}, ">", "ASC"
	if q.Newest {
		op, dir = "<", "DESC"
	}
	if q.AfterSeq != 0 {
		text, args = text+" AND seq "+op+" ?", append(args, q.AfterSeq)
	}
	text, args = oneOf(text, args, "kind", q.Kinds)
	return text + " ORDER BY seq " + dir + ", id " + dir + " LIMIT ?+0", append(args, ticket.PageSize(q.Limit))
}

// oneOf adds a condition for a column with one of several values; none means any.
func oneOf[T ~string](text string, args []any, column string, values []T) (string, []any) {
	if len(values) == 0 {
		return text, args
	}
	for _, v := range values {
		args = append(args, string(v))
	}
	return text + " AND " + column + " IN (?" + strings.Repeat(", ?", len(values)-1) + ")", args
}

// PutMessage stores a message, new or known by its ID.
func (x *tx) PutMessage(ctx context.Context, m *ticket.Message) error {
	if m == nil {
		return invalid("message", ticket.FaultRequired, "is missing")
	}
	if err := x.checkPut(ctx, "message", m.ID); err != nil {
		return err
	}
	doc, err := row.Encode(row.KeptMessage(m))
	if err != nil {
		return err
	}
	_, err = x.ses.exec(`INSERT INTO {p}messages (id, ticket, seq, kind, body, html, doc) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET ticket = excluded.ticket, seq = excluded.seq, kind = excluded.kind, body = excluded.body,
		html = excluded.html, doc = excluded.doc`,
		m.ID, m.TicketID, m.Seq, string(m.Kind), m.Body, m.HTMLBody, doc)
	if err != nil {
		return classify("write a message", err)
	}
	return classify("mark a ticket", x.mark(m.TicketID))
}
