package sqlite

import (
	"context"
	"math/rand/v2"
	"time"
)

// The pauses between two tries for a lock that another process holds.
const (
	firstPause = 50 * time.Microsecond
	maxPause   = time.Millisecond
)

// jitter returns between a half and three halves of d, so that waiting processes do not try in step.
func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d) }

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
