package gateway

import (
	"context"
	"errors"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// kindAgain is the record of a mailbox that is to be looked through from its beginning: somebody wants a mail that the
// server did not give.
const kindAgain = "gateway-again"

// askAgain has the server asked anew for a mail of which nothing was fetched. All others are known, and are not fetched
// again.
func (g *Gateway) askAgain(ctx context.Context, tx store.Tx, w *store.Work, j job) error {
	if err := tx.Release(ctx, keyPlace, g.place(j.Place), w.ID); err != nil {
		return err
	}
	if err := tx.PutRecord(ctx, &store.Record{Kind: kindAgain, Key: g.mailbox(), Version: store.AnyVersion, Doc: []byte("true")}); err != nil {
		return err
	}
	return tx.SetWork(ctx, w.ID, w.State, store.WorkDone, g.desk.Now())
}

// again says whether the mailbox is to be looked through from its beginning: the version of the wish, or 0.
func again(ctx context.Context, r store.Reader, mailbox string) (version int64, err error) {
	rec, err := r.Record(ctx, kindAgain, mailbox)
	if errors.Is(err, ticket.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return rec.Version, nil
}

// fulfilled ends the wish, unless another came meanwhile.
func (g *Gateway) fulfilled(ctx context.Context, tx store.Tx, version int64) error {
	now, err := again(ctx, tx, g.mailbox())
	if err != nil || version == 0 || now != version {
		return err
	}
	return tx.DeleteRecord(ctx, kindAgain, g.mailbox())
}
