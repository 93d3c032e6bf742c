package store

import "context"

// The open transaction travels in the context, keyed by the store that it belongs to: two desks on two stores can work in one call.

type txKey struct{ owner any }

type txValue struct{ tx Tx }

// ContextWithTx returns a context that carries tx as the open transaction of owner, which is the Store. It is for implementations of Store.
func ContextWithTx(ctx context.Context, owner any, tx Tx) context.Context {
	return context.WithValue(ctx, txKey{owner}, txValue{tx})
}

// TxFrom returns the open transaction of owner that ctx carries.
func TxFrom(ctx context.Context, owner any) (Tx, bool) {
	v, _ := ctx.Value(txKey{owner}).(txValue)
	return v.tx, v.tx != nil
}

// ContextWithoutTx returns a context that carries no transaction of owner: what is done with it is committed by itself.
func ContextWithoutTx(ctx context.Context, owner any) context.Context {
	if _, ok := TxFrom(ctx, owner); !ok {
		return ctx
	}
	return context.WithValue(ctx, txKey{owner}, txValue{})
}
