package remote

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/row"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Work that waits for a lane is parked when it is found: it is no longer ready, so that a hundred thousand pieces behind
// one that fails do not stand in the way of the rest. Who parks has locked something that holds it, and who ends that
// must wait, and sees then what is parked.

// leaseBatch is how much due work is looked at at once, at least.
const leaseBatch = 64

// Due looks for one piece of work that is due, or whose lease has ended.
func (r *reader) Due(ctx context.Context, q store.LeaseRequest) (bool, error) {
	if err := r.check(ctx); err != nil {
		return false, err
	}
	if r.unit != nil {
		if err := r.unit.free(); err != nil {
			return false, err
		}
	}
	due, found := row.Micros(ticket.Time(q.DueBy)), 0
	arms, args := []string{"EXISTS (SELECT 1 FROM {p}work w WHERE w.state = 1 AND w.leased_to <= {now} AND w.kind = ? AND w.due <= ?" + oneOfNames(q.Names) + ")"}, []any{q.Kind, due}
	args = append(args, values(q.Names)...)
	names, err := r.names(q)
	if err != nil {
		return false, err
	}
	for _, name := range names {
		arms = append(arms, "EXISTS (SELECT 1 FROM {p}work w WHERE w.ready = 1 AND w.kind = ? AND w.name = ? AND w.due <= ?)")
		args = append(args, q.Kind, name, due)
	}
	_, err = r.ses.row("look for due work", r.s.timed("SELECT CASE WHEN "+strings.Join(arms, " OR ")+" THEN 1 ELSE 0 END"), []any{&found}, args...)
	return found == 1, err
}

// timed puts the server's clock into a text.
func (s *Store) timed(text string) string { return strings.ReplaceAll(text, "{now}", s.d.Clock) }

func values(list []string) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = v
	}
	return out
}

func oneOfNames(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return " AND w.name IN (?" + strings.Repeat(", ?", len(names)-1) + ")"
}

// names lists whose work to look at: those that are asked for, or all that have some, each by one step into the index.
func (r *reader) names(q store.LeaseRequest) (out []string, err error) {
	if len(q.Names) > 0 {
		out = slices.Clone(q.Names)
		slices.Sort(out)
		return slices.Compact(out), nil
	}
	err = r.ses.each("look for due work", `WITH RECURSIVE n (name) AS (
			SELECT min(w.name) FROM {p}work w WHERE w.ready = 1 AND w.kind = ?
			UNION ALL SELECT (SELECT min(w.name) FROM {p}work w WHERE w.ready = 1 AND w.kind = ? AND w.name > n.name) FROM n WHERE n.name IS NOT NULL
		) SELECT name FROM n WHERE name IS NOT NULL`, func(scan Scan) error {
		var name string
		err := scan(&name)
		out = append(out, name)
		return err
	}, q.Kind, q.Kind)
	return out, err
}

// leasing is one run of Lease.
type leasing struct {
	x    *tx
	r    store.LeaseRequest
	now  int64 // store time
	out  []*store.Work
	held []waiting
	seen map[int64]bool
}

// waiting is work that a lane holds.
type waiting struct {
	*store.Work
	lane string
}

// Lease hands out due work, the longest due first.
func (x *tx) Lease(ctx context.Context, r store.LeaseRequest) ([]*store.Work, error) {
	if err := x.check(ctx); err != nil {
		return nil, err
	}
	if r.Limit <= 0 {
		return nil, nil
	}
	if err := x.unit.free(); err != nil {
		return nil, err
	}
	l := &leasing{x: x, r: r, seen: map[int64]bool{}}
	names, err := x.names(r)
	if err != nil {
		return nil, err
	}
	ended, err := l.ended()
	if err != nil {
		return nil, err
	}
	var fresh []candidate
	if len(names) > 0 {
		if fresh, err = l.ready(names); err != nil {
			return nil, err
		}
	}
	all := append(ended, fresh...)
	slices.SortFunc(all, func(a, b candidate) int { return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.ID, b.ID)) })
	for _, c := range all {
		switch {
		case c.lane != "":
			l.held = append(l.held, waiting(c))
		case len(l.out) < r.Limit:
			l.out = append(l.out, c.Work)
		}
	}
	return l.take()
}

