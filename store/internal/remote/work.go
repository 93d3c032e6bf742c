package remote

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/row"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// states is how the states stand in their column. The texts of statements name the numbers.
var states = [...]store.WorkState{store.WorkPending, store.WorkLeased, store.WorkDone, store.WorkDead}

func stateNumber(s store.WorkState) (int, bool) {
	i := slices.Index(states[:], s)
	return max(i, 0), i >= 0
}

// workColumns are those of a row. order_key is NULL for work in no lane; ready is 1 for pending work that no lane is
// known to hold: see lease.go.
const workColumns = "id, kind, name, order_key, seq, hold_on_dead, after_key, due, state, epoch, attempt, leased_to, effect, event, ticket, error, created, finished, doc, ready"

const selectWork = `SELECT w.id, w.kind, w.name, coalesce(w.order_key, ''), w.seq, w.hold_on_dead, w.after_key, w.due, w.state, w.epoch, w.attempt, w.leased_to, w.effect, w.event,
	w.ticket, w.error, w.created, w.finished, w.doc`

func scanWork(scan Scan) (*store.Work, error) { return scanWorkAnd(scan) }

// scanWorkAnd reads what follows work's own columns, too.
func scanWorkAnd(scan Scan, more ...any) (*store.Work, error) {
	w := new(store.Work)
	var state, hold, effect int
	var due, leased, created, finished int64
	err := scan(append([]any{&w.ID, &w.Kind, &w.Name, &w.OrderKey, &w.Seq, &hold, &w.After, &due, &state, &w.Epoch, &w.Attempt, &leased, &effect,
		&w.EventID, &w.TicketID, &w.Error, &created, &finished, (*[]byte)(&w.Doc)}, more...)...)
	if err != nil {
		return nil, err
	}
	if state < 0 || state >= len(states) {
		return nil, fmt.Errorf("work %d is in the unknown state %d: %w", w.ID, state, ticket.ErrSchema)
	}
	w.State, w.HoldOnDead, w.Effect = states[state], hold == 1, effect == 1
	w.Due, w.LeasedTo, w.Created, w.Finished = row.FromMicros(due), row.FromMicros(leased), row.FromMicros(created), row.FromMicros(finished)
	return w, nil
}

// Work returns work by id.
func (r *reader) Work(ctx context.Context, id int64) (*store.Work, error) {
	if err := r.check(ctx); err != nil {
		return nil, err
	}
	return one(r, "work", id, scanWork, selectWork+" FROM {p}work w")
}

// Works lists work by id descending.
func (r *reader) Works(ctx context.Context, q store.WorkQuery) ([]*store.Work, error) {
	if err := r.check(ctx); err != nil {
		return nil, err
	}
	cond, args, any := workFilter(q)
	if !any {
		return nil, nil
	}
	return several(r, "work", scanWork, selectWork+" FROM {p}work w WHERE "+cond+" ORDER BY w.id DESC LIMIT ?", append(args, q.Size())...)
}

// CountWork counts by state; states that q does not select or that nothing is in are left out.
func (r *reader) CountWork(ctx context.Context, q store.WorkQuery) (map[store.WorkState]int, error) {
	if err := r.check(ctx); err != nil {
		return nil, err
	}
	wanted := q.States
	if len(wanted) == 0 {
		wanted = states[:]
	}
	var arms []string
	var args []any
	for _, s := range wanted {
		one := q
		one.States = []store.WorkState{s}
		cond, a, any := workFilter(one)
		if number, _ := stateNumber(s); any {
			arms = append(arms, fmt.Sprintf("SELECT %d, count(*) FROM (SELECT 1 FROM {p}work w WHERE %s LIMIT ?) c%d", number, cond, number))
			args = append(append(args, a...), q.Size())
		}
	}
	out := map[store.WorkState]int{}
	if len(arms) == 0 {
		return out, nil
	}
	err := r.ses.each("count work", strings.Join(arms, " UNION ALL "), func(scan Scan) error {
		var state, n int
		err := scan(&state, &n)
		if n > 0 {
			out[states[state]] = n
		}
		return err
	}, args...)
	return out, err
}

