package sqlite

import (
	"context"

	"github.com/helpdeskgo/helpdesk/store/internal/row"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func scanEvent(scan func(...any) error) (*ticket.Event, error) {
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
	return one(r.ses, scanEvent, "event", id, "SELECT doc FROM {p}events WHERE id = ?", id)
}

// Events lists journal entries.
func (r *reader) Events(ctx context.Context, q ticket.EventQuery) ([]*ticket.Event, error) {
	if err := r.check(ctx); err != nil {
		return nil, err
	}
	text, args := selectEvents(q)
	return several(r.ses, scanEvent, "events", text, args...)
}

func selectEvents(q ticket.EventQuery) (text string, args []any) {
	text, args = "SELECT doc FROM {p}events INDEXED BY {p}events_at WHERE (at, id) > (?, ?)", []any{row.Micros(ticket.Time(q.Since)), q.AfterID}
	order := " ORDER BY at, id LIMIT ?+0"
	if q.TicketID != 0 {
		text = "SELECT doc FROM {p}events INDEXED BY {p}events_ticket WHERE ticket = ? AND ticket <> 0 AND seq > ? AND at >= ?"
		args = []any{q.TicketID, q.AfterSeq, row.Micros(ticket.Time(q.Since))}
		order = " ORDER BY seq, id LIMIT ?+0"
	}
	text, args = oneOf(text, args, "type", q.Types)
	return text + order, append(args, ticket.PageSize(q.Limit))
}

// PutEvent stores a journal entry.
func (x *tx) PutEvent(ctx context.Context, e *ticket.Event) error {
	if e == nil {
		return invalid("event", ticket.FaultRequired, "is missing")
	}
	if err := x.checkPut(ctx, "event", e.ID); err != nil {
		return err
	}
	kept := row.KeptEvent(e)
	doc, err := row.Encode(kept)
	if err != nil {
		return err
	}
	_, err = x.ses.exec(`INSERT INTO {p}events (id, ticket, seq, at, type, doc) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET ticket = excluded.ticket, seq = excluded.seq, at = excluded.at, type = excluded.type, doc = excluded.doc`,
		e.ID, e.TicketID, e.Seq, row.Micros(kept.At), string(e.Type), doc)
	return classify("write an event", err)
}
