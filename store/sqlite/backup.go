package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Backup writes a consistent copy to path while the store runs, and syncs it. The copy has no free pages, so it may be
// smaller. A path that exists is ticket.ErrExists; what an error leaves behind is removed.
func (s *Store) Backup(ctx context.Context, path string) (err error) {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.running.Done()
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600) // SQLite takes an empty file for a new one
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("sqlite: back up to %s: choose another path: %w", path, ticket.ErrExists)
	}
	if err != nil {
		return fmt.Errorf("sqlite: back up: %w", err)
	}
	defer func() {
		err = errors.Join(err, f.Close())
		if err != nil {
			_ = os.Remove(path)
		}
	}()
	if _, err := s.db.ExecContext(ctx, "VACUUM INTO ?", path); err != nil {
		return errors.Join(ctx.Err(), classify("back up", err))
	}
	return f.Sync()
}