// workFilter writes what q selects; any is false where it is nothing.
func workFilter(q store.WorkQuery) (cond string, args []any, any bool) {
	conds := []string{"1 = 1"}
	add := func(c string, v ...interface{}) { conds, args = append(conds, c), append(args, v...) }
	if q.Kind != "" {
		add("w.kind = ?", q.Kind)
	}
	if q.Name != "" {
		add("w.name = ?", q.Name)
	}
	if q.EventID != 0 {
		add("w.event = ?", q.EventID)
	}
	if q.TicketID != 0 {
		add("w.ticket = ?", q.TicketID)
	}
	if q.BeforeID != 0 {
		add("w.id < ?", q.BeforeID)
	}
	var numbers []string
	for _, s := range q.States {
		if n, ok := stateNumber(s); ok {
			numbers = append(numbers, fmt.Sprint(n))
		}
	}
	if len(q.States) > 0 {
		add("w.state IN (" + strings.Join(numbers, ", ") + ")")
	}
	return strings.Join(conds, " AND "), args, len(q.States) == 0 || len(numbers) > 0
}

// PutWork stores new work, or drops it where its lane has it already. ticket.ErrExists, late, for an ID that other work
// has.
func (x *tx) PutWork(ctx context.Context, w *store.Work) error {
	if w == nil {
		return x.s.invalid("work", ticket.FaultRequired, "is missing")
	}
	if err := x.checkPut(ctx, "work", w.ID); err != nil {
		return err
	}
	state, ok := stateNumber(w.State)
	if !ok && w.State != "" {
		return x.s.invalid("state", ticket.FaultUnknown, "%q is none of work", w.State)
	}
	var lane any
	if w.OrderKey != "" {
		lane = w.OrderKey
	}
	x.unit.woke = true
	st := Statement{What: "put work", Into: "work", Text: x.s.put.work}
	if x.unit.granted("event", w.EventID) { // its lane hardly has it already
		st.Text, st.Anew = x.s.put.newWork, true
	}
	st.Args = []any{w.ID, w.Kind, w.Name, lane, w.Seq, number(w.HoldOnDead), w.After, row.Micros(w.Due), state, w.Epoch, w.Attempt,
		row.Micros(w.LeasedTo), number(w.Effect), w.EventID, w.TicketID, w.Error, row.Micros(w.Created), row.Micros(w.Finished), nullable(w.Doc), number(state == 0)}
	return x.ses.later(st)
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

// leased locks leased work, together with what else of its lane is leased: the ends of two leases of one lane follow each
// other, and each sees what the other has left. It is in the lane that the holder knows of, as a rule; one that is not
// found there is looked for.
func (x *tx) leased(w *store.Work) (lane string, err error) {
	cond, args := "w.order_key = ?", []any{w.OrderKey}
	if w.OrderKey == "" {
		cond, args = "w.id = ?", []any{w.ID}
	}
	lane, held, err := x.lockLeased(w, cond, args...)
	if err == nil && (!held || lane != w.OrderKey) {
		lane, held, err = x.lockLeased(w, "(w.id = ? OR w.order_key = (SELECT o.order_key FROM {p}work o WHERE o.id = ?))", w.ID, w.ID)
	}
	if err == nil && !held {
		err = x.s.stale(w.ID, store.WorkLeased)
	}
	return lane, err
}

func (x *tx) lockLeased(w *store.Work, cond string, args ...any) (lane string, held bool, err error) {
	err = x.ses.each("look at a lease", "SELECT w.id, w.epoch, coalesce(w.order_key, '') FROM {p}work w WHERE w.state = 1 AND "+cond+" ORDER BY w.seq, w.id FOR UPDATE",
		func(scan Scan) error {
			var id, epoch int64
			err := scan(&id, &epoch, &lane)
			held = held || (id == w.ID && epoch == w.Epoch)
			return err
		}, args...)
	return lane, held, err
}

// Finish ends a lease.
func (x *tx) Finish(ctx context.Context, w *store.Work) error {
	if err := x.check(ctx); err != nil {
		return err
	}
	if w == nil {
		return x.s.invalid("work", ticket.FaultRequired, "is missing")
	}
	state, ok := stateNumber(w.State)
	if !ok || w.State == store.WorkLeased {
		return x.s.invalid("state", ticket.FaultState, "work ends a lease as done, dead or pending, not as %q", w.State)
	}
	finished := w.Finished
	if w.State == store.WorkPending {
		finished = time.Time{}
	}
	lane, err := x.leased(w)
	if err != nil {
		return err
	}
	err = x.ses.later(Statement{What: "finish work",
		Text: "UPDATE {p}work SET state = ?, due = ?, error = ?, doc = ?, effect = CASE WHEN effect = 1 THEN 1 ELSE ? END, finished = ?, leased_to = ?, ready = ?, parked = NULL WHERE id = ?",
		Args: []any{state, row.Micros(w.Due), w.Error, nullable(w.Doc), number(w.Effect), row.Micros(finished), row.Micros(time.Time{}), number(state == 0), w.ID}})
	x.unit.woke = true // pending again, or others of its lane may go
	x.unit.unpark(lane)
	return err
}

// MarkEffect sets Effect of leased work.
func (x *tx) MarkEffect(ctx context.Context, w *store.Work) error {
	if err := x.check(ctx); err != nil {
		return err
	}
	if w == nil {
		return x.s.invalid("work", ticket.FaultRequired, "is missing")
	}
	if _, err := x.leased(w); err != nil {
		return err
	}
	return x.write(ctx, "mark work", "UPDATE {p}work SET effect = ? WHERE id = ?", number(w.Effect), w.ID)
}

// turn waits for others who change the state of work in w's lane, as both would see the other's work hold the lane, and let
// nothing go: whoever ends a lease has locked it, and whoever sets work the first piece that holds the lane.
func (x *tx) turn(w *store.Work) error {
	if w.OrderKey == "" {
		return nil
	}
	if _, err := x.leased(w); err != nil && !errors.Is(err, store.ErrStale) {
		return err
	}
	var id int64
	_, err := x.ses.row("look at a lane", "SELECT w.id FROM {p}work w WHERE w.order_key = ? AND w.state IN (0, 1) ORDER BY w.seq, w.id LIMIT 1 FOR UPDATE", []any{&id}, w.OrderKey)
	return err
}

// SetWork changes the state of work by hand. Work that is done or dead by hand counts as finished at due.
func (x *tx) SetWork(ctx context.Context, id int64, from, to store.WorkState, due time.Time) error {
	if err := x.check(ctx); err != nil {
		return err
	}
	was, ok := stateNumber(from)
	will, known := stateNumber(to)
	if !ok || !known || from == store.WorkLeased || to == store.WorkLeased {
		return x.s.invalid("state", ticket.FaultState, "work cannot be set from %q to %q by hand", from, to)
	}
	w, err := x.Work(ctx, id)
	if errors.Is(err, ticket.ErrNotFound) {
		return x.s.stale(id, from)
	}
	if err != nil {
		return err
	}
	if err := x.turn(w); err != nil {
		return err
	}
	there, err := x.ses.row("set work", "SELECT id FROM {p}work WHERE id = ? AND state = ? FOR UPDATE", []any{&id}, id, was)
	if err != nil {
		return err
	}
	if !there {
		return x.s.stale(id, from)
	}
	at := row.Micros(ticket.Time(due))
	st := Statement{What: "set work", Text: "UPDATE {p}work SET state = ?, finished = ?, ready = 0, parked = NULL WHERE id = ?", Args: []any{will, at, id}}
	if to == store.WorkPending {
		st.Text = "UPDATE {p}work SET state = 0, due = ?, finished = ?, attempt = 0, ready = 1, parked = NULL WHERE id = ?"
		st.Args = []any{at, row.Micros(time.Time{}), id}
	}
	x.unit.woke = true
	x.unit.unpark(w.OrderKey)
	return x.ses.later(st)
}

// PruneWork deletes finished work, the oldest first.
func (x *tx) PruneWork(ctx context.Context, kind string, t time.Time, limit int) (int, error) {
	if err := x.check(ctx); err != nil {
		return 0, err
	}
	var ids []any
	text := "SELECT w.id FROM {p}work w WHERE w.kind = ? AND w.state = 2 AND w.finished < ? ORDER BY w.finished, w.id LIMIT ? " + x.s.d.SkipLocked
	err := x.ses.each("prune work", text, func(scan Scan) error {
		var id int64
		err := scan(&id)
		ids = append(ids, id)
		return err
	}, kind, row.Micros(ticket.Time(t)), max(limit, 0))
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	return len(ids), x.write(ctx, "prune work", "DELETE FROM {p}work WHERE id IN (?"+strings.Repeat(", ?", len(ids)-1)+")", ids...)
}
