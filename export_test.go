package helpdesk

import (
	"context"
	"errors"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// MoveTime moves the working time of one ticket to another as merging does, and, given what was moved before, back.
func MoveTime(ctx context.Context, d *Desk, from, to int64, back []string) (moved []string, err error) {
	_, err = d.transact(ctx, ticket.System("test"), func(ctx context.Context, w *write) error {
		a, err := w.tx.LockTicket(ctx, from)
		if err != nil {
			return err
		}
		b, err := w.tx.LockTicket(ctx, to)
		if err != nil {
			return err
		}
		if back != nil {
			err = w.moveTimeBack(ctx, a, b, back)
		} else {
			moved, err = w.moveTime(ctx, a, b)
		}
		return errors.Join(err, w.tx.PutTicket(ctx, a), w.tx.PutTicket(ctx, b))
	})
	return moved, err
}
