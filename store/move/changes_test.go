package move_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/move"
	"github.com/helpdeskgo/helpdesk/store/storetest"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestChangingSource(t *testing.T) {
	t.Parallel()
	t.Run("X17 what is written to the source while it is copied is copied too", func(t *testing.T) {
		t.Parallel()
		catchUp(t, filepath.Join(t.TempDir(), "to.db"))
	})
	t.Run("X17 a source that does not come to rest ends in ErrDiffers, and once it does the move goes on", func(t *testing.T) {
		t.Parallel()
		from, to, n := fill(t, newMemory(t), 5), newFile(t), int64(0)
		r, err := move.Copy(t.Context(), from, to, &move.Options{Progress: func(p move.Progress) {
			if p.Stage == move.StageCompare && p.Kind == store.RowChunks { // when its tickets were compared already
				n++
				write(t, from, func(ctx context.Context, tx store.Tx) error {
					entry := &ticket.Event{ID: 1000 + n, Type: ticket.EventUpdated, TicketID: 7, At: time.Unix(n, 0)}
					return errors.Join(tx.PutTicket(ctx, plainTicket(7, fmt.Sprint("subject ", n))), tx.PutEvent(ctx, entry))
				})
			}
		}})
		if err == nil || !errors.Is(err, move.ErrDiffers) || r.Finished || r.Differing == 0 {
			t.Fatalf("got %v, %+v", err, r)
		}
		if got, want := r.Differences[0], (move.Difference{Flaw: move.Changed, Kind: store.RowTickets, Place: store.Place{ID: 7}}); got != want {
			t.Errorf("the report says %v, want %v", got, want)
		}
		if r := copied(t, from, to, nil); r.Copied != 0 || r.Repaired != 1 {
			t.Errorf("to catch up, %d rows were copied and %d repaired, want 1: the ticket", r.Copied, r.Repaired)
		}
	})
	t.Run("X17 most is copied ahead, while the desk works, and the rest when it is at rest", func(t *testing.T) {
		t.Parallel()
		from, to := fill(t, newMemory(t), 6), newFile(t)
		ahead := func() *move.Report {
			t.Helper()
			r, err := move.Copy(t.Context(), from, to, &move.Options{Ahead: true})
			if err != nil || r.Finished {
				t.Fatalf("ahead: %v, finished: %v", err, r.Finished)
			}
			return r
		}
		if r := ahead(); r.Copied == 0 {
			t.Error("nothing was copied ahead")
		}
		putTicket(t, from, plainTicket(100, "came later"))
		if r := ahead(); r.Repaired != 1 {
			t.Errorf("ahead again: %d rows were repaired, want 1", r.Repaired)
		}
		write(t, from, func(ctx context.Context, tx store.Tx) error { return tx.DeleteTicket(ctx, 100) })
		id := newID(t, from, "ticket") + 1000
		write(t, from, func(ctx context.Context, tx store.Tx) error {
			return tx.PutTicket(ctx, plainTicket(id, "of a high id"))
		})
		if r := copied(t, from, to, nil); r.Repaired != 2 || r.Copied != 0 {
			t.Errorf("the last call: %d rows were repaired, want 2, and %d copied", r.Repaired, r.Copied)
		}
		if got := newID(t, to, "ticket"); got <= id {
			t.Errorf("the next ticket gets id %d, there is %d", got, id)
		}
	})
}

