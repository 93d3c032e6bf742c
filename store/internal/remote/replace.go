package remote

import (
	"context"
	"errors"

	"github.com/helpdeskgo/helpdesk/store"
)

// replacing puts work in the place of what is there.
type replacing struct {
	x      *tx
	there  map[int64]string // lanes of the work that has the ids, "" for none
	parked bool             // something waits for a lane
	lanes  map[string]bool  // that may be free now
}

// worksAmong finds out which of the work among the rows is there. It asks nothing where there is no work.
func (x *tx) worksAmong(rows []store.Row) (*replacing, error) {
	p := &replacing{x: x, there: map[int64]string{}, lanes: map[string]bool{}}
	var ids []any
	for _, one := range rows {
		if one.Work != nil {
			ids = append(ids, one.Work.ID)
		}
	}
	if len(ids) == 0 {
		return p, nil
	}
	err := x.ses.each("look at work", "SELECT id, coalesce(order_key, '') FROM {p}work WHERE id IN ("+marks(len(ids))+")", func(scan Scan) error {
		var id int64
		var lane string
		err := scan(&id, &lane)
		p.there[id] = lane
		return err
	}, ids...)
	if err != nil {
		return nil, err
	}
	var n int
	p.parked, err = x.ses.row("look for work that waits", "SELECT 1 FROM {p}work WHERE parked IS NOT NULL LIMIT 1", []any{&n})
	return p, err
}

// put stores work in the place of what has its id, and of what its lane has by its name.
func (p *replacing) put(ctx context.Context, w *store.Work) error {
	var errs []error
	if lane, ok := p.there[w.ID]; ok {
		errs = append(errs, p.x.write(ctx, "remove work", "DELETE FROM {p}work WHERE id = ?", w.ID))
		p.lanes[lane] = true
	}
	if w.OrderKey != "" {
		errs = append(errs, p.x.write(ctx, "remove work", "DELETE FROM {p}work WHERE order_key = ? AND seq = ? AND name = ?", w.OrderKey, w.Seq, w.Name))
		p.lanes[w.OrderKey] = true
	}
	p.there[w.ID] = w.OrderKey
	return errors.Join(append(errs, p.x.PutWork(ctx, w))...)
}

// unpark lets go what waited for the lanes that have changed.
func (p *replacing) unpark() {
	for lane := range p.lanes {
		if p.parked {
			p.x.unit.unpark(lane)
		}
	}
}

// removeWork removes work, and lets go what waited for its lane.
func (x *tx) removeWork(ctx context.Context, id int64) error {
	var lane string
	there, err := x.ses.row("look at work", "SELECT coalesce(order_key, '') FROM {p}work WHERE id = ?", []any{&lane}, id)
	if err != nil || !there {
		return err
	}
	x.unit.unpark(lane)
	return x.write(ctx, "remove work", "DELETE FROM {p}work WHERE id = ?", id)
}
