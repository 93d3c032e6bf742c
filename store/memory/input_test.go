package memory_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestBadInput(t *testing.T) {
	t.Parallel()
	s := memory.New(&memory.Options{})
	write := func(fn func(ctx context.Context, tx store.Tx) error) error { return s.Update(t.Context(), fn) }
	if err := write(func(ctx context.Context, tx store.Tx) error { return tx.PutWork(ctx, &store.Work{ID: 1}) }); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		want error
		do   func(ctx context.Context, tx store.Tx) error
	}{
		"no ticket":           {ticket.ErrInvalid, func(ctx context.Context, tx store.Tx) error { return tx.PutTicket(ctx, nil) }},
		"a ticket without id": {ticket.ErrInvalid, func(ctx context.Context, tx store.Tx) error { return tx.PutTicket(ctx, &ticket.Ticket{}) }},
		"no message":          {ticket.ErrInvalid, func(ctx context.Context, tx store.Tx) error { return tx.PutMessage(ctx, nil) }},
		"no event":            {ticket.ErrInvalid, func(ctx context.Context, tx store.Tx) error { return tx.PutEvent(ctx, nil) }},
		"no work":             {ticket.ErrInvalid, func(ctx context.Context, tx store.Tx) error { return tx.PutWork(ctx, nil) }},
		"work with an id that is taken": {ticket.ErrExists, func(ctx context.Context, tx store.Tx) error {
			return tx.PutWork(ctx, &store.Work{ID: 1})
		}},
		"no work to finish":      {ticket.ErrInvalid, func(ctx context.Context, tx store.Tx) error { return tx.Finish(ctx, nil) }},
		"no work to mark":        {ticket.ErrInvalid, func(ctx context.Context, tx store.Tx) error { return tx.MarkEffect(ctx, nil) }},
		"no record":              {ticket.ErrInvalid, func(ctx context.Context, tx store.Tx) error { return tx.PutRecord(ctx, nil) }},
		"a record without kind":  {ticket.ErrInvalid, func(ctx context.Context, tx store.Tx) error { return tx.PutRecord(ctx, &store.Record{}) }},
		"a chunk before the 0th": {ticket.ErrInvalid, func(ctx context.Context, tx store.Tx) error { return tx.PutChunk(ctx, "b", -1, nil) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := write(c.do); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 1, 12, 0, 0, 999, time.FixedZone("CEST", 7200))
	s := memory.New(&memory.Options{Now: func() time.Time { return now }})
	lease := func() (got []*store.Work) {
		err := s.Update(t.Context(), func(ctx context.Context, tx store.Tx) (err error) {
			if tx.Hosted() {
				t.Error("nobody else began this transaction")
			}
			got, err = tx.Lease(ctx, store.LeaseRequest{Kind: "timer", DueBy: now, TTL: time.Minute, Limit: 1})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	err := s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
		return tx.PutWork(ctx, &store.Work{ID: 1, Kind: "timer", Due: now})
	})
	if err != nil {
		t.Fatal(err)
	}
	if at, err := s.Now(t.Context()); err != nil || !at.Equal(ticket.Time(now)) {
		t.Errorf("the store's time is %v (%v), want %v", at, err, ticket.Time(now))
	}
	first := lease()
	now = now.Add(time.Minute - 2*time.Microsecond)
	if got := lease(); len(first) != 1 || len(got) != 0 {
		t.Errorf("leased %d works, and %d before the lease ended", len(first), len(got))
	}
	now = now.Add(2 * time.Microsecond)
	if got := lease(); len(got) != 1 || got[0].Epoch != 2 {
		t.Errorf("when the lease ended %d works were leased", len(got))
	}
}
