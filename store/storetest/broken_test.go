package storetest

import (
	"context"
	"errors"
	"maps"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// broken is a store in which one method does not do what the contract says.
type broken struct {
	group string // whose proofs must fail, and no others
	open  func() store.Store
}

// brokenStore wraps a good store.
func brokenStore(spoil func(*memory.Store) store.Store) func() store.Store {
	return func() store.Store {
		w := &wrapped{Store: spoil(memory.New(nil))}
		w.owner = w
		return w
	}
}

// brokenTx wraps the transactions of a good store, brokenReader its readers too.
func brokenTx(tx func(store.Tx) store.Tx) func() store.Store {
	return func() store.Store {
		w := &wrapped{Store: memory.New(nil), tx: tx}
		w.owner = w
		return w
	}
}

func brokenReader(reader func(store.Reader) store.Reader) func() store.Store {
	return func() store.Store {
		w := &wrapped{Store: memory.New(nil), reader: reader}
		w.owner = w
		return w
	}
}

var brokenStores = map[string]broken{
	"Message forgets Bcc":                          {"round trips", brokenReader(func(r store.Reader) store.Reader { return forgetsBcc{r} })},
	"Update swallows an error":                     {"rollback", brokenStore(func(s *memory.Store) store.Store { return swallows{s} })},
	"Update joins without a savepoint":             {"savepoints", brokenStore(func(s *memory.Store) store.Store { return keepsInner{s} })},
	"View shows what is not committed":             {"isolation", newLeaky},
	"View shows later commits":                     {"isolation", brokenStore(func(s *memory.Store) store.Store { return momentless{s} })},
	"Holder goes on after the end":                 {"endings", brokenTx(func(x store.Tx) store.Tx { return undead{x} })},
	"Linked ignores its context":                   {"cancelling", brokenReader(func(r store.Reader) store.Reader { return deaf{r} })},
	"PutRecord blames the closure for a race":      {"isolation", brokenStore(func(s *memory.Store) store.Store { return &touchy{Store: s} })},
	"View in a transaction keeps to its beginning": {"isolation", newFrozen},
	"ConfigVersion counts commits":                 {"records", newRecounting},
	"Reserve looks at 255 bytes of a key":          {"unique keys", brokenTx(func(x store.Tx) store.Tx { return clipping{x} })},
	"OnCommit fires on rollback":                   {"commit functions", brokenTx(func(x store.Tx) store.Tx { return hasty{x} })},
	"NewID repeats":                                {"ids", newRepeating},
	"LockTicket answers from a cache":              {"locks", newCaching},
	"LockRecord answers from a cache":              {"locks", newCachingRecords},
	"Update hands a cancellation to its neighbour": {"callers", brokenStore(func(s *memory.Store) store.Store { return &infectious{Store: s} })},
	"Reserve always succeeds":                      {"unique keys", brokenTx(func(x store.Tx) store.Tx { return generous{x} })},
	"Linked is not sorted":                         {"links", brokenReader(func(r store.Reader) store.Reader { return backward{r} })},
	"PutRecord ignores the version":                {"records", brokenTx(func(x store.Tx) store.Tx { return overwrites{x} })},
	"PutChunk cuts what is too long":               {"blobs", brokenTx(func(x store.Tx) store.Tx { return cuts{x} })},
	"Tickets ignores Watcher":                      {"queries", brokenReader(func(r store.Reader) store.Reader { return unwatched{r} })},
	"Tickets ends with the last value of a field":  {"pages", brokenReader(func(r store.Reader) store.Reader { return valueless{r} })},
	"Tickets compares numbers as texts":            {"fields", brokenReader(func(r store.Reader) store.Reader { return textual{r} })},
	"Tickets sees the first line of a value only":  {"fields", brokenReader(func(r store.Reader) store.Reader { return firstLines{r} })},
	"Tickets forgets the order of the id in ties":  {"pages", brokenReader(func(r store.Reader) store.Reader { return tieless{r} })},
	"Tickets takes the empty place for everything": {"scopes", brokenReader(func(r store.Reader) store.Reader { return wideOpen{r} })},
	"Tickets forgets AgentPlaces":                  {"scopes", brokenReader(func(r store.Reader) store.Reader { return roaming{r} })},
	"Tickets forgets Only":                         {"scopes", brokenReader(func(r store.Reader) store.Reader { return curious{r} })},
	"Tickets takes Only for a reason":              {"scopes", brokenReader(func(r store.Reader) store.Reader { return tricked{r} })},
	"Tickets knows one address":                    {"scopes", brokenReader(func(r store.Reader) store.Reader { return oneAddress{r} })},
	"Tickets forgets the brand of a place":         {"scopes", brokenReader(func(r store.Reader) store.Reader { return brandless{r} })},
	"Tickets forgets the ranks of the priorities":  {"pages", brokenReader(func(r store.Reader) store.Reader { return rankless{r} })},
	"Tickets ignores UnreadByClient":               {"queries", brokenReader(func(r store.Reader) store.Reader { return unreadBlind{r} })},
	"Tickets ignores LastReplyTo":                  {"queries", brokenReader(func(r store.Reader) store.Reader { return replyTimeless{r} })},
	"Tickets sorts by update instead of reply":     {"pages", brokenReader(func(r store.Reader) store.Reader { return byReply{r} })},
	"Tickets gives out no way back":                {"pages", brokenReader(func(r store.Reader) store.Reader { return oneWay{r} })},
	"Tickets shows earlier pages the wrong way":    {"pages", brokenReader(func(r store.Reader) store.Reader { return unturned{r} })},
	"Tickets ignores where a page is to begin":     {"pages", brokenReader(func(r store.Reader) store.Reader { return placeless{r} })},
	"Records ignores After":                        {"records", brokenReader(func(r store.Reader) store.Reader { return startsAgain{r} })},
	"Records skips one record between pages":       {"records", brokenReader(func(r store.Reader) store.Reader { return skipsRecord{r} })},
	"Tallies forgets what an agent watches":        {"counts", brokenReader(func(r store.Reader) store.Reader { return unwatchful{r} })},
	"Tallies forgets AgentPlaces":                  {"counts", brokenReader(func(r store.Reader) store.Reader { return roamingTallies{r} })},
	"Tallies counts once for each reason":          {"counts", brokenReader(func(r store.Reader) store.Reader { return addsUp{r} })},
	"Tallies keeps its limit to itself":            {"counts", brokenReader(func(r store.Reader) store.Reader { return discreet{r} })},
	"CountTickets ignores its limit":               {"counts", brokenReader(func(r store.Reader) store.Reader { return countsOn{r} })},
	"Ticket ignores its scope":                     {"scopes", brokenReader(func(r store.Reader) store.Reader { return indiscreet{r} })},
	"Tickets drops the last row of a page":         {"pages", brokenReader(func(r store.Reader) store.Reader { return dropsLast{r} })},
	"Messages ignores kinds":                       {"messages", brokenReader(func(r store.Reader) store.Reader { return unkind{r} })},
	"Events skips entries of the same time":        {"events", brokenReader(func(r store.Reader) store.Reader { return skipsTies{r} })},
	"PutWork puts twice":                           {"work once", brokenTx(func(x store.Tx) store.Tx { return putsTwice{x} })},
	"Lease forgets the names":                      {"leases", brokenTx(func(x store.Tx) store.Tx { return nameless{x} })},
	"Lease takes ended leases of any name":         {"leases", brokenTx(func(x store.Tx) store.Tx { return anyName{x} })},
	"Lease raises no epoch":                        {"fencing", brokenTx(func(x store.Tx) store.Tx { return epochless{x} })},
	"Finish has no fence":                          {"fencing", brokenTx(func(x store.Tx) store.Tx { return fenceless{x} })},
	"MarkEffect has no fence":                      {"fencing", brokenTx(func(x store.Tx) store.Tx { return marksAnyhow{x} })},
	"Lease ignores lanes":                          {"lanes", brokenTx(func(x store.Tx) store.Tx { return laneless{x} })},
	"SetWork ignores the state":                    {"dead letters", brokenTx(func(x store.Tx) store.Tx { return forces{x} })},
	"PruneWork ignores the time":                   {"pruning", brokenTx(func(x store.Tx) store.Tx { return prunesAll{x} })},
	"CountWork ignores the limit":                  {"work lists", brokenReader(func(r store.Reader) store.Reader { return countsAll{r} })},
	"Close does not wait":                          {"closing", brokenStore(func(s *memory.Store) store.Store { return impatient{s} })},
	"Wake gives up at once":                        {"waking", newSleepless},
	"Compact loses a ticket":                       {"compacting", newLossy},
	"Search shows notes to all":                    {"searching", brokenSearcher(func(s store.Searcher) store.Searcher { return blabs{s} })},
	"Search trusts the document's Who":             {"searching", brokenSearcher(func(s store.Searcher) store.Searcher { return unscoped{s} })},
	"Search ignores Watcher":                       {"searching", brokenSearcher(func(s store.Searcher) store.Searcher { return unfiltered{s} })},
	"Search finds the words of a phrase anywhere":  {"searching", brokenSearcher(func(s store.Searcher) store.Searcher { return scattered{s} })},
	"Search drops the last ticket of a page":       {"searching", brokenSearcher(func(s store.Searcher) store.Searcher { return shortened{s} })},
	"Search forgets the rank":                      {"searching", brokenSearcher(func(s store.Searcher) store.Searcher { return unranked{s} })},
	"Index ignores the marks":                      {"searching", brokenSearcher(func(s store.Searcher) store.Searcher { return markless{s} })},
	"Unindex does nothing":                         {"searching", brokenSearcher(func(s store.Searcher) store.Searcher { return clings{s} })},
	"Reindex does nothing":                         {"searching", brokenSearcher(func(s store.Searcher) store.Searcher { return leaves{s} })},
	"SearchLag counts to one":                      {"searching", brokenSearcher(func(s store.Searcher) store.Searcher { return forgetful{s} })},
	"Settle forgets its transaction":               {"settling", func() store.Store { return newRash() }},
	"Settle counts twice":                          {"settling", func() store.Store { return doubles{newRash(), new(atomic.Int64)} }},
	"Rows skips a row between lists":               {"moving", brokenMover(func(m store.Mover) store.Mover { return skipping{m} })},
	"Rows forgets half a megabyte":                 {"moving", brokenMover(func(m store.Mover) store.Mover { return sparing{m} })},
	"PutRows counts a version on":                  {"moving", brokenMover(func(m store.Mover) store.Mover { return counting{m} })},
	"PutRows frees leases":                         {"moving", brokenMover(func(m store.Mover) store.Mover { return freeing{m} })},
	"PutRows stops at the first bad row":           {"moving", brokenMover(func(m store.Mover) store.Mover { return halting{m} })},
	"RemoveRows leaves the last":                   {"moving", brokenMover(func(m store.Mover) store.Mover { return leaving{m} })},
	"RaiseSequences raises the first only":         {"moving", brokenMover(func(m store.Mover) store.Mover { return lifting{m} })},
}

func TestBrokenStores(t *testing.T) {
	t.Parallel()
	t.Run("X09 a good store fails nothing", func(t *testing.T) {
		t.Parallel()
		good := func(testing.TB) store.Store { return brokenTx(func(x store.Tx) store.Tx { return x })() }
		expectFailed(t, failedGroups(t, good, &Options{}, applicable(t, good, &Options{})), "")
	})
	covered := []string{"reopening", "processes", "host transactions", "killing"} // they need more than a store
	for name, b := range brokenStores {
		covered = append(covered, b.group)
		t.Run("X09 "+name, func(t *testing.T) {
			t.Parallel()
			open := func(testing.TB) store.Store { return b.open() }
			list := applicable(t, open, &Options{})
			if testing.Short() {
				list = named(b.group)
			}
			expectFailed(t, failedGroups(t, open, &Options{}, list), b.group)
		})
	}
	for _, g := range groups() {
		if !slices.Contains(covered, g.name) {
			t.Errorf("no broken store is there for the group %q", g.name)
		}
	}
}

type swallows struct{ *memory.Store }

func (s swallows) Update(ctx context.Context, fn func(context.Context, store.Tx) error) error {
	_, joined := store.TxFrom(ctx, s.Store)
	var failed error
	err := s.Store.Update(ctx, func(ctx context.Context, x store.Tx) error {
		failed = fn(ctx, x)
		return failed
	})
	if !joined && failed != nil && ctx.Err() == nil {
		return nil
	}
	return err
}

// keepsInner keeps what a failed inner part wrote, though not its commit functions.
type keepsInner struct{ *memory.Store }

func (s keepsInner) Update(ctx context.Context, fn func(context.Context, store.Tx) error) error {
	if _, joined := store.TxFrom(ctx, s.Store); !joined {
		return s.Store.Update(ctx, fn)
	}
	var failed error
	err := s.Store.Update(ctx, func(ctx context.Context, x store.Tx) error {
		failed = fn(ctx, conditional{x, &failed})
		return nil
	})
	return errors.Join(failed, err)
}

type conditional struct {
	store.Tx
	failed *error
}

func (x conditional) OnCommit(fn func()) {
	x.Tx.OnCommit(func() {
		if *x.failed == nil {
			fn()
		}
	})
}

// leaky shows tickets before they are committed.
type leaky struct {
	wrapped
	mu   sync.Mutex
	open map[int64]*ticket.Ticket
}

func newLeaky() store.Store {
	s := &leaky{open: map[int64]*ticket.Ticket{}}
	s.wrapped = wrapped{Store: memory.New(nil), owner: s,
		tx:     func(x store.Tx) store.Tx { return leakyTx{x, s} },
		reader: func(r store.Reader) store.Reader { return leakyReader{r, s} },
	}
	return s
}

func (s *leaky) Update(ctx context.Context, fn func(context.Context, store.Tx) error) error {
	return s.wrapped.Update(ctx, func(ctx context.Context, x store.Tx) error {
		defer func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			clear(s.open)
		}()
		return fn(ctx, x)
	})
}

