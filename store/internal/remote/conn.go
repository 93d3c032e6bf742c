package remote

import (
	"context"
	"database/sql"

	"github.com/helpdeskgo/helpdesk/store"
)

// Statement is one statement. Its text has the server's own signs when it comes to a Conn.
type Statement struct {
	What string // begins the text of its error: "write a ticket"
	Text string
	Args []any
	Row  func(scan Scan) error // called with each row, of a statement that has some
	// Into is the table, without the prefix, of a statement that is one row's insertion and nothing else: others beside it,
	// into other tables, may be written at the same moment.
	Into string
	// Anew says that a key which is there already is no error of the caller's: somebody was faster, and the transaction
	// can be run again.
	Anew bool
}

// Scan reads a row, as sql.Rows.Scan.
type Scan func(dest ...any) error

// Conn is a connection, in a transaction or not.
type Conn interface {
	// Send runs statements in their order, in as few round trips as it can, up to the first that fails: at says
	// which, and is below 0 where that cannot be told.
	Send(ctx context.Context, list []Statement) (at int, err error)
}

// Plain is a Conn over database/sql: one round trip for each statement.
type Plain struct{ On store.Querier }

// Send runs statements one by one.
func (p Plain) Send(ctx context.Context, list []Statement) (int, error) {
	for i, st := range list {
		if err := p.run(ctx, st); err != nil {
			return i, err
		}
	}
	return 0, nil
}

func (p Plain) run(ctx context.Context, st Statement) error {
	if st.Row == nil {
		_, err := p.On.ExecContext(ctx, st.Text, st.Args...)
		return err
	}
	rows, err := p.On.QueryContext(ctx, st.Text, st.Args...)
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

var _ store.Querier = (*sql.Conn)(nil)
