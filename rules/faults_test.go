package rules_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/store/storetest"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// stuck is a desk whose actions of the host's have 20 ms.
func stuck(t *testing.T, o rules.Options) *world {
	o.ActionTimeout = 20 * time.Millisecond
	w := newWorld(t, &o)
	rules.AddAction(w.rules, rules.Action[struct{}]{Name: "hangs", Doc: "waits until it is told to end", Do: func(ctx context.Context, _ *rules.Acting, _ struct{}) error {
		<-ctx.Done()
		return ctx.Err()
	}})
	rules.AddAction(w.rules, rules.Action[struct{}]{Name: "oversleeps", Doc: "takes its time, and says nothing of it", Do: func(ctx context.Context, _ *rules.Acting, _ struct{}) error {
		<-ctx.Done()
		return nil
	}})
	return w
}

func TestFaults(t *testing.T) {
	t.Parallel()
	t.Run("X04 an action that hangs fails its rule, and no other", func(t *testing.T) {
		t.Parallel()
		w := stuck(t, rules.Options{})
		for i, action := range []string{"hangs", "oversleeps"} {
			w.save(rules.Rule{Code: action, Sort: i, On: []rules.Trigger{rules.Created}, Do: []rules.Step{rules.Do("add_note", rules.Text{Body: "n"}), rules.Do(action, nil)}})
			w.save(rules.Rule{Code: action + "_by_clock", On: []rules.Trigger{rules.ByClock}, When: `hours_since_created >= 1`, Do: do(action, nil)})
		}
		w.save(rules.Rule{Code: "tag", Sort: 9, On: []rules.Trigger{rules.Created}, Do: do("add_tags", []string{"a"})})
		x := w.open("Lamp")
		equal(t, "tags", x.Tags, []string{"a"})
		if n := len(must(w.Messages(as(agent), x.ID, ticket.MessageQuery{}))(t)); n != 1 {
			t.Errorf("there are %d messages", n)
		}
		w.after(time.Hour)
		got := w.ran(x.ID)
		slices.Sort(got)
		equal(t, "runs", got, []string{"by_clock: hangs_by_clock failed", "by_clock: oversleeps_by_clock failed", "created: hangs failed", "created: oversleeps failed", "created: tag matched"})
		for _, run := range must(w.rules.Runs(as(agent), x.ID, 0))(t) {
			for _, r := range run.Rules {
				if r.Outcome == rules.Failed && !strings.Contains(r.Error, "20ms") {
					t.Errorf("it says %q", r.Error)
				}
			}
		}
	})
	t.Run("X04 a function of the host's that hangs or panics holds up nothing else, and is called again", func(t *testing.T) {
		t.Parallel()
		called := map[string]int{}
		w := stuck(t, rules.Options{Functions: map[string]rules.Function{"crm": func(ctx context.Context, _ *rules.Acting, args map[string]string) error {
			switch called[args["who"]]++; {
			case called[args["who"]] > 1, args["who"] == "good":
				return nil
			case args["who"] == "hangs":
				<-ctx.Done()
				return ctx.Err()
			}
			panic("no")
		}}})
		for i, who := range []string{"hangs", "panics", "good"} {
			w.save(rules.Rule{Code: who, Sort: i, On: []rules.Trigger{rules.Created}, Do: do("call", rules.Call{Function: "crm", Args: map[string]string{"who": who}})})
		}
		w.open("Lamp")
		w.after(time.Minute)
		w.after(time.Minute)
		if called["hangs"] != 2 || called["panics"] != 2 || called["good"] != 1 {
			t.Errorf("they were called %v", called)
		}
		if p := must(w.Check(as(agent)))(t); len(p) > 0 {
			t.Errorf("problems: %v", p)
		}
	})
	t.Run("X04 a condition of which the store cannot read what it asks is no fault of the rule", func(t *testing.T) {
		t.Parallel()
		for n := 1; ; n++ {
			f := newFaulting(t)
			f.save(rules.Rule{Code: "r", On: []rules.Trigger{rules.Created}, When: `ticket.last_message contains "broken"`, Do: do("add_tags", []string{"a"})})
			id := must(f.CreateTicket(as(customer), ticket.Draft{Subject: "Lamp", Body: "It is broken."}))(t).ID
			f.store.FailAt(n, errKilled)
			_, _ = f.Deliveries().Dispatch(bg)
			where := f.store.Failed()
			f.recover()
			if got := f.ran(id); where == "Messages" || where == "" {
				equal(t, fmt.Sprintf("runs after call %d (%s) failed", n, where), got, []string{"created: r matched"})
			}
			if where == "" {
				break
			}
		}
	})
	t.Run("X04 an error of the store in an action is not the rule's, and one of the action is", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		var broken error
		rules.AddAction(w.rules, rules.Action[struct{}]{Name: "host", Doc: "fails as it is told to", Do: func(context.Context, *rules.Acting, struct{}) error { return broken }})
		w.save(rules.Rule{Code: "r", On: []rules.Trigger{"x.now"}, Do: do("host", nil)})
		x := w.open("Lamp")
		for _, c := range []struct {
			err  error
			ends bool
		}{
			{errors.New("no"), true}, {ticket.ErrForbidden, true}, {ticket.ErrHookFailed, true}, {ticket.Invalid("tags", ticket.FaultMalformed, "are bad"), true},
			{ticket.ErrBusy, false}, {ticket.ErrStopped, false}, {ticket.ErrTxDone, false}, {store.ErrUncertain, false}, {store.ErrStale, false},
		} {
			had := len(w.ran(x.ID))
			broken = fmt.Errorf("some verb: %w", c.err)
			must(w.rules.Fire(as(agent), x.ID, "x.now"))(t)
			w.after(time.Minute)
			if ended := len(w.ran(x.ID)) > had; ended != c.ends {
				t.Errorf("%v: the run ended: %v, want %v", c.err, ended, c.ends)
			}
			broken = nil
			w.after(time.Hour)
			if got := w.ran(x.ID)[had:]; !slices.Equal(got, []string{map[bool]string{true: "x.now: r failed", false: "x.now: r matched"}[c.ends]}) {
				t.Errorf("%v: at last it ran %v", c.err, got)
			}
		}
	})
	for what, broken := range map[string]error{"is busy": ticket.ErrBusy, "fails": errKilled, "dies": nil} {
		t.Run("X09 a store that "+what+" at any call leaves no effect of a rule without its record, and none twice", func(t *testing.T) {
			t.Parallel()
			for n := 1; anywhere(t, n, broken); n++ {
			}
		})
	}
}

