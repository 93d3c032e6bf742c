package main

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// raw is the program that somebody would write who wants just these rows in just this schema: prepared statements on
// one connection, one transaction for each ticket.
type raw struct {
	mu     sync.Mutex
	conn   *sql.Conn
	db     *sql.DB
	path   string
	begin  *sql.Stmt
	commit *sql.Stmt
	rows   []rawRow
	counts numbers
	next   int64
	rnd    *rand.Rand
}

// rawRow is one insert, with the values of a row that the desk wrote.
type rawRow struct {
	table  string
	stmt   *sql.Stmt
	cols   []string
	values []any
}

// numbers is the row of numbers that a new ticket changes. The raw program is the only one that writes, so it keeps
// them in memory, and need not read them. They change with each ticket, as the desk's do: SQLite leaves out a page whose
// bytes stay the same, and that would be one page less for each commit.
type numbers struct {
	stmt          *sql.Stmt
	place         [3]any // folder, department, brand
	before, after string // of the text, the two numbers left out
	tickets       int64
	unread        int64
}

// newRaw makes a file with the same schema, and takes over the rows of the last ticket in the desk's file.
func newRaw(ctx context.Context, e *env, from string, full bool) (*raw, error) {
	path := filepath.Join(e.dir, fmt.Sprintf("raw-%d.db", rand.Int64()))
	s, err := sqlite.Open(ctx, path, nil)
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	return openRaw(ctx, path, from, full)
}

// openRaw opens the raw program on a file that has the schema, which may be the desk's own.
func openRaw(ctx context.Context, path, from string, full bool) (*raw, error) {
	r := &raw{path: path, rnd: rand.New(rand.NewPCG(1, 2))}
	sync := "NORMAL"
	if full {
		sync = "FULL"
	}
	var err error
	// The cache is as large as that of the store's writer, and what statements put aside is in memory there, too.
	pragmas := "?_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)&_pragma=cache_size(-16384)&_pragma=temp_store(2)&_pragma=synchronous(" + sync + ")"
	if r.db, err = sql.Open("sqlite", "file:"+r.path+pragmas); err != nil {
		return nil, err
	}
	if r.conn, err = r.db.Conn(ctx); err != nil {
		return nil, err
	}
	if r.begin, err = r.conn.PrepareContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return nil, err
	}
	if r.commit, err = r.conn.PrepareContext(ctx, "COMMIT"); err != nil {
		return nil, err
	}
	return r, r.copyRows(ctx, from)
}

func (r *raw) close() error {
	if err := r.conn.Close(); err != nil {
		return err
	}
	return r.db.Close()
}

// copyRows reads every row that belongs to the newest ticket of the desk's file.
func (r *raw) copyRows(ctx context.Context, from string) error {
	db, err := sql.Open("sqlite", "file:"+from)
	if err != nil {
		return err
	}
	defer db.Close()
	var id int64
	if err := db.QueryRowContext(ctx, "SELECT max(id) FROM helpdesk_tickets").Scan(&id); err != nil {
		return err
	}
	// The raw program's ids are of as many digits as the desk's, and no row of a full desk has them.
	const greatest = "SELECT max(id) FROM (SELECT max(id) AS id FROM helpdesk_tickets UNION ALL SELECT max(id) FROM helpdesk_messages UNION ALL SELECT max(id) FROM helpdesk_events)"
	if err := db.QueryRowContext(ctx, greatest).Scan(&r.next); err != nil {
		return err
	}
	of := []struct{ table, where string }{
		{"helpdesk_keys", "kind = 'code' AND id"}, {"helpdesk_tickets", "id"}, {"helpdesk_facets", "ticket"}, {"helpdesk_messages", "ticket"}, {"helpdesk_events", "ticket"}, {"helpdesk_work", "ticket"},
		{"helpdesk_stale", "ticket"},
	}
	for _, t := range of {
		if err := r.copyTable(ctx, db, t.table, t.where, id); err != nil {
			return err
		}
	}
	return r.copyNumbers(ctx, db, id)
}

