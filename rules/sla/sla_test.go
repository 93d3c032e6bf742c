package sla_test

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/rules/calendar"
	"github.com/helpdeskgo/helpdesk/rules/sla"
	"github.com/helpdeskgo/helpdesk/ticket"
)

const hour = ticket.Duration(time.Hour)

// office is open from 9 to 17 on weekdays, UTC, but for a holiday.
var office = calendar.Calendar{Code: "office", Name: "Office", Week: calendar.Weekdays("09:00-17:00"), Special: []calendar.Special{{Name: "Audit", From: "2026-01-07"}}}

func gold() sla.Policy {
	return sla.Policy{Code: "gold", Name: "Gold", Calendar: "office", Pause: sla.Pause{Statuses: []string{"hold"}},
		FirstResponse: sla.Goal{Within: 4 * hour, Warn: []sla.Warning{{Percent: 75}, {Before: 2 * hour}}}, NextResponse: sla.Goal{Within: 8 * hour}, Resolution: sla.Goal{Within: 16 * hour}}
}

// monday is one on which a story begins.
var monday = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

func minutes(day, h, m int) int { return day*24*60 + (h-9)*60 + m } // since monday

func clocks(t *testing.T, s *story, now int, policies ...sla.Policy) []sla.Clock {
	t.Helper()
	set, err := sla.NewSet(policies, []calendar.Calendar{office})
	if err != nil {
		t.Fatal(err)
	}
	out, err := set.Clocks(s.h, s.at(now))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// of returns the last clock of a target.
func of(t *testing.T, list []sla.Clock, target sla.Target) sla.Clock {
	t.Helper()
	for _, c := range slices.Backward(list) {
		if c.Target == target {
			return c
		}
	}
	t.Fatalf("there is no clock for %s", target)
	return sla.Clock{}
}

func TestClocks(t *testing.T) {
	t.Parallel()
	t.Run("I21 a deadline is counted in working time, and explained", func(t *testing.T) {
		t.Parallel()
		s := opened(monday)
		s.do(minutes(0, 11, 0), nil, enter("hold"))
		s.do(minutes(0, 16, 0), nil, enter("open"))
		c := of(t, clocks(t, s, minutes(0, 16, 30), gold()), sla.FirstResponse)
		if c.State != sla.Running || c.Elapsed != 150*time.Minute || c.Remaining != 90*time.Minute || !c.Deadline.Equal(s.at(minutes(1, 10, 0))) {
			t.Errorf("got %+v", c)
		}
		want := []sla.Counted{
			{From: s.at(0), To: s.at(minutes(0, 11, 0)), Counted: 2 * time.Hour, Why: sla.Open},
			{From: s.at(minutes(0, 11, 0)), To: s.at(minutes(0, 16, 0)), Why: sla.OnHold, Status: "hold"},
			{From: s.at(minutes(0, 16, 0)), To: s.at(minutes(0, 17, 0)), Counted: time.Hour, Why: sla.Open},
			{From: s.at(minutes(0, 17, 0)), To: s.at(minutes(1, 9, 0)), Why: sla.Closed},
			{From: s.at(minutes(1, 9, 0)), To: s.at(minutes(1, 10, 0)), Counted: time.Hour, Why: sla.Open},
		}
		if got := c.Explain(); !reflect.DeepEqual(got, want) {
			t.Errorf("explained as %+v", got)
		}
	})
	t.Run("I21 an explanation names the holiday", func(t *testing.T) {
		t.Parallel()
		s := opened(monday)
		c := of(t, clocks(t, s, 0, gold()), sla.Resolution)
		if !c.Deadline.Equal(s.at(minutes(1, 17, 0))) {
			t.Errorf("got %s", c.Deadline)
		}
		late := gold()
		late.Resolution.Within += hour
		c = of(t, clocks(t, s, 0, late), sla.Resolution)
		named := slices.ContainsFunc(c.Explain(), func(e sla.Counted) bool { return e.Special == "Audit" && e.Why == sla.Closed && e.Counted == 0 })
		if !c.Deadline.Equal(s.at(minutes(3, 10, 0))) || !named {
			t.Errorf("got %s: %+v", c.Deadline, c.Explain())
		}
	})
	t.Run("I21 warnings come in their order before the breach, each under a name of its own", func(t *testing.T) {
		t.Parallel()
		s := opened(monday)
		list := clocks(t, s, minutes(0, 11, 30), gold())
		var got []string
		for _, st := range of(t, list, sla.FirstResponse).Stages {
			got = append(got, st.Name+" "+st.Due.Format("15:04"))
			if st.Past != (st.Name == "warning:2h0m0s") {
				t.Errorf("%s: past is %v", st.Name, st.Past)
			}
		}
		if want := []string{"warning:2h0m0s 11:00", "warning:75% 12:00", "breach 13:00"}; !slices.Equal(got, want) {
			t.Errorf("got %q", got)
		}
		if next := sla.Next(list, s.at(minutes(0, 11, 30))); !next.Equal(s.at(minutes(0, 12, 0))) {
			t.Errorf("next is %s", next)
		}
		if next := sla.Next(list, s.at(minutes(9, 0, 0))); !next.IsZero() {
			t.Errorf("after all of them comes %s", next)
		}
		ids := map[string]bool{}
		for _, c := range list {
			for _, st := range c.Stages {
				ids[st.ID] = true
			}
		}
		if len(ids) != 4 {
			t.Errorf("got %v", ids)
		}
	})
	t.Run("I21 a response is in time until its deadline and late after it", func(t *testing.T) {
		t.Parallel()
		for at, want := range map[int]sla.State{minutes(0, 12, 59): sla.Met, minutes(0, 13, 0): sla.Met, minutes(0, 13, 1): sla.Breached} {
			s := opened(monday)
			s.do(at, says(agent, ticket.KindReply), nil)
			c := of(t, clocks(t, s, minutes(4, 0, 0), gold()), sla.FirstResponse)
			if c.State != want || !c.End.Equal(s.at(at)) || c.Elapsed != time.Duration(at)*time.Minute || c.Stages[2].Past != (want == sla.Breached) {
				t.Errorf("after %d minutes: %+v", at, c)
			}
		}
	})
	t.Run("I21 the next response is awaited from the first of several messages in a row, and only while the customer waits", func(t *testing.T) {
		t.Parallel()
		s := opened(monday)
		s.do(minutes(0, 10, 0), says(agent, ticket.KindReply), nil)
		set, _ := sla.NewSet([]sla.Policy{gold()}, []calendar.Calendar{office})
		next := func(now int) sla.Clock {
			list, err := set.Current(s.h, s.at(now))
			if err != nil || len(list) != 3 {
				t.Fatalf("got %+v, %v", list, err)
			}
			return of(t, list, sla.NextResponse)
		}
		if c := next(minutes(0, 15, 0)); c.State != sla.NotStarted || c.Remaining != 8*time.Hour {
			t.Errorf("got %+v", c)
		}
		s.do(minutes(0, 15, 0), says(customer, ticket.KindReply), nil)
		s.do(minutes(0, 16, 0), says(ticket.Guest("Eve", "eve@example.com"), ticket.KindReply), nil)
		if c := next(minutes(0, 16, 30)); c.State != sla.Running || !c.Start.Equal(s.at(minutes(0, 15, 0))) || !c.Deadline.Equal(s.at(minutes(1, 15, 0))) {
			t.Errorf("got %+v", c)
		}
		s.do(minutes(0, 16, 45), says(agent, ticket.KindReply), nil)
		if c := next(minutes(1, 10, 0)); c.State != sla.Met || c.Elapsed != 105*time.Minute {
			t.Errorf("got %+v", c)
		}
	})
	t.Run("I21 a resolution ends with the ticket and goes on where it is opened again", func(t *testing.T) {
		t.Parallel()
		s := opened(monday)
		s.do(minutes(0, 12, 0), nil, enter("solved"))
		if c := of(t, clocks(t, s, minutes(4, 0, 0), gold()), sla.Resolution); c.State != sla.Met || c.Elapsed != 3*time.Hour || !c.End.Equal(s.at(minutes(0, 12, 0))) {
			t.Errorf("got %+v", c)
		}
		s.do(minutes(1, 9, 0), nil, enter("closed"))
		s.do(minutes(4, 9, 0), says(customer, ticket.KindReply), enter("open"))
		c := of(t, clocks(t, s, minutes(4, 10, 0), gold()), sla.Resolution)
		if c.State != sla.Running || c.Elapsed != 4*time.Hour || !c.End.IsZero() || !c.Deadline.Equal(s.at(minutes(7, 14, 0))) {
			t.Errorf("got %+v", c)
		}
	})
	t.Run("I21 a breach is one, whatever comes later", func(t *testing.T) {
		t.Parallel()
		s := opened(monday)
		s.do(minutes(4, 9, 0), nil, enter("hold"))
		for range 2 {
			c := of(t, clocks(t, s, minutes(8, 9, 0), gold()), sla.Resolution)
			if c.State != sla.Breached || !c.Deadline.Equal(s.at(minutes(1, 17, 0))) || c.Remaining != -8*time.Hour {
				t.Errorf("got %+v", c)
			}
			s.do(minutes(7, 9, 0), nil, enter("closed"))
		}
	})
	t.Run("I21 a calendar that never opens has no deadline", func(t *testing.T) {
		t.Parallel()
		set, err := sla.NewSet([]sla.Policy{{Code: "x", Name: "X", Calendar: "never", Resolution: sla.Goal{Within: hour}}}, []calendar.Calendar{{Code: "never", Name: "Never", Mode: calendar.AlwaysClosed}})
		if err != nil {
			t.Fatal(err)
		}
		s := opened(monday)
		list, err := set.Clocks(s.h, s.at(minutes(300, 9, 0)))
		if err != nil || list[0].State != sla.Running || !list[0].Deadline.IsZero() || list[0].Elapsed != 0 || len(list[0].Explain()) != 1 {
			t.Errorf("got %+v, %v", list, err)
		}
	})
	t.Run("I21 a long explanation has an end, and nothing is missing in it", func(t *testing.T) {
		t.Parallel()
		busy := calendar.Calendar{Code: "office", Name: "Busy"}
		var spans []calendar.Span
		for h := range 24 {
			at := time.Date(2026, 1, 1, h, 0, 0, 0, time.UTC)
			spans = append(spans, calendar.Span(at.Format("15:04")+"-"+at.Add(time.Minute).Format("15:04")))
		}
		busy.Week = calendar.Weekdays(spans...)
		p := gold()
		p.Resolution.Within = 100 * hour
		set, err := sla.NewSet([]sla.Policy{p}, []calendar.Calendar{busy})
		if err != nil {
			t.Fatal(err)
		}
		s := opened(monday)
		list, _ := set.Clocks(s.h, monday)
		c := of(t, list, sla.Resolution)
		why, sum := c.Explain(), time.Duration(0)
		for _, e := range why {
			sum += e.Counted
		}
		if last := why[len(why)-1]; len(why) != sla.MaxExplained || last.Why != sla.Rest || !last.To.Equal(c.Deadline) || sum != c.Within {
			t.Errorf("%d entries of %s, the last %+v", len(why), sum, last)
		}
	})
}

func TestPauses(t *testing.T) {
	t.Parallel()
	t.Run("I03 hold pauses the clocks, by its code or by its class", func(t *testing.T) {
		t.Parallel()
		for _, pause := range []sla.Pause{{Statuses: []string{"hold"}}, {Classes: []ticket.Class{ticket.ClassPending}}} {
			p := gold()
			p.Pause = pause
			s := opened(monday)
			s.do(minutes(0, 10, 0), nil, enter("hold"))
			for _, c := range clocks(t, s, minutes(3, 9, 0), p) {
				if c.State != sla.Paused || c.Elapsed != time.Hour || !c.Deadline.IsZero() || !sla.Next([]sla.Clock{c}, monday).IsZero() {
					t.Errorf("got %+v", c)
				}
			}
			s.do(minutes(3, 9, 0), nil, enter("open"))
			if c := of(t, clocks(t, s, minutes(3, 9, 0), p), sla.FirstResponse); c.State != sla.Running || !c.Deadline.Equal(s.at(minutes(3, 12, 0))) {
				t.Errorf("got %+v", c)
			}
		}
	})
	t.Run("I03 a policy that does not name hold counts it", func(t *testing.T) {
		t.Parallel()
		p := gold()
		p.Pause = sla.Pause{}
		s := opened(monday)
		s.do(minutes(0, 10, 0), nil, enter("hold"))
		if c := of(t, clocks(t, s, minutes(0, 12, 0), p), sla.FirstResponse); c.State != sla.Running || c.Elapsed != 3*time.Hour {
			t.Errorf("got %+v", c)
		}
	})
	t.Run("I21 a ticket that is away has no clocks, and that time does not count later", func(t *testing.T) {
		t.Parallel()
		now := time.Now()
		for name, away := range map[string]func(*ticket.Ticket){
			"spam": func(t *ticket.Ticket) { t.Folder = ticket.Spam }, "deleted": func(t *ticket.Ticket) { t.DeletedAt = &now }, "merged": func(t *ticket.Ticket) { t.MergedInto = 9 },
		} {
			s := opened(monday)
			s.do(minutes(0, 10, 0), nil, away)
			if list := clocks(t, s, minutes(3, 9, 0), gold()); len(list) > 0 {
				t.Errorf("%s: got %+v", name, list)
			}
			s.do(minutes(3, 9, 0), nil, func(t *ticket.Ticket) { t.Folder, t.DeletedAt, t.MergedInto = ticket.Inbox, nil, 0 })
			if c := of(t, clocks(t, s, minutes(3, 10, 0), gold()), sla.Resolution); c.Elapsed != 2*time.Hour {
				t.Errorf("%s: got %+v", name, c)
			}
		}
	})
}

func TestWhatCounts(t *testing.T) {
	t.Parallel()
	mail := func(m *ticket.Message, kind ticket.Mail) *ticket.Message {
		m.Mail = &kind
		return m
	}
	t.Run("X21 neither a bounce nor any other automatic mail is an answer or a question", func(t *testing.T) {
		t.Parallel()
		robots := []*ticket.Message{
			mail(says(agent, ticket.KindReply), ticket.Mail{Automatic: true, Kind: "auto_reply"}),
			mail(says(ticket.Guest("", "mailer-daemon@example.com"), ticket.KindReply), ticket.Mail{Automatic: true, Unanswerable: true, Kind: "bounce"}),
			mail(says(customer, ticket.KindReply), ticket.Mail{Quiet: "the same mail has come several times"}),
		}
		s := opened(monday)
		for i, m := range robots {
			s.do(30+i, m, nil)
		}
		if list := clocks(t, s, 60, gold()); len(list) != 2 || of(t, list, sla.FirstResponse).State != sla.Running {
			t.Errorf("got %+v", list)
		}
		s = opened(monday)
		s.do(10, says(agent, ticket.KindReply), nil)
		for i, m := range robots {
			s.do(30+i, m, nil)
		}
		if list := clocks(t, s, 60, gold()); len(list) != 2 || of(t, list, sla.FirstResponse).Elapsed != 10*time.Minute {
			t.Errorf("got %+v", list)
		}
	})
	t.Run("I21 notes, third parties, strangers and rules are no answer", func(t *testing.T) {
		t.Parallel()
		s := opened(monday)
		for i, m := range []*ticket.Message{says(agent, ticket.KindNote), says(agent, ticket.KindThirdParty), says(agent, ticket.KindConfided), {Kind: ticket.KindReply, Author: agent, Unproven: true}, says(ticket.System("helpdesk.rules"), ticket.KindReply)} {
			s.do(10+i, m, nil)
		}
		if c := of(t, clocks(t, s, 60, gold()), sla.FirstResponse); c.State != sla.Running {
			t.Errorf("got %+v", c)
		}
		s.do(70, mail(says(agent, ticket.KindReply), ticket.Mail{Sent: true, Kind: "human"}), nil)
		if c := of(t, clocks(t, s, 80, gold()), sla.FirstResponse); c.State != sla.Met {
			t.Errorf("a mail of an agent: %+v", c)
		}
	})
	t.Run("I21 a mail through a list is a question, though no robot may answer it", func(t *testing.T) {
		t.Parallel()
		s := opened(monday)
		s.do(10, says(agent, ticket.KindReply), nil)
		s.do(20, mail(says(customer, ticket.KindReply), ticket.Mail{Unanswerable: true, Kind: "list"}), nil)
		if c := of(t, clocks(t, s, 30, gold()), sla.NextResponse); c.State != sla.Running {
			t.Errorf("got %+v", c)
		}
	})
	t.Run("I21 who opens a ticket decides whether a first response is awaited", func(t *testing.T) {
		t.Parallel()
		for kind, c := range map[string]struct {
			author ticket.Actor
			want   int
		}{"a customer": {customer, 2}, "the host's code": {ticket.System("acme.forms"), 2}, "an agent": {agent, 1}} {
			s := opened(monday)
			s.h.Messages[0].Author = c.author
			list := clocks(t, s, 30, gold())
			if len(list) != c.want {
				t.Errorf("%s: got %+v", kind, list)
			}
			s.do(60, says(agent, ticket.KindReply), nil)
			s.do(70, says(customer, ticket.KindReply), nil)
			if got := of(t, clocks(t, s, 80, gold()), sla.NextResponse); got.State != sla.Running || !got.Start.Equal(s.at(70)) {
				t.Errorf("%s: got %+v", kind, got)
			}
		}
	})
	t.Run("I21 what came from another ticket counts from when this one was opened", func(t *testing.T) {
		t.Parallel()
		s := opened(monday)
		old := func(a ticket.Actor, before time.Duration) *ticket.Message {
			m := says(a, ticket.KindReply)
			m.CreatedAt = monday.Add(-before)
			return m
		}
		s.h.Messages = append([]*ticket.Message{old(customer, 3*time.Hour), old(agent, 2*time.Hour), old(customer, time.Hour)}, s.h.Messages...)
		if list := clocks(t, s, 60, gold()); len(list) != 2 || !of(t, list, sla.FirstResponse).Start.Equal(monday) {
			t.Errorf("got %+v", list)
		}
	})
}

// TestSums has clocks looked at again and again.
func TestSums(t *testing.T) {
	t.Parallel()
	t.Run("I21 clocks never run backwards, and what has passed adds up", func(t *testing.T) {
		t.Parallel()
		r := rand.New(rand.NewPCG(9, 9))
		for range 60 {
			policies, calendars, hours := policiesOf(r)
			set, _ := sla.NewSet(policies[:1], calendars)
			s := random(r)
			var before []sla.Clock
			then := s.last
			for at := s.last; at < s.last+6000; at += r.IntN(500) {
				now, err := set.Clocks(s.h, s.at(at))
				if err != nil {
					t.Fatal(err)
				}
				passed := hours["slow"].Between(s.at(then), s.at(at))
				for i, b := range before {
					c, want := now[i], b.Elapsed
					if c.End.IsZero() && s.h.Ticket.Status != "hold" && !s.h.Ticket.Class.Done() {
						want += passed
					}
					if c.Elapsed != want || b.State == sla.Breached && c.State != sla.Breached || !b.Deadline.Equal(c.Deadline) {
						t.Fatalf("from %+v\nto %+v, must be %s\n%s", b, c, want, s)
					}
				}
				before, then = now, at
			}
		}
	})
}
