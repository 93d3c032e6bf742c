package notify_test

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/store/storetest"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// counting is a store that counts the messages that are read in lists.
type counting struct {
	store.Store
	messages atomic.Int64
}

func (c *counting) Update(ctx context.Context, fn func(context.Context, store.Tx) error) error {
	return c.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error { return fn(store.ContextWithTx(ctx, c, tx), tx) })
}

func (c *counting) View(ctx context.Context, fn func(context.Context, store.Reader) error) error {
	return c.Store.View(ctx, func(ctx context.Context, r store.Reader) error { return fn(ctx, countingReader{r, c}) })
}

type countingReader struct {
	store.Reader
	count *counting
}

func (r countingReader) Messages(ctx context.Context, q ticket.MessageQuery) ([]*ticket.Message, error) {
	list, err := r.Reader.Messages(ctx, q)
	r.count.messages.Add(int64(len(list)))
	return list, err
}

// reads counts what was read of a store since its FailAt.
func reads(f *storetest.Faulty) (n int) {
	names := []string{"ConfigVersion", "Event", "Events", "Linked", "LockRecord", "LockTicket", "Message", "Messages", "Record", "Records", "Ticket", "Tickets", "Work", "Works"}
	for _, c := range f.Calls() {
		if slices.Contains(names, c) {
			n++
		}
	}
	return n
}

func TestReads(t *testing.T) {
	t.Parallel()
	for _, n := range []int{2, 10, 100} {
		t.Run(fmt.Sprintf("M24 an event and its letters are told with few reads: to %d agents", n), func(t *testing.T) {
			t.Parallel()
			db := storetest.NewFaulty(memory.New(nil))
			defer func() { done(t, db.Close()) }()
			x := newShop(t, setup{store: db, manual: true, mailer: &away{back: true}})
			for i := range n - 2 { // beside Ann and Bob
				done(t, x.People().PutAgent(x.host, ticket.Agent{ID: fmt.Sprint("a", i), Name: "A", Email: fmt.Sprintf("a%d@shop.example", i), Departments: []string{"support"}}))
			}
			x.lamp(t)
			x.DispatchAll(t)
			x.tick(t)
			tk := x.lamp(t)
			must(x.Reply(as(verified(gus)), tk.ID, ticket.ReplyDraft{Body: "And cold."}))(t)
			within := func(what string, most int, do func()) {
				t.Helper()
				db.FailAt(0, nil)
				do()
				got := reads(db)
				t.Logf("%s: %d reads", what, got)
				if got > most {
					t.Errorf("%s took %d reads, more than %d: %v", what, got, most, db.Calls())
				}
			}
			within("two events", 2*(2*n+15), func() { x.DispatchAll(t) })
			within("letters", (2*n+1)*11+30, func() { x.tick(t) })
			must(x.UpdateTicket(as(ann), tk.ID, ticket.Patch{Tags: &[]string{"lamps"}}))(t)
			within("an event that is for nobody", 10, func() { x.DispatchAll(t) })
			must(x.UpdateTicket(as(ann), tk.ID, ticket.Patch{Assignee: new(ann.ID)}))(t)
			x.DispatchAll(t)
			must(x.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "Is it plugged in?"}))(t)
			within("an answer", 15, func() { x.DispatchAll(t) })
			within("its letter", 11+30, func() { x.tick(t) })
		})
	}
	t.Run("M23 no more messages are read than are quoted, and those since the last letter", func(t *testing.T) {
		t.Parallel()
		db := &counting{Store: memory.New(nil)}
		defer func() { done(t, db.Close()) }()
		x := newShop(t, setup{store: db, mailer: &away{back: true}})
		tk := x.mine(t)
		for i := range 30 {
			must(x.AddNote(as(ann), tk.ID, ticket.ReplyDraft{Body: fmt.Sprint("note ", i)}))(t)
		}
		x.Clock.Advance(time.Minute)
		for history, most := range map[int]int64{0: 5, 3: 8} {
			x.set(t, ticket.SettingsPatch{MailHistory: new(history)})
			for i := range 8 {
				must(x.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: fmt.Sprint("answer ", i)}))(t)
				before := db.messages.Load()
				x.tick(t)
				x.Clock.Advance(time.Minute)
				if read := db.messages.Load() - before; i > 0 && read > most {
					t.Errorf("%d messages are read for a letter that quotes %d", read, history)
				}
			}
		}
	})
}
