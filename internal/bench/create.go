package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// desk is our side: a desk on a file of its own, with one gate, one guard, and as many durable events bound as asked
// for.
type desk struct {
	*helpdesk.Desk
	s    store.Store
	path string // of the file, or what the names of the tables begin with
}

func newDesk(ctx context.Context, e *env, d sqlite.Durability, events int) (*desk, error) {
	return openDesk(ctx, filepath.Join(e.dir, fmt.Sprintf("desk-%d.db", rand.Int64())), d, events)
}

// openDesk opens the desk in a file, or makes one there.
func openDesk(ctx context.Context, path string, d sqlite.Durability, events int) (*desk, error) {
	out, err := plainDesk(ctx, path, d)
	if err != nil {
		return nil, err
	}
	out.bind(events)
	return out, out.create(ctx) // the first write stores the subscriptions
}

// plainDesk is one to which nothing is bound.
func plainDesk(ctx context.Context, path string, d sqlite.Durability) (*desk, error) {
	s, err := sqlite.Open(ctx, path, &sqlite.Options{Durability: d})
	if err != nil {
		return nil, err
	}
	h, err := helpdesk.New(ctx, s, &helpdesk.Config{Dispatch: helpdesk.Manual})
	if err != nil {
		return nil, err
	}
	return &desk{h, s, path}, nil
}

// bind binds a gate, a guard, and as many durable events.
func (d *desk) bind(events int) {
	d.Hooks().TicketCreateValidation.Bind("bench", func(_ context.Context, in hooks.Creating) error {
		if in.Draft.Subject == "" {
			return ticket.Invalid("subject", ticket.FaultRequired, "is empty")
		}
		return nil
	})
	d.Hooks().TicketCreateGuard.Bind("bench", func(_ context.Context, in hooks.Committing) error {
		if in.After.Brand == "" {
			return ticket.Invalid("brand", ticket.FaultRequired, "is empty")
		}
		return nil
	})
	for i := range events {
		d.Hooks().TicketCreated.Bind(fmt.Sprintf("bench%d", i), func(context.Context, hooks.Created) error { return nil })
	}
}

var ann = ticket.Client("42", "Ann Example", "ann@example.com")

func (d *desk) create(ctx context.Context) error {
	_, err := d.CreateTicket(ticket.WithActor(ctx, ann), ticket.Draft{
		Subject: "The lamp that I ordered arrived in two pieces", Service: "order-17",
		Body: "Hello,\n\nthe lamp of order 17 arrived today, and its foot is broken off. Could you send another one?\n\nKind regards\nAnn",
	})
	return err
}

func (d *desk) close(ctx context.Context) error {
	if err := d.Stop(ctx); err != nil {
		return err
	}
	return d.s.Close()
}

// rounds makes rounds of an operation: of so many in all.
type rounds func(ctx context.Context, op func(context.Context) error) func(n int) error

// repeat makes a round of one caller.
func repeat(ctx context.Context, op func(context.Context) error) func(int) error {
	return func(n int) error {
		for range n {
			if err := op(ctx); err != nil {
				return err
			}
		}
		return nil
	}
}

// callers is how many a crowd is of.
const callers = 64

func crowd(ctx context.Context, op func(context.Context) error) func(int) error {
	return crowdOf(callers)(ctx, op)
}

// crowdOf makes a round of many callers at once.
func crowdOf(callers int) rounds {
	return func(ctx context.Context, op func(context.Context) error) func(int) error {
		return func(n int) error { return together(ctx, callers, n, op) }
	}
}

func together(ctx context.Context, callers, n int, op func(context.Context) error) error {
	var left atomic.Int64
	left.Store(int64(n))
	errs := make(chan error, callers)
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				if err := op(ctx); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	return <-errs
}

