package helpdesk

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// subscription is a durable binding as the store keeps it. Every process writes deliveries for all of them, whether its
// own code has the handler or not.
type subscription struct {
	Point       string    `json:"point"`
	ID          string    `json:"id"`
	After       string    `json:"after,omitempty"`
	HoldOnDead  bool      `json:"hold_on_dead,omitempty"`
	MaxAttempts int       `json:"max_attempts,omitempty"`
	Created     time.Time `json:"created"`
	LastSeen    time.Time `json:"last_seen"` // when a process with this binding last started
}

// kindDelivery is the kind of work that deliveries are.
const kindDelivery = "delivery"

func (s *subscription) name() string { return s.Point + "|" + s.ID }

// delivery is the work of telling one binding of one event. The lane keeps the events of a ticket in order.
func (s *subscription) delivery(e *ticket.Event, now time.Time) *store.Work {
	w := &store.Work{Kind: kindDelivery, Name: s.name(), Due: now, State: store.WorkPending, EventID: e.ID, TicketID: e.TicketID, Created: now}
	if e.TicketID != 0 {
		w.OrderKey, w.Seq, w.HoldOnDead = laneOf(s.ID, e.TicketID), e.Seq, s.HoldOnDead
		if s.After != "" {
			w.After = laneOf(s.After, e.TicketID)
		}
	}
	return w
}

func putDelivery(ctx context.Context, tx store.Tx, w *store.Work) (err error) {
	if w.ID, err = tx.NewID(ctx, "work"); err != nil {
		return err
	}
	return tx.PutWork(ctx, w)
}

// bound notes that a binding was made. While the desk runs it is stored at once; before, Start or the next write stores
// it.
func (d *Desk) bound(p hooks.Point) {
	if p.Kind != hooks.KindEvent {
		return
	}
	d.made.Add(1)
	if !d.run.started.Load() {
		return
	}
	d.run.spawn(func(ctx context.Context) {
		if err := d.storeSubscriptions(ctx); err != nil {
			d.log(ctx, "storing a new subscription failed: the next write tries again", "point", p.Name, "error", err)
		}
	})
}

// storeSubscriptions stores the durable bindings of this process that the store does not have, if any were made since
// it last did.
func (d *Desk) storeSubscriptions(ctx context.Context) error {
	if d.allStored() {
		return nil
	}
	if !d.inTx(ctx) {
		d.seen.Lock()
		defer d.seen.Unlock()
		if d.allStored() {
			return nil
		}
	}
	return d.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		made := d.made.Load() // before the bindings are listed: one that is made meanwhile is stored the next time
		if err := d.putSubscriptions(ctx, tx); err != nil {
			return err
		}
		// What others have stored already counts from this process's next write on, too: a store may answer for a moment
		// with the number of the configuration before it.
		c, err := loadConfig(ctx, tx)
		if err != nil {
			return err
		}
		// Only a commit counts: this may be part of a transaction that is rolled back.
		tx.OnCommit(func() {
			d.conf.Store(c)
			d.stored.Store(max(made, d.stored.Load()))
		})
		return nil
	})
}

func (d *Desk) allStored() bool { return d.stored.Load() >= d.made.Load() }

func (d *Desk) putSubscriptions(ctx context.Context, tx store.Tx) error {
	now := d.Now()
	for _, b := range d.hooks.Subscriptions() {
		if b.Volatile {
			continue
		}
		if err := d.putSubscription(ctx, tx, b, now); err != nil {
			return err
		}
	}
	return nil
}

func (d *Desk) putSubscription(ctx context.Context, tx store.Tx, b hooks.Subscription, now time.Time) error {
	s := subscription{Point: b.Point, ID: b.ID, After: b.After, HoldOnDead: b.HoldOnDead, MaxAttempts: b.MaxAttempts, Created: now, LastSeen: now}
	rec, err := tx.Record(ctx, kindSubscription, s.name())
	isNew := errors.Is(err, ticket.ErrNotFound)
	switch {
	case isNew:
		rec = &store.Record{Kind: kindSubscription, Key: s.name()}
	case err != nil:
		return err
	default:
		var old subscription
		if err := json.Unmarshal(rec.Doc, &old); err != nil {
			return err
		}
		s.Created = old.Created
		if now.Sub(old.LastSeen) < time.Hour {
			s.LastSeen = old.LastSeen
		}
		if s == old {
			return nil
		}
	}
	if rec.Doc, err = json.Marshal(s); err != nil {
		return err
	}
	if err := tx.PutRecord(ctx, rec); err != nil {
		return err
	}
	if isNew && !b.Since.IsZero() {
		return d.backfill(ctx, tx, &s, b.Since)
	}
	return nil
}

