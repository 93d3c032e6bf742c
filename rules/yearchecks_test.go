package rules_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/internal/agenda"
	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// expect holds a year that was lived by the hour against what the script says.
func (y *year) expect(t testing.TB, length time.Duration) {
	t.Helper()
	y.expectActs(t, length)
	y.expectNothingLeft(t)
	y.expectOnce(t)
	y.expectCrossings(t, length)
	y.expectStages(t, true)
	y.expectClosings(t)
	y.expectRecurring(t, length)
}

// expectActs is that a year has some of everything, for else it proves nothing.
func (y *year) expectActs(t testing.TB, length time.Duration) {
	t.Helper()
	n := map[string]int{}
	for _, a := range y.happened {
		n[a.what]++
	}
	for what := range acts {
		if n[what] == 0 && length > 200*day {
			t.Errorf("no act %q has happened", what)
		}
	}
	t.Logf("acts: %v", n)
}

// expectNothingLeft is that all that was due is done, and nothing was given up.
func (y *year) expectNothingLeft(t testing.TB) {
	t.Helper()
	if _, late := y.next(t); late > 0 {
		t.Errorf("%d things are due and not done", late)
	}
	for _, p := range must(y.Check(host))(t) {
		t.Errorf("problem: %+v", p)
	}
	states := []store.WorkState{store.WorkPending, store.WorkLeased, store.WorkDead}
	for _, d := range must(y.Deliveries().List(host, helpdesk.DeliveryQuery{States: states}))(t) {
		t.Errorf("a delivery is %s: %s at %s, %s", d.State, d.Binding, d.Point, d.Error)
	}
	ok(t, y.Store.View(bg, func(ctx context.Context, x store.Reader) error {
		dead, err := agenda.Works(ctx, x, store.WorkQuery{States: []store.WorkState{store.WorkDead}})
		for _, w := range dead {
			t.Errorf("%s was given up: %s", w.Name, w.Error)
		}
		return err
	}))
	for _, failed := range y.Failed() {
		t.Error(failed)
	}
}

// expectOnce is that nobody was told or called twice, and that each rule has answered an event once, and has not failed.
func (y *year) expectOnce(t testing.TB) {
	t.Helper()
	for what, n := range y.heard {
		if n != 1 {
			t.Errorf("the host heard %d times of %s", n, what)
		}
	}
	y.expectRunsOnce(t)
}

func (y *year) expectRunsOnce(t testing.TB) {
	t.Helper()
	ran, runs := map[string]int{}, y.runs(t)
	for _, id := range y.ids {
		for _, run := range runs[id] {
			for _, r := range run.Rules {
				if r.Outcome != rules.Matched {
					t.Errorf("ticket %d at %s: %+v", y.numbers[id], run.At, r)
				}
				ran[r.Rule]++
				if key := fmt.Sprint(run.EventID, r.Rule, r.Trigger); run.EventID != 0 {
					if ran[key]++; ran[key] > 1 {
						t.Errorf("ticket %d: rule %s has answered event %d twice", y.numbers[id], r.Rule, run.EventID)
					}
				}
			}
		}
	}
	y.expectCalls(t)
	for _, r := range yearRules() {
		if (ran[r.Code] == 0) != r.Inactive && len(y.ids) > 500 {
			t.Errorf("rule %s ran %d times", r.Code, ran[r.Code])
		}
	}
}

// expectCalls is that each run of a rule that calls the host has called it once: of an event that was answered twice at one
// time there is one run.
func (y *year) expectCalls(t testing.TB) {
	t.Helper()
	calls := map[string]bool{}
	for _, r := range yearRules() {
		calls[r.Code] = slices.ContainsFunc(r.Do, func(s rules.Step) bool { return s.Action == "call" })
	}
	want := 0
	for _, list := range y.runs(t) {
		for _, run := range list {
			for _, r := range run.Rules {
				if calls[r.Rule] {
					want++
				}
			}
		}
	}
	if got := y.heardOf()["call"]; got != want {
		t.Errorf("%d calls were made by %d runs", got, want)
	}
}

// heardOf is of how many calls and notices the host has heard, each of them once.
func (y *year) heardOf() map[string]int {
	n := map[string]int{}
	for what := range y.heard {
		kind, _, _ := strings.Cut(what, " ")
		n[kind]++
	}
	return n
}

// runs are all of each ticket, the oldest first.
func (y *year) runs(t testing.TB) map[int64][]rules.Run {
	t.Helper()
	var list []rules.Run
	ok(t, y.Store.View(bg, func(ctx context.Context, x store.Reader) (err error) {
		list, err = rules.AllRuns(ctx, x)
		return err
	}))
	out := map[int64][]rules.Run{}
	for _, run := range list {
		out[run.TicketID] = append(out[run.TicketID], run)
	}
	return out
}

// expectRecurring is that each recurring ticket was opened once each time.
func (y *year) expectRecurring(t testing.TB, length time.Duration) {
	t.Helper()
	var got, want []string
	for x, err := range y.AllTickets(host, ticket.Query{Sort: ticket.OldestCreated, Folders: []ticket.Folder{ticket.Inbox, ticket.Archive, ticket.Spam}}) {
		ok(t, err)
		if _, known := y.numbers[x.ID]; !known {
			got = append(got, x.CreatedAt.Format(time.RFC3339))
		}
	}
	berlin, newYork := must(time.LoadLocation("Europe/Berlin"))(t), must(time.LoadLocation("America/New_York"))(t)
	for hour := yearBegin.Add(time.Hour); !hour.After(yearBegin.Add(length)); hour = hour.Add(time.Hour) {
		if hour.In(berlin).Hour() == 12 {
			want = append(want, hour.Format(time.RFC3339))
		}
		at, before := hour.In(newYork), hour.Add(-time.Hour).In(newYork)
		night := at.Hour() == 3 && before.Hour() == 2 || at.Hour() == 4 && hour.Add(-2*time.Hour).In(newYork).Hour() == 1 // that one has no 02:15
		if night && (at.Weekday() == time.Sunday || at.Weekday() == time.Tuesday) {
			want = append(want, hour.Format(time.RFC3339))
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	equal(t, "recurring tickets", got, want)
}
