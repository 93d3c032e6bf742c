package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"

	lib "modernc.org/sqlite/lib"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// hostedBlock is how many ids a host's transaction takes at once; what it does not use is lost.
const hostedBlock = 8

// WithTx returns a context in which Update and View run in host, each Update behind a savepoint. The host commits or
// rolls back; until then the file is locked for other writers. OnCommit functions are not called.
//
// It takes the write lock at once, and checks that it is on the store's file and that its connection has the settings
// on which the store relies. Errors say what to change: ErrUnfit; ticket.ErrBusy for a transaction that read before it
// could write (begin it immediate: _txlock=immediate in the driver's DSN) or that waited in vain; ticket.ErrTxDone for
// one that is over.
func (s *Store) WithTx(ctx context.Context, host *sql.Tx) (context.Context, error) {
	if err := ctx.Err(); err != nil {
		return ctx, err
	}
	if host == nil {
		return ctx, invalid("tx", ticket.FaultRequired, "is missing")
	}
	ses := newSession(host, s.opts.TablePrefix)
	if err := s.checkHosted(ses); err != nil {
		return ctx, err
	}
	u := newUnit(s, ses, newIDs(s.floors, hostedBlock), host)
	u.hosted = true
	return store.ContextWithTx(ctx, s, &tx{reader: reader{ses: ses, unit: u, now: s.opts.Now}}), nil
}

func (s *Store) checkHosted(ses *session) error {
	// First, while nothing is read yet: a transaction that has read cannot lock any more once somebody else has
	// committed.
	if _, err := ses.exec("UPDATE {p}meta SET value = value WHERE key = ''"); err != nil {
		return s.explain(err)
	}
	var source, file string
	var busy, keys int64
	err := ses.row([]any{&source, &file, &busy, &keys}, `SELECT sqlite_source_id(), (SELECT file FROM pragma_database_list WHERE name = 'main'),
		(SELECT timeout FROM pragma_busy_timeout), (SELECT foreign_keys FROM pragma_foreign_keys)`)
	switch {
	case err != nil:
		return classify("look at the transaction", err)
	case source != s.source:
		return unfit("it uses another SQLite library (%s), and two in one process break each other's locks: open the file with modernc.org/sqlite", source)
	case !sameFile(file, s.file):
		return unfit("it is on %q, and the store is on %q: open the same file", file, s.file)
	case busy <= 0:
		return unfit("it has no busy timeout, and would fail whenever the store writes: add _pragma=busy_timeout(5000) to the DSN")
	case keys == 0:
		return unfit("it does not enforce foreign keys: add _pragma=foreign_keys(1) to the DSN")
	}
	return nil
}

// explain says why tx cannot write.
func (s *Store) explain(err error) error {
	var e interface{ Code() int }
	switch {
	case errors.Is(err, sql.ErrTxDone):
		return classify("join a transaction", err)
	case errors.As(err, &e) && e.Code() == lib.SQLITE_BUSY_SNAPSHOT:
		return fmt.Errorf("sqlite: the transaction has read before it writes, and somebody has written since: "+
			"begin it immediate (_txlock=immediate in the DSN): %w (%w)", ticket.ErrBusy, err)
	case isBusy(err):
		return fmt.Errorf("sqlite: the transaction cannot have the write lock: begin it immediate (_txlock=immediate in the DSN), "+
			"with a busy timeout (_pragma=busy_timeout(5000)): %w (%w)", ticket.ErrBusy, err)
	case code(err) == lib.SQLITE_READONLY:
		return unfit("it is read-only: begin one that can write")
	case code(err) == lib.SQLITE_ERROR:
		return unfit("it finds no table %smeta, so it is on another file: open the store's, %q (%v)", s.opts.TablePrefix, s.file, err)
	}
	return classify("join a transaction", err)
}

func unfit(format string, args ...any) error {
	return fmt.Errorf("sqlite: join a transaction: "+format+": %w", append(args, ErrUnfit)...)
}

func sameFile(a, b string) bool {
	if a == b {
		return true
	}
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}
