package storetest

import (
	"context"

	"github.com/helpdeskgo/helpdesk/store"
)

// wrapped is a store with other methods in its transactions. Its callers find their transactions under owner, the Store
// that they hold.
type wrapped struct {
	store.Store
	owner  any
	tx     func(store.Tx) store.Tx
	reader func(store.Reader) store.Reader
	commit func() error // before the outermost commit; may be nil
}

func (w *wrapped) Update(ctx context.Context, fn func(context.Context, store.Tx) error) error {
	_, joined := store.TxFrom(ctx, w.owner)
	return w.Store.Update(ctx, func(ctx context.Context, x store.Tx) error {
		if w.tx != nil {
			x = w.tx(x)
		}
		err := fn(store.ContextWithTx(ctx, w.owner, x), x)
		if err == nil && !joined && w.commit != nil {
			err = w.commit()
		}
		return err
	})
}

func (w *wrapped) View(ctx context.Context, fn func(context.Context, store.Reader) error) error {
	return w.Store.View(ctx, func(ctx context.Context, r store.Reader) error {
		if w.reader != nil {
			r = w.reader(r)
		}
		return fn(ctx, r)
	})
}
