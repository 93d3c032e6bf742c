package postgres_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	_ "modernc.org/sqlite"

	"github.com/helpdeskgo/helpdesk/internal/pgserver"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/postgres"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// reserve is a write that can be seen.
func reserve(ctx context.Context, s store.Store, key string) error {
	return s.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		_, err := tx.Reserve(ctx, "code", key, 1)
		return err
	})
}

func reserved(t testing.TB, s store.Store, key string) bool {
	t.Helper()
	err := s.View(t.Context(), func(ctx context.Context, r store.Reader) error {
		_, err := r.Holder(ctx, "code", key)
		return err
	})
	if err != nil && !errors.Is(err, ticket.ErrNotFound) {
		t.Fatal(err)
	}
	return err == nil
}

func pool(t testing.TB, dsn string) *pgxpool.Pool {
	t.Helper()
	p, err := pgxpool.New(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

func use(t testing.TB, p *pgxpool.Pool) *postgres.Store {
	t.Helper()
	s, err := postgres.Use(t.Context(), p, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestHosts(t *testing.T) {
	t.Parallel()
	srv := pgserver.Start(t, "fsync = off", "log_min_messages = panic")
	t.Run("X01 a transaction that the host began with pgx holds the desk's writes, and ends as the host says", func(t *testing.T) {
		t.Parallel()
		p := pool(t, srv.Database())
		s := use(t, p)
		for key, end := range map[string]func(pgx.Tx) error{
			"kept":   func(tx pgx.Tx) error { return tx.Commit(context.Background()) },
			"undone": func(tx pgx.Tx) error { return tx.Rollback(context.Background()) },
		} {
			tx, err := p.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			ctx, err := s.WithPgxTx(t.Context(), tx)
			if err != nil {
				t.Fatal(err)
			}
			if err := reserve(ctx, s, key); err != nil {
				t.Fatal(err)
			}
			if err := s.Querier(ctx).QueryRowContext(ctx, "SELECT 1").Scan(new(int)); !errors.Is(err, postgres.ErrUnfit) {
				t.Errorf("the querier in a transaction of pgx: %v", err)
			}
			if reserved(t, s, key) {
				t.Error("others see what is not committed")
			}
			if err := end(tx); err != nil {
				t.Fatal(err)
			}
			if got := reserved(t, s, key); got != (key == "kept") {
				t.Errorf("%s: the key is reserved: %v", key, got)
			}
		}
	})
	t.Run("X01 who comes late writes into no other transaction of the same connection", func(t *testing.T) {
		t.Parallel()
		cfg, err := pgxpool.ParseConfig(srv.Database())
		if err != nil {
			t.Fatal(err)
		}
		cfg.MaxConns = 1
		p, err := pgxpool.NewWithConfig(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(p.Close)
		s := use(t, pool(t, srv.DSN(cfg.ConnConfig.Database)))
		first, err := p.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		late, err := s.WithPgxTx(t.Context(), first)
		if err != nil {
			t.Fatal(err)
		}
		if err := reserve(late, s, "in time"); err != nil {
			t.Fatal(err)
		}
		if err := first.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
		second, err := p.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := reserve(late, s, "late"); !errors.Is(err, ticket.ErrTxDone) {
			t.Errorf("a verb that is late: %v, want %v", err, ticket.ErrTxDone)
		}
		if _, err := s.WithPgxTx(t.Context(), first); !errors.Is(err, ticket.ErrTxDone) {
			t.Errorf("a transaction that has ended: %v, want %v", err, ticket.ErrTxDone)
		}
		if err := second.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"in time", "late"} {
			if reserved(t, s, key) {
				t.Errorf("%q is reserved", key)
			}
		}
	})
	t.Run("X01 a host's transaction that cannot work is refused, and it is said why", func(t *testing.T) {
		t.Parallel()
		dsn := srv.Database()
		s := use(t, pool(t, dsn))
		other, err := sql.Open("pgx", srv.Database())
		if err != nil {
			t.Fatal(err)
		}
		defer other.Close()
		for what, begin := range map[string]func() (*sql.Tx, error){
			"read-only": func() (*sql.Tx, error) { return s.DB().BeginTx(t.Context(), &sql.TxOptions{ReadOnly: true}) },
			"repeatable read": func() (*sql.Tx, error) {
				return s.DB().BeginTx(t.Context(), &sql.TxOptions{Isolation: sql.LevelRepeatableRead})
			},
			"another database": func() (*sql.Tx, error) { return other.BeginTx(t.Context(), nil) },
			"a statement has failed": func() (*sql.Tx, error) {
				tx, err := s.DB().BeginTx(t.Context(), nil)
				if err == nil {
					_, _ = tx.ExecContext(t.Context(), "SELECT nothing")
				}
				return tx, err
			},
		} {
			tx, err := begin()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.WithTx(t.Context(), tx); !errors.Is(err, postgres.ErrUnfit) {
				t.Errorf("%s: %v, want %v", what, err, postgres.ErrUnfit)
			}
			_ = tx.Rollback()
			if _, err := s.WithTx(t.Context(), tx); !errors.Is(err, ticket.ErrTxDone) {
				t.Errorf("%s, ended: %v, want %v", what, err, ticket.ErrTxDone)
			}
		}
	})
	t.Run("X01 in a host's transaction nothing is run again: the host is told to", func(t *testing.T) {
		t.Parallel()
		s := use(t, pool(t, srv.Database()))
		record := func(ctx context.Context, tx store.Tx, version int64) error {
			return tx.PutRecord(ctx, &store.Record{Kind: "k", Key: "a", Version: version, Doc: []byte("1")})
		}
		if err := s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error { return record(ctx, tx, 0) }); err != nil {
			t.Fatal(err)
		}
		host, err := s.DB().BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer host.Rollback()
		ctx, err := s.WithTx(t.Context(), host)
		if err != nil {
			t.Fatal(err)
		}
		runs := 0
		err = s.Update(ctx, func(ctx context.Context, tx store.Tx) error {
			runs++
			if _, err := tx.Record(ctx, "k", "a"); err != nil {
				return err
			}
			if err := s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error { return record(ctx, tx, 1) }); err != nil {
				return err
			}
			return record(ctx, tx, 1)
		})
		if !errors.Is(err, ticket.ErrBusy) || runs != 1 {
			t.Errorf("got %v after %d runs, want %v after 1", err, runs, ticket.ErrBusy)
		}
	})
	t.Run("X01 a handle of another driver, and what is missing, are refused", func(t *testing.T) {
		t.Parallel()
		lite, err := sql.Open("sqlite", t.TempDir()+"/x.db")
		if err != nil {
			t.Fatal(err)
		}
		defer lite.Close()
		if _, err := postgres.UseDB(t.Context(), lite, nil); !errors.Is(err, postgres.ErrUnfit) {
			t.Errorf("another driver: %v", err)
		}
		for what, err := range map[string]error{
			"no pool":    errOf(postgres.Use(t.Context(), nil, nil)),
			"no handle":  errOf(postgres.UseDB(t.Context(), nil, nil)),
			"a bad dsn":  errOf(postgres.Open(t.Context(), "postgres://%", nil)),
			"a bad name": errOf(postgres.Open(t.Context(), srv.Database(), &postgres.Options{TablePrefix: "a b"})),
		} {
			if !errors.Is(err, ticket.ErrInvalid) {
				t.Errorf("%s: %v, want %v", what, err, ticket.ErrInvalid)
			}
		}
		if _, err := postgres.Open(t.Context(), srv.Database(), &postgres.Options{Schema: "nowhere"}); !errors.Is(err, postgres.ErrUnfit) {
			t.Errorf("no such schema: %v", err)
		}
	})
	t.Run("X01 a store over a host's *sql.DB works, and leaves it open", func(t *testing.T) {
		t.Parallel()
		db, err := sql.Open("pgx", srv.Database())
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		s, err := postgres.UseDB(t.Context(), db, &postgres.Options{TablePrefix: "shop_"})
		if err != nil {
			t.Fatal(err)
		}
		if err := reserve(t.Context(), s, "A"); err != nil || !reserved(t, s, "A") {
			t.Errorf("the key is not reserved: %v", err)
		}
		if err := errors.Join(s.Close(), db.PingContext(t.Context())); err != nil {
			t.Error(err)
		}
	})
}

func errOf[T any](_ T, err error) error { return err }

// TestGrants runs a store as a user who may do no more than docs/SCALING.md says.
func TestDatabases(t *testing.T) {
	t.Parallel()
	srv := pgserver.Start(t, "fsync = off", "log_min_messages = panic")
	t.Run("X08 transactions see each statement's moment, whatever the database's own level is", func(t *testing.T) {
		t.Parallel()
		s, err := postgres.Open(t.Context(), srv.Database()+"&default_transaction_isolation=serializable", nil)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		err = s.Update(t.Context(), func(ctx context.Context, _ store.Tx) error {
			var level string
			err := s.Querier(ctx).QueryRowContext(ctx, "SELECT current_setting('transaction_isolation')").Scan(&level)
			if level != "read committed" {
				t.Errorf("the level is %q", level)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
	t.Run("B06 a schema may have any name", func(t *testing.T) {
		t.Parallel()
		dsn, name := srv.Database(), `what? $1 "is" {i} 'this'`
		exec(t, dsn, "CREATE SCHEMA "+pgx.Identifier{name}.Sanitize())
		s, err := postgres.Open(t.Context(), dsn, &postgres.Options{Schema: name})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if err := reserve(t.Context(), s, "A"); err != nil {
			t.Error(err)
		}
		if !reserved(t, s, "A") {
			t.Error("the key is not reserved")
		}
		tx, err := s.DB().BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = tx.Rollback() }()
		if _, err := s.WithTx(t.Context(), tx); err != nil {
			t.Error(err)
		}
	})
}

func TestGrants(t *testing.T) {
	t.Parallel()
	srv := pgserver.Start(t, "fsync = off", "log_min_messages = panic")
	owner := srv.Database()
	cfg, err := pgx.ParseConfig(owner)
	if err != nil {
		t.Fatal(err)
	}
	exec(t, owner, "CREATE ROLE app LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC")
	app := fmt.Sprintf("postgres://app@127.0.0.1:%d/%s?sslmode=disable", cfg.Port, cfg.Database)
	if _, err := postgres.Open(t.Context(), app, nil); err == nil {
		t.Fatal("X08 a user without the right to make tables has made them")
	}
	first, err := postgres.Open(t.Context(), owner, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	exec(t, owner, "GRANT USAGE ON SCHEMA public TO app; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO app")
	t.Run("X08 a user who may only read and write the tables is enough", func(t *testing.T) {
		s, err := postgres.Open(t.Context(), app, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		err = s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
			id, err := tx.NewID(ctx, "ticket")
			if err != nil {
				return err
			}
			return errors.Join(tx.PutTicket(ctx, &ticket.Ticket{ID: id, Folder: ticket.Inbox, Tags: []string{"vip"}}),
				tx.PutWork(ctx, &store.Work{ID: id, Kind: "delivery", Name: "x", OrderKey: "a", Seq: 1}))
		})
		if err != nil {
			t.Fatal(err)
		}
		if wrong, err := s.CheckTallies(t.Context()); err != nil || len(wrong) > 0 {
			t.Errorf("%v %v", wrong, err)
		}
		if n, err := s.Settle(t.Context()); err != nil || n == 0 {
			t.Errorf("%d settled, %v", n, err)
		}
	})
}
