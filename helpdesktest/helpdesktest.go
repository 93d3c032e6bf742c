// Package helpdesktest gives a host's tests a desk that they can hold in their hands: a clock that moves when told to,
// deliveries that run inline or when told to, counts of the hooks that fired, and mail that goes nowhere.
//
//	desk := helpdesktest.New(t, nil)
//	shop.Bind(desk.Hooks())
//	…
//	desk.Clock.Advance(24 * time.Hour)
//	desk.ExpectEvents(t, map[string]int{"TicketCreated": 1, "TicketClientCreated": 1})
//
// What a test sets up counts, too: call ResetFired after it. The search finds what Tick has brought into its index.
package helpdesktest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/internal/alone"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Options tune a test's desk. The zero Options work, and so does nil.
type Options struct {
	Store store.Store // default: a new memory store
	// Config, with the Clock as Now if that is nil, and 10 s for guards if GuardTimeout is 0: a busy machine is no reason
	// for a test to fail.
	Config helpdesk.Config
	Clock  *Clock // default: one that begins on a Monday in January 2026, at 9 in the morning
	Manual bool   // deliveries wait for DispatchAll, Deliveries.Dispatch or Tick; default: they run inline, after each commit
}

// Desk is a desk for tests.
type Desk struct {
	*helpdesk.Desk
	Store  store.Store
	Clock  *Clock
	Outbox *Outbox

	mu     sync.Mutex
	fired  map[string]int
	failed []string
}

// start is when the clock of a test's desk begins.
var start = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

// New returns a desk that is stopped when the test ends.
func New(t testing.TB, o *Options) *Desk {
	t.Helper()
	opts := Options{}
	if o != nil {
		opts = *o
	}
	d := &Desk{Store: opts.Store, Clock: NewClock(start), Outbox: &Outbox{}, fired: map[string]int{}}
	if opts.Clock != nil {
		d.Clock = opts.Clock
	}
	cfg := opts.Config
	if cfg.Now == nil {
		cfg.Now = d.Clock.Now
	}
	if cfg.GuardTimeout == 0 {
		cfg.GuardTimeout = 10 * time.Second
	}
	cfg.Observer.Hook = d.watch(cfg.Observer.Hook)
	cfg.Dispatch = helpdesk.Inline
	if opts.Manual {
		cfg.Dispatch = helpdesk.Manual
	}
	if d.Store == nil {
		d.Store = memory.New(&memory.Options{Now: cfg.Now})
		t.Cleanup(func() { _ = d.Store.Close() })
	}
	desk, err := helpdesk.New(context.Background(), d.Store, &cfg)
	if err != nil {
		t.Fatalf("helpdesktest: %v", err)
	}
	d.Desk = desk
	t.Cleanup(func() {
		_ = desk.Stop(context.Background())
		if failed := d.Failed(); t.Failed() && len(failed) > 0 {
			t.Logf("helpdesktest: hooks that failed:\n\t%s", strings.Join(failed, "\n\t"))
		}
	})
	d.count(t)
	return d
}

// watch notes the hooks that fail, and tells the host's observer.
func (d *Desk) watch(host func(hooks.Report)) func(hooks.Report) {
	return func(r hooks.Report) {
		d.mu.Lock()
		d.failed = append(d.failed, fmt.Sprintf("%s at %s: %v", r.Binding, r.Point, r.Err))
		d.mu.Unlock()
		if host != nil {
			host(r)
		}
	}
}

// counter is the id of the bindings that count.
const counter = "helpdesktest.count"

// count binds at every point.
func (d *Desk) count(t testing.TB) {
	for _, p := range d.Hooks().Points() {
		var opts []hooks.Option
		if p.Kind == hooks.KindEvent {
			opts = append(opts, hooks.Volatile())
		}
		err := d.Hooks().BindNamed(p.Name, counter, func(context.Context, hooks.Params) (hooks.Result, error) {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.fired[p.Name]++
			return hooks.Result{}, nil
		}, opts...)
		if err != nil {
			t.Fatalf("helpdesktest: %v", err)
		}
	}
}

// Fired returns how often each point fired since the last ResetFired. Points that never fired are missing.
func (d *Desk) Fired() map[string]int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.fired)
}

// Failed lists the hooks that have failed since it was asked last, by an error that is no refusal, a panic or a deadline.
// The verb that caused an event knows nothing of its handlers: this is where their failures show, and who expects one
// asks for it.
func (d *Desk) Failed() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := d.failed
	d.failed = nil
	return out
}

