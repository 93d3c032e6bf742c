package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// firstWait is how long the first try to empty the log waits for Views. Nobody can write meanwhile, so others may have
// a turn before the next one, which waits twice as long: in the end it is long enough for every View to be a new one,
// which does not need the log.
const firstWait = 50 * time.Millisecond

// Compact leaves nothing in the files of what was deleted or overwritten. Until then SQLite keeps it in free pages, in
// the gaps of others and in the write-ahead log, where anybody who can read the files can read it. Compact merges the
// search index, writes the whole database anew (VACUUM) and empties the log. What it cannot reach: older backups, snapshots of the file system,
// and the blocks that the files have given back to the disk.
//
// Views go on meanwhile; those that began before are waited for at the end, up to Options.BusyTimeout. Updates wait,
// those of other processes too, and have ticket.ErrBusy after BusyTimeout: a large file is best compacted at a quiet
// hour, for it takes as long as copying it twice. Free disk space is needed for the size of the compacted database
// beside the file, and for the same again in the directory for temporary files. The host's tables in the file are
// compacted too; rowids of theirs that are no INTEGER PRIMARY KEY may change.
//
// Errors: ticket.ErrInvalid inside a View or a transaction, which it would wait for; ticket.ErrBusy where others would
// not make room, ctx.Err(). After an error nothing is lost, and what was removed may still be in the files.
func (s *Store) Compact(ctx context.Context) (err error) {
	if _, ok := store.TxFrom(ctx, s); ok || ctx.Value(viewKey{s}) != nil {
		return invalid("ctx", ticket.FaultUnavailable, "it carries a transaction, and nothing can be compacted during one: compact after it")
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.enter(); err != nil {
		return err
	}
	defer s.running.Done()
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return classify("connect", err)
	}
	defer discard(conn)
	// temp_store: the copy must not be made in memory.
	if err := run(ctx, conn, "PRAGMA temp_store = FILE"); err != nil {
		return classify("set up a connection", err)
	}
	if err = s.compactSearch(ctx, conn); err == nil {
		err = s.exclusively(ctx, conn, "VACUUM")
	}
	if err == nil {
		err = s.emptyLog(ctx, conn)
	}
	return classify("compact", err)
}

// exclusively runs a statement while nobody writes.
func (s *Store) exclusively(ctx context.Context, conn *sql.Conn, statement string) error {
	return s.writer.exclusive(ctx, func() error {
		return retry(ctx, time.Now().Add(s.opts.BusyTimeout), func() error { return run(ctx, conn, statement) })
	})
}

// compactSearch leaves no words in the index but those of documents: it keeps others until all parts of it are merged
// into one (https://sqlite.org/fts5.html, 6.8). A damaged index is thrown away.
func (s *Store) compactSearch(ctx context.Context, conn *sql.Conn) error {
	err := s.exclusively(ctx, conn, strings.ReplaceAll("INSERT INTO {p}search ({p}search) VALUES ('optimize')", "{p}", s.opts.TablePrefix))
	if err == nil || !brokenIndex(err) {
		return err
	}
	return s.Update(ctx, func(_ context.Context, x store.Tx) error { return x.(*tx).rebuild() })
}

// emptyLog writes the whole log into the database and cuts it to nothing.
func (s *Store) emptyLog(ctx context.Context, conn *sql.Conn) error {
	deadline := time.Now().Add(s.opts.BusyTimeout)
	for wait := firstWait; ; wait *= 2 {
		left := max(time.Until(deadline), 0)
		busy, err := s.checkpoint(ctx, conn, min(wait, left))
		if err != nil || !busy {
			return err
		}
		if left == 0 {
			return fmt.Errorf("sqlite: a View that began before has not ended in %s, and the log cannot be emptied: "+
				"end it and compact again: %w", s.opts.BusyTimeout, ticket.ErrBusy)
		}
	}
}

// checkpoint tries once, and reports whether Views or other processes were in the way for so long.
func (s *Store) checkpoint(ctx context.Context, conn *sql.Conn, wait time.Duration) (busy bool, err error) {
	if err := run(ctx, conn, fmt.Sprintf("PRAGMA busy_timeout = %d", wait.Milliseconds())); err != nil {
		return false, err
	}
	err = s.writer.exclusive(ctx, func() error {
		var blocked, size, moved int64
		err := conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&blocked, &size, &moved)
		busy = blocked != 0
		return err
	})
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if isBusy(err) {
		return true, nil
	}
	return busy, err
}

// run runs a statement, and tells its context's end from its own failures.
func run(ctx context.Context, conn *sql.Conn, statement string) error {
	_, err := conn.ExecContext(ctx, statement)
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}
