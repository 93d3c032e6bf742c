package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"net"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/helpdeskgo/helpdesk/store/internal/lists"
	"github.com/helpdeskgo/helpdesk/store/internal/remote"
)

// dialect is what PostgreSQL does in its own way.
func dialect(o Options, j *joiner) (*remote.Dialect, error) {
	files, err := Migrations()
	if err != nil {
		return nil, err
	}
	return &remote.Dialect{
		Name: "postgres", Schema: o.schema, Migrations: files,
		MigrationTable: `CREATE TABLE IF NOT EXISTS {p}migrations (version bigint PRIMARY KEY, name text NOT NULL, sum text NOT NULL, applied timestamptz NOT NULL DEFAULT now())`,
		LockMigrations: func(ctx context.Context, c remote.Conn, prefix string) error {
			return advise(ctx, c, "pg_advisory_lock", prefix)
		},
		UnlockMigrations: func(ctx context.Context, c remote.Conn, prefix string) error {
			return advise(ctx, c, "pg_advisory_unlock", prefix)
		},
		Conn:       func(c *sql.Conn) remote.Conn { return conn{c, j} },
		HostConn:   func(tx *sql.Tx) remote.Conn { return remote.Plain{On: tx} },
		Rebind:     rebind,
		Lists:      lists.Postgres,
		BeginRead:  []string{"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"},
		Clock:      "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint",
		OnConflict: func(keys string) string { return "ON CONFLICT (" + keys + ") DO UPDATE SET " },
		New:        func(column string) string { return "excluded." + column },
		Old:        func(column string) string { return "t." + column },
		Sum:        func(column string) string { return "sum(" + column + ")::bigint" },
		OnceOnly:   func(keys string) string { return "ON CONFLICT (" + keys + ") DO NOTHING" },
		Alias:      " AS t",
		PutWork: func(columns string, values int) string {
			return "INSERT INTO {p}work (" + columns + ") VALUES (?" + strings.Repeat(", ?", values-1) + ") ON CONFLICT (order_key, seq, name) DO NOTHING"
		},
		SkipLocked: "FOR UPDATE OF w SKIP LOCKED", FreeLanes: freeLanes,
		Words: words, WordsValue: "?::tsvector", Find: holds, Holds: holds,
		Reserve: reserve, TakeIDs: takeIDs, Judge: judge, CheckHosted: checkHosted, Watch: watch, Notify: notify,
	}, nil
}

// freeLanes looks for the end of each lane once, however much is parked for it.
func freeLanes(n int) string {
	return `UPDATE {p}work AS p SET ready = 1, parked = NULL FROM (
		SELECT l.lane, (SELECT min(h.seq) FROM {p}work h WHERE h.order_key = l.lane AND h.state IN (0, 1)) AS seq
		FROM (VALUES (?::text)` + strings.Repeat(", (?::text)", n-1) + `) l (lane)) m
		WHERE p.parked = m.lane AND p.seq <= coalesce(m.seq, 9223372036854775807)`
}

// begin begins a transaction that writes. A database, or a user, may have another level for those that do not say.
const begin = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"

// limits bounds how long a statement waits for a lock, and how long a process that stands still keeps its own from others.
func (o Options) limits() string {
	return fmt.Sprintf("SELECT set_config('lock_timeout', '%d', true), set_config('idle_in_transaction_session_timeout', '%d', true)",
		o.BusyTimeout.Milliseconds(), o.IdleTimeout.Milliseconds())
}

func rebind(text string) string {
	var b strings.Builder
	n := 0
	for {
		i := strings.IndexByte(text, '?')
		if i < 0 {
			b.WriteString(text)
			return b.String()
		}
		n++
		b.WriteString(text[:i] + "$" + strconv.Itoa(n))
		text = text[i+1:]
	}
}

func advise(ctx context.Context, c remote.Conn, what, prefix string) error {
	h := fnv.New64a()
	_, _ = h.Write([]byte(prefix))                                                                                                                           // a hash never fails
	_, err := c.Send(ctx, []remote.Statement{{Text: "SELECT " + what + "($1)", Args: []any{int64(h.Sum64())}, Row: func(remote.Scan) error { return nil }}}) //nolint:gosec // any number does
	return err
}

