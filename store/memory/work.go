package memory

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func (r *reader) Work(ctx context.Context, id int64) (*store.Work, error) {
	if err := r.check(ctx); err != nil {
		return nil, err
	}
	w, ok := r.state.works.get(id)
	if !ok {
		return nil, missing("work", id)
	}
	return cloneWork(w), nil
}

func (r *reader) Works(ctx context.Context, q store.WorkQuery) ([]*store.Work, error) {
	if err := r.check(ctx); err != nil {
		return nil, err
	}
	var all []*store.Work
	for _, w := range r.state.works.all() {
		if q.Selects(w) {
			all = append(all, w)
		}
	}
	slices.Reverse(all)
	all = all[:min(len(all), q.Size())]
	for i, w := range all {
		all[i] = cloneWork(w)
	}
	return all, nil
}

func (r *reader) CountWork(ctx context.Context, q store.WorkQuery) (map[store.WorkState]int, error) {
	if err := r.check(ctx); err != nil {
		return nil, err
	}
	counts := map[store.WorkState]int{}
	for _, w := range r.state.works.all() {
		if q.Selects(w) && counts[w.State] < q.Size() {
			counts[w.State]++
		}
	}
	return counts, nil
}

func (r *reader) Due(ctx context.Context, q store.LeaseRequest) (bool, error) {
	if err := r.check(ctx); err != nil {
		return false, err
	}
	now := ticket.Time(r.now())
	for at := range r.state.due.all() {
		if at.at.After(ticket.Time(q.DueBy)) {
			break
		}
		w, _ := r.state.works.get(at.id)
		if q.Selects(w, now) {
			return true, nil
		}
	}
	return false, nil
}

func (x *tx) PutWork(ctx context.Context, w *store.Work) error {
	if err := x.checkPut(ctx, "work", w != nil, func() int64 { return w.ID }); err != nil {
		return err
	}
	if w.OrderKey != "" && x.state.unique.has(workName{w.OrderKey, w.Seq, w.Name}) {
		return nil
	}
	if x.state.works.has(w.ID) {
		return fmt.Errorf("store: work %d: %w", w.ID, ticket.ErrExists)
	}
	c := cloneWork(w)
	if c.State == "" {
		c.State = store.WorkPending
	}
	if w.OrderKey != "" {
		x.state.unique.put(workName{w.OrderKey, w.Seq, w.Name}, w.ID)
	}
	x.setWork(c)
	x.transaction.woken = true
	return nil
}

// setWork stores w, which must not be changed any more, and keeps the indexes.
func (x *tx) setWork(w *store.Work) {
	old, _ := x.state.works.get(w.ID)
	x.state.works.put(w.ID, w)
	x.state.shiftWork(old, w)
}

func (x *tx) forgetWork(id int64) {
	if old, ok := x.state.works.get(id); ok {
		x.state.works.delete(id)
		x.state.shiftWork(old, nil)
	}
}

// shiftWork has the indexes follow a change of work; nil is none.
func (s *state) shiftWork(was, is *store.Work) {
	shift(&s.lanes, was, is, func(w *store.Work) (lanePlace, bool) {
		return lanePlace{w.OrderKey, w.Seq, w.ID}, w.State != store.WorkDone && w.OrderKey != ""
	})
	shift(&s.due, was, is, func(w *store.Work) (moment, bool) {
		return moment{w.Due, w.ID}, w.State == store.WorkPending || w.State == store.WorkLeased
	})
	shift(&s.finished, was, is, func(w *store.Work) (finish, bool) {
		return finish{w.Kind, w.Finished, w.ID}, w.State == store.WorkDone
	})
}

// shift moves work within an index; at says where it stands, if it does.
func shift[K any](t *tree[K, int64], was, is *store.Work, at func(*store.Work) (K, bool)) {
	var from, to K
	var stood, stands bool
	if was != nil {
		from, stood = at(was)
	}
	if is != nil {
		to, stands = at(is)
	}
	if stood && stands && t.compare(from, to) == 0 {
		return
	}
	if stood {
		t.delete(from)
	}
	if stands {
		t.put(to, is.ID)
	}
}

