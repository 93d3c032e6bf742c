package remote

import (
	"math/rand/v2"
)

// markStale notes that the ticket's document is out of date. Once for each transaction does.
func (x *tx) markStale(id int64) error {
	if x.s.set.SearchOff || x.unit.marked[id] {
		return nil
	}
	if !x.unit.hosted { // the host may undo a part of its own
		if x.unit.marked == nil {
			x.unit.marked = map[int64]bool{}
		}
		x.unit.marked[id] = true
	}
	return x.markAnew(id)
}

// markAnew gives the ticket a mark that no other of its marks is like.
func (x *tx) markAnew(id int64) error {
	return x.ses.later(Statement{What: "mark a ticket", Text: x.s.put.mark, Args: []any{id, 1 + rand.Int64N(1<<62)}})
}
