package webhook

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// maxReplay is how far ReplaySince goes back.
const maxReplay = 30 * 24 * time.Hour

// Replay sends an event to an endpoint once more, under the same webhook-id, soon, and with all the tries of a new one. What
// still waits for its next try is tried at once. What an endpoint does not hear of now it is not sent. Errors: ticket.ErrNoActor;
// ticket.ErrForbidden; ticket.ErrNotFound for an id that is no event's of this endpoint, and where the ticket was purged;
// ticket.ErrConflict for a disabled endpoint, and for what is being sent.
func (w *Webhooks) Replay(ctx context.Context, code, id string) error {
	return failed("replay "+id, w.configuring(ctx, func(ctx context.Context, tx store.Tx) error {
		to, err := replayable(ctx, tx, code)
		if err != nil {
			return err
		}
		e, err := tx.Event(ctx, to.eventOf(id))
		if err != nil {
			return err
		}
		n, err := to.noticeOf(ctx, tx, e)
		if err != nil {
			return err
		}
		if n == nil {
			return fmt.Errorf("%w: the endpoint does not hear of that event", ticket.ErrNotFound)
		}
		if waits, err := waiting(ctx, tx, n); waits != nil || err != nil {
			if err != nil {
				return err
			}
			return w.hurry(ctx, tx, waits)
		}
		return w.repeat(ctx, tx, *n)
	}))
}

func replayable(ctx context.Context, x store.Reader, code string) (Endpoint, error) {
	to, err := endpoint(ctx, x, code)
	if err == nil && to.Disabled {
		err = fmt.Errorf("%w: the endpoint is disabled: enable it first", ticket.ErrConflict)
	}
	return to, err
}

// hurry has what waits for its next try be tried at once.
func (w *Webhooks) hurry(ctx context.Context, tx store.Tx, waits *store.Work) error {
	if waits.State == store.WorkLeased {
		return fmt.Errorf("%w: it is being sent", ticket.ErrConflict)
	}
	tx.OnCommit(w.desk.Wake)
	return tx.SetWork(ctx, waits.ID, store.WorkPending, store.WorkPending, w.desk.Now())
}

// repeat puts a notice onto the agenda beside the one that was done.
func (w *Webhooks) repeat(ctx context.Context, tx store.Tx, n notice) error {
	id, err := tx.NewID(ctx, kindWork+"_replay")
	if err != nil {
		return err
	}
	tx.OnCommit(w.desk.Wake)
	return w.put1(ctx, tx, n, n.ID+"#"+record.ID(id))
}

// ReplaySince sends an endpoint all events since a time that it hears of, those that it has taken as well, for it knows by
// their webhook-ids what it has, and those that happened while it was disabled; at most of the last 30 days. It returns how
// many they are. What waits to be sent, waits on. Errors: as Replay; ticket.ErrInvalid.
func (w *Webhooks) ReplaySince(ctx context.Context, code string, since time.Time) (total int, err error) {
	if err = w.desk.MayConfigure(ctx); err == nil && since.Before(w.desk.Now().Add(-maxReplay)) {
		err = ticket.Invalid("since", ticket.FaultOutOfRange, "is more than 30 days ago")
	}
	for q := (ticket.EventQuery{Since: since, Limit: ticket.MaxPage}); err == nil; {
		var page []*ticket.Event
		var n int
		err = w.store.Update(ctx, func(ctx context.Context, tx store.Tx) (err error) {
			if page, err = tx.Events(ctx, q); err == nil {
				n, err = w.repeatAll(ctx, tx, code, page)
			}
			return err
		})
		if err != nil || len(page) == 0 {
			break
		}
		total += n
		q.Since, q.AfterID = page[len(page)-1].At, page[len(page)-1].ID
	}
	return total, failed("replay of "+code, err)
}

func (w *Webhooks) repeatAll(ctx context.Context, tx store.Tx, code string, page []*ticket.Event) (n int, err error) {
	to, err := replayable(ctx, tx, code)
	if err != nil {
		return 0, err
	}
	for _, e := range page {
		if _, sent := names()[e.Type]; !sent {
			continue
		}
		one, err := to.noticeOf(ctx, tx, e)
		if errors.Is(err, ticket.ErrNotFound) || err == nil && one == nil {
			continue
		}
		if err != nil {
			return n, err
		}
		waits, err := waiting(ctx, tx, one)
		if err != nil {
			return n, err
		}
		if waits != nil {
			continue
		}
		if err := w.repeat(ctx, tx, *one); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// waiting is what stands on the agenda of a notice already, as it is or as a replay; nil for nothing.
func waiting(ctx context.Context, x store.Reader, n *notice) (*store.Work, error) {
	works, err := x.Works(ctx, store.WorkQuery{Kind: kindWork, TicketID: n.Ticket, States: []store.WorkState{store.WorkPending, store.WorkLeased}, Limit: 1000})
	for _, one := range works {
		if name := strings.TrimPrefix(one.Name, sendEntry+"|"); name == n.ID || strings.HasPrefix(name, n.ID+"#") {
			return one, nil
		}
	}
	return nil, err
}
