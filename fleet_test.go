package helpdesk_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// tenant makes a desk for a fleet.
func tenant(t testing.TB, s store.Store, cfg helpdesk.Config) *helpdesk.Desk {
	t.Helper()
	cfg.Dispatch = helpdesk.Manual
	d := must(helpdesk.New(context.Background(), s, &cfg))(t)
	t.Cleanup(func() { ok(t, d.Stop(context.Background())) })
	return d
}

func inMemory(t testing.TB, cfg helpdesk.Config) *helpdesk.Desk {
	t.Helper()
	s := memory.New(nil)
	t.Cleanup(func() { ok(t, s.Close()) })
	return tenant(t, s, cfg)
}

// runFleet runs it until the function that it returns is called, which waits for its end; the end of the test calls it,
// too.
func runFleet(t testing.TB, f *helpdesk.Fleet) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- f.Run(ctx) }()
	stop = sync.OnceFunc(func() { cancel(); ok(t, <-ended) })
	t.Cleanup(stop)
	return stop
}

// write opens n tickets.
func write(t testing.TB, d *helpdesk.Desk, n int) {
	t.Helper()
	for range n {
		must(d.CreateTicket(as(ann), lamp()))(t)
	}
}

func TestFleet(t *testing.T) {
	t.Parallel()
	t.Run("B06 a desk is worked for as soon as something is committed, and rests for longer and longer when nothing is", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			d := inMemory(t, helpdesk.Config{})
			told := make(chan time.Time, 9)
			d.Hooks().TicketCreated.Bind("shop", func(ctx, hooks.Created) error { told <- time.Now(); return nil })
			f := helpdesk.NewFleet(&helpdesk.FleetConfig{MaxPoll: time.Hour})
			ok(t, f.Add(context.Background(), "one", d))
			runFleet(t, f)
			synctest.Wait()
			at := time.Now()
			write(t, d, 1)
			equal(t, "told after", (<-told).Sub(at), 0)
			synctest.Wait()
			<-time.After(time.Hour)
			before := f.Health().Turns
			<-time.After(24 * time.Hour)
			if n := f.Health().Turns - before; n < 20 || n > 31 {
				t.Errorf("%d turns in an idle day", n)
			}
		})
	})
	t.Run("B06 what failed is tried again when it is due, though nobody wakes the desk", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			d := inMemory(t, helpdesk.Config{})
			told := make(chan int, 9)
			d.Hooks().TicketCreated.Bind("shop", func(_ ctx, e hooks.Created) error {
				told <- e.Attempt
				if e.Attempt < 6 {
					return errors.New("the other side does not answer")
				}
				return nil
			})
			f := helpdesk.NewFleet(nil)
			ok(t, f.Add(context.Background(), "one", d))
			runFleet(t, f)
			at := time.Now()
			write(t, d, 1)
			for want := 1; want <= 6; want++ {
				equal(t, "attempt", <-told, want)
			}
			if took := time.Since(at); took < 25*time.Second || took > 4*time.Minute {
				t.Errorf("six attempts took %s", took) // the pauses are 1 + 2 + 4 + 8 + 16 s, each found within twice as long
			}
		})
	})
	t.Run("B06 a fleet does not run anew before it has ended", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			d := inMemory(t, helpdesk.Config{})
			release := make(chan struct{})
			d.Hooks().TicketCreated.Bind("slow", func(ctx, hooks.Created) error { <-release; return nil })
			f := helpdesk.NewFleet(nil)
			ok(t, f.Add(context.Background(), "one", d))
			first, end := context.WithCancel(context.Background())
			ended := make(chan error, 1)
			go func() { ended <- f.Run(first) }()
			write(t, d, 1)
			synctest.Wait()
			end()
			synctest.Wait()
			again, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			if err := f.Run(again); !errors.Is(err, ticket.ErrConflict) {
				t.Errorf("run while the first waits for a handler: %v, want %v", err, ticket.ErrConflict)
			}
			close(release)
			synctest.Wait()
			select {
			case err := <-ended:
				ok(t, err)
			default:
				t.Fatal("the first run does not end")
			}
			ok(t, f.Run(again))
		})
	})
	t.Run("B06 X14 mass actions are carried out, the index follows, and what is old is cleared away", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			d := inMemory(t, helpdesk.Config{})
			f := helpdesk.NewFleet(nil)
			ok(t, f.Add(context.Background(), "one", d))
			runFleet(t, f)
			write(t, d, 120)
			run := must(d.Mass().Start(as(bob), ticket.MassAction{Do: ticket.MassUpdate, Query: &ticket.Query{}, AddTags: []string{"seen"}}))(t)
			<-time.After(10 * time.Second)
			run = must(d.Mass().Get(as(bob), run.ID))(t)
			equal(t, "state", run.State, ticket.MassDone)
			equal(t, "done", run.Done, 120)
			equal(t, "stale", must(d.Health(as(bob)))(t).Stale, 0)
			if len(must(d.Search(as(bob), ticket.Search{Text: "lamp"}))(t).Hits) == 0 {
				t.Error("nothing is found")
			}
			d.Hooks().TicketCreated.Bind("late", func(ctx, hooks.Created) error { return nil })
			write(t, d, 1)
			<-time.After(10 * time.Second)
			done := helpdesk.DeliveryQuery{States: []store.WorkState{store.WorkDone}}
			equal(t, "finished deliveries", len(must(d.Deliveries().List(as(bob), done))(t)), 1)
			<-time.After(8 * 24 * time.Hour)
			equal(t, "finished deliveries after their retention", len(must(d.Deliveries().List(as(bob), done))(t)), 0)
		})
	})
	t.Run("B06 a tenant with much to do does not keep others waiting, and never has more than a quarter of the workers", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := helpdesk.NewFleet(&helpdesk.FleetConfig{Workers: 8})
			var running, most, done atomic.Int64
			busy := inMemory(t, helpdesk.Config{Workers: 100})
			busy.Hooks().TicketCreated.Bind("shop", func(ctx, hooks.Created) error {
				most.Store(max(most.Load(), running.Add(1)))
				<-time.After(50 * time.Millisecond)
				running.Add(-1)
				done.Add(1)
				return nil
			})
			ok(t, f.Add(context.Background(), "busy", busy))
			write(t, busy, 1000)
			begin := time.Now()
			waited := make(chan time.Duration, 50)
			for i := range 50 {
				d := inMemory(t, helpdesk.Config{})
				d.Hooks().TicketCreated.Bind("shop", func(ctx, hooks.Created) error { waited <- time.Since(begin); return nil })
				ok(t, f.Add(context.Background(), fmt.Sprint(i), d))
				write(t, d, 1)
			}
			runFleet(t, f)
			for range 50 {
				if d := <-waited; d > time.Second {
					t.Errorf("one waited for %s", d)
				}
			}
			if done.Load() > 100 {
				t.Errorf("%d of the busy one's came first", done.Load())
			}
			<-time.After(time.Minute)
			equal(t, "done", done.Load(), 1000)
			equal(t, "at a time", most.Load(), 2)
		})
	})
	t.Run("B06 a desk that fails, hangs, panics or ends its goroutine holds up no other, and Health names it", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := helpdesk.NewFleet(&helpdesk.FleetConfig{Workers: 2})
			closed := memory.New(nil)
			failing := tenant(t, closed, helpdesk.Config{})
			panicking := tenant(t, &buggy{Store: memory.New(nil)}, helpdesk.Config{})
			for name, d := range map[string]*helpdesk.Desk{"failing": failing, "panicking": panicking} {
				ok(t, f.Add(context.Background(), name, d))
			}
			ok(t, closed.Close())
			panicking.Hooks().TicketCreated.Bind("x", func(ctx, hooks.Created) error { return nil })
			for name, handler := range map[string]func(ctx, hooks.Created) error{
				"hanging": func(c ctx, _ hooks.Created) error { <-c.Done(); return c.Err() },
				"gone":    func(ctx, hooks.Created) error { runtime.Goexit(); return nil },
			} {
				d := inMemory(t, helpdesk.Config{})
				d.Hooks().TicketCreated.Bind("shop", handler)
				ok(t, f.Add(context.Background(), name, d))
				write(t, d, 1)
			}
			good, told := inMemory(t, helpdesk.Config{}), 0
			good.Hooks().TicketCreated.Bind("shop", func(ctx, hooks.Created) error { told++; return nil })
			ok(t, f.Add(context.Background(), "good", good))
			write(t, good, 3)
			stop := runFleet(t, f)
			<-time.After(5 * time.Minute)
			stop()
			equal(t, "told", told, 3)
			var names []string
			for _, x := range f.Health().Failing {
				names = append(names, x.Name)
				if x.Failures < 3 || x.Since.IsZero() || x.Err == nil {
					t.Errorf("%+v", x)
				}
			}
			equal(t, "failing", strings.Join(names, " "), "failing panicking")
		})
	})
	t.Run("B06 Run and Remove wait for the handlers that run, begin no other, and end them when they take too long", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := helpdesk.NewFleet(nil)
			d := inMemory(t, helpdesk.Config{})
			var begun, ended atomic.Int64
			d.Hooks().TicketCreated.Bind("slow", func(c ctx, _ hooks.Created) error {
				begun.Add(1)
				select {
				case <-time.After(20 * time.Second):
				case <-c.Done():
				}
				ended.Add(1)
				return c.Err()
			}, hooks.Timeout(time.Minute))
			ok(t, f.Add(context.Background(), "one", d))
			write(t, d, 4)
			stop := runFleet(t, f)
			synctest.Wait()
			at := time.Now()
			stop()
			equal(t, "Run ended after", time.Since(at), 10*time.Second)
			equal(t, "begun", begun.Load(), 1)
			equal(t, "ended", ended.Load(), 1)
			runFleet(t, f)
			<-time.After(time.Second)
			equal(t, "begun by the next Run", begun.Load(), 2)
			c, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			is(t, f.Remove(c, "one"), context.DeadlineExceeded)
			is(t, f.Remove(c, "one"), ticket.ErrNotFound)
			<-time.After(time.Hour)
			equal(t, "begun after it was removed", begun.Load(), 2)
			equal(t, "desks", f.Health().Desks, 0)
			ok(t, f.Add(context.Background(), "again", d))
			<-time.After(time.Minute)
			equal(t, "begun when it is back", begun.Load() > 2, true)
			ok(t, f.Remove(context.Background(), "again"))
		})
	})
	t.Run("B06 what does not fit is refused", func(t *testing.T) {
		t.Parallel()
		f := helpdesk.NewFleet(nil)
		invalid(t, f.Add(context.Background(), "none", nil), "dispatch")
		invalid(t, f.Add(context.Background(), "background", must(helpdesk.New(context.Background(), openStore(t), nil))(t)), "dispatch")
		d := inMemory(t, helpdesk.Config{})
		ok(t, f.Add(context.Background(), "one", d))
		is(t, f.Add(context.Background(), "one", inMemory(t, helpdesk.Config{})), ticket.ErrExists)
		is(t, f.Add(context.Background(), "two", d), ticket.ErrExists)
		stopped := must(helpdesk.New(context.Background(), openStore(t), &helpdesk.Config{Dispatch: helpdesk.Manual}))(t)
		ok(t, stopped.Stop(context.Background()))
		is(t, f.Add(context.Background(), "stopped", stopped), ticket.ErrStopped)
		stop := runFleet(t, f)
		for f.Health().Turns == 0 { // until it runs
			runtime.Gosched()
		}
		is(t, f.Run(context.Background()), ticket.ErrConflict)
		stop()
	})
}

