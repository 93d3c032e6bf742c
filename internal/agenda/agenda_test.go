package agenda_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/agenda"
	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var bg = context.Background()

// clock is what the agendas of a test go by.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(by)
}

// bench is a store with a clock, and what was done on it.
type bench struct {
	t     *testing.T
	clock *clock
	store store.Store

	mu   sync.Mutex
	done []string
}

func newBench(t *testing.T) *bench {
	c := &clock{now: time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)}
	s := memory.New(&memory.Options{Now: c.Now})
	t.Cleanup(func() { _ = s.Close() })
	return &bench{t: t, clock: c, store: s}
}

func (b *bench) agenda() *agenda.Agenda {
	return agenda.New(agenda.Options{Store: b.store, Now: b.clock.Now})
}

// recording is an agenda that notes the keys of what it does as "x".
func (b *bench) recording() *agenda.Agenda {
	a := b.agenda()
	a.Handle("x", func(ctx context.Context, tx store.Tx, e agenda.Entry) error {
		tx.OnCommit(func() { b.note(e.Key) })
		return nil
	})
	return a
}

func (b *bench) note(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.done = append(b.done, key)
}

func (b *bench) noted() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.done)
}

func (b *bench) put(e agenda.Entry) {
	b.t.Helper()
	err := b.store.Update(bg, func(ctx context.Context, tx store.Tx) error { return agenda.Put(ctx, tx, b.clock.Now(), e) })
	if err != nil {
		b.t.Fatal(err)
	}
}

// x is an entry due after a time.
func (b *bench) x(key string, after time.Duration) agenda.Entry {
	return agenda.Entry{What: "x", Key: key, Due: b.clock.Now().Add(after)}
}

// run does all that is due.
func (b *bench) run(a *agenda.Agenda) {
	b.t.Helper()
	for range 1000 {
		n, err := a.Step(bg)
		if err != nil {
			b.t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
	b.t.Fatal("it never ends")
}

func (b *bench) expect(want ...string) {
	b.t.Helper()
	if got := b.noted(); !slices.Equal(got, want) {
		b.t.Errorf("done: %v, want %v", got, want)
	}
}

func (b *bench) works(states ...store.WorkState) (out []*store.Work) {
	b.t.Helper()
	err := b.store.View(bg, func(ctx context.Context, x store.Reader) (err error) {
		out, err = x.Works(ctx, store.WorkQuery{Kind: agenda.Kind, States: states})
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}

func TestAgenda(t *testing.T) {
	t.Parallel()
	t.Run("X07 what is due is done once, late rather than never, and in its order", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		a := b.recording()
		b.put(b.x("third", 3*time.Hour))
		b.put(b.x("first", time.Hour))
		b.put(b.x("second", 2*time.Hour))
		b.run(a)
		b.expect()
		b.clock.advance(time.Hour)
		b.run(a)
		b.expect("first")
		b.clock.advance(1000 * time.Hour)
		b.run(a)
		b.run(a)
		b.expect("first", "second", "third")
	})
	t.Run("X07 the same entry twice is one", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		e := b.x("a", time.Hour)
		b.put(e)
		b.put(e)
		b.clock.advance(2 * time.Hour)
		b.run(b.recording())
		b.put(e)
		b.run(b.recording())
		b.expect("a")
	})
	t.Run("X07 those of a ticket are done in the order of their times, each after the one before", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		a := b.agenda()
		broken := true
		a.Handle("x", func(_ context.Context, tx store.Tx, e agenda.Entry) error {
			if e.Key == "7a" && broken {
				return errors.New("not yet")
			}
			tx.OnCommit(func() { b.note(e.Key) })
			return nil
		})
		for i, key := range []string{"7b", "7a", "8a"} {
			e := b.x(key, time.Duration(3-i)*time.Minute)
			if e.Ticket = 7; key == "8a" {
				e.Ticket = 8
			}
			b.put(e)
		}
		b.clock.advance(time.Hour)
		b.run(a)
		b.expect("8a")
		broken = false
		b.clock.advance(time.Minute)
		b.run(a)
		b.expect("8a", "7a", "7b")
	})
	t.Run("X07 a clock that is set back does nothing twice, and nothing before its time", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		a := b.recording()
		b.put(b.x("a", time.Hour))
		b.put(b.x("b", 3*time.Hour))
		b.clock.advance(2 * time.Hour)
		b.run(a)
		b.clock.advance(-2 * time.Hour)
		b.run(a)
		b.clock.advance(90 * time.Minute)
		b.run(a)
		b.expect("a")
		b.clock.advance(90 * time.Minute)
		b.run(a)
		b.expect("a", "b")
	})
	t.Run("X07 a handler learns when the entry was due, not when it is tried", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		a := b.agenda()
		var got []agenda.Entry
		a.Handle("x", func(_ context.Context, _ store.Tx, e agenda.Entry) error {
			if got = append(got, e); len(got) == 1 {
				return errors.New("not yet")
			}
			return nil
		})
		e := b.x("a", time.Hour)
		e.Ticket, e.Doc = 7, json.RawMessage(`{"n":1}`)
		b.put(e)
		for range 2 {
			b.clock.advance(5 * time.Hour)
			b.run(a)
		}
		if len(got) != 2 || !got[1].Due.Equal(e.Due) || got[1].Attempt != 2 || got[1].Ticket != 7 || got[1].Key != "a" || string(got[1].Doc) != `{"n":1}` || got[1].ID == 0 {
			t.Errorf("got %+v", got)
		}
		if w := b.works(store.WorkDone); len(w) != 1 || len(w[0].Doc) != 0 {
			t.Errorf("kept %+v", w)
		}
	})
	t.Run("X07 Prune removes what is done and old, and nothing else", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		a := b.recording()
		b.put(b.x("a", 0))
		b.run(a)
		b.clock.advance(time.Hour)
		b.put(b.x("b", 0))
		b.run(a)
		b.put(b.x("c", time.Hour))
		n, err := a.Prune(bg, b.clock.Now())
		if left := b.works(); n != 1 || err != nil || len(left) != 2 {
			t.Errorf("%d removed, %d left: %v", n, len(left), err)
		}
	})
}

