package remote

import (
	"context"
	"strings"

	"github.com/helpdeskgo/helpdesk/store/internal/row"
	"github.com/helpdeskgo/helpdesk/ticket"
)

const selectMessage = "SELECT body, html, doc FROM {p}messages"

func scanMessage(scan Scan) (*ticket.Message, error) {
	var body, html string
	var doc []byte
	if err := scan(&body, &html, &doc); err != nil {
		return nil, err
	}
	return row.Message(doc, body, html)
}

// one reads the row of the thing with an id.
func one[T any](r *reader, what string, id int64, read func(Scan) (T, error), text string) (out T, err error) {
	there := false
	err = r.ses.each("read a "+what, text+" WHERE id = ?", func(scan Scan) (err error) {
		there = true
		out, err = read(scan)
		return err
	}, id)
	if err == nil && !there {
		err = r.s.missing(what, id)
	}
	return out, err
}

// several reads all rows.
func several[T any](r *reader, what string, read func(Scan) (T, error), text string, args ...any) (out []T, err error) {
	err = r.ses.each("list "+what, text, func(scan Scan) error {
		v, err := read(scan)
		out = append(out, v)
		return err
	}, args...)
	return out, err
}

// Message returns a message by id.
func (r *reader) Message(ctx context.Context, id int64) (*ticket.Message, error) {
	if err := r.check(ctx); err != nil {
		return nil, err
	}
	return one(r, "message", id, scanMessage, selectMessage)
}

// Messages lists messages of one ticket.
func (r *reader) Messages(ctx context.Context, q ticket.MessageQuery) ([]*ticket.Message, error) {
	if err := r.check(ctx); err != nil {
		return nil, err
	}
	text, args, op, dir := selectMessage+" WHERE ticket = ?", []any{q.TicketID}, ">", "ASC"
	if q.Newest {
		op, dir = "<", "DESC"
	}
	if q.AfterSeq != 0 {
		text, args = text+" AND seq "+op+" ?", append(args, q.AfterSeq)
	}
	text, args = oneOf(text, args, "kind", q.Kinds)
	text += " ORDER BY seq " + dir + ", id " + dir + " LIMIT ?"
	return several(r, "messages", scanMessage, text, append(args, ticket.PageSize(q.Limit))...)
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
		return x.s.invalid("message", ticket.FaultRequired, "is missing")
	}
	if err := x.checkPut(ctx, "message", m.ID); err != nil {
		return err
	}
	doc, err := row.Encode(row.KeptMessage(m))
	if err != nil {
		return err
	}
	text := x.s.put.message
	if x.unit.fresh.use("message", m.ID) {
		text = x.s.put.newMessage
	}
	if err := x.insert(ctx, "write a message", "messages", text, m.ID, m.TicketID, m.Seq, string(m.Kind), m.Body, m.HTMLBody, doc); err != nil {
		return err
	}
	return x.markStale(m.TicketID)
}

func scanEvent(scan Scan) (*ticket.Event, error) {
	var doc []byte
	if err := scan(&doc); err != nil {
		return nil, err
	}
	e := new(ticket.Event)
	return e, row.Decode(doc, e)
}

// Event returns a journal entry by id.
func (r *reader) Event(ctx context.Context, id int64) (*ticket.Event, error) {
	if err := r.check(ctx); err != nil {
		return nil, err
	}
	return one(r, "event", id, scanEvent, "SELECT doc FROM {p}events")
}

// Events lists journal entries.
func (r *reader) Events(ctx context.Context, q ticket.EventQuery) ([]*ticket.Event, error) {
	if err := r.check(ctx); err != nil {
		return nil, err
	}
	since := row.Micros(ticket.Time(q.Since))
	text, args := "SELECT doc FROM {p}events WHERE at >= ? AND (at > ? OR id > ?)", []any{since, since, q.AfterID}
	order := " ORDER BY at, id LIMIT ?"
	if q.TicketID != 0 {
		text, args = "SELECT doc FROM {p}events WHERE ticket = ? AND seq > ? AND at >= ?", []any{q.TicketID, q.AfterSeq, since}
		order = " ORDER BY seq, id LIMIT ?"
	}
	text, args = oneOf(text, args, "type", q.Types)
	return several(r, "events", scanEvent, text+order, append(args, ticket.PageSize(q.Limit))...)
}

// PutEvent stores a journal entry.
func (x *tx) PutEvent(ctx context.Context, e *ticket.Event) error {
	if e == nil {
		return x.s.invalid("event", ticket.FaultRequired, "is missing")
	}
	if err := x.checkPut(ctx, "event", e.ID); err != nil {
		return err
	}
	kept := row.KeptEvent(e)
	doc, err := row.Encode(kept)
	if err != nil {
		return err
	}
	text := x.s.put.event
	if x.unit.fresh.use("event", e.ID) {
		text = x.s.put.newEvent
	}
	return x.insert(ctx, "write an event", "events", text, e.ID, e.TicketID, e.Seq, row.Micros(kept.At), string(e.Type), doc)
}
