package sla_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/rules/calendar"
	"github.com/helpdeskgo/helpdesk/rules/sla"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// story is a ticket's life as it is told: what happened in which minute, each with the journal and the thread that a desk
// would keep.
type story struct {
	h     sla.History
	acts  map[int]act // by minute since the ticket was opened
	last  int
	start time.Time
}

// act is what the oracle is told of a minute.
type act struct {
	asks, answers bool
	after         *ticket.Ticket
}

func (s *story) at(minute int) time.Time { return s.start.Add(time.Duration(minute) * time.Minute) }

// do lets something happen.
func (s *story) do(minute int, m *ticket.Message, change func(*ticket.Ticket)) {
	before := s.h.Ticket
	after := before.Clone()
	if change != nil {
		change(after)
	}
	e := &ticket.Event{Type: ticket.EventUpdated, TicketID: after.ID, Seq: int64(len(s.h.Events) + 1), At: s.at(minute), Changes: ticket.Diff(before, after)}
	if m != nil {
		m.CreatedAt, m.Seq = s.at(minute), int64(len(s.h.Messages)+1)
		s.h.Messages = append(s.h.Messages, m)
	}
	s.h.Ticket, s.h.Events = after, append(s.h.Events, e)
	s.last = minute
}

var (
	customer = ticket.Client("7", "Ann", "ann@example.com")
	agent    = ticket.Staff("1", "Joe", "joe@example.com")
)

func says(a ticket.Actor, k ticket.MessageKind) *ticket.Message {
	return &ticket.Message{Kind: k, Author: a}
}

// classes of the statuses that stories use.
var classes = map[string]ticket.Class{"new": ticket.ClassNew, "open": ticket.ClassOpen, "hold": ticket.ClassPending, "solved": ticket.ClassSolved, "closed": ticket.ClassClosed}

func enter(status string) func(*ticket.Ticket) {
	return func(t *ticket.Ticket) { t.Status, t.Class = status, classes[status] }
}

// opened is a ticket by a customer, and nothing more.
func opened(start time.Time) *story {
	s := &story{start: start, acts: map[int]act{}}
	s.h.Ticket = &ticket.Ticket{ID: 5, Brand: "default", Department: "support", Priority: "medium", Status: "new", Class: ticket.ClassNew, Folder: ticket.Inbox, Requester: customer.Person(), CreatedAt: start}
	s.do(0, says(customer, ticket.KindReply), nil)
	return s
}

// random is a story with anything that matters to clocks.
func random(r *rand.Rand) *story {
	s := opened(time.Date(2026, 3, 20+r.IntN(20), r.IntN(24), r.IntN(60), 0, 0, time.UTC))
	s.acts[0] = act{asks: true, after: s.h.Ticket}
	for minute := 1 + r.IntN(900); len(s.h.Events) < 2+r.IntN(25); minute += 1 + r.IntN(1500) {
		a := s.step(r, minute)
		a.after = s.h.Ticket
		s.acts[minute] = a
	}
	return s
}

func (s *story) step(r *rand.Rand, minute int) (a act) {
	switch r.IntN(10) {
	case 0, 1:
		a.asks = true
		s.do(minute, says(customer, ticket.KindReply), enter("open"))
	case 2, 3:
		a.answers = true
		s.do(minute, says(agent, ticket.KindReply), enter([]string{"open", "hold", "solved"}[r.IntN(3)]))
	case 4:
		robot := says([]ticket.Actor{customer, agent}[r.IntN(2)], ticket.KindReply)
		robot.Mail = &ticket.Mail{Automatic: true}
		s.do(minute, robot, nil)
	case 5:
		s.do(minute, []*ticket.Message{says(agent, ticket.KindNote), says(ticket.System("helpdesk.rules"), ticket.KindReply), says(agent, ticket.KindThirdParty), {Kind: ticket.KindNote, Author: customer, Unproven: true}}[r.IntN(4)], nil)
	case 6, 7:
		s.do(minute, nil, enter([]string{"new", "open", "hold", "hold", "solved", "closed"}[r.IntN(6)]))
	case 8:
		s.do(minute, nil, func(t *ticket.Ticket) { t.Priority = []string{"medium", "high"}[r.IntN(2)] })
	case 9:
		s.do(minute, nil, func(t *ticket.Ticket) { t.Folder = []ticket.Folder{ticket.Inbox, ticket.Spam}[r.IntN(2)] })
	}
	return a
}

