package helpdesk

import (
	"context"
	"errors"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
)

// sole is work that one process does at a time, whoever has the time for it: it is never over.
type sole struct {
	kind, name string
	ttl        time.Duration // after so long without a sign another takes it over
}

// leaseSole returns the work as it is to be finished, or nil while another process has it. What is done under the lease
// is stored in the transaction that finishes it, so that who woke too late stores nothing.
func (d *Desk) leaseSole(ctx context.Context, of sole) (*store.Work, error) {
	req := store.LeaseRequest{Kind: of.kind, Names: []string{of.name}, DueBy: d.Now(), TTL: min(of.ttl, d.cfg.LeaseTTL), Limit: 1}
	known, due := false, false
	err := d.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		list, err := r.Works(ctx, store.WorkQuery{Kind: of.kind, Limit: 1})
		if known = len(list) > 0; err == nil && known {
			due, err = r.Due(ctx, req)
		}
		return err
	})
	if err != nil || known && !due {
		return nil, err
	}
	var lease *store.Work
	err = d.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		lease = nil
		if !known {
			id, err := tx.NewID(ctx, "work")
			if err != nil {
				return err
			}
			// Due long ago, so that a clock which was set back does not stop it.
			w := &store.Work{ID: id, Kind: of.kind, Name: of.name, OrderKey: of.kind, Seq: 1, Due: time.Unix(0, 0), State: store.WorkPending, Created: d.Now()}
			if err := tx.PutWork(ctx, w); err != nil {
				return err
			}
		}
		list, err := tx.Lease(ctx, req)
		if err != nil || len(list) == 0 {
			return err
		}
		lease = list[0]
		lease.State = store.WorkPending
		return nil
	})
	return lease, err
}

// endLease lets others work after a failure.
func (d *Desk) endLease(ctx context.Context, lease *store.Work) error {
	return d.store.Update(context.WithoutCancel(ctx), func(ctx context.Context, tx store.Tx) error { return tx.Finish(ctx, lease) })
}

// settler is what holds the lease of who settles.
var settler = sole{kind: "settler", name: "numbers", ttl: 30 * time.Second}

// manyUnsettled is from how many on differences are worth settling: below, they cost nobody anything.
const manyUnsettled = 100

// settle has the store put into its place what it has written quickly, if it is one that does so; what comes of it is
// not counted.
func (d *Desk) settle(ctx context.Context) (int, error) {
	s, ok := d.store.(store.Settler)
	if !ok {
		return 0, nil
	}
	n, err := s.Unsettled(ctx)
	if err != nil || n < manyUnsettled {
		return 0, err
	}
	lease, err := d.leaseSole(ctx, settler)
	if err != nil || lease == nil {
		return 0, err
	}
	for more := true; more && err == nil; {
		err = d.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
			n, err := s.Settle(ctx)
			more = n >= manyUnsettled
			if err != nil || more {
				return errors.Join(err, tx.MarkEffect(ctx, lease)) // fenced, too
			}
			return tx.Finish(ctx, lease)
		})
	}
	if errors.Is(err, store.ErrStale) { // somebody else was faster
		return 0, nil
	}
	if err != nil {
		err = errors.Join(err, d.endLease(ctx, lease))
	}
	return 0, err
}

// settleLoop settles in background mode.
func (d *Desk) settleLoop(ctx context.Context) {
	poll := time.NewTicker(d.cfg.PollInterval)
	defer poll.Stop()
	for {
		if _, err := d.settle(ctx); err != nil && ctx.Err() == nil {
			d.log(ctx, "settling numbers failed", "error", err)
		}
		select {
		case <-d.run.quit:
			return
		case <-poll.C:
		}
	}
}
