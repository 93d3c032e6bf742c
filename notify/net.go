package notify

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// A letter is sent by its entry on the agenda. One whose entry was given up, as by faults of the store, or is not there,
// would wait for ever: it is looked for, and put back.
const (
	mendEvery = 5 * time.Minute
	overdue   = 10 * time.Minute // before that nobody looks whether a letter has an entry
	mendPage  = 500              // how many are looked at in one transaction
	mendPages = 20               // of which nothing is lost, and that are looked at without a pause: while a server is away all letters are overdue
	// deathCost is what an entry that was given up counts as, in attempts: it was tried for most of a day.
	deathCost = 4
)

// net is when letters that nothing sends were looked for, and where that goes on.
type net struct {
	mu   sync.Mutex
	at   time.Time
	upTo string
}

// mend puts letters back that nothing sends any more, those of a page each time, and returns how many: whoever calls it does so
// again until there are none.
func (n *Notifier) mend(ctx context.Context) (int, error) {
	if !n.net.mu.TryLock() { // another Tick does
		return 0, nil
	}
	defer n.net.mu.Unlock()
	now := n.desk.Now()
	if now.Sub(n.net.at) < mendEvery && !now.Before(n.net.at) {
		return 0, nil
	}
	lost, next, err := n.lost(ctx, now)
	for pages := 1; pages < mendPages && err == nil && len(lost) == 0 && next != "" && ctx.Err() == nil; pages++ {
		n.net.upTo = next // nothing is lost there: what comes after it may be
		lost, next, err = n.lost(ctx, now)
	}
	if n.net.upTo = next; next == "" || len(lost) == 0 || err != nil { // else it goes on at once: after an outage there may be very many
		n.net.at = now
	}
	for _, p := range lost {
		if e := n.store.Update(ctx, func(ctx context.Context, tx store.Tx) error { return n.putBack(ctx, tx, p) }); e != nil {
			n.log.WarnContext(ctx, "a letter that nothing sends cannot be put back", "letter", p.Letter, "error", e)
		}
	}
	return len(lost), errors.Join(err, n.mendLater(ctx, now))
}

// mendLater has answers written after all whose entries were given up, as by faults of the store: nothing else would.
func (n *Notifier) mendLater(ctx context.Context, now time.Time) error {
	q := store.WorkQuery{Kind: asideWork, States: []store.WorkState{store.WorkDead}, Limit: mendPage}
	var dead []*store.Work
	err := n.store.View(ctx, func(ctx context.Context, x store.Reader) (err error) {
		dead, err = x.Works(ctx, q)
		return err
	})
	if err != nil || len(dead) == 0 {
		return err
	}
	return n.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		for _, w := range dead {
			if err := tx.SetWork(ctx, w.ID, store.WorkDead, store.WorkPending, now); err != nil && !errors.Is(err, store.ErrStale) {
				return err
			}
			n.log.WarnContext(ctx, "an answer that was given up is tried again", "what", w.Name, "ticket", w.TicketID, "error", w.Error)
		}
		tx.OnCommit(n.desk.Wake)
		return nil
	})
}

// place is a mark where it stands.
type place struct {
	mark

	key string
}

// lost are the letters of a page of those that are overdue which no entry of their own sends, and where the next page begins.
func (n *Notifier) lost(ctx context.Context, now time.Time) (out []place, next string, err error) {
	err = n.store.View(ctx, func(ctx context.Context, x store.Reader) error {
		out, next = nil, ""
		recs, err := x.Records(ctx, store.RecordQuery{Kind: kindOpen, After: n.net.upTo, Limit: mendPage})
		if err != nil {
			return err
		}
		for _, rec := range recs {
			if rec.Key >= markPlace(now.Add(-overdue)) {
				return nil // and the next time from the beginning
			}
			p := place{key: rec.Key}
			if json.Unmarshal(rec.Doc, &p.mark) != nil {
				continue
			}
			w, err := x.Work(ctx, p.Work)
			if err != nil && !errors.Is(err, ticket.ErrNotFound) {
				return err
			}
			if err != nil || !isOpen(w) {
				out = append(out, p)
			}
		}
		if len(recs) == mendPage {
			next = recs[mendPage-1].Key
		}
		return nil
	})
	return out, next, err
}

// putBack has a letter sent after all, unless that was tried for long enough.
func (n *Notifier) putBack(ctx context.Context, tx store.Tx, p place) error {
	rec, l, err := lockLetter(ctx, tx, p.Letter)
	if errors.Is(err, ticket.ErrNotFound) {
		return tx.DeleteRecord(ctx, kindOpen, p.key)
	}
	if err != nil {
		return err
	}
	if kind, key := l.list(); kind != kindOpen || key != p.key {
		return tx.DeleteRecord(ctx, kindOpen, p.key)
	}
	was := *l
	if l.In != 0 {
		if _, err := carrier(ctx, tx, l); !errors.Is(err, ticket.ErrNotFound) {
			return err // its digest is looked for as it is
		}
		l.In = 0
	}
	w, err := workFor(ctx, tx, l)
	switch {
	case errors.Is(err, ticket.ErrNotFound):
	case err != nil:
		return err
	case isOpen(w):
		return nil
	case w.State == store.WorkDead:
		l.Attempts, l.Error = l.Attempts+deathCost, clip(w.Error)
		if err := tx.SetWork(ctx, w.ID, store.WorkDead, store.WorkDone, n.desk.Now()); err != nil {
			return err
		}
	}
	if l.Attempts > len(pauses) {
		l.end(Failed, "it was tried for days, and broke off each time", n.desk.Now())
		return rewrite(ctx, tx, rec, &was, l)
	}
	l.State, l.Reason, l.Due = Queued, "", ticket.Time(n.desk.Now())
	n.log.WarnContext(ctx, "a letter that nothing sent is put back", "letter", l.ID, "ticket", l.Ticket, "error", l.Error)
	tx.OnCommit(n.desk.Wake)
	return errors.Join(rewrite(ctx, tx, rec, &was, l), n.remind(ctx, tx, l))
}
