package postgres

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/hostsql"
	"github.com/helpdeskgo/helpdesk/store/internal/remote"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// ErrUnfit says that a connection, or a transaction of the host's, is not one that the store can work with.
var ErrUnfit = remote.ErrUnfit

// Store is the tables of one desk in a PostgreSQL database. Make it with Open, Use or UseDB. It is safe for concurrent
// use, by any number of processes. It fulfils store.Store, store.HostTx, store.Waker, store.Settler, store.TallyChecker
// and store.Searcher.
type Store struct {
	*remote.Store
	joins *joiner
}

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
// schema and Options.TablePrefix, {i} the prefix alone. A file is never changed after its release.
func Migrations() (fs.FS, error) { return fs.Sub(migrationFiles, "migrations") }

// Open connects to a database, and makes the tables or brings them up to date. dsn is a URL or a list of settings as
// libpq takes them (https://www.postgresql.org/docs/current/libpq-connect.html, 34.1.1), with pgxpool's own settings.
// Errors: ticket.ErrInvalid for options that cannot be; ticket.ErrBusy where the server cannot be reached;
// ticket.ErrSchema for tables of a newer version.
func Open(ctx context.Context, dsn string, opts *Options) (*Store, error) {
	o, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w (%w)", ticket.Invalid("dsn", ticket.FaultMalformed, "is none of PostgreSQL's: write it as postgres://user:password@host:5432/database"), err)
	}
	switch {
	case o.Connections > 0:
		cfg.MaxConns = int32(min(o.Connections, 1<<20)) //nolint:gosec // bounded
	case !strings.Contains(dsn, "pool_max_conns"):
		cfg.MaxConns = 16
	}
	params := cfg.ConnConfig.RuntimeParams
	for name, value := range map[string]string{"application_name": "helpdesk", "lock_timeout": millis(o.BusyTimeout), "idle_in_transaction_session_timeout": millis(o.IdleTimeout)} {
		if params[name] == "" {
			params[name] = value
		}
	}
	params["default_transaction_isolation"], params["default_transaction_read_only"] = "read committed", "off" // of statements by themselves
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w (%w)", ticket.ErrBusy, err)
	}
	db := stdlib.OpenDBFromPool(pool)
	// Nobody else takes connections of this pool: those that are at work need not go back to it each time.
	db.SetMaxOpenConns(int(cfg.MaxConns))
	db.SetMaxIdleConns(int(cfg.MaxConns))
	db.SetConnMaxIdleTime(idle)
	db.SetConnMaxLifetime(cfg.MaxConnLifetime)
	s, err := use(ctx, pool, db, o, []string{begin}, pool.Close)
	if err != nil {
		pool.Close()
	}
	return s, err
}

// idle is how long database/sql keeps a connection that nobody needs: then its pool looks after it.
const idle = time.Minute

