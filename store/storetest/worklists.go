package storetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
)

var workLists = []proof{
	{"every filter selects what it names, by id descending", workFilters},
	{"work is listed in pages within the limits", workPages},
	{"counts go by state and stop at the limit", workCounts},
}

func workFilters(t testing.TB, e *env) {
	var list []*store.Work
	for i := range int64(24) {
		w := e.newWork(func(w *store.Work) {
			w.Kind, w.Name = []string{"delivery", "timer"}[i%2], []string{"mail", "crm", "rules"}[i%3]
			w.EventID, w.TicketID, w.Due = i%4, i%5, base.Add(-time.Duration(i)*time.Minute)
		})
		e.put(t, w)
		list = append(list, w)
	}
	r := request()
	r.Limit = 4
	for i, w := range e.lease(t, r) {
		if i > 0 {
			e.finish(t, w, []store.WorkState{"", store.WorkDone, store.WorkDead, store.WorkPending}[i], base)
		}
	}
	for i, w := range list {
		list[i] = e.loaded(t, w).(*store.Work)
	}
	for _, q := range []store.WorkQuery{
		{}, {Kind: "timer"}, {Name: "crm"}, {EventID: 3}, {TicketID: 2}, {States: []store.WorkState{store.WorkDead}},
		{States: []store.WorkState{store.WorkLeased, store.WorkDone}}, {BeforeID: list[10].ID}, {BeforeID: list[10].ID, Limit: 3},
		{Kind: "delivery", Name: "mail", States: []store.WorkState{store.WorkPending}, BeforeID: list[20].ID}, {Kind: "Timer"}, {EventID: 99},
		{Kind: "timer", Limit: 5},
	} {
		got := e.works(t, q)
		want := chosen(list, q)
		if len(got) != len(want) {
			t.Errorf("%+v: got works %v, want %v", q, ids(got), ids(want))
			continue
		}
		for i := range got {
			same(t, "work", got[i], want[i])
		}
	}
}

// chosen is what q selects from a list that is ascending by id.
func chosen(list []*store.Work, q store.WorkQuery) []*store.Work {
	var out []*store.Work
	for _, w := range slices.Backward(list) {
		if (q.Kind == "" || q.Kind == w.Kind) && (q.Name == "" || q.Name == w.Name) && (q.EventID == 0 || q.EventID == w.EventID) &&
			(q.TicketID == 0 || q.TicketID == w.TicketID) && (q.BeforeID == 0 || w.ID < q.BeforeID) &&
			(len(q.States) == 0 || slices.Contains(q.States, w.State)) && (q.Limit == 0 || len(out) < q.Limit) {
			out = append(out, w)
		}
	}
	return out
}

// manyWorks stores n works in one transaction.
func (e *env) manyWorks(t testing.TB, n int) {
	t.Helper()
	e.write(t, func(ctx context.Context, tx store.Tx) error {
		for range n {
			if err := tx.PutWork(ctx, e.newWork()); err != nil {
				return err
			}
		}
		return nil
	})
}

func workPages(t testing.TB, e *env) {
	e.manyWorks(t, 1010)
	for limit, want := range map[int]int{0: 50, -1: 50, 7: 7, 1000: 1000, 5000: 1000} {
		if got := len(e.works(t, store.WorkQuery{Limit: limit})); got != want {
			t.Errorf("limit %d lists %d works, want %d", limit, got, want)
		}
	}
	var all []int64
	for q := (store.WorkQuery{Limit: 300}); len(all) <= 1010; {
		page := ids(e.works(t, q))
		if len(page) == 0 {
			break
		}
		all = append(all, page...)
		q.BeforeID = page[len(page)-1]
	}
	slices.Reverse(all)
	same(t, "all pages", all, upTo(1, 1010))
}

func workCounts(t testing.TB, e *env) {
	e.manyWorks(t, 60)
	r := request()
	r.Limit = 12
	for i, w := range e.lease(t, r) {
		if i >= 5 {
			e.finish(t, w, []store.WorkState{store.WorkDone, store.WorkDead}[i%2], base)
		}
	}
	count := func(q store.WorkQuery) map[store.WorkState]int {
		var out map[store.WorkState]int
		e.read(t, func(ctx context.Context, r store.Reader) (err error) {
			out, err = r.CountWork(ctx, q)
			return err
		})
		for state, n := range out {
			if n == 0 {
				delete(out, state)
			}
		}
		return out
	}
	type counts = map[store.WorkState]int
	same(t, "all", count(store.WorkQuery{Limit: 1000}), counts{store.WorkPending: 48, store.WorkLeased: 5, store.WorkDone: 3, store.WorkDead: 4})
	same(t, "at most 4", count(store.WorkQuery{Limit: 4}), counts{store.WorkPending: 4, store.WorkLeased: 4, store.WorkDone: 3, store.WorkDead: 4})
	same(t, "two states", count(store.WorkQuery{States: []store.WorkState{store.WorkDead, store.WorkLeased}}),
		counts{store.WorkLeased: 5, store.WorkDead: 4})
	same(t, "before an id", count(store.WorkQuery{BeforeID: 4}), counts{store.WorkLeased: 3})
	same(t, "another kind", count(store.WorkQuery{Kind: "timer"}), counts{})
}
