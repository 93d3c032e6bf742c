package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/helpdeskgo/helpdesk/store/internal/remote"
)

// conn is a connection of the pool. Its statements are sent without waiting for the answers of those before.
type conn struct{ of *sql.Conn }

// Send runs statements in one round trip. Where the connection is lost it cannot say at which of them: -1.
func (c conn) Send(ctx context.Context, list []remote.Statement) (at int, err error) {
	e := c.of.Raw(func(driver any) error {
		at, err = send(ctx, driver.(*stdlib.Conn).Conn(), list)
		return nil // what is wrong with the connection it tells its pool itself
	})
	if err == nil {
		err = e
	}
	return at, err
}

// hostConn is a connection in a transaction that the host began with pgx.
type hostConn struct{ of *pgx.Conn }

func (c hostConn) Send(ctx context.Context, list []remote.Statement) (int, error) {
	return send(ctx, c.of, list)
}

func send(ctx context.Context, c *pgx.Conn, list []remote.Statement) (int, error) {
	if len(list) == 1 {
		return 0, single(ctx, c, list[0])
	}
	b := &pgx.Batch{}
	for _, st := range list {
		b.Queue(st.Text, st.Args...)
	}
	answers := c.SendBatch(ctx, b)
	for i, st := range list {
		if err := answer(answers, st); err != nil {
			_ = answers.Close() // it says the same
			return place(i, err), err
		}
	}
	return len(list) - 1, answers.Close()
}

// place is -1 where the answers ended before the server said anything of the statement: it may have done all of them, for
// it answers when it is through.
func place(i int, err error) int {
	if e := (*pgconn.PgError)(nil); !errors.As(err, &e) && !pgconn.SafeToRetry(err) {
		return -1
	}
	return i
}

func answer(from pgx.BatchResults, st remote.Statement) error {
	if st.Row != nil {
		rows, err := from.Query()
		return read(rows, err, st)
	}
	tag, err := from.Exec()
	return ended(tag.String(), err, st)
}

func single(ctx context.Context, c *pgx.Conn, st remote.Statement) error {
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
