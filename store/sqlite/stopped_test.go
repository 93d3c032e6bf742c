//go:build unix

package sqlite_test

import (
	"context"
	"errors"
	"syscall"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestStoppedLockHolder(t *testing.T) {
	t.Parallel()
	const limit = 300 * time.Millisecond
	s := open(t, &sqlite.Options{BusyTimeout: limit})
	c := start(t, "hold", path(t, s))
	if line, err := c.out.ReadString('\n'); line != "held\n" {
		t.Fatalf("the other process says %q, %v", line, err)
	}
	if err := c.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	err := create(t.Context(), s, 1)
	took := time.Since(begun)
	t.Logf("after %v: %v", took, err)
	if !errors.Is(err, ticket.ErrBusy) || took < limit || took > limit+2*time.Second {
		t.Errorf("want ErrBusy after %v", limit)
	}
	err = s.View(t.Context(), func(ctx context.Context, r store.Reader) error {
		_, err := r.Tickets(ctx, ticket.Query{}, ticket.Scope{All: true})
		return err
	})
	if err != nil {
		t.Errorf("readers are not to wait for the writer: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), limit/10)
	defer cancel()
	if err := create(ctx, s, 1); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a caller whose context ends first gets %v", err)
	}
	if err := c.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if err := c.in.Close(); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		t.Fatal(err)
	}
	if err := create(t.Context(), s, 1); err != nil {
		t.Error(err)
	}
}
