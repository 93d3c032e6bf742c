package main

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	driver "github.com/go-sql-driver/mysql"
	"github.com/helpdeskgo/helpdesk/internal/child"
	"github.com/helpdeskgo/helpdesk/internal/mariaserver"
	"github.com/helpdeskgo/helpdesk/internal/pgserver"
	"github.com/helpdeskgo/helpdesk/store/mysql"
	"github.com/helpdeskgo/helpdesk/store/postgres"
	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib" // the raw side's
)

// alone runs fn outside a test; ok is false where there is no server.
func alone(fn func(testing.TB)) (ok bool) { return child.Run(func(a *child.Alone) { fn(a) }) }

// kinds are the servers. A private one is as it comes, durable that is, but for the memory that a desk of a million
// tickets needs.
var kinds = map[string]*kind{
	"postgres": {
		name: "postgres", program: "SQL",
		start: func(tb testing.TB, dir string) string {
			return pgserver.Keep(tb, dir, "shared_buffers = 2GB", "max_wal_size = 4GB").DSN("postgres")
		},
		open: func(ctx context.Context, dsn, prefix string, connections int) (served, error) {
			return postgres.Open(ctx, dsn, &postgres.Options{TablePrefix: prefix, Connections: connections})
		},
		connect:    func(dsn string) (*sql.DB, error) { return sql.Open("pgx", dsn) },
		writer:     newPostgresWriter,
		migrations: postgres.Migrations,
		commits:    "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint",
		committed:  "commits are transactions that were given a number",
		catalog: catalog{
			tables:  "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename LIKE ?",
			columns: "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = ?",
			length:  "coalesce(octet_length(%s::text), 0)",
		},
		sql: rawSQL{
			walk: func(table, _ string) string { return table }, box: "box + 0 = 0", ends: true,
			after:   func(op string) string { return "(updated, id) " + op + " (?, ?)" },
			grouped: "SELECT concat_ws(chr(31), folder, class, status, assignee), n, unread FROM (SELECT folder, class, status, assignee, count(*) AS n, sum(unread) AS unread FROM {p}tickets WHERE %s GROUP BY folder, class, status, assignee) g",
			found:   foundPostgres, newest: "d.updated DESC, d.ticket",
		},
		uncount: []string{"CREATE OR REPLACE FUNCTION bench_nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
			"CREATE TRIGGER nothing BEFORE INSERT ON {p}tally_changes FOR EACH ROW EXECUTE FUNCTION bench_nothing()"},
		bind: numberedSigns, tidy: "VACUUM (ANALYZE) ",
	},
	"mysql": {
		name: "mysql", program: "SQL",
		start: startMariaDB,
		open: func(ctx context.Context, dsn, prefix string, connections int) (served, error) {
			return mysql.Open(ctx, dsn, &mysql.Options{TablePrefix: prefix, Connections: connections})
		},
		connect:    func(dsn string) (*sql.DB, error) { return sql.Open("mysql", dsn) },
		writer:     newMariaDBWriter,
		migrations: mysql.Migrations,
		commits:    "SHOW GLOBAL STATUS LIKE 'Com_commit'", commitAt: 1,
		committed: "commits are COMMITs that were executed",
		catalog: catalog{
			tables:  "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name LIKE ?",
			columns: "SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ?",
			length:  "coalesce(length(%s), 0)",
		},
		sql: rawSQL{
			walk: func(table, index string) string { return table + " FORCE INDEX ({p}tickets_" + index + ")" }, box: "box = 0", ends: true,
			after: func(op string) string { return "(updated " + op + " ? OR (updated = ? AND id " + op + " ?))" }, twice: true,
			// A document in a union would be written to a temporary table.
			merge:   "SELECT STRAIGHT_JOIN k.updated, k.id, t.doc FROM (%s) k JOIN {p}tickets t ON t.id = k.id ORDER BY k.updated %[2]s, k.id %[2]s",
			grouped: "SELECT concat_ws(char(31), folder, class, status, assignee), n, unread FROM (SELECT folder, class, status, assignee, count(*) AS n, sum(unread) AS unread FROM {p}tickets WHERE %s GROUP BY folder, class, status, assignee) g",
			found:   foundMariaDB, newest: "d.updated DESC, d.ticket",
		},
		uncount: []string{"INSTALL SONAME 'ha_blackhole'", "ALTER TABLE {p}tally_changes ENGINE = BLACKHOLE"},
		bind:    asIs, tidy: "ANALYZE TABLE ",
	},
}

const database = "bench"

// startMariaDB starts a private server, and makes a database there.
func startMariaDB(tb testing.TB, dir string) string {
	s := mariaserver.Keep(tb, dir, "--innodb-buffer-pool-size=2G", "--innodb-log-file-size=1G")
	db, err := sql.Open("mysql", s.DSN(""))
	if err == nil {
		_, err = db.Exec("CREATE DATABASE IF NOT EXISTS " + database + " CHARACTER SET utf8mb4")
		err = errors.Join(err, db.Close())
	}
	if err != nil {
		tb.Fatal(err)
	}
	return s.DSN(database)
}

// numberedSigns writes $1, $2 and so on in the place of ?.
func numberedSigns(text string) string {
	parts := strings.Split(text, "?")
	var b strings.Builder
	for i, p := range parts[:len(parts)-1] {
		b.WriteString(p + "$" + strconv.Itoa(i+1))
	}
	return b.String() + parts[len(parts)-1]
}

