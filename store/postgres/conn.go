package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

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
	steps := joined(list)
	if len(steps) == 3 && steps[0].Text == begin && steps[1].of > 1 && steps[2].Text == "COMMIT" {
		err := single(ctx, c, steps[1].Statement) // a statement by itself is a transaction, of the level that Open has set
		return failed(list[1:len(list)-1], 1, err), err
	}
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
		if i := slices.IndexFunc(of, func(st remote.Statement) bool { return strings.HasSuffix(said.TableName, st.Into) }); i >= 0 && said.TableName != "" {
			return at + i
		}
		return -1
	}
	return at
}

// joined makes one statement of insertions that follow each other: each statement costs the server more than its row.
// Two that may be of the same row are kept apart.
func joined(list []remote.Statement) []step {
	out := make([]step, 0, len(list))
	for len(list) > 0 {
		n := 0
		for n < len(list) && list[n].Into != "" && !meets(list[:n], list[n]) {
			n++
		}
		if n < 2 {
			out, list = append(out, step{list[0], 1}), list[1:]
			continue
		}
		out, list = append(out, step{join(list[:n]), n}), list[n:]
	}
	return out
}

func meets(list []remote.Statement, st remote.Statement) bool {
	return strings.Contains(st.Text, "ON CONFLICT") && slices.ContainsFunc(list, func(o remote.Statement) bool { return o.Into == st.Into })
}

// join writes insertions as one statement (https://www.postgresql.org/docs/current/queries-with.html, 7.8.4).
func join(list []remote.Statement) remote.Statement {
	var b strings.Builder
	var args []any
	for i, st := range list {
		switch {
		case i == len(list)-1:
			b.WriteString(") ")
		case i == 0:
			b.WriteString("WITH w0 AS (")
		default:
			b.WriteString("), w" + strconv.Itoa(i) + " AS (")
		}
		renumber(&b, st.Text, len(args))
		args = append(args, st.Args...)
	}
	return remote.Statement{What: "write", Text: b.String(), Args: args}
}

// renumber writes a text whose arguments come behind others.
func renumber(b *strings.Builder, text string, by int) {
	for {
		i := strings.IndexByte(text, '$') + 1
		if i == 0 || by == 0 {
			b.WriteString(text)
			return
		}
		n := 0
		b.WriteString(text[:i])
		for text = text[i:]; text != "" && text[0] >= '0' && text[0] <= '9'; text = text[1:] {
			n = 10*n + int(text[0]-'0')
		}
		b.WriteString(strconv.Itoa(n + by))
	}
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
