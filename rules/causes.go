package rules

import (
	"context"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// What is put off is done in the name of what put it off, so that rules that set each other off by way of the agenda are
// stopped as all others are: where one comes back (cycle), and where they go too deep (Limits.Depth).

// because is ctx for what was put off at an entry of a ticket's journal, which says who did so. by names what is done.
func (r *Rules) because(ctx context.Context, x store.Reader, ticketID, seq int64, by string) (context.Context, error) {
	c := ticket.Cause{Rule: by}
	list, err := x.Events(ctx, ticket.EventQuery{TicketID: ticketID, AfterSeq: seq - 1, Limit: 1})
	if err != nil {
		return ctx, err
	}
	if len(list) == 1 && list[0].Seq == seq {
		c.Event, c.Binding, c.Depth = list[0].ID, Binding, list[0].Cause.Depth
	}
	return r.desk.Because(system(ctx), c), nil
}

// deeper is because for what is a handler of its own: it comes back by itself, as policies do that take each other's
// statuses, and is to end at the limit.
func (r *Rules) deeper(ctx context.Context, err error) (context.Context, error) {
	if err != nil {
		return ctx, err
	}
	c, err := r.desk.Cause(ctx)
	c.Depth++
	return r.desk.Because(ctx, c), err
}

// cycle names the rules by which a rule has caused what it would answer, on the same ticket; empty where it has not.
func (run *running) cycle(ctx context.Context, code string) (string, error) {
	c := run.o.cause
	switch e := run.o.event; {
	case e != nil && run.o.name != "": // a stage of a deadline is told once, whatever brought it
		return "", nil
	case e != nil:
		c = e.Cause
	}
	for path := []string{code}; c.Rule != "" && len(path) <= maxPath; {
		e, err := run.tx.Event(ctx, c.Event)
		if err := orGone(err); err != nil {
			return "", err
		}
		if err == nil && e.TicketID != run.o.ticket.ID {
			return "", nil
		}
		if path = append(path, c.Rule); c.Rule == code {
			slices.Reverse(path)
			return strings.Join(path, " → "), nil
		}
		if err != nil { // by the clock, or by a person
			return "", nil
		}
		c = e.Cause
	}
	return "", nil
}

// maxPath is how far back a cause is looked for. The desk's own limit ends what goes on for longer.
const maxPath = 20
