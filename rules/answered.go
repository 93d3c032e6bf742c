package rules

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// answered reports whether somebody whose answer counts has answered since an entry of a ticket's journal: on the ticket
// itself, and, where it was merged, from then on on the one that has taken it in, which is t in the end.
func (c CancelOn) answered(ctx context.Context, x store.Reader, t *ticket.Ticket, of, seq int64) (bool, error) {
	if c == CancelOnNone {
		return false, nil
	}
	for id := of; ; {
		is, err := c.answeredOn(ctx, x, id, seq)
		if is || err != nil || id == t.ID {
			return is, err
		}
		merged, err := x.Ticket(ctx, id, everything)
		if err != nil || merged.MergedInto == 0 {
			return false, orGone(err)
		}
		if seq, err = tookIn(ctx, x, merged); err != nil {
			return false, err
		}
		id = merged.MergedInto
	}
}

// answeredOn is answered for one ticket.
func (c CancelOn) answeredOn(ctx context.Context, x store.Reader, id, seq int64) (bool, error) {
	for e, err := range events(ctx, x, ticket.EventQuery{TicketID: id, AfterSeq: seq, Types: []ticket.EventType{ticket.EventReplied}}) {
		if err != nil {
			return false, err
		}
		if c == CancelOnCustomer && !e.Actor.IsCustomer() {
			continue
		}
		if is, err := isAnswer(ctx, x, e); is || err != nil {
			return is, err
		}
	}
	return false, nil
}

// tookIn is the entry by which another ticket has taken in a merged one, last; 0 where that is not known any more.
func tookIn(ctx context.Context, x store.Reader, merged *ticket.Ticket) (seq int64, err error) {
	for e, err := range events(ctx, x, ticket.EventQuery{TicketID: merged.MergedInto, Types: []ticket.EventType{ticket.EventMerged}}) {
		if err != nil {
			return 0, err
		}
		c, _ := e.Changed("tickets")
		var ids []int64
		if err := json.Unmarshal([]byte(c.New), &ids); err == nil && slices.Contains(ids, merged.ID) {
			seq = e.Seq
		}
	}
	return seq, nil
}