// candidate is due work, locked, and the lane that holds it.
type candidate waiting

// free counts those that no lane holds.
func free(list []candidate) (n int) {
	for _, c := range list {
		if c.lane == "" {
			n++
		}
	}
	return n
}

// heldBy is the lane that w waits for, or ”.
const heldBy = `CASE
	WHEN w.order_key IS NOT NULL AND EXISTS (SELECT 1 FROM {p}work h WHERE h.order_key = w.order_key AND (h.state IN (0, 1) OR (h.state = 3 AND w.hold_on_dead = 1))
		AND (h.seq < w.seq OR (h.seq = w.seq AND h.id < w.id))) THEN w.order_key
	WHEN w.after_key <> '' AND EXISTS (SELECT 1 FROM {p}work h WHERE h.order_key = w.after_key AND h.state IN (0, 1) AND h.seq <= w.seq AND h.id <> w.id) THEN w.after_key
	ELSE '' END`

// ended lists work whose holder did not come back in time.
func (l *leasing) ended() ([]candidate, error) {
	args := append([]any{l.r.Kind, row.Micros(ticket.Time(l.r.DueBy))}, values(l.r.Names)...)
	out, _, err := l.candidates("{p}work w WHERE w.state = 1 AND w.leased_to <= {now} AND w.kind = ? AND w.due <= ?"+oneOfNames(l.r.Names), append(args, max(l.r.Limit, leaseBatch))...)
	return out, err
}

// ready lists due work that no lane is known to hold, until there is enough of it that none holds.
func (l *leasing) ready(names []string) (out []candidate, err error) {
	after := candidate{Work: &store.Work{Due: row.FromMicros(-1 << 62)}}
	look := l.r.Limit
	for ; free(out) < l.r.Limit; look = max(look, leaseBatch) {
		var arms []string
		var args []any
		for i, name := range names {
			arms = append(arms, "SELECT a"+string(rune('0'+i%10))+".id FROM (SELECT id FROM {p}work WHERE ready = 1 AND kind = ? AND name = ? AND due <= ?"+
				" AND due >= ? AND (due > ? OR id > ?) ORDER BY due, id LIMIT ?) a"+string(rune('0'+i%10)))
			from := row.Micros(after.Due)
			args = append(args, l.r.Kind, name, row.Micros(ticket.Time(l.r.DueBy)), from, from, after.ID, 2*look+leaseBatch)
		}
		some, n, err := l.candidates("("+strings.Join(arms, " UNION ALL ")+") c JOIN {p}work w ON w.id = c.id WHERE w.ready = 1 AND w.due <= ?",
			append(args, row.Micros(ticket.Time(l.r.DueBy)), look)...) // it may have been put off since it was found
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
		if n < look || len(some) == 0 {
			break
		}
		after = some[len(some)-1]
	}
	return out, nil
}

// candidates locks and lists work, and says how much of it there was with what was listed before.
func (l *leasing) candidates(from string, args ...any) (out []candidate, n int, err error) {
	text := l.x.s.timed(selectWork + ", " + heldBy + ", {now} FROM " + from + " ORDER BY w.due, w.id LIMIT ? " + l.x.s.d.SkipLocked)
	err = l.x.ses.each("lease work", text, func(scan Scan) error {
		var c candidate
		c.Work, err = scanWorkAnd(scan, &c.lane, &l.now)
		if err == nil && !l.seen[c.ID] { // one that was put off while we waited for it may come again behind the others
			l.seen[c.ID] = true
			out = append(out, c)
		}
		n++
		return err
	}, args...)
	return out, n, err
}

// take leases what is to be handed out, and parks what must wait.
func (l *leasing) take() ([]*store.Work, error) {
	if err := l.park(); err != nil {
		return nil, err
	}
	if len(l.out) == 0 {
		return nil, nil
	}
	to := row.Micros(ticket.Time(row.FromMicros(l.now).Add(l.r.TTL)))
	args := []any{to}
	for _, w := range l.out {
		w.State, w.LeasedTo = store.WorkLeased, row.FromMicros(to)
		w.Epoch++
		w.Attempt++
		args = append(args, w.ID)
	}
	err := l.x.ses.later(Statement{What: "lease work", Args: args, Text: "UPDATE {p}work SET state = 1, epoch = epoch + 1, attempt = attempt + 1, leased_to = ?, ready = 0, parked = NULL" +
		" WHERE id IN (?" + strings.Repeat(", ?", len(l.out)-1) + ")"})
	return l.out, err
}

