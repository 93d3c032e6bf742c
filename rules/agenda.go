package rules

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/agenda"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Due is something that is due at a time, or was.
type Due struct {
	ID       int64           `json:"id"`
	What     string          `json:"what"` // as "followup", "closing", "notice"
	Key      string          `json:"key"`  // which
	Ticket   int64           `json:"ticket,omitempty"`
	At       time.Time       `json:"at"` // when it is tried, or was
	State    store.WorkState `json:"state"`
	Attempts int             `json:"attempts,omitempty"`
	Error    string          `json:"error,omitempty"` // of the last attempt
}

// Agenda is what is due, for those who look after the desk: what fails is tried again for most of a day, with growing
// pauses, and waits then for somebody to retry it.
type Agenda struct{ r *Rules }

// Agenda returns the group of verbs for what is due.
func (r *Rules) Agenda() Agenda { return Agenda{r} }

// List lists what is due, of these states or of all, the newest entry first; at most limit, which is 50 if it is 0, and
// 1,000 at most. Errors: ticket.ErrNoActor; ticket.ErrForbidden for whoever may not configure.
func (g Agenda) List(ctx context.Context, limit int, states ...store.WorkState) (out []Due, err error) {
	if err = g.r.desk.MayConfigure(ctx); err == nil {
		err = g.r.store.View(ctx, func(ctx context.Context, x store.Reader) error {
			out = nil
			list, err := agenda.Works(ctx, x, store.WorkQuery{States: states, Limit: cmp.Or(limit, 50)})
			for _, w := range list {
				what, key, _ := strings.Cut(w.Name, "|")
				out = append(out, Due{ID: w.ID, What: what, Key: key, Ticket: w.TicketID, At: w.Due, State: w.State, Attempts: w.Attempt, Error: w.Error})
			}
			return err
		})
	}
	return out, failed("list what is due", err)
}

// Retry has something tried at once that was given up, or waits for its next attempt after a failure. Errors: as List;
// ticket.ErrNotFound; ticket.ErrConflict for what is done, being tried, or not due yet.
func (g Agenda) Retry(ctx context.Context, id int64) error {
	return failed(fmt.Sprintf("retry entry %d", id), g.move(ctx, id, store.WorkPending))
}

// Discard gives something up that has failed: it is not done, and stands in no list of problems any more. None of its
// texts is kept. What was given up 90 days ago is discarded by itself. Errors: as Retry.
func (g Agenda) Discard(ctx context.Context, id int64) error {
	return failed(fmt.Sprintf("discard entry %d", id), g.move(ctx, id, store.WorkDone))
}

func (g Agenda) move(ctx context.Context, id int64, to store.WorkState) error {
	if err := g.r.desk.MayConfigure(ctx); err != nil {
		return err
	}
	err := g.r.update(ctx, func(ctx context.Context, tx store.Tx) error {
		w, err := tx.Work(ctx, id)
		if err != nil {
			return err
		}
		if !agenda.Is(w) {
			return ticket.ErrNotFound
		}
		if w.State != store.WorkDead && (w.State != store.WorkPending || w.Error == "") {
			return fmt.Errorf("%w: the entry is %s, and has not failed", ticket.ErrConflict, w.State)
		}
		if to == store.WorkDone {
			return g.r.discard(ctx, tx, w)
		}
		return tx.SetWork(ctx, id, w.State, to, g.r.desk.Now())
	})
	if errors.Is(err, store.ErrStale) {
		return fmt.Errorf("%w: the entry is being tried", ticket.ErrConflict)
	}
	return err
}

// discard gives an entry up.
func (r *Rules) discard(ctx context.Context, tx store.Tx, w *store.Work) error {
	if err := agenda.Discard(ctx, tx, w, r.desk.Now()); err != nil {
		return err
	}
	what, key, _ := strings.Cut(w.Name, "|")
	if what != kindNotice {
		return nil
	}
	return noticeTold(ctx, tx, agenda.Entry{Key: key})
}

// discardOf gives up what was given up already of a ticket that is gone.
func (r *Rules) discardOf(ctx context.Context, tx store.Tx, ticketID int64) error {
	dead, err := agenda.Works(ctx, tx, store.WorkQuery{States: []store.WorkState{store.WorkDead}, TicketID: ticketID, Limit: 1000})
	for _, w := range dead {
		if err := r.discard(ctx, tx, w); err != nil {
			return err
		}
	}
	return err
}
