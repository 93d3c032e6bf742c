package agenda_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/agenda"
	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestAttempts(t *testing.T) {
	t.Parallel()
	t.Run("X07 what was given back before it was begun has lost no try", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		a := b.agenda()
		committed := func() {}
		a.Handle("x", func(_ context.Context, tx store.Tx, e agenda.Entry) error {
			if e.Key == "late" {
				return errors.New("not yet")
			}
			tx.OnCommit(func() { committed() })
			return nil
		})
		b.put(b.x("late", time.Millisecond))
		b.clock.advance(time.Second)
		for range 25 {
			ctx, cancel := context.WithCancel(bg)
			committed = cancel
			e := b.x("early", 0)
			e.Due = b.clock.Now().Add(-time.Hour)
			b.put(e)
			_, _ = a.Step(ctx)
			cancel()
			b.clock.advance(time.Second)
		}
		b.run(a)
		if dead, open := b.works(store.WorkDead), b.works(store.WorkPending); len(dead) > 0 || len(open) != 1 || open[0].Attempt != 1 || open[0].Error == "" {
			t.Errorf("given up: %d; waiting: %+v", len(dead), open)
		}
	})
}

// TestOrder has four agendas, as of several processes, do errands that fail, panic and lose their worker, while clocks are
// not the same, and texts are taken out.
func TestOrder(t *testing.T) {
	t.Parallel()
	t.Run("X17 those of a lane are done in the order in which they were put, each after the one before", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		s, err := sqlite.Open(bg, t.TempDir()+"/agenda.db", &sqlite.Options{Durability: sqlite.Normal, SearchOff: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		b.store = s
		const lanes, each = 3, 6
		var wg sync.WaitGroup
		end := time.Now().Add(time.Minute)
		for range 4 {
			a := agenda.New(agenda.Options{Kind: agenda.Errand, Batch: 2, Store: s, Now: b.clock.Now, LeaseTTL: 100 * time.Millisecond, Attempts: 1e6})
			a.HandleOutside("x", b.unsteady)
			wg.Go(func() {
				for len(b.noted()) < lanes*each && time.Now().Before(end) {
					var one sync.WaitGroup
					one.Go(func() { _, _ = a.Step(bg) }) // may lose its goroutine
					one.Wait()
					b.clock.advance(time.Second)
				}
			})
		}
		for i := range lanes * each {
			ahead := time.Duration(rand.N(2000)-1000) * time.Millisecond
			b.put(agenda.Entry{Kind: agenda.Errand, What: "x", Key: strconv.Itoa(i / lanes), Ticket: int64(i%lanes + 1), Lane: strconv.Itoa(i % lanes), Due: b.clock.Now().Add(ahead), Last: true})
			err := s.Update(bg, func(ctx context.Context, tx store.Tx) error {
				_, err := agenda.Scrub(ctx, tx, int64(i%lanes+1), func(s string) string { return strings.ReplaceAll(s, "ann@example.com", "…") })
				return err
			})
			if err != nil {
				t.Error(err)
			}
		}
		wg.Wait()
		if n := len(b.noted()); n != lanes*each {
			t.Errorf("%d were done", n)
		}
	})
}

// unsteady does an errand, if it is the next of its ticket, or fails.
func (b *bench) unsteady(ctx context.Context, e agenda.Entry) (agenda.Handler, error) {
	var done int
	err := b.store.View(ctx, func(ctx context.Context, x store.Reader) (err error) {
		done, err = record.Read[int](ctx, x, "done", record.ID(e.Ticket))
		return err
	})
	if err != nil && !errors.Is(err, ticket.ErrNotFound) {
		return nil, err
	}
	if e.Key != strconv.Itoa(done) {
		b.t.Errorf("ticket %d: %s is tried when %d are done", e.Ticket, e.Key, done)
	}
	switch rand.N(8) {
	case 0, 1:
		return nil, errors.New("no mailbox ann@example.com")
	case 2:
		panic("boom")
	case 3:
		runtime.Goexit()
	}
	return func(ctx context.Context, tx store.Tx, e agenda.Entry) error {
		tx.OnCommit(func() { b.note(e.Key) })
		return record.Put(ctx, tx, "done", record.ID(e.Ticket), "", done+1)
	}, nil
}
