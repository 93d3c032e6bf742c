package rules_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/rules/sla"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestStoredPolicies(t *testing.T) {
	t.Parallel()
	onTimedStores(t, "I21 a policy is stored, read, changed and removed, and keeps its calendar", func(t *testing.T, o *timed) {
		o.calendar(t, officeHours())
		p := o.policy(t, goldPolicy())
		p.Sort = 7
		if p = o.policy(t, p); p.Version != 2 {
			t.Errorf("got version %d", p.Version)
		}
		if _, err := o.Policies().Save(o.host, goldPolicy()); !errors.Is(err, ticket.ErrConflict) {
			t.Errorf("got %v", err)
		}
		got, err := o.Policies().Get(o.host, "gold")
		a, _ := json.Marshal(got)
		if b, _ := json.Marshal(p); err != nil || string(a) != string(b) {
			t.Errorf("got %s, %v", a, err)
		}
		err = o.Calendars().Delete(o.host, "office")
		if f := ticket.FieldErrors(err)["code"]; len(f) != 1 || f[0].Fault != ticket.FaultInUse || !strings.Contains(f[0].Message, "gold") {
			t.Errorf("got %v", err)
		}
		o.done(t, o.Policies().Delete(o.host, "gold"))
		if list, err := o.Policies().List(o.host); err != nil || len(list) != 0 {
			t.Errorf("got %+v, %v", list, err)
		}
		o.done(t, o.Calendars().Delete(o.host, "office"))
	})
	t.Run("I21 a policy may name what is there only", func(t *testing.T) {
		t.Parallel()
		o := newTimed(t, nil)
		p := goldPolicy()
		p.Brands, p.For, p.Pause = []string{"tables"}, sla.Match{Priorities: []string{"huge"}, Departments: []string{"moon"}, Customers: []string{"nobody"}}, sla.Pause{Statuses: []string{"asleep"}}
		_, err := o.Policies().Save(o.host, p)
		f := ticket.FieldErrors(err)
		for _, field := range []string{"calendar", "brands", "for.priorities", "for.departments", "pause.statuses"} {
			if len(f[field]) != 1 || f[field][0].Fault != ticket.FaultUnknown {
				t.Errorf("%s: %v", field, err)
			}
		}
		if len(f) != 5 {
			t.Errorf("got %v", err)
		}
	})
	t.Run("I21 a policy is in force from when it is new, or active again, unless it says otherwise", func(t *testing.T) {
		t.Parallel()
		o := newTimed(t, nil)
		o.calendar(t, officeHours())
		past := func(tk *ticket.Ticket) (n int) {
			t.Helper()
			clocks, _, err := o.stages(t, tk.ID)
			o.done(t, err)
			for _, c := range clocks {
				for _, s := range c.Stages {
					if s.Past {
						n++
					}
				}
			}
			return n
		}
		old := o.open(t)
		o.Clock.Advance(10 * 24 * time.Hour)
		first := o.policy(t, goldPolicy())
		tk := o.open(t)
		if c := o.clock(t, old.ID, sla.Resolution); c.State != sla.Breached || past(old) != 0 || !first.Since.Equal(o.Clock.Now()) {
			t.Errorf("got %+v, %d", c, past(old))
		}
		o.Clock.Advance(24 * time.Hour)
		again := goldPolicy()
		again.Version = rules.AnyVersion
		if again = o.policy(t, again); again.Version != 1 || past(tk) != 2 || past(old) != 0 {
			t.Errorf("put again it is version %d, and %d are past", again.Version, past(tk))
		}
		again.Inactive = true
		again = o.policy(t, again)
		again.Inactive = false
		if again = o.policy(t, again); !again.Since.Equal(o.Clock.Now()) || past(tk) != 0 {
			t.Errorf("since %s", again.Since)
		}
		again.Since = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
		if again = o.policy(t, again); again.Since.Year() != 2020 || past(tk) != 2 || past(old) != 3 {
			t.Errorf("since %s: %d, %d", again.Since, past(tk), past(old))
		}
	})
	onTimedStores(t, "I21 no policy is left without its calendar by two who save and delete at once", func(t *testing.T, o *timed) {
		for range 20 {
			c := officeHours()
			c.Version = rules.AnyVersion
			o.calendar(t, c)
			var wg sync.WaitGroup
			wg.Go(func() { _ = o.Calendars().Delete(o.host, "office") })
			wg.Go(func() { _, _ = o.Policies().Save(o.host, goldPolicy()) })
			wg.Wait()
			policies, err1 := o.Policies().List(o.host)
			calendars, err2 := o.Calendars().List(o.host)
			if err1 != nil || err2 != nil || len(policies) != len(calendars) {
				t.Fatalf("%d policies, %d calendars, %v, %v", len(policies), len(calendars), err1, err2)
			}
			if len(policies) > 0 {
				o.done(t, o.Policies().Delete(o.host, "gold"))
			}
		}
	})
	t.Run("I21 what cannot be used on this machine stops nothing else, and Check tells of it", func(t *testing.T) {
		t.Parallel()
		o := newTimed(t, nil)
		o.calendar(t, officeHours())
		o.policy(t, goldPolicy())
		o.done(t, o.Store.Update(o.host, func(ctx context.Context, tx store.Tx) error {
			return errors.Join(
				tx.PutRecord(ctx, &store.Record{Kind: "config/calendar", Key: "mars", Doc: json.RawMessage(`{"code":"mars","name":"Mars","zone":"Mars/Base"}`)}),
				tx.PutRecord(ctx, &store.Record{Kind: "config/policy", Key: "mars", Doc: json.RawMessage(`{"code":"mars","name":"Mars","calendar":"mars","resolution":{"within":"1h"}}`)}))
		}))
		if c := o.clock(t, o.open(t).ID, sla.Resolution); c.Policy != "gold" {
			t.Errorf("got %+v", c)
		}
		report, err := o.Check(o.host)
		told := 0
		for _, p := range report {
			if strings.Contains(p.Message, "mars") {
				told++
			}
		}
		if err != nil || told != 2 {
			t.Errorf("got %+v, %v", report, err)
		}
	})
}

