package notify

import (
	"strings"
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

// pace counts what goes to each domain in a minute.
type pace struct {
	perMinute int

	mu     sync.Mutex
	minute time.Time
	sent   map[string]int
}

// allows counts one letter, unless enough went to its domain.
func (p *pace) allows(to string, now time.Time) bool {
	if p.perMinute == 0 {
		return true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if m := now.Truncate(time.Minute); !m.Equal(p.minute) {
		p.minute, p.sent = m, map[string]int{}
	}
	domain := strings.ToLower(to[strings.LastIndexByte(to, '@')+1:])
	if p.sent[domain] >= p.perMinute {
		return false
	}
	p.sent[domain]++
	return true
}
