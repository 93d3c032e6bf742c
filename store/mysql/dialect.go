package mysql

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/helpdeskgo/helpdesk/store/internal/lists"
	"github.com/helpdeskgo/helpdesk/store/internal/remote"
)

// dialect is what MariaDB and MySQL do in their own way. The connections take several statements at once, of so many bytes,
// or, where that is 0, one.
func dialect(together int) (*remote.Dialect, error) {
	files, err := Migrations()
	if err != nil {
		return nil, err
	}
	d := &remote.Dialect{
		Name: "mysql", Schema: database, Migrations: files,
		MigrationTable: "CREATE TABLE IF NOT EXISTS {p}migrations (version BIGINT NOT NULL PRIMARY KEY, name VARCHAR(200) NOT NULL, sum VARCHAR(64) NOT NULL, " +
			"applied TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP) ENGINE = InnoDB",
		LockMigrations: lockMigrations, UnlockMigrations: unlockMigrations,
		Conn:       func(c *sql.Conn) remote.Conn { return conn{c, together} },
		HostConn:   func(tx *sql.Tx) remote.Conn { return remote.Plain{On: tx} },
		Rebind:     func(text string) string { return text },
		Lists:      lists.MySQL,
		BeginWrite: []string{"SET TRANSACTION ISOLATION LEVEL READ COMMITTED", "START TRANSACTION"},
		BeginRead:  []string{"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"},
		Clock:      "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))",
		OnConflict: func(string) string { return "ON DUPLICATE KEY UPDATE " },
		New:        func(column string) string { return "VALUES(" + column + ")" },
		Old:        func(column string) string { return column },
		Sum:        func(column string) string { return "CAST(sum(" + column + ") AS SIGNED)" },
		OnceOnly: func(keys string) string {
			first, _, _ := strings.Cut(keys, ",")
			return "ON DUPLICATE KEY UPDATE " + first + " = " + first
		},
		PutWork:    putWork,
		SkipLocked: "FOR UPDATE SKIP LOCKED",
		Words:      words, WordsValue: "?", LateWords: true, Prime: prime, Find: find, Holds: holds,
		Reserve: reserve, TakeIDs: takeIDs, Judge: judge, CheckHosted: checkHosted, Watch: watch, Notify: notify,
	}
	if together == 0 {
		d.Conn = func(c *sql.Conn) remote.Conn { return remote.Plain{On: c} }
	}
	return d, nil
}

// putWork leaves work alone that its lane has already. Another with the same id cannot become NULL, and the statement
// fails.
func putWork(columns string, values int) string {
	return "INSERT INTO {p}work (" + columns + ") VALUES (?" + strings.Repeat(", ?", values-1) + ") " +
		"ON DUPLICATE KEY UPDATE id = CASE WHEN order_key = VALUES(order_key) AND seq = VALUES(seq) AND name = VALUES(name) THEN id END"
}

func database(ctx context.Context, db *sql.DB) (string, error) {
	var name sql.NullString
	err := db.QueryRowContext(ctx, "SELECT DATABASE()").Scan(&name)
	if err == nil && !name.Valid {
		return "", fmt.Errorf("the connection names no database: name one in the DSN: %w", ErrUnfit)
	}
	if strings.Contains(name.String, "?") { // the driver would take it for an argument
		return "", fmt.Errorf("the name of database %q has a question mark: use another one: %w", name.String, ErrUnfit)
	}
	return "`" + strings.ReplaceAll(name.String, "`", "``") + "`", err
}

// lockName is no longer than the name of a lock may be.
func lockName(prefix string) string {
	sum := sha256.Sum256([]byte(prefix))
	return "helpdesk " + hex.EncodeToString(sum[:16])
}

func lockMigrations(ctx context.Context, c remote.Conn, prefix string) error {
	var got sql.NullInt64
	_, err := c.Send(ctx, []remote.Statement{{Text: "SELECT GET_LOCK(?, 600)", Args: []any{lockName(prefix)}, Row: func(scan remote.Scan) error { return scan(&got) }}})
	if err == nil && got.Int64 != 1 {
		return fmt.Errorf("another process has been migrating for ten minutes: look what it does: %w", ErrUnfit)
	}
	return err
}

func unlockMigrations(ctx context.Context, c remote.Conn, prefix string) error {
	_, err := c.Send(ctx, []remote.Statement{{Text: "SELECT RELEASE_LOCK(?)", Args: []any{lockName(prefix)}, Row: func(remote.Scan) error { return nil }}})
	return err
}

// reserve inserts the key, or locks who has it, and waits for whoever is about to.
func reserve(later, ask func(remote.Statement) error, kind, key string, id int64) (holder int64, err error) {
	err = later(remote.Statement{What: "reserve a key", Args: []any{kind, key, id},
		Text: "INSERT INTO {p}keys (kind, name, holder) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE holder = holder"})
	if err == nil {
		err = ask(remote.Statement{What: "reserve a key", Args: []any{kind, key}, Row: func(scan remote.Scan) error { return scan(&holder) },
			Text: "SELECT holder FROM {p}keys WHERE kind = ? AND name = ?"})
	}
	return holder, err
}

