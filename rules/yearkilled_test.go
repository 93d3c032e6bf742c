package rules_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/store/storetest"
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

// orWholeYear is s, or a whole year of so many tickets as HELPDESK_YEAR names.
func orWholeYear(t testing.TB, s shortYear) shortYear {
	t.Helper()
	if n := os.Getenv("HELPDESK_YEAR"); n != "" {
		return newShortYear(must(strconv.Atoi(n))(t), 365*day)
	}
	return s
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
	if testing.Short() {
		t.Skip("one goroutine, whose kills are as TestMonthKilled's: run it without -short")
	}
	t.Parallel()
	s := newShortYear(60, 60*day)
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
		same(t, y.ran(t), want.ran(t))
		y.heardAs(t, want)
	})
}

// ran is which rules have answered what, by the names of the tickets, in no order.
func (y *year) ran(t testing.TB) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for id, list := range y.runs(t) {
		name := "ticket " + itoa(y.numbers[id])
		if _, known := y.numbers[id]; !known {
			name = "recurring"
		}
		for _, run := range list {
			for _, r := range run.Rules {
				out[name] = append(out[name], fmt.Sprintf("%s %s: %s %s", run.At.Format(time.RFC3339Nano), r.Trigger, r.Rule, r.Outcome))
			}
		}
	}
	return sorted(out)
}

// heardAs is that the host has heard of as much as in another life, of some of it again.
func (y *year) heardAs(t testing.TB, want *year) {
	t.Helper()
	if got, want := y.heardOf(), want.heardOf(); !maps.Equal(got, want) {
		t.Errorf("the host has heard of %v, want %v", got, want)
	}
}
