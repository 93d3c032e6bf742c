package sqlite

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/hostsql"
	"github.com/helpdeskgo/helpdesk/store/internal/lists"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// reader reads a snapshot, or in a transaction.
type reader struct {
	now  func() time.Time // store time
	ses  *session
	unit *unit // nil in a View
	done atomic.Bool

	reach lists.Reach
}

var _ store.Reader = (*reader)(nil)

// check is the first step of every method.
func (r *reader) check(ctx context.Context) error {
	if r.done.Load() {
		return ticket.ErrTxDone
	}
	if r.unit != nil && r.unit.lost != nil {
		return r.unit.lost
	}
	return ctx.Err()
}

// tx is the handle that one closure gets on a transaction.
type tx struct {
	reader
	queries hostsql.Open // the host's that run
}

var _ store.Tx = (*tx)(nil)

// end makes x dead, and with it whatever the host's queries have open.
func (x *tx) end() {
	x.done.Store(true)
	x.queries.End()
}

// join runs fn in x's transaction, behind a savepoint.
func (x *tx) join(ctx context.Context, fn func(context.Context, store.Tx) error) error {
	if err := x.alive(ctx); err != nil {
		return err
	}
	return x.unit.guarded(func() error { return x.unit.part(ctx, fn) })
}

// alive is check, and asks whether the host has ended its transaction.
func (x *tx) alive(ctx context.Context) error {
	if err := x.check(ctx); err != nil || !x.unit.hosted {
		return err
	}
	_, err := x.unit.on.ExecContext(context.WithoutCancel(ctx), "SELECT 1")
	return classify("join a transaction", err)
}

func (x *tx) view(ctx context.Context, fn func(context.Context, store.Reader) error) error {
	if err := x.alive(ctx); err != nil {
		return err
	}
	r := &reader{ses: x.ses, unit: x.unit, now: x.now, reach: x.reach}
	defer r.done.Store(true)
	return fn(ctx, r)
}

// checkPut is check for things with an id.
func (x *tx) checkPut(ctx context.Context, sequence string, id int64) error {
	if err := x.check(ctx); err != nil {
		return err
	}
	if id <= 0 {
		return invalid("id", ticket.FaultRequired, "a %s needs an id above 0: take one from NewID", sequence)
	}
	return classify("note an id", x.unit.ids.claim(x.ses, sequence, id))
}

// NewID takes the next id of a block that this process has for itself; see store.Tx.
func (x *tx) NewID(ctx context.Context, sequence string) (int64, error) {
	if err := x.check(ctx); err != nil {
		return 0, err
	}
	id, err := x.unit.ids.next(x.ses, sequence)
	return id, classify("take an id", err)
}

// OnCommit has fn called after the commit; see store.Tx.
func (x *tx) OnCommit(fn func()) {
	if fn != nil && !x.done.Load() && !x.unit.hosted {
		x.unit.after = append(x.unit.after, fn)
	}
}

// Hosted reports whether the host began the transaction.
func (x *tx) Hosted() bool { return x.unit.hosted }

func stale(id int64, state store.WorkState) error {
	return fmt.Errorf("sqlite: work %d is not %s: %w", id, state, store.ErrStale)
}
