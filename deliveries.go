package helpdesk

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/internal/alone"
	"github.com/helpdeskgo/helpdesk/internal/journal"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Deliveries shows what durable hooks have still to hear, and what they failed at.
type Deliveries struct{ d *Desk }

// Deliveries returns the group of verbs for deliveries.
func (d *Desk) Deliveries() Deliveries { return Deliveries{d} }

// Delivery is the telling of one event to one binding.
type Delivery struct {
	ID       int64           `json:"id"`
	Point    string          `json:"point"`
	Binding  string          `json:"binding"`
	EventID  int64           `json:"event_id"`
	TicketID int64           `json:"ticket_id,omitempty"`
	State    store.WorkState `json:"state"`
	Attempt  int             `json:"attempt"`
	Due      time.Time       `json:"due"`
	Error    string          `json:"error,omitempty"` // of the last attempt
	Created  time.Time       `json:"created"`
	Finished time.Time       `json:"finished,omitzero"`
}

// DeliveryQuery selects deliveries.
type DeliveryQuery struct {
	States   []store.WorkState // empty means all
	Point    string            // with Binding
	Binding  string            // with Point
	EventID  int64
	TicketID int64
	Before   int64 // continues a listing after the delivery with this id
	Limit    int   // default 50, at most 1,000
}

func deliveryOf(w *store.Work) Delivery {
	point, binding, _ := strings.Cut(w.Name, "|")
	return Delivery{w.ID, point, binding, w.EventID, w.TicketID, w.State, w.Attempt, w.Due, w.Error, w.Created, w.Finished}
}

func (g Deliveries) allowed(ctx context.Context) error {
	ctx, actor, err := g.d.enter(ctx)
	if err != nil {
		return err
	}
	return g.d.mayAtAll(ctx, actor, ActConfigure)
}

// List lists deliveries, the newest first. Errors: ticket.ErrNoActor; ticket.ErrForbidden for customers;
// ticket.ErrInvalid for a Point without its Binding, or the other way round.
func (g Deliveries) List(ctx context.Context, q DeliveryQuery) ([]Delivery, error) {
	if err := g.allowed(ctx); err != nil {
		return nil, failed("list deliveries", err)
	}
	if (q.Point == "") != (q.Binding == "") {
		return nil, failed("list deliveries", ticket.Invalid("binding", ticket.FaultConflicting, "goes with a point: give both or none"))
	}
	wq := store.WorkQuery{Kind: kindDelivery, States: q.States, EventID: q.EventID, TicketID: q.TicketID, BeforeID: q.Before, Limit: q.Limit}
	if q.Point != "" || q.Binding != "" {
		wq.Name = q.Point + "|" + q.Binding
	}
	var out []Delivery
	err := g.d.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		out = nil
		works, err := r.Works(ctx, wq)
		for _, w := range works {
			out = append(out, deliveryOf(w))
		}
		return err
	})
	return out, failed("list deliveries", err)
}

// Retry has a dead delivery, or one that waits for its next attempt, tried at once. Errors: ticket.ErrNoActor;
// ticket.ErrForbidden; ticket.ErrNotFound; ticket.ErrConflict for one that is done or being tried.
func (g Deliveries) Retry(ctx context.Context, id int64) error {
	return failed(fmt.Sprintf("retry delivery %d", id), g.move(ctx, id, store.WorkPending))
}

// Discard gives a dead or waiting delivery up. Errors: as Retry.
func (g Deliveries) Discard(ctx context.Context, id int64) error {
	return failed(fmt.Sprintf("discard delivery %d", id), g.move(ctx, id, store.WorkDone))
}

func (g Deliveries) move(ctx context.Context, id int64, to store.WorkState) error {
	err := g.d.writable(ctx)
	if err == nil {
		err = g.allowed(ctx)
	}
	if err != nil {
		return err
	}
	err = g.d.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		w, err := tx.Work(ctx, id)
		if err != nil {
			return err
		}
		if w.Kind != kindDelivery {
			return ticket.ErrNotFound
		}
		if w.State != store.WorkDead && w.State != store.WorkPending {
			return fmt.Errorf("%w: the delivery is %s", ticket.ErrConflict, w.State)
		}
		tx.OnCommit(g.d.Wake)
		return tx.SetWork(ctx, id, w.State, to, g.d.Now())
	})
	if errors.Is(err, store.ErrStale) {
		return fmt.Errorf("%w: the delivery is being tried", ticket.ErrConflict)
	}
	return err
}

