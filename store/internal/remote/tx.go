package remote

import (
	"context"
	"sync/atomic"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/hostsql"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// reader reads a snapshot, or in a transaction.
type reader struct {
	s    *Store
	ses  *session
	unit *unit // nil in a View
	done atomic.Bool
}

var _ store.Reader = (*reader)(nil)

// check is the first step of every method.
func (r *reader) check(ctx context.Context) error {
	if r.done.Load() {
		return ticket.ErrTxDone
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return r.ses.failed
}

// tx is the handle that one closure gets on a transaction.
type tx struct {
	reader
	host hostsql.Open // the host's queries that run
}

var _ store.Tx = (*tx)(nil)

// end makes x dead, and with it whatever the host's queries have open.
func (x *tx) end() {
	x.done.Store(true)
	x.host.End()
}

// join runs fn in x's transaction, behind a savepoint.
func (x *tx) join(ctx context.Context, fn func(context.Context, store.Tx) error) error {
	if err := x.check(ctx); err != nil {
		return err
	}
	return x.unit.guarded(func() error { return x.unit.part(ctx, fn) })
}

func (x *tx) view(ctx context.Context, fn func(context.Context, store.Reader) error) error {
	if err := x.check(ctx); err != nil {
		return err
	}
	r := &reader{s: x.s, ses: x.ses, unit: x.unit}
	defer r.done.Store(true)
	return fn(ctx, r)
}

// write checks, and has one statement sent when there is something to send it with.
func (x *tx) write(ctx context.Context, what, text string, args ...any) error {
	if err := x.check(ctx); err != nil {
		return err
	}
	return x.ses.later(Statement{What: what, Text: text, Args: args})
}

// insert is write for one row's insertion, whether or not there is one with its key.
func (x *tx) insert(ctx context.Context, what, into, text string, args ...any) error {
	if err := x.check(ctx); err != nil {
		return err
	}
	return x.ses.later(Statement{What: what, Into: into, Text: text, Args: args})
}

// checkPut is check for things with an id.
func (x *tx) checkPut(ctx context.Context, sequence string, id int64) error {
	if err := x.check(ctx); err != nil {
		return err
	}
	if id <= 0 {
		return x.s.invalid("id", ticket.FaultRequired, "a %s needs an id above 0: take one from NewID", sequence)
	}
	return nil
}

// NewID takes the next id of a block that this process has for itself; see store.Tx.
func (x *tx) NewID(ctx context.Context, sequence string) (int64, error) {
	if err := x.check(ctx); err != nil {
		return 0, err
	}
	id, err := x.s.ids.next(ctx, sequence)
	if err == nil {
		x.unit.fresh.add(sequence, id)
	}
	return id, err
}

// OnCommit has fn called after the commit; see store.Tx.
func (x *tx) OnCommit(fn func()) {
	if fn != nil && !x.done.Load() && !x.unit.hosted {
		x.unit.after = append(x.unit.after, fn)
	}
}

// Hosted reports whether the host began the transaction.
func (x *tx) Hosted() bool { return x.unit.hosted }