// catchUp moves a desk that is written to while it is copied.
func catchUp(t *testing.T, target string) {
	t.Helper()
	to, err := openNamed(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	from, steps := fill(t, newMemory(t), rand.Uint64()), 0
	r := copied(t, from, closing(t, to), &move.Options{Batch: 20, Progress: func(p move.Progress) {
		if steps++; steps%5 == 0 && p.Stage == move.StageCopy { // puts, changes, and deletes
			if err := storetest.Fill(t.Context(), from, 40, uint64(steps)); err != nil {
				t.Error(err)
			}
		}
	}})
	if r.Repaired == 0 {
		t.Error("nothing was copied later")
	}
}

// spoil does something to one row of a kind in a store, and says what Verify must say of it.
type spoil struct {
	flaw move.Flaw
	do   func(t *testing.T, s store.Mover, row store.Row) (put *store.Row)
}

func TestVerifyNotices(t *testing.T) {
	t.Parallel()
	spoils := []spoil{
		{move.Missing, func(t *testing.T, s store.Mover, row store.Row) *store.Row {
			if err := s.RemoveRows(t.Context(), row.Kind(), []store.Place{row.Place()}); err != nil {
				t.Fatal(err)
			}
			return nil
		}},
		{move.Changed, func(_ *testing.T, _ store.Mover, row store.Row) *store.Row { return new(changed(row)) }},
		{move.Extra, func(_ *testing.T, _ store.Mover, row store.Row) *store.Row { return new(elsewhere(row)) }},
	}
	from := fill(t, newMemory(t), 8)
	for _, kind := range store.RowKinds() {
		for _, sp := range spoils {
			if kind == store.RowLinks && sp.flaw == move.Changed {
				continue // all of a link is its place
			}
			t.Run(fmt.Sprintf("X17 a row of %s that is %s", kind, sp.flaw), func(t *testing.T) {
				t.Parallel()
				to := newMemory(t)
				copied(t, from, to, nil)
				mover := to.(store.Mover)
				rows, err := mover.Rows(t.Context(), kind, nil, 1000)
				if err != nil {
					t.Fatal(err)
				}
				row := rows[rand.N(len(rows))]
				at := row.Place()
				if put := sp.do(t, mover, row); put != nil {
					at = put.Place()
					if err := mover.PutRows(t.Context(), []store.Row{*put}); err != nil {
						t.Fatal(err)
					}
				}
				expectDifference(t, from, to, move.Difference{Flaw: sp.flaw, Kind: kind, Place: at})
			})
		}
	}
	t.Run("X17 a sequence that is behind", func(t *testing.T) {
		t.Parallel()
		from, to := fill(t, newMemory(t), 8), newMemory(t)
		copied(t, from, to, nil)
		newID(t, from, "code/filled")
		expectDifference(t, from, to, move.Difference{Flaw: move.Behind, Place: store.Place{Key: "code/filled"}})
	})
}

// expectDifference expects that Verify finds it, first of all, and a checksum that shows it.
func expectDifference(t *testing.T, from, to store.Store, want move.Difference) {
	t.Helper()
	r, err := move.Verify(t.Context(), from, to, &move.Options{Batch: 9})
	if !errors.Is(err, move.ErrDiffers) || r.Equal() || r.Differing == 0 {
		t.Fatalf("got %v, %+v", err, r)
	}
	if r.Differences[0] != want {
		t.Errorf("found %v, want %v", r.Differences[0], want)
	}
	for _, line := range r.Kinds {
		if line.Kind == want.Kind && line.From.Sum == line.To.Sum {
			t.Errorf("%v does not show in the checksums", want)
		}
	}
	if _, err := move.Verify(t.Context(), to, to, nil); err != nil {
		t.Errorf("a store differs from itself: %v", err)
	}
}

// changed returns the row with one byte changed, or one number by one.
func changed(row store.Row) store.Row {
	switch row.Kind() {
	case store.RowTickets:
		row.Ticket.Version++
	case store.RowMessages:
		row.Message.Body += " "
	case store.RowEvents:
		row.Event.Actor.Kind = ticket.ActorSystem + "x"
	case store.RowWork:
		row.Work.Epoch++
	case store.RowRecords:
		row.Record.Doc = append(row.Record.Doc, ' ')
	case store.RowKeys:
		row.Key.ID++
	case store.RowChunks:
		row.Chunk.Data = slices.Clone(row.Chunk.Data) // of the same length: a chunk may be as long as it can be
		row.Chunk.Data[0] ^= 1
	}
	return row
}

// elsewhere returns the row under another id or key.
func elsewhere(row store.Row) store.Row {
	switch row.Kind() {
	case store.RowTickets:
		row.Ticket.ID += 1000
	case store.RowMessages:
		row.Message.ID += 1000
	case store.RowEvents:
		row.Event.ID += 1000
	case store.RowWork:
		row.Work.ID, row.Work.OrderKey = row.Work.ID+1000, ""
	case store.RowRecords:
		row.Record.Key += "x"
	case store.RowKeys:
		row.Key.Key += "x"
	case store.RowLinks:
		row.Link.ID += 1000
	case store.RowChunks:
		row.Chunk.N += 1000
	}
	return row
}
