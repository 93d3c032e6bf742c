package webhook

import (
	"sync"
	"time"
)

// traffic keeps one endpoint from taking all the workers of this process.
type traffic struct {
	mu sync.Mutex
	to map[string]*lane // by code; of those that something is sent to, or that are slow
}

type lane struct {
	under  int           // way
	turned int           // away while some are under way, and not come back
	took   time.Duration // the last request
}

const (
	slow        = time.Second // from that on an endpoint gets half of the workers
	longestTurn = 30 * time.Second
)

// enter asks for one of that many workers for a request to an endpoint: one while it fails, half of them while it is slow, and
// never all of them, where there are several. Who is let in leaves; who is not comes back after the time that is returned,
// when those that came before should be done.
func (t *traffic) enter(code string, failing bool, workers int) (wait time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.to[code]
	if l == nil {
		l = &lane{}
		t.to[code] = l
	}
	limit := max(1, workers-1)
	switch {
	case failing:
		limit = 1
	case l.took >= slow:
		limit = max(1, workers/2)
	}
	if l.under >= limit {
		l.turned++
		each := max(l.took, 5*time.Millisecond) / time.Duration(limit)
		return min(100*time.Millisecond+time.Duration(l.turned)*each, longestTurn)
	}
	l.under, l.turned = l.under+1, max(0, l.turned-1)
	return 0
}

func (t *traffic) leave(code string, took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.to[code]
	l.under, l.took = l.under-1, took
	if l.under > 0 {
		return
	}
	if l.turned = 0; took < slow {
		delete(t.to, code)
	}
}
