package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/row"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var _ store.Mover = (*Store)(nil)

// rowList says how the rows of a kind are listed: from where, and by which columns, those of their places.
type rowList struct {
	text string
	by   string
	args func(p store.Place) []any
	scan scanner[store.Row]
}

var rowLists = map[store.RowKind]rowList{
	store.RowTickets: {"SELECT doc FROM {p}tickets", "id", idArgs, func(scan func(...any) error) (store.Row, error) {
		var doc []byte
		if err := scan(&doc); err != nil {
			return store.Row{}, err
		}
		t := new(ticket.Ticket)
		return store.Row{Ticket: t}, row.Decode(doc, t)
	}},
	store.RowMessages: {selectMessage, "id", idArgs, func(scan func(...any) error) (store.Row, error) {
		m, err := scanMessage(scan)
		return store.Row{Message: m}, err
	}},
	store.RowEvents: {"SELECT doc FROM {p}events", "id", idArgs, func(scan func(...any) error) (store.Row, error) {
		e, err := scanEvent(scan)
		return store.Row{Event: e}, err
	}},
	store.RowWork: {selectWork, "id", idArgs, func(scan func(...any) error) (store.Row, error) {
		w, err := scanWork(scan)
		return store.Row{Work: w}, err
	}},
	store.RowRecords: {selectRecord, "kind, key", nameArgs, func(scan func(...any) error) (store.Row, error) {
		r, err := scanRecord(scan)
		return store.Row{Record: r}, err
	}},
	store.RowKeys: {"SELECT kind, key, id FROM {p}keys", "kind, key", nameArgs, func(scan func(...any) error) (store.Row, error) {
		k := new(store.Key)
		return store.Row{Key: k}, scan(&k.Kind, &k.Key, &k.ID)
	}},
	store.RowLinks: {"SELECT kind, key, id FROM {p}links", "kind, key, id", linkArgs, func(scan func(...any) error) (store.Row, error) {
		k := new(store.Key)
		return store.Row{Link: k}, scan(&k.Kind, &k.Key, &k.ID)
	}},
	store.RowChunks: {"SELECT blob, n, data FROM {p}chunks", "blob, n", chunkArgs, func(scan func(...any) error) (store.Row, error) {
		c := new(store.Chunk)
		return store.Row{Chunk: c}, scan(&c.Blob, &c.N, &c.Data)
	}},
}

func idArgs(p store.Place) []any    { return []any{p.ID} }
func nameArgs(p store.Place) []any  { return []any{p.Kind, p.Key} }
func linkArgs(p store.Place) []any  { return []any{p.Kind, p.Key, p.ID} }
func chunkArgs(p store.Place) []any { return []any{p.Key, p.ID} }

// query writes the statement that lists rows after a place.
func (l rowList) query(after *store.Place, limit int) (text string, args []any) {
	text = l.text
	if after != nil {
		args = l.args(*after)
		text += " WHERE (" + l.by + ") > (?" + strings.Repeat(", ?", len(args)-1) + ")"
	}
	return text + " ORDER BY " + l.by + " LIMIT ?+0", append(args, limit)
}

// Rows lists rows of a kind by their places; see store.Mover.
func (s *Store) Rows(ctx context.Context, kind store.RowKind, after *store.Place, limit int) (out []store.Row, err error) {
	list, ok := rowLists[kind]
	if !ok {
		return nil, invalid("kind", ticket.FaultUnknown, "%q is none of rows", kind)
	}
	if limit < 1 {
		return nil, invalid("limit", ticket.FaultOutOfRange, "is %d: at least one row must be asked for", limit)
	}
	err = s.View(ctx, func(ctx context.Context, y store.Reader) error {
		r := y.(*reader)
		if err := r.check(ctx); err != nil {
			return err
		}
		text, args := list.query(after, limit)
		out = nil
		size := 0
		err := r.ses.each(func(rows *sql.Rows) error {
			one, err := list.scan(func(dest ...any) error {
				err := rows.Scan(dest...)
				size += row.Size(dest)
				return err
			})
			out = append(out, one)
			if err == nil && size > store.RowsSize {
				return errEnough
			}
			return err
		}, text, args...)
		if errors.Is(err, errEnough) {
			err = nil
		}
		return classify("list rows", err)
	})
	return out, err
}

// moving runs fn in a transaction that is joined or made.
func (s *Store) moving(ctx context.Context, what string, fn func(x *tx) error) error {
	return s.Update(ctx, func(ctx context.Context, y store.Tx) error {
		x := y.(*tx)
		if err := x.check(ctx); err != nil {
			return err
		}
		return classify(what, fn(x))
	})
}

// PutRows stores rows as they are; see store.Mover.
func (s *Store) PutRows(ctx context.Context, rows []store.Row) error {
	return s.moving(ctx, "put rows", func(x *tx) error {
		for _, one := range rows {
			if err := x.putRow(ctx, one); err != nil {
				return err
			}
		}
		return nil
	})
}

