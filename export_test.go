package helpdesk

import (
	"context"
	"errors"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// MoveTime moves the working time of one ticket to another as merging does, and, given what was moved before, back.
func MoveTime(ctx context.Context, d *Desk, from, to int64, back []string) ([]string, error) {
	return move(ctx, d, from, to, back, (*write).moveTime, func(w *write, ctx context.Context, from, to *ticket.Ticket, moved []string) error {
		return w.moveTimeBack(ctx, from, to, moved, w.now)
	})
}

// MoveRatings does the same with ratings.
func MoveRatings(ctx context.Context, d *Desk, from, to int64, back []string) ([]string, error) {
	return move(ctx, d, from, to, back, (*write).moveRatings, (*write).moveRatingsBack)
}

func move(ctx context.Context, d *Desk, from, to int64, back []string, there func(*write, context.Context, *ticket.Ticket, *ticket.Ticket) ([]string, error),
	again func(*write, context.Context, *ticket.Ticket, *ticket.Ticket, []string) error) (moved []string, err error) {
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
			err = again(w, ctx, a, b, back)
		} else {
			moved, err = there(w, ctx, a, b)
		}
		return errors.Join(err, w.tx.PutTicket(ctx, a), w.tx.PutTicket(ctx, b))
	})
	return moved, err
}
