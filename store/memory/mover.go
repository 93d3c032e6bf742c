package memory

import (
	"context"
	"iter"
	"maps"
	"slices"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var _ store.Mover = (*Store)(nil)

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

// Rows lists rows of a kind by their places; see store.Mover.
func (s *Store) Rows(ctx context.Context, kind store.RowKind, after *store.Place, limit int) (out []store.Row, err error) {
	if limit < 1 {
		return nil, invalid("limit", ticket.FaultOutOfRange, "is %d: at least one row must be asked for", limit)
	}
	err = s.View(ctx, func(ctx context.Context, y store.Reader) error {
		r := y.(*reader)
		if err := r.check(ctx); err != nil {
			return err
		}
		rows := r.rows(kind, after)
		if rows == nil {
			return invalid("kind", ticket.FaultUnknown, "%q is none of rows", kind)
		}
		size := 0
		for row := range rows {
			if after != nil && row.Place().Compare(*after) <= 0 {
				continue
			}
			out = append(out, row)
			if size += sizeOf(row); len(out) == limit || size > store.RowsSize {
				break
			}
		}
		return nil
	})
	return out, err
}

// sizeOf is about how much memory a row holds.
func sizeOf(row store.Row) int {
	switch {
	case row.Message != nil:
		return len(row.Message.Body) + len(row.Message.HTMLBody)
	case row.Record != nil:
		return len(row.Record.Doc)
	case row.Work != nil:
		return len(row.Work.Doc)
	case row.Chunk != nil:
		return len(row.Chunk.Data)
	}
	return 0
}

// rows yields copies of the rows of a kind from a place on, or nil for a kind that is unknown.
func (r *reader) rows(kind store.RowKind, after *store.Place) iter.Seq[store.Row] {
	switch kind {
	case store.RowTickets:
		return byID(&r.state.tickets, after, func(t *ticket.Ticket) store.Row { return store.Row{Ticket: t.Clone()} })
	case store.RowMessages:
		return byID(&r.state.messages, after, func(m *ticket.Message) store.Row { return store.Row{Message: m.Clone()} })
	case store.RowEvents:
		return byID(&r.state.events, after, func(e *ticket.Event) store.Row { return store.Row{Event: cloneEvent(e)} })
	case store.RowWork:
		return byID(&r.state.works, after, func(w *store.Work) store.Row { return store.Row{Work: cloneWork(w)} })
	case store.RowRecords:
		return from(&r.state.records, after, namePlace, func(_ name, v *store.Record) store.Row { return store.Row{Record: cloneRecord(v)} })
	case store.RowKeys:
		return from(&r.state.keys, after, namePlace, func(k name, id int64) store.Row {
			return store.Row{Key: &store.Key{Kind: k.kind, Key: k.key, ID: id}}
		})
	case store.RowLinks:
		return from(&r.state.links, after, linkPlace, func(l link, _ struct{}) store.Row {
			return store.Row{Link: &store.Key{Kind: l.kind, Key: l.key, ID: l.id}}
		})
	case store.RowChunks:
		return from(&r.state.chunks, after, chunkPlace, func(c chunk, data []byte) store.Row {
			return store.Row{Chunk: &store.Chunk{Blob: c.blob, N: c.n, Data: slices.Clone(data)}}
		})
	}
	return nil
}

func namePlace(p store.Place) name   { return name{p.Kind, p.Key} }
func linkPlace(p store.Place) link   { return link{p.Kind, p.Key, p.ID} }
func chunkPlace(p store.Place) chunk { return chunk{p.Key, int(p.ID)} }

func byID[V any](of *tree[int64, V], after *store.Place, row func(V) store.Row) iter.Seq[store.Row] {
	return from(of, after, func(p store.Place) int64 { return p.ID }, func(_ int64, v V) store.Row { return row(v) })
}

func from[K, V any](of *tree[K, V], after *store.Place, key func(store.Place) K, row func(K, V) store.Row) iter.Seq[store.Row] {
	all := of.all()
	if after != nil {
		all = of.from(key(*after))
	}
	return func(yield func(store.Row) bool) {
		for k, v := range all {
			if !yield(row(k, v)) {
				return
			}
		}
	}
}

// PutRows stores rows as they are; see store.Mover.
func (s *Store) PutRows(ctx context.Context, rows []store.Row) error {
	return s.moving(ctx, func(x *tx) error {
		for _, row := range rows {
			if err := x.putRow(ctx, row); err != nil {
				return err
			}
		}
		return nil
	})
}

func (x *tx) putRow(ctx context.Context, row store.Row) error {
	switch row.Kind() {
	case store.RowTickets:
		return x.PutTicket(ctx, row.Ticket)
	case store.RowMessages:
		return x.PutMessage(ctx, row.Message)
	case store.RowEvents:
		return x.PutEvent(ctx, row.Event)
	case store.RowWork:
		return x.replaceWork(ctx, row.Work)
	case store.RowRecords:
		return x.replaceRecord(row.Record)
	case store.RowKeys:
		x.state.keys.put(name{row.Key.Kind, row.Key.Key}, row.Key.ID)
		return nil
	case store.RowLinks:
		return x.Link(ctx, row.Link.Kind, row.Link.Key, row.Link.ID)
	case store.RowChunks:
		return x.PutChunk(ctx, row.Chunk.Blob, row.Chunk.N, row.Chunk.Data)
	}
	return invalid("rows", ticket.FaultRequired, "a row has nothing in it")
}

// replaceWork stores work in the place of what has its id, and of what its lane has by its name.
func (x *tx) replaceWork(ctx context.Context, w *store.Work) error {
	x.removeWork(w.ID)
	if same, ok := x.state.unique.get(workName{w.OrderKey, w.Seq, w.Name}); ok && w.OrderKey != "" {
		x.removeWork(same)
	}
	return x.PutWork(ctx, w)
}

func (x *tx) removeWork(id int64) {
	if old, ok := x.state.works.get(id); ok {
		x.forgetWork(id)
		if at := (workName{old.OrderKey, old.Seq, old.Name}); old.OrderKey != "" {
			x.state.unique.delete(at)
		}
	}
}

func (x *tx) replaceRecord(r *store.Record) error {
	if r.Kind == "" {
		return invalid("kind", ticket.FaultRequired, "a record needs a kind")
	}
	x.state.records.put(name{r.Kind, r.Key}, cloneRecord(r))
	x.countConfig(r.Kind)
	return nil
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
		if m, ok := x.state.messages.get(p.ID); ok {
			x.state.messages.delete(p.ID)
			x.state.threads.delete(place{m.TicketID, m.Seq, m.ID})
			x.mark(m.TicketID)
		}
	case store.RowEvents:
		if e, ok := x.state.events.get(p.ID); ok {
			x.state.forgetEvent(e)
		}
	case store.RowWork:
		x.removeWork(p.ID)
	case store.RowRecords:
		return x.DeleteRecord(ctx, p.Kind, p.Key)
	case store.RowKeys:
		x.state.keys.delete(namePlace(p))
	case store.RowLinks:
		x.state.links.delete(linkPlace(p))
	case store.RowChunks:
		x.state.chunks.delete(chunkPlace(p))
	default:
		return invalid("kind", ticket.FaultUnknown, "%q is none of rows", kind)
	}
	return nil
}

// Sequences lists how far the sequences of ids are; see store.Mover.
func (s *Store) Sequences(ctx context.Context) (out []store.Sequence, err error) {
	err = s.moving(ctx, func(x *tx) error {
		counters := x.transaction.store.counters
		out = make([]store.Sequence, 0, len(counters))
		for _, sequence := range slices.Sorted(maps.Keys(counters)) {
			out = append(out, store.Sequence{Name: sequence, Last: counters[sequence]})
		}
		return nil
	})
	return out, err
}

// RaiseSequences sees to it that ids go on above those of list; see store.Mover.
func (s *Store) RaiseSequences(ctx context.Context, list []store.Sequence) error {
	return s.moving(ctx, func(x *tx) error {
		counters := x.transaction.store.counters
		for _, q := range list {
			counters[q.Name] = max(counters[q.Name], q.Last)
		}
		return nil
	})
}
