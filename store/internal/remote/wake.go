package remote

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
	closed   bool
	stop     context.CancelFunc // of the watch, which runs while somebody listens
	watching sync.WaitGroup
	told     time.Time   // when others were told last
	again    *time.Timer // tells them later
}

// quiet is how long others are not told of commits again: there may be thousands in a second.
const quiet = 20 * time.Millisecond

// Wake returns a channel that gets a value after commits that put work or make it due. Those of other processes are
// noticed as soon as the server tells of them, or else within Settings.PollInterval.
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
	if w.stop == nil && !w.closed {
		ctx, stop := context.WithCancel(context.Background())
		w.stop = stop
		w.watching.Go(func() { w.s.d.Watch(ctx, w.s, w.wake) })
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

// committed wakes those of this process, and tells the others: at once, or, where that was just done, a moment later.
func (w *wakers) committed(ctx context.Context) {
	w.wake()
	w.mu.Lock()
	now := time.Now()
	if w.again != nil || w.stopped() {
		w.mu.Unlock()
		return
	}
	if left := quiet - now.Sub(w.told); left > 0 {
		w.watching.Add(1)
		w.again = time.AfterFunc(left, w.tellLater)
		w.mu.Unlock()
		return
	}
	w.told = now
	w.mu.Unlock()
	w.tell(ctx)
}

func (w *wakers) stopped() bool { return w.s.d.Notify == nil }

func (w *wakers) tellLater() {
	defer w.watching.Done()
	w.mu.Lock()
	w.again, w.told = nil, time.Now()
	w.mu.Unlock()
	w.tell(context.Background())
}

// tell is no more than a courtesy: who is not told looks by himself.
func (w *wakers) tell(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), w.s.set.BusyTimeout)
	defer cancel()
	_ = w.s.d.Notify(ctx, w.s)
}

// close ends the watch. The channels are closed by their contexts.
func (w *wakers) close() {
	w.mu.Lock()
	w.closed = true
	if w.stop != nil {
		w.stop()
		w.stop = nil
	}
	if w.again != nil && w.again.Stop() {
		w.watching.Done()
	}
	w.mu.Unlock()
	w.watching.Wait()
}