// Once commits fn's writes at most once for the delivery that ctx belongs to, however often that is tried: they and the mark
// that they are made are one transaction. fn may be run again after a rollback, as that of InTx. A delivery whose lease was lost to another process
// gets store.ErrStale and must stop. Outside a delivery it is ticket.ErrInvalid, but for helpdesktest's RunAlone, where fn
// runs each time. Volatile bindings have no deliveries, so Once is not for them.
//
//	desk.Hooks().TicketCreated.Bind("shop.points", func(ctx context.Context, e hooks.Created) error {
//		return desk.Deliveries().Once(ctx, func(ctx context.Context) error { … store.Querier(ctx).ExecContext … })
//	})
func (g Deliveries) Once(ctx context.Context, fn func(ctx context.Context) error) error {
	work, ok := ctx.Value(deliveryKey{}).(*store.Work)
	if !ok && alone.Is(ctx) {
		return g.d.store.Update(ctx, func(ctx context.Context, _ store.Tx) error { return fn(ctx) })
	}
	if !ok {
		return failed("once", ticket.Invalid("", ticket.FaultUnavailable, "works only with the context of an event hook"))
	}
	if err := g.d.writable(ctx); err != nil {
		return failed("once", err)
	}
	return g.d.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		now, err := tx.Work(ctx, work.ID)
		if err != nil {
			return err
		}
		if now.Epoch != work.Epoch || now.State != store.WorkLeased {
			return store.ErrStale
		}
		if now.Effect {
			return nil
		}
		now.Effect = true
		if err := tx.MarkEffect(ctx, now); err != nil {
			return err
		}
		tx.OnCommit(func() { work.Effect = true }) // finishing the delivery keeps the mark
		return fn(ctx)
	})
}

type deliveryKey struct{}

// errGoexit says that a handler ended its goroutine.
var errGoexit = errors.New("the handler called runtime.Goexit")

// deliver runs one leased delivery and stores what came of it, also when the handler ends the goroutine.
func (d *Desk) deliver(ctx context.Context, w *store.Work) {
	start, err := time.Now(), errGoexit
	defer func() {
		d.observeDelivery(ctx, w, err, time.Since(start))
		if err := d.finish(ctx, w, err); err != nil && !errors.Is(err, store.ErrStale) {
			d.log(ctx, "storing the outcome of a delivery failed: it will be tried again when its lease ends", "delivery", w.ID, "error", err)
		}
	}()
	err = d.attempt(ctx, w)
	if ctx.Err() != nil && errors.Is(err, context.Canceled) || d.endedBy(err) {
		err = fmt.Errorf("%w: %w", errPutBack, err)
	}
}

// endedBy reports whether a handler failed because the desk was stopped under it, which is no failure of its own.
func (d *Desk) endedBy(err error) bool {
	return d.run.stopped.Load() && errors.Is(err, ticket.ErrStopped)
}

// errPutBack says that a delivery failed by nothing that its handler did: this process stops, or the store is busy.
// However often that happens, it is tried again.
var errPutBack = errors.New("put back")

// errGone says that the event of a delivery was purged with its ticket.
var errGone = errors.New("the event is gone: its ticket was purged")

func (d *Desk) attempt(ctx context.Context, w *store.Work) error {
	point, id, _ := strings.Cut(w.Name, "|")
	o, err := d.occurrence(ctx, w)
	switch {
	case ctx.Err() != nil, errors.Is(err, ticket.ErrBusy), errors.Is(err, ticket.ErrStopped):
		return fmt.Errorf("%w: %w", errPutBack, errors.Join(err, ctx.Err()))
	case err != nil:
		return err
	}
	ctx = ticket.WithActor(ctx, ticket.System(id))
	ctx = context.WithValue(ctx, deliveryKey{}, w)
	ctx = withCause(ctx, ticket.Cause{Event: o.Event.ID, Binding: id, Depth: o.Event.Cause.Depth + 1})
	known, err := d.hooks.Deliver(ctx, point, id, o)
	if !known {
		return fmt.Errorf("this process has no binding %q at %s", id, point)
	}
	return err
}

