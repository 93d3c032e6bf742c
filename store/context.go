package store

import "context"

// Open transactions travel in the context as a chain, each with the store that it belongs to: two desks on two stores
// can work in one call.

type txKey struct{}

type txChain struct {
	owner  any
	tx     Tx
	parent *txChain
}

// ContextWithTx returns a context that carries tx as the open transaction of owner, which is the Store. It is for
// implementations of Store.
func ContextWithTx(ctx context.Context, owner any, tx Tx) context.Context {
	parent, _ := ctx.Value(txKey{}).(*txChain)
	return context.WithValue(ctx, txKey{}, &txChain{owner, tx, parent})
}

// TxFrom returns the open transaction of owner that ctx carries.
func TxFrom(ctx context.Context, owner any) (Tx, bool) {
	c, _ := ctx.Value(txKey{}).(*txChain)
	for ; c != nil; c = c.parent {
		if c.owner == owner {
			return c.tx, true
		}
	}
	return nil, false
}

// ContextWithoutTx returns a context that carries no transaction: what is done with it is committed by itself. With a
// store that has one writer, writing with it while the outer transaction waits can only end in ticket.ErrBusy.
func ContextWithoutTx(ctx context.Context) context.Context {
	if c, _ := ctx.Value(txKey{}).(*txChain); c == nil {
		return ctx
	}
	return context.WithValue(ctx, txKey{}, (*txChain)(nil))
}

type oneKey struct{}

// OneRead marks the context of a View whose closure asks its Reader for one thing, a ticket or a page of tickets, and does
// nothing else with its context. That is
// of one moment as ever, but what a second call returns may be of a later one: so a store on a server can do without a
// transaction, which takes as long as what is read in it.
func OneRead(ctx context.Context) context.Context { return context.WithValue(ctx, oneKey{}, true) }

// TakeOneRead reports whether ctx comes from OneRead, and returns one that does not, for the closure. It is for
// implementations of Store, which may pay no attention to it.
func TakeOneRead(ctx context.Context) (context.Context, bool) {
	if one, _ := ctx.Value(oneKey{}).(bool); !one {
		return ctx, false
	}
	return context.WithValue(ctx, oneKey{}, false), true
}
