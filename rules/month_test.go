package rules_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/store/storetest"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// month is a desk that lives through a month of everything that is due.
type month struct {
	*shop
	rng   *rand.Rand
	ids   []int64
	told  map[string]rules.Notice // by id: what is told twice is told once
	times int                     // notices, those that were told again included
}

const monthDays = 31

// begin opens the tickets, and says what is to be done with each: a follow-up, a closing, a snooze or an appointment, and
// of every second one the customer replies on the third day.
func (m *month) begin(t testing.TB, tickets int) {
	t.Helper()
	p := chasing()
	p.Chasers, p.Every = 2, ticket.Duration(3*day)
	must(m.AutoCloses().Save(host, p))(t)
	d := weekly()
	d.Rule, d.CatchUp = "DTSTART:20260105T120000\nRRULE:FREQ=DAILY", rules.CatchUpAll
	must(m.RecurringTickets().Save(host, d))(t)
	for i := range tickets {
		at := m.Now().Add(5*day + time.Duration(m.rng.IntN(20*24*60))*time.Minute)
		id := m.open(t).ID
		switch i % 4 {
		case 0:
			must(m.FollowUps().Add(bob, id, rules.FollowUp{At: at, Text: "Call", Remind: rules.Recipients{Owner: true}, SetPriority: "high", CancelOn: rules.CancelOnCustomer}))(t)
		case 1:
			must(m.Reply(bob, id, ticket.ReplyDraft{Body: "Which?", Status: "waiting_customer"}))(t)
		case 2:
			must(m.Snooze(bob, id, at))(t)
		case 3:
			must(m.Appointments().Set(bob, id, rules.Appointment{At: at, Remind: rules.Recipients{Customer: true}, Before: ticket.Duration(time.Hour)}))(t)
		}
		m.ids = append(m.ids, id)
	}
}

// gather takes what was told.
func (m *month) gather() {
	for _, n := range m.notices() {
		m.told[fmt.Sprintf("%d %s", n.Ticket, strings.Split(n.Why, ":")[0])+" "+n.ID] = n
		m.times++
	}
}

// expect says what must have become of the tickets.
func (m *month) expect(t testing.TB) {
	t.Helper()
	tells := map[int64]int{}
	for _, n := range m.told {
		tells[n.Ticket]++
	}
	for i, id := range m.ids {
		x, replied := m.get(t, id), i%8 >= 4
		got := fmt.Sprintf("%s %s %s, chased %d, told %d", x.Status, x.Priority, x.Folder, m.chased(t, id), tells[id])
		want := []string{
			"open high inbox, chased 0, told 1", "closed medium inbox, chased 2, told 0", "open medium inbox, chased 0, told 1", "open medium inbox, chased 0, told 1",
			"open medium inbox, chased 0, told 0", "waiting_customer medium inbox, chased 0, told 0", "open medium inbox, chased 0, told 1", "open medium inbox, chased 0, told 1",
		}[i%8]
		if got != want {
			t.Errorf("ticket %d (%d, replied %v): %s; want %s", id, i%8, replied, got, want)
		}
	}
	noons := 0
	for noon := time.Date(2026, 1, 5, 11, 0, 0, 0, time.UTC); !noon.After(m.Now()); noon = noon.Add(day) { // in Berlin
		noons++
	}
	if got := len(m.opened(t)) - len(m.ids); got != noons || noons < monthDays {
		t.Errorf("%d recurring tickets, want %d", got, noons)
	}
	for _, p := range must(m.Check(host))(t) {
		t.Errorf("problem: %+v", p)
	}
	for _, kind := range []string{"followup", "snooze"} {
		if n := m.records(t, kind); n != 0 {
			t.Errorf("%d records %s are left", n, kind)
		}
	}
}

// replies has every second ticket's customer reply.
func (m *month) replies(t testing.TB) {
	t.Helper()
	for i, id := range m.ids {
		if i%8 >= 4 {
			must(m.Reply(ann, id, ticket.ReplyDraft{Body: "Hello?"}))(t)
		}
	}
}

