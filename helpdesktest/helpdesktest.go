// Package helpdesktest gives a host's tests a desk that they can hold in their hands: a clock that moves when told to,
// deliveries that run inline or when told to, counts of the hooks that fired, and mail that goes nowhere.
//
//	desk := helpdesktest.New(t, nil)
//	shop.Bind(desk.Hooks())
//	…
//	desk.Clock.Advance(24 * time.Hour)
//	desk.ExpectEvents(t, map[string]int{"TicketCreated": 1, "TicketClientCreated": 1})
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
	Manual bool   // deliveries wait for Dispatch; default: they run inline, after each commit
}

// Desk is a desk for tests.
type Desk struct {
	*helpdesk.Desk
	Store  store.Store
	Clock  *Clock
	Outbox *Outbox

	mu    sync.Mutex
	fired map[string]int
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
	t.Cleanup(func() { _ = desk.Stop(context.Background()) })
	d.count(t)
	return d
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

// ResetFired begins to count anew.
func (d *Desk) ResetFired() {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.fired)
}

// ExpectEvents fails the test if other events happened than want says, or more or less often, and begins to count anew.
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
	d.ResetFired()
}

// ExpectFired is ExpectEvents for points of every kind: filters, gates, guards and views, too, which the desk of a test
// has bound all.
func (d *Desk) ExpectFired(t testing.TB, want map[string]int) {
	t.Helper()
	if diff := drift(d.Fired(), want); diff != "" {
		t.Errorf("other hooks fired than expected:\n%s", diff)
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

// RunAlone runs one event binding on one event of the journal, whatever has become of its delivery, and returns what
// the handler returned. The payload has the ticket as it is now. There is no delivery, so nothing remembers that it ran:
// Deliveries.Once, in the handler, runs its function in a transaction each time. That a second delivery leaves it out is
// seen with DispatchAll.
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