func (x *tx) putRow(ctx context.Context, r store.Row) error {
	switch r.Kind() {
	case store.RowTickets:
		return x.PutTicket(ctx, r.Ticket)
	case store.RowMessages:
		return x.PutMessage(ctx, r.Message)
	case store.RowEvents:
		return x.PutEvent(ctx, r.Event)
	case store.RowWork:
		return x.replaceWork(ctx, r.Work)
	case store.RowRecords:
		return x.replaceRecord(r.Record)
	case store.RowKeys:
		k := r.Key
		return x.write(ctx, "put a key", "INSERT INTO {p}keys (kind, key, id) VALUES (?1, ?2, ?3) ON CONFLICT (kind, key) DO UPDATE SET id = ?3", k.Kind, k.Key, k.ID)
	case store.RowLinks:
		return x.Link(ctx, r.Link.Kind, r.Link.Key, r.Link.ID)
	case store.RowChunks:
		return x.PutChunk(ctx, r.Chunk.Blob, r.Chunk.N, r.Chunk.Data)
	}
	return invalid("rows", ticket.FaultRequired, "a row has nothing in it")
}

// replaceWork stores work in the place of what has its id, and of what its lane has by its name.
func (x *tx) replaceWork(ctx context.Context, w *store.Work) error {
	const twin = "DELETE FROM {p}work WHERE order_key = ? AND seq = ? AND name = ? AND order_key <> '' AND state "
	if w.State == store.WorkDone { // which stands in an index of its own
		n, err := x.ses.exec(twin+"<> 2", w.OrderKey, w.Seq, w.Name)
		if err == nil && n > 0 {
			err = x.unpark(w.OrderKey)
		}
		if err != nil {
			return err
		}
	}
	stored, err := x.insertWork(ctx, w)
	if err != nil || stored {
		return err
	}
	if err := x.removeWork(w.ID); err != nil {
		return err
	}
	for _, state := range []string{"<> 2", "= 2"} {
		if _, err := x.ses.exec(twin+state, w.OrderKey, w.Seq, w.Name); err != nil {
			return err
		}
	}
	if err := x.PutWork(ctx, w); err != nil {
		return err
	}
	return x.unpark(w.OrderKey)
}

// removeWork removes work, and lets go what waited for its lane.
func (x *tx) removeWork(id int64) error {
	var lane string
	err := x.ses.row([]any{&lane}, "DELETE FROM {p}work WHERE id = ? RETURNING order_key", id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return x.unpark(lane)
}

func (x *tx) replaceRecord(r *store.Record) error {
	if r.Kind == "" {
		return invalid("kind", ticket.FaultRequired, "a record needs a kind")
	}
	_, err := x.ses.exec(`INSERT INTO {p}records (kind, key, parent, version, doc) VALUES (?1, ?2, ?3, ?4, ?5)
		ON CONFLICT (kind, key) DO UPDATE SET parent = ?3, version = ?4, doc = ?5`, r.Kind, r.Key, r.Parent, r.Version, nullable(r.Doc))
	if err != nil {
		return err
	}
	return x.countConfig(r.Kind)
}

// RemoveRows removes the rows in these places; see store.Mover.
func (s *Store) RemoveRows(ctx context.Context, kind store.RowKind, places []store.Place) error {
	return s.moving(ctx, "remove rows", func(x *tx) error {
		for _, p := range places {
			if err := x.removeRow(ctx, kind, p); err != nil {
				return err
			}
		}
		return nil
	})
}

func (x *tx) removeRow(ctx context.Context, kind store.RowKind, p store.Place) error {
	switch kind {
	case store.RowTickets:
		return x.DeleteTicket(ctx, p.ID)
	case store.RowMessages:
		return x.removeMessage(p.ID)
	case store.RowEvents:
		return x.write(ctx, "remove an event", "DELETE FROM {p}events WHERE id = ?", p.ID)
	case store.RowWork:
		return x.removeWork(p.ID)
	case store.RowRecords:
		return x.DeleteRecord(ctx, p.Kind, p.Key)
	case store.RowKeys:
		return x.write(ctx, "remove a key", "DELETE FROM {p}keys WHERE kind = ? AND key = ?", p.Kind, p.Key)
	case store.RowLinks:
		return x.Unlink(ctx, p.Kind, p.Key, p.ID)
	case store.RowChunks:
		return x.write(ctx, "remove a chunk", "DELETE FROM {p}chunks WHERE blob = ? AND n = ?", p.Key, p.ID)
	}
	return invalid("kind", ticket.FaultUnknown, "%q is none of rows", kind)
}

func (x *tx) removeMessage(id int64) error {
	of, err := x.ses.number("DELETE FROM {p}messages WHERE id = ? RETURNING ticket", id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return x.mark(of)
}

// configSequence numbers changes of the configuration: see countConfig.
const configSequence = "code/config version"

// Sequences lists how far the sequences of ids are; see store.Mover.
func (s *Store) Sequences(ctx context.Context) (out []store.Sequence, err error) {
	err = s.View(ctx, func(ctx context.Context, y store.Reader) error {
		r := y.(*reader)
		if err := r.check(ctx); err != nil {
			return err
		}
		out, err = several(r.ses, func(scan func(...any) error) (q store.Sequence, err error) {
			err = scan(&q.Name, &q.Last)
			return q, err
		}, "sequences", "SELECT name, next - 1 FROM {p}ids WHERE name <> ? ORDER BY name", configSequence)
		return err
	})
	return out, err
}

// RaiseSequences sees to it that ids go on above those of list; see store.Mover.
func (s *Store) RaiseSequences(ctx context.Context, list []store.Sequence) error {
	return s.moving(ctx, "raise sequences", func(x *tx) error {
		for _, q := range list {
			if err := x.unit.ids.claim(x.ses, q.Name, q.Last); err != nil {
				return err
			}
		}
		return nil
	})
}
