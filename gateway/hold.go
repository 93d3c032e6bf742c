package gateway

import (
	"context"
	"errors"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
)

// kindMailbox is the work of fetching from a mailbox: whoever holds its lease does, and it is never over.
const kindMailbox = "mailbox"

// mailboxLease is how long a mailbox is left to a process that gives no sign: a host that was restarted does not wait long.
const mailboxLease = 30 * time.Second

// hold is a mailbox in the hands of one process. What is stored under it is fenced: who woke too late stores nothing.
type hold struct {
	g     *Gateway
	lease *store.Work
	since time.Time // by this process's own clock
	again int64     // the wish to look through all of it that this run fulfils; 0 for none
}

// hold takes the mailbox; nil while another process has it.
func (g *Gateway) holdMailbox(ctx context.Context) (*hold, error) {
	req := g.mailboxRequest()
	known, due := false, false
	err := g.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		list, err := r.Works(ctx, store.WorkQuery{Kind: kindMailbox, Name: g.name, Limit: 1})
		if known = len(list) > 0; err == nil && known {
			due, err = r.Due(ctx, req)
		}
		return err
	})
	if err != nil || known && !due {
		return nil, err
	}
	h := &hold{g: g, since: time.Now()}
	err = g.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if !known {
			if err := g.putMailbox(ctx, tx); err != nil {
				return err
			}
		}
		return h.take(ctx, tx)
	})
	if err != nil || h.lease == nil {
		return nil, err
	}
	return h, nil
}

func (g *Gateway) mailboxRequest() store.LeaseRequest {
	return store.LeaseRequest{Kind: kindMailbox, Names: []string{g.name}, DueBy: g.desk.Now(), TTL: g.mailboxLease(), Limit: 1}
}

func (g *Gateway) mailboxLease() time.Duration { return min(g.opts.Lease, mailboxLease) }

// putMailbox stores the work. Two processes that do so at once make two in one lane: only the first is ever leased.
func (g *Gateway) putMailbox(ctx context.Context, tx store.Tx) error {
	id, err := tx.NewID(ctx, "work")
	if err != nil {
		return err
	}
	w := &store.Work{ID: id, Kind: kindMailbox, Name: g.name, OrderKey: kindMailbox + "/" + g.name, Seq: 1, Due: atOnce(), State: store.WorkPending, Created: g.desk.Now()}
	return tx.PutWork(ctx, w)
}

func (h *hold) take(ctx context.Context, tx store.Tx) error {
	h.lease = nil
	list, err := tx.Lease(ctx, h.g.mailboxRequest())
	if err == nil && len(list) > 0 {
		h.lease = list[0]
		h.lease.State = store.WorkPending
	}
	return err
}

// fence lets a transaction pass only while the mailbox is ours, and keeps it ours in a long run. renewed is to be called
// once it is committed.
func (h *hold) fence(ctx context.Context, tx store.Tx) (renewed func(), err error) {
	if time.Since(h.since) < h.g.mailboxLease()/2 {
		return func() {}, tx.MarkEffect(ctx, h.lease)
	}
	next := &hold{g: h.g, since: time.Now()}
	if err := tx.Finish(ctx, h.lease); err != nil {
		return nil, err
	}
	if err := next.take(ctx, tx); err != nil {
		return nil, err
	}
	if next.lease == nil {
		return nil, store.ErrStale
	}
	return func() { *h = *next }, nil
}

// fetch takes what is new.
func (h *hold) fetch(ctx context.Context, src Source) (int, error) {
	from, err := h.g.cursor(ctx)
	if err != nil {
		return 0, err
	}
	wish := int64(0)
	err = h.g.store.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
		wish, err = again(ctx, r, h.g.mailbox())
		return err
	})
	if err != nil {
		return 0, err
	}
	if wish != 0 {
		from.UID = 0
	}
	in := &intake{g: h.g, hold: h}
	_, err = src.Fetch(ctx, from, in)
	switch {
	case err == nil:
		h.again = wish
	case errors.Is(err, errEnough):
		err = nil
	}
	return in.fresh, errors.Join(err, in.flush(context.WithoutCancel(ctx)))
}

// free lets other processes fetch, and stores how it went. Whoever ended it on purpose has not failed.
func (h *hold) free(ctx context.Context, fetched error) error {
	interrupted := ctx.Err() != nil
	err := h.g.store.Update(context.WithoutCancel(ctx), func(ctx context.Context, tx store.Tx) error {
		if err := tx.Finish(ctx, h.lease); err != nil || interrupted {
			return err
		}
		if fetched == nil {
			if err := h.g.fulfilled(ctx, tx, h.again); err != nil {
				return err
			}
		}
		return h.g.note(ctx, tx, fetched)
	})
	if errors.Is(err, store.ErrStale) {
		return nil // somebody has it
	}
	return err
}
