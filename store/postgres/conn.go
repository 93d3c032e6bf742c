package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/helpdeskgo/helpdesk/store/internal/remote"
)

// conn is a connection of the pool. Its statements are sent without waiting for the answers of those before.
type conn struct {
	of *sql.Conn
	*joiner
}

// Send runs statements in one round trip. Where the connection is lost it cannot say at which of them: -1.
func (c conn) Send(ctx context.Context, list []remote.Statement) (at int, err error) {
	e := c.of.Raw(func(driver any) error {
		own := driver.(*stdlib.Conn).Conn()
		if rows := whole(list); rows != nil {
			err = c.insert(ctx, own, rows)
			at = failed(rows, 1, err)
			return nil
		}
		at, err = c.send(ctx, own, list)
		return nil // what is wrong with the connection it tells its pool itself
	})
	var said *pgconn.PgError
	switch {
	case err == nil:
		err = e
	case errors.As(err, &said) && said.Code == "26000": // invalid_sql_statement_name
		err = fmt.Errorf("%w: %w", errForgotten, err)
	}
	return at, err
}

// errForgotten says that the server does not know a statement any more that was prepared on the connection: somebody has
// discarded those. It was not run.
var errForgotten = errors.New("what was prepared is gone")

// runner runs statements: a connection, or a transaction.
type runner interface {
	Exec(ctx context.Context, text string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, text string, args ...any) (pgx.Rows, error)
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// hostConn is a transaction that the host began with pgx. It is the transaction that is asked, and not its connection:
// that is another's when the host has ended it.
type hostConn struct {
	of pgx.Tx
	*joiner
}

func (c hostConn) Send(ctx context.Context, list []remote.Statement) (int, error) {
	return c.send(ctx, c.of, list)
}

func (j *joiner) send(ctx context.Context, c runner, list []remote.Statement) (int, error) {
	if len(list) == 1 {
		return 0, single(ctx, c, list[0])
	}
	steps := j.steps(list)
	b := &pgx.Batch{}
	for _, s := range steps {
		b.Queue(s.Text, s.Args...)
	}
	answers := c.SendBatch(ctx, b)
	for i, at := 0, 0; i < len(steps); i++ {
		if err := answer(answers, steps[i].Statement); err != nil {
			_ = answers.Close() // it says the same
			return failed(list[at:at+steps[i].of], at, err), err
		}
		at += steps[i].of
	}
	return len(list) - 1, answers.Close()
}

// whole returns the insertions of a transaction that is nothing else, if they can be one statement: by itself that is a
// transaction, of the level that Open has set.
func whole(list []remote.Statement) []remote.Statement {
	last := len(list) - 1
	if last < 3 || list[0].Text != begin || list[last].Text != "COMMIT" || joinable(list[1:last]) < last-1 {
		return nil
	}
	return list[1:last]
}

// step is a statement made of several.
type step struct {
	remote.Statement
	of int
}

// failed is which of the statements from at on, sent as one, has failed, if one can tell: the server names the table of
// a key. Where the connection is gone, it may have run those behind them, too.
func failed(of []remote.Statement, at int, err error) int {
	var said *pgconn.PgError
	switch {
	case err == nil:
	case !errors.As(err, &said):
		if !pgconn.SafeToRetry(err) {
			return -1
		}
	case len(of) > 1:
		into := func(st remote.Statement) bool {
			return said.TableName != "" && strings.HasSuffix(said.TableName, st.Into)
		}
		i := slices.IndexFunc(of, into)
		if i < 0 || slices.ContainsFunc(of[i+1:], into) { // none, or any of several
			return -1
		}
		return at + i
	}
	return at
}

func answer(from pgx.BatchResults, st remote.Statement) error {
	if st.Row != nil {
		rows, err := from.Query()
		return read(rows, err, st)
	}
	tag, err := from.Exec()
	return ended(tag.String(), err, st)
}

func single(ctx context.Context, c runner, st remote.Statement) error {
	if st.Row != nil {
		rows, err := c.Query(ctx, st.Text, st.Args...)
		return read(rows, err, st)
	}
	tag, err := c.Exec(ctx, st.Text, st.Args...)
	return ended(tag.String(), err, st)
}

func read(rows pgx.Rows, err error, st remote.Statement) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := st.Row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// errRolledBack is what a COMMIT comes to in a transaction of which a statement has failed.
var errRolledBack = fmt.Errorf("the transaction was rolled back: one of its statements had failed")

// ended looks whether a transaction was committed when it was to be.
func ended(tag string, err error, st remote.Statement) error {
	if err == nil && st.Text == "COMMIT" && tag != "COMMIT" {
		return errRolledBack
	}
	return err
}
