package memory

import (
	"context"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/tally"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func (r *reader) CountTickets(ctx context.Context, q ticket.Query, scope ticket.Scope, limit int) (c ticket.Count, err error) {
	if err := r.check(ctx); err != nil {
		return c, err
	}
	if limit <= 0 {
		return c, invalid("limit", ticket.FaultOutOfRange, "must be above 0")
	}
	for _, t := range r.state.tickets.all() {
		if !scope.Sees(t) || !matches(q, t) {
			continue
		}
		if c.N == limit {
			c.More = true
			break
		}
		c.N++
	}
	return c, nil
}

// Tallies counts all tickets anew: what other stores keep is compared with it.
func (r *reader) Tallies(ctx context.Context, q store.TallyQuery, scope ticket.Scope) (store.Tallies, error) {
	if err := r.check(ctx); err != nil {
		return store.Tallies{}, err
	}
	sum, walked, more := tally.Sum{}, 0, false
	for _, t := range r.state.tickets.all() {
		if !tally.Live(t) || !scope.Sees(t) {
			continue
		}
		if !tally.InPlace(scope, t) && (q.By == store.TallyTags || !tally.Own(scope, t)) {
			if walked++; walked > tally.Limit(q) {
				more = true
				continue
			}
		}
		for _, one := range tally.Of(q, t) {
			sum.Add(one)
		}
	}
	return store.Tallies{Rows: sum.Rows(), More: more}, nil
}
