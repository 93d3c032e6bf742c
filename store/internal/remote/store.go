package remote

import (
	"context"
	"database/sql"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/lists"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Settings are the options of a store that all dialects share.
type Settings struct {
	BusyTimeout  time.Duration // how long a caller waits for a connection, a lock, or the server's return
	PollInterval time.Duration // how often Wake looks by itself
	TablePrefix  string
	SearchOff    bool
	Reach        lists.Reach // the zero value is lists.UsualReach
	Whole        bool        // a View is a transaction also where it reads one thing: a statement alone might see what is not committed
}

// Store is the tables of one desk on a server. It is safe for concurrent use, by any number of processes.
type Store struct {
	owner   any // the Store of the package that made it: what its callers hold
	set     Settings
	d       *Dialect
	db      *sql.DB // what transactions run on
	side    *sql.DB // what a transaction needs beside itself: ids, a snapshot within a snapshot
	schema  string
	prefix  string // of tables, with their schema
	close   func() error
	ids     *ids
	wakers  wakers
	config  configNumber
	settled settled
	put     puts
	texts   texts

	mu      sync.Mutex
	closed  bool
	running sync.WaitGroup // transactions; added to under mu
}

var (
	_ store.Store  = (*Store)(nil)
	_ store.HostTx = (*Store)(nil)
	_ store.Waker  = (*Store)(nil)
)

// New makes a store over connections of the server, and brings its tables up to date. db and side may be the same; end
// is called by Close after the last transaction.
func New(ctx context.Context, owner store.Store, d *Dialect, db, side *sql.DB, set Settings, end func() error) (*Store, error) {
	s := &Store{owner: owner, set: set, d: d, db: db, side: side, close: end, put: newPuts(d), texts: texts{known: map[string]string{}}}
	limited, cancel := context.WithTimeout(ctx, set.BusyTimeout)
	defer cancel()
	var err error
	if s.schema, err = d.Schema(limited, db); err != nil {
		return nil, s.judged("connect", d.Judge(err), err)
	}
	s.prefix = s.schema + "." + set.TablePrefix
	if s.set.Reach == (lists.Reach{}) {
		s.set.Reach = lists.UsualReach
	}
	s.ids = newIDs(s)
	s.wakers.s = s
	if err := s.migrate(ctx); err != nil {
		return nil, err
	}
	return s, s.reconcileSearch(ctx)
}

// Side returns the connections for what is done while a transaction holds one of DB.
func (s *Store) Side() *sql.DB { return s.side }

// PollInterval is that of the settings.
func (s *Store) PollInterval() time.Duration { return s.set.PollInterval }

// DB returns the connections that the store runs on.
func (s *Store) DB() *sql.DB { return s.db }

// Schema returns the name, quoted, of the schema with the store's tables, and what their names begin with.
func (s *Store) Schema() (schema, tablePrefix string) { return s.schema, s.set.TablePrefix }

// texts are statements as the server takes them.
type texts struct {
	mu    sync.RWMutex
	known map[string]string
}

// maxTexts bounds the statements that are remembered: lists have many forms.
const maxTexts = 2000

// Text is a statement as the server takes it.
func (s *Store) Text(text string) string {
	s.texts.mu.RLock()
	full, known := s.texts.known[text]
	s.texts.mu.RUnlock()
	if known {
		return full
	}
	full = strings.NewReplacer("{p}", s.prefix, "{i}", s.set.TablePrefix).Replace(s.d.Rebind(text)) // a schema's name may have such signs
	s.texts.mu.Lock()
	defer s.texts.mu.Unlock()
	if len(s.texts.known) < maxTexts {
		s.texts.known[text] = full
	}
	return full
}

// The pauses before a closure runs again, each chosen at random up to so much.
const (
	firstPause = 2 * time.Millisecond
	maxPause   = 100 * time.Millisecond
)

// Update runs fn in a transaction; see store.Store. Where the server has rolled it back for the sake of others, or the
// connection was lost before the commit, fn is run again, for Settings.BusyTimeout.
func (s *Store) Update(ctx context.Context, fn func(context.Context, store.Tx) error) error {
	if x, ok := store.TxFrom(ctx, s.owner); ok {
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
	deadline, careful := time.Now().Add(s.set.BusyTimeout), false
	for pause := firstPause; ; pause = min(2*pause, maxPause) {
		u := &unit{s: s, ses: s.session(ctx, s.d.BeginWrite), wary: pause > firstPause, again: pause > firstPause}
		u.ses.careful = careful
		err := u.run(ctx, fn)
		if u.configured { // or perhaps, where the commit's outcome is not known
			s.config.change()
		}
		if err == nil {
			if u.woke {
				s.wakers.committed(ctx)
			}
			return u, nil
		}
		careful = u.ses.unclear
		late := !time.Now().Before(deadline) && (u.again || !u.ses.presumed) // what was taken for granted is our own fault
		if !u.ses.again || late {
			return nil, err
		}
		if err := sleep(ctx, rand.N(pause)+1); err != nil {
			return nil, err
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Store) session(ctx context.Context, begin []string) *session {
	ses := &session{s: s, ctx: ctx, pool: s.db, begin: begin, began: time.Now()}
	if ctx.Value(viewKey{s}) != nil { // who holds a connection must not wait for one of those that wait for it
		ses.pool = s.side
	}
	return ses
}

// run is a whole transaction.
func (u *unit) run(ctx context.Context, fn func(context.Context, store.Tx) error) error {
	committed := false
	defer func() { u.ses.end(committed) }()
	if err := u.part(ctx, fn); err != nil {
		return err
	}
	if err := u.ses.commit(); err != nil {
		return err
	}
	committed = true
	return nil
}

// viewKey marks the context of a View.
type viewKey struct{ s *Store }

// View runs fn over one snapshot; see store.Store.
func (s *Store) View(ctx context.Context, fn func(context.Context, store.Reader) error) error {
	if x, ok := store.TxFrom(ctx, s.owner); ok {
		return x.(*tx).view(ctx, fn)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.enter(); err != nil {
		return err
	}
	ses := s.session(ctx, s.d.BeginRead)
	ctx, one := store.TakeOneRead(ctx)
	ses.patient, ses.alone = true, one && !s.set.Whole
	defer s.ended(ses)
	r := &reader{s: s, ses: ses}
	defer r.done.Store(true)
	return fn(context.WithValue(ctx, viewKey{s}, true), r)
}

// ended ends what was only read. Nobody waits for a round trip of that, and no goroutine is worth less than one.
func (s *Store) ended(ses *session) {
	end := func() {
		defer s.running.Done()
		ses.end(false)
	}
	if ses.opened {
		go end()
		return
	}
	end()
}

// Now returns the server's time.
func (s *Store) Now(ctx context.Context) (now time.Time, err error) {
	if err := ctx.Err(); err != nil {
		return now, err
	}
	if err := s.enter(); err != nil {
		return now, err
	}
	defer s.running.Done()
	ses := s.session(ctx, nil)
	ses.patient = true
	defer func() { ses.end(true) }()
	var micros int64
	_, err = ses.row("read the server's clock", "SELECT "+s.d.Clock, []any{&micros})
	return time.UnixMicro(micros).UTC(), err
}

// Close refuses new transactions, waits for those that run, and gives up the store's connections. It must not be called
// inside a transaction. A second call does nothing.
func (s *Store) Close() error {
	s.mu.Lock()
	closed := s.closed
	s.closed = true
	s.mu.Unlock()
	if closed {
		return nil
	}
	s.running.Wait()
	s.wakers.close()
	return s.close()
}

// enter begins a transaction, unless the store is closed. The caller calls running.Done.
func (s *Store) enter() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ticket.ErrStopped
	}
	s.running.Add(1)
	return nil
}
