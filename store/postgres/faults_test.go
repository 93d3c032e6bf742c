package postgres_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"

	"github.com/helpdeskgo/helpdesk/internal/pgserver"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/migrate"
	"github.com/helpdeskgo/helpdesk/store/internal/remotetest"
	"github.com/helpdeskgo/helpdesk/store/postgres"
)

func kit() remotetest.Kit {
	return remotetest.Kit{
		Start: func(t testing.TB) remotetest.Server { return pgserver.Start(t, "log_min_messages = panic") },
		Open: func(ctx context.Context, dsn string, o remotetest.Options) (store.Store, error) {
			s, err := postgres.Open(ctx, dsn, &postgres.Options{BusyTimeout: o.Busy, IdleTimeout: o.Idle, TablePrefix: o.TablePrefix, Connections: 8})
			if err != nil {
				return nil, err
			}
			return s, nil
		},
		KillAll: func(t testing.TB, dsn string) {
			exec(t, dsn, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
		},
		Exec:    func(t testing.TB, dsn, text string) { exec(t, dsn, strings.ReplaceAll(text, "{p}", "helpdesk_")) },
		Migrate: runMigrations,
		Count:   len(migrations()),
	}
}

func exec(t testing.TB, dsn, text string) {
	t.Helper()
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), text); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

func migrations() []migrate.Migration {
	files, err := postgres.Migrations()
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
	exec(t, dsn, "CREATE TABLE helpdesk_migrations (version bigint PRIMARY KEY, name text NOT NULL, sum text NOT NULL, applied timestamptz NOT NULL DEFAULT now())")
	for _, m := range migrations()[:first] {
		exec(t, dsn, strings.NewReplacer("{p}", "public.helpdesk_", "{i}", "helpdesk_").Replace(m.SQL))
		exec(t, dsn, fmt.Sprintf("INSERT INTO helpdesk_migrations (version, name, sum) VALUES (%d, '%s', '%s')", m.Version, m.Name, m.Sum))
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	remotetest.Run(t, kit())
}
