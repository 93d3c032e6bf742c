package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the driver

	"github.com/helpdeskgo/helpdesk/store/internal/lists"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Open opens the SQLite file at path, creates it if it is not there, and brings its schema up to date. opts may be nil.
//
// Errors: fs.ErrNotExist for a missing directory, ErrNotDatabase, ErrReadOnly, ticket.ErrSchema for a file of a newer
// library, ticket.ErrInvalid for options and for a path that names no file, ticket.ErrBusy.
func Open(ctx context.Context, path string, opts *Options) (*Store, error) {
	o, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	path, err = checkPath(path)
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", dsn(path, o))
	if err != nil {
		return nil, fmt.Errorf("sqlite: open %s: %w", path, err)
	}
	s, err := open(ctx, db, o)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), db.Close())
	}
	s.owned = true
	return s, nil
}

// Use opens a store on a *sql.DB of the host's, which must be of modernc.org/sqlite and on a file. The store keeps
// Options.Readers + 2 of its connections for itself; SetMaxOpenConns must leave room for them. Close gives them back,
// and leaves db open. The pragmas of the host's connections are left alone; the file is in WAL mode from now on.
//
// The host's own statements need a busy timeout, and its transactions that read before they write need to begin as
// writers, or they fail whenever the store writes: have
// _pragma=busy_timeout(5000)&_pragma=foreign_keys(1)&_txlock=immediate in the DSN. Use does not ask for that, since the
// store sets up its own connections; WithTx, which works on the host's, refuses one without a busy timeout or foreign
// keys with ErrUnfit.
//
// Errors: as for Open, and ErrUnfit.
func Use(ctx context.Context, db *sql.DB, opts *Options) (*Store, error) {
	o, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	if most := db.Stats().MaxOpenConnections; most > 0 && most < o.Readers+3 {
		return nil, fmt.Errorf("sqlite: the pool allows %d connections, and the store needs %d: raise SetMaxOpenConns or lower Readers: %w",
			most, o.Readers+3, ErrUnfit)
	}
	return open(ctx, db, o)
}

// checkPath returns path as an absolute one, if a database can be there.
func checkPath(path string) (string, error) {
	if path == "" || strings.HasPrefix(path, ":memory:") || strings.HasPrefix(path, "file:") {
		return "", invalid("path", ticket.FaultMalformed, "%q names no file: give a plain path; package store/memory keeps nothing", path)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("sqlite: %w", err)
	}
	if _, err := os.Stat(filepath.Dir(path)); errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("sqlite: open %s: make its directory first: %w", path, err)
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return path, create(path)
	case err != nil:
		return "", fmt.Errorf("sqlite: %w", err)
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("sqlite: open %s: it is no regular file: %w", path, ErrNotDatabase)
	case info.Mode().Perm()&0o222 == 0: // a privileged process could write all the same; whoever set this did not want that
		return "", fmt.Errorf("sqlite: open %s: its mode is %s: %w", path, info.Mode(), ErrReadOnly)
	}
	return path, nil
}

// create makes the empty file that a new database is, so that a folder in which nobody may write is named as such.
func create(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644) //nolint:gosec // the mode that SQLite itself would give it
	if err != nil {
		return fmt.Errorf("sqlite: make a new file: %w", err)
	}
	return f.Close()
}

// dsn names the file for the driver, with settings that suit the host's own statements; the store's connections set
// theirs themselves.
func dsn(path string, o Options) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/desk.db
	}
	q := url.Values{"_txlock": {"immediate"}, "_pragma": {
		fmt.Sprintf("busy_timeout(%d)", o.BusyTimeout.Milliseconds()), "foreign_keys(1)", synchronous(o),
	}}
	return (&url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: q.Encode()}).String()
}

func synchronous(o Options) string {
	if o.Durability == Normal {
		return "synchronous(NORMAL)"
	}
	return "synchronous(FULL)"
}

func open(ctx context.Context, db *sql.DB, o Options) (*Store, error) {
	s := &Store{opts: o, db: db, floors: newFloors(), reach: lists.UsualReach}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, classify("connect", err)
	}
	if err := s.prepare(ctx, conn); err != nil {
		discard(conn)
		return nil, err
	}
	s.writer = newWriter(s, conn)
	s.pool = newPool(s)
	s.wakers.s = s
	return s, nil
}

