package remote

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// maxQueued is how many bytes of writes wait before they are sent.
const maxQueued = 1 << 20

// session is a transaction. It takes a connection, and begins, with the first statements that are sent; what need not be
// answered waits until then, too.
type session struct {
	s      *Store
	ctx    context.Context // statements run with the context of the outermost closure: an inner one that ends must not end the transaction
	pool   *sql.DB
	own    *sql.Conn // nil until it is needed, and in a transaction of the host's
	conn   Conn
	begin  []string // not sent yet
	hosted bool     // the transaction is the host's: nothing is run again

	queue    []Statement
	size     int   // bytes of the queue
	sent     int   // statements sent so far
	failed   error // what has spoilt the transaction
	again    bool  // the closure may succeed if it is run anew
	presumed bool  // what was taken for granted was there

	opened  bool      // the transaction was begun
	alone   bool      // what is sent first needs no transaction around it: see store.OneRead
	apart   bool      // what was read is of a moment that is gone
	settled bool      // a snapshot of our own has the settings for lists
	patient bool      // what was sent first is sent again where the connection is lost
	began   time.Time // when it was first tried
	rows    int       // that were read
	careful bool      // statements are sent one by one, to learn which of them fails
	unclear bool      // it was not clear which one has failed
}

// later has a statement sent with the next one that is asked, or with the commit.
func (ses *session) later(st Statement) error {
	if ses.queue == nil {
		ses.queue = make([]Statement, 0, 12) // as many as a new ticket takes, with what begins and ends it
	}
	ses.queue = append(ses.queue, st)
	for _, a := range st.Args {
		switch v := a.(type) {
		case string:
			ses.size += len(v)
		case []byte:
			ses.size += len(v)
		}
	}
	if ses.size < maxQueued {
		return nil
	}
	return ses.flush()
}

// ask sends a statement, and what waits before it. An error of its Row is returned, and spoils nothing.
func (ses *session) ask(st Statement) error {
	var refused error
	if row := st.Row; row != nil {
		st.Row = func(scan Scan) error {
			ses.rows++
			if refused == nil {
				refused = row(scan)
			}
			return nil
		}
	}
	ses.queue = append(ses.queue, st)
	return errors.Join(ses.flush(), refused)
}

// flush sends what waits.
func (ses *session) flush() error {
	if ses.failed != nil {
		return ses.failed
	}
	if len(ses.queue) == 0 {
		return nil
	}
	return ses.send(ses.ctx)
}

func (ses *session) send(ctx context.Context) error {
	for i := range ses.queue {
		ses.queue[i].Text = ses.s.Text(ses.queue[i].Text)
	}
	if !ses.alone {
		for i, text := range ses.begin {
			ses.queue, ses.opened = slices.Insert(ses.queue, i, Statement{What: "begin a transaction", Text: text}), true
		}
		ses.begin = nil
	}
	list := ses.queue
	err := ses.try(ctx, list)
	for pause := firstPause; err != nil && ses.patient && ses.again && ses.sent == 0 && ses.rows == 0 && ses.waits(&pause); {
		if ses.own != nil {
			Discard(ses.own) // whatever state it is in
		}
		ses.own, ses.conn, ses.failed, ses.again = nil, nil, nil, false
		err = ses.try(ctx, list)
	}
	ses.queue, ses.size = ses.queue[:0], 0
	ses.sent += len(list)
	if ses.alone { // what comes now begins anew
		ses.alone, ses.apart, ses.settled, ses.sent, ses.rows = false, true, false, 0, 0
	}
	return err
}

// waits waits before something is tried again, unless it was tried for too long.
func (ses *session) waits(pause *time.Duration) bool {
	if time.Since(ses.began) > ses.s.set.BusyTimeout {
		return false
	}
	err := sleep(ses.ctx, rand.N(*pause)+1)
	*pause = min(2**pause, maxPause)
	return err == nil
}

// try sends statements once.
func (ses *session) try(ctx context.Context, list []Statement) error {
	if err := ses.connect(); err != nil {
		return err
	}
	if ses.careful {
		for _, st := range list {
			if _, err := ses.conn.Send(ctx, []Statement{st}); err != nil {
				return ses.fail(st, err)
			}
		}
		return nil
	}
	at, err := ses.conn.Send(ctx, list)
	switch {
	case err == nil:
		return nil
	case at >= 0:
		return ses.fail(list[at], err)
	}
	ses.unclear = true
	st := Statement{What: "write", Anew: true}
	if last := list[len(list)-1]; last.What == commitment {
		st = last
		st.Anew = true
	}
	return ses.fail(st, err)
}