// occurrence reads what a handler is told: the event, the ticket as of the event, the message as it is now.
func (d *Desk) occurrence(ctx context.Context, w *store.Work) (hooks.Occurrence, error) {
	o := hooks.Occurrence{Attempt: w.Attempt}
	err := d.store.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
		if o.Event, err = r.Event(ctx, w.EventID); err != nil {
			return err
		}
		if o.Event.TicketID == 0 {
			return nil
		}
		if o.Ticket, err = journal.AsOf(ctx, r, o.Event); err != nil {
			return err
		}
		if o.Event.MessageID != 0 {
			o.Message, err = r.Message(ctx, o.Event.MessageID)
		}
		return err
	})
	if errors.Is(err, ticket.ErrNotFound) {
		return o, errGone
	}
	return o, err
}

// finish stores the outcome: done, pending again after a pause, or dead.
func (d *Desk) finish(ctx context.Context, w *store.Work, outcome error) error {
	ctx = context.WithoutCancel(ctx)
	return d.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		conf, err := d.configIn(ctx, tx)
		if err != nil {
			return err
		}
		next := *w
		d.judge(&next, conf, outcome)
		if err := tx.Finish(ctx, &next); err != nil {
			return err
		}
		if next.State == store.WorkDead {
			return d.recordDead(ctx, tx, conf, &next)
		}
		return nil
	})
}

// judge decides what becomes of a delivery.
func (d *Desk) judge(w *store.Work, conf *config, outcome error) {
	now := d.Now()
	w.Finished, w.Error = now, ""
	w.State = store.WorkDone
	if outcome == nil {
		return
	}
	w.Error = clip(outcome.Error(), 1000)
	limit, subscribed := conf.Settings("", "", "").DeliveryAttempts, false
	for _, s := range conf.subs {
		if s.name() != w.Name {
			continue
		}
		subscribed = true
		if s.MaxAttempts > 0 {
			limit = s.MaxAttempts
		}
	}
	switch {
	case errors.Is(outcome, errGone), !subscribed: // unsubscribed while it was tried: nobody would take it
	case errors.Is(outcome, errPutBack):
		w.State, w.Due = store.WorkPending, now
	case errors.Is(outcome, ticket.ErrTooDeep), w.Attempt >= limit:
		w.State = store.WorkDead
	default:
		w.State, w.Due = store.WorkPending, now.Add(pause(w.Attempt))
	}
}

// pause grows from one second to an hour, with a fifth of jitter either way, so that what failed together is not tried
// together.
func pause(attempt int) time.Duration {
	base := time.Hour
	if attempt < 12 {
		base = min(time.Second<<max(attempt-1, 0), time.Hour)
	}
	return time.Duration(float64(base) * (0.8 + 0.4*rand.Float64()))
}

// recordDead journals that a delivery was given up. That this news could not be delivered is no news.
func (d *Desk) recordDead(ctx context.Context, tx store.Tx, conf *config, w *store.Work) error {
	d.log(ctx, "a delivery is dead", "delivery", w.ID, "name", w.Name, "error", w.Error)
	if strings.HasPrefix(w.Name, "TicketDeliveryDead|") {
		return nil
	}
	_, binding, _ := strings.Cut(w.Name, "|")
	job := &write{d: d, tx: tx, conf: conf, actor: ticket.System("helpdesk"), cause: ticket.Cause{Event: w.EventID, Binding: binding}, now: d.Now()}
	e := &ticket.Event{Type: ticket.EventDeliveryDead, Subject: w.Name, Detail: w.Error,
		Changes: []ticket.Change{{Field: "delivery", New: strconv.FormatInt(w.ID, 10)}}}
	if err := job.record(ctx, e); err != nil {
		return err
	}
	job.announce(ctx)
	return nil
}

func clip(s string, n int) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "�"), "\x00", "�")
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

type causeKey struct{}

func withCause(ctx context.Context, c ticket.Cause) context.Context {
	return context.WithValue(ctx, causeKey{}, c)
}

// WithRule returns a context whose writes name a rule as their cause, beside the event that made it run.
func WithRule(ctx context.Context, rule string) context.Context {
	c, _ := ctx.Value(causeKey{}).(ticket.Cause)
	c.Rule = rule
	return withCause(ctx, c)
}

// causeFrom returns why ctx writes, and refuses the write where handlers have caused each other too deeply.
func (d *Desk) causeFrom(ctx context.Context) (ticket.Cause, error) {
	c, _ := ctx.Value(causeKey{}).(ticket.Cause)
	if c.Depth > d.cfg.Limits.Depth {
		return c, fmt.Errorf("%w: %d deep, the limit is %d", ticket.ErrTooDeep, c.Depth, d.cfg.Limits.Depth)
	}
	return c, nil
}
