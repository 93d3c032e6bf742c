package remote

import (
	"context"
	"errors"
	"strings"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/row"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var _ store.Mover = (*Store)(nil)

// rowList says how the rows of a kind are listed: their columns, the table, and those columns that their places are.
type rowList struct {
	columns, from string
	by            []string
	args          func(p store.Place) []any
	read          func(Scan) (store.Row, error)
}

var rowLists = map[store.RowKind]rowList{
	store.RowTickets: {"doc", "{p}tickets", byID, idArgs, func(scan Scan) (store.Row, error) {
		var doc []byte
		if err := scan(&doc); err != nil {
			return store.Row{}, err
		}
		t := new(ticket.Ticket)
		return store.Row{Ticket: t}, row.Decode(doc, t)
	}},
	store.RowMessages: {"body, html, doc", "{p}messages", byID, idArgs, func(scan Scan) (store.Row, error) {
		m, err := scanMessage(scan)
		return store.Row{Message: m}, err
	}},
	store.RowEvents: {"doc", "{p}events", byID, idArgs, func(scan Scan) (store.Row, error) {
		e, err := scanEvent(scan)
		return store.Row{Event: e}, err
	}},
	store.RowWork: {strings.TrimPrefix(selectWork, "SELECT "), "{p}work w", byID, idArgs, func(scan Scan) (store.Row, error) {
		w, err := scanWork(scan)
		return store.Row{Work: w}, err
	}},
	store.RowRecords: {"kind, name, parent, version, doc", "{p}records", []string{"kind", "name"}, nameArgs, func(scan Scan) (store.Row, error) {
		r, err := scanRecord(scan)
		return store.Row{Record: r}, err
	}},
	store.RowKeys: {"kind, name, holder", "{p}keys", []string{"kind", "name"}, nameArgs, func(scan Scan) (store.Row, error) {
		k := new(store.Key)
		return store.Row{Key: k}, scan(&k.Kind, &k.Key, &k.ID)
	}},
	store.RowLinks: {"kind, name, target", "{p}links", []string{"kind", "name", "target"}, linkArgs, func(scan Scan) (store.Row, error) {
		k := new(store.Key)
		return store.Row{Link: k}, scan(&k.Kind, &k.Key, &k.ID)
	}},
	store.RowChunks: {"content, n, data", "{p}chunks", []string{"content", "n"}, chunkArgs, func(scan Scan) (store.Row, error) {
		c := new(store.Chunk)
		return store.Row{Chunk: c}, scan(&c.Blob, &c.N, &c.Data)
	}},
}

var byID = []string{"id"}

func idArgs(p store.Place) []any    { return []any{p.ID} }
func nameArgs(p store.Place) []any  { return []any{p.Kind, p.Key} }
func linkArgs(p store.Place) []any  { return []any{p.Kind, p.Key, p.ID} }
func chunkArgs(p store.Place) []any { return []any{p.Key, p.ID} }

// query writes the statement that lists rows after a place: of each column that it is made of an arm, with those before it
// as they are and itself beyond. So each is a walk through the index on every server.
func (l rowList) query(after *store.Place, limit int) (text string, args []any) {
	order := " ORDER BY " + strings.Join(l.by, ", ") + " LIMIT ?"
	if after == nil {
		return "SELECT " + l.columns + " FROM " + l.from + order, []any{limit}
	}
	at := l.args(*after)
	var arms []string
	for n := len(l.by) - 1; n >= 0; n-- {
		cond := l.by[n] + " > ?"
		for _, c := range l.by[:n] {
			cond += " AND " + c + " = ?"
		}
		arms = append(arms, "SELECT "+l.columns+" FROM "+l.from+" WHERE "+cond+order)
		args = append(append(append(args, at[n]), at[:n]...), limit)
	}
	if len(arms) == 1 {
		return arms[0], args
	}
	return "SELECT * FROM ((" + strings.Join(arms, ") UNION ALL (") + ")) r" + order, append(args, limit)
}

// errEnough ends a list that is large.
var errEnough = errors.New("enough")

// Rows lists rows of a kind by their places; see store.Mover.
func (s *Store) Rows(ctx context.Context, kind store.RowKind, after *store.Place, limit int) (out []store.Row, err error) {
	list, ok := rowLists[kind]
	if !ok {
		return nil, s.invalid("kind", ticket.FaultUnknown, "%q is none of rows", kind)
	}
	if limit < 1 {
		return nil, s.invalid("limit", ticket.FaultOutOfRange, "is %d: at least one row must be asked for", limit)
	}
	if kind == store.RowChunks { // whatever is asked for crosses the network
		limit = min(limit, store.RowsSize/store.ChunkSize)
	}
	err = s.View(ctx, func(ctx context.Context, y store.Reader) error {
		r := y.(*reader)
		if err := r.check(ctx); err != nil {
			return err
		}
		text, args := list.query(after, limit)
		out = nil
		size := 0
		err := r.ses.each("list rows", text, func(scan Scan) error {
			if size > store.RowsSize {
				return errEnough
			}
			one, err := list.read(func(dest ...any) error {
				err := scan(dest...)
				size += row.Size(dest)
				return err
			})
			out = append(out, one)
			return err
		}, args...)
		if errors.Is(err, errEnough) {
			err = nil
		}
		return err
	})
	return out, err
}

// moving runs fn in a transaction that is joined or made.
func (s *Store) moving(ctx context.Context, fn func(x *tx) error) error {
	return s.Update(ctx, func(ctx context.Context, y store.Tx) error {
		x := y.(*tx)
		if err := x.check(ctx); err != nil {
			return err
		}
		return fn(x)
	})
}

// PutRows stores rows as they are; see store.Mover. What is to be known of rows that are there is asked for all at once.
func (s *Store) PutRows(ctx context.Context, rows []store.Row) error {
	return s.moving(ctx, func(x *tx) error {
		if err := x.lockAll(rows); err != nil {
			return err
		}
		works, err := x.worksAmong(rows)
		if err != nil {
			return err
		}
		for _, one := range rows {
			if err := x.putRow(ctx, one, works); err != nil {
				return err
			}
		}
		works.unpark()
		return nil
	})
}

func (x *tx) putRow(ctx context.Context, r store.Row, works *replacing) error {
	switch r.Kind() {
	case store.RowTickets:
		return x.PutTicket(ctx, r.Ticket)
	case store.RowMessages:
		return x.PutMessage(ctx, r.Message)
	case store.RowEvents:
		return x.PutEvent(ctx, r.Event)
	case store.RowWork:
		return works.put(ctx, r.Work)
	case store.RowRecords:
		return x.replaceRecord(ctx, r.Record)
	case store.RowKeys:
		return x.write(ctx, "put a key", x.s.put.key, r.Key.Kind, r.Key.Key, r.Key.ID)
	case store.RowLinks:
		return x.Link(ctx, r.Link.Kind, r.Link.Key, r.Link.ID)
	case store.RowChunks:
		return x.PutChunk(ctx, r.Chunk.Blob, r.Chunk.N, r.Chunk.Data)
	}
	return x.s.invalid("rows", ticket.FaultRequired, "a row has nothing in it")
}

// lockAll locks the tickets among the rows that are there, and notes which are not.
func (x *tx) lockAll(rows []store.Row) error {
	var ids []any
	for _, one := range rows {
		if one.Ticket != nil {
			ids = append(ids, one.Ticket.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	err := x.ses.each("lock tickets", "SELECT doc FROM {p}tickets WHERE id IN ("+marks(len(ids))+") ORDER BY id FOR UPDATE", func(scan Scan) error {
		var doc []byte
		if err := scan(&doc); err != nil {
			return err
		}
		t := new(ticket.Ticket)
		if err := row.Decode(doc, t); err != nil {
			return err
		}
		x.unit.see(t.ID, row.Of(t))
		return nil
	}, ids...)
	for _, one := range rows {
		if one.Ticket == nil {
			continue
		}
		if _, there := x.unit.seen[one.Ticket.ID]; !there {
			x.unit.fresh.add("ticket", one.Ticket.ID)
		}
	}
	return err
}

func marks(n int) string { return "?" + strings.Repeat(", ?", n-1) }

func (x *tx) replaceRecord(ctx context.Context, r *store.Record) error {
	if r.Kind == "" {
		return x.s.invalid("kind", ticket.FaultRequired, "a record needs a kind")
	}
	delete(x.unit.read, recordKey{r.Kind, r.Key})
	if err := x.write(ctx, "put a record", x.s.put.moved, r.Kind, r.Key, r.Parent, nullable(r.Doc), r.Version); err != nil {
		return err
	}
	return x.configures(ctx, r.Kind)
}

// RemoveRows removes the rows in these places; see store.Mover.
func (s *Store) RemoveRows(ctx context.Context, kind store.RowKind, places []store.Place) error {
	return s.moving(ctx, func(x *tx) error {
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
		return x.removeMessage(ctx, p.ID)
	case store.RowEvents:
		return x.write(ctx, "remove an event", "DELETE FROM {p}events WHERE id = ?", p.ID)
	case store.RowWork:
		return x.removeWork(ctx, p.ID)
	case store.RowRecords:
		return x.DeleteRecord(ctx, p.Kind, p.Key)
	case store.RowKeys:
		return x.write(ctx, "remove a key", "DELETE FROM {p}keys WHERE kind = ? AND name = ?", p.Kind, p.Key)
	case store.RowLinks:
		return x.Unlink(ctx, p.Kind, p.Key, p.ID)
	case store.RowChunks:
		return x.write(ctx, "remove a chunk", "DELETE FROM {p}chunks WHERE content = ? AND n = ?", p.Key, p.ID)
	}
	return x.s.invalid("kind", ticket.FaultUnknown, "%q is none of rows", kind)
}

func (x *tx) removeMessage(ctx context.Context, id int64) error {
	var of int64
	there, err := x.ses.row("read a message", "SELECT ticket FROM {p}messages WHERE id = ?", []any{&of}, id)
	if err != nil || !there {
		return err
	}
	if err := x.write(ctx, "remove a message", "DELETE FROM {p}messages WHERE id = ?", id); err != nil {
		return err
	}
	return x.markStale(of)
}

// Sequences lists how far the sequences of ids are; see store.Mover.
func (s *Store) Sequences(ctx context.Context) (out []store.Sequence, err error) {
	err = s.View(ctx, func(ctx context.Context, y store.Reader) error {
		r := y.(*reader)
		if err := r.check(ctx); err != nil {
			return err
		}
		out, err = several(r, "sequences", func(scan Scan) (q store.Sequence, err error) {
			err = scan(&q.Name, &q.Last)
			return q, err
		}, "SELECT name, next - 1 FROM {p}ids ORDER BY name")
		return err
	})
	return out, err
}

// RaiseSequences sees to it that ids go on above those of list; see store.Mover.
func (s *Store) RaiseSequences(ctx context.Context, list []store.Sequence) error {
	return s.moving(ctx, func(x *tx) error {
		for _, q := range list {
			if err := x.write(ctx, "raise a sequence", x.s.put.sequence, q.Name, q.Last+1); err != nil {
				return err
			}
		}
		x.unit.after = append(x.unit.after, func() { s.ids.raise(list) })
		return nil
	})
}