// ResetFired begins to count anew.
func (d *Desk) ResetFired() {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.fired)
	d.failed = nil
}

// ExpectEvents fails the test if other events happened than want says, or more or less often, and if a hook failed and
// nobody asked for that. It begins to count anew.
func (d *Desk) ExpectEvents(t testing.TB, want map[string]int) {
	t.Helper()
	got := d.Fired()
	maps.DeleteFunc(got, func(name string, _ int) bool {
		p, err := d.Hooks().Lookup(name)
		return err == nil && p.Kind != hooks.KindEvent
	})
	if diff := drift(got, want); diff != "" {
		t.Errorf("other events happened than expected:\n%s", diff)
	}
	d.expectHealth(t)
}

// ExpectFired is ExpectEvents for points of every kind: filters, gates, guards and views, too, which the desk of a test
// has bound all.
func (d *Desk) ExpectFired(t testing.TB, want map[string]int) {
	t.Helper()
	if diff := drift(d.Fired(), want); diff != "" {
		t.Errorf("other hooks fired than expected:\n%s", diff)
	}
	d.expectHealth(t)
}

func (d *Desk) expectHealth(t testing.TB) {
	t.Helper()
	if failed := d.Failed(); len(failed) > 0 {
		t.Errorf("hooks failed:\n\t%s", strings.Join(failed, "\n\t"))
	}
	d.ResetFired()
}

func drift(got, want map[string]int) string {
	var lines []string
	for name, n := range got {
		if want[name] != n {
			lines = append(lines, fmt.Sprintf("\t%s: %d times, want %d", name, n, want[name]))
		}
	}
	for name, n := range want {
		if got[name] == 0 && n != 0 {
			lines = append(lines, fmt.Sprintf("\t%s: never, want %d", name, n))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// DispatchAll delivers everything that is due, and returns how many deliveries that were. It ends after 10,000, for
// handlers that cause each other.
func (d *Desk) DispatchAll(t testing.TB) int {
	t.Helper()
	total := 0
	for total < 10_000 {
		n, err := d.Deliveries().Dispatch(context.Background())
		if err != nil {
			t.Fatalf("helpdesktest: %v", err)
		}
		if n == 0 {
			return total
		}
		total += n
	}
	t.Fatalf("helpdesktest: still deliveries after %d", total)
	return total
}

// Redeliver delivers again what a binding was given already, as after a crash that came when the handler was done and the
// desk had not noted it yet, and returns how many deliveries that were. What the handler did within Deliveries.Once must
// not happen again; anything else does.
func (d *Desk) Redeliver(t testing.TB, point, binding string) int {
	t.Helper()
	ctx := ticket.WithActor(context.Background(), ticket.System("helpdesktest"))
	list, err := d.Deliveries().List(ctx, helpdesk.DeliveryQuery{Point: point, Binding: binding, States: []store.WorkState{store.WorkDone}, Limit: 1000})
	if err == nil {
		err = d.Store.Update(ctx, func(ctx context.Context, x store.Tx) error {
			for _, v := range list {
				if err := x.SetWork(ctx, v.ID, store.WorkDone, store.WorkPending, d.Now()); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil {
		t.Fatalf("helpdesktest: %v", err)
	}
	d.DispatchAll(t)
	return len(list)
}

// RunAlone runs one event binding on one event of the journal, whatever has become of its delivery, and returns what
// the handler returned. The payload has the ticket as it is now. There is no delivery, so nothing remembers that it ran:
// Deliveries.Once, in the handler, runs its function in a transaction each time. That a second delivery leaves it out is
// seen with Redeliver.
func (d *Desk) RunAlone(t testing.TB, point, binding string, event *ticket.Event) error {
	t.Helper()
	ctx := ticket.WithActor(context.Background(), ticket.System("helpdesktest"))
	o := hooks.Occurrence{Event: event, Attempt: 1}
	var err error
	if event.TicketID != 0 {
		if o.Ticket, err = d.Ticket(ctx, event.TicketID); err != nil {
			t.Fatalf("helpdesktest: %v", err)
		}
	}
	if event.MessageID != 0 {
		if o.Message, err = d.Message(ctx, event.MessageID); err != nil {
			t.Fatalf("helpdesktest: %v", err)
		}
	}
	known, err := d.Hooks().Deliver(alone.With(ctx), point, binding, o)
	if !known {
		t.Fatalf("helpdesktest: nothing is bound as %q at %s", binding, point)
	}
	return err
}