// faulting is a desk that does nothing of itself, on a store that can fail.
type faulting struct {
	*world
	store *storetest.Faulty
	calls map[int64]int
}

func newFaulting(t *testing.T) *faulting {
	t.Helper()
	clock := helpdesktest.NewClock(yearBegin)
	f := &faulting{store: storetest.NewFaulty(memory.New(&memory.Options{Now: clock.Now})), calls: map[int64]int{}}
	t.Cleanup(func() { _ = f.store.Close() })
	f.world = &world{Desk: helpdesktest.New(t, &helpdesktest.Options{Store: f.store, Clock: clock, Manual: true}), t: t}
	o := &rules.Options{Functions: map[string]rules.Function{"crm": func(_ context.Context, a *rules.Acting, _ map[string]string) error {
		f.calls[a.ID]++
		return nil
	}}}
	f.rules = must(rules.New(f.Automation(), f.store, o))(t)
	return f
}

// recover has the store work again, and everything done that waits.
func (f *faulting) recover() {
	f.store.FailAt(0, nil)
	for range 8 {
		f.after(10 * time.Minute)
	}
	f.Failed() // is expected
}

// anywhere has a store fail at its n-th call while rules run, or, without an error, at that one and all after it. It reports
// whether there are so many.
func anywhere(t *testing.T, n int, broken error) bool {
	t.Helper()
	f := newFaulting(t)
	steps := []rules.Step{rules.Do("add_tags", []string{"a"}), rules.Do("add_note", rules.Text{Body: "n"}), rules.Do("call", rules.Call{Function: "crm"})}
	f.save(rules.Rule{Code: "event", On: []rules.Trigger{rules.Created}, Do: steps})
	f.save(rules.Rule{Code: "clock", On: []rules.Trigger{rules.ByClock}, When: `hours_since_created >= 1`, Do: steps})
	f.settle()
	id := must(f.CreateTicket(as(customer), ticket.Draft{Subject: "Lamp", Body: "It is broken."}))(t).ID
	f.Clock.Advance(time.Hour)
	f.store.FailAt(n, broken)
	if broken == nil {
		f.store.FailFrom(n, errKilled)
	}
	_, _ = f.Tick(bg)
	_, _ = f.Deliveries().Dispatch(bg)
	_, _ = f.Tick(bg)
	where := f.store.Failed()
	f.store.FailAt(0, nil)
	what := fmt.Sprintf("call %d (%s) failed", n, where)
	f.expect(id, what+", at once")
	f.recover()
	matched := f.expect(id, what)
	if matched != 2 {
		t.Errorf("%s: %d rules ran: %v", what, matched, f.ran(id))
	}
	if len(f.calls) != matched {
		t.Errorf("%s: %d calls", what, len(f.calls))
	}
	return where != ""
}

// expect is that there is as much of what rules do as they say, and returns how many of them ran.
func (f *faulting) expect(id int64, what string) (matched int) {
	f.t.Helper()
	for _, r := range f.ran(id) {
		if strings.HasSuffix(r, "matched") {
			matched++
		}
	}
	notes := must(f.Messages(as(agent), id, ticket.MessageQuery{Kinds: []ticket.MessageKind{ticket.KindNote}}))(f.t)
	tags := must(f.Ticket(as(agent), id))(f.t).Tags
	if len(notes) != matched || len(tags) != min(matched, 1) || matched > 2 {
		f.t.Errorf("%s: %d notes and the tags %v of %v", what, len(notes), tags, f.ran(id))
	}
	return matched
}
