package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/row"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// leaseBatch is how many candidates are looked at at once.
const leaseBatch = 64

// candidate is due work that may have to wait for other work.
type candidate struct {
	due, id int64
}

func (c candidate) compare(d candidate) int {
	return cmp.Or(cmp.Compare(c.due, d.due), cmp.Compare(c.id, d.id))
}

// Lease hands out due work, the longest due first. Work that waits for a lane is parked, when it is put or else when it
// is found here: it is not in the index of what is due, so that a hundred thousand pieces behind one that fails do not
// stand in the way of the rest.
func (x *tx) Lease(ctx context.Context, r store.LeaseRequest) ([]*store.Work, error) {
	if err := x.check(ctx); err != nil {
		return nil, err
	}
	l := &leasing{x: x, r: r, now: ticket.Time(x.unit.s.opts.Now()).UnixMicro()}
	l.to = ticket.Time(row.FromMicros(l.now).Add(r.TTL)).UnixMicro()
	streams, err := l.streams()
	if err != nil {
		return nil, classify("lease work", err)
	}
	for len(l.out) < r.Limit {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		c, ok, err := l.pop(streams)
		if err == nil && ok {
			err = l.try(c)
		}
		if err != nil {
			return nil, classify("lease work", err)
		}
		if !ok {
			break
		}
	}
	return l.out, nil
}

// Due looks for one piece of work that is due, or whose lease has ended.
func (r *reader) Due(ctx context.Context, q store.LeaseRequest) (bool, error) {
	if err := r.check(ctx); err != nil {
		return false, err
	}
	now, due := ticket.Time(r.now()).UnixMicro(), row.Micros(ticket.Time(q.DueBy))
	const pending = "SELECT EXISTS (SELECT 1 FROM {p}work INDEXED BY {p}work_due WHERE kind = ? AND name = ? AND due <= ? AND state = 0 AND parked = '')"
	for _, name := range q.Names {
		if n, err := r.ses.number(pending, q.Kind, name, due); err != nil || n > 0 {
			return n > 0, classify("look for due work", err)
		}
	}
	const unnamed = "SELECT EXISTS (SELECT 1 FROM {p}work INDEXED BY {p}work_due WHERE kind = ? AND due <= ? AND state = 0 AND parked = '')"
	if len(q.Names) == 0 {
		if n, err := r.ses.number(unnamed, q.Kind, due); err != nil || n > 0 {
			return n > 0, classify("look for due work", err)
		}
	}
	found := false
	err := r.ses.each(func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		found = found || len(q.Names) == 0 || slices.Contains(q.Names, name)
		return err
	}, "SELECT name FROM {p}work INDEXED BY {p}work_leased WHERE state = 1 AND leased_to <= ? AND kind = ? AND due <= ?", now, q.Kind, due)
	return found, classify("look for due work", err)
}

// leasing is one run of Lease.
type leasing struct {
	x       *tx
	r       store.LeaseRequest
	now, to int64 // store time
	out     []*store.Work
}

// stream is the candidates of one name, fetched batch by batch.
type stream struct {
	name string
	list []candidate
	last candidate // fetched
	more bool
}

// streams opens a stream for every name, and one for leases that have ended.
func (l *leasing) streams() ([]*stream, error) {
	names, err := l.names()
	if err != nil {
		return nil, err
	}
	ended, err := l.ended()
	all := []*stream{{list: ended}}
	for _, name := range names {
		all = append(all, &stream{name: name, last: candidate{due: minTime}, more: true})
	}
	return all, err
}

// pop takes the candidate that has been due longest.
func (l *leasing) pop(streams []*stream) (c candidate, ok bool, err error) {
	var from *stream
	for _, s := range streams {
		if len(s.list) == 0 && s.more {
			if err := l.fetch(s); err != nil {
				return c, false, err
			}
		}
		if len(s.list) > 0 && (from == nil || s.list[0].compare(from.list[0]) < 0) {
			from = s
		}
	}
	if from == nil {
		return c, false, nil
	}
	c, from.list = from.list[0], from.list[1:]
	return c, true, nil
}

// ended lists work whose holder did not come back in time.
func (l *leasing) ended() (out []candidate, err error) {
	var name string
	err = l.x.ses.each(func(rows *sql.Rows) error {
		var c candidate
		err := rows.Scan(&c.due, &c.id, &name)
		if len(l.r.Names) == 0 || slices.Contains(l.r.Names, name) {
			out = append(out, c)
		}
		return err
	}, `SELECT due, id, name FROM {p}work INDEXED BY {p}work_leased
		WHERE state = 1 AND leased_to <= ? AND kind = ? AND due <= ? ORDER BY due, id`, l.now, l.r.Kind, row.Micros(ticket.Time(l.r.DueBy)))
	return out, err
}

