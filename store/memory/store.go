// Package memory is the reference store: plain Go, nothing kept beyond the process. It is meant for tests and trials,
// and other stores are compared with it.
//
// Transactions that write run one after the other. Those that read see the last commit and wait for nobody.
package memory

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Options configure a store. The zero value is ready to use.
type Options struct {
	// Now is the clock of leases; default time.Now.
	Now func() time.Time
	// SearchOff leaves search out: nothing is noted for it, and searches fail with store.ErrSearchOff.
	SearchOff bool
}

// Store is a database in memory. Make it with New.
type Store struct {
	now       func() time.Time
	searchOff bool
	marks     int64         // under writer; never rolled back
	writer    chan struct{} // holds a token while somebody writes
	committed atomic.Pointer[state]
	counters  map[string]int64 // under writer; never rolled back, so that no number comes twice
	configs   int64            // as counters

	mu      sync.Mutex
	closed  bool
	running sync.WaitGroup // transactions; added to under mu
	wakers  map[chan struct{}]struct{}
}

var (
	_ store.Store = (*Store)(nil)
	_ store.Waker = (*Store)(nil)

	_ store.Searcher = (*Store)(nil)
)

// New returns an empty store; opts may be nil.
func New(opts *Options) *Store {
	s := &Store{
		now: time.Now, writer: make(chan struct{}, 1),
		counters: map[string]int64{}, wakers: map[chan struct{}]struct{}{},
	}
	if opts != nil && opts.Now != nil {
		s.now = opts.Now
	}
	s.searchOff = opts != nil && opts.SearchOff
	s.committed.Store(newState())
	return s
}

// Update runs fn in a transaction; see store.Store. It waits for other writers for as long as ctx lasts, so
// ticket.ErrBusy does not occur. OnCommit functions run when the next writer may already start.
func (s *Store) Update(ctx context.Context, fn func(context.Context, store.Tx) error) error {
	outer, ok, err := s.joined(ctx)
	if err != nil {
		return err
	}
	if ok {
		return outer.part(ctx, fn)
	}
	t, err := s.begin(ctx)
	if err != nil {
		return err
	}
	if err := t.run(ctx, fn); err != nil {
		return err
	}
	for _, f := range t.after {
		f()
	}
	return nil
}

// View runs fn over the last commit, or in the transaction that ctx carries; see store.Store. It never waits.
func (s *Store) View(ctx context.Context, fn func(context.Context, store.Reader) error) error {
	outer, ok, err := s.joined(ctx)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	r := &reader{now: s.now}
	defer r.done.Store(true)
	if ok {
		r.state = &outer.state
		return fn(ctx, r)
	}
	if err := s.enter(); err != nil {
		return err
	}
	defer s.running.Done()
	r.state = s.committed.Load()
	return fn(ctx, r)
}

// Now returns the time by the clock of Options.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	if err := ctx.Err(); err != nil {
		return time.Time{}, err
	}
	return ticket.Time(s.now()), nil
}

// Wake returns a channel that gets a value after commits that put work; see store.Waker.
func (s *Store) Wake(ctx context.Context) <-chan struct{} {
	c := make(chan struct{}, 1)
	s.mu.Lock()
	s.wakers[c] = struct{}{}
	s.mu.Unlock()
	context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.wakers, c)
		close(c)
	})
	return c
}

func (s *Store) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.wakers {
		select {
		case c <- struct{}{}:
		default: // it has one already
		}
	}
}

// Close refuses new transactions and waits for those that run. It must not be called inside one.
func (s *Store) Close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.running.Wait()
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

// joined returns the transaction that ctx carries.
func (s *Store) joined(ctx context.Context) (*transaction, bool, error) {
	v, ok := store.TxFrom(ctx, s)
	if !ok {
		return nil, false, nil
	}
	x := v.(*tx)
	if x.done.Load() {
		return nil, false, ticket.ErrTxDone
	}
	return x.transaction, true, nil
}

// begin waits for its turn to write.
func (s *Store) begin(ctx context.Context) (*transaction, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := s.enter(); err != nil {
		return nil, err
	}
	select {
	case s.writer <- struct{}{}:
		return &transaction{store: s, state: *s.committed.Load()}, nil
	case <-ctx.Done():
		s.running.Done()
		return nil, ctx.Err()
	}
}

// transaction is what an outermost Update and everything that joins it share.
type transaction struct {
	store *Store
	state state
	after []func() // see Tx.OnCommit
	woken bool     // work was put
}

// run runs fn, commits, and gives the turn to the next writer, whatever way fn ends.
func (t *transaction) run(ctx context.Context, fn func(context.Context, store.Tx) error) error {
	defer t.store.running.Done()
	defer func() { <-t.store.writer }()
	if err := t.part(ctx, fn); err != nil {
		return err
	}
	t.store.committed.Store(&t.state)
	if t.woken {
		t.store.wake()
	}
	return nil
}

// part runs fn behind a savepoint: everything is as it was before unless fn returns nil and ctx lasts.
func (t *transaction) part(ctx context.Context, fn func(context.Context, store.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	before := *t
	x := &tx{reader: reader{state: &t.state, now: t.store.now}, transaction: t}
	kept := false
	defer func() {
		x.done.Store(true)
		if !kept {
			*t = before
		}
	}()
	if err := fn(store.ContextWithTx(ctx, t.store, x), x); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	kept = true
	return nil
}
