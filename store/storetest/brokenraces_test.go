package storetest

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// touchy tells closures of conflicts that are not theirs: whoever puts a record by its version while others wait hears
// that somebody was first.
type touchy struct {
	*memory.Store
	inside atomic.Int64
}

func (s *touchy) Update(ctx context.Context, fn func(context.Context, store.Tx) error) error {
	if _, joined := store.TxFrom(ctx, s.Store); !joined {
		s.inside.Add(1)
		defer s.inside.Add(-1)
		for range 20 {
			runtime.Gosched() // so that others come
		}
	}
	return s.Store.Update(ctx, func(ctx context.Context, x store.Tx) error { return fn(ctx, touchyTx{x, s}) })
}

type touchyTx struct {
	store.Tx
	s *touchy
}

func (x touchyTx) PutRecord(ctx context.Context, r *store.Record) error {
	if err := x.Tx.PutRecord(ctx, r); err != nil || r.Version == store.AnyVersion || x.s.inside.Load() < 2 {
		return err
	}
	return ticket.ErrConflict
}

// frozen shows a View in a transaction what was written before the View began.
type frozen struct {
	*memory.Store
	mu   sync.Mutex
	puts int
	at   map[int64]int // the put of each ticket
}

func newFrozen() store.Store {
	s := &frozen{Store: memory.New(nil), at: map[int64]int{}}
	w := &wrapped{Store: s, tx: func(x store.Tx) store.Tx { return frozenTx{x, s} }}
	w.owner = w
	return w
}

func (s *frozen) View(ctx context.Context, fn func(context.Context, store.Reader) error) error {
	if _, joined := store.TxFrom(ctx, s.Store); !joined {
		return s.Store.View(ctx, fn)
	}
	s.mu.Lock()
	born := s.puts
	s.mu.Unlock()
	return s.Store.View(ctx, func(ctx context.Context, r store.Reader) error { return fn(ctx, frozenReader{r, s, born}) })
}

type frozenTx struct {
	store.Tx
	s *frozen
}

func (x frozenTx) PutTicket(ctx context.Context, t *ticket.Ticket) error {
	x.s.mu.Lock()
	x.s.puts++
	x.s.at[t.ID] = x.s.puts
	x.s.mu.Unlock()
	return x.Tx.PutTicket(ctx, t)
}

type frozenReader struct {
	store.Reader
	s    *frozen
	born int
}

func (r frozenReader) Ticket(ctx context.Context, id int64, scope ticket.Scope) (*ticket.Ticket, error) {
	r.s.mu.Lock()
	later := r.s.at[id] > r.born
	r.s.mu.Unlock()
	if later {
		return nil, ticket.ErrNotFound
	}
	return r.Reader.Ticket(ctx, id, scope)
}

// recounting gives the versions of configurations that were rolled back to others: it counts those that were committed.
type recounting struct{ committed *atomic.Int64 }

func newRecounting() store.Store {
	c := recounting{new(atomic.Int64)}
	w := &wrapped{Store: memory.New(nil), tx: func(x store.Tx) store.Tx { return &recountingTx{Tx: x, c: c} },
		reader: func(r store.Reader) store.Reader { return recountingReader{r, c} }}
	w.owner = w
	return w
}

type recountingReader struct {
	store.Reader
	c recounting
}

func (r recountingReader) ConfigVersion(ctx context.Context) (int64, error) {
	_, err := r.Reader.ConfigVersion(ctx)
	return r.c.committed.Load(), err
}

type recountingTx struct {
	store.Tx
	c       recounting
	changes int64
}

func (x *recountingTx) ConfigVersion(ctx context.Context) (int64, error) {
	_, err := x.Tx.ConfigVersion(ctx)
	return x.c.committed.Load() + x.changes, err
}

func (x *recountingTx) PutRecord(ctx context.Context, r *store.Record) error {
	return x.count(r.Kind, x.Tx.PutRecord(ctx, r))
}

func (x *recountingTx) DeleteRecord(ctx context.Context, kind, key string) error {
	return x.count(kind, x.Tx.DeleteRecord(ctx, kind, key))
}

func (x *recountingTx) count(kind string, err error) error {
	if err == nil && store.ConfigKind(kind) {
		x.changes++
		x.OnCommit(func() { x.c.committed.Add(1) })
	}
	return err
}

// clipping looks at the beginning of a key alone, as a column of 255 bytes does.
type clipping struct{ store.Tx }

func (x clipping) Reserve(ctx context.Context, kind, key string, id int64) (int64, error) {
	return x.Tx.Reserve(ctx, kind, key[:min(len(key), 255)], id)
}

type caching struct {
	store.Tx
	seen *sync.Map
}

func newCaching() store.Store {
	var seen sync.Map
	return brokenTx(func(x store.Tx) store.Tx { return caching{x, &seen} })()
}

func (x caching) LockTicket(ctx context.Context, id int64) (*ticket.Ticket, error) {
	t, err := x.Tx.LockTicket(ctx, id)
	if err != nil {
		return nil, err
	}
	first, _ := x.seen.LoadOrStore(id, t.Clone())
	return first.(*ticket.Ticket).Clone(), nil
}

func newCachingRecords() store.Store {
	var seen sync.Map
	return brokenTx(func(x store.Tx) store.Tx { return cachingRecords{x, &seen} })()
}

type cachingRecords struct {
	store.Tx
	seen *sync.Map
}

func (x cachingRecords) LockRecord(ctx context.Context, kind, key string) (*store.Record, error) {
	r, err := x.Tx.LockRecord(ctx, kind, key)
	if err != nil {
		return nil, err
	}
	first, _ := x.seen.LoadOrStore(kind+" "+key, *r)
	old := first.(store.Record)
	return &old, nil
}
