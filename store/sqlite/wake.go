package sqlite

import (
	"context"
	"sync"
	"time"
)

// wakers are those who wait for work.
type wakers struct {
	s  *Store
	mu sync.Mutex

	channels map[chan struct{}]struct{}
	stop     context.CancelFunc // of the poll, which runs while somebody listens
	polling  sync.WaitGroup
}

// Wake returns a channel that gets a value after commits that put work or make it due. Commits of other processes are
// noticed within Options.PollInterval, whatever they wrote, so a value may come for nothing.
func (s *Store) Wake(ctx context.Context) <-chan struct{} {
	c := make(chan struct{}, 1)
	s.wakers.add(c)
	context.AfterFunc(ctx, func() { s.wakers.remove(c) })
	return c
}

func (w *wakers) add(c chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.channels == nil {
		w.channels = map[chan struct{}]struct{}{}
	}
	w.channels[c] = struct{}{}
	if w.stop == nil {
		ctx, stop := context.WithCancel(context.Background())
		w.stop = stop
		w.polling.Go(func() { w.poll(ctx) })
	}
}

func (w *wakers) remove(c chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.channels, c)
	close(c)
	if len(w.channels) == 0 && w.stop != nil {
		w.stop()
		w.stop = nil
	}
}

func (w *wakers) wake() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.channels {
		select {
		case c <- struct{}{}:
		default: // it has one already
		}
	}
}

// poll asks SQLite whether the file has changed, on a connection of its own. A change by this process may be reported
// too.
func (w *wakers) poll(ctx context.Context) {
	conn, err := w.s.db.Conn(ctx)
	if err != nil {
		return // only when the store or the host's pool is closed
	}
	defer discard(conn)
	t := time.NewTicker(w.s.opts.PollInterval)
	defer t.Stop()
	var last int64
	for {
		var v int64
		err := conn.QueryRowContext(ctx, "PRAGMA data_version").Scan(&v)
		if err == nil && v != last {
			w.wake() // the first time too: a commit may have come between Wake and the first look
			last = v
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// close ends the poll. The channels are closed by their contexts.
func (w *wakers) close() {
	w.mu.Lock()
	if w.stop != nil {
		w.stop()
		w.stop = nil
	}
	w.mu.Unlock()
	w.polling.Wait()
}
