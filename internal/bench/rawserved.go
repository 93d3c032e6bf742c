package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
)

// ticketWriter is a connection that writes the rows of a ticket in one round trip and one transaction.
type ticketWriter struct {
	write func(ctx context.Context, args []any) error
	close func() error
}

// rawServed is the program that somebody would write who wants just these rows in just this schema, on a server: one
// statement, prepared, for each ticket, on each of some connections.
type rawServed struct {
	prefix string
	free   chan *rawWriter
	all    []*rawWriter
	next   atomic.Int64
}

// rawWriter is one of the connections, with the rows of a ticket that the desk wrote.
type rawWriter struct {
	ticketWriter
	rows []rawRow
	rnd  *rand.Rand
	args []any
}

// newRaw makes tables as the desk's, and takes over the rows of its last ticket.
func (s *server) newRaw(ctx context.Context, d *desk, connections int) (*rawServed, error) {
	prefix := newPrefix()
	st, err := s.open(ctx, s.dsn, prefix, 1)
	if err != nil {
		return nil, err
	}
	if err := st.Close(); err != nil {
		return nil, err
	}
	r := &rawServed{prefix: prefix, free: make(chan *rawWriter, connections)}
	rows, err := s.lastTicket(ctx, d.path, prefix, &r.next)
	if err != nil {
		return nil, err
	}
	for n := range connections {
		w := &rawWriter{rows: make([]rawRow, len(rows)), rnd: rand.New(rand.NewPCG(uint64(n), 2))}
		for i, row := range rows {
			row.values = slices.Clone(row.values)
			w.rows[i] = row
		}
		if w.ticketWriter, err = s.writer(ctx, s.dsn, w.rows); err != nil {
			return nil, errors.Join(err, r.close())
		}
		r.all = append(r.all, w)
		r.free <- w
	}
	return r, nil
}

// lastTicket reads the rows that belong to the desk's last ticket, as rows of tables whose names begin with to.
func (s *server) lastTicket(ctx context.Context, from, to string, next *atomic.Int64) (out []rawRow, err error) {
	var id, greatest int64
	if err := s.db.QueryRowContext(ctx, "SELECT max(id) FROM "+from+"tickets").Scan(&id); err != nil {
		return nil, err
	}
	// The raw program's ids are of as many digits as the desk's.
	if err := s.db.QueryRowContext(ctx, "SELECT max(id) FROM "+from+"events").Scan(&greatest); err != nil {
		return nil, err
	}
	next.Store(max(id, greatest))
	for _, t := range []struct{ table, where string }{
		{"keys", "kind = 'code' AND holder = ?"}, {"tickets", "id = ?"}, {"facets", "ticket = ?"}, {"field_values", "ticket = ?"}, {"messages", "ticket = ?"}, {"events", "ticket = ?"},
		{"work", "ticket = ?"}, {"stale", "ticket = ?"}, {"tally_changes", "0 < ? ORDER BY id DESC LIMIT 1"},
	} {
		rows, err := s.rowsOf(ctx, from+t.table, t.where, id)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			r.table = to + t.table
			out = append(out, r)
		}
	}
	return out, nil
}

// rowsOf reads rows of a table; what the server numbers itself is left out.
func (s *server) rowsOf(ctx context.Context, table, where string, id int64) (out []rawRow, err error) {
	rows, err := s.db.QueryContext(ctx, s.bind("SELECT * FROM "+table+" WHERE "+where), id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	cols, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		row := rawRow{cols: cols, values: make([]any, len(cols))}
		into := make([]any, len(cols))
		for i := range into {
			into[i] = &row.values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		for i, v := range row.values {
			if b, ok := v.([]byte); ok {
				row.values[i] = string(b)
			}
		}
		if strings.HasSuffix(table, "tally_changes") {
			row.cols, row.values = cols[1:], row.values[1:]
		}
		out = append(out, row)
	}
	return out, rows.Err()
}

// create writes one ticket, as soon as a connection is free.
func (r *rawServed) create(ctx context.Context) error {
	w := <-r.free
	defer func() { r.free <- w }()
	id := r.next.Add(1)
	w.args = w.args[:0]
	for i := range w.rows {
		w.rows[i].renew(id, w.rnd)
		w.args = append(w.args, w.rows[i].values...)
	}
	return w.write(ctx, w.args)
}

func (r *rawServed) close() (err error) {
	for _, w := range r.all {
		err = errors.Join(err, w.close())
	}
	return err
}
