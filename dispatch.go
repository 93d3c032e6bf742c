package helpdesk

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
)

// loop is the background: it hands due deliveries to the lanes of their bindings, whenever somebody wakes it and every
// PollInterval.
func (d *Desk) loop(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var woken <-chan struct{}
	if w, ok := d.store.(store.Waker); ok {
		woken = w.Wake(ctx)
	}
	defer func() { d.giveBack(ctx, d.run.drain()) }()
	poll := time.NewTicker(d.cfg.PollInterval)
	defer poll.Stop()
	var last time.Time
	for {
		if now := time.Now(); now.Sub(last) > time.Minute {
			last = now
			if _, err := d.tick(ctx); err != nil {
				d.log(ctx, "clearing away what is old failed", "error", err)
			}
		}
		if d.fill(ctx) {
			continue
		}
		d.massInBackground()
		select {
		case <-d.run.quit:
			return
		case <-d.boost:
		case _, ok := <-woken:
			if !ok {
				woken = nil
			}
		case <-poll.C:
		}
	}
}

// batch is how many deliveries are leased in one transaction.
const batch = 64

// fill leases work for the bindings whose lanes are empty, and reports whether there may be more.
func (d *Desk) fill(ctx context.Context) bool {
	select {
	case <-d.run.quit:
		return false
	default:
	}
	if err := d.storeSubscriptions(ctx); err != nil {
		d.log(ctx, "storing subscriptions failed", "error", err)
	}
	works, err := d.lease(ctx, d.idle(), batch)
	if err != nil {
		d.log(ctx, "leasing deliveries failed", "error", err)
	}
	d.run.mu.Lock()
	defer d.run.mu.Unlock()
	for _, w := range works {
		l := d.run.loops[w.Name]
		if l == nil {
			l = &lane{}
			d.run.loops[w.Name] = l
		}
		l.queue = append(l.queue, w)
	}
	for name, l := range d.run.loops {
		for range min(d.cfg.Workers-l.running, len(l.queue)) {
			l.running++
			d.run.wg.Add(1)
			go d.work(d.run.ctx, name, l)
		}
	}
	return len(works) == batch
}

// idle names the bindings of this process that have nothing in hand.
func (d *Desk) idle() []string {
	names := d.bindings().durable
	d.run.mu.Lock()
	defer d.run.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool {
		l := d.run.loops[n]
		return l != nil && len(l.queue) > 0
	})
}

// work delivers from one lane until it is empty. A handler that ends its goroutine ends this worker and nothing else.
func (d *Desk) work(ctx context.Context, name string, l *lane) {
	defer func() {
		d.run.mu.Lock()
		l.running--
		if l.running == 0 && len(l.queue) == 0 {
			delete(d.run.loops, name)
		}
		d.run.mu.Unlock()
		d.Wake()
		d.run.wg.Done()
	}()
	for {
		w := d.next(l)
		if w == nil {
			return
		}
		d.deliver(ctx, w)
	}
}

// drain empties the lanes.
func (r *runner) drain() (rest []held) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, l := range r.loops {
		rest = append(rest, l.queue...)
		l.queue = nil
	}
	return rest
}

// giveBack ends the leases of deliveries that were not begun, for the next who asks.
func (d *Desk) giveBack(ctx context.Context, list []held) {
	if len(list) == 0 {
		return
	}
	err := d.store.Update(context.WithoutCancel(ctx), func(ctx context.Context, tx store.Tx) error {
		for _, h := range list {
			w := *h.Work
			w.State = store.WorkPending
			if err := tx.Finish(ctx, &w); err != nil && !errors.Is(err, store.ErrStale) {
				return err
			}
		}
		return nil
	})
	if err != nil {
		d.log(ctx, "giving deliveries back failed: they wait until their leases end", "count", len(list), "error", err)
	}
}

// next takes the next delivery of a lane, unless the desk stops. Those whose lease is over are left to whoever leases
// them next.
func (d *Desk) next(l *lane) *store.Work {
	select {
	case <-d.run.quit:
		return nil
	default:
	}
	d.run.mu.Lock()
	defer d.run.mu.Unlock()
	for len(l.queue) > 0 {
		h := l.queue[0]
		l.queue = l.queue[1:]
		if !h.over() {
			return h.Work
		}
	}
	return nil
}

func (d *Desk) lease(ctx context.Context, names []string, limit int) ([]held, error) {
	if len(names) == 0 {
		return nil, nil
	}
	r := store.LeaseRequest{Kind: kindDelivery, Names: names, DueBy: d.Now(), TTL: d.cfg.LeaseTTL, Limit: limit}
	until := time.Now().Add(r.TTL)
	works, err := d.leaseWork(ctx, r)
	out := make([]held, len(works))
	for i, w := range works {
		out[i] = held{w, until}
	}
	return out, err
}

// leaseWork leases what is due, and spares the database a write where nothing is.
func (d *Desk) leaseWork(ctx context.Context, r store.LeaseRequest) (works []*store.Work, err error) {
	due := false
	err = d.store.View(ctx, func(ctx context.Context, x store.Reader) (err error) {
		due, err = x.Due(ctx, r)
		return err
	})
	if err != nil || !due {
		return nil, err
	}
	err = d.store.Update(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		works, err = tx.Lease(ctx, r)
		return err
	})
	return works, err
}

