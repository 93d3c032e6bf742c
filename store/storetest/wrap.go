package storetest

import (
	"context"

	"github.com/helpdeskgo/helpdesk/store"
)

// wrapped is a store with other methods in its transactions. It is the owner of the transactions that its callers see, and keeps them in step
// with those of the store inside.
type wrapped struct {
	store.Store
	owner  any // the Store that callers hold
	inside any // the owner of the transactions inside, where it is not Store
	tx     func(store.Tx) store.Tx
	reader func(store.Reader) store.Reader
	commit func() error // before the outermost commit; may be nil
}

func (w *wrapped) Update(ctx context.Context, fn func(context.Context, store.Tx) error) error {
	ctx, joined := w.step(ctx)
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
	ctx, _ = w.step(ctx)
	return w.Store.View(ctx, func(ctx context.Context, r store.Reader) error {
		if w.reader != nil {
			r = w.reader(r)
		}
		return fn(ctx, r)
	})
}

// step returns a context that carries a transaction of the store inside only if it carries one of the owner, and says which.
func (w *wrapped) step(ctx context.Context) (context.Context, bool) {
	if _, ok := store.TxFrom(ctx, w.owner); ok {
		return ctx, true
	}
	if w.inside != nil {
		return store.ContextWithoutTx(ctx, w.inside), false
	}
	return store.ContextWithoutTx(ctx, w.Store), false
}
