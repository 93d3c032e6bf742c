package mysql

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/lists"
	"github.com/helpdeskgo/helpdesk/store/internal/remote"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// ErrUnfit says that a connection, or a transaction of the host's, is not one that the store can work with.
var ErrUnfit = remote.ErrUnfit

// Options configure a store. The zero value is ready to use.
type Options struct {
	// BusyTimeout is how long a caller waits for a connection, for a lock (of connections that Open made), and for a
	// server that is away, before ticket.ErrBusy; default 5 s.
	BusyTimeout time.Duration
	// IdleTimeout is how long a connection that Open made may do nothing at all, before the server ends it and frees what
	// it has locked: a process that stands still must not hold up the others. Default 30 s; hooks that wait for something
	// else within a transaction must be done by then.
	IdleTimeout time.Duration
	// PollInterval is how often Wake looks, at the least, whether others have put work; default 500 ms.
	PollInterval time.Duration
	// TablePrefix starts the name of every table: letters, digits and underscores; default "helpdesk_". Stores with
	// different prefixes share a database without seeing each other.
	TablePrefix string
	// Connections is how many Open makes at most; default 16. A few more come beside them, for moments, when those are
	// busy.
	Connections int
	// SearchOff leaves search out: nothing is noted for it, and searches fail with store.ErrSearchOff. All processes on a
	// database must agree. The first store that is opened without it has everything indexed anew.
	SearchOff bool

	reach lists.Reach // of lists; the zero value is the usual one
}

