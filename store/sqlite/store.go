package sqlite

import (
	"context"
	"database/sql"
	"sync"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/lists"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Store is one SQLite file. Make it with Open or Use. It is safe for concurrent use.
type Store struct {
	opts   Options
	db     *sql.DB
	owned  bool   // db is ours to close
	file   string // as SQLite names it
	source string // id of the SQLite library that is linked in
	writer *writer
	pool   *pool
	floors *floors
	wakers wakers
	reach  lists.Reach

	mu      sync.Mutex
	closed  bool
	running sync.WaitGroup // transactions; added to under mu
}

var (
	_ store.Store     = (*Store)(nil)
	_ store.HostTx    = (*Store)(nil)
	_ store.Waker     = (*Store)(nil)
	_ store.Backuper  = (*Store)(nil)
	_ store.Compacter = (*Store)(nil)
)

// DB returns the pool of connections beside the store's own, for the host's statements on the same file. Transactions
// that it begins are immediate, so that WithTx takes them.
//
// It knows nothing of contexts: inside a transaction of the desk (InTx) use Querier. There a write by DB waits for the
// writer that the transaction itself holds, until the busy timeout, and a read does not see what was written so far.
func (s *Store) DB() *sql.DB { return s.db }

// Update runs fn in a transaction; see store.Store. Callers who write at the same time share one commit. Outside fn
// nothing of it is to be seen before that commit is durable.
func (s *Store) Update(ctx context.Context, fn func(context.Context, store.Tx) error) error {
	if x, ok := store.TxFrom(ctx, s); ok {
		return x.(*tx).join(ctx, fn)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.enter(); err != nil {
		return err
	}
	u, err := s.update(ctx, fn)
	if err != nil {
		return err
	}
	for _, f := range u.after {
		f()
	}
	return nil
}

func (s *Store) update(ctx context.Context, fn func(context.Context, store.Tx) error) (*unit, error) {
	defer s.running.Done()
	u, err := s.writer.update(ctx, fn)
	if err == nil && u.woke {
		s.wakers.wake()
	}
	return u, err
}

// View runs fn over one snapshot; see store.Store. It never waits for writers, only for one of Options.Readers
// connections, and within another View not even for that.
func (s *Store) View(ctx context.Context, fn func(context.Context, store.Reader) error) error {
	if x, ok := store.TxFrom(ctx, s); ok {
		return x.(*tx).view(ctx, fn)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.enter(); err != nil {
		return err
	}
	defer s.running.Done()
	return s.pool.view(ctx, func(ses *session) error {
		r := &reader{ses: ses, now: s.opts.Now, reach: s.reach}
		defer r.done.Store(true)
		return fn(context.WithValue(ctx, viewKey{s}, true), r)
	})
}

// viewKey marks the context of a View.
type viewKey struct{ s *Store }

// Now returns the time by Options.Now: all processes on the file run on one machine.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	if err := ctx.Err(); err != nil {
		return time.Time{}, err
	}
	return ticket.Time(s.opts.Now()), nil
}

// Close refuses new transactions, waits for those that run, and closes the store's connections; a *sql.DB given to Use
// stays open. It must not be called inside a transaction. A second call does nothing.
func (s *Store) Close() error {
	s.mu.Lock()
	again := s.closed
	s.closed = true
	s.mu.Unlock()
	s.running.Wait()
	if again {
		return nil
	}
	s.wakers.close()
	s.pool.close()
	s.writer.close()
	if s.owned {
		return s.db.Close()
	}
	return nil
}

// enter counts a transaction in; running.Done counts it out.
func (s *Store) enter() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ticket.ErrStopped
	}
	s.running.Add(1)
	return nil
}
