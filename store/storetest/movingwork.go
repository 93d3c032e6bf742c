package storetest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/tally"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func moveWork(t testing.TB, e *env) {
	now, err := e.Now(e.ctx)
	if err != nil {
		t.Fatal(err)
	}
	held := func(w *store.Work) { // by somebody who goes on after the move
		w.State, w.Epoch, w.Attempt, w.LeasedTo, w.OrderKey, w.Seq = store.WorkLeased, 3, 2, now.Add(time.Hour), "a", 1
	}
	first, waits, ended := e.newWork(held), e.newWork(), e.newWork()
	waits.OrderKey, waits.Seq = "a", 2
	ended.State, ended.Epoch, ended.LeasedTo = store.WorkLeased, 5, now.Add(-time.Hour)
	early, late := e.newWork(), e.newWork() // the later of the lane has the smaller id
	early.OrderKey, early.Seq, late.OrderKey, late.Seq = "b", 2, "b", 1
	for _, w := range []*store.Work{first, waits, ended, early, late} {
		e.putRows(t, store.Row{Work: w})
		same(t, "work", e.loaded(t, w), w)
	}
	same(t, "what is leased", e.leaseIDs(t, request()), []int64{ended.ID, late.ID})
	if got := e.loaded(t, ended).(*store.Work); got.Epoch != 6 {
		t.Errorf("the next lease has epoch %d, want 6", got.Epoch)
	}
	e.stale(t, func(ctx context.Context, tx store.Tx) error { return finish(ctx, tx, ended, store.WorkDone, base) })
	e.finish(t, first, store.WorkDone, base)
	same(t, "what is leased when the holder has finished", e.leaseIDs(t, request()), []int64{waits.ID})
}

func moveTwins(t testing.TB, e *env) {
	for _, pair := range [][2]store.WorkState{
		{store.WorkPending, store.WorkPending}, {store.WorkDone, store.WorkPending}, {store.WorkPending, store.WorkDone},
		{store.WorkDone, store.WorkDone}, {store.WorkDead, store.WorkDone}, {store.WorkPending, store.WorkDead},
	} {
		lane := string(pair[0] + pair[1])
		twin := func(state store.WorkState) *store.Work {
			return e.newWork(func(w *store.Work) { w.OrderKey, w.Seq, w.State = lane, 1, state })
		}
		old, moved := twin(pair[0]), twin(pair[1])
		behind := e.newWork(func(w *store.Work) { w.OrderKey, w.Seq, w.Kind, w.Due = lane, 2, lane, base })
		e.put(t, old)
		e.put(t, behind)
		e.putRows(t, store.Row{Work: moved})
		same(t, "the work of a lane, where it was "+lane, ids(e.works(t, store.WorkQuery{BeforeID: behind.ID})[:1]), []int64{moved.ID})
		e.refused(t, ticket.ErrNotFound, func(ctx context.Context, tx store.Tx) error { return only(tx.Work(ctx, old.ID)) })
		r := request()
		r.Kind = lane
		if open := pair[1] == store.WorkPending; (len(e.leaseIDs(t, r)) == 0) != open {
			t.Errorf("%s: what comes behind waits: %v, want %v", lane, !open, open)
		}
	}
}

func moveRemoves(t testing.TB, e *env) {
	e.putRows(t, e.allRows(t, filled(t, e, 300), 1000)...)
	for _, kind := range slices.Backward(store.RowKinds()) { // tickets after what goes with them
		rows := e.rowsOf(t, e.mover(), kind, 1000)
		var gone []store.Place
		var stay []store.Row
		for i, row := range rows {
			if i%2 == 0 {
				gone = append(gone, row.Place())
			} else {
				stay = append(stay, row)
			}
		}
		for range 2 {
			if err := e.mover().RemoveRows(e.ctx, kind, gone); err != nil {
				t.Fatalf("remove %s: %v", kind, err)
			}
		}
		sameText(t, "the "+string(kind)+" that are left", rowTexts(e.rowsOf(t, e.mover(), kind, 1000)), rowTexts(stay))
	}
	x := e.newTicket()
	x.ID = 99
	m, v := e.newMessage(x, 1), e.newEvent(x, 1)
	e.put(t, x, m, v)
	if err := e.mover().RemoveRows(e.ctx, store.RowTickets, []store.Place{{ID: x.ID}}); err != nil {
		t.Fatal(err)
	}
	e.refused(t, ticket.ErrNotFound, func(ctx context.Context, tx store.Tx) error { return only(tx.Message(ctx, m.ID)) })
	e.refused(t, ticket.ErrNotFound, func(ctx context.Context, tx store.Tx) error { return only(tx.Event(ctx, v.ID)) })
	freed := e.newWork(func(w *store.Work) { w.ID, w.OrderKey, w.Seq = 901, "freed", 2 })
	holds := e.newWork(func(w *store.Work) { w.ID, w.OrderKey, w.Seq, w.Due = 900, "freed", 1, base.Add(time.Hour) })
	e.put(t, holds, freed)
	before := e.leaseIDs(t, request())
	if err := e.mover().RemoveRows(e.ctx, store.RowWork, []store.Place{{ID: holds.ID}}); err != nil {
		t.Fatal(err)
	}
	if after := e.leaseIDs(t, request()); slices.Contains(before, freed.ID) || !slices.Contains(after, freed.ID) {
		t.Errorf("work is leased before (%v) and after (%v) what it waited for was removed", before, after)
	}
}

