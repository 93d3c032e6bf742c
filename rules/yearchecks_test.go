package rules_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/internal/agenda"
	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/rules/sla"
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
		dead, err := x.Works(ctx, store.WorkQuery{Kind: agenda.Kind, States: []store.WorkState{store.WorkDead}})
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
	for id, n := range y.called {
		if n != 1 {
			t.Errorf("the host was called %d times for %d", n, id)
		}
	}
	for id, n := range y.told {
		if n != 1 {
			t.Errorf("notice %s was told %d times", id, n)
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
	for _, r := range yearRules() {
		if (ran[r.Code] == 0) != r.Inactive && len(y.ids) > 500 {
			t.Errorf("rule %s ran %d times", r.Code, ran[r.Code])
		}
	}
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

// life is what an oracle knows of a ticket by the script alone.
type life struct {
	opened time.Time
	order  bool
	said   []saying       // public messages of people, in their order
	away   [][2]time.Time // deleted; the last may have no end
	merged bool           // it has gone into another one, or has taken one in
}

type saying struct {
	at     time.Time
	client bool
}

func (y *year) lives() map[int]*life {
	out := map[int]*life{}
	for _, a := range y.happened {
		l := out[a.n]
		switch a.what {
		case "open":
			out[a.n] = &life{opened: a.at, order: strings.Contains(subjects[a.lot%len(subjects)], "Order"), said: []saying{{a.at, true}}}
		case "reply": // and no robot, nor a stranger
			l.said = append(l.said, saying{a.at, true})
		case "answer", "macro":
			l.said = append(l.said, saying{a.at, false})
		case "delete":
			if l.there(a.at) {
				l.away = append(l.away, [2]time.Time{a.at})
			}
		case "restore":
			if !l.there(a.at) {
				l.away[len(l.away)-1][1] = a.at
			}
		case "merge":
			l.merged, out[a.lot%(a.n+1)].merged = true, true
		}
	}
	return out
}

// actsOf is what happened to a ticket, for whoever looks for a fault.
func (y *year) actsOf(n int) (out []string) {
	for _, a := range y.happened {
		if a.n == n {
			out = append(out, a.at.Format("01-02T15:04 ")+a.what)
		}
	}
	return out
}

func (l *life) there(at time.Time) bool { return l.back(at).Equal(at) }

// back is when a ticket is there again that was deleted at some time; zero if that is never.
func (l *life) back(at time.Time) time.Time {
	for _, a := range l.away {
		if !at.Before(a[0]) && (a[1].IsZero() || at.Before(a[1])) {
			return a[1]
		}
	}
	return at
}

// crossings are when a rule by the clock has to fire: at the first of its looks after so many hours in which nobody has said
// anything, or as soon as the ticket is back.
func (l *life) crossings(hours int, every, length time.Duration, silence bool) (out []time.Time) {
	end := yearBegin.Add(length)
	from := []saying{{l.opened, true}}
	if silence {
		from = l.said
	}
	for i, s := range from {
		until := end.Add(1)
		if i+1 < len(from) {
			until = from[i+1].at
		}
		if silence && !s.client {
			continue
		}
		crossed := s.at.Add(time.Duration(hours) * time.Hour)
		look := yearBegin.Add((crossed.Sub(yearBegin) + every - 1) / every * every)
		if !l.there(crossed) {
			look = l.back(crossed)
		} else if !l.there(look) {
			look = l.back(look)
		}
		if !look.IsZero() && look.Before(until) && !look.After(end) {
			out = append(out, look)
		}
	}
	return out
}

// expectCrossings is that rules by the clock fire once for each crossing, and for nothing else.
func (y *year) expectCrossings(t testing.TB, length time.Duration) {
	t.Helper()
	lives, runs, checked := y.lives(), y.runs(t), 0
	for n, id := range y.ids {
		for _, e := range y.journal(t, id) {
			if e.Type == ticket.EventReplied && e.Actor.Kind == ticket.ActorSystem { // a chaser: expectClosings looks at those
				lives[n].said = append(lives[n].said, saying{e.At, false})
			}
		}
		slices.SortFunc(lives[n].said, func(a, b saying) int { return a.at.Compare(b.at) })
		fired := map[string][]time.Time{}
		for _, run := range runs[id] {
			for _, r := range run.Rules {
				if r.Trigger == rules.ByClock {
					fired[r.Rule] = append(fired[r.Rule], run.At)
				}
			}
		}
		for _, c := range byClock {
			if l := lives[n]; l.merged || c.code == "quiet" || c.code == "idle" || c.code == "high_aged" {
				y.expectApart(t, id, c.code, c.silence, fired[c.code])
			} else {
				var want []time.Time
				if c.code != "order_aged" || l.order {
					want = l.crossings(c.hours, c.every, length, c.silence)
				}
				checked += len(want)
				if !slices.EqualFunc(fired[c.code], want, time.Time.Equal) {
					t.Errorf("ticket %d: rule %s fired at %v, want %v, for %s", n, c.code, fired[c.code], want, y.actsOf(n))
				}
			}
		}
	}
	if checked < len(y.ids)/2 {
		t.Errorf("only %d crossings were there to check", checked)
	}
}

// expectApart is that between two times at which a rule fires somebody has said something, the desk by itself included; and
// that one that goes by the age of a ticket fires once.
func (y *year) expectApart(t testing.TB, id int64, code string, silence bool, fired []time.Time) {
	t.Helper()
	events := y.journal(t, id)
	for i := 1; i < len(fired); i++ {
		said := slices.ContainsFunc(events, func(e *ticket.Event) bool {
			return (e.Type == ticket.EventReplied || e.Type == ticket.EventMerged) && e.At.After(fired[i-1].Add(-1)) && !e.At.After(fired[i])
		})
		if !silence || !said {
			t.Errorf("ticket %d: rule %s fired at %v, and nobody has said anything meanwhile", y.numbers[id], code, fired[i-1:i+1])
		}
	}
}

// expectStages is that each stage of a deadline was told once: of a ticket that has always been under the same policy within
// an hour.
func (y *year) expectStages(t testing.TB, byHour bool) {
	t.Helper()
	unsteady := map[int]bool{}
	for _, a := range y.happened {
		switch a.what {
		case "priority", "followup", "delete", "restore", "merge":
			unsteady[a.n] = true
			if a.what == "merge" {
				unsteady[a.lot%(a.n+1)] = true
			}
		}
	}
	stages := 0
	for n, id := range y.ids {
		told := y.stages(t, id, false)
		stages += len(told)
		once := map[string]bool{}
		for _, s := range told {
			if what := s.policy + " " + s.what; !strings.HasPrefix(s.what, string(sla.NextResponse)) && once[what] {
				t.Errorf("ticket %d: %s was told twice", n, what)
			} else {
				once[what] = true
			}
		}
		if !unsteady[n] && byHour {
			inTime := func(got, want passing) bool {
				return got.policy == want.policy && got.what == want.what && !got.at.Before(want.at) && got.at.Sub(want.at) < time.Hour
			}
			if want := y.stages(t, id, true); !slices.EqualFunc(told, want, inTime) {
				t.Errorf("ticket %d: stages told: %v, want %v", n, told, want)
			}
		}
	}
	if stages < len(y.ids)/2 {
		t.Errorf("only %d stages were there to check", stages)
	}
}

// passing is that a stage has passed.
type passing struct {
	at           time.Time
	policy, what string
}

// stages are those of a ticket that its journal tells of, or that its clocks have at the end of the year.
func (y *year) stages(t testing.TB, id int64, clocks bool) (out []passing) {
	t.Helper()
	if !clocks {
		for _, e := range y.journal(t, id) {
			if c, is := e.Changed("deadline"); is {
				out = append(out, passing{e.At, strings.TrimPrefix(e.Cause.Rule, "policy/"), c.New})
			}
		}
	} else {
		ok(t, y.Store.View(bg, func(ctx context.Context, x store.Reader) error {
			out = nil
			list, _, err := rules.Stages(y.Rules, ctx, x, id)
			for _, c := range list {
				for _, s := range c.Stages {
					if s.Past {
						out = append(out, passing{s.Due, c.Policy, string(c.Target) + " " + s.Name})
					}
				}
			}
			return err
		}))
	}
	slices.SortFunc(out, func(a, b passing) int {
		return cmp.Or(cmp.Compare(a.policy+a.what, b.policy+b.what), a.at.Compare(b.at))
	})
	return out
}

// expectClosings is that no ticket closes itself before its customer was reminded twice and had five days after that, and has
// said nothing since the first time.
func (y *year) expectClosings(t testing.TB) {
	t.Helper()
	closed := 0
	for n, id := range y.numbers {
		var chased []time.Time
		for _, e := range y.journal(t, n) {
			status, moved := e.Changed("status")
			_, counts := e.Changed("last_reply_at") // and no robot's
			switch itself := e.Cause.Rule == "autoclose:waiting"; {
			case itself && e.Type == ticket.EventReplied:
				chased = append(chased, e.At)
			case itself && moved && status.New == "closed":
				closed++
				if len(chased) != 2 || e.At.Sub(chased[1]) < 5*day || chased[1].Sub(chased[0]) < 3*day {
					t.Errorf("ticket %d closed itself at %s, chased at %v, of %s", id, e.At, chased, y.actsOf(id))
				}
				chased = nil
			case counts:
				chased = nil
			}
		}
	}
	if closed == 0 {
		t.Error("no ticket closed itself")
	}
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