func TestTicketClocks(t *testing.T) {
	t.Parallel()
	onTimedStores(t, "I21 the clocks of a ticket follow what happens to it", func(t *testing.T, o *timed) {
		o.calendar(t, officeHours())
		o.policy(t, goldPolicy())
		tk := o.open(t) // Monday at 9
		o.Clock.Advance(time.Hour)
		if c := o.clock(t, tk.ID, sla.FirstResponse); c.State != sla.Running || c.Elapsed != time.Hour || !c.Deadline.Equal(tk.CreatedAt.Add(4*time.Hour)) {
			t.Errorf("got %+v", c)
		}
		_, err := o.AddNote(o.agent, tk.ID, ticket.ReplyDraft{Body: "a note"})
		o.done(t, err)
		o.say(ticket.WithActor(context.Background(), ticket.System("helpdesk.rules")), t, tk.ID)
		if c := o.clock(t, tk.ID, sla.FirstResponse); c.State != sla.Running {
			t.Errorf("after a note and a rule's reply: %+v", c)
		}
		o.say(o.agent, t, tk.ID)
		o.Clock.Advance(time.Hour) // 11
		if c := o.clock(t, tk.ID, sla.FirstResponse); c.State != sla.Met || c.Elapsed != time.Hour {
			t.Errorf("got %+v", c)
		}
		if c := o.clock(t, tk.ID, sla.NextResponse); c.State != sla.NotStarted {
			t.Errorf("got %+v", c)
		}
		o.say(o.customer, t, tk.ID)
		o.Clock.Advance(time.Hour) // 12
		if c := o.clock(t, tk.ID, sla.NextResponse); c.State != sla.Running || c.Elapsed != time.Hour {
			t.Errorf("got %+v", c)
		}
		_, err = o.CloseTicket(o.agent, tk.ID)
		o.done(t, err)
		if c := o.clock(t, tk.ID, sla.Resolution); c.State != sla.Met || c.Elapsed != 3*time.Hour {
			t.Errorf("got %+v", c)
		}
	})
	onTimedStores(t, "I03 hold pauses the clocks of a ticket", func(t *testing.T, o *timed) {
		o.calendar(t, officeHours())
		o.policy(t, goldPolicy())
		tk := o.open(t)
		o.Clock.Advance(time.Hour)
		_, err := o.SetStatus(o.agent, tk.ID, "hold")
		o.done(t, err)
		o.Clock.Advance(48 * time.Hour)
		if c := o.clock(t, tk.ID, sla.Resolution); c.State != sla.Paused || c.Elapsed != time.Hour || !c.Deadline.IsZero() {
			t.Errorf("got %+v", c)
		}
		_, err = o.SetStatus(o.agent, tk.ID, "working")
		o.done(t, err)
		c := o.clock(t, tk.ID, sla.Resolution)
		held := slices.IndexFunc(c.Explain(), func(e sla.Counted) bool { return e.Why == sla.OnHold && e.Status == "hold" })
		if c.State != sla.Running || c.Elapsed != time.Hour || held != 1 {
			t.Errorf("got %+v, %+v", c, c.Explain())
		}
	})
	t.Run("I21 a long thread is read to its end", func(t *testing.T) {
		t.Parallel()
		o := newTimed(t, nil)
		o.calendar(t, officeHours())
		o.policy(t, goldPolicy())
		tk := o.open(t)
		for range ticket.MaxPage + 5 {
			o.say(o.customer, t, tk.ID)
		}
		o.say(o.agent, t, tk.ID)
		if c := o.clock(t, tk.ID, sla.FirstResponse); c.State != sla.Met {
			t.Errorf("got %+v", c)
		}
	})
	t.Run("I21 a policy for a group is for its customers", func(t *testing.T) {
		t.Parallel()
		o := newTimed(t, nil)
		o.calendar(t, officeHours())
		o.policy(t, goldPolicy())
		vip := goldPolicy()
		vip.Code, vip.For = "vip", sla.Match{Groups: []string{"vip"}}
		o.policy(t, vip)
		tk := o.open(t)
		if c := o.clock(t, tk.ID, sla.Resolution); c.Policy != "gold" {
			t.Errorf("got %+v", c)
		}
		_, err := o.People().PutCustomer(o.host, ticket.Customer{ID: "42", Name: "Ann", Group: "vip"})
		o.done(t, err)
		if c := o.clock(t, tk.ID, sla.Resolution); c.Policy != "vip" {
			t.Errorf("got %+v", c)
		}
	})
	t.Run("I21 a merged, a deleted and a spam ticket have no clocks, and messages count where they are", func(t *testing.T) {
		t.Parallel()
		o := newTimed(t, nil)
		o.calendar(t, officeHours())
		o.policy(t, goldPolicy())
		target, source, spam, gone := o.open(t), o.open(t), o.open(t), o.open(t)
		o.Clock.Advance(time.Hour)
		o.say(o.agent, t, source.ID)
		_, err1 := o.Merge(o.host, target.ID, source.ID)
		_, err2 := o.MoveTo(o.host, spam.ID, ticket.Spam)
		err3 := o.DeleteTicket(o.host, gone.ID)
		o.done(t, errors.Join(err1, err2, err3))
		for _, id := range []int64{source.ID, spam.ID, gone.ID} {
			clocks, next, err := o.stages(t, id)
			if err != nil || len(clocks) > 0 || !next.IsZero() {
				t.Errorf("ticket %d: %+v, %s, %v", id, clocks, next, err)
			}
		}
		if c := o.clock(t, target.ID, sla.FirstResponse); c.State != sla.Met || c.Elapsed != time.Hour {
			t.Errorf("got %+v", c)
		}
	})
	t.Run("I21 stages come with the time of the next one, and keep their ids", func(t *testing.T) {
		t.Parallel()
		o := newTimed(t, nil)
		tk := o.open(t)
		if clocks, next, err := o.stages(t, tk.ID); err != nil || clocks != nil || !next.IsZero() {
			t.Errorf("without a policy: %+v, %s, %v", clocks, next, err)
		}
		o.calendar(t, officeHours())
		o.policy(t, goldPolicy())
		seen := map[string]int{}
		var order []string
		for range 40 { // half hours
			clocks, next, err := o.stages(t, tk.ID)
			o.done(t, err)
			for _, c := range clocks {
				for _, s := range c.Stages {
					if seen[s.ID]++; s.Past && !slices.Contains(order, s.ID) {
						order = append(order, s.ID)
					}
				}
			}
			if next.IsZero() {
				break
			}
			o.Clock.Set(next)
		}
		want := []string{"first_response/warning:50%", "first_response/breach", "resolution/breach"}
		for i, id := range order {
			if i >= len(want) || !strings.Contains(id, want[i]) {
				t.Errorf("stage %d is %s", i, id)
			}
		}
		if len(order) != 3 || len(seen) != 3 {
			t.Errorf("got %v, %v", order, seen)
		}
	})
}

func (o *timed) stages(t *testing.T, id int64) (clocks []sla.Clock, next time.Time, err error) {
	t.Helper()
	err = o.Store.View(context.Background(), func(ctx context.Context, x store.Reader) (err error) {
		clocks, next, err = rules.Stages(o.Rules, ctx, x, id)
		return err
	})
	return clocks, next, err
}
