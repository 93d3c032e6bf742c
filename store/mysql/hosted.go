package mysql

import (
	"context"
	"database/sql"

	"github.com/helpdeskgo/helpdesk/store"
)

// WithTx returns a context in which the desk works in a transaction that the host began with go-sql-driver, of any handle on
// the store's database, at READ COMMITTED (sql.TxOptions{Isolation: sql.LevelReadCommitted}), which is not the default. Each verb is undone by itself if it
// fails; the host commits or rolls back, and calls Desk.Wake when it has committed. Nothing is run again in it: where it
// would be, ticket.ErrBusy says so. Errors: ErrUnfit for a transaction that cannot work, with what to change;
// ticket.ErrTxDone for one that is over.
func (s *Store) WithTx(ctx context.Context, host *sql.Tx) (context.Context, error) {
	return s.Store.WithTx(ctx, host)
}

// Querier runs the host's statements in the transaction that ctx carries, or, where it carries none, on a connection of
// the store's. It refuses statements that begin or end a transaction (ticket.ErrInvalid), and everything after the closure
// (ticket.ErrTxDone).
func (s *Store) Querier(ctx context.Context) store.Querier { return s.Store.Querier(ctx) }
