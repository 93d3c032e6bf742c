package remote

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/row"
)

// unit is what an outermost Update and everything that joins it share, or all Updates in one transaction of the host's.
type unit struct {
	s      *Store
	ses    *session
	hosted bool
	wary   bool          // it has been run before, or a part of it is undone: what was taken for granted is asked
	again  bool          // it has been run before
	host   store.Querier // of the host's transaction
	depth  int           // of parts
	primed bool          // see Dialect.Prime

	after      []func()           // see Tx.OnCommit
	indexed    bool               // documents were stored
	configured bool               // records of configuration were put or deleted
	woke       bool               // work was put
	moved      map[string]bool    // lanes whose work may be let go
	seen       map[int64]row.Row  // of tickets that are locked
	fresh      fresh              // ids that this transaction has taken
	reserved   map[keyName]int64  // keys that were reserved without asking
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
	return errors.Join(ctx.Err(), u.free())
}

// guarded runs fn behind a savepoint: everything is as it was before unless fn returns nil. What fn has written is sent
// before it ends, for what is wrong with it is to be told to whom it belongs.
func (u *unit) guarded(fn func() error) (err error) {
	if u.hosted {
		u.hostsTurn()
	}
	u.depth++
	name := "helpdesk_" + strconv.Itoa(u.depth)
	before, after, woke, moved, kept := u.ses.mark(), len(u.after), u.woke, maps.Clone(u.moved), false
	defer func() {
		u.depth--
		u.primed = u.primed || u.ses.sent != before.sent
		if kept {
			return
		}
		u.after, u.woke = u.after[:after], woke
		for lane := range moved { // what let its work go is undone
			u.unpark(lane)
		}
		u.forget()
		// What the host does next must find it so: a hosted session sends it at once.
		if e := u.ses.back(before, name); e != nil && !errors.Is(err, e) {
			err = errors.Join(err, e)
		}
	}()
	first := u.savepoint(name)
	for _, text := range first {
		if err := u.ses.later(Statement{What: "set a savepoint", Text: text}); err != nil {
			return err
		}
	}
	if err := fn(); err != nil {
		return err
	}
	if now := u.ses.mark(); now.sent == before.sent && now.queued == before.queued+len(first) {
		kept = true // nothing was written: the savepoint need not be sent
		return u.ses.back(before, name)
	}
	if err := u.ses.ask(Statement{What: "release a savepoint", Text: "RELEASE SAVEPOINT " + name}); err != nil {
		return err
	}
	kept = true
	return nil
}

// savepoint is what sets a savepoint; see Dialect.Prime.
func (u *unit) savepoint(name string) []string {
	set := []string{"SAVEPOINT " + name}
	if u.depth > 1 || u.primed || u.hosted {
		return set
	}
	return slices.Concat(u.s.d.Prime, set)
}

// forget drops what was read in a part that is undone, and what is known of what was written.
func (u *unit) forget() { u.seen, u.read, u.marked, u.reserved, u.wary = nil, nil, nil, nil, true }

// hostsTurn drops what is known of what this transaction has written: the host may have undone a part of its own.
func (u *unit) hostsTurn() {
	u.seen, u.reserved = nil, nil
	for k, h := range u.read {
		u.read[k] = held{version: h.version}
	}
}

// fresh are ids that this transaction has taken, and nobody else has; true are those whose rows are not written yet.
type fresh map[freshID]bool

type freshID struct {
	sequence string
	id       int64
}

func (f *fresh) add(sequence string, id int64) {
	if *f == nil {
		*f = fresh{}
	}
	(*f)[freshID{sequence, id}] = true
}

// use reports whether a row with the id is to be written for the first time.
func (f fresh) use(sequence string, id int64) bool {
	k := freshID{sequence, id}
	first := f[k]
	if first {
		f[k] = false
	}
	return first
}

// granted reports whether a row about something new may be written without asking whether it is there: where it is after
// all, the closure runs again, and asks.
func (u *unit) granted(sequence string, id int64) bool {
	if u.hosted || u.wary {
		return false
	}
	_, mine := u.fresh[freshID{sequence, id}]
	return mine
}
