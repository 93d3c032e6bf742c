package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// checkpointWait is how long one try to empty the log waits for Views, while nobody can write.
const checkpointWait = 50 * time.Millisecond

// Compact leaves nothing in the files of what was deleted or overwritten. Until then SQLite keeps it in free pages, in
// the gaps of others and in the write-ahead log, where anybody who can read the files can read it. Compact writes the
// whole database anew (VACUUM) and empties the log. What it cannot reach: older backups, snapshots of the file system,
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
		return invalid("ctx", "it carries a transaction, and nothing can be compacted during one: compact after it")
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
	_, err = conn.ExecContext(ctx, fmt.Sprintf("PRAGMA temp_store = FILE; PRAGMA busy_timeout = %d", checkpointWait.Milliseconds()))
	if err != nil {
		return classify("set up a connection", err)
	}
	err = s.writer.exclusive(ctx, func() error {
		return retry(ctx, time.Now().Add(s.opts.BusyTimeout), func() error { return run(ctx, conn, "VACUUM") })
	})
	if err == nil {
		err = s.emptyLog(ctx, conn)
	}
	return classify("compact", err)
}

// emptyLog writes the whole log into the database and cuts it to nothing. Between its tries others may write.
func (s *Store) emptyLog(ctx context.Context, conn *sql.Conn) error {
	deadline := time.Now().Add(s.opts.BusyTimeout)
	for {
		var busy, size, moved int64
		err := s.writer.exclusive(ctx, func() error {
			return conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &size, &moved)
		})
		if err = errors.Join(ctx.Err(), err); err != nil && !isBusy(err) {
			return err
		}
		if err == nil && busy == 0 {
			return nil
		}
		if !time.Now().Before(deadline) {
			return fmt.Errorf("sqlite: a View that began before has not ended in %s, and the log cannot be emptied: "+
				"end it and compact again: %w", s.opts.BusyTimeout, ticket.ErrBusy)
		}
	}
}

// run runs a statement, and tells its context's end from its own failures.
func run(ctx context.Context, conn *sql.Conn, statement string) error {
	_, err := conn.ExecContext(ctx, statement)
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}
