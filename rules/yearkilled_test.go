package rules_test

import (
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/internal/pgserver"
	"github.com/helpdeskgo/helpdesk/store/postgres"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/store/storetest"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// shortYear is a part of a year that is lived from one due thing to the next.
type shortYear struct {
	tickets int
	length  time.Duration
	end     time.Time
	list    []act
}

func newShortYear(tickets int, length time.Duration) shortYear {
	begin := yearBegin.Add(time.Hour) // when all is defined
	return shortYear{tickets, length, begin.Add(length), script(29, begin, tickets, length)}
}

// undisturbed is such a year of one process that never dies.
func (s shortYear) undisturbed(t testing.TB) *year {
	t.Helper()
	y := newYear(true)
	y.shop = y.process(t, nil, helpdesktest.NewClock(yearBegin))
	y.define(t)
	y.byTime(t, s.list, s.end, func() { y.settle(t) })
	y.expectNothingLeft(t)
	y.expectOnce(t)
	y.expectStages(t, false)
	y.expectClosings(t)
	return y
}

// sorted has journals without the order of what happened at one time: who comes first then is for nobody to say.
func sorted(journals map[string][]string) map[string][]string {
	for _, list := range journals {
		slices.Sort(list)
	}
	return journals
}

// TestYearKilled lives through a part of a year with a process that dies again and again: from one call of its store on it
// does nothing any more, and another process goes on.
func TestYearKilled(t *testing.T) {
	t.Parallel()
	tickets, length := 60, 60*day
	if testing.Short() {
		tickets, length = 15, 31*day
	}
	s := newShortYear(tickets, length)
	want := s.undisturbed(t)
	t.Run("X07 a year in which the process is killed at random steps has the same journals, on SQLite", func(t *testing.T) {
		clock, leases := helpdesktest.NewClock(yearBegin), helpdesktest.NewClock(yearBegin)
		db, err := sqlite.Open(bg, t.TempDir()+"/desk.db", &sqlite.Options{Durability: sqlite.Normal, SearchOff: true, Now: leases.Now})
		ok(t, err)
		t.Cleanup(func() { _ = db.Close() })
		y, rng, kills, died := newYear(true), rand.New(rand.NewPCG(31, 1)), 0, map[string]int{}
		faulty := storetest.NewFaulty(db)
		y.shop = y.process(t, faulty, clock)
		y.define(t)
		y.byTime(t, s.list, s.end, func() {
			for rng.IntN(6) == 0 {
				faulty.FailFrom(1+rng.IntN(120), errKilled)
				_, _ = y.Tick(bg)
				_, _ = y.Deliveries().Dispatch(bg)
				if where := faulty.Failed(); where != "" {
					kills++
					died[where]++
				}
				y.Failed() // is the last word of the dead
				_ = y.Stop(bg)
				faulty.FailAt(0, nil)
				leases.Advance(time.Hour)
				y.shop = y.process(t, faulty, clock)
			}
			y.settle(t)
		})
		t.Logf("%d kills: %v", kills, died)
		if kills < s.tickets {
			t.Errorf("only %d kills", kills)
		}
		y.expectNothingLeft(t)
		y.expectRunsOnce(t)
		y.expectStages(t, false)
		y.expectClosings(t)
		same(t, sorted(y.journals(t)), sorted(want.journals(t)))
		y.heardAs(t, want)
	})
}

// heardAs is that the host has heard of as much as in another life, of some of it again.
func (y *year) heardAs(t testing.TB, want *year) {
	t.Helper()
	kinds := func(heard map[string]int) map[string]int {
		n := map[string]int{}
		for what := range heard {
			kind, _, _ := strings.Cut(what, " ")
			n[kind]++
		}
		return n
	}
	if got, want := kinds(y.heard), kinds(want.heard); !maps.Equal(got, want) {
		t.Errorf("the host has heard of %v, want %v", got, want)
	}
}

// TestYearReplicas lives through a part of a year with three processes on one database.
func TestYearReplicas(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts a database server: run it without -short")
	}
	t.Run("X07 a year of three processes on PostgreSQL has the same journals", func(t *testing.T) {
		dsn := pgserver.Start(t, "fsync = off").Database()
		s := newShortYear(15, 31*day)
		want := s.undisturbed(t)
		clock := helpdesktest.NewClock(yearBegin)
		y := newYear(true)
		var replicas []*shop
		for range 3 {
			db := must(postgres.Open(bg, dsn, nil))(t)
			t.Cleanup(func() { _ = db.Close() })
			replicas = append(replicas, y.process(t, db, clock))
		}
		y.shop = replicas[0]
		y.define(t)
		busy := make([]int, len(replicas))
		y.byTime(t, s.list, s.end, func() {
			for at := y.Now(); ; {
				if together(t, replicas, busy) > 0 {
					continue
				}
				if _, late := y.next(t); late == 0 {
					return
				}
				if y.Now().Sub(at) > time.Minute {
					t.Fatalf("%s: something is not done", at)
				}
			}
		})
		t.Logf("replicas did %v", busy)
		for i, n := range busy {
			if n == 0 {
				t.Errorf("replica %d did nothing", i)
			}
		}
		y.expectNothingLeft(t)
		y.expectOnce(t)
		y.expectStages(t, false)
		y.expectClosings(t)
		same(t, sorted(y.journals(t)), sorted(want.journals(t)))
		y.heardAs(t, want)
	})
}

// together has all replicas do what is due at the same time, and returns how much that was.
func together(t testing.TB, replicas []*shop, busy []int) (total int) {
	t.Helper()
	did := make([]int, len(replicas))
	var wg sync.WaitGroup
	for i, r := range replicas {
		wg.Go(func() {
			for _, step := range []func() (int, error){func() (int, error) { return r.Tick(bg) }, func() (int, error) { return r.Deliveries().Dispatch(bg) }} {
				n, err := step()
				if err != nil && !errors.Is(err, ticket.ErrBusy) {
					t.Error(err)
				}
				did[i] += n
			}
		})
	}
	wg.Wait()
	for i, n := range did {
		busy[i] += n
		total += n
	}
	return total
}
