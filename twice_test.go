package helpdesk_test

import (
	"context"
	"errors"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
)

// twice is a store that runs each closure twice, and undoes the first time, as any store may whose transactions get into
// each other's way. With it the whole suite shows that no closure of the desk lives on what it did before.
type twice struct{ *memory.Store }

var errTwice = errors.New("now in earnest")

func (s *twice) Update(ctx context.Context, fn func(context.Context, store.Tx) error) error {
	run := func(ctx context.Context, x store.Tx) error { return fn(store.ContextWithTx(ctx, s, x), x) }
	if _, joined := store.TxFrom(ctx, s); joined {
		return s.Store.Update(ctx, run)
	}
	err := s.Store.Update(ctx, func(ctx context.Context, x store.Tx) error {
		if err := run(ctx, x); err != nil {
			return err
		}
		return errTwice
	})
	if !errors.Is(err, errTwice) {
		return err
	}
	return s.Store.Update(ctx, run)
}