type leakyTx struct {
	store.Tx
	s *leaky
}

func (x leakyTx) PutTicket(ctx context.Context, t *ticket.Ticket) error {
	x.s.mu.Lock()
	x.s.open[t.ID] = t.Clone()
	x.s.mu.Unlock()
	return x.Tx.PutTicket(ctx, t)
}

type leakyReader struct {
	store.Reader
	s *leaky
}

func (r leakyReader) Tickets(ctx context.Context, q ticket.Query, scope ticket.Scope) (ticket.Page, error) {
	page, err := r.Reader.Tickets(ctx, q, scope)
	r.s.mu.Lock()
	defer r.s.mu.Unlock()
	if len(r.s.open) > 0 && err == nil && page.Next == "" && len(q.Cursor) == 0 {
		page.Tickets = slices.AppendSeq(page.Tickets, maps.Values(r.s.open))
	}
	return page, err
}

// momentless reads every ticket as it is now.
type momentless struct{ *memory.Store }

func (s momentless) View(ctx context.Context, fn func(context.Context, store.Reader) error) error {
	if _, joined := store.TxFrom(ctx, s.Store); joined {
		return s.Store.View(ctx, fn)
	}
	return s.Store.View(ctx, func(ctx context.Context, r store.Reader) error { return fn(ctx, momentlessReader{r, s.Store}) })
}

