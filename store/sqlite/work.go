package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/row"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// states is how the states stand in their column. The texts of queries name the numbers too, for the sake of partial
// indexes.
var states = [...]store.WorkState{store.WorkPending, store.WorkLeased, store.WorkDone, store.WorkDead}

func stateNumber(s store.WorkState) (int, bool) {
	for i, known := range states {
		if s == known {
			return i, true
		}
	}
	return 0, false
}

const selectWork = `SELECT id, kind, name, order_key, seq, hold_on_dead, after, due, state, epoch, attempt, leased_to, effect, event, ticket,
	error, created, finished, doc FROM {p}work`

func scanWork(scan func(...any) error) (*store.Work, error) {
	w := new(store.Work)
	var state int
	var due, leased, created, finished int64
	err := scan(&w.ID, &w.Kind, &w.Name, &w.OrderKey, &w.Seq, &w.HoldOnDead, &w.After, &due, &state, &w.Epoch, &w.Attempt, &leased, &w.Effect,
		&w.EventID, &w.TicketID, &w.Error, &created, &finished, (*[]byte)(&w.Doc))
	if err != nil {
		return nil, err
	}
	if state < 0 || state >= len(states) {
		return nil, fmt.Errorf("sqlite: work %d is in the unknown state %d: %w", w.ID, state, ticket.ErrSchema)
	}
	w.State = states[state]
	w.Due, w.LeasedTo, w.Created, w.Finished = row.FromMicros(due), row.FromMicros(leased), row.FromMicros(created), row.FromMicros(finished)
	return w, nil
}

// Work returns work by id.
func (r *reader) Work(ctx context.Context, id int64) (*store.Work, error) {
	if err := r.check(ctx); err != nil {
		return nil, err
	}
	return r.work(id)
}

func (r *reader) work(id int64) (*store.Work, error) {
	return one(r.ses, scanWork, "work", id, selectWork+" WHERE id = ?", id)
}

// Works lists work by id descending.
func (r *reader) Works(ctx context.Context, q store.WorkQuery) ([]*store.Work, error) {
	if err := r.check(ctx); err != nil {
		return nil, err
	}
	cond, args := workFilter(q)
	if len(q.States) > 0 {
		var numbers []string
		for _, s := range q.States {
			if n, ok := stateNumber(s); ok {
				numbers = append(numbers, fmt.Sprint(n))
			}
		}
		cond += " AND state IN (" + strings.Join(numbers, ", ") + ")" + small(q)
	}
	return several(r.ses, scanWork, "work", selectWork+" WHERE "+cond+" ORDER BY id DESC LIMIT ?+0", append(args, q.Size())...)
}

// small narrows a listing of work that is not done to the indexes of just that, which are short where the table is
// long.
func small(q store.WorkQuery) string {
	of := map[store.WorkState][]string{
		store.WorkPending: {"INDEXED BY {p}work_due WHERE kind = KIND AND state = 0 AND parked = ''", "INDEXED BY {p}work_parked WHERE parked <> ''"},
		store.WorkLeased:  {"INDEXED BY {p}work_leased WHERE state = 1"},
		store.WorkDead:    {"INDEXED BY {p}work_dead WHERE kind = KIND AND state = 3"},
	}
	var arms []string
	for _, s := range q.States {
		parts, isSmall := of[s]
		if !isSmall || q.Kind == "" {
			return ""
		}
		for _, p := range parts {
			arms = append(arms, "SELECT id FROM {p}work "+strings.ReplaceAll(p, "KIND", sqlText(q.Kind)))
		}
	}
	return " AND id IN (" + strings.Join(arms, " UNION ALL ") + ")"
}

// sqlText writes a string literal.
func sqlText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// CountWork counts by state; states that q does not select or that nothing is in are left out.
func (r *reader) CountWork(ctx context.Context, q store.WorkQuery) (map[store.WorkState]int, error) {
	if err := r.check(ctx); err != nil {
		return nil, err
	}
	wanted := q.States
	if len(wanted) == 0 {
		wanted = states[:]
	}
	cond, args := workFilter(q)
	args = append(args, q.Size())
	out := map[store.WorkState]int{}
	for _, s := range wanted {
		number, ok := stateNumber(s)
		if !ok {
			continue
		}
		one := q
		one.States = []store.WorkState{s}
		text := fmt.Sprintf("SELECT count(*) FROM (SELECT 1 FROM {p}work WHERE state = %d AND %s%s LIMIT ?+0)", number, cond, small(one))
		n, err := r.ses.number(text, args...)
		if err != nil {
			return nil, classify("count work", err)
		}
		if n > 0 {
			out[s] = int(n)
		}
	}
	return out, nil
}

