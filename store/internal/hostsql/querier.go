// Package hostsql runs the host's own statements in a transaction of a store.
package hostsql

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"unicode"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Querier runs statements in the transaction that On is in. The driver does not see the caller's context: a statement
// that is interrupted would take the transaction of others with it. A context that ends is noticed between statements.
type Querier struct {
	On     store.Querier
	DB     *sql.DB                         // makes rows that hold an error
	Before func(ctx context.Context) error // whether a statement may run
	After  func(err error) error           // what the error of a statement means
	Open   *Open
	Store  string // begins the texts of errors
}

var _ store.Querier = (*Querier)(nil)

// Open is what the host's queries of one closure have open.
type Open struct {
	rows   []*sql.Rows
	ctx    context.Context // of single rows, which are ended by nothing else if they are not scanned
	cancel context.CancelFunc
}

func (o *Open) single(ctx context.Context) context.Context {
	if o.ctx == nil {
		o.ctx, o.cancel = context.WithCancel(context.WithoutCancel(ctx))
	}
	return o.ctx
}

// End closes the rows that are still open.
func (o *Open) End() {
	for _, r := range o.rows {
		_ = r.Close() // most are closed
	}
	if o.cancel != nil {
		o.cancel()
	}
}

// ExecContext runs a statement without rows.
func (q *Querier) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := q.check(ctx, query); err != nil {
		return nil, err
	}
	res, err := q.On.ExecContext(context.WithoutCancel(ctx), query, args...)
	return res, q.failed(err)
}

// QueryContext runs a statement with rows.
func (q *Querier) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := q.check(ctx, query); err != nil {
		return nil, err
	}
	rows, err := q.On.QueryContext(context.WithoutCancel(ctx), query, args...)
	if err != nil {
		return nil, q.failed(err)
	}
	q.Open.rows = append(q.Open.rows, rows)
	return rows, nil
}

// QueryRowContext runs a statement with one row.
func (q *Querier) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if err := q.check(ctx, query); err != nil {
		return Failed(ctx, q.DB, err)
	}
	row := q.On.QueryRowContext(q.Open.single(ctx), query, args...)
	_ = q.failed(row.Err())
	return row
}

func (q *Querier) failed(err error) error {
	if err == nil {
		return nil
	}
	return q.After(err)
}

func (q *Querier) check(ctx context.Context, query string) error {
	switch strings.ToUpper(firstWord(query)) {
	case "BEGIN", "START", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE":
		return fmt.Errorf("%s: %w", q.Store, ticket.Invalid("query", ticket.FaultNotAllowed,
			"the transaction is the store's: return an error to undo it, use Update for a part of it"))
	}
	return q.Before(ctx)
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

// Failed returns a row whose Scan fails with err.
func Failed(ctx context.Context, db *sql.DB, err error) *sql.Row {
	return db.QueryRowContext(endedContext{ctx, err}, "SELECT 1")
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
