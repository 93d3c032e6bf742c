package sqlite

import (
	"time"

	"github.com/helpdeskgo/helpdesk/store/internal/lists"
)

// Waiting returns how many callers wait for the writer.
func (s *Store) Waiting() int {
	s.writer.mu.Lock()
	defer s.writer.mu.Unlock()
	return len(s.writer.queue) + len(s.writer.lane.queue)
}

// WaitForAll lets groups take everybody who waits, however long that lasts, and keeps them careful as long.
func (s *Store) WaitForAll() { s.writer.groupTime, s.writer.carefulTime = time.Hour, time.Hour }

// Narrow has lists look at few tickets, so that a small store shows what a large one does.
func Narrow(s *Store, walk, slice int, few int64) {
	s.reach = lists.Reach{Walk: walk, Slice: slice, Few: few}
}
