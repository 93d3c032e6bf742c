package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// plain is work without what the store's own clock says.
func plain(list []*store.Work) []*store.Work {
	out := make([]*store.Work, len(list))
	for i, w := range list {
		c := *w
		c.LeasedTo = time.Time{}
		out[i] = &c
	}
	return out
}

func (g *generator) lane() string { return pick(g, "", "a", "b", "c") }

func (g *generator) putWork() *operation {
	g.works++
	w := &store.Work{
		ID: g.works, Kind: pick(g, "delivery", "delivery", "timer"), Name: pick(g, "mail", "crm"), OrderKey: g.lane(), Seq: g.Int64N(5),
		HoldOnDead: g.chance(3), Due: g.at(), State: store.WorkPending, EventID: g.Int64N(3), TicketID: g.ticketID(), Created: base,
	}
	if g.chance(3) {
		w.After = g.lane()
	}
	return op("PutWork "+brief(*w), func(ctx context.Context, tx store.Tx) error { return tx.PutWork(ctx, w) })
}

func (g *generator) lease() *operation {
	r := store.LeaseRequest{
		Kind: pick(g, "delivery", "delivery", "timer"), Names: some(g, "mail", "crm"), DueBy: g.at(), TTL: pick(g, 0, time.Hour), Limit: pick(g, 1, 2, 10),
	}
	return &operation{"Lease " + brief(r), func(ctx context.Context, tx store.Tx, w *world) (string, error) {
		got, err := tx.Lease(ctx, r)
		w.leased = append(w.leased, got...)
		if err != nil {
			return "", err
		}
		return text(plain(got)), nil
	}}
}

// finish ends, or marks, one of the last leases, which may have been lost since.
func (g *generator) finish() *operation {
	back, state, due, mark := 1+g.IntN(4), pick(g, store.WorkDone, store.WorkDone, store.WorkDead, store.WorkPending), g.at(), g.chance(5)
	what := fmt.Sprintf("Finish the last lease but %d as %s, due %v", back-1, state, due)
	if mark {
		what = fmt.Sprintf("MarkEffect of the last lease but %d", back-1)
	}
	return &operation{what, func(ctx context.Context, tx store.Tx, w *world) (string, error) {
		if len(w.leased) < back {
			return "nothing was leased", nil
		}
		leased := w.leased[len(w.leased)-back]
		var err error
		if mark {
			c := *leased
			c.Effect = true
			err = tx.MarkEffect(ctx, &c)
		} else {
			err = finish(ctx, tx, leased, state, due)
		}
		return written(ctx, tx, err)
	}}
}

func (g *generator) setWork() *operation {
	id, from, to, at := 1+g.Int64N(max(g.works, 1)), pick(g, store.WorkPending, store.WorkDead, store.WorkDead, store.WorkDone),
		pick(g, store.WorkPending, store.WorkDone, store.WorkDead), g.at()
	return op(fmt.Sprintf("SetWork %d from %s to %s, at %v", id, from, to, at), func(ctx context.Context, tx store.Tx) error {
		return tx.SetWork(ctx, id, from, to, at)
	})
}

// pruneWork prunes all that fits: which of several goes first is the store's choice.
func (g *generator) pruneWork() *operation {
	kind, before := pick(g, "delivery", "timer"), g.at()
	return ask(fmt.Sprintf("PruneWork %s before %v", kind, before), func(ctx context.Context, tx store.Tx) (any, error) {
		return tx.PruneWork(ctx, kind, before, 10000)
	})
}

func (g *generator) listWork() *operation {
	q := store.WorkQuery{
		Kind: pick(g, "", "delivery", "timer"), States: some(g, store.WorkPending, store.WorkLeased, store.WorkDone, store.WorkDead),
		Name: pick(g, "", "mail"), EventID: pick(g, 0, g.Int64N(3)), TicketID: pick(g, 0, 0, g.ticketID()), Limit: pick(g, 0, 1, 3),
	}
	if g.chance(3) {
		q.BeforeID = 1 + g.Int64N(max(g.works, 1))
	}
	return ask("Works and CountWork "+brief(q), func(ctx context.Context, tx store.Tx) (any, error) {
		list, err := tx.Works(ctx, q)
		if err != nil {
			return nil, err
		}
		counts, err := tx.CountWork(ctx, q)
		return text(plain(list)) + fmt.Sprintf(" pending %d, leased %d, done %d, dead %d", counts[store.WorkPending],
			counts[store.WorkLeased], counts[store.WorkDone], counts[store.WorkDead]), err
	})
}

// contents writes down all that a store of the model holds, a line for each thing.
func contents(ctx context.Context, s store.Store) string {
	var out strings.Builder
	err := s.View(ctx, func(ctx context.Context, r store.Reader) error {
		var errs []error
		add := func(what string, v any, err error) {
			if errors.Is(err, ticket.ErrNotFound) {
				v, err = "missing", nil
			}
			errs = append(errs, err)
			fmt.Fprintf(&out, "%s %s\n", what, text(v))
		}
		for id := range int64(modelTickets) {
			t, err := r.Ticket(ctx, id+1, everything)
			add("ticket", t, err)
			thread, err := r.Messages(ctx, ticket.MessageQuery{TicketID: id + 1})
			add("thread", thread, err)
			journal, err := r.Events(ctx, ticket.EventQuery{TicketID: id + 1})
			add("journal of a ticket", journal, err)
		}
		journal, err := r.Events(ctx, ticket.EventQuery{Limit: ticket.MaxPage})
		add("journal", journal, err)
		works, err := r.Works(ctx, store.WorkQuery{Limit: 1000})
		add("works", plain(works), err)
		for _, kind := range []string{"kind", "config/x"} {
			records, err := r.Records(ctx, store.RecordQuery{Kind: kind})
			add("records", records, err)
		}
		for i := range modelKeys {
			key := fmt.Sprint("key", i)
			for _, kind := range []string{"code", "external"} {
				holder, err := r.Holder(ctx, kind, key)
				add("holder", holder, err)
			}
			linked, err := r.Linked(ctx, "mail", key)
			add("linked", linked, err)
			for n := range 3 {
				chunk, err := r.Chunk(ctx, key, n)
				add("chunk", string(chunk), err)
			}
		}
		return errors.Join(errs...)
	})
	if err != nil {
		fmt.Fprintln(&out, "reading it failed:", err)
	}
	return out.String()
}
