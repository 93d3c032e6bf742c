package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store"
)

// served is a store on a server.
type served interface {
	store.Store
	store.Settler
	store.Searcher
	DB() *sql.DB
}

// kind is what PostgreSQL, or MariaDB and MySQL, do in their own way.
type kind struct {
	name    string
	program string // what people call raw SQL there
	start   func(tb testing.TB, dir string) (dsn string)
	// open opens a store whose tables' names begin so.
	open func(ctx context.Context, dsn, prefix string, connections int) (served, error)
	// connect is the raw side's way to the server; its statements are prepared on each connection.
	connect func(dsn string) (*sql.DB, error)
	// writer prepares a connection that writes the rows of one ticket in one round trip.
	writer     func(ctx context.Context, dsn string, rows []rawRow) (ticketWriter, error)
	commits    string // a query of how many transactions have written
	commitAt   int    // in what column of its answer
	committed  string // what that counts
	migrations func() (fs.FS, error)
	uncount    []string // has the server drop differences of numbers: {p} begins the names of tables
	catalog    catalog
	sql        rawSQL
	bind       func(text string) string // puts the server's own signs in the place of ?
	tidy       string                   // brings statistics of a table up to date
}

// server is where the lines of a desk on a server run. Its tables lie beside each other: their names begin differently.
type server struct {
	*kind
	dsn string
	db  *sql.DB
}

// temporary begins the names of tables that go with the run.
const temporary = "bench_tmp"

// serve runs fn with a server of the kind: the one that dsn names, or a private one whose data stay under dir.
func serve(ctx context.Context, kindName, dsn, dir string, fn func(*server) error) (err error) {
	k, ok := kinds[kindName]
	if !ok {
		return fmt.Errorf("no store %q: use sqlite, postgres or mysql", kindName)
	}
	if dsn != "" {
		return k.use(ctx, dsn, fn)
	}
	home := filepath.Join(dir, kindName)
	if err := os.MkdirAll(home, 0o755); err != nil { //nolint:gosec // the server is another user where root runs this
		return err
	}
	if !alone(func(tb testing.TB) { dsn = k.start(tb, home); err = k.use(ctx, dsn, fn) }) {
		return errors.New("there is no server: see above")
	}
	return err
}

func (k *kind) use(ctx context.Context, dsn string, fn func(*server) error) (err error) {
	s := &server{kind: k, dsn: dsn}
	if s.db, err = k.connect(dsn); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.db.Close()) }()
	if err := s.drop(ctx, temporary); err != nil { // what a run has left that was killed
		return err
	}
	return fn(s)
}

// tables lists those whose names begin with a prefix.
func (s *server) tables(ctx context.Context, prefix string) ([]string, error) {
	return column(ctx, s.db, s.bind(s.catalog.tables), strings.ReplaceAll(prefix, "_", `\_`)+"%")
}

// drop removes all tables whose names begin with a prefix.
func (s *server) drop(ctx context.Context, prefix string) error {
	list, err := s.tables(ctx, prefix)
	for _, t := range list {
		if err == nil {
			_, err = s.db.ExecContext(ctx, "DROP TABLE "+t)
		}
	}
	return err
}

// newPrefix begins the names of tables that nobody has.
func newPrefix() string { return fmt.Sprintf("%s%08x_", temporary, rand.Uint32()) }

// newDesk makes a desk of its own, as the desk of lines on files is.
func (s *server) newDesk(ctx context.Context, connections, events int) (*desk, error) {
	prefix := newPrefix()
	st, err := s.open(ctx, s.dsn, prefix, connections)
	if err != nil {
		return nil, err
	}
	h, err := helpdesk.New(ctx, st, &helpdesk.Config{Dispatch: helpdesk.Manual})
	if err != nil {
		return nil, errors.Join(err, st.Close())
	}
	d := &desk{Desk: h, s: st, path: prefix}
	d.bind(events)
	return d, d.create(ctx)
}

// accountOf counts what an operation writes in the tables whose names begin so.
func (s *server) accountOf(ctx context.Context, prefix string, n int, op func(int) error) (account, error) {
	r0, b0, err := contents(ctx, s.db, s.catalog, s.bind, strings.ReplaceAll(prefix, "_", `\_`)+"%")
	if err != nil {
		return account{}, err
	}
	c0, err := s.commitCount(ctx)
	if err == nil {
		err = op(n)
	}
	if err != nil {
		return account{}, err
	}
	c1, err := s.commitCount(ctx)
	if err != nil {
		return account{}, err
	}
	r1, b1, err := contents(ctx, s.db, s.catalog, s.bind, strings.ReplaceAll(prefix, "_", `\_`)+"%")
	per := func(v int64) float64 { return float64(v) / float64(n) }
	return account{per(r1 - r0), per(b1 - b0), per(c1 - c0)}, err
}

// commitCount counts the transactions that have written on the server.
func (s *server) commitCount(ctx context.Context) (n int64, err error) {
	into := make([]any, s.commitAt+1)
	var name string
	for i := range into {
		into[i] = &name
	}
	into[s.commitAt] = &n
	return n, s.db.QueryRowContext(ctx, s.commits).Scan(into...)
}
