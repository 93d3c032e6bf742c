package sqlite

import (
	"strings"
	"sync"
)

// blockSize is how many ids a process takes from the file at once. The rest of a block is lost when the process ends.
const blockSize = 256

// ids hands out the ids of one connection's transactions. Whoever may use the connection may use it.
type ids struct {
	floors *floors
	size   int64
	blocks map[string]*block
	fresh  []string // sequences touched by the open transaction, in order
}

// block is the ids from next to end, exclusive. Every id before end is beyond what the file hands out.
type block struct{ next, end int64 }

// floors remembers ids that were handed out in vain, so that they do not come again.
type floors struct {
	mu sync.Mutex
	at map[string]int64
}

func newFloors() *floors { return &floors{at: map[string]int64{}} }

func (f *floors) raise(sequence string, to int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.at[sequence] = max(f.at[sequence], to)
}

func (f *floors) of(sequence string) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return max(f.at[sequence], 1)
}

func newIDs(f *floors, size int64) *ids {
	return &ids{floors: f, size: size, blocks: map[string]*block{}}
}

// next returns a new id of the sequence. Codes are taken one by one, so that they have no gaps.
func (i *ids) next(ses *session, sequence string) (int64, error) {
	b := i.blocks[sequence]
	if b == nil || b.next >= b.end {
		size := i.size
		if strings.HasPrefix(sequence, "code/") {
			size = 1
		}
		end, err := ses.number(`INSERT INTO {p}ids (name, next) VALUES (?1, ?2 + ?3)
			ON CONFLICT (name) DO UPDATE SET next = max(next, ?2) + ?3 RETURNING next`, sequence, i.floors.of(sequence), size)
		if err != nil {
			return 0, err
		}
		b = &block{next: end - size, end: end}
		i.blocks[sequence] = b
		i.fresh = append(i.fresh, sequence)
	}
	b.next++
	return b.next - 1, nil
}

// claim sees to it that an id which somebody chose is not handed out later.
func (i *ids) claim(ses *session, sequence string, id int64) error {
	if b := i.blocks[sequence]; b != nil && id < b.end {
		b.next = max(b.next, id+1)
		return nil
	}
	end, err := ses.number(`INSERT INTO {p}ids (name, next) VALUES (?1, ?2)
		ON CONFLICT (name) DO UPDATE SET next = max(next, ?2) RETURNING next`, sequence, id+1)
	if err != nil {
		return err
	}
	i.blocks[sequence] = &block{next: end, end: end}
	i.fresh = append(i.fresh, sequence)
	return nil
}

// mark returns the place to roll back to.
func (i *ids) mark() int { return len(i.fresh) }

// rollback forgets the blocks that were taken since mark: the file knows nothing of them any more.
func (i *ids) rollback(mark int) {
	for _, sequence := range i.fresh[mark:] {
		if b := i.blocks[sequence]; b != nil {
			i.floors.raise(sequence, b.next)
			delete(i.blocks, sequence)
		}
	}
	i.fresh = i.fresh[:mark]
}

func (i *ids) commit() { i.fresh = i.fresh[:0] }
