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
	under int // way
	slow  bool
}

const slow = time.Second // from that on an endpoint gets a part of the workers

// enter asks for one of that many workers for a request to an endpoint: one while it fails, half of them while it is slow.
// Who was let in leaves.
func (t *traffic) enter(code string, failing bool, workers int) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.to[code]
	if l == nil {
		l = &lane{}
		t.to[code] = l
	}
	limit := workers
	if l.slow {
		limit = max(1, workers/2)
	}
	if failing {
		limit = 1
	}
	if l.under >= limit {
		return false
	}
	l.under++
	return true
}

func (t *traffic) leave(code string, took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.to[code]
	l.under, l.slow = l.under-1, took >= slow
	if l.under == 0 && !l.slow {
		delete(t.to, code)
	}
}
