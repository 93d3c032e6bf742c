package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// The types below are readers and transactions of which one method is wrong.

type forgetsBcc struct{ store.Reader }

func (r forgetsBcc) Message(ctx context.Context, id int64) (*ticket.Message, error) {
	m, err := r.Reader.Message(ctx, id)
	if err == nil {
		m.Bcc = nil
	}
	return m, err
}

type generous struct{ store.Tx }

func (x generous) Reserve(ctx context.Context, kind, key string, id int64) (int64, error) {
	_, err := x.Tx.Reserve(ctx, kind, key, id)
	return id, err
}

type backward struct{ store.Reader }

func (r backward) Linked(ctx context.Context, kind, key string) ([]int64, error) {
	list, err := r.Reader.Linked(ctx, kind, key)
	slices.Reverse(list)
	return list, err
}

type overwrites struct{ store.Tx }

func (x overwrites) PutRecord(ctx context.Context, r *store.Record) error {
	c := *r
	c.Version = store.AnyVersion
	return x.Tx.PutRecord(ctx, &c)
}

type cuts struct{ store.Tx }

func (x cuts) PutChunk(ctx context.Context, blob string, n int, data []byte) error {
	return x.Tx.PutChunk(ctx, blob, n, data[:min(len(data), store.ChunkSize)])
}

type unwatched struct{ store.Reader }

func (r unwatched) Tickets(ctx context.Context, q ticket.Query, scope ticket.Scope) (ticket.Page, error) {
	q.Watcher = ""
	return r.Reader.Tickets(ctx, q, scope)
}

type indiscreet struct{ store.Reader }

func (r indiscreet) Ticket(ctx context.Context, id int64, _ ticket.Scope) (*ticket.Ticket, error) {
	return r.Reader.Ticket(ctx, id, everything)
}

type dropsLast struct{ store.Reader }

func (r dropsLast) Tickets(ctx context.Context, q ticket.Query, scope ticket.Scope) (ticket.Page, error) {
	page, err := r.Reader.Tickets(ctx, q, scope)
	if page.Next != "" {
		page.Tickets = page.Tickets[:len(page.Tickets)-1]
	}
	return page, err
}

type unkind struct{ store.Reader }

func (r unkind) Messages(ctx context.Context, q ticket.MessageQuery) ([]*ticket.Message, error) {
	q.Kinds = nil
	return r.Reader.Messages(ctx, q)
}

type skipsTies struct{ store.Reader }

func (r skipsTies) Events(ctx context.Context, q ticket.EventQuery) ([]*ticket.Event, error) {
	if q.AfterID > 0 {
		q.Since, q.AfterID = q.Since.Add(time.Microsecond), 0
	}
	return r.Reader.Events(ctx, q)
}

type putsTwice struct{ store.Tx }

func (x putsTwice) PutWork(ctx context.Context, w *store.Work) error {
	if err := x.Tx.PutWork(ctx, w); err != nil {
		return err
	}
	if _, err := x.Work(ctx, w.ID); errors.Is(err, ticket.ErrNotFound) {
		c := *w
		c.Name += fmt.Sprint(w.ID)
		return x.Tx.PutWork(ctx, &c)
	}
	return nil
}

type nameless struct{ store.Tx }

func (x nameless) Lease(ctx context.Context, r store.LeaseRequest) ([]*store.Work, error) {
	r.Names = nil
	return x.Tx.Lease(ctx, r)
}

// anyName forgets the names once somebody has left work behind.
type anyName struct{ store.Tx }

func (x anyName) Lease(ctx context.Context, r store.LeaseRequest) ([]*store.Work, error) {
	left, err := x.Works(ctx, store.WorkQuery{States: []store.WorkState{store.WorkLeased}})
	if err != nil {
		return nil, err
	}
	if len(left) > 0 {
		r.Names = nil
	}
	return x.Tx.Lease(ctx, r)
}

type epochless struct{ store.Tx }

func (x epochless) Lease(ctx context.Context, r store.LeaseRequest) ([]*store.Work, error) {
	list, err := x.Tx.Lease(ctx, r)
	for _, w := range list {
		w.Epoch = 1
	}
	return list, err
}

// current is w with the epoch that the store has, so that no fence stops it.
func current(ctx context.Context, x store.Tx, w *store.Work) *store.Work {
	c := *w
	if stored, err := x.Work(ctx, w.ID); err == nil {
		c.Epoch = stored.Epoch
	}
	return &c
}

type fenceless struct{ store.Tx }

func (x fenceless) Finish(ctx context.Context, w *store.Work) error {
	return x.Tx.Finish(ctx, current(ctx, x, w))
}

type marksAnyhow struct{ store.Tx }

func (x marksAnyhow) MarkEffect(ctx context.Context, w *store.Work) error {
	return x.Tx.MarkEffect(ctx, current(ctx, x, w))
}

// laneless hands out what is due although its lane holds it.
type laneless struct{ store.Tx }

func (x laneless) Lease(ctx context.Context, r store.LeaseRequest) ([]*store.Work, error) {
	list, err := x.Tx.Lease(ctx, r)
	if err != nil {
		return nil, err
	}
	rest, err := x.Works(ctx, store.WorkQuery{Kind: r.Kind, States: []store.WorkState{store.WorkPending}})
	for _, w := range rest {
		if len(list) < r.Limit && (w.OrderKey != "" || w.After != "") && !w.Due.After(r.DueBy) {
			w.State, w.Epoch, w.Attempt = store.WorkLeased, w.Epoch+1, w.Attempt+1
			list = append(list, w)
		}
	}
	return list, err
}

type forces struct{ store.Tx }

func (x forces) SetWork(ctx context.Context, id int64, from, to store.WorkState, at time.Time) error {
	err := x.Tx.SetWork(ctx, id, from, to, at)
	if w, missing := x.Work(ctx, id); errors.Is(err, store.ErrStale) && missing == nil {
		return x.Tx.SetWork(ctx, id, w.State, to, at)
	}
	return err
}

type prunesAll struct{ store.Tx }

func (x prunesAll) PruneWork(ctx context.Context, kind string, _ time.Time, limit int) (int, error) {
	return x.Tx.PruneWork(ctx, kind, base.Add(1000*time.Hour), limit)
}

type countsAll struct{ store.Reader }

func (r countsAll) CountWork(ctx context.Context, q store.WorkQuery) (map[store.WorkState]int, error) {
	q.Limit = 1000
	return r.Reader.CountWork(ctx, q)
}
