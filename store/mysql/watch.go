package mysql

import (
	"context"
	"time"

	"github.com/helpdeskgo/helpdesk/store/internal/remote"
)

// commits is a number that grows with commits that put work. It is written beside them, not with them: they would all
// wait for each other.
const commits = "commits"

func notify(ctx context.Context, s *remote.Store) error {
	_, err := s.Side().ExecContext(ctx, s.Text("INSERT INTO {p}meta (name, value) VALUES (?, 1) ON DUPLICATE KEY UPDATE value = value + 1"), commits)
	return err
}

// The pauses between two looks: as long as nothing comes they grow, up to Options.PollInterval.
const firstLook = 50 * time.Millisecond

// sure is after how many looks in vain others are woken nevertheless: who commits may die before he can tell.
const sure = 10

func watch(ctx context.Context, s *remote.Store, woke func()) {
	var last int64
	vain := sure
	for pause := firstLook; ctx.Err() == nil; pause = min(2*pause, s.PollInterval()) {
		var n int64
		err := s.Side().QueryRowContext(ctx, s.Text("SELECT coalesce(max(value), 0) FROM {p}meta WHERE name = ?"), commits).Scan(&n)
		if vain++; err == nil && (n != last || vain >= sure) {
			if n != last {
				pause = firstLook
			}
			last, vain = n, 0
			woke()
		}
		wait(ctx, pause)
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