func millis(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// Use makes a store over a pool that stays the host's. Close leaves it open.
func Use(ctx context.Context, pool *pgxpool.Pool, opts *Options) (*Store, error) {
	o, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	if pool == nil {
		return nil, fmt.Errorf("postgres: %w", ticket.Invalid("pool", ticket.FaultRequired, "is missing"))
	}
	return use(ctx, pool, stdlib.OpenDBFromPool(pool), o, []string{begin, o.limits()}, func() {})
}

// use makes a store over a handle of the pool.
func use(ctx context.Context, pool *pgxpool.Pool, db *sql.DB, o Options, begin []string, end func()) (*Store, error) {
	side, closeSide := o.Beside, func() error { return nil }
	if side == nil {
		side = Beside(pool)
		closeSide = side.Close
	}
	s, err := build(ctx, db, side, newJoiner(pool.Config().ConnConfig), o, begin, func() error {
		err := errors.Join(db.Close(), closeSide())
		end()
		return err
	})
	if err != nil {
		_, _ = db.Close(), closeSide()
	}
	return s, err
}

// Beside makes the connections that several stores over one pool share as Options.Beside: a few, as they are needed, to
// the same server. Close them after the stores.
func Beside(pool *pgxpool.Pool) *sql.DB {
	if pool == nil { // Use says so
		return nil
	}
	return beside(pool.Config().ConnConfig)
}

// beside are connections for what a transaction needs while it holds one of the pool: they cannot be in the hands of
// others who wait for the same.
func beside(cfg *pgx.ConnConfig) *sql.DB {
	db := stdlib.OpenDB(*cfg.Copy())
	db.SetMaxIdleConns(2)
	db.SetConnMaxIdleTime(idle)
	return db
}

// UseDB makes a store over a host's *sql.DB, which must be one of pgx (package github.com/jackc/pgx/v5/stdlib), or it is
// ErrUnfit. Close leaves it open. The stores of many tenants share one handle over one pool (stdlib.OpenDBFromPool), and
// Options.Beside.
func UseDB(ctx context.Context, db *sql.DB, opts *Options) (*Store, error) {
	o, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	if db == nil {
		return nil, fmt.Errorf("postgres: %w", ticket.Invalid("db", ticket.FaultRequired, "is missing"))
	}
	limited, cancel := context.WithTimeout(ctx, o.BusyTimeout)
	defer cancel()
	c, err := db.Conn(limited)
	if err != nil {
		return nil, remote.Judged("postgres", "connect", judge(err), err)
	}
	var cfg *pgx.ConnConfig
	err = errors.Join(c.Raw(func(driver any) error {
		own, ok := driver.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("postgres: the handle is of another driver (%T): open it with github.com/jackc/pgx/v5/stdlib: %w", driver, ErrUnfit)
		}
		cfg = own.Conn().Config()
		return nil
	}), c.Close())
	if err != nil {
		return nil, err
	}
	side, end := o.Beside, func() error { return nil }
	if side == nil {
		side = beside(cfg)
		end = side.Close
	}
	s, err := build(ctx, db, side, newJoiner(cfg), o, []string{begin, o.limits()}, end)
	if err != nil {
		_ = end()
	}
	return s, err
}

func build(ctx context.Context, db, side *sql.DB, j *joiner, o Options, begin []string, end func() error) (*Store, error) {
	s := &Store{joins: j}
	d, err := dialect(o, s.joins)
	if err != nil {
		return nil, err
	}
	d.BeginWrite = begin
	s.Store, err = remote.New(ctx, s, d, db, side, o.settings(), end)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// schema finds the schema of the tables.
func (o Options) schema(ctx context.Context, db *sql.DB) (string, error) {
	var name sql.NullString
	err := db.QueryRowContext(ctx, "SELECT nspname FROM pg_namespace WHERE nspname = coalesce(nullif($1, ''), current_schema())", o.Schema).Scan(&name)
	if errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("there is no schema %q: make it, or name another: %w", o.Schema, ErrUnfit)
	}
	return pgx.Identifier{name.String}.Sanitize(), err
}

// WithPgxTx is WithTx for a transaction that the host began with pgx. Querier does not work in it: the host has tx.
func (s *Store) WithPgxTx(ctx context.Context, tx pgx.Tx) (context.Context, error) {
	if err := ctx.Err(); err != nil {
		return ctx, err
	}
	if tx == nil {
		return ctx, fmt.Errorf("postgres: %w", ticket.Invalid("tx", ticket.FaultRequired, "is missing"))
	}
	return s.Join(ctx, hostConn{tx, s.joins}, none{s.DB()})
}

// none is the Querier of a transaction that database/sql does not know of.
type none struct{ db *sql.DB }

var errNone = fmt.Errorf("postgres: the transaction is one of pgx: run the statement with it: %w", ErrUnfit)

func (n none) ExecContext(context.Context, string, ...any) (sql.Result, error) { return nil, errNone }

func (n none) QueryContext(context.Context, string, ...any) (*sql.Rows, error) { return nil, errNone }

func (n none) QueryRowContext(ctx context.Context, _ string, _ ...any) *sql.Row {
	return hostsql.Failed(ctx, n.db, errNone)
}
