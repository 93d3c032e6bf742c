package storetest

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var settlings = []proof{
	{"numbers are the same before, while and after they are settled", settlesWhileWriting},
	{"what is settled in a transaction that is rolled back is settled again", settlesAgain},
}

func (e *env) settler() store.Settler { return e.Store.(store.Settler) }

// settled settles until nothing is left, and returns how much it was.
func (e *env) settled(t testing.TB) (total int) {
	t.Helper()
	for {
		n, err := e.settler().Settle(e.ctx)
		if err != nil {
			t.Fatalf("settle: %v", err)
		}
		if total += n; n == 0 {
			return total
		}
	}
}

func (e *env) unsettled(t testing.TB) int {
	t.Helper()
	n, err := e.settler().Unsettled(e.ctx)
	if err != nil {
		t.Fatalf("unsettled: %v", err)
	}
	return n
}

// counted is the number of live tickets that the store tells.
func (e *env) counted(t testing.TB) (n int) {
	t.Helper()
	e.read(t, func(ctx context.Context, r store.Reader) error {
		all, err := r.Tallies(ctx, store.TallyQuery{Whole: true}, everything)
		n = 0
		for _, row := range all.Rows {
			n += row.N
		}
		return err
	})
	return n
}

func settlesWhileWriting(t testing.TB, e *env) {
	const writers, rounds = 8, 20
	var done atomic.Int64
	errs := together(writers+3, func(i int) error {
		if i >= writers { // settle and count as long as others write
			for done.Load() < writers {
				if _, err := e.settler().Settle(e.ctx); err != nil {
					return err
				}
				e.counted(t)
			}
			return nil
		}
		defer done.Add(1)
		for round := range rounds {
			x := e.newTicket(func(x *ticket.Ticket) { x.Tags, x.Assignee = []string{"vip"}, "7" })
			err := e.Update(e.ctx, func(ctx context.Context, tx store.Tx) error { return tx.PutTicket(ctx, x) })
			if err == nil && round%2 == 1 {
				err = e.Update(e.ctx, func(ctx context.Context, tx store.Tx) error { return tx.DeleteTicket(ctx, x.ID) })
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err := firstError(errs...); err != nil {
		t.Fatal(err)
	}
	const want = writers * rounds / 2
	same(t, "before it is settled", e.counted(t), want)
	e.settled(t)
	same(t, "unsettled", e.unsettled(t), 0)
	same(t, "after it is settled", e.counted(t), want)
	if c, ok := e.Store.(store.TallyChecker); ok {
		if wrong, err := c.CheckTallies(e.ctx); err != nil || len(wrong) > 0 {
			t.Errorf("the store says of its numbers: %v %v", wrong, err)
		}
	}
}

func settlesAgain(t testing.TB, e *env) {
	e.put(t, e.newTicket())
	if e.unsettled(t) == 0 {
		t.Fatal("a new ticket leaves nothing to settle")
	}
	e.refused(t, errUndo, func(ctx context.Context, _ store.Tx) error {
		if n, err := e.settler().Settle(ctx); err != nil || n == 0 {
			t.Errorf("in the transaction %d are settled, %v", n, err)
		}
		return errUndo
	})
	same(t, "after the rollback", e.counted(t), 1)
	if e.settled(t) == 0 {
		t.Error("what a rolled back transaction has settled counts as settled")
	}
	same(t, "after all", e.counted(t), 1)
}
