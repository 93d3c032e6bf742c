package rules_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/internal/pgserver"
	"github.com/helpdeskgo/helpdesk/store/postgres"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// replica is one process of several on a database, which does by itself what is due.
type replica struct {
	*shop
	did atomic.Int64 // writes and deliveries
}

func (y *year) replica(t testing.TB, dsn string, clock *helpdesktest.Clock) *replica {
	t.Helper()
	db := must(postgres.Open(bg, dsn, nil))(t)
	t.Cleanup(func() { _ = db.Close() })
	r := &replica{}
	cfg := y.config()
	cfg.Now, cfg.GuardTimeout = clock.Now, 10*time.Second
	cfg.Observer = helpdesk.Observer{
		Write:    func(context.Context, helpdesk.WriteInfo) { r.did.Add(1) },
		Delivery: func(context.Context, helpdesk.DeliveryInfo) { r.did.Add(1) },
		Hook: func(failed hooks.Report) {
			if !errors.Is(failed.Err, ticket.ErrBusy) {
				t.Errorf("%s at %s: %v", failed.Binding, failed.Point, failed.Err)
			}
		},
	}
	d := must(helpdesk.New(bg, db, &cfg))(t)
	t.Cleanup(func() { _ = d.Stop(bg) })
	r.shop = y.begun(t, &helpdesktest.Desk{Desk: d, Store: db, Clock: clock})
	return r
}

// replicas are several processes that live through one year.
type replicas struct {
	*year
	list  []*replica
	turns int
	slow  int // turns that lasted for as long as the poll of a replica
}

func newReplicas(t testing.TB, n int) *replicas {
	t.Helper()
	dsn, clock := pgserver.Start(t, "fsync = off").Database(), helpdesktest.NewClock(yearBegin)
	r := &replicas{year: newYear(true)}
	for range n {
		r.list = append(r.list, r.replica(t, dsn, clock))
	}
	r.shop = r.list[0].shop
	r.asks(r.Store.(*postgres.Store).DB())
	return r
}

// turn waits until the replicas have done what is due now, and lets the next one do what people do then.
func (r *replicas) turn(t testing.TB) {
	t.Helper()
	for _, x := range r.list { // none of them can see that the clock was moved
		x.Wake()
	}
	for began := time.Now(); ; <-time.After(2 * time.Millisecond) {
		_, late := r.next(t)
		took := time.Since(began)
		if late == 0 {
			if took > 700*time.Millisecond {
				r.slow++
			}
			break
		}
		if took > 2*time.Minute {
			t.Fatalf("%s: %d things are not done", r.Now(), late)
		}
	}
	r.turns++
	r.shop = r.list[r.turns%len(r.list)].shop
}

// TestYearReplicas lives through a part of a year with three processes on one database.
func TestYearReplicas(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts a database server: run it without -short")
	}
	t.Run("X07 a year of three processes on PostgreSQL has the journals of a year of one", func(t *testing.T) {
		r, s := newReplicas(t, 3), orWholeYear(t, newShortYear(150, 31*day))
		began := time.Now()
		want := s.undisturbed(t)
		alone := time.Since(began)
		r.define(t)
		r.byTime(t, s.list, s.end, func() { r.turn(t) })
		t.Logf("one process took %v; three took %v for %d turns, %d of them slow", alone, time.Since(began)-alone, r.turns, r.slow)
		for i, x := range r.list {
			n := x.did.Load()
			t.Logf("replica %d has written and delivered %d times", i, n)
			if n == 0 {
				t.Errorf("replica %d did nothing", i)
			}
		}
		r.expectNothingLeft(t)
		r.expectOnce(t)
		r.expectStages(t, false)
		r.expectClosings(t)
		same(t, sorted(r.journals(t)), sorted(want.journals(t)))
		same(t, r.ran(t), want.ran(t))
		r.heardAs(t, want)
	})
}
