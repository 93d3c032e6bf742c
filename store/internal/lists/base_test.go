package lists

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // the driver

	"github.com/helpdeskgo/helpdesk/store/internal/row"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// base is a database with the tables of a store.
type base struct {
	d      *Dialect
	conn   *sql.Conn
	rebind func(string) string
	asked  int // statements
}

// Each runs a statement as stores do.
func (b *base) Each(ctx context.Context, fn func(func(...any) error) error, text string, args ...any) error {
	rows, err := b.Open(ctx, text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Open leaves rows open.
func (b *base) Open(ctx context.Context, text string, args ...any) (Rows, error) {
	b.asked++
	return b.conn.QueryContext(ctx, b.rebind(text), args...)
}

// Keep copies a document.
func (b *base) Keep(doc []byte) []byte { return append([]byte{}, doc...) }

func (b *base) reader() Reader { return Reader{Source: b, Dialect: b.d, Reach: UsualReach} }

// newFile makes a file as the SQLite store does.
func newFile(t *testing.T) *base {
	t.Helper()
	b := &base{d: SQLite, rebind: prefixed}
	b.open(t, "sqlite", filepath.Join(t.TempDir(), "desk.db"), "../../sqlite/migrations")
	return b
}

func prefixed(text string) string {
	return strings.NewReplacer("{p}", "helpdesk_", "{i}", "helpdesk_").Replace(text)
}

// open makes the tables by a store's migrations.
func (b *base) open(t *testing.T, driver, dsn, migrations string) {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if b.conn, err = db.Conn(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.conn.Close() })
	files, err := filepath.Glob(filepath.Join(migrations, "*.sql"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no migrations in %s: %v", migrations, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		b.exec(t, string(text))
	}
}

func (b *base) exec(t *testing.T, text string, args ...any) {
	t.Helper()
	if _, err := b.conn.ExecContext(t.Context(), b.rebind(text), args...); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
}

// put writes tickets as stores do, many in a statement.
func (b *base) put(t *testing.T, all ...*ticket.Ticket) {
	t.Helper()
	b.exec(t, "BEGIN")
	for some := range slices.Chunk(all, 500) {
		var tickets, facets, fields [][]any
		for _, x := range some {
			doc, err := row.Encode(row.Kept(x))
			if err != nil {
				t.Fatal(err)
			}
			r := row.Of(x)
			tickets = append(tickets, append(r.Columns.AppendTo([]any{x.ID}), doc))
			for _, f := range r.Facets {
				facets = append(facets, []any{f.Kind, f.Value, r.Columns.Updated, x.ID})
			}
			for _, f := range r.Fields {
				fields = append(fields, []any{x.ID, f.Code, string(f.Key)})
			}
		}
		b.insert(t, "tickets (id, "+row.Names+", doc)", tickets)
		b.insert(t, "facets (kind, value, updated, ticket)", facets)
		b.insert(t, "field_values (ticket, field, value)", fields)
	}
	b.exec(t, "COMMIT")
}

func (b *base) insert(t *testing.T, into string, rows [][]any) {
	t.Helper()
	if len(rows) == 0 {
		return
	}
	one := "(?" + strings.Repeat(", ?", len(rows[0])-1) + ")"
	b.exec(t, "INSERT INTO {p}"+into+" VALUES "+one+strings.Repeat(", "+one, len(rows)-1), slices.Concat(rows...)...)
}

// fill puts tickets of few values, so that statistics have something to be wrong about: one of 50 is open.
func (b *base) fill(t *testing.T, n int) {
	t.Helper()
	b.fillOpen(t, n, 50)
}

// fillOpen puts tickets of which one of so many is open.
func (b *base) fillOpen(t *testing.T, n, every int) {
	t.Helper()
	var all []*ticket.Ticket
	for i := range n {
		at := row.FromMicros(int64(i))
		x := &ticket.Ticket{ID: int64(i + 1), Folder: ticket.Archive, Class: ticket.ClassClosed, Status: "closed", Department: "support", Brand: "main",
			Priority: "low", CreatedAt: at, UpdatedAt: at, LastReplyAt: at, Requester: ticket.Person{ID: "42", Email: "ann@example.com"}, Organisation: "acme",
			Assignee: "7", Watchers: []string{"7"}, Tags: []string{"light"}, Fields: map[string]string{"due": "2026-01-02", "size": fmt.Sprint(i % 3)}}
		if i%every == 0 {
			x.Folder, x.Class, x.Status, x.Priority, x.Department, x.Fields = ticket.Inbox, ticket.ClassOpen, "open", "none", "sales", nil
		}
		all = append(all, x)
	}
	b.put(t, all...)
}

// analyse has SQLite gather statistics, and read them.
func (b *base) analyse(t *testing.T) {
	t.Helper()
	b.exec(t, "ANALYZE")
	b.exec(t, "ANALYZE sqlite_schema")
	rows, err := b.reader().number(t.Context(), "SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'helpdesk_tickets'")
	if err != nil || rows < 10 {
		t.Fatalf("%d statistics, %v", rows, err)
	}
}

// plan returns the lines of SQLite's own account.
func (b *base) plan(t *testing.T, text string, args []any) (out []string) {
	t.Helper()
	err := b.Each(t.Context(), func(scan func(...any) error) error {
		var id, parent, unused sql.NullInt64
		var detail string
		err := scan(&id, &parent, &unused, &detail)
		out = append(out, detail)
		return err
	}, "EXPLAIN QUERY PLAN "+text, args...)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return out
}
