package storetest

import (
	"context"
	"slices"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
)

// brokenMover wraps a good store, one method of whose moving is wrong.
func brokenMover(spoil func(store.Mover) store.Mover) func() store.Store {
	return func() store.Store {
		inner := memory.New(nil)
		s := &spoiledMover{Mover: spoil(inner)}
		s.wrapped = wrapped{Store: inner, owner: s}
		return s
	}
}

type spoiledMover struct {
	wrapped
	store.Mover
}

// skipping loses the row after each list that is full.
type skipping struct{ store.Mover }

func (m skipping) Rows(ctx context.Context, kind store.RowKind, after *store.Place, limit int) ([]store.Row, error) {
	rows, err := m.Mover.Rows(ctx, kind, after, limit)
	if after != nil && len(rows) == limit && limit > 1 {
		rows = rows[1:]
	}
	return rows, err
}

// sparing gives what is large without its text.
type sparing struct{ store.Mover }

func (m sparing) Rows(ctx context.Context, kind store.RowKind, after *store.Place, limit int) ([]store.Row, error) {
	rows, err := m.Mover.Rows(ctx, kind, after, limit)
	for _, r := range rows {
		if r.Message != nil && len(r.Message.Body) > 1<<19 {
			r.Message.Body = r.Message.Body[:1<<19]
		}
	}
	return rows, err
}

// counting takes moving for writing.
type counting struct{ store.Mover }

func (m counting) PutRows(ctx context.Context, rows []store.Row) error {
	rows = slices.Clone(rows)
	for i, r := range rows {
		if r.Record != nil {
			c := *r.Record
			c.Version++
			rows[i].Record = &c
		}
	}
	return m.Mover.PutRows(ctx, rows)
}

// freeing thinks that nobody holds what has moved.
type freeing struct{ store.Mover }

func (m freeing) PutRows(ctx context.Context, rows []store.Row) error {
	rows = slices.Clone(rows)
	for i, r := range rows {
		if r.Work != nil && r.Work.State == store.WorkLeased {
			c := *r.Work
			c.State = store.WorkPending
			rows[i].Work = &c
		}
	}
	return m.Mover.PutRows(ctx, rows)
}

// halting puts rows one by one, each for good.
type halting struct{ store.Mover }

func (m halting) PutRows(ctx context.Context, rows []store.Row) error {
	for _, r := range rows {
		if err := m.Mover.PutRows(ctx, []store.Row{r}); err != nil {
			return err
		}
	}
	return nil
}

type leaving struct{ store.Mover }

func (m leaving) RemoveRows(ctx context.Context, kind store.RowKind, places []store.Place) error {
	if len(places) > 1 {
		places = places[:len(places)-1]
	}
	return m.Mover.RemoveRows(ctx, kind, places)
}

type lifting struct{ store.Mover }

func (m lifting) RaiseSequences(ctx context.Context, list []store.Sequence) error {
	return m.Mover.RaiseSequences(ctx, list[:min(1, len(list))])
}