// reserve inserts the key, or writes over it what is there: either tells who holds it, and waits for whoever is about to.
func reserve(_, ask func(remote.Statement) error, kind, key string, id int64) (holder int64, err error) {
	err = ask(remote.Statement{What: "reserve a key", Args: []any{kind, key, id}, Row: func(scan remote.Scan) error { return scan(&holder) },
		Text: "INSERT INTO {p}keys AS t (kind, name, holder) VALUES (?, ?, ?) ON CONFLICT (kind, name) DO UPDATE SET holder = t.holder RETURNING holder"})
	return holder, err
}

// takeIDs need not be on the disk before it returns: what is committed with such an id comes after it there, too.
func takeIDs(ctx context.Context, c remote.Conn, prefix, sequence string, n int64) (next int64, err error) {
	list := []remote.Statement{{Text: begin}, {Text: "SET LOCAL synchronous_commit = off"},
		{Text: "INSERT INTO " + prefix + "ids AS t (name, next) VALUES ($1, 1 + $2) ON CONFLICT (name) DO UPDATE SET next = t.next + $2 RETURNING next",
			Args: []any{sequence, n}, Row: func(scan remote.Scan) error { return scan(&next) }},
		{Text: "COMMIT"}}
	_, err = c.Send(ctx, list)
	return next, err
}

// judge reads the codes of https://www.postgresql.org/docs/current/errcodes-appendix.html.
func judge(err error) remote.Verdict {
	var e *pgconn.PgError
	switch {
	case errors.Is(err, errForgotten):
		return remote.Repeat
	case errors.Is(err, sql.ErrTxDone), errors.Is(err, sql.ErrConnDone), errors.Is(err, pgx.ErrTxClosed):
		return remote.Over
	case errors.Is(err, driver.ErrBadConn):
		return remote.Lost
	case errors.As(err, &e):
		return judgeCode(e.Code)
	case pgconn.SafeToRetry(err):
		return remote.Unsent
	}
	var c *pgconn.ConnectError
	var n net.Error
	if errors.As(err, &c) {
		if strings.Contains(err.Error(), "tls error") { // it will be so the next time, too
			return remote.Failed
		}
		return remote.Unsent
	}
	if errors.As(err, &n) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || strings.Contains(err.Error(), "conn closed") {
		return remote.Lost
	}
	return remote.Failed
}

func judgeCode(code string) remote.Verdict {
	switch code {
	case "40001", "40P01": // serialization_failure, deadlock_detected
		return remote.Repeat
	case "55P03": // lock_not_available
		return remote.Busy
	case "23505": // unique_violation
		return remote.Duplicate
	case "22021", "22P05", "54000": // character_not_in_repertoire, untranslatable_character, program_limit_exceeded: an index row too large
		return remote.Refused
	case "25P03", "57P01", "57P02", "57P03", "57P05": // ended for being idle, shut down, crashed, cannot connect now
		return remote.Lost
	case "25006": // read_only_sql_transaction: a standby, after a failover
		return remote.Lost
	}
	if strings.HasPrefix(code, "08") || strings.HasPrefix(code, "53") { // connection exceptions, insufficient resources
		return remote.Lost
	}
	return remote.Failed
}

// checkHosted looks whether a host's transaction is one that the store can work in.
func checkHosted(one func(string) (string, error), prefix string) error {
	level, err := one("SELECT current_setting('transaction_isolation') || ' ' || current_setting('transaction_read_only') || ' ' || coalesce(to_regclass($helpdesk${p}meta$helpdesk$)::text, '')")
	var e *pgconn.PgError
	switch known := errors.As(err, &e); {
	case known && e.Code == "25P02": // in_failed_sql_transaction
		return remote.Unfit("postgres", "one of its statements has failed: roll it back, and begin anew")
	case err != nil && !known && judge(err) == remote.Failed:
		return remote.Unfit("postgres", "it is none of pgx's (%v): begin it on the store's database", err)
	case err != nil:
		return err
	}
	switch {
	case strings.Contains(level, " on "):
		return remote.Unfit("postgres", "it is read-only: begin one that can write")
	case !strings.HasPrefix(level, "read committed "):
		return remote.Unfit("postgres", "it sees one moment, and not what others commit before it locks something: begin it at READ COMMITTED, the default")
	case strings.HasSuffix(level, " "):
		return remote.Unfit("postgres", "it does not find the table %smeta: begin it on the store's database", prefix)
	}
	return nil
}
