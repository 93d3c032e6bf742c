package memory_test

import (
	"context"
	"errors"
	"testing"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// TestStore is the smallest round; package storetest has the rest.
func TestStore(t *testing.T) {
	t.Parallel()
	s := memory.New(nil)
	ctx := t.Context()
	var fired []string
	failed := errors.New("failed")
	err := s.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		tx.OnCommit(func() { fired = append(fired, "outer") })
		if err := tx.PutTicket(ctx, &ticket.Ticket{ID: 1, Subject: "kept"}); err != nil {
			return err
		}
		err := s.Update(ctx, func(ctx context.Context, tx store.Tx) error {
			tx.OnCommit(func() { fired = append(fired, "inner") })
			return errors.Join(tx.PutTicket(ctx, &ticket.Ticket{ID: 1, Subject: "undone"}), failed)
		})
		if !errors.Is(err, failed) {
			t.Errorf("inner update: %v", err)
		}
		return nil
	})
	if err != nil || len(fired) != 1 || fired[0] != "outer" {
		t.Fatalf("update: %v, fired %v", err, fired)
	}
	err = s.View(ctx, func(ctx context.Context, r store.Reader) error {
		got, err := r.Ticket(ctx, 1, ticket.Scope{All: true})
		if err == nil && got.Subject != "kept" {
			t.Errorf("subject %q", got.Subject)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Update(ctx, nil); !errors.Is(err, ticket.ErrStopped) {
		t.Errorf("update after Close: %v", err)
	}
}