// connect takes a connection of the pool.
func (ses *session) connect() error {
	if ses.conn != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ses.ctx, ses.s.set.BusyTimeout)
	defer cancel()
	own, err := ses.pool.Conn(ctx)
	if err != nil {
		ses.failed, ses.again = unreachable(ses, err), ses.ctx.Err() == nil
		return ses.failed
	}
	ses.own, ses.conn = own, ses.s.d.Conn(own)
	return nil
}

func unreachable(ses *session, err error) error {
	if e := ses.ctx.Err(); e != nil {
		return e
	}
	return fmt.Errorf("%s: connect: %w (%w)", ses.s.d.Name, ticket.ErrBusy, err)
}

// fail notes that a statement has failed, and says what that means.
func (ses *session) fail(st Statement, err error) error {
	if e := ses.ctx.Err(); e != nil && st.What != commitment {
		ses.failed = e
		return e
	}
	verdict := ses.s.d.Judge(err)
	if errors.Is(err, errOvertaken) || (verdict == Duplicate && st.Anew) {
		ses.presumed = verdict == Duplicate
		verdict = Repeat
	}
	ses.again = ses.again || verdict == Repeat || (verdict == Lost && st.What != commitment) || verdict == Unsent
	ses.failed = ses.s.judged(st.What, verdict, err)
	return ses.failed
}

// mark is a place in a transaction that can be returned to.
type mark struct{ sent, queued int }

func (ses *session) mark() mark { return mark{ses.sent, len(ses.queue)} }

// back returns to a savepoint that was the first thing after the mark.
func (ses *session) back(m mark, name string) error {
	if ses.sent == m.sent {
		ses.queue = ses.queue[:m.queued]
		return ses.failed
	}
	ses.queue, ses.size = ses.queue[:0], 0
	if (ses.again && !ses.hosted) || errors.Is(ses.failed, ticket.ErrTxDone) || ses.ctx.Err() != nil {
		return ses.failed // the whole of it is gone
	}
	was := ses.failed
	ses.failed, ses.again = nil, false // a host goes on with what is left of its transaction
	// One that stayed would be taken for the next of this name, if that never comes to be.
	err := errors.Join(ses.later(Statement{What: "return to a savepoint", Text: "ROLLBACK TO SAVEPOINT " + name}),
		ses.ask(Statement{What: "release a savepoint", Text: "RELEASE SAVEPOINT " + name}))
	if err != nil && was != nil {
		ses.failed = was // says what was wrong
		return was
	}
	return err
}

// commit sends what waits and ends the transaction.
func (ses *session) commit() error {
	if ses.failed != nil {
		return ses.failed
	}
	if ses.sent == 0 && len(ses.queue) == 0 {
		return nil
	}
	if err := ses.connect(); err != nil {
		return err
	}
	ses.queue = append(ses.queue, Statement{What: commitment, Text: "COMMIT"})
	return ses.send(context.WithoutCancel(ses.ctx))
}

// commitment is what the last statement of a transaction does.
const commitment = "commit"

// cleanup is how long a transaction that failed has to be rolled back.
const cleanup = 5 * time.Second

// end gives the connection back, after a rollback where the transaction is not committed.
func (ses *session) end(committed bool) {
	if ses.own == nil {
		return
	}
	broken := false
	if !committed && ses.opened {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ses.ctx), cleanup)
		defer cancel()
		_, err := ses.conn.Send(ctx, []Statement{{Text: "ROLLBACK"}})
		broken = err != nil
	}
	release(ses.own, broken)
	ses.own = nil
}

// Discard closes a connection instead of giving it back.
func Discard(c *sql.Conn) { release(c, true) }

// release gives a connection back to its pool, or closes it.
func release(c *sql.Conn, broken bool) {
	if broken {
		_ = c.Raw(func(any) error { return driver.ErrBadConn })
	}
	_ = c.Close()
}

// row reads one row into dest; there reports whether there is one.
func (ses *session) row(what, text string, dest []any, args ...any) (there bool, err error) {
	err = ses.ask(Statement{What: what, Text: text, Args: args, Row: func(scan Scan) error {
		there = true
		return scan(dest...)
	}})
	return there && err == nil, err
}

// each calls fn for every row. fn must not use the session.
func (ses *session) each(what, text string, fn func(scan Scan) error, args ...any) error {
	return ses.ask(Statement{What: what, Text: text, Args: args, Row: fn})
}
