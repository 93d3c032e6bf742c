package remote

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/hostsql"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Querier runs the host's statements in the transaction that ctx carries, or, where it carries none, on a connection of
// DB. In a transaction it refuses a statement that begins or ends one (ticket.ErrInvalid), and everything after the
// closure (ticket.ErrTxDone). A context that ends is noticed between statements, not within one.
func (s *Store) Querier(ctx context.Context) store.Querier {
	y, ok := store.TxFrom(ctx, s.owner)
	if !ok {
		return s.db
	}
	x := y.(*tx)
	return &hostsql.Querier{On: x.unit, DB: s.db, Open: &x.host, Store: s.d.Name, Before: x.foreign, After: x.failed}
}

// foreign sends what waits before a statement of the host's, which may ask for it.
func (x *tx) foreign(ctx context.Context) error {
	if err := x.check(ctx); err != nil {
		return err
	}
	if x.ses.own == nil && !x.unit.hosted { // begins
		return x.ses.ask(Statement{What: "begin a transaction", Text: "SELECT 1", Row: func(Scan) error { return nil }})
	}
	return x.ses.flush()
}

// failed notes what an error of a host's statement means for the transaction.
func (x *tx) failed(err error) error {
	switch v := x.s.d.Judge(err); v {
	case Repeat, Lost, Unsent:
		return x.ses.fail(Statement{What: "run a statement"}, err)
	case Over:
		return x.s.judged("run a statement", v, err)
	}
	return err
}

// on is what the host's statements run on.
func (u *unit) on() store.Querier {
	if u.host != nil {
		return u.host
	}
	return u.ses.own
}

// ExecContext runs a statement of the host's.
func (u *unit) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return u.on().ExecContext(ctx, query, args...)
}

// QueryContext runs a query of the host's.
func (u *unit) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return u.on().QueryContext(ctx, query, args...)
}

// QueryRowContext runs a query of the host's.
func (u *unit) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return u.on().QueryRowContext(ctx, query, args...)
}

// WithTx returns a context in which Update and View run in host, each Update behind a savepoint. The host commits or
// rolls back. OnCommit functions are not called, and nothing is run again: where it would be, ticket.ErrBusy says so.
//
// It checks that the transaction finds the store's tables, can write, and sees what others commit meanwhile: errors that
// are ErrUnfit say what to change; ticket.ErrTxDone for a transaction that is over.
func (s *Store) WithTx(ctx context.Context, host *sql.Tx) (context.Context, error) {
	if err := ctx.Err(); err != nil {
		return ctx, err
	}
	if host == nil {
		return ctx, s.invalid("tx", ticket.FaultRequired, "is missing")
	}
	return s.Join(ctx, s.d.HostConn(host), host)
}

// Join is WithTx for a connection in a transaction of the host's. Querier runs statements on host, and may not be nil.
func (s *Store) Join(ctx context.Context, c Conn, host store.Querier) (context.Context, error) {
	ses := &session{s: s, ctx: context.WithoutCancel(ctx), conn: c, hosted: true}
	if err := s.d.CheckHosted(func(text string) (a string, err error) {
		there, err := ses.row("join a transaction", text, []any{&a})
		if err == nil && !there {
			err = errNoRow
		}
		return a, err
	}, s.prefix); err != nil {
		return ctx, err
	}
	ses.failed, ses.again = nil, false // what it may not ask for is no fault of the transaction
	u := &unit{s: s, ses: ses, hosted: true, host: host}
	return store.ContextWithTx(ctx, s.owner, &tx{reader: reader{s: s, ses: ses, unit: u}}), nil
}

var errNoRow = errors.New("no row")

// Unfit says what of a host's transaction does not fit.
func Unfit(name, format string, args ...any) error {
	return fmt.Errorf(name+": join a transaction: "+format+": %w", append(args, ErrUnfit)...)
}
