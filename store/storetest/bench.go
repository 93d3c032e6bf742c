package storetest

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Benchmark measures what a desk asks of a store most: to create a ticket with all that belongs to it (one caller, and
// 64), to change one, to show the first page of a list and a page deep in it, to read a thread, and to lease and finish
// work. The pages and threads are of a store of 2,000 tickets.
func Benchmark(b *testing.B, open Open) {
	b.Run("create", func(b *testing.B) {
		e := newEnv(b, open, &Options{})
		for b.Loop() {
			e.create(b)
		}
	})
	b.Run("create by 64", func(b *testing.B) { benchCreateTogether(b, newEnv(b, open, &Options{})) })
	b.Run("change", func(b *testing.B) {
		e := newEnv(b, open, &Options{})
		id := e.create(b)
		for b.Loop() {
			e.write(b, func(ctx context.Context, tx store.Tx) error {
				t, err := tx.LockTicket(ctx, id)
				if err != nil {
					return err
				}
				t.Version++
				t.UpdatedAt = t.UpdatedAt.Add(time.Second)
				return tx.PutTicket(ctx, t)
			})
		}
	})
	b.Run("lease and finish", benchLease(open))
	b.Run("read", func(b *testing.B) { benchReads(b, newEnv(b, open, &Options{})) })
}

// create writes a ticket, a message, an event, a delivery and a key in one transaction.
func (e *env) create(b testing.TB) int64 {
	b.Helper()
	id := e.id()
	e.write(b, func(ctx context.Context, tx store.Tx) error { return writeSet(ctx, tx, id) })
	return id
}

func benchCreateTogether(b *testing.B, e *env) {
	var left atomic.Int64
	left.Store(int64(b.N))
	b.ResetTimer()
	errs := together(64, func(int) error {
		for left.Add(-1) >= 0 {
			id := e.id()
			if err := e.Update(e.ctx, func(ctx context.Context, tx store.Tx) error { return writeSet(ctx, tx, id) }); err != nil {
				return err
			}
		}
		return nil
	})
	b.StopTimer()
	if err := firstError(errs...); err != nil {
		b.Fatal(err)
	}
}

// benchLease takes work in batches of ten; one operation is one work. Work is put again while the clock stands.
func benchLease(open Open) func(b *testing.B) {
	return func(b *testing.B) {
		e := newEnv(b, open, &Options{})
		r := request()
		r.Limit = 10
		var batch []*store.Work
		for b.Loop() {
			if len(batch) == 0 {
				b.StopTimer()
				e.manyWorks(b, r.Limit)
				b.StartTimer()
				batch = e.lease(b, r)
			}
			e.finish(b, batch[0], store.WorkDone, base)
			batch = batch[1:]
		}
	}
}

func benchReads(b *testing.B, e *env) {
	const tickets = 2000
	e.write(b, func(ctx context.Context, tx store.Tx) error {
		for range tickets {
			t := e.newTicket()
			if err := putAll(ctx, tx, t, e.newMessage(t, 1), e.newMessage(t, 2)); err != nil {
				return err
			}
		}
		return nil
	})
	page := func(q ticket.Query) func(b *testing.B) {
		return func(b *testing.B) {
			for b.Loop() {
				e.read(b, func(ctx context.Context, r store.Reader) error {
					page, err := r.Tickets(ctx, q, everything)
					if err == nil && len(page.Tickets) == 0 {
						err = fmt.Errorf("the page of %+v is empty", q)
					}
					return err
				})
			}
		}
	}
	b.Run("first page", page(ticket.Query{}))
	deep := ticket.Query{Limit: ticket.MaxPage}
	for range tickets / ticket.MaxPage / 2 {
		e.read(b, func(ctx context.Context, r store.Reader) error {
			p, err := r.Tickets(ctx, deep, everything)
			deep.Cursor = p.Next
			return err
		})
	}
	b.Run("deep page", page(ticket.Query{Cursor: deep.Cursor}))
	b.Run("scoped page", func(b *testing.B) {
		for b.Loop() {
			e.read(b, func(ctx context.Context, r store.Reader) error {
				return only(r.Tickets(ctx, ticket.Query{}, ticket.Scope{Places: []ticket.Place{{Department: "support"}, {Department: "sales"}}, Agent: "7"}))
			})
		}
	})
	b.Run("thread", func(b *testing.B) {
		for b.Loop() {
			e.read(b, func(ctx context.Context, r store.Reader) error {
				return only(r.Messages(ctx, ticket.MessageQuery{TicketID: 1}))
			})
		}
	})
}
