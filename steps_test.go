package helpdesk_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store/memory"
)

func TestSteps(t *testing.T) {
	t.Parallel()
	t.Run("X17 what is due by the clock waits for nothing else that is, and Stop waits for all of it", func(t *testing.T) {
		t.Parallel()
		d, err := helpdesk.New(t.Context(), memory.New(nil), &helpdesk.Config{PollInterval: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		slow, done := make(chan struct{}), make(chan struct{}, 100)
		ended := false
		d.Automation().AddStep(func(ctx context.Context) (int, error) {
			select {
			case <-slow:
			case <-ctx.Done():
			}
			ended = true
			return 0, nil
		})
		left := 3
		d.Automation().AddStep(func(context.Context) (int, error) {
			done <- struct{}{}
			if left--; left > 0 {
				return 1, nil
			}
			left = 3
			return 0, errors.New("this one fails")
		})
		if err := d.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		await := func(n int) {
			for range n {
				select {
				case <-done:
				case <-time.After(20 * time.Second):
					t.Fatal("it waits for another")
				}
			}
		}
		await(3)
		d.Wake()
		await(3)
		close(slow)
		if err := d.Stop(t.Context()); err != nil || !ended {
			t.Errorf("stop: %v, ended %t", err, ended)
		}
	})
}
