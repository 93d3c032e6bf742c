package storetest

import (
	"context"
	"sync/atomic"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// rash settles at once, whatever becomes of the transaction.
type rash struct {
	*memory.Store
	left *atomic.Int64
}

func newRash() rash { return rash{memory.New(nil), new(atomic.Int64)} }

func (r rash) Update(ctx context.Context, fn func(context.Context, store.Tx) error) error {
	err := r.Store.Update(ctx, fn)
	if err == nil {
		r.left.Add(1)
	}
	return err
}

func (r rash) Unsettled(context.Context) (int, error) { return int(r.left.Load()), nil }

func (r rash) Settle(context.Context) (int, error) { return int(r.left.Swap(0)), nil }

// doubles counts once more what it has settled.
type doubles struct {
	rash
	settled *atomic.Int64
}

func (d doubles) Settle(ctx context.Context) (int, error) {
	n, err := d.rash.Settle(ctx)
	d.settled.Add(int64(n))
	return n, err
}

func (d doubles) View(ctx context.Context, fn func(context.Context, store.Reader) error) error {
	return d.rash.View(ctx, func(ctx context.Context, r store.Reader) error { return fn(ctx, more{r, d.settled}) })
}

// more is a reader that counts some tickets too many.
type more struct {
	store.Reader
	by *atomic.Int64
}

func (m more) Tallies(ctx context.Context, q store.TallyQuery, scope ticket.Scope) (store.Tallies, error) {
	out, err := m.Reader.Tallies(ctx, q, scope)
	if n := int(m.by.Load()); n > 0 {
		out.Rows = append(out.Rows, store.Tally{N: n})
	}
	return out, err
}