var prefixForm = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,29}$`)

// withDefaults returns a copy with every zero field set, or ticket.ErrInvalid.
func (o *Options) withDefaults() (Options, error) {
	var out Options
	if o != nil {
		out = *o
	}
	out.BusyTimeout = orDefault(out.BusyTimeout, 5*time.Second)
	out.IdleTimeout = orDefault(out.IdleTimeout, 30*time.Second)
	out.PollInterval = orDefault(out.PollInterval, 500*time.Millisecond)
	out.TablePrefix = cmp.Or(out.TablePrefix, "helpdesk_")
	if out.Connections < 0 {
		return out, fmt.Errorf("mysql: %w", ticket.Invalid("connections", ticket.FaultOutOfRange, "are below 0: leave it out, or give how many there may be"))
	}
	out.Connections = cmp.Or(out.Connections, 16)
	if !prefixForm.MatchString(out.TablePrefix) {
		return out, fmt.Errorf("mysql: %w", ticket.Invalid("table_prefix", ticket.FaultMalformed, "use at most 30 letters, digits and underscores, no digit first"))
	}
	return out, nil
}

func orDefault(d, def time.Duration) time.Duration {
	if d <= 0 {
		return def
	}
	return d
}

// Store is the tables of one desk in a database of MariaDB or MySQL. Make it with Open or Use. It is safe for concurrent
// use, by any number of processes. It fulfils store.Store, store.HostTx, store.Waker, store.Settler, store.TallyChecker
// and store.Searcher.
type Store struct{ *remote.Store }

var (
	_ store.Store        = (*Store)(nil)
	_ store.HostTx       = (*Store)(nil)
	_ store.Waker        = (*Store)(nil)
	_ store.Settler      = (*Store)(nil)
	_ store.TallyChecker = (*Store)(nil)
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// Migrations returns the schema's migrations, for hosts that run or review such things themselves. {p} in them is the
// database and Options.TablePrefix, {i} the prefix alone. A file is never changed after its release.
func Migrations() (fs.FS, error) { return fs.Sub(migrationFiles, "migrations") }

// Open connects to a database, and makes the tables or brings them up to date. dsn is as go-sql-driver takes it
// (https://github.com/go-sql-driver/mysql#dsn-data-source-name). Errors: ticket.ErrInvalid for options that cannot be;
// ticket.ErrBusy where the server cannot be reached; ticket.ErrSchema for tables of a newer version.
func Open(ctx context.Context, dsn string, opts *Options) (*Store, error) {
	o, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	cfg, err := mysql.ParseDSN(dsn)
	if err != nil {
		return nil, fmt.Errorf("mysql: %w (%w)", ticket.Invalid("dsn", ticket.FaultMalformed, "is none of go-sql-driver's: write it as user:password@tcp(host:3306)/database"), err)
	}
	cfg.MultiStatements, cfg.InterpolateParams, cfg.ClientFoundRows, cfg.MaxAllowedPacket = true, true, false, 0
	cfg.Logger = &mysql.NopLogger{} // what happens to connections the store tells its callers
	if err := cfg.Apply(mysql.Charset("utf8mb4", "")); err != nil {
		return nil, fmt.Errorf("mysql: %w", err)
	}
	c, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, fmt.Errorf("mysql: %w", err)
	}
	set := connector{c, []string{
		"SET SESSION sql_mode = 'STRICT_ALL_TABLES'",
		"SET SESSION innodb_lock_wait_timeout = " + strconv.Itoa(max(1, int(o.BusyTimeout.Seconds()))),
		"SET SESSION wait_timeout = " + strconv.Itoa(max(1, int(o.IdleTimeout.Seconds()))),
		"SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
	}}
	db, side := sql.OpenDB(set), sql.OpenDB(set)
	db.SetMaxOpenConns(o.Connections)
	for _, pool := range []*sql.DB{db, side} {
		pool.SetMaxIdleConns(o.Connections)
		pool.SetConnMaxIdleTime(o.IdleTimeout / 2) // before the server ends it
	}
	side.SetMaxIdleConns(2)
	end := func() error { return errors.Join(db.Close(), side.Close()) }
	s, err := build(ctx, db, side, o, true, end)
	if err != nil {
		return nil, errors.Join(err, end())
	}
	return s, nil
}

// connector sets up the connections that it makes.
type connector struct {
	driver.Connector
	settings []string
}

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	for _, text := range c.settings {
		if _, err := conn.(driver.ExecerContext).ExecContext(ctx, text, nil); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	return conn, nil
}

// Use makes a store over a host's *sql.DB, which must be one of go-sql-driver, or it is ErrUnfit. Close leaves it open.
// Its sql_mode must be strict. It needs a connection more than there are transactions at once: a bound on its
// connections must leave some.
func Use(ctx context.Context, db *sql.DB, opts *Options) (*Store, error) {
	o, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	if db == nil {
		return nil, fmt.Errorf("mysql: %w", ticket.Invalid("db", ticket.FaultRequired, "is missing"))
	}
	if _, ok := db.Driver().(*mysql.MySQLDriver); !ok {
		return nil, fmt.Errorf("mysql: the handle is of another driver (%T): open it with github.com/go-sql-driver/mysql: %w", db.Driver(), ErrUnfit)
	}
	var mode string
	limited, cancel := context.WithTimeout(ctx, o.BusyTimeout)
	defer cancel()
	if err := db.QueryRowContext(limited, "SELECT @@SESSION.sql_mode").Scan(&mode); err != nil {
		return nil, remote.Judged("mysql", "connect", judge(err), err)
	}
	if !strict(mode) {
		return nil, fmt.Errorf("mysql: the handle cuts what is too long in silence: add sql_mode='STRICT_ALL_TABLES' to its DSN: %w", ErrUnfit)
	}
	rows, err := db.QueryContext(ctx, "SELECT ?; SELECT ?", 1, 2)
	if err == nil {
		err = errors.Join(rows.Err(), rows.Close())
	}
	return build(ctx, db, db, o, err == nil, func() error { return nil })
}

func build(ctx context.Context, db, side *sql.DB, o Options, several bool, end func() error) (*Store, error) {
	limited, cancel := context.WithTimeout(ctx, o.BusyTimeout)
	defer cancel()
	packet, err := packetOf(limited, db)
	if err != nil {
		return nil, err
	}
	if !several {
		packet = 0
	}
	d, err := dialect(packet / 2)
	if err != nil {
		return nil, err
	}
	s := &Store{}
	s.Store, err = remote.New(ctx, s, d, db, side, remote.Settings{
		BusyTimeout: o.BusyTimeout, PollInterval: o.PollInterval, TablePrefix: o.TablePrefix, SearchOff: o.SearchOff, Reach: o.reach, Whole: db == side}, end) // what others opened may have any isolation
	if err != nil {
		return nil, err
	}
	return s, nil
}

// packetOf asks how many bytes the server takes at once.
func packetOf(ctx context.Context, db *sql.DB) (bytes int, err error) {
	if err := db.QueryRowContext(ctx, "SELECT @@max_allowed_packet").Scan(&bytes); err != nil {
		return 0, remote.Judged("mysql", "connect", judge(err), err)
	}
	if bytes < leastPacket {
		return 0, fmt.Errorf("mysql: the server takes %d bytes at once (max_allowed_packet): have it take 16 MB: %w", bytes, ErrUnfit)
	}
	return bytes, nil
}
