package sqlite

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
// DB.
//
// In a transaction it refuses a statement that begins or ends one (ticket.ErrInvalid), and everything after the closure
// (ticket.ErrTxDone). Do not hide such a statement behind another in one text. A context that ends is noticed between
// statements, not within one. Rows that are still open when the closure ends are closed.
func (s *Store) Querier(ctx context.Context) store.Querier {
	x, ok := store.TxFrom(ctx, s)
	if !ok {
		return pooled{s.db}
	}
	return x.(*tx).querier(s.db)
}

// pooled runs statements outside any transaction of the store, and says in its words when the file was busy.
type pooled struct{ *sql.DB }

func (p pooled) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	res, err := p.DB.ExecContext(ctx, query, args...)
	return res, busy(err)
}

func (p pooled) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	rows, err := p.DB.QueryContext(ctx, query, args...)
	return rows, busy(err)
}

// busy classifies the one error that is the store's own doing. Within a transaction its cause is, as a rule, a
// statement that was not given the transaction's context.
func busy(err error) error {
	if err != nil && isBusy(err) {
		return fmt.Errorf("sqlite: %w (inside a transaction, use the context that its function was given): %w", ticket.ErrBusy, err)
	}
	return err
}

// querier runs the host's statements in the transaction.
func (x *tx) querier(db *sql.DB) store.Querier {
	return &hostsql.Querier{On: x.unit.on, DB: db, Open: &x.queries, Store: "sqlite", After: x.failed, Before: func(ctx context.Context) error {
		if err := x.check(ctx); err != nil {
			return err
		}
		x.unit.foreign = true
		x.ses.writes++ // as far as the store knows
		return nil
	}}
}

// failed sees to it that an error of a host's statement is not worse than it looks.
func (x *tx) failed(err error) error {
	x.unit.stillOpen()
	if errors.Is(err, sql.ErrTxDone) {
		return classify("run a statement", err)
	}
	return err
}

// stillOpen looks, after a statement of the host's has failed, whether SQLite has rolled the transaction back with it
// (as INSERT OR ROLLBACK does). What followed would be committed by itself.
func (u *unit) stillOpen() {
	if u.hosted || u.lost != nil {
		return
	}
	if _, err := u.ses.exec("BEGIN"); err == nil {
		_, _ = u.ses.exec("ROLLBACK")
		u.lost = fmt.Errorf("sqlite: a statement has rolled back the whole transaction: do not use ROLLBACK as conflict clause: %w", ticket.ErrTxDone)
	}
}