func takeIDs(ctx context.Context, c remote.Conn, prefix, sequence string, n int64) (next int64, err error) {
	for _, list := range [][]remote.Statement{
		{
			{Text: "SET TRANSACTION ISOLATION LEVEL READ COMMITTED"}, {Text: "START TRANSACTION"},
			{Text: "INSERT INTO " + prefix + "ids (name, next) VALUES (?, 1 + ?) ON DUPLICATE KEY UPDATE next = next + ?", Args: []any{sequence, n, n}},
			{Text: "SELECT next FROM " + prefix + "ids WHERE name = ?", Args: []any{sequence}, Row: func(scan remote.Scan) error { return scan(&next) }},
		},
		{{Text: "COMMIT"}},
	} {
		if _, err := c.Send(ctx, list); err != nil {
			return 0, err
		}
	}
	return next, nil
}

// judge reads the codes of https://mariadb.com/kb/en/mariadb-error-code-reference/.
func judge(err error) remote.Verdict {
	var e *mysql.MySQLError
	var n net.Error
	switch {
	case errors.Is(err, sql.ErrTxDone), errors.Is(err, sql.ErrConnDone):
		return remote.Over
	case errors.As(err, &e):
		return judgeNumber(e.Number)
	case errors.Is(err, mysql.ErrPktTooLarge):
		return remote.Refused
	case errors.Is(err, driver.ErrBadConn):
		return remote.Unsent
	case errors.Is(err, mysql.ErrInvalidConn), errors.As(err, &n), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return remote.Lost
	}
	return remote.Failed
}

func judgeNumber(n uint16) remote.Verdict {
	switch n {
	case 1213, 1020, 1412: // deadlock; the row, or the table, has changed since the snapshot
		return remote.Repeat
	case 1205, 3572: // a lock could not be had in time
		return remote.Busy
	case 1062, 1048: // a key is there already; see putWork
		return remote.Duplicate
	case 1153, 1406, 1366, 1300, 1118: // larger than a packet, too long, no text
		return remote.Refused
	case 1040, 1053, 1158, 1159, 1160, 1161, 1203, 1290, 1836, 1927, 2006, 2013, 4031: // no more connections, shut down, not reachable, read-only after a failover, ended
		return remote.Lost
	}
	return remote.Failed
}

// checkHosted looks whether a host's transaction is one that the store can work in.
func checkHosted(one func(string) (string, error), prefix string) error {
	mode, err := one("SELECT @@SESSION.sql_mode")
	var e *mysql.MySQLError
	switch {
	case err != nil && !errors.As(err, &e) && judge(err) == remote.Failed:
		return remote.Unfit("mysql", "it is none of go-sql-driver's (%v): begin it on the store's database", err)
	case err != nil:
		return err
	}
	if !strict(mode) {
		return remote.Unfit("mysql", "it cuts what is too long in silence: set sql_mode to STRICT_ALL_TABLES")
	}
	if _, err := one("SELECT count(*) FROM " + prefix + "migrations"); err != nil {
		return remote.Unfit("mysql", "it does not find the table %smigrations: begin it on the store's database (%v)", prefix, err)
	}
	level, err := isolation(one)
	if err == nil && level == unknown {
		time.Sleep(oldNews)
		level, err = isolation(one)
	}
	if err == nil && level != unknown && level != "READ COMMITTED" { // who may not read that table is trusted, as is what stays unknown
		return remote.Unfit("mysql", "it sees one moment, and not what others commit before it locks something: begin it with sql.LevelReadCommitted")
	}
	return nil
}

// unknown is the isolation of a transaction of which the server tells nothing.
const unknown = "unknown"

// oldNews is for how long, after somebody has asked for the list of transactions, the server tells what it told then.
const oldNews = 150 * time.Millisecond

// isolation asks the server at which level the transaction is. What is listed holds if it is the very query that asks, which
// says by a number of its own; it is old news otherwise, of another transaction on the same connection perhaps, for as long
// as others ask again and again. The level for all the session's transactions is taken then if it is the right one.
func isolation(one func(string) (string, error)) (string, error) {
	return one(fmt.Sprintf(`SELECT /* %d */ coalesce(
(SELECT trx_isolation_level FROM information_schema.innodb_trx WHERE trx_mysql_thread_id = CONNECTION_ID() AND trx_query LIKE 'SELECT /* %[1]d */%%'),
(SELECT 'READ COMMITTED' FROM DUAL WHERE /*!80000 @@transaction_isolation*/ /*M!100000 @@tx_isolation*/ = 'READ-COMMITTED'), '%[2]s')`, rand.Uint64(), unknown))
}

func strict(mode string) bool {
	return strings.Contains(mode, "STRICT_") || strings.Contains(mode, "TRADITIONAL")
}