func TestFailures(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func() error{
		"X07 what fails is tried again after growing pauses, and nothing that it wrote is kept":       func() error { return errors.New("boom") },
		"X07 what panics is tried again after growing pauses, and nothing that it wrote is kept":      func() error { panic("boom") },
		"X07 what loses its database is tried again after growing pauses, and is not given up at all": func() error { return fmt.Errorf("x: %w", ticket.ErrBusy) },
		"X07 what the end of a desk breaks off is tried again, and is not given up at all":            func() error { return fmt.Errorf("x: %w", ticket.ErrStopped) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			a := b.agenda()
			tries := 0
			a.Handle("x", func(ctx context.Context, tx store.Tx, e agenda.Entry) error {
				tries++
				if err := tx.PutRecord(ctx, &store.Record{Kind: "trace", Key: e.Key, Version: store.AnyVersion}); err != nil {
					return err
				}
				return fail()
			})
			b.put(b.x("a", 0))
			b.run(a)
			b.run(a)
			if tries != 1 {
				t.Errorf("tried %d times without a pause", tries)
			}
			b.clock.advance(time.Second)
			b.run(a)
			b.clock.advance(time.Second)
			b.run(a)
			if tries != 2 {
				t.Errorf("tried %d times, the pause does not grow", tries)
			}
			for range 30 {
				b.clock.advance(time.Hour)
				b.run(a)
			}
			dead, open := b.works(store.WorkDead), b.works(store.WorkPending)
			if e := errOf(fail); errors.Is(e, ticket.ErrBusy) || errors.Is(e, ticket.ErrStopped) {
				if len(open) != 1 || tries != 32 {
					t.Errorf("%d open after %d tries", len(open), tries)
				}
			} else if len(dead) != 1 || tries != 20 || dead[0].Error == "" {
				t.Errorf("%d dead after %d tries", len(dead), tries)
			}
			err := b.store.View(bg, func(ctx context.Context, x store.Reader) error {
				recs, err := x.Records(ctx, store.RecordQuery{Kind: "trace"})
				if len(recs) != 0 {
					t.Errorf("%d records are left", len(recs))
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("X07 what this process knows nothing of waits for one that does, and holds nothing else", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		old := b.agenda()
		b.put(b.x("a", 0))
		b.run(old)
		if w := b.works(store.WorkPending); len(w) != 1 || w[0].Error == "" {
			t.Fatalf("%+v", w)
		}
		b.clock.advance(time.Hour)
		b.run(b.recording())
		b.expect("a")
	})
	t.Run("X07 what ends its goroutine is tried again when the lease is over", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		a := b.agenda()
		a.Handle("x", func(context.Context, store.Tx, agenda.Entry) error { runtime.Goexit(); return nil })
		b.put(b.x("a", 0))
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = a.Step(bg) })
		wg.Wait()
		good := b.recording()
		b.run(good)
		b.expect()
		b.clock.advance(2 * time.Minute)
		b.run(good)
		b.expect("a")
	})
	t.Run("X07 what is done outside comes at least once, and its end exactly once", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		a := b.agenda()
		calls := 0
		a.HandleOutside("x", func(ctx context.Context, e agenda.Entry) (agenda.Handler, error) {
			calls++
			return func(_ context.Context, tx store.Tx, e agenda.Entry) error {
				tx.OnCommit(func() { b.note(e.Key) })
				if calls == 1 {
					return errors.New("the commit fails")
				}
				return nil
			}, nil
		})
		b.put(b.x("a", 0))
		b.run(a)
		b.clock.advance(time.Minute)
		b.run(a)
		b.run(a)
		if b.expect("a"); calls != 2 {
			t.Errorf("called %d times", calls)
		}
	})
	t.Run("X07 a process that stops gives back what it has not begun", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		ctx, cancel := context.WithCancel(bg)
		defer cancel()
		a := b.agenda()
		a.Handle("x", func(_ context.Context, _ store.Tx, e agenda.Entry) error { cancel(); return nil })
		for _, key := range []string{"a", "b", "c"} {
			b.put(b.x(key, 0))
		}
		if _, err := a.Step(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
		b.run(b.recording()) // without waiting for a lease to end
		if got := b.noted(); len(got) < 2 {
			t.Errorf("done: %v", got)
		}
	})
	t.Run("X07 a name twice, or with the separator, is a mistake of the program", func(t *testing.T) {
		t.Parallel()
		for _, name := range []string{"x", "a|b"} {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%q is taken", name)
					}
				}()
				newBench(t).recording().Handle(name, nil)
			}()
		}
	})
}

