package rules_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var (
	customer = ticket.Client("42", "Ann", "ann@example.com")
	agent    = ticket.Staff("7", "Bob", "bob@desk.example")
)

func as(a ticket.Actor) context.Context { return ticket.WithActor(context.Background(), a) }

// world is a desk with rules. What people are told is kept.
type world struct {
	*helpdesktest.Desk
	t     *testing.T
	rules *rules.Rules

	mu      sync.Mutex
	notices []rules.Notice
	failing error // of Notify
}

func newWorld(t *testing.T, o *rules.Options) *world {
	t.Helper()
	w := &world{Desk: helpdesktest.New(t, &helpdesktest.Options{Config: helpdesk.Config{Settings: ticket.SettingsPatch{RateTickets: new(true)}}}), t: t}
	if o == nil {
		o = &rules.Options{}
	}
	o.Notify = func(_ context.Context, n rules.Notice) error {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.failing == nil {
			w.notices = append(w.notices, n)
		}
		return w.failing
	}
	r, err := rules.New(w.Automation(), w.Store, o)
	if err != nil {
		t.Fatal(err)
	}
	w.rules = r
	return w
}

// save stores a rule, which must have nothing to warn of.
func (w *world) save(r rules.Rule) rules.Rule {
	w.t.Helper()
	if r.Name == "" {
		r.Name = r.Code
	}
	out, warnings, err := w.rules.Save(as(agent), r)
	if err != nil || len(warnings) > 0 {
		w.t.Fatalf("save %s: %v, warnings %v", r.Code, err, warnings)
	}
	return out
}

// open opens a ticket as Ann does.
func (w *world) open(subject string) *ticket.Ticket {
	w.t.Helper()
	t := must(w.CreateTicket(as(customer), ticket.Draft{Subject: subject, Body: "It is broken."}))(w.t)
	return w.now(t.ID)
}

// now is the ticket when everything that was due is done.
func (w *world) now(id int64) *ticket.Ticket {
	w.t.Helper()
	w.settle()
	return must(w.Ticket(as(agent), id))(w.t)
}

func (w *world) settle() {
	w.t.Helper()
	for range 100 {
		n := w.DispatchAll(w.t)
		m, err := w.Tick(as(agent))
		if err != nil {
			w.t.Fatal(err)
		}
		if n+m == 0 {
			return
		}
	}
	w.t.Fatal("there is always something to do")
}

// after lets time pass, and everything happen that is due then.
func (w *world) after(d time.Duration) {
	w.t.Helper()
	w.Clock.Advance(d)
	w.settle()
}

// ran lists what rules did to a ticket, the oldest first, as "rule outcome".
func (w *world) ran(id int64) (out []string) {
	w.t.Helper()
	runs := must(w.rules.Runs(as(agent), id, 100))(w.t)
	slices.Reverse(runs)
	for _, run := range runs {
		for _, r := range run.Rules {
			out = append(out, string(r.Trigger)+": "+r.Rule+" "+string(r.Outcome))
		}
	}
	return out
}

func equal[T comparable](t testing.TB, what string, got, want []T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func do(action string, with any) []rules.Step { return []rules.Step{rules.Do(action, with)} }

func TestRules(t *testing.T) {
	t.Parallel()
	t.Run("M52 rules run in order, active ones alone, until one stops", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		w.save(rules.Rule{Code: "last", Sort: 9, On: []rules.Trigger{rules.Created}, Do: do("add_tags", []string{"last"})})
		w.save(rules.Rule{Code: "second", Sort: 2, On: []rules.Trigger{rules.Created}, When: `"first" in ticket.tags`, Do: do("add_tags", []string{"second"}), Stop: true})
		w.save(rules.Rule{Code: "first", Sort: 1, On: []rules.Trigger{rules.Created}, Do: do("add_tags", []string{"first"})})
		w.save(rules.Rule{Code: "asleep", Sort: 0, Inactive: true, On: []rules.Trigger{rules.Created}, Do: do("add_tags", []string{"asleep"})})
		x := w.open("Lamp")
		equal(t, "tags", x.Tags, []string{"first", "second"})
		equal(t, "runs", w.ran(x.ID), []string{"created: first matched", "created: second matched"})
	})
	t.Run("M52 a rule is stored, changed and removed, and two who change it at once are told", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		r := w.save(rules.Rule{Code: "tag", On: []rules.Trigger{rules.Created}, Do: do("add_tags", []string{"a"})})
		old := r
		r.Do = do("add_tags", []string{"b"})
		r = w.save(r)
		if _, _, err := w.rules.Save(as(agent), old); !errors.Is(err, ticket.ErrConflict) {
			t.Errorf("an old version is stored: %v", err)
		}
		if got := must(w.rules.Rule(as(agent), "tag"))(t); got.Version != r.Version || string(got.Do[0].With) != `["b"]` {
			t.Errorf("stored is %+v", got)
		}
		equal(t, "tags", w.open("Lamp").Tags, []string{"b"})
		if err := w.rules.Delete(as(agent), "tag"); err != nil {
			t.Fatal(err)
		}
		equal(t, "tags without the rule", w.open("Lamp").Tags, nil)
		for what, err := range map[string]error{"delete": w.rules.Delete(as(agent), "tag"), "read": func() error { _, err := w.rules.Rule(as(agent), "tag"); return err }()} {
			if !errors.Is(err, ticket.ErrNotFound) {
				t.Errorf("%s what is not there: %v", what, err)
			}
		}
		if _, _, err := w.rules.Save(as(customer), old); !errors.Is(err, ticket.ErrForbidden) {
			t.Errorf("a customer stores a rule: %v", err)
		}
	})
	t.Run("B03 a rule for some brands leaves the others alone", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		if err := w.Catalog().PutBrand(as(agent), ticket.Brand{Code: "outlet", Name: "Outlet"}); err != nil {
			t.Fatal(err)
		}
		w.save(rules.Rule{Code: "tag", Brands: []string{"outlet"}, On: []rules.Trigger{rules.Created}, Do: do("add_tags", []string{"outlet"})})
		equal(t, "elsewhere", w.open("Lamp").Tags, nil)
		x := must(w.CreateTicket(as(customer), ticket.Draft{Subject: "Lamp", Body: "x", Brand: "outlet"}))(t)
		equal(t, "there", w.now(x.ID).Tags, []string{"outlet"})
	})
	t.Run("M53 every event has its rules looked at, and no other", func(t *testing.T) {
		t.Parallel()
		triggers(t)
	})
	t.Run("M54 a ticket that staff open with a reply gives created, changed and staff replied, in that order", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		for i, on := range []rules.Trigger{rules.StaffReplied, rules.Changed, rules.Created, rules.CustomerReplied} {
			w.save(rules.Rule{Code: "r" + string(rune('a'+i)), On: []rules.Trigger{on}, Do: do("set_priority", "high")})
		}
		x := must(w.CreateTicket(as(agent), ticket.Draft{Subject: "Lamp", Body: "We call you.", Requester: customer.Person()}))(t)
		w.now(x.ID)
		equal(t, "runs", w.ran(x.ID)[:3], []string{"created: rc matched", "changed: rb matched", "staff_replied: ra matched"})
	})
	t.Run("X04 a rule's changes name it as their cause", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		w.save(rules.Rule{Code: "urgent", On: []rules.Trigger{rules.Created}, Do: do("set_priority", "high")})
		x := w.open("Lamp")
		events := must(w.History(as(agent), x.ID, ticket.EventQuery{}))(t)
		last := events[len(events)-1]
		if last.Cause.Rule != "urgent" || last.Cause.Event != events[0].ID || last.Cause.Binding != rules.Binding {
			t.Errorf("the cause is %+v", last.Cause)
		}
	})
}

