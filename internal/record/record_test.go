package record_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// TestRecords puts documents into a store and reads them, by key, all, and of a parent.
func TestRecords(t *testing.T) {
	t.Parallel()
	s := memory.New(nil)
	err := s.Update(context.Background(), func(ctx context.Context, tx store.Tx) error {
		for n := range int64(12) {
			if err := record.Put(ctx, tx, "n", record.Ordered(n), record.ID(n%2), n); err != nil {
				return err
			}
		}
		var all, odd []int64
		if err := errors.Join(record.ReadAll(ctx, tx, "n", "", &all), record.ReadAll(ctx, tx, "n", "1", &odd)); err != nil {
			return err
		}
		if !slices.IsSorted(all) || len(all) != 12 || !slices.Equal(odd, []int64{1, 3, 5, 7, 9, 11}) {
			t.Errorf("%v, %v", all, odd)
		}
		rec, err := tx.Record(ctx, "n", record.Ordered(3))
		if err != nil {
			return err
		}
		if err := record.Move(ctx, tx, rec, "elsewhere", func(n *int64) { *n = 33 }); err != nil {
			return err
		}
		got, err := record.Read[int64](ctx, tx, "n", record.Ordered(3))
		if moved, _ := tx.Record(ctx, "n", record.Ordered(3)); got != 33 || moved.Parent != "elsewhere" {
			t.Errorf("%d, %+v", got, moved)
		}
		if _, err := record.Read[int64](ctx, tx, "n", "none"); !errors.Is(err, ticket.ErrNotFound) {
			t.Error(err)
		}
		if _, err := record.Read[string](ctx, tx, "n", record.Ordered(1)); err == nil {
			t.Error("a number is no text")
		}
		if err := record.Put(ctx, tx, "n", "x", "", func() {}); err == nil {
			t.Error("a function is no document")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
