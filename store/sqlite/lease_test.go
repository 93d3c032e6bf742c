package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
)

var leaseTime = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// fill puts n pieces of due work, in transactions of 10,000.
func fill(t testing.TB, s *sqlite.Store, n int, make func(i int) *store.Work) {
	t.Helper()
	for from := 0; from < n; from += 10000 {
		err := s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
			for i := from; i < min(n, from+10000); i++ {
				w := make(i)
				w.ID, w.Kind, w.Due = int64(i+1), "delivery", w.Due.Add(time.Duration(i)*time.Microsecond)
				if err := tx.PutWork(ctx, w); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func lease(t testing.TB, s *sqlite.Store, limit int, names ...string) (list []*store.Work) {
	t.Helper()
	err := s.Update(t.Context(), func(ctx context.Context, tx store.Tx) (err error) {
		list, err = tx.Lease(ctx, store.LeaseRequest{Kind: "delivery", Names: names, DueBy: leaseTime.Add(time.Hour), TTL: time.Hour, Limit: limit})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func finish(t testing.TB, s *sqlite.Store, list []*store.Work, state store.WorkState, due time.Time) {
	t.Helper()
	err := s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
		for _, w := range list {
			w.State, w.Due, w.Finished = state, due, leaseTime
			if err := tx.Finish(ctx, w); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestLeaseAmongMany(t *testing.T) {
	t.Parallel()
	n := 10_000 // measured with 100,000: the figures are the same
	if many, err := strconv.Atoi(os.Getenv("HELPDESK_WORKS")); err == nil && many > 0 {
		n = many
	}
	due := func(w store.Work) *store.Work { w.Due = leaseTime; return &w }
	cases := []struct {
		name  string
		make  func(i int) *store.Work
		names []string
		first int // how many the first lease finds
	}{
		{"each in a lane of its own", func(i int) *store.Work {
			return due(store.Work{Name: "crm", OrderKey: fmt.Sprint("crm/", i), Seq: 1})
		}, nil, 20},
		{"in ten lanes", func(i int) *store.Work {
			return due(store.Work{Name: "crm", OrderKey: fmt.Sprint("crm/", i%10), Seq: int64(i)})
		}, nil, 10},
		{"in one lane", func(i int) *store.Work {
			return due(store.Work{Name: "crm", OrderKey: "crm", Seq: int64(i)})
		}, nil, 1},
		{"behind work of a binding that nobody serves", func(i int) *store.Work {
			if i == n-1 {
				return due(store.Work{Name: "crm"})
			}
			return due(store.Work{Name: "gone"})
		}, []string{"crm"}, 1},
		{"waiting for another lane", func(i int) *store.Work {
			if i == 0 {
				return due(store.Work{Name: "rules", OrderKey: "rules"})
			}
			return due(store.Work{Name: "crm", OrderKey: fmt.Sprint("crm/", i), After: "rules", Seq: int64(i)})
		}, nil, 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := open(t, calm())
			fill(t, s, n, c.make)
			took := make([]time.Duration, 4)
			for i := range took {
				begun := time.Now()
				list := lease(t, s, 20, c.names...)
				took[i] = time.Since(begun)
				if i == 0 && len(list) != c.first {
					t.Errorf("%d were leased, want %d", len(list), c.first)
				}
				finish(t, s, list, store.WorkDone, leaseTime)
			}
			t.Logf("%d due: leases took %v", n, took)
		})
	}
}

func TestParkedWorkGoesOn(t *testing.T) {
	t.Parallel()
	s := open(t, calm())
	const n = 300
	fill(t, s, n, func(i int) *store.Work {
		w := &store.Work{Name: "crm", OrderKey: fmt.Sprint("crm/", i%3), Seq: int64(i), Due: leaseTime}
		if i%2 == 0 {
			w = &store.Work{Name: "notify", OrderKey: fmt.Sprint("notify/", i%5), After: fmt.Sprint("crm/", i%3), Seq: int64(i), Due: leaseTime}
		}
		return w
	})
	last := map[string]int64{}
	done := 0
	for {
		list := lease(t, s, 7)
		if len(list) == 0 {
			break
		}
		for _, w := range list {
			if w.Seq < last[w.OrderKey] {
				t.Errorf("%s %d came after %d", w.OrderKey, w.Seq, last[w.OrderKey])
			}
			last[w.OrderKey] = w.Seq
		}
		done += len(list)
		state := store.WorkDone
		if done%4 == 0 {
			state = store.WorkDead // holds nobody up here
		}
		finish(t, s, list, state, leaseTime)
	}
	if done != n {
		t.Errorf("%d of %d were done: the rest is forgotten", done, n)
	}
}