// against measures creating tickets by the desk and by the raw program in the same manner of rounds.
func against(ctx context.Context, e *env, round rounds) (ours, theirs time.Duration, r result, err error) {
	d, err := newDesk(ctx, e, sqlite.Full, 1)
	if err != nil {
		return 0, 0, r, err
	}
	defer d.close(ctx)
	raw, err := newRaw(ctx, e, d.path, true)
	if err != nil {
		return 0, 0, r, err
	}
	defer raw.close()
	if r.notes, err = accounts(ctx, d, raw, round); err != nil {
		return 0, 0, r, err
	}
	ours, theirs, r.ratio, err = e.pairs(round(ctx, d.create), round(ctx, raw.create))
	return ours, theirs, r, err
}

func runCreate(ctx context.Context, e *env) (result, error) {
	ours, theirs, r, err := against(ctx, e, repeat)
	r.ours, r.raw, r.promise = perOp("desk", ours), perOp("prepared tx", theirs), 0.70
	return r, err
}

// accounts says what both sides write for a ticket.
func accounts(ctx context.Context, d *desk, r *raw, round rounds) ([]string, error) {
	a, err := accountOf(ctx, d.path, 20, round(ctx, d.create))
	if err != nil {
		return nil, err
	}
	b, err := accountOf(ctx, r.path, 20, round(ctx, r.create))
	if err != nil {
		return nil, err
	}
	return []string{"per ticket: ours " + a.String() + "; raw " + b.String()}, nil
}

func runConcurrent(ctx context.Context, e *env) (result, error) {
	wide := *e
	wide.n *= 5
	ours, theirs, r, err := against(ctx, &wide, crowd)
	r.ours, r.raw, r.promise, r.unit = perOp("64 callers", ours), perOp("64 behind a mutex", theirs), 2.0, "x"
	return r, err
}

func runDurability(ctx context.Context, e *env) (result, error) {
	full, err := newDesk(ctx, e, sqlite.Full, 1)
	if err != nil {
		return result{}, err
	}
	defer full.close(ctx)
	normal, err := newDesk(ctx, e, sqlite.Normal, 1)
	if err != nil {
		return result{}, err
	}
	defer normal.close(ctx)
	wide := *e
	wide.n *= 10
	ours, theirs, ratio, err := wide.pairs(crowd(ctx, full.create), crowd(ctx, normal.create))
	return result{ours: perOp("FULL, 64 callers", ours), raw: perOp("NORMAL, 64 callers", theirs), ratio: ratio, promise: 0.85,
		notes: []string{"judged on a disk whose fdatasync p50 is at most 0.3 ms"}}, err
}

func runDelivery(ctx context.Context, e *env) (result, error) {
	with, err := newDesk(ctx, e, sqlite.Full, 1)
	if err != nil {
		return result{}, err
	}
	defer with.close(ctx)
	without, err := newDesk(ctx, e, sqlite.Full, 0)
	if err != nil {
		return result{}, err
	}
	defer without.close(ctx)
	a, err := accountOf(ctx, with.path, 20, repeat(ctx, with.create))
	if err != nil {
		return result{}, err
	}
	b, err := accountOf(ctx, without.path, 20, repeat(ctx, without.create))
	if err != nil {
		return result{}, err
	}
	ours, theirs, ratio, err := e.pairs(repeat(ctx, with.create), repeat(ctx, without.create))
	return result{ours: perOp("with one", ours), raw: perOp("with none", theirs), ratio: 1 - ratio, promise: 0.20, most: true,
		notes: []string{"per ticket: with one " + a.String() + "; with none " + b.String()}}, err
}

func runHooks(context.Context, *env) (result, error) {
	r := hooks.New(nil)
	full := false
	b := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			full = full || !r.TicketCreated.Empty()
		}
	})
	if full || b.AllocsPerOp() != 0 {
		return result{}, fmt.Errorf("a point that nobody bound at is not empty (%t), or its check allocates (%d)", full, b.AllocsPerOp())
	}
	ns := float64(b.T.Nanoseconds()) / float64(b.N)
	return result{ours: fmt.Sprintf("emptiness check, %d allocs", b.AllocsPerOp()), raw: "nothing", ratio: ns, unit: " ns", promise: 5, most: true,
		notes: []string{fmt.Sprintf("%d checks in %s", b.N, b.T.Round(time.Millisecond))}}, nil
}