type momentlessReader struct {
	store.Reader
	s store.Store
}

func (r momentlessReader) Ticket(ctx context.Context, id int64, scope ticket.Scope) (out *ticket.Ticket, err error) {
	if out, err = r.Reader.Ticket(ctx, id, scope); err != nil {
		return out, err
	}
	err = r.s.View(ctx, func(ctx context.Context, now store.Reader) (err error) {
		out, err = now.Ticket(ctx, id, scope)
		return err
	})
	return out, err
}

type undead struct{ store.Tx }

func (x undead) Holder(ctx context.Context, kind, key string) (int64, error) {
	id, err := x.Tx.Holder(ctx, kind, key)
	if errors.Is(err, ticket.ErrTxDone) {
		return 1, nil
	}
	return id, err
}

type deaf struct{ store.Reader }

func (r deaf) Linked(ctx context.Context, kind, key string) ([]int64, error) {
	return r.Reader.Linked(context.WithoutCancel(ctx), kind, key)
}

type hasty struct{ store.Tx }

func (x hasty) OnCommit(fn func()) {
	if _, err := x.Linked(context.Background(), "", ""); err == nil {
		fn()
	}
}

type repeating struct {
	store.Tx
	last *atomic.Int64
}

func newRepeating() store.Store {
	var last atomic.Int64
	return brokenTx(func(x store.Tx) store.Tx { return repeating{x, &last} })()
}