func moveTogether(t testing.TB, e *env) {
	e.seed(t)
	before := e.dump(t)
	rows := e.allRows(t, filled(t, e, 200), 1000)
	err := e.Update(e.ctx, func(ctx context.Context, tx store.Tx) error {
		return firstError(e.mover().PutRows(ctx, rows), tx.PutRecord(ctx, newRecord("kind", "progress", 0)),
			e.mover().RemoveRows(ctx, store.RowKeys, []store.Place{{Kind: "code", Key: "key"}}), errUndo)
	})
	if !errors.Is(err, errUndo) {
		t.Errorf("got %v, want %v", err, errUndo)
	}
	if err := e.mover().PutRows(e.ctx, append(rows, store.Row{Record: &store.Record{Key: "of no kind"}})); !errors.Is(err, ticket.ErrInvalid) {
		t.Errorf("a record without a kind: %v, want %v", err, ticket.ErrInvalid)
	}
	sameText(t, "what the store holds", e.dump(t), before)
	e.write(t, func(ctx context.Context, tx store.Tx) error {
		if err := firstError(e.mover().PutRows(ctx, rows), tx.PutRecord(ctx, newRecord("kind", "progress", 0))); err != nil {
			return err
		}
		seen, err := e.mover().Rows(ctx, store.RowTickets, nil, 1000)
		if err == nil && len(seen) < 2 {
			t.Error("a list in the transaction does not see what it has put")
		}
		return err
	})
	if got := e.loaded(t, newRecord("kind", "progress", 0)).(*store.Record); got.Version != 1 {
		t.Errorf("what was put with the rows has version %d, want 1", got.Version)
	}
}

func moveSequences(t testing.TB, e *env) {
	for _, sequence := range []string{"ticket", "code/A"} { // a block of ids is taken
		if _, err := e.newIDs(sequence, 3); err != nil {
			t.Fatal(err)
		}
	}
	last := func() map[string]int64 {
		list, err := e.mover().Sequences(e.ctx)
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]int64{}
		for i, q := range list {
			out[q.Name] = q.Last
			if i > 0 && list[i-1].Name >= q.Name {
				t.Errorf("sequence %q comes after %q", q.Name, list[i-1].Name)
			}
		}
		return out
	}
	if got := last(); got["ticket"] < 3 || got["code/A"] != 3 {
		t.Errorf("three ids each were taken, and the sequences are at %v", got)
	}
	raise := []store.Sequence{{Name: "ticket", Last: 5000}, {Name: "code/A", Last: 41}, {Name: "code/new", Last: 7}, {Name: "message", Last: 9}}
	low := []store.Sequence{{Name: "ticket", Last: 2}, {Name: "code/A", Last: 2}, {Name: "code/new", Last: 2}}
	for _, list := range [][]store.Sequence{raise, low, nil} {
		if err := e.mover().RaiseSequences(e.ctx, list); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []store.Sequence{{Name: "code/A", Last: 42}, {Name: "code/new", Last: 8}} {
		if got, err := e.newIDs(want.Name, 1); err != nil || got[0] != want.Last {
			t.Errorf("%s goes on at %v, %v, want %d", want.Name, got, err, want.Last)
		}
	}
	for _, above := range []store.Sequence{{Name: "ticket", Last: 5000}, {Name: "message", Last: 9}} {
		if got, err := e.newIDs(above.Name, 1); err != nil || got[0] <= above.Last {
			t.Errorf("%s goes on at %v, %v, want more than %d", above.Name, got, err, above.Last)
		}
	}
	if got := last(); got["ticket"] < 5000 || got["code/A"] != 42 || got["code/new"] != 8 {
		t.Errorf("the sequences are at %v", got)
	}
}

func moveNumbers(t testing.TB, e *env) {
	from := filled(t, e, 300)
	rows := e.allRows(t, from, 1000)
	e.putRows(t, rows...)
	tallies := func(s store.Store) (out store.Tallies) {
		err := s.View(e.ctx, func(ctx context.Context, r store.Reader) (err error) {
			out, err = r.Tallies(ctx, store.TallyQuery{}, everything)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return tally.Summed(out)
	}
	same(t, "numbers", tallies(e.Store), tallies(from))
	if c, ok := e.Store.(store.TallyChecker); ok {
		wrong, err := c.CheckTallies(e.ctx)
		same(t, "wrong numbers", wrong, []string(nil))
		same(t, "the check", err, error(nil))
	}
	s, ok := e.Store.(store.Searcher)
	if !ok {
		return
	}
	stale := map[int64]bool{}
	list, err := s.Stale(e.ctx, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, st := range list {
		stale[st.Ticket] = true
	}
	for _, row := range rows {
		if row.Ticket != nil && !stale[row.Ticket.ID] {
			t.Errorf("ticket %d has moved and is not marked for search", row.Ticket.ID)
		}
	}
}

func moveRefuses(t testing.TB, e *env) {
	refused := func(what string, err error) {
		t.Helper()
		if !errors.Is(err, ticket.ErrInvalid) {
			t.Errorf("%s: %v, want %v", what, err, ticket.ErrInvalid)
		}
	}
	refused("rows of no kind", only(e.mover().Rows(e.ctx, "things", nil, 10)))
	refused("a list of none", only(e.mover().Rows(e.ctx, store.RowTickets, nil, 0)))
	refused("an empty row", e.mover().PutRows(e.ctx, []store.Row{{}}))
	refused("removing rows of no kind", e.mover().RemoveRows(e.ctx, "things", []store.Place{{ID: 1}}))
	refused("a ticket without an id", e.mover().PutRows(e.ctx, []store.Row{{Ticket: &ticket.Ticket{}}}))
	ctx, cancel := context.WithCancel(e.ctx)
	cancel()
	if err := only(e.mover().Rows(ctx, store.RowTickets, nil, 10)); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context: %v", err)
	}
	if err := e.mover().PutRows(ctx, []store.Row{{Ticket: e.newTicket()}}); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context: %v", err)
	}
}
