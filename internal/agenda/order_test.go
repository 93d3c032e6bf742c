package agenda_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/agenda"
	"github.com/helpdeskgo/helpdesk/store"
)

func TestAttempts(t *testing.T) {
	t.Parallel()
	t.Run("X07 what was given back before it was begun has lost no try", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		a := b.agenda()
		committed := func() {}
		a.Handle("x", func(_ context.Context, tx store.Tx, e agenda.Entry) error {
			if e.Key == "late" {
				return errors.New("not yet")
			}
			tx.OnCommit(func() { committed() })
			return nil
		})
		b.put(b.x("late", time.Millisecond))
		b.clock.advance(time.Second)
		for range 25 {
			ctx, cancel := context.WithCancel(bg)
			committed = cancel
			e := b.x("early", 0)
			e.Due = b.clock.Now().Add(-time.Hour)
			b.put(e)
			_, _ = a.Step(ctx)
			cancel()
			b.clock.advance(time.Second)
		}
		b.run(a)
		if dead, open := b.works(store.WorkDead), b.works(store.WorkPending); len(dead) > 0 || len(open) != 1 || open[0].Attempt != 1 || open[0].Error == "" {
			t.Errorf("given up: %d; waiting: %+v", len(dead), open)
		}
	})
}
