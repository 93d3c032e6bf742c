package remote

import (
	"context"
	"errors"
	"strconv"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/row"
)

// unit is what an outermost Update and everything that joins it share, or all Updates in one transaction of the host's.
type unit struct {
	s      *Store
	ses    *session
	hosted bool
	host   store.Querier // of the host's transaction
	depth  int           // of parts

	after      []func()           // see Tx.OnCommit
	indexed    bool               // documents were stored
	configured bool               // records of configuration were put or deleted
	woke       bool               // work was put
	seen       map[int64]row.Row  // of tickets that are locked
	fresh      map[int64]bool     // ids of tickets that this transaction has taken
	read       map[recordKey]held // records
	marked     map[int64]bool     // tickets that are marked as stale
}

// part runs fn with a Tx of its own. The caller undoes what an error, a panic or a Goexit leaves behind.
func (u *unit) part(ctx context.Context, fn func(context.Context, store.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	x := &tx{reader: reader{s: u.s, ses: u.ses, unit: u}}
	defer x.end()
	if err := fn(store.ContextWithTx(ctx, u.s.owner, x), x); err != nil {
		return err
	}
	return ctx.Err()
}

// guarded runs fn behind a savepoint: everything is as it was before unless fn returns nil. What fn has written is sent
// before it ends, for what is wrong with it is to be told to whom it belongs.
func (u *unit) guarded(fn func() error) (err error) {
	if u.hosted {
		u.hostsTurn()
	}
	u.depth++
	name := "helpdesk_" + strconv.Itoa(u.depth)
	before, after, woke, kept := u.ses.mark(), len(u.after), u.woke, false
	defer func() {
		u.depth--
		if kept {
			return
		}
		u.after, u.woke = u.after[:after], woke
		u.forget()
		// What the host does next must find it so: a hosted session sends it at once.
		if e := u.ses.back(before, name); e != nil && !errors.Is(err, e) {
			err = errors.Join(err, e)
		}
	}()
	if err := u.ses.later(Statement{What: "set a savepoint", Text: "SAVEPOINT " + name}); err != nil {
		return err
	}
	if err := fn(); err != nil {
		return err
	}
	if now := u.ses.mark(); now.sent == before.sent && now.queued == before.queued+1 {
		kept = true // nothing was written: the savepoint need not be sent
		return u.ses.back(before, name)
	}
	if err := u.ses.ask(Statement{What: "release a savepoint", Text: "RELEASE SAVEPOINT " + name}); err != nil {
		return err
	}
	kept = true
	return nil
}

// forget drops what was read in a part that is undone.
func (u *unit) forget() { u.seen, u.read, u.marked = nil, nil, nil }

// hostsTurn drops what is known of what this transaction has written: the host may have undone a part of its own.
func (u *unit) hostsTurn() {
	u.seen = nil
	for k, h := range u.read {
		u.read[k] = held{version: h.version}
	}
}