// names lists whose work to look at.
func (l *leasing) names() ([]string, error) {
	if len(l.r.Names) > 0 {
		names := slices.Clone(l.r.Names)
		slices.Sort(names)
		return slices.Compact(names), nil
	}
	var names []string
	const first = "SELECT name FROM {p}work INDEXED BY {p}work_due WHERE kind = ? AND state = 0 AND parked = '' ORDER BY name LIMIT 1"
	const after = "SELECT name FROM {p}work INDEXED BY {p}work_due WHERE kind = ? AND name > ? AND state = 0 AND parked = '' ORDER BY name LIMIT 1"
	var name string
	for err := l.x.ses.row([]any{&name}, first, l.r.Kind); ; err = l.x.ses.row([]any{&name}, after, l.r.Kind, name) {
		if errors.Is(err, sql.ErrNoRows) {
			return names, nil
		}
		if err != nil {
			return nil, err
		}
		names = append(names, name)
	}
}

// fetch gets the next batch of a stream.
func (l *leasing) fetch(s *stream) error {
	const text = `SELECT due, id FROM {p}work INDEXED BY {p}work_due
		WHERE kind = ? AND name = ? AND state = 0 AND parked = '' AND due <= ? AND (due, id) > (?, ?) ORDER BY due, id LIMIT ?+0`
	s.list = make([]candidate, 0, leaseBatch)
	err := l.x.ses.each(func(rows *sql.Rows) error {
		err := rows.Scan(&s.last.due, &s.last.id)
		s.list = append(s.list, s.last)
		return err
	}, text, l.r.Kind, s.name, row.Micros(ticket.Time(l.r.DueBy)), s.last.due, s.last.id, leaseBatch)
	s.more = len(s.list) == leaseBatch
	return err
}

// minTime is before every time in a column.
const minTime = -1 << 63

// try leases a candidate, or parks it where another lane holds it.
func (l *leasing) try(c candidate) error {
	w, err := l.x.work(c.id)
	if err != nil {
		return err
	}
	lane, err := l.x.heldBy(w)
	if err != nil {
		return err
	}
	if lane != "" {
		_, err := l.x.ses.exec("UPDATE {p}work SET parked = ? WHERE id = ? AND state = 0", lane, w.ID)
		return err
	}
	w.State, w.LeasedTo = store.WorkLeased, row.FromMicros(l.to)
	w.Epoch++
	w.Attempt++
	_, err = l.x.ses.exec("UPDATE {p}work SET state = 1, epoch = ?, attempt = ?, leased_to = ? WHERE id = ?", w.Epoch, w.Attempt, l.to, w.ID)
	l.out = append(l.out, w)
	return err
}

// heldBy returns the lane that w waits for, or "".
func (x *tx) heldBy(w *store.Work) (string, error) {
	const (
		lane    = "SELECT EXISTS (SELECT 1 FROM {p}work  WHERE order_key = ?1 AND order_key <> '' AND state <> 2 AND "
		own     = lane + "state < 2 AND (seq, id) < (?2, ?3))"
		ownDead = lane + "(seq, id) < (?2, ?3))"
		other   = lane + "state < 2 AND seq <= ?2 AND id <> ?3)"
	)
	if w.OrderKey != "" {
		text := own
		if w.HoldOnDead {
			text = ownDead
		}
		if held, err := x.ses.number(text, w.OrderKey, w.Seq, w.ID); err != nil || held != 0 {
			return w.OrderKey, err
		}
	}
	if w.After != "" {
		if held, err := x.ses.number(other, w.After, w.Seq, w.ID); err != nil || held != 0 {
			return w.After, err
		}
	}
	return "", nil
}

// unpark lets the work go that waited for the lane up to its first unfinished piece.
func (x *tx) unpark(lane string) error {
	if lane == "" {
		return nil
	}
	_, err := x.ses.exec(`UPDATE {p}work SET parked = '' WHERE parked = ?1 AND parked <> '' AND seq <= coalesce(
		(SELECT min(seq) FROM {p}work  WHERE order_key = ?1 AND order_key <> '' AND state <> 2 AND state < 2), 9223372036854775807)`, lane)
	return classify("free a lane", err)
}
