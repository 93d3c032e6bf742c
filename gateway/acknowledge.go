package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// kindAcknowledge is the work of telling a mailbox that a mail is done with.
const kindAcknowledge = "mail-ack"

// acknowledgement is its document.
type acknowledgement struct {
	Place   string `json:"place"`
	Mailbox string `json:"mailbox,omitempty"` // where that is, as Options.Mailbox was
	Mail    int64  `json:"mail,omitempty"`    // work that must be over first
}

// Bounds of one step of acknowledging, and for how long what is over is kept.
const (
	acknowledged   = 200
	acknowledgeFor = 24 * time.Hour
)

// promise has the place acknowledged, once mail is over; 0 means that it is. It is part of the transaction that ends
// the mail, so that a mail is acknowledged if, and only if, the desk has it.
func (g *Gateway) promise(ctx context.Context, tx store.Tx, mailbox, place string, mail int64) error {
	if !g.opts.Acknowledge || place == "" {
		return nil
	}
	id, err := tx.NewID(ctx, "work")
	if err != nil {
		return err
	}
	doc, err := json.Marshal(acknowledgement{Place: place, Mailbox: mailbox, Mail: mail})
	if err != nil {
		return err
	}
	now, due := g.desk.Now(), atOnce()
	if g.opts.AcknowledgeAfter > 0 {
		due = now.Add(g.opts.AcknowledgeAfter)
	}
	return tx.PutWork(ctx, &store.Work{ID: id, Kind: kindAcknowledge, Name: g.name, Due: due, State: store.WorkPending, Created: now, Doc: doc})
}

// Acknowledge tells the mailbox of the mails that are done with and whose time has come, and returns how many. A source
// that cannot do so makes it do nothing. What fails is tried again later.
func (g *Gateway) Acknowledge(ctx context.Context, src Source) (int, error) {
	to, ok := src.(Acknowledger)
	if !ok {
		return 0, nil
	}
	total := 0
	for {
		n, err := g.acknowledgeSome(ctx, to)
		if total += n; err != nil {
			return total, fmt.Errorf("gateway %s: acknowledge: %w", g.name, err)
		}
		if n == 0 {
			return total, nil
		}
	}
}

func (g *Gateway) acknowledgeSome(ctx context.Context, to Acknowledger) (int, error) {
	works, err := g.leaseDue(ctx, kindAcknowledge, acknowledged)
	if err != nil || len(works) == 0 {
		return 0, err
	}
	places, done, err := g.over(ctx, works)
	if err == nil && len(places) > 0 {
		err = to.Acknowledge(ctx, places)
	}
	if e := g.acknowledgedSome(ctx, works, done, err); e != nil {
		return 0, errors.Join(err, e)
	}
	if err != nil {
		return 0, err
	}
	return len(places), nil
}

// over picks the places whose mails are over.
func (g *Gateway) over(ctx context.Context, works []*store.Work) (places []string, done []bool, err error) {
	err = g.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		places, done = nil, make([]bool, len(works))
		for i, w := range works {
			var a acknowledgement
			if json.Unmarshal(w.Doc, &a) != nil || a.Place == "" || a.Mailbox != g.opts.Mailbox {
				done[i] = true // nobody knows what it was, or it is in a mailbox that the gateway no longer has
				continue
			}
			if a.Mail != 0 {
				mail, err := r.Work(ctx, a.Mail)
				if err != nil && !errors.Is(err, ticket.ErrNotFound) {
					return err
				}
				if err == nil && (mail.State == store.WorkPending || mail.State == store.WorkLeased) {
					continue
				}
			}
			places, done[i] = append(places, a.Place), true
		}
		return nil
	})
	return places, done, err
}

// acknowledgedSome puts the works aside, or back where it failed or where their mails are not over yet.
func (g *Gateway) acknowledgedSome(ctx context.Context, works []*store.Work, done []bool, failed error) error {
	now := g.desk.Now()
	return g.store.Update(context.WithoutCancel(ctx), func(ctx context.Context, tx store.Tx) error {
		for i, w := range works {
			next := *w
			if next.State, next.Finished = store.WorkDone, now; failed != nil || !done[i] {
				next.State, next.Finished, next.Due = store.WorkPending, time.Time{}, now.Add(pauseAfter(w.Attempt))
			}
			if failed != nil {
				next.Error = fitLine(failed.Error(), 1000)
			}
			if err := tx.Finish(ctx, &next); err != nil && !errors.Is(err, store.ErrStale) {
				return err
			}
		}
		_, err := tx.PruneWork(ctx, kindAcknowledge, now.Add(-acknowledgeFor), 1000)
		return err
	})
}

// pauseAfter is how long to wait after so many attempts: a second, doubled each time up to an hour, more or less.
func pauseAfter(attempts int) time.Duration {
	base := min(time.Second<<min(max(attempts-1, 0), 12), time.Hour)
	return time.Duration(float64(base) * (0.8 + 0.4*rand.Float64()))
}
