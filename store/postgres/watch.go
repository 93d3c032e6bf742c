package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"github.com/jackc/pgx/v5/stdlib"

	"github.com/helpdeskgo/helpdesk/store/internal/remote"
)

// channel is where the processes on a store's tables tell each other of commits. Its name is an identifier.
func channel(s *remote.Store) string {
	schema, prefix := s.Schema()
	sum := sha256.Sum256([]byte(schema + "." + prefix))
	return "helpdesk_" + hex.EncodeToString(sum[:8])
}

// notify tells the others, outside any transaction: one that does so takes a lock that no other commit gets meanwhile.
func notify(ctx context.Context, s *remote.Store) error {
	_, err := s.Side().ExecContext(ctx, "SELECT pg_notify($1, '')", channel(s))
	return err
}

// watch listens on a connection of its own, and makes a new one when that is lost.
func watch(ctx context.Context, s *remote.Store, woke func()) {
	for ctx.Err() == nil {
		_ = listen(ctx, s, woke) // whatever it was, the next connection may do better
		woke()
		wait(ctx, s.PollInterval())
	}
}

func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

func listen(ctx context.Context, s *remote.Store, woke func()) error {
	own, err := s.Side().Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { remote.Discard(own) }()
	return own.Raw(func(driver any) error {
		c := driver.(*stdlib.Conn).Conn()
		if _, err := c.Exec(ctx, "LISTEN "+channel(s)); err != nil {
			return err
		}
		woke() // a commit may have come before
		for {
			limited, cancel := context.WithTimeout(ctx, s.PollInterval())
			_, err := c.WaitForNotification(limited)
			cancel()
			nothing := errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil && !c.IsClosed()
			if err != nil && !nothing {
				return err
			}
			woke()
		}
	})
}