// prepare makes conn the writer's connection and the file a store of this version.
func (s *Store) prepare(ctx context.Context, conn *sql.Conn) error {
	if err := s.identify(ctx, conn); err != nil {
		return err
	}
	if err := retry(ctx, time.Now().Add(s.opts.BusyTimeout), func() error { return setup(conn, s.opts, 0, writerCache) }); err != nil {
		return err
	}
	return s.migrate(ctx, conn)
}

// identify learns which file and which library a connection is of.
func (s *Store) identify(ctx context.Context, conn *sql.Conn) error {
	ours, err := librarySource(ctx)
	if err != nil {
		return err
	}
	err = conn.QueryRowContext(ctx, "SELECT sqlite_source_id(), (SELECT file FROM pragma_database_list WHERE name = 'main')").Scan(&s.source, &s.file)
	if err != nil {
		return classify("look at the connection", err)
	}
	if s.source != ours {
		return fmt.Errorf("sqlite: the handle uses another SQLite library, and two of them in one process break each other's locks: "+
			"open it with modernc.org/sqlite: %w", ErrUnfit)
	}
	if s.file == "" {
		return fmt.Errorf("sqlite: the database is in memory: give it a file: %w", ErrUnfit)
	}
	return nil
}

// librarySource returns the id of the SQLite that this package was built with.
func librarySource(ctx context.Context) (id string, err error) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return "", fmt.Errorf("sqlite: %w", err)
	}
	defer func() { _ = db.Close() }()
	return id, classify("read the library's version", db.QueryRowContext(ctx, "SELECT sqlite_source_id()").Scan(&id))
}

// How much of the file a connection holds, in KB. In memory that is twice as much, and there are as many readers as
// Options.Readers: what they share is the system's cache.
const (
	writerCache = 16384
	readerCache = 6144
)

// setup sets the pragmas of a connection of the store's own. The page size matters only to a new file.
func setup(conn *sql.Conn, o Options, busy time.Duration, cache int) error {
	ctx := context.Background()
	_, err := conn.ExecContext(ctx, fmt.Sprintf("PRAGMA busy_timeout = %d; PRAGMA page_size = 4096", busy.Milliseconds()))
	if err != nil {
		return classify("set up a connection", err)
	}
	var mode string
	if err := conn.QueryRowContext(ctx, "PRAGMA journal_mode = WAL").Scan(&mode); err != nil {
		return classify("turn on WAL", err)
	}
	if mode != "wal" {
		return fmt.Errorf("sqlite: the file cannot be in WAL mode, it is in %q: use a local disk: %w", mode, ErrUnfit)
	}
	pragmas := "PRAGMA synchronous = FULL"
	if o.Durability == Normal {
		pragmas = "PRAGMA synchronous = NORMAL"
	}
	// temp_store: the images of pages that a savepoint would put back stay in memory. In a file they cost a third of a
	// busy writer's time.
	_, err = conn.ExecContext(ctx, fmt.Sprintf("%s; PRAGMA foreign_keys = ON; PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -%d; PRAGMA temp_store = MEMORY", pragmas, cache))
	return classify("set up a connection", err)
}

// discard closes a connection instead of giving it back with our pragmas on it.
func discard(conn *sql.Conn) {
	_ = conn.Raw(func(any) error { return driver.ErrBadConn })
	_ = conn.Close()
}

// retry repeats fn while the database is busy, with growing, uneven pauses, until ctx ends or the deadline has passed.
func retry(ctx context.Context, deadline time.Time, fn func() error) error {
	for pause := firstPause; ; pause = min(2*pause, maxPause) {
		err := fn()
		if err == nil || !isBusy(err) {
			return err
		}
		if !time.Now().Before(deadline) {
			return fmt.Errorf("sqlite: another process holds the database: %w", ticket.ErrBusy)
		}
		if err := sleep(ctx, jitter(pause)); err != nil {
			return err
		}
	}
}
