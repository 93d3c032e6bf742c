package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/store/internal/migrate"
	"github.com/helpdeskgo/helpdesk/store/internal/row"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// Migrations returns the schema's migrations, for hosts that run or review such things themselves. {p} in them is
// Options.TablePrefix. A file is never changed after its release.
func Migrations() (fs.FS, error) { return fs.Sub(migrationFiles, "migrations") }

// migrate brings the schema up to date in one transaction, so that of two processes that start at once one does it and
// the other finds it done.
func (s *Store) migrate(ctx context.Context, conn *sql.Conn) error {
	files, err := Migrations()
	if err != nil {
		return fmt.Errorf("sqlite: %w", err)
	}
	all, err := migrate.Load(files)
	if err != nil {
		return fmt.Errorf("sqlite: %w", err)
	}
	begin := func() error { return s.run(conn, "BEGIN IMMEDIATE") }
	if err := retry(ctx, time.Now().Add(s.opts.BusyTimeout), begin); err != nil {
		return classify("lock the schema", err)
	}
	if err := s.migrateLocked(conn, all); err != nil {
		return errors.Join(err, s.run(conn, "ROLLBACK"))
	}
	return classify("commit the schema", s.run(conn, "COMMIT"))
}

func (s *Store) migrateLocked(conn *sql.Conn, all []migrate.Migration) error {
	err := s.run(conn, `CREATE TABLE IF NOT EXISTS {p}migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, sum TEXT NOT NULL, applied INTEGER NOT NULL)`)
	if err != nil {
		return classify("read the schema's version", err)
	}
	have, err := s.applied(conn)
	if err != nil {
		return classify("read the schema's version", err)
	}
	todo, err := migrate.Pending(all, have)
	if err != nil {
		return fmt.Errorf("sqlite: %w", err)
	}
	for _, m := range todo {
		if err := s.run(conn, m.SQL); err != nil {
			return classify(fmt.Sprintf("run migration %04d_%s", m.Version, m.Name), err)
		}
		err := s.run(conn, "INSERT INTO {p}migrations (version, name, sum, applied) VALUES (?, ?, ?, ?)",
			m.Version, m.Name, m.Sum, s.opts.Now().UnixMicro())
		if err != nil {
			return classify("note a migration", err)
		}
	}
	ses := newSession(conn, s.opts.TablePrefix)
	defer ses.close()
	if err := ses.reconcileSearch(s.opts.SearchOff, row.Micros(s.opts.Now())); err != nil {
		return classify("note whether there is search", err)
	}
	return ses.indexFields()
}

func (s *Store) applied(conn *sql.Conn) (out []migrate.Applied, err error) {
	rows, err := conn.QueryContext(context.Background(), strings.ReplaceAll("SELECT version, sum FROM {p}migrations ORDER BY version", "{p}", s.opts.TablePrefix))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var a migrate.Applied
		if err := rows.Scan(&a.Version, &a.Sum); err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, rows.Err()
}

func (s *Store) run(conn *sql.Conn, query string, args ...any) error {
	_, err := conn.ExecContext(context.Background(), strings.ReplaceAll(query, "{p}", s.opts.TablePrefix), args...)
	return err
}
