package mysql_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"github.com/helpdeskgo/helpdesk/internal/mariaserver"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/mysql"
	"github.com/helpdeskgo/helpdesk/store/storetest"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func errOf[T any](_ T, err error) error { return err }

func handle(t testing.TB, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("mysql", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// expectUnfit lets a host's transaction be refused. The server tells old news of transactions while others ask for them again
// and again, as the tests beside this one do, and what it tells nothing of is trusted.
func expectUnfit(t testing.TB, s *mysql.Store, tx *sql.Tx, what string) {
	t.Helper()
	_, err := s.WithTx(t.Context(), tx)
	for end := time.Now().Add(time.Minute); err == nil && time.Now().Before(end); _, err = s.WithTx(t.Context(), tx) {
	}
	if !errors.Is(err, mysql.ErrUnfit) {
		t.Errorf("%s: %v, want %v", what, err, mysql.ErrUnfit)
	}
}

func TestHosts(t *testing.T) {
	t.Parallel()
	srv := mariaserver.Start(t, "--innodb-flush-log-at-trx-commit=0", "--log-warnings=0")
	t.Run("X09 a store over a host's plain handle, which takes one statement at a time, keeps the contract", func(t *testing.T) {
		t.Parallel()
		if testing.Short() {
			t.Skip("short: TestConformance runs the suite over the store's own connections")
		}
		storetest.Run(t, func(t testing.TB) store.Store {
			s, err := mysql.Use(context.Background(), handle(t, srv.Database()), nil)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}, nil)
	})
	t.Run("X01 a host's transaction that cannot work is refused, and it is said why", func(t *testing.T) {
		t.Parallel()
		dsn := srv.Database()
		db := handle(t, dsn) // at REPEATABLE READ, the server's default
		s, err := mysql.Use(t.Context(), db, nil)
		if err != nil {
			t.Fatal(err)
		}
		for what, begin := range map[string]func() (*sql.Tx, error){
			"repeatable read":  func() (*sql.Tx, error) { return db.BeginTx(t.Context(), nil) },
			"another database": func() (*sql.Tx, error) { return handle(t, srv.DSN("mysql")).BeginTx(t.Context(), nil) },
			"not strict": func() (*sql.Tx, error) {
				return handle(t, dsn+"?sql_mode=''").BeginTx(t.Context(), &sql.TxOptions{Isolation: sql.LevelReadCommitted})
			},
		} {
			tx, err := begin()
			if err != nil {
				t.Fatal(err)
			}
			if what != "another database" { // where tables carry their database's name, they are found from any
				expectUnfit(t, s, tx, what)
			}
			_ = tx.Rollback()
			if _, err := s.WithTx(t.Context(), tx); !errors.Is(err, ticket.ErrTxDone) {
				t.Errorf("%s, ended: %v, want %v", what, err, ticket.ErrTxDone)
			}
		}
		tx, err := db.BeginTx(t.Context(), &sql.TxOptions{Isolation: sql.LevelReadCommitted})
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		if _, err := s.WithTx(t.Context(), tx); err != nil {
			t.Errorf("read committed: %v", err)
		}
	})
	t.Run("X09 a server that takes little at once is refused", func(t *testing.T) {
		t.Parallel()
		small := mariaserver.Start(t, "--max-allowed-packet=4M", "--log-warnings=0")
		if _, err := mysql.Open(t.Context(), small.Database(), nil); !errors.Is(err, mysql.ErrUnfit) || !strings.Contains(err.Error(), "max_allowed_packet") {
			t.Errorf("small packets: %v, want %v", err, mysql.ErrUnfit)
		}
	})
	t.Run("X01 a handle of another driver, one that is not strict, and what is missing, are refused", func(t *testing.T) {
		t.Parallel()
		lite, err := sql.Open("sqlite", t.TempDir()+"/x.db")
		if err != nil {
			t.Fatal(err)
		}
		defer lite.Close()
		for what, db := range map[string]*sql.DB{"another driver": lite, "not strict": handle(t, srv.Database()+"?sql_mode=''")} {
			if _, err := mysql.Use(t.Context(), db, nil); !errors.Is(err, mysql.ErrUnfit) {
				t.Errorf("%s: %v, want %v", what, err, mysql.ErrUnfit)
			}
		}
		for what, err := range map[string]error{
			"no handle":  errOf(mysql.Use(t.Context(), nil, nil)),
			"a bad dsn":  errOf(mysql.Open(t.Context(), "@tcp(", nil)),
			"a bad name": errOf(mysql.Open(t.Context(), srv.Database(), &mysql.Options{TablePrefix: strings.Repeat("a", 40)})),
		} {
			if !errors.Is(err, ticket.ErrInvalid) {
				t.Errorf("%s: %v, want %v", what, err, ticket.ErrInvalid)
			}
		}
		exec(t, srv.Database(), "CREATE DATABASE `what?`")
		if _, err := mysql.Open(t.Context(), srv.DSN("what%3F"), nil); !errors.Is(err, mysql.ErrUnfit) {
			t.Errorf("a question mark in the database's name: %v, want %v", err, mysql.ErrUnfit)
		}
		if _, err := mysql.Open(t.Context(), srv.DSN(""), nil); !errors.Is(err, mysql.ErrUnfit) {
			t.Errorf("no database: %v", err)
		}
	})
	t.Run("X08 a user who may only read and write the tables is enough", func(t *testing.T) {
		t.Parallel()
		dsn := srv.Database()
		name := dsn[strings.LastIndex(dsn, "/")+1:]
		exec(t, dsn, "CREATE USER app@127.0.0.1 IDENTIFIED BY 'x'; GRANT SELECT, INSERT, UPDATE, DELETE ON "+name+".* TO app@127.0.0.1")
		app := "app:x" + dsn[strings.Index(dsn, "@"):]
		if _, err := mysql.Open(t.Context(), app, nil); err == nil {
			t.Fatal("a user without the right to make tables has made them")
		}
		first, err := mysql.Open(t.Context(), dsn, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
		s, err := mysql.Open(t.Context(), app, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		err = s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
			id, err := tx.NewID(ctx, "ticket")
			return errors.Join(err, tx.PutTicket(ctx, &ticket.Ticket{ID: id, Folder: ticket.Inbox, Tags: []string{"vip"}}))
		})
		if err != nil {
			t.Fatal(err)
		}
		if n, err := s.Settle(t.Context()); err != nil || n == 0 {
			t.Errorf("%d settled, %v", n, err)
		}
		tx, err := s.DB().BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		ctx, err := s.WithTx(t.Context(), tx) // it may not ask for the transaction's level
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Update(ctx, func(ctx context.Context, tx store.Tx) error { return tx.Link(ctx, "a", "b", 1) }); err != nil {
			t.Errorf("in a host's transaction: %v", err)
		}
	})
}