// columnsOf are the letters that tokens of what staff read begin with: subject, codes, people, body and notes.
const columnsOf = "scpbn"

// readable are the columns that are searched for somebody: customers read no notes.
func readable(requester string) string {
	if requester != "" {
		return strings.ReplaceAll(columnsOf, "n", "")
	}
	return columnsOf
}

// foundPostgres asks the index for a tsquery.
func foundPostgres(m asked, who string) (string, []any) {
	entry := func(phrases []string) string {
		var out []string
		for _, p := range phrases {
			for _, column := range readable(who) {
				word, beginning := strings.CutSuffix(p, "*")
				words := strings.Fields(word)
				for i, w := range words {
					words[i] = "'" + string(column) + w + "'"
				}
				text := strings.Join(words, " <-> ")
				if beginning {
					text += ":*"
				}
				out = append(out, "("+text+")")
			}
		}
		return "(" + strings.Join(out, " | ") + ")"
	}
	var all []string
	for _, list := range m.all {
		all = append(all, entry(list))
	}
	if len(m.none) > 0 {
		all = append(all, "!"+entry(m.none))
	}
	return "SELECT d.updated, t.id, t.doc FROM {p}documents d JOIN {p}tickets t ON t.id = d.ticket WHERE d.words @@ ?::tsquery AND t.box < 4", []any{strings.Join(all, " & ")}
}

// foundMariaDB asks the index in its boolean mode.
func foundMariaDB(m asked, who string) (string, []any) {
	entry := func(phrases []string) string {
		var out []string
		for _, p := range phrases {
			for _, column := range readable(who) {
				word, beginning := strings.CutSuffix(p, "*")
				words := strings.Fields(word)
				for i, w := range words {
					words[i] = mariaWord(string(column), w)
				}
				text := strings.Join(words, " ")
				if len(words) > 1 {
					text = `"` + text + `"`
				}
				if beginning {
					text += "*"
				}
				out = append(out, text)
			}
		}
		return "(" + strings.Join(out, " ") + ")"
	}
	var all []string
	for _, list := range m.all {
		all = append(all, "+"+entry(list))
	}
	if len(m.none) > 0 {
		all = append(all, "-"+entry(m.none))
	}
	return "SELECT d.updated, t.id, t.doc FROM {p}documents d STRAIGHT_JOIN {p}tickets t ON t.id = d.ticket WHERE MATCH (d.words) AGAINST (? IN BOOLEAN MODE) AND t.box < 4",
		[]any{strings.Join(all, " ")}
}

// mariaWord is a token as the documents have it.
func mariaWord(column, token string) string {
	var b strings.Builder
	b.WriteString(column + "q")
	for _, r := range token {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
		} else {
			b.WriteString("_" + hex.EncodeToString([]byte(string(r))))
		}
	}
	return b.String()
}

// schemaOf names the schema that a kind's store has.
func (k *kind) schemaOf() (string, error) {
	files, err := k.migrations()
	if err != nil {
		return "", err
	}
	return sumOf(files)
}

// newPostgresWriter prepares one statement that writes the rows of a ticket.
func newPostgresWriter(ctx context.Context, dsn string, rows []rawRow) (ticketWriter, error) {
	c, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return ticketWriter{}, err
	}
	var b strings.Builder
	n := 0
	for i, r := range rows {
		signs := make([]string, len(r.cols))
		for j := range signs {
			n++
			signs[j] = "$" + strconv.Itoa(n)
		}
		insert := "INSERT INTO " + r.table + " (" + strings.Join(r.cols, ", ") + ") VALUES (" + strings.Join(signs, ", ") + ")"
		switch i {
		case len(rows) - 1:
			b.WriteString(" " + insert)
		case 0:
			b.WriteString("WITH w0 AS (" + insert + ")")
		default:
			fmt.Fprintf(&b, ", w%d AS (%s)", i, insert)
		}
	}
	if _, err := c.Prepare(ctx, "ticket", b.String()); err != nil {
		return ticketWriter{}, errors.Join(err, c.Close(ctx))
	}
	return ticketWriter{
		write: func(ctx context.Context, args []any) error { return errOf(c.Exec(ctx, "ticket", args...)) },
		close: func() error { return c.Close(context.WithoutCancel(ctx)) },
	}, nil
}

// newMariaDBWriter prepares a text of statements, one for each row, in a transaction.
func newMariaDBWriter(ctx context.Context, dsn string, rows []rawRow) (ticketWriter, error) {
	cfg, err := driver.ParseDSN(dsn)
	if err != nil {
		return ticketWriter{}, err
	}
	cfg.MultiStatements, cfg.InterpolateParams = true, true
	cfg.Params = map[string]string{"tx_isolation": "'READ-COMMITTED'"}
	db, err := sql.Open("mysql", cfg.FormatDSN())
	if err != nil {
		return ticketWriter{}, err
	}
	c, err := db.Conn(ctx)
	if err != nil {
		return ticketWriter{}, errors.Join(err, db.Close())
	}
	texts := []string{"START TRANSACTION"}
	for _, r := range rows {
		texts = append(texts, "INSERT INTO "+r.table+" ("+strings.Join(r.cols, ", ")+") VALUES (?"+strings.Repeat(", ?", len(r.cols)-1)+")")
	}
	text := strings.Join(append(texts, "COMMIT"), "; ")
	return ticketWriter{
		write: func(ctx context.Context, args []any) error { return errOf(c.ExecContext(ctx, text, args...)) },
		close: func() error { return errors.Join(c.Close(), db.Close()) },
	}, nil
}
