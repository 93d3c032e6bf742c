package sqlite_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestView(t *testing.T) {
	t.Parallel()
	t.Run("a View within the only View does not wait for it", func(t *testing.T) {
		t.Parallel()
		s := open(t, &sqlite.Options{Readers: 1, BusyTimeout: time.Minute})
		depth := 0
		var nest func(ctx context.Context, _ store.Reader) error
		nest = func(ctx context.Context, _ store.Reader) error {
			if depth++; depth == 4 {
				return nil
			}
			return s.View(ctx, nest)
		}
		if err := s.View(t.Context(), nest); err != nil || depth != 4 {
			t.Errorf("depth %d: %v", depth, err)
		}
	})
	t.Run("a View that finds no reader free gets ErrBusy in time, or its context's error", func(t *testing.T) {
		t.Parallel()
		s := open(t, &sqlite.Options{Readers: 1, BusyTimeout: 20 * time.Millisecond})
		err := s.View(t.Context(), func(context.Context, store.Reader) error {
			nothing := func(context.Context, store.Reader) error { return nil }
			if err := s.View(t.Context(), nothing); !errors.Is(err, ticket.ErrBusy) {
				t.Errorf("got %v", err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			defer cancel()
			if err := s.View(ctx, nothing); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("with a deadline: %v", err)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	t.Run("a panic in a View gives the reader back", func(t *testing.T) {
		t.Parallel()
		s := open(t, &sqlite.Options{Readers: 1, BusyTimeout: time.Second})
		for range 3 {
			func() {
				defer func() { _ = recover() }()
				_ = s.View(t.Context(), func(context.Context, store.Reader) error { panic("page is broken") })
			}()
		}
		if err := s.View(t.Context(), func(context.Context, store.Reader) error { return nil }); err != nil {
			t.Error(err)
		}
	})
}