func errOf(fail func() error) (err error) {
	defer func() { _ = recover() }()
	return fail()
}

// TestTogether has several agendas, as of several processes, work on one store. What is done is noted in the store.
func TestTogether(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s, err := sqlite.Open(bg, t.TempDir()+"/agenda.db", &sqlite.Options{Durability: sqlite.Normal, SearchOff: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	b.store = s
	const tickets, each = 20, 5
	for i := range tickets * each {
		e := b.x(fmt.Sprint(i/tickets), time.Duration(i)*time.Second)
		e.Ticket = int64(i%tickets + 1)
		b.put(e)
	}
	b.clock.advance(time.Hour)
	var wg sync.WaitGroup
	for range 3 {
		a := b.agenda()
		a.Handle("x", func(ctx context.Context, tx store.Tx, e agenda.Entry) error {
			done, err := record.Read[[]string](ctx, tx, "done", record.ID(e.Ticket))
			if err != nil && !errors.Is(err, ticket.ErrNotFound) {
				return err
			}
			return record.Put(ctx, tx, "done", record.ID(e.Ticket), "", append(done, e.Key))
		})
		wg.Go(func() {
			for len(b.works(store.WorkPending, store.WorkLeased)) > 0 {
				if _, err := a.Step(bg); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	t.Run("X07 several processes do each thing once, and keep the order on a ticket", func(t *testing.T) {
		err := s.View(bg, func(ctx context.Context, x store.Reader) error {
			var all [][]string
			if err := record.ReadAll(ctx, x, "done", "", &all); err != nil {
				return err
			}
			if len(all) != tickets {
				t.Errorf("%d tickets", len(all))
			}
			for _, done := range all {
				if !slices.Equal(done, []string{"0", "1", "2", "3", "4"}) {
					t.Errorf("done on a ticket: %v", done)
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}