// copyNumbers takes over the row of numbers of the ticket's place, and finds in it the line that the ticket counts in.
func (r *raw) copyNumbers(ctx context.Context, db *sql.DB, id int64) error {
	c := &r.counts
	var stored, line string
	err := db.QueryRowContext(ctx, `SELECT n.folder, n.department, n.brand, n.numbers, hex(t.class) || ' ' || hex(t.status) || ' ' || (t.assignee <> '') || ' '
		FROM helpdesk_tickets t JOIN helpdesk_tallies n ON n.folder = t.folder AND n.department = t.department AND n.brand = t.brand
		WHERE t.id = ?`, id).Scan(&c.place[0], &c.place[1], &c.place[2], &stored, &line)
	if err != nil {
		return err
	}
	at := strings.Index("\n"+stored, "\n"+line)
	if at < 0 {
		return fmt.Errorf("no numbers of the ticket's kind in %q", stored)
	}
	at += len(line)
	end := at + strings.IndexByte(stored[at:]+"\n", '\n')
	c.before, c.after = stored[:at], stored[end:]
	if _, err := fmt.Sscan(stored[at:end], &c.tickets, &c.unread); err != nil {
		return err
	}
	c.stmt, err = r.conn.PrepareContext(ctx, `INSERT INTO helpdesk_tallies (folder, department, brand, numbers) VALUES (?, ?, ?, ?)
		ON CONFLICT (folder, department, brand) DO UPDATE SET numbers = excluded.numbers`)
	if err != nil {
		return err
	}
	return c.add(ctx) // as on a desk that has tickets there
}

// add counts one more unread ticket.
func (c *numbers) add(ctx context.Context) error {
	c.tickets, c.unread = c.tickets+1, c.unread+1
	now := c.before + strconv.FormatInt(c.tickets, 10) + " " + strconv.FormatInt(c.unread, 10) + c.after
	_, err := c.stmt.ExecContext(ctx, c.place[0], c.place[1], c.place[2], now)
	return err
}

func (r *raw) copyTable(ctx context.Context, db *sql.DB, table, where string, id int64) error {
	rows, err := db.QueryContext(ctx, fmt.Sprintf("SELECT * FROM %s WHERE %s = ?", table, where), id)
	if err != nil {
		return err
	}
	defer rows.Close()
	cols, err := rows.Columns()
	if err != nil {
		return err
	}
	for rows.Next() {
		row := rawRow{table: table, cols: cols, values: make([]any, len(cols))}
		ptrs := make([]any, len(cols))
		for i := range ptrs {
			ptrs[i] = &row.values[i]
		}
		if err := rows.Scan(ptrs...); err != nil {
			return err
		}
		q := fmt.Sprintf("INSERT INTO %s VALUES (?%s)", table, strings.Repeat(", ?", len(cols)-1))
		if row.stmt, err = r.conn.PrepareContext(ctx, q); err != nil {
			return err
		}
		r.rows = append(r.rows, row)
	}
	return rows.Err()
}

// create writes one ticket in one transaction.
func (r *raw) create(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, err := r.begin.ExecContext(ctx); err != nil {
		return err
	}
	r.next++
	for i := range r.rows {
		r.rows[i].renew(r.next, r.rnd)
		if _, err := r.rows[i].stmt.ExecContext(ctx, r.rows[i].values...); err != nil {
			return err
		}
	}
	if err := r.counts.add(ctx); err != nil {
		return err
	}
	_, err := r.commit.ExecContext(ctx)
	return err
}

// renew gives a row new identities of the same length as the old ones.
func (row *rawRow) renew(id int64, rnd *rand.Rand) {
	for i, c := range row.cols {
		switch {
		case c == "id", c == "ticket", c == "event", c == "holder":
			row.values[i] = id
		case strings.HasSuffix(row.table, "keys") && (c == "key" || c == "name"):
			row.values[i] = ticket.RandomCode{}.New("", 0, rnd)
		case c == "order_key":
			binding, _, _ := strings.Cut(row.values[i].(string), "/")
			row.values[i] = binding + "/" + strconv.FormatInt(id, 10)
		}
	}
}