// workFilter writes what q selects, but for the states.
func workFilter(q store.WorkQuery) (cond string, args []any) {
	conds := []string{"true"}
	add := func(c string, v any) { conds, args = append(conds, c), append(args, v) }
	if q.Kind != "" {
		add("kind = ?", q.Kind)
	}
	if q.Name != "" {
		add("name = ?", q.Name)
	}
	if q.EventID != 0 {
		add("event = ?", q.EventID)
	}
	if q.TicketID != 0 {
		add("ticket = ?", q.TicketID)
	}
	if q.BeforeID != 0 {
		add("id < ?", q.BeforeID)
	}
	return strings.Join(conds, " AND "), args
}

// insertWork parks the work at once where a lane holds it: see leasing. Work that its lane has already is not written:
// the index of what is to do says so, or, where that is done, the NULL. (SELECT in place of VALUES would make SQLite
// copy every page that it touches.)
const insertWork = `INSERT OR IGNORE INTO {p}work (id, kind, name, order_key, seq, hold_on_dead, after, due, state, epoch, attempt, leased_to,
	effect, event, ticket, error, created, finished, doc, parked)
	VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, CASE
		WHEN ?4 <> '' AND EXISTS (SELECT 1 FROM {p}work INDEXED BY {p}work_once
			WHERE order_key = ?4 AND seq = ?5 AND name = ?3 AND order_key <> '' AND state = 2) THEN NULL
		WHEN ?9 <> 0 THEN ''
		WHEN ?4 <> '' AND EXISTS (SELECT 1 FROM {p}work INDEXED BY {p}work_lane
			WHERE order_key = ?4 AND order_key <> '' AND state <> 2 AND (state < 2 OR ?6) AND (seq, id) < (?5, ?1)) THEN ?4
		WHEN ?7 <> '' AND EXISTS (SELECT 1 FROM {p}work INDEXED BY {p}work_lane
			WHERE order_key = ?7 AND order_key <> '' AND state <> 2 AND state < 2 AND seq <= ?5) THEN ?7
		ELSE '' END)`

// PutWork stores new work, or drops it where its lane has it already. ticket.ErrExists for an ID that other work has.
func (x *tx) PutWork(ctx context.Context, w *store.Work) error {
	stored, err := x.insertWork(ctx, w)
	if err == nil && !stored {
		return x.putBefore(w)
	}
	return err
}

// insertWork reports whether the work was stored: its ID and its place in its lane were free.
func (x *tx) insertWork(ctx context.Context, w *store.Work) (bool, error) {
	if w == nil {
		return false, invalid("work", ticket.FaultRequired, "is missing")
	}
	if err := x.checkPut(ctx, "work", w.ID); err != nil {
		return false, err
	}
	state, ok := stateNumber(w.State)
	if !ok && w.State != "" {
		return false, invalid("state", ticket.FaultUnknown, "%q is none of work", w.State)
	}
	n, err := x.ses.exec(insertWork, w.ID, w.Kind, w.Name, w.OrderKey, w.Seq, w.HoldOnDead, w.After, row.Micros(w.Due), state, w.Epoch, w.Attempt,
		row.Micros(w.LeasedTo), w.Effect, w.EventID, w.TicketID, w.Error, row.Micros(w.Created), row.Micros(w.Finished), nullable(w.Doc))
	if n > 0 {
		x.unit.woke = true
	}
	return n > 0, classify("put work", err)
}