// counted is a clock as the oracle counts it, under each of the policies.
type counted struct {
	target     sla.Target
	start, end int // minutes; end is -1 while it has none
	done       int // since when the ticket is done now, or -1
	under      map[string]*tally
	priority   string // when it ended, or now
}

type tally struct {
	elapsed int         // minutes, by now
	hits    map[int]int // after so many minutes, in which minute of the story that was over
	all     int         // also after now
}

// oracle walks through the story minute by minute.
func oracle(s *story, now int, policies []sla.Policy, hours map[string]*calendar.Hours) []*counted {
	var out []*counted
	begin := func(t sla.Target, minute int) *counted {
		c := &counted{target: t, start: minute, end: -1, done: -1, under: map[string]*tally{}}
		for _, p := range policies {
			c.under[p.Code] = &tally{hits: map[int]int{}}
		}
		out = append(out, c)
		return c
	}
	resolution := begin(sla.Resolution, 0)
	var waiting *counted
	spoken := false
	state := s.acts[0].after
	for minute := 0; minute <= now+40*24*60; minute++ {
		if a, ok := s.acts[minute]; ok && minute <= now {
			state = a.after
			switch {
			case a.asks && waiting == nil && spoken:
				waiting = begin(sla.NextResponse, minute)
			case a.asks && waiting == nil:
				waiting = begin(sla.FirstResponse, minute)
			case a.answers:
				if waiting != nil {
					waiting.end, waiting.priority = minute, state.Priority
				}
				waiting, spoken = nil, true
			}
		}
		for _, c := range out {
			if c.end < 0 {
				c.walk(state, minute, now, s.at(minute), policies, hours)
			}
		}
	}
	return append(out[1:], resolution)
}

// walk counts one minute.
func (c *counted) walk(state *ticket.Ticket, minute, now int, at time.Time, policies []sla.Policy, hours map[string]*calendar.Hours) {
	switch {
	case !state.Class.Done():
		c.done, c.priority = -1, state.Priority
	case c.done < 0:
		c.done, c.priority = minute, state.Priority
	}
	for _, p := range policies {
		if state.Class.Done() || state.Folder == ticket.Spam || (p.Code == "slow" && state.Status == "hold") || !hours[p.Code].OpenAt(at) {
			continue
		}
		u := c.under[p.Code]
		u.all++
		u.hits[u.all] = minute + 1
		if minute < now {
			u.elapsed++
		}
	}
}

func policiesOf(r *rand.Rand) ([]sla.Policy, []calendar.Calendar, map[string]*calendar.Hours) {
	minutes := func(n int) ticket.Duration { return ticket.Duration(time.Duration(n) * time.Minute) }
	goal := func() sla.Goal {
		n := 2 + r.IntN(1500)
		g := sla.Goal{Within: minutes(n)}
		if n > 10 {
			g.Within = minutes(n / 10 * 10)
			g.Warn = []sla.Warning{{Percent: 10 * (1 + r.IntN(9))}, {Before: minutes(1 + r.IntN(n/10))}}
		}
		return g
	}
	calendars := []calendar.Calendar{
		{Code: "office", Name: "Office", Zone: "Europe/Berlin", Week: calendar.Weekdays("09:00-12:30", "13:30-18:00"), Special: []calendar.Special{{Name: "Easter", From: "2026-04-03", To: "2026-04-06"}}},
		{Code: "night", Name: "Night", Zone: "America/New_York", Week: calendar.Weekdays("22:00-06:00")},
	}
	hours := map[string]*calendar.Hours{}
	for i, p := range []string{"slow", "fast"} {
		hours[p], _ = calendar.Compile(calendars[i])
	}
	return []sla.Policy{
		{Code: "slow", Name: "Slow", Calendar: "office", FirstResponse: goal(), NextResponse: goal(), Resolution: goal(), Pause: sla.Pause{Statuses: []string{"hold"}}},
		{Code: "fast", Name: "Fast", Calendar: "night", For: sla.Match{Priorities: []string{"high"}}, FirstResponse: goal(), NextResponse: goal(), Resolution: goal()},
	}, calendars, hours
}

