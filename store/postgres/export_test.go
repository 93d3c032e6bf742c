package postgres

import "github.com/helpdeskgo/helpdesk/store/internal/lists"

// Narrow has lists look at few tickets, so that a small store shows what a large one does.
func (o *Options) Narrow(walk, slice int, few int64) {
	o.reach = lists.Reach{Walk: walk, Slice: slice, Few: few}
}