// triggers checks which triggers each verb gives.
func triggers(t *testing.T) {
	var seen []string
	w := newWorld(t, &rules.Options{Functions: map[string]rules.Function{"seen": func(_ context.Context, _ *rules.Acting, args map[string]string) error {
		seen = append(seen, args["on"])
		return nil
	}}})
	for _, on := range append(rules.Triggers(), "x.parcel") {
		if on != rules.ByClock {
			w.save(rules.Rule{Code: string(on), On: []rules.Trigger{on}, Do: do("call", rules.Call{Function: "seen", Args: map[string]string{"on": string(on)}})})
		}
	}
	x := w.open("Lamp")
	carl := ticket.Guest("Carl", "carl@stranger.example").Via(ticket.ChannelEmail)
	high, nobody := "high", ""
	said := func(a ticket.Actor, d ticket.ReplyDraft) func() error {
		return func() error { _, err := w.Reply(as(a), x.ID, d); return err }
	}
	updated := func(p ticket.Patch) func() error {
		return func() error { _, err := w.UpdateTicket(as(agent), x.ID, p); return err }
	}
	for _, step := range []struct {
		what string
		do   func() error
		want []string
	}{
		{"opened", func() error { return nil }, []string{"created"}},
		{"a note", func() error { _, err := w.AddNote(as(agent), x.ID, ticket.ReplyDraft{Body: "n"}); return err }, []string{"noted"}},
		{"a priority", updated(ticket.Patch{Priority: &high}), []string{"changed"}},
		{"the same priority", updated(ticket.Patch{Priority: &high}), nil},
		{"an owner", updated(ticket.Patch{Assignee: &agent.ID}), []string{"changed", "assigned"}},
		{"no owner", updated(ticket.Patch{Assignee: &nobody}), []string{"changed", "assigned"}},
		{"a reply of staff with a status", said(agent, ticket.ReplyDraft{Body: "r", Status: "in_progress"}), []string{"staff_replied", "changed"}},
		{"a reply of the desk's own", said(ticket.System("acme"), ticket.ReplyDraft{Body: "r"}), nil},
		{"a reply of the customer", said(customer, ticket.ReplyDraft{Body: "r"}), []string{"customer_replied"}},
		{"a robot of the customer's", said(customer.Via(ticket.ChannelEmail), ticket.ReplyDraft{Body: "away", Mail: &ticket.Mail{Automatic: true}}), nil},
		{"somebody whom nothing ties to the ticket", said(carl, ticket.ReplyDraft{Body: "x", Unproven: true}), []string{"third_party_replied"}},
		{"an object of the host's", updated(ticket.Patch{Converted: &ticket.Ref{Kind: "rma", ID: "1"}}), []string{"changed", "converted"}},
		{"a rating", func() error { _, err := w.Rate(as(customer), x.ID, ticket.RatingDraft{Grade: "good"}); return err }, []string{"rated"}},
		{"an event of the host's", func() error { return only(w.rules.Fire(as(agent), x.ID, "x.parcel")) }, []string{"x.parcel"}},
	} {
		if err := step.do(); err != nil {
			t.Errorf("%s: %v", step.what, err)
		}
		w.settle()
		equal(t, step.what, seen, step.want)
		seen = nil
	}
}