// buggy is a store that panics in a turn.
type buggy struct{ store.Store }

func (f *buggy) View(c context.Context, fn func(context.Context, store.Reader) error) error {
	if strings.Contains(stack(), "fleetturn.go") {
		panic("the driver has a bug")
	}
	return f.Store.View(c, fn)
}

func (f *buggy) Update(c context.Context, fn func(context.Context, store.Tx) error) error {
	return f.Store.Update(c, func(c context.Context, x store.Tx) error { return fn(store.ContextWithTx(c, f, x), x) })
}

func stack() string {
	buf := make([]byte, 1<<16)
	return string(buf[:runtime.Stack(buf, false)])
}

// prefixed opens stores with tables of their own in one file, over one pool of connections.
func prefixed(t testing.TB, n int) []store.Store {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tenants.db")
	db := must(sql.Open("sqlite", "file:"+path+"?_txlock=immediate&_pragma=busy_timeout(10000)&_pragma=foreign_keys(1)"))(t)
	t.Cleanup(func() { ok(t, db.Close()) })
	var out []store.Store
	for i := range n {
		s := must(sqlite.Use(context.Background(), db, &sqlite.Options{TablePrefix: fmt.Sprintf("t%d_", i), Readers: 1, BusyTimeout: 20 * time.Second, Durability: sqlite.Normal}))(t)
		t.Cleanup(func() { ok(t, s.Close()) })
		out = append(out, s)
	}
	return out
}

