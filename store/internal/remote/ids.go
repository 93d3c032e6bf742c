package remote

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// blockSize is how many ids a process takes at once. The rest of a block is lost when the process ends.
const blockSize = 256

// ids hands out ids. They come from transactions of their own, so that nobody waits for somebody else's.
type ids struct {
	s      *Store
	turn   chan struct{} // one takes a block at a time
	mu     sync.Mutex
	blocks map[string]*block
	floors map[string]int64 // ids below do not come any more
}

// block is the ids from next to end, exclusive, and how many callers want one.
type block struct{ next, end, wanted int64 }

func newIDs(s *Store) *ids {
	return &ids{s: s, turn: make(chan struct{}, 1), blocks: map[string]*block{}, floors: map[string]int64{}}
}

// next returns a new id of the sequence. Of codes as many are taken as are wanted, so that they have no gaps.
func (i *ids) next(ctx context.Context, sequence string) (int64, error) {
	i.want(sequence, 1)
	defer i.want(sequence, -1)
	for {
		if id, ok := i.stored(sequence); ok {
			return id, nil
		}
		select {
		case i.turn <- struct{}{}:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
		err := i.refill(ctx, sequence)
		<-i.turn
		if err != nil {
			return 0, err
		}
	}
}

func (i *ids) want(sequence string, n int64) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.blocks[sequence] == nil {
		i.blocks[sequence] = &block{}
	}
	i.blocks[sequence].wanted += n
}

func (i *ids) stored(sequence string) (int64, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	b := i.blocks[sequence]
	if b.next = max(b.next, min(b.end, i.floors[sequence])); b.next == b.end {
		return 0, false
	}
	b.next++
	return b.next - 1, true
}

// refill takes a block, unless somebody has just done so.
func (i *ids) refill(ctx context.Context, sequence string) error {
	i.mu.Lock()
	b, n := i.blocks[sequence], int64(blockSize)
	full := max(b.next, i.floors[sequence]) < b.end
	if strings.HasPrefix(sequence, "code/") {
		n = b.wanted
	}
	i.mu.Unlock()
	if full {
		return nil
	}
	end, err := i.take(ctx, sequence, n)
	if err != nil {
		return err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	b.next, b.end = end-n, end
	return nil
}

// take raises the sequence. What is taken for a caller who has given up is for the next one.
func (i *ids) take(ctx context.Context, sequence string, n int64) (end int64, err error) {
	limited, cancel := context.WithTimeout(ctx, i.s.set.BusyTimeout)
	defer cancel()
	c, err := i.s.side.Conn(limited)
	if err == nil {
		end, err = i.s.d.TakeIDs(limited, i.s.d.Conn(c), i.s.prefix, sequence, n)
		release(c, err != nil)
	}
	if e := ctx.Err(); e != nil && err != nil {
		return 0, e
	}
	if err != nil {
		return 0, fmt.Errorf("%s: take ids: %w (%w)", i.s.d.Name, ticket.ErrBusy, err)
	}
	return end, nil
}

// raise forgets ids that the sequences were raised over.
func (i *ids) raise(list []store.Sequence) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, q := range list {
		i.floors[q.Name] = max(i.floors[q.Name], q.Last+1)
	}
}
