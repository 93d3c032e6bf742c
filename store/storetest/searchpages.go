package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func searchPages(t testing.TB, e *env) {
	docs := texts{}
	var want []int64
	at := base
	for i := range 25 {
		x := e.newTicket(func(x *ticket.Ticket) { x.UpdatedAt, x.Department = at, []string{"sales", "support"}[i%2] })
		at = at.Add(time.Second)
		e.put(t, x)
		docs[x.ID], want = store.Document{Body: "lamp"}, append([]int64{x.ID}, want...)
	}
	e.index(t, docs)
	sales := ticket.Scope{Places: []ticket.Place{{Department: "sales"}}}
	for _, limit := range []int{0, 1, 2, 24, 25, 26} {
		for _, ranked := range []bool{false, true} {
			q := asks("lamp")
			q.Filter.Limit, q.Ranked = limit, ranked
			if got := e.found(t, q, staff); !slices.Equal(got, want) {
				t.Errorf("pages of %d, ranked: %t: %v, want %v", limit, ranked, got, want)
			}
			if got := e.found(t, q, sales); len(got) != 13 {
				t.Errorf("pages of %d of one department: %v", limit, got)
			}
		}
	}
	moved := want[20]
	e.write(t, func(ctx context.Context, tx store.Tx) error {
		x, err := tx.LockTicket(ctx, moved)
		if err == nil {
			x.UpdatedAt = at
			err = tx.PutTicket(ctx, x)
		}
		return err
	})
	e.index(t, docs)
	want = append([]int64{moved}, slices.Delete(want, 20, 21)...)
	if got := e.found(t, asks("lamp"), staff); !slices.Equal(got, want) {
		t.Errorf("after a change: %v, want %v", got, want)
	}
}

func searchRanks(t testing.TB, e *env) {
	docs := texts{}
	put := func(d store.Document) *ticket.Ticket {
		x := e.newTicket()
		e.put(t, x)
		docs[x.ID] = d
		return x
	}
	notes := put(store.Document{Notes: "lamp", Body: "foot"})
	subject := put(store.Document{Subject: "lamp", Body: "lamp"})
	body := put(store.Document{Body: "lamp lamp lamp lamp", Subject: "foot"})
	code := put(store.Document{Codes: "lamp"})
	person := put(store.Document{People: "lamp"})
	both := put(store.Document{Subject: "lamp foot"})
	e.index(t, docs)
	for _, x := range []struct {
		q     store.SearchQuery
		scope ticket.Scope
		want  []*ticket.Ticket
	}{
		{asks("lamp"), staff, []*ticket.Ticket{code, both, subject, person, body, notes}},
		{asks("lamp"), everything, []*ticket.Ticket{code, both, subject, person, body}},
		{asks("lamp", "foot"), staff, []*ticket.Ticket{both, body, notes}},
		{asks("lamp|foot"), staff, []*ticket.Ticket{code, both, body, subject, person, notes}},
		{asks("body:lamp"), staff, []*ticket.Ticket{body, subject}},
		{asks("lam*", "-foot"), staff, []*ticket.Ticket{code, subject, person}},
	} {
		x.q.Ranked = true
		for _, x.q.Filter.Limit = range []int{0, 1, 2} {
			if got := e.found(t, x.q, x.scope); !slices.Equal(got, ids(x.want)) {
				t.Errorf("%v in pages of %d: %v, want %v", x.q, x.q.Filter.Limit, got, ids(x.want))
			}
		}
	}
}

// searchPagesAmong pages through tickets while others are changed and indexed.
func searchPagesAmong(t testing.TB, e *env) {
	docs := texts{}
	var still, moving []*ticket.Ticket
	for i := range 120 {
		x := e.newTicket(func(x *ticket.Ticket) { x.UpdatedAt = base.Add(time.Duration(i/3) * time.Millisecond) }) // some at once
		e.put(t, x)
		docs[x.ID] = store.Document{Body: "lamp"}
		if i%2 == 0 {
			still = append(still, x)
		} else {
			moving = append(moving, x)
		}
	}
	e.index(t, docs)
	errs := together(5, func(i int) error {
		if i == 4 {
			for round := range 30 {
				got, err := e.allFound(pageOf(asks("lamp"), 1+round%9), staff)
				if err != nil {
					return err
				}
				for _, x := range still {
					if n := count(got, x.ID); n != 1 {
						return fmt.Errorf("ticket %d, which nobody touches, is found %d times", x.ID, n)
					}
				}
			}
			return nil
		}
		for n := range 25 {
			x := moving[(n*4+i)%len(moving)].Clone()
			x.UpdatedAt = base.Add(time.Duration(n*7+i) * time.Millisecond)
			if err := e.Update(e.ctx, func(ctx context.Context, tx store.Tx) error { return tx.PutTicket(ctx, x) }); err != nil {
				return err
			}
			stale, err := e.searcher().Stale(e.ctx, 3)
			if err != nil {
				return err
			}
			list, err := e.documentsOf(stale, docs)
			if err != nil {
				return err
			}
			if _, err := e.searcher().Index(e.ctx, list); err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
}

func pageOf(q store.SearchQuery, limit int) store.SearchQuery {
	q.Filter.Limit = limit
	return q
}

func count(list []int64, id int64) (n int) {
	for _, v := range list {
		if v == id {
			n++
		}
	}
	return n
}