// finishWork stores what became of leased work, unless somebody else has it by now.
func (d *Desk) finishWork(ctx context.Context, w *store.Work) error {
	err := d.store.Update(context.WithoutCancel(ctx), func(ctx context.Context, tx store.Tx) error { return tx.Finish(ctx, w) })
	if errors.Is(err, store.ErrStale) {
		return nil
	}
	return err
}

// Dispatch delivers what is due now, in this goroutine, one batch of up to 64, and returns how many deliveries it tried. It
// is for manual mode, where Tick does it, too, for tests and for hosts with a scheduler of their own, and may run in several
// processes at once. Errors: ticket.ErrStopped; the store's own. What handlers return is not among them.
func (g Deliveries) Dispatch(ctx context.Context) (int, error) {
	if err := g.d.usable(ctx); err != nil {
		return 0, failed("dispatch", err)
	}
	n, err := g.d.dispatch(store.ContextWithoutTx(ctx))
	return n, failed("dispatch", err)
}

func (d *Desk) dispatch(ctx context.Context) (int, error) {
	if err := d.storeSubscriptions(ctx); err != nil {
		return 0, err
	}
	works, err := d.lease(ctx, d.bindings().durable, batch)
	if err != nil {
		return 0, err
	}
	n := d.deliverAll(ctx, works, func() bool { return ctx.Err() == nil })
	if n < len(works) {
		err = ctx.Err()
	}
	return n, err
}

// batchesPerTick bounds what one Tick delivers: handlers whose events come faster than they are told, or without end, must
// not keep it from what else is due.
const batchesPerTick = 16

// dispatchDue delivers what is due where no background does: in manual mode all, in inline mode what a write has left, as
// what has failed and is to be tried again.
func (d *Desk) dispatchDue(ctx context.Context) (total int, err error) {
	if d.cfg.Dispatch == Background {
		return 0, nil
	}
	for range batchesPerTick {
		n, err := d.dispatch(ctx)
		total += n
		if n == 0 || err != nil || ctx.Err() != nil || d.run.quitting() {
			return total, err
		}
	}
	return total, nil
}

// deliverAll delivers in this goroutine while it goes on, and gives back what it does not come to: because goesOn says no,
// the leases end, or a handler ends the goroutine.
func (d *Desk) deliverAll(ctx context.Context, list []held, goesOn func() bool) (n int) {
	defer func() { d.giveBack(ctx, list[n:]) }()
	for _, h := range list {
		if !goesOn() || h.over() {
			return n
		}
		n++
		d.deliver(ctx, h.Work)
	}
	return n
}

// Tick does what falls due by the clock: it removes finished deliveries that are older than Settings.DeliveryRetention,
// uploads that nothing came of within Config.UploadTTL, contents that nobody keeps any more, presences that are over,
// mass actions that were over 30 days ago, and the contents of files older than Settings.FileRetention (those it looks
// for once an hour, and when the configuration has changed); and it carries out mass actions, settles the numbers of
// stores that keep differences of them, and indexes, which is not counted: see Index. It also does what rules and
// notifications have due: rules by the clock, deadlines, follow-ups, what their rules call, and letters. It works in short
// transactions, and where nothing is due it only reads.
//
// In manual mode it also delivers what is due to durable hooks, in this goroutine, before what rules and notifications have
// due, and as Deliveries.Dispatch does: up to 1,024 deliveries a call, so that events without end do not keep it from the
// rest. In inline mode whoever writes delivers, and Tick what they have left: what failed, and what a transaction of the
// host's committed. In background mode the started desk delivers, as it does all of this by itself, and Tick nothing.
//
// It returns how much it did, counted in what it removed, what was due, and deliveries that it tried: 0 says that there is
// nothing left to do now. It may run in several processes at once. Errors: ticket.ErrStopped; the store's own, and those
// of what was due. What the handlers of deliveries return is not among them.
func (d *Desk) Tick(ctx context.Context) (int, error) {
	if err := d.usable(ctx); err != nil {
		return 0, failed("tick", err)
	}
	ctx = store.ContextWithoutTx(ctx)
	n, err := d.tick(ctx)
	delivered, untold := d.dispatchDue(ctx)
	did, due := d.runSteps(ctx)
	_, indexing := d.catchUp(ctx)
	return n + delivered + did, failed("tick", errors.Join(err, untold, due, indexing))
}

func (d *Desk) tick(ctx context.Context) (int, error) {
	n, err := d.clearAway(ctx)
	batches, failure := d.massWork(ctx)
	return n + batches, errors.Join(err, failure)
}

// clearAway removes what is old.
func (d *Desk) clearAway(ctx context.Context) (int, error) {
	total := 0
	var errs error
	for _, step := range []func(context.Context) (int, error){d.prune, d.sweep, d.retain, d.sweepPresences, d.pruneMass, d.settle} {
		n, err := step(ctx)
		total += n
		errs = errors.Join(errs, err)
	}
	return total, errs
}

func (d *Desk) prune(ctx context.Context) (int, error) {
	conf, err := d.config(ctx)
	if err != nil {
		return 0, err
	}
	before := d.Now().Add(-time.Duration(conf.Settings("", "", "").DeliveryRetention))
	for total := 0; ; {
		n := 0
		err := d.store.Update(ctx, func(ctx context.Context, tx store.Tx) (err error) {
			n, err = tx.PruneWork(ctx, kindDelivery, before, pruned)
			return err
		})
		if total += n; err != nil || n < pruned {
			return total, err
		}
	}
}

// pruned is how many finished deliveries are removed in one transaction, so that writers need not wait long.
const pruned = 1000