// backfill puts deliveries for the events that a new subscription wants from the past, in the transaction that stores
// it: later events come after them.
func (d *Desk) backfill(ctx context.Context, tx store.Tx, s *subscription, since time.Time) error {
	q := ticket.EventQuery{Since: ticket.Time(since), Limit: ticket.MaxPage}
	for {
		list, err := tx.Events(ctx, q)
		if err != nil {
			return err
		}
		for _, e := range list {
			q.Since, q.AfterID = e.At, e.ID
			if !d.hooks.Matches(s.Point, e) {
				continue
			}
			if err := putDelivery(ctx, tx, s.delivery(e, d.Now())); err != nil {
				return err
			}
		}
		if len(list) == 0 {
			return nil
		}
	}
}

// Subscription is a durable binding that the store knows.
type Subscription struct {
	Point    string    `json:"point"`
	ID       string    `json:"id"`
	Created  time.Time `json:"created"`
	LastSeen time.Time `json:"last_seen"` // to the hour
	Here     bool      `json:"here"`      // this process has the handler
}

// Subscriptions lists what durable hooks are stored, by point and id. Errors: ticket.ErrNoActor; ticket.ErrForbidden
// for customers.
func (g Deliveries) Subscriptions(ctx context.Context) ([]Subscription, error) {
	if err := g.allowed(ctx); err != nil {
		return nil, failed("list subscriptions", err)
	}
	conf, err := g.d.config(ctx)
	if err != nil {
		return nil, failed("list subscriptions", err)
	}
	here := g.d.bindings().durable
	out := make([]Subscription, 0, len(conf.subs))
	for _, s := range conf.subs {
		out = append(out, Subscription{s.Point, s.ID, s.Created, s.LastSeen, slices.Contains(here, s.name())})
	}
	slices.SortFunc(out, func(a, b Subscription) int { return strings.Compare(a.Point+"|"+a.ID, b.Point+"|"+b.ID) })
	return out, nil
}

// Unsubscribe ends a stored subscription, whose handler is gone from the host's code: no delivery is written for it any
// more, and those that are open are discarded. Errors: ticket.ErrNoActor; ticket.ErrForbidden for customers;
// ticket.ErrNotFound; ticket.ErrInvalid if this process has the handler.
func (g Deliveries) Unsubscribe(ctx context.Context, point, id string) error {
	name := point + "|" + id
	err := g.d.configure(ctx, func(ctx context.Context, w *write) error {
		if slices.Contains(g.d.bindings().durable, name) {
			return ticket.Invalid("id", ticket.FaultInUse, "%q is bound at %s in this process: take the binding out of the code first", id, point)
		}
		if _, err := w.tx.Record(ctx, kindSubscription, name); err != nil {
			return err
		}
		if err := w.tx.DeleteRecord(ctx, kindSubscription, name); err != nil {
			return err
		}
		for {
			open, err := w.tx.Works(ctx, store.WorkQuery{Kind: kindDelivery, Name: name, States: []store.WorkState{store.WorkPending}, Limit: 1000})
			if err != nil || len(open) == 0 {
				return err
			}
			for _, work := range open {
				err := w.tx.SetWork(ctx, work.ID, store.WorkPending, store.WorkDone, w.now)
				if err != nil && !errors.Is(err, store.ErrStale) { // somebody has begun it since: it ends with them
					return err
				}
			}
		}
	})
	return failed("unsubscribe "+name, err)
}

// bindings are the event bindings of this process.
type bindings struct {
	made     int64    // as of
	durable  []string // names of deliveries
	volatile []hooks.Subscription
}

// bindings lists them, and keeps the list until the next binding.
func (d *Desk) bindings() *bindings {
	made := d.made.Load() // before they are listed: a list that lacks the newest must not last
	if b := d.run.cached.Load(); b != nil && b.made == made {
		return b
	}
	b := &bindings{made: made}
	for _, s := range d.hooks.Subscriptions() {
		if s.Volatile {
			b.volatile = append(b.volatile, s)
		} else {
			b.durable = append(b.durable, s.Point+"|"+s.ID)
		}
	}
	d.run.cached.Store(b)
	return b
}
