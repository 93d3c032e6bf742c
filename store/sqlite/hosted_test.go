package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

const fit = "_txlock=immediate&_pragma=busy_timeout(200)&_pragma=foreign_keys(1)"

func TestWithTxRefuses(t *testing.T) {
	t.Parallel()
	s, other := open(t, nil), open(t, nil)
	file := path(t, s)
	cases := []struct {
		name   string
		db     *sql.DB
		before func(t *testing.T, tx *sql.Tx)
		want   error
		says   string
	}{
		{"a transaction on another file", hostHandle(t, t.TempDir()+"/host.db", fit), nil, sqlite.ErrUnfit, "another file"},
		{"a transaction on another desk's file", hostHandle(t, path(t, other), fit), nil, sqlite.ErrUnfit, "open the same file"},
		{"a connection without a busy timeout", hostHandle(t, file, "_pragma=foreign_keys(1)"), nil, sqlite.ErrUnfit, "busy_timeout"},
		{"a connection without foreign keys", hostHandle(t, file, "_pragma=busy_timeout(200)"), nil, sqlite.ErrUnfit, "foreign_keys"},
		{"a connection that may only read", hostHandle(t, file, "_pragma=busy_timeout(200)&_pragma=query_only(1)"), nil, sqlite.ErrUnfit, "read-only"},
		{"a transaction that is over", hostHandle(t, file, fit), func(t *testing.T, tx *sql.Tx) {
			if err := tx.Rollback(); err != nil {
				t.Fatal(err)
			}
		}, ticket.ErrTxDone, "over"},
		{"a deferred transaction that has read an older state", hostHandle(t, file, "_pragma=busy_timeout(200)&_pragma=foreign_keys(1)"), func(t *testing.T, tx *sql.Tx) {
			var n int
			if err := tx.QueryRow("SELECT count(*) FROM helpdesk_tickets").Scan(&n); err != nil {
				t.Fatal(err)
			}
			if err := create(t.Context(), s, 0); err != nil {
				t.Fatal(err)
			}
		}, ticket.ErrBusy, "_txlock=immediate"},
	}
	for _, c := range cases {
		t.Run(c.name+" is refused with what to do", func(t *testing.T) {
			tx, err := c.db.BeginTx(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = tx.Rollback() }()
			if c.before != nil {
				c.before(t, tx)
			}
			ctx, err := s.WithTx(t.Context(), tx)
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want %v that says %q", err, c.want, c.says)
			}
			if _, ok := store.TxFrom(ctx, s); ok {
				t.Error("the context carries the transaction all the same")
			}
		})
	}
	if _, err := s.WithTx(t.Context(), nil); !errors.Is(err, ticket.ErrInvalid) {
		t.Errorf("nil: %v", err)
	}
}

func TestWithTx(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	db := hostHandle(t, path(t, s), fit)
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, err := s.WithTx(t.Context(), tx)
	if err != nil {
		t.Fatal(err)
	}
	for range 20 { // more than one block of ids
		if err := create(ctx, s, 1); err != nil {
			t.Fatal(err)
		}
	}
	refused := errors.New("refused")
	err = s.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		return errors.Join(tx.PutTicket(ctx, newTicket(5000)), refused)
	})
	if !errors.Is(err, refused) {
		t.Errorf("got %v", err)
	}
	if n := count(t, s.DB(), "SELECT count(*) FROM helpdesk_tickets"); n != 0 {
		t.Errorf("%d tickets are to be seen before the host commits", n)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := create(ctx, s, 1); !errors.Is(err, ticket.ErrTxDone) {
		t.Errorf("after the host's commit: %v", err)
	}
	for range 20 { // ids go on beyond those of the host's transaction
		if err := create(t.Context(), s, 1); err != nil {
			t.Fatal(err)
		}
	}
	if n := count(t, s.DB(), "SELECT count(*) FROM helpdesk_tickets"); n != 40 {
		t.Errorf("%d tickets, want 40", n)
	}
}

func TestQuerier(t *testing.T) {
	t.Parallel()
	s := open(t, calm())
	if _, err := s.Querier(t.Context()).ExecContext(t.Context(), "CREATE TABLE orders (id INTEGER PRIMARY KEY)"); err != nil {
		t.Fatal(err)
	}
	var kept store.Querier
	var rows *sql.Rows
	err := s.Update(t.Context(), func(ctx context.Context, _ store.Tx) error {
		kept = s.Querier(ctx)
		for _, text := range []string{"COMMIT", "  rollback;", "\nBEGIN", "end;", "SAVEPOINT x", "release x",
			"-- now\nCOMMIT", "/* now */ COMMIT", ";;COMMIT", "COMMIT--"} {
			if _, err := kept.ExecContext(ctx, text); !errors.Is(err, ticket.ErrInvalid) {
				t.Errorf("%q: %v", text, err)
			}
			if err := kept.QueryRowContext(ctx, text).Scan(new(int)); !errors.Is(err, ticket.ErrInvalid) {
				t.Errorf("%q as a query: %v", text, err)
			}
		}
		gone, cancel := context.WithCancel(ctx)
		cancel()
		if _, err := kept.ExecContext(gone, "INSERT INTO orders VALUES (9)"); !errors.Is(err, context.Canceled) {
			t.Errorf("with a context that has ended: %v", err)
		}
		for i := range 50 {
			if _, err := kept.ExecContext(ctx, "INSERT INTO orders VALUES (?)", 100+i); err != nil {
				return err
			}
		}
		var err error
		if rows, err = kept.QueryContext(ctx, "SELECT id FROM orders"); err != nil { // and left open
			return err
		}
		if !rows.Next() {
			t.Error("no rows")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if rows.Next() {
		t.Error("rows can be read after the closure")
	}
	if _, err := kept.ExecContext(t.Context(), "INSERT INTO orders VALUES (1)"); !errors.Is(err, ticket.ErrTxDone) {
		t.Errorf("a querier after its closure: %v", err)
	}
	if _, err := kept.QueryContext(t.Context(), "SELECT 1"); !errors.Is(err, ticket.ErrTxDone) {
		t.Errorf("a querier after its closure: %v", err)
	}
	if err := kept.QueryRowContext(t.Context(), "SELECT 1").Scan(new(int)); !errors.Is(err, ticket.ErrTxDone) {
		t.Errorf("a querier after its closure: %v", err)
	}
	if n := count(t, s.DB(), "SELECT count(*) FROM orders"); n != 50 {
		t.Errorf("%d rows, want 50", n)
	}
}
