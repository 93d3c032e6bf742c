package mysql_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	_ "github.com/go-sql-driver/mysql"

	"github.com/helpdeskgo/helpdesk/internal/mariaserver"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/migrate"
	"github.com/helpdeskgo/helpdesk/store/internal/remotetest"
	"github.com/helpdeskgo/helpdesk/store/mysql"
)

func kit() remotetest.Kit {
	return remotetest.Kit{
		Start: func(t testing.TB) remotetest.Server { return mariaserver.Start(t, "--log-warnings=0") },
		Open: func(ctx context.Context, dsn string, o remotetest.Options) (store.Store, error) {
			s, err := mysql.Open(ctx, dsn, &mysql.Options{BusyTimeout: o.Busy, IdleTimeout: o.Idle, TablePrefix: o.TablePrefix, Connections: 8})
			if err != nil {
				return nil, err
			}
			return s, nil
		},
		KillAll: killAll,
		Exec:    func(t testing.TB, dsn, text string) { exec(t, dsn, strings.ReplaceAll(text, "{p}", "helpdesk_")) },
		Migrate: runMigrations,
		Count:   len(migrations()),
	}
}

func connect(t testing.TB, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("mysql", dsn+"?multiStatements=true")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func exec(t testing.TB, dsn, text string) {
	t.Helper()
	db := connect(t, dsn)
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), text); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

func killAll(t testing.TB, dsn string) {
	t.Helper()
	db := connect(t, dsn)
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		_, _ = connect(t, dsn).ExecContext(t.Context(), fmt.Sprintf("KILL %d", id)) // it may have gone by itself
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

func migrations() []migrate.Migration {
	files, err := mysql.Migrations()
	if err != nil {
		panic(err)
	}
	all, err := migrate.Load(files)
	if err != nil {
		panic(err)
	}
	return all
}

// runMigrations runs the first migrations as a host would that does it himself.
func runMigrations(t testing.TB, dsn string, first int) {
	exec(t, dsn, "CREATE TABLE helpdesk_migrations (version BIGINT NOT NULL PRIMARY KEY, name VARCHAR(200) NOT NULL, sum VARCHAR(64) NOT NULL, applied TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)")
	for _, m := range migrations()[:first] {
		exec(t, dsn, strings.NewReplacer("{p}", "helpdesk_", "{i}", "helpdesk_").Replace(m.SQL))
		exec(t, dsn, fmt.Sprintf("INSERT INTO helpdesk_migrations (version, name, sum) VALUES (%d, '%s', '%s')", m.Version, m.Name, m.Sum))
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	remotetest.Run(t, kit())
}
