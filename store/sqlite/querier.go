package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/helpdeskgo/helpdesk/store"
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
	return &querier{x: x.(*tx), db: s.db}
}

type querier struct {
	x  *tx
	db *sql.DB // makes rows that hold an error
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

// queries is what the host's queries of one closure have open. The driver must not see the caller's context:
// interrupting a statement would take the whole group with it.
type queries struct {
	rows   []*sql.Rows
	ctx    context.Context // of single rows, which are ended by nothing else if they are not scanned
	cancel context.CancelFunc
}

func (q *queries) single(ctx context.Context) context.Context {
	if q.ctx == nil {
		q.ctx, q.cancel = context.WithCancel(context.WithoutCancel(ctx))
	}
	return q.ctx
}

func (q *queries) end() {
	for _, r := range q.rows {
		_ = r.Close() // most are closed
	}
	if q.cancel != nil {
		q.cancel()
	}
}

// ExecContext runs a statement without rows.
func (q *querier) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := q.check(ctx, query); err != nil {
		return nil, err
	}
	res, err := q.x.unit.on.ExecContext(context.WithoutCancel(ctx), query, args...)
	return res, q.failed(err)
}

// QueryContext runs a statement with rows.
func (q *querier) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := q.check(ctx, query); err != nil {
		return nil, err
	}
	rows, err := q.x.unit.on.QueryContext(context.WithoutCancel(ctx), query, args...)
	if err != nil {
		return nil, q.failed(err)
	}
	q.x.queries.rows = append(q.x.queries.rows, rows)
	return rows, nil
}

// QueryRowContext runs a statement with one row.
func (q *querier) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if err := q.check(ctx, query); err != nil {
		return q.db.QueryRowContext(endedContext{ctx, err}, query)
	}
	row := q.x.unit.on.QueryRowContext(q.x.queries.single(ctx), query, args...)
	_ = q.failed(row.Err())
	return row
}

// failed sees to it that an error of a statement is not worse than it looks.
func (q *querier) failed(err error) error {
	if err == nil {
		return nil
	}
	q.x.unit.stillOpen()
	if errors.Is(err, sql.ErrTxDone) {
		return classify("run a statement", err)
	}
	return err
}

func (q *querier) check(ctx context.Context, query string) error {
	if err := q.x.check(ctx); err != nil {
		return err
	}
	switch strings.ToUpper(firstWord(query)) {
	case "BEGIN", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE":
		return fmt.Errorf("sqlite: %w", ticket.Invalid("query", ticket.FaultNotAllowed, "the transaction is the store's: return an error to undo it, use Update for a part of it"))
	}
	q.x.unit.foreign = true
	q.x.ses.writes++ // as far as the store knows
	return nil
}

// firstWord returns the word that says what a statement does, past spaces, semicolons and comments.
func firstWord(query string) string {
	for {
		query = strings.TrimLeft(query, " \t\r\n\f;")
		end := ""
		switch {
		case strings.HasPrefix(query, "--"):
			end = "\n"
		case strings.HasPrefix(query, "/*"):
			end = "*/"
		default:
			n := strings.IndexFunc(query, func(r rune) bool { return !unicode.IsLetter(r) })
			if n < 0 {
				n = len(query)
			}
			return query[:n]
		}
		_, query, _ = strings.Cut(query, end)
	}
}

// endedContext is a context that has ended with err, which makes database/sql return that error.
type endedContext struct {
	context.Context
	err error
}

var ended = func() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

func (f endedContext) Done() <-chan struct{} { return ended }

func (f endedContext) Err() error { return f.err }

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
