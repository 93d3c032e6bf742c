package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/helpdeskgo/helpdesk/store"
)

var idProofs = []proof{
	{"32 callers get no id twice", idsUnique},
	{"a new sequence starts at 1 and has no gaps while nothing fails", idsFromOne},
	{"sequences do not share their numbers", idsSeparate},
	{"an id that was committed does not come again after rollbacks", idsAfterRollback},
}

// newIDs commits n ids of a sequence in one transaction.
func (e *env) newIDs(sequence string, n int) ([]int64, error) {
	var out []int64
	err := e.Update(e.ctx, func(ctx context.Context, tx store.Tx) error {
		out = out[:0]
		for range n {
			id, err := tx.NewID(ctx, sequence)
			if err != nil {
				return err
			}
			out = append(out, id)
		}
		return nil
	})
	return out, err
}

func idsUnique(t testing.TB, e *env) {
	var mu sync.Mutex
	seen := map[int64]bool{}
	errs := together(32, func(i int) error {
		for range 10 {
			got, err := e.newIDs("ticket", 1+i%3)
			if err != nil {
				return err
			}
			mu.Lock()
			for _, id := range got {
				if seen[id] || id <= 0 {
					err = fmt.Errorf("id %d is not positive or came twice", id)
				}
				seen[id] = true
			}
			mu.Unlock()
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err := firstError(errs...); err != nil {
		t.Error(err)
	}
}

func idsFromOne(t testing.TB, e *env) {
	var all []int64
	for range 10 {
		got, err := e.newIDs("code/TCK", 2)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, got...)
	}
	slices.Sort(all)
	for i, id := range all {
		if id != int64(i+1) {
			t.Fatalf("20 ids of a new sequence are %v, want 1 to 20", all)
		}
	}
}

func idsSeparate(t testing.TB, e *env) {
	for _, sequence := range []string{"code/A", "code/B", "code/a"} {
		got, err := e.newIDs(sequence, 1)
		if err != nil || got[0] != 1 {
			t.Errorf("sequence %s starts with %v (%v), want 1", sequence, got, err)
		}
	}
}

func idsAfterRollback(t testing.TB, e *env) {
	kept := map[int64]bool{}
	for i := range 20 {
		var got int64
		err := e.Update(e.ctx, func(ctx context.Context, tx store.Tx) (err error) {
			inner := e.inner(ctx, func(ctx context.Context, tx store.Tx) error {
				_, err := tx.NewID(ctx, "code/R")
				return errors.Join(err, errUndo)
			})
			if got, err = tx.NewID(ctx, "code/R"); err != nil || i%2 == 1 {
				return errors.Join(err, inner)
			}
			return nil
		})
		if err != nil {
			if !errors.Is(err, errUndo) {
				t.Fatal(err)
			}
			continue
		}
		if kept[got] {
			t.Fatalf("id %d was committed twice", got)
		}
		kept[got] = true
	}
}