// TestOracle holds the clocks of random stories against minutes that are counted one by one; with HELPDESK_ORACLE_FULL=1
// of thousands.
func TestOracle(t *testing.T) {
	t.Parallel()
	stories := 6
	if testing.Short() {
		stories = 1
	}
	if os.Getenv("HELPDESK_ORACLE_FULL") != "" {
		stories = 300
	}
	for seed := range uint64(16) {
		t.Run(fmt.Sprintf("I21 clocks are as minutes that are counted one by one say %d", seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 21))
			for range stories {
				policies, calendars, hours := policiesOf(r)
				set, err := sla.NewSet(policies, calendars)
				if err != nil {
					t.Fatal(err)
				}
				s := random(r)
				compare(t, set, s, s.last+r.IntN(3000), policies, hours)
			}
		})
	}
}

func compare(t *testing.T, set *sla.Set, s *story, now int, policies []sla.Policy, hours map[string]*calendar.Hours) {
	t.Helper()
	got, err := set.Clocks(s.h, s.at(now))
	if err != nil {
		t.Fatal(err)
	}
	if s.h.Ticket.Folder == ticket.Spam {
		if got != nil {
			t.Fatalf("a ticket in the spam folder has clocks: %+v", got)
		}
		return
	}
	want := oracle(s, now, policies, hours)
	if len(got) != len(want) {
		t.Fatalf("%d clocks, must be %d", len(got), len(want))
	}
	for i, c := range got {
		same(t, s, c, want[i], now)
		explained(t, c, s.at(now))
	}
}

// same holds one clock against the oracle's.
func same(t *testing.T, s *story, c sla.Clock, w *counted, now int) {
	t.Helper()
	code := "slow"
	if w.priority == "high" {
		code = "fast"
	}
	end := w.end
	if end < 0 {
		end = w.done
	}
	u := w.under[code]
	deadline, known := u.hits[int(c.Within/time.Minute)]
	state := sla.Running
	switch {
	case known && (end >= 0 && end > deadline || end < 0 && deadline <= now):
		state = sla.Breached
	case end >= 0:
		state = sla.Met
	case !known && s.h.Ticket.Status == "hold":
		state = sla.Paused
	}
	if c.Policy != code || c.Target != w.target || !c.Start.Equal(s.at(w.start)) || c.Elapsed != time.Duration(u.elapsed)*time.Minute || c.Remaining != c.Within-c.Elapsed || c.State != state {
		t.Fatalf("at %s: %+v\nmust be %s, %s, from minute %d, %d minutes, %s\n%s", s.at(now), c, code, w.target, w.start, u.elapsed, state, s)
	}
	if known && state != sla.Met && !c.Deadline.Equal(s.at(deadline)) || (!known || state == sla.Met) && !c.Deadline.IsZero() {
		t.Fatalf("at %s: deadline %s, must be %s (%v)\n%s", s.at(now), c.Deadline, s.at(deadline), known, s)
	}
	if end >= 0 && !c.End.Equal(s.at(end)) || end < 0 && !c.End.IsZero() {
		t.Fatalf("ended %s, must be %d\n%s", c.End, end, s)
	}
}

// explained holds a clock against its own explanation.
func explained(t *testing.T, c sla.Clock, now time.Time) {
	t.Helper()
	at, sum := c.Start, time.Duration(0)
	for _, e := range c.Explain() {
		if !e.From.Equal(at) || !e.To.After(at) || (e.Why == sla.Open) != (e.Counted > 0) {
			t.Fatalf("a gap, or nothing, at %s: %+v", at, e)
		}
		at, sum = e.To, sum+e.Counted
	}
	want, end := c.Elapsed, c.Deadline
	switch {
	case !end.IsZero():
		want = c.Within
	case !c.End.IsZero():
		end = c.End
	default:
		end = now
	}
	if sum != want || !at.Equal(end) && at.Before(now) && at.Before(end) {
		t.Fatalf("explained are %s until %s, must be %s until %s: %+v", sum, at, want, end, c)
	}
}

func (s *story) String() string {
	out := ""
	for _, e := range s.h.Events {
		out += fmt.Sprintln(int(e.At.Sub(s.start)/time.Minute), e.At.Format(time.RFC3339), e.Changes)
	}
	for _, m := range s.h.Messages {
		out += fmt.Sprintln(int(m.CreatedAt.Sub(s.start)/time.Minute), m.Author.Kind, m.Kind, m.Mail)
	}
	return out
}