// park lays aside what waits for a lane of which something that holds it can be locked. What cannot be is moving: the
// work stays ready, and is looked at again.
func (l *leasing) park() error {
	lanes := map[string][]waiting{}
	for _, w := range l.held {
		if w.State == store.WorkPending {
			lanes[w.lane] = append(lanes[w.lane], w)
		}
	}
	for lane, list := range lanes {
		for _, by := range []string{"0, 1", "3"} {
			left, err := l.parkBehind(lane, by, list)
			if err != nil {
				return err
			}
			if list = left; len(list) == 0 {
				break
			}
		}
	}
	return nil
}

// parkBehind parks what the first piece of a lane in one of the states holds, and returns what waits for a dead one.
func (l *leasing) parkBehind(lane, by string, list []waiting) (left []waiting, err error) {
	var seq, id int64
	const text = "SELECT w.seq, w.id FROM {p}work w WHERE w.order_key = ? AND w.state IN ({by}) ORDER BY w.seq, w.id LIMIT 1 "
	there, err := l.x.ses.row("look at a lane", strings.Replace(text, "{by}", by, 1)+l.x.s.d.SkipLocked, []any{&seq, &id}, lane)
	if err != nil {
		return nil, err
	}
	args := []any{lane}
	for _, w := range list {
		switch {
		case there && (seq < w.Seq || (seq == w.Seq && (lane == w.After || id < w.ID))):
			args = append(args, w.ID)
		case w.HoldOnDead && lane == w.OrderKey:
			left = append(left, w)
		}
	}
	if n := len(args) - 1; n > 0 {
		err = l.x.ses.later(Statement{What: "park work", Args: args, Text: "UPDATE {p}work SET ready = 0, parked = ? WHERE id IN (?" + strings.Repeat(", ?", n-1) + ")"})
	}
	return left, err
}

// unpark lets the work go that waits for the lane up to its first unfinished piece: when the part ends, with that of the
// other lanes that have moved.
func (u *unit) unpark(lane string) {
	if lane == "" {
		return
	}
	if u.moved == nil {
		u.moved = map[string]bool{}
	}
	u.moved[lane] = true
}

// free lets the work of the lanes go that have moved.
func (u *unit) free() error {
	moved := slices.Sorted(maps.Keys(u.moved)) // two who free the same lanes do not wait for each other
	clear(u.moved)
	for some := range slices.Chunk(moved, 500) {
		if err := u.freeSome(some); err != nil {
			return err
		}
	}
	return nil
}

func (u *unit) freeSome(lanes []string) error {
	if text := u.s.d.FreeLanes; text != nil {
		return u.ses.later(Statement{What: "free lanes", Text: text(len(lanes)), Args: values(lanes)})
	}
	if len(lanes) > 1 {
		var err error
		if lanes, err = u.waitedFor(lanes); err != nil {
			return err
		}
	}
	for _, lane := range lanes {
		err := u.ses.later(Statement{What: "free a lane", Args: []any{lane, lane}, Text: `UPDATE {p}work SET ready = 1, parked = NULL WHERE parked = ? AND seq <= coalesce(
			(SELECT seq FROM (SELECT min(h.seq) AS seq FROM {p}work h WHERE h.order_key = ? AND h.state IN (0, 1)) m), 9223372036854775807)`})
		if err != nil {
			return err
		}
	}
	return nil
}

// waitedFor are those of the lanes for which something is parked. What holds them is locked, and so nobody parks behind
// that any more.
func (u *unit) waitedFor(lanes []string) (out []string, err error) {
	text := "SELECT l.lane FROM (SELECT ? AS lane" + strings.Repeat(" UNION ALL SELECT ?", len(lanes)-1) + ") l WHERE EXISTS (SELECT 1 FROM {p}work w WHERE w.parked = l.lane)"
	err = u.ses.each("look at lanes", text, func(scan Scan) error {
		var lane string
		err := scan(&lane)
		out = append(out, lane)
		return err
	}, values(lanes)...)
	return out, err
}
