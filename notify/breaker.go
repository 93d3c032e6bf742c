package notify

import (
	"sync"
	"time"
)

// breaker keeps this process from a mail server that is away: it is asked again after a pause, which grows.
type breaker struct {
	mu    sync.Mutex
	until time.Time
	fails int
	err   error
}

// longest is the longest pause.
const longest = 5 * time.Minute

func (b *breaker) closed(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.until.Sub(now) > longest { // the clock was set back
		b.until = now
	}
	return !now.Before(b.until)
}

// next is when to ask again what could not be asked now: when the server is asked again, else after a pause.
func (b *breaker) next(now time.Time, pause time.Duration) time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.until.After(now) {
		return b.until
	}
	return now.Add(pause)
}

func (b *breaker) failed(now time.Time, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if now.Before(b.until) { // another letter has found out meanwhile
		return
	}
	b.err = err
	b.until = now.Add(min(time.Second<<min(b.fails, 10), longest))
	b.fails++
}

func (b *breaker) worked() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fails, b.until, b.err = 0, time.Time{}, nil
}

// trouble is the last error, while the server is away.
func (b *breaker) trouble() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err
}
