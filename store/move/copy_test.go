package move_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/move"
	"github.com/helpdeskgo/helpdesk/store/storetest"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestCopy(t *testing.T) {
	t.Parallel()
	t.Run("X17 a desk goes from store to store and stays the same, its ids and codes go on", func(t *testing.T) {
		t.Parallel()
		first := fill(t, newMemory(t), rand.Uint64())
		want := verified(t, first, first)
		second, third := newFile(t), newMemory(t)
		r := copied(t, first, second, nil)
		back := copied(t, second, third, &move.Options{Batch: 7})
		for i, line := range back.Kinds {
			if line.To != want.Kinds[i].From || line.To.Rows == 0 || line.To.Sum == "" {
				t.Errorf("%s: %+v after two moves, were %+v", line.Kind, line.To, want.Kinds[i].From)
			}
			if r.Kinds[i] != (move.Line{Kind: line.Kind, From: line.From, To: line.To}) {
				t.Errorf("the first move reports %+v, the second %+v", r.Kinds[i], line)
			}
		}
		if r.Resumed || r.Repaired != 0 || r.Copied == 0 || r.Sequences == 0 {
			t.Errorf("the report says %+v", r)
		}
		for _, sequence := range []string{"ticket", "message", "event", "work", "code/filled"} {
			id := newID(t, first, sequence)
			if got := newID(t, third, sequence); got < id || (sequence == "code/filled" && got != id) {
				t.Errorf("%s goes on with %d, where it was moved from with %d", sequence, got, id)
			}
		}
	})
	t.Run("X17 an empty desk moves too", func(t *testing.T) {
		t.Parallel()
		copied(t, newFile(t), newMemory(t), nil)
	})
	t.Run("X17 progress is told for every kind, and never goes back", func(t *testing.T) {
		t.Parallel()
		from := fill(t, newMemory(t), 1)
		seen := map[move.Stage]map[store.RowKind]int64{move.StageCopy: {}, move.StageCompare: {}}
		r := copied(t, from, newMemory(t), &move.Options{Batch: 5, Progress: func(p move.Progress) {
			if p.Rows < seen[p.Stage][p.Kind] {
				t.Errorf("%s of %s goes from %d back to %d", p.Stage, p.Kind, seen[p.Stage][p.Kind], p.Rows)
			}
			seen[p.Stage][p.Kind] = p.Rows
		}})
		for _, line := range r.Kinds {
			if seen[move.StageCopy][line.Kind] != line.From.Rows || seen[move.StageCompare][line.Kind] != line.From.Rows {
				t.Errorf("%s: %d rows, told of %v", line.Kind, line.From.Rows, seen)
			}
		}
	})
}

func TestResume(t *testing.T) {
	t.Parallel()
	t.Run("X17 a move that is stopped after any of its steps goes on, and copies nothing twice", func(t *testing.T) {
		t.Parallel()
		from := fill(t, newMemory(t), 2)
		total := int64(0)
		for _, line := range verified(t, from, from).Kinds {
			total += line.From.Rows
		}
		for stop := 1; ; stop++ {
			to, sum, calls := newMemory(t), int64(0), 0
			for finished := false; !finished; calls++ {
				ctx, cancel := context.WithCancel(t.Context())
				steps := 0
				r, err := move.Copy(ctx, from, to, &move.Options{Batch: 20, Progress: func(p move.Progress) {
					if steps++; steps == stop && p.Stage == move.StageCopy {
						cancel()
					}
				}})
				cancel()
				if err != nil && !errors.Is(err, context.Canceled) {
					t.Fatalf("stopped after %d steps: %v", stop, err)
				}
				if r.Resumed != (calls > 0) {
					t.Errorf("call %d says that it goes on: %v", calls, r.Resumed)
				}
				sum, finished = sum+r.Copied, err == nil
			}
			if sum != total {
				t.Errorf("stopped after every %d steps: %d rows were copied, there are %d", stop, sum, total)
			}
			verified(t, from, to)
			if calls == 1 {
				break
			}
		}
	})
}

func TestRefused(t *testing.T) {
	t.Parallel()
	from := fill(t, newMemory(t), 3)
	refused := func(t *testing.T, want error, from, to store.Store) {
		t.Helper()
		if r, err := move.Copy(t.Context(), from, to, nil); !errors.Is(err, want) || r == nil || r.Finished {
			t.Errorf("got %v, want %v", err, want)
		}
	}
	// half returns the remains of a move.
	half := func(t *testing.T, from store.Store) store.Store {
		to := newFile(t)
		ctx, cancel := context.WithCancel(t.Context())
		_, err := move.Copy(ctx, from, to, &move.Options{Batch: 10, Progress: func(p move.Progress) {
			if p.Kind == store.RowMessages {
				cancel()
			}
		}})
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		return to
	}
	t.Run("X17 a target that is not empty is left alone", func(t *testing.T) {
		t.Parallel()
		to := newFile(t)
		putTicket(t, to, plainTicket(7, "mine"))
		refused(t, move.ErrNotEmpty, from, to)
		refused(t, move.ErrNotEmpty, from, from)
		done := newFile(t)
		copied(t, from, done, nil)
		refused(t, move.ErrNotEmpty, from, done)
		if n := tickets(t, to); n != 1 {
			t.Errorf("the target has %d tickets, had 1", n)
		}
	})
	t.Run("X17 the remains of a move from another source are left alone, and are no source", func(t *testing.T) {
		t.Parallel()
		to, other := half(t, from), newMemory(t)
		putTicket(t, other, plainTicket(1, "another desk"))
		refused(t, move.ErrAnother, other, to)
		refused(t, move.ErrAnother, newMemory(t), to)
		refused(t, store.ErrPartial, to, newMemory(t))
		if r, err := move.Verify(t.Context(), from, to, nil); !errors.Is(err, move.ErrDiffers) || r.Equal() {
			t.Errorf("half a desk is taken for a whole: %v", err)
		}
		copied(t, from, to, nil)
	})
	t.Run("X17 two processes do not copy into the same target", func(t *testing.T) {
		t.Parallel()
		to, once := newMemory(t), false
		_, err := move.Copy(t.Context(), from, to, &move.Options{Progress: func(move.Progress) {
			if !once {
				once = true
				if _, err := move.Copy(t.Context(), from, to, &move.Options{Ahead: true}); err != nil {
					t.Error(err)
				}
			}
		}})
		if !errors.Is(err, ticket.ErrConflict) {
			t.Errorf("got %v, want %v", err, ticket.ErrConflict)
		}
		copied(t, from, to, nil)
	})
	t.Run("X17 stores that cannot be moved, none at all, and a context inside a transaction are refused", func(t *testing.T) {
		t.Parallel()
		faulty := storetest.NewFaulty(newMemory(t))
		refused(t, move.ErrUnable, faulty, newMemory(t))
		refused(t, move.ErrUnable, from, faulty)
		refused(t, ticket.ErrInvalid, nil, newMemory(t))
		refused(t, ticket.ErrInvalid, from, nil)
		to := newMemory(t)
		write(t, to, func(ctx context.Context, _ store.Tx) error {
			if _, err := move.Copy(ctx, from, to, nil); !errors.Is(err, ticket.ErrInvalid) {
				t.Errorf("in a transaction: %v", err)
			}
			return nil
		})
	})
}

func tickets(t testing.TB, s store.Store) int {
	t.Helper()
	rows, err := s.(store.Mover).Rows(t.Context(), store.RowTickets, nil, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return len(rows)
}
