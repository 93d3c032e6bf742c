package sqlite_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
)

var errRefused = errors.New("refused")

// take gets n ids in one transaction, which ends with end.
func take(t testing.TB, s *sqlite.Store, sequence string, n int, end error) (got []int64) {
	t.Helper()
	err := s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
		got = got[:0]
		for range n {
			id, err := tx.NewID(ctx, sequence)
			if err != nil {
				return err
			}
			got = append(got, id)
		}
		return end
	})
	if !errors.Is(err, end) {
		t.Fatal(err)
	}
	return got
}

func TestIDs(t *testing.T) {
	t.Parallel()
	t.Run("ids of rolled back transactions and of two processes never meet", twoTakeIDs)
	t.Run("a block that an undone part took is not handed out by the rest", undoneBlock)
	t.Run("codes are counted from 1 without gaps", func(t *testing.T) {
		t.Parallel()
		s := open(t, calm())
		for want := int64(1); want < 20; want++ {
			if got := take(t, s, "code/TCK", 1, nil)[0]; got != want {
				t.Errorf("got %d, want %d", got, want)
			}
		}
	})
}

func twoTakeIDs(t *testing.T) {
	t.Parallel()
	a := open(t, calm())
	b, err := sqlite.Open(t.Context(), path(t, a), calm())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}()
	var mu sync.Mutex
	holders := map[int64]int{}
	var wg sync.WaitGroup
	for i, s := range []*sqlite.Store{a, b, a, b} {
		wg.Go(func() {
			for round := range 30 {
				if round%3 == 0 {
					take(t, s, "ticket", 300, errRefused) // more than a block, and in vain
					continue
				}
				got := take(t, s, "ticket", 17, nil)
				mu.Lock()
				for _, id := range got {
					if other, ok := holders[id]; ok {
						t.Errorf("id %d went to caller %d and to caller %d", id, other, i)
					}
					holders[id] = i
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
}

func undoneBlock(t *testing.T) {
	t.Parallel()
	s := open(t, calm())
	var got []int64
	err := s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
		err := s.Update(ctx, func(ctx context.Context, tx store.Tx) error {
			_, err := tx.NewID(ctx, "message")
			return errors.Join(err, errRefused)
		})
		if !errors.Is(err, errRefused) {
			return err
		}
		id, err := tx.NewID(ctx, "message")
		got = append(got, id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, take(t, s, "message", 300, nil)...)
	reserved := count(t, s.DB(), "SELECT next FROM helpdesk_ids WHERE name = 'message'")
	for _, id := range got {
		if id >= int64(reserved) {
			t.Errorf("id %d is beyond %d, up to which the file knows that ids are taken", id, reserved)
		}
	}
}
