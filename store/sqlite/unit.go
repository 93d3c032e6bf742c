package sqlite

import (
	"context"
	"errors"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/row"
)

// unit is what an outermost Update and everything that joins it share, or all Updates in one transaction of the host's.
type unit struct {
	s      *Store
	ses    *session
	ids    *ids
	on     store.Querier // runs the host's statements
	hosted bool

	after []func() // see Tx.OnCommit
	woke  bool     // work was put
	seen  map[int64]row.Row
	// marked are tickets that this transaction has marked as stale.
	marked  map[int64]bool
	foreign bool  // the host's statements ran
	lost    error // the transaction is gone from under us
}

func newUnit(s *Store, ses *session, ids *ids, on store.Querier) *unit {
	return &unit{s: s, ses: ses, ids: ids, on: on}
}

// part runs fn with a Tx of its own. The caller undoes what an error, a panic or a Goexit leaves behind.
func (u *unit) part(ctx context.Context, fn func(context.Context, store.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	x := &tx{reader: reader{ses: u.ses, unit: u, now: u.s.opts.Now, reach: u.s.reach}}
	defer x.end()
	if err := fn(store.ContextWithTx(ctx, u.s, x), x); err != nil {
		return err
	}
	if u.lost != nil {
		return u.lost
	}
	return ctx.Err()
}

// guarded runs fn behind a savepoint: everything is as it was before unless fn returns nil.
func (u *unit) guarded(fn func() error) (err error) {
	if _, err := u.ses.exec("SAVEPOINT helpdesk"); err != nil {
		return classify("set a savepoint", err)
	}
	if u.hosted {
		u.seen = nil // the host may have undone a part of its own
	}
	after, woke, ids, kept := len(u.after), u.woke, u.ids.mark(), false
	defer func() {
		if kept {
			return
		}
		u.after, u.woke, u.seen, u.marked = u.after[:after], woke, nil, nil
		u.ids.rollback(ids)
		if e := u.back(); e != nil {
			err = errors.Join(err, e)
		}
	}()
	if err := fn(); err != nil {
		return err
	}
	if _, err := u.ses.exec("RELEASE helpdesk"); err != nil {
		return classify("release a savepoint", err)
	}
	kept = true
	return nil
}

// errSpoilt ends a group of which one has failed after it had written.
var errSpoilt = errors.New("another caller of the group has failed")

// bold runs fn without a savepoint, for which SQLite would copy every page that fn changes. What fn leaves behind when it
// fails can then be undone for the whole transaction only, which is lost. Most that fail have not written yet.
func (u *unit) bold(fn func() error) (err error) {
	writes, kept := u.ses.writes, false
	defer func() {
		if kept {
			return
		}
		u.after, u.woke = nil, false
		if u.ses.writes > writes && u.lost == nil {
			u.lost = errSpoilt
		}
	}()
	if err := fn(); err != nil {
		return err
	}
	if u.foreign { // an error that only their rows have told of
		u.stillOpen()
	}
	kept = u.lost == nil
	return u.lost
}

// back returns to the savepoint. Where that fails the whole transaction is lost.
func (u *unit) back() error {
	_, err := u.ses.exec("ROLLBACK TO helpdesk")
	if err == nil {
		_, err = u.ses.exec("RELEASE helpdesk")
	}
	if err != nil && u.lost == nil {
		u.lost = classify("return to a savepoint", err)
		return u.lost
	}
	return nil
}