func (x repeating) NewID(ctx context.Context, sequence string) (int64, error) {
	id, err := x.Tx.NewID(ctx, sequence)
	if err == nil && id%10 == 0 {
		return x.last.Load(), nil
	}
	x.last.Store(id)
	return id, err
}

// infectious lets a caller that is cancelled among many take the next one with it.
type infectious struct {
	*memory.Store
	inside, ill atomic.Int64
}

func (s *infectious) Update(ctx context.Context, fn func(context.Context, store.Tx) error) error {
	if _, joined := store.TxFrom(ctx, s.Store); joined {
		return s.Store.Update(ctx, fn)
	}
	s.inside.Add(1)
	defer s.inside.Add(-1)
	for range 100 {
		runtime.Gosched() // so that many are inside
	}
	err := s.Store.Update(ctx, func(ctx context.Context, x store.Tx) error {
		if s.inside.Load() > 8 && s.ill.CompareAndSwap(1, 0) {
			return context.Canceled
		}
		return fn(ctx, x)
	})
	if ctx.Err() != nil && s.inside.Load() > 8 {
		s.ill.Store(1)
	}
	return err
}

type impatient struct{ *memory.Store }

func (s impatient) Close() error {
	go func() { _ = s.Store.Close() }()
	for s.View(context.Background(), func(context.Context, store.Reader) error { return nil }) == nil {
		runtime.Gosched()
	}
	return nil
}

type sleepless struct{ wrapped }

func newSleepless() store.Store {
	s := &sleepless{}
	s.wrapped = wrapped{Store: memory.New(nil), owner: s}
	return s
}

func (*sleepless) Wake(context.Context) <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}