func (x *tx) Lease(ctx context.Context, r store.LeaseRequest) ([]*store.Work, error) {
	if err := x.check(ctx); err != nil {
		return nil, err
	}
	now := ticket.Time(x.transaction.store.now())
	var out []*store.Work
	for at := range x.state.due.all() {
		if len(out) >= r.Limit || at.at.After(ticket.Time(r.DueBy)) {
			break
		}
		w, _ := x.state.works.get(at.id)
		if !r.Selects(w, now) || x.held(w) {
			continue
		}
		c := cloneWork(w)
		c.State, c.LeasedTo = store.WorkLeased, ticket.Time(now.Add(r.TTL))
		c.Epoch++
		c.Attempt++
		x.setWork(c)
		out = append(out, cloneWork(c))
	}
	return out, nil
}

// held reports whether other work must come before w.
func (x *tx) held(w *store.Work) bool {
	return x.heldBy(w.OrderKey, w) || x.heldBy(w.After, w)
}

func (x *tx) heldBy(lane string, w *store.Work) bool {
	if lane == "" {
		return false
	}
	for at, id := range x.state.lanes.from(lanePlace{lane, minSeq, minSeq}) {
		if at.lane != lane || at.seq > w.Seq {
			break
		}
		if other, _ := x.state.works.get(id); other.Holds(w) {
			return true
		}
	}
	return false
}

// leased returns the stored work if w still has the lease.
func (x *tx) leased(ctx context.Context, w *store.Work) (*store.Work, error) {
	if err := x.check(ctx); err != nil {
		return nil, err
	}
	if w == nil {
		return nil, invalid("work", ticket.FaultRequired, "is missing")
	}
	old, ok := x.state.works.get(w.ID)
	if !ok || old.State != store.WorkLeased || old.Epoch != w.Epoch {
		return nil, fmt.Errorf("store: work %d: %w", w.ID, store.ErrStale)
	}
	return cloneWork(old), nil
}

func (x *tx) Finish(ctx context.Context, w *store.Work) error {
	c, err := x.leased(ctx, w)
	if err != nil {
		return err
	}
	c.State, c.Due, c.Error, c.Doc, c.Effect = w.State, w.Due, w.Error, w.Doc, w.Effect || c.Effect
	c.LeasedTo, c.Finished = time.Time{}, w.Finished
	switch w.State {
	case store.WorkPending:
		c.Finished = time.Time{}
		x.transaction.woken = true
	case store.WorkDone, store.WorkDead:
	default:
		return invalid("state", ticket.FaultState, "work ends a lease as done, dead or pending, not as %q", w.State)
	}
	x.setWork(cloneWork(c))
	return nil
}

func (x *tx) MarkEffect(ctx context.Context, w *store.Work) error {
	c, err := x.leased(ctx, w)
	if err != nil {
		return err
	}
	c.Effect = w.Effect
	x.setWork(c)
	return nil
}

func (x *tx) SetWork(ctx context.Context, id int64, from, to store.WorkState, at time.Time) error {
	if err := x.check(ctx); err != nil {
		return err
	}
	if from == store.WorkLeased || (to != store.WorkPending && to != store.WorkDone && to != store.WorkDead) {
		return invalid("state", ticket.FaultState, "work cannot be set from %q to %q by hand", from, to)
	}
	old, ok := x.state.works.get(id)
	if !ok || old.State != from {
		return fmt.Errorf("store: work %d is not %s: %w", id, from, store.ErrStale)
	}
	c := cloneWork(old)
	c.State = to
	if to == store.WorkPending {
		c.Due, c.Attempt, c.Finished = ticket.Time(at), 0, time.Time{}
		x.transaction.woken = true
	} else {
		c.Finished = ticket.Time(at)
	}
	x.setWork(c)
	return nil
}

func (x *tx) PruneWork(ctx context.Context, kind string, t time.Time, limit int) (int, error) {
	if err := x.check(ctx); err != nil {
		return 0, err
	}
	n := 0
	for at, id := range x.state.finished.from(finish{kind: kind, id: minSeq}) {
		if n >= limit || at.kind != kind || !at.at.Before(ticket.Time(t)) {
			break
		}
		w, _ := x.state.works.get(id)
		x.forgetWork(id)
		x.state.unique.delete(workName{w.OrderKey, w.Seq, w.Name})
		n++
	}
	return n, nil
}