// putBefore tells work that its lane has already, which is fine, from an ID that was used before.
func (x *tx) putBefore(w *store.Work) error {
	const text = `SELECT EXISTS (SELECT 1 FROM {p}work WHERE order_key = ?1 AND seq = ?2 AND name = ?3 AND order_key <> '' AND state <> 2)
		OR EXISTS (SELECT 1 FROM {p}work WHERE order_key = ?1 AND seq = ?2 AND name = ?3 AND order_key <> '' AND state = 2)`
	same, err := x.ses.number(text, w.OrderKey, w.Seq, w.Name)
	if err != nil || same > 0 {
		return classify("put work", err)
	}
	return fmt.Errorf("sqlite: work %d: %w", w.ID, ticket.ErrExists)
}

// Finish ends a lease.
func (x *tx) Finish(ctx context.Context, w *store.Work) error {
	if err := x.check(ctx); err != nil {
		return err
	}
	if w == nil {
		return invalid("work", ticket.FaultRequired, "is missing")
	}
	state, ok := stateNumber(w.State)
	if !ok || w.State == store.WorkLeased {
		return invalid("state", ticket.FaultState, "work ends a lease as done, dead or pending, not as %q", w.State)
	}
	finished := w.Finished
	if w.State == store.WorkPending {
		finished = time.Time{}
	}
	var lane string
	err := x.ses.row([]any{&lane}, `UPDATE {p}work SET state = ?3, due = ?4, error = ?5, doc = ?6, effect = max(effect, ?7), finished = ?8, leased_to = ?9, parked = ''
		WHERE id = ?1 AND epoch = ?2 AND state = 1 RETURNING order_key`,
		w.ID, w.Epoch, state, row.Micros(w.Due), w.Error, nullable(w.Doc), w.Effect, row.Micros(finished), row.Micros(time.Time{}))
	if errors.Is(err, sql.ErrNoRows) {
		return stale(w.ID, store.WorkLeased)
	}
	if err != nil {
		return classify("finish work", err)
	}
	x.unit.woke = true // pending again, or others of its lane may go
	return x.unpark(lane)
}

// MarkEffect sets Effect of leased work.
func (x *tx) MarkEffect(ctx context.Context, w *store.Work) error {
	if err := x.check(ctx); err != nil {
		return err
	}
	if w == nil {
		return invalid("work", ticket.FaultRequired, "is missing")
	}
	n, err := x.ses.exec("UPDATE {p}work SET effect = ? WHERE id = ? AND epoch = ? AND state = 1", w.Effect, w.ID, w.Epoch)
	if err == nil && n == 0 {
		return stale(w.ID, store.WorkLeased)
	}
	return classify("mark work", err)
}

// SetWork changes the state of work by hand. Work that is done or dead by hand counts as finished at due.
func (x *tx) SetWork(ctx context.Context, id int64, from, to store.WorkState, due time.Time) error {
	if err := x.check(ctx); err != nil {
		return err
	}
	was, ok := stateNumber(from)
	will, known := stateNumber(to)
	if !ok || !known || from == store.WorkLeased || to == store.WorkLeased {
		return invalid("state", ticket.FaultState, "work cannot be set from %q to %q by hand", from, to)
	}
	set := "state = ?3, finished = ?4, parked = ''"
	if to == store.WorkPending {
		set = "state = ?3, due = ?4, attempt = 0, finished = ?5, parked = ''"
	}
	args := []any{id, was, will, row.Micros(ticket.Time(due))}
	if to == store.WorkPending {
		args = append(args, row.Micros(time.Time{}))
	}
	var lane string
	err := x.ses.row([]any{&lane}, "UPDATE {p}work SET "+set+" WHERE id = ?1 AND state = ?2 RETURNING order_key", args...)
	if errors.Is(err, sql.ErrNoRows) {
		return stale(id, from)
	}
	if err != nil {
		return classify("set work", err)
	}
	x.unit.woke = true
	return x.unpark(lane)
}

// PruneWork deletes finished work, the oldest first.
func (x *tx) PruneWork(ctx context.Context, kind string, t time.Time, limit int) (int, error) {
	if err := x.check(ctx); err != nil {
		return 0, err
	}
	n, err := x.ses.exec(`DELETE FROM {p}work WHERE id IN (SELECT id FROM {p}work
		WHERE kind = ? AND state = 2 AND finished < ? ORDER BY finished, id LIMIT ?+0)`, kind, row.Micros(ticket.Time(t)), max(limit, 0))
	return int(n), classify("prune work", err)
}