func TestTenants(t *testing.T) {
	t.Parallel()
	t.Run("B06 many tenants in one file, over one pool, with few workers: each hears of its own and of nothing else", func(t *testing.T) {
		t.Parallel()
		const most, tickets, workers = 25, 8, 4
		tenants := most
		if testing.Short() {
			tenants = 5
		}
		f := helpdesk.NewFleet(&helpdesk.FleetConfig{Workers: workers})
		var told [most]atomic.Int64
		var running, peak atomic.Int64
		all := make(chan struct{}, tenants*tickets)
		var desks []*helpdesk.Desk
		for i, s := range prefixed(t, tenants) {
			d := tenant(t, s, helpdesk.Config{})
			desks = append(desks, d)
			d.Hooks().TicketCreated.Bind("shop", func(_ ctx, e hooks.Created) error {
				peak.Store(max(peak.Load(), running.Add(1)))
				defer running.Add(-1)
				if e.Ticket.Subject != fmt.Sprint("of ", i) {
					t.Errorf("tenant %d was told of a ticket %q", i, e.Ticket.Subject)
				}
				told[i].Add(1)
				all <- struct{}{}
				return nil
			})
			ok(t, f.Add(context.Background(), fmt.Sprint(i), d))
		}
		stop := runFleet(t, f)
		for range tickets {
			for i, d := range desks {
				must(d.CreateTicket(as(ann), ticket.Draft{Subject: fmt.Sprint("of ", i), Body: "x"}))(t)
			}
		}
		for range tenants * tickets {
			<-all
		}
		stop()
		for i := range desks {
			equal(t, "told", told[i].Load(), tickets)
			equal(t, "tickets", len(must(desks[i].Tickets(as(bob), ticket.Query{}))(t).Tickets), tickets)
		}
		if peak.Load() > workers {
			t.Errorf("%d handlers ran at a time", peak.Load())
		}
		equal(t, "failing", len(f.Health().Failing), 0)
	})
	t.Run("B06 M12 M25 what one tenant signs or encrypts means nothing to another, though ids, file and process are the same", func(t *testing.T) {
		t.Parallel()
		stores := prefixed(t, 2)
		cfg := helpdesk.Config{Settings: ticket.SettingsPatch{SurveyInMail: new(true)}}
		one, two := tenant(t, stores[0], cfg), tenant(t, stores[1], cfg)
		links, surveys, cursors := [2]string{}, [2]string{}, [2]string{}
		for i, d := range []*helpdesk.Desk{one, two} {
			tk := must(d.CreateTicket(as(ann), lamp()))(t)
			write(t, d, 2)
			equal(t, "id", tk.ID, 1)
			m := must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "x"}))(t)
			links[i] = must(d.GuestLinks().New(as(bob), tk.ID, nil))(t)
			surveys[i] = must(d.Ratings().Survey(as(host), m.ID))(t)
			cursors[i] = must(d.Tickets(as(ann), ticket.Query{Limit: 1}))(t).Next
		}
		for i, d := range []*helpdesk.Desk{one, two} {
			must(d.GuestLinks().Open(context.Background(), links[i]))(t)
			_, err := d.GuestLinks().Open(context.Background(), links[1-i])
			is(t, err, ticket.ErrTokenInvalid)
			must(d.Ratings().Show(context.Background(), surveys[i]))(t)
			_, err = d.Ratings().Show(context.Background(), surveys[1-i])
			is(t, err, ticket.ErrTokenInvalid)
			must(d.Tickets(as(ann), ticket.Query{Limit: 1, Cursor: cursors[i]}))(t)
			_, err = d.Tickets(as(ann), ticket.Query{Limit: 1, Cursor: cursors[1-i]})
			is(t, err, ticket.ErrInvalid)
		}
	})
}