// journal is everything that has happened, in its order, without what is drawn by lot.
func (m *month) journal(t testing.TB) string {
	t.Helper()
	var sb strings.Builder
	for x, err := range m.AllTickets(host, ticket.Query{Sort: ticket.OldestCreated}) {
		ok(t, err)
		for _, e := range must(m.History(host, x.ID, ticket.EventQuery{Limit: ticket.MaxPage}))(t) {
			fmt.Fprintln(&sb, e.TicketID, e.Seq, e.Type, e.At, e.Actor.ID, e.Cause.Rule, e.Cause.Depth, e.Changes)
		}
	}
	for _, k := range slices.Sorted(func(yield func(string) bool) {
		for k, n := range m.told {
			if !yield(fmt.Sprint(k, n.At, n.To)) {
				return
			}
		}
	}) {
		fmt.Fprintln(&sb, k)
	}
	return sb.String()
}

func newMonth(t testing.TB, o shopOptions, seed uint64) *month {
	return &month{shop: newShop(t, o), rng: rand.New(rand.NewPCG(seed, 1)), told: map[string]rules.Notice{}}
}

// TestMonth lives through a month of 200 tickets on a moved clock.
func TestMonth(t *testing.T) {
	t.Parallel()
	live := func(t *testing.T) string {
		m := newMonth(t, shopOptions{}, 7)
		m.begin(t, 200)
		for hour := range monthDays * 24 {
			if hour == 3*24 {
				m.replies(t)
			}
			m.later(t, time.Hour)
		}
		m.gather()
		m.expect(t)
		if m.times != len(m.told) {
			t.Errorf("%d notices were told %d times", len(m.told), m.times)
		}
		return m.journal(t)
	}
	began := time.Now()
	first := live(t)
	took := time.Since(began)
	t.Logf("a month took %v", took)
	t.Run("X07 the same month has the same journal", func(t *testing.T) {
		if second := live(t); first != second {
			a, b := strings.Split(first, "\n"), strings.Split(second, "\n")
			for i := range min(len(a), len(b)) {
				if a[i] != b[i] {
					t.Fatalf("line %d:\n%s\n%s", i, a[i], b[i])
				}
			}
			t.Errorf("%d lines and %d", len(a), len(b))
		}
	})
}

var errKilled = errors.New("killed")

// TestMonthKilled lives through the month with a process that dies again and again, in the middle of what it does: its
// store fails, at any call, and another process goes on where it was.
func TestMonthKilled(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"memory", "SQLite"} {
		t.Run("X07 a process that dies at any step loses nothing, and nothing is done twice, on "+kind, func(t *testing.T) {
			t.Parallel()
			clock := helpdesktest.NewClock(time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC))
			var s store.Store = memory.New(&memory.Options{Now: clock.Now})
			if kind == "SQLite" {
				var err error
				if s, err = sqlite.Open(bg, t.TempDir()+"/desk.db", &sqlite.Options{Durability: sqlite.Normal, SearchOff: true, Now: clock.Now}); err != nil {
					t.Fatal(err)
				}
			}
			faulty := storetest.NewFaulty(s)
			t.Cleanup(func() { _ = faulty.Close() })
			m := newMonth(t, shopOptions{store: faulty, clock: clock}, 11)
			m.begin(t, 40)
			kills, deaths := 0, 3
			if testing.Short() && kind == "SQLite" { // any step in memory, and fewer on what the race detector makes slow
				deaths = 1
			}
			for step := range monthDays * 8 {
				if step == 3*8 {
					m.replies(t)
				}
				clock.Advance(3 * time.Hour)
				for range deaths {
					faulty.FailAt(1+m.rng.IntN(60), errKilled)
					_, _ = m.Tick(bg)
					if faulty.Failed() == "" {
						break
					}
					kills++
					faulty.FailAt(0, nil)
					m.gather()
					ok(t, m.Stop(bg))
					m.shop = newShop(t, shopOptions{store: faulty, clock: clock})
					clock.Advance(2 * time.Minute) // its leases end
				}
				faulty.FailAt(0, nil)
				must(m.Tick(bg))(t)
				m.DispatchAll(t)
			}
			clock.Advance(time.Hour)
			must(m.Tick(bg))(t)
			m.gather()
			m.expect(t)
			if kills < 50 {
				t.Errorf("only %d kills", kills)
			}
			t.Logf("%d kills, %d notices told %d times", kills, len(m.told), m.times)
		})
	}
}
