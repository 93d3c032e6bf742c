package sla_test

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/rules/sla"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestChoose(t *testing.T) {
	t.Parallel()
	facts := sla.Facts{Brand: "shop", Customer: "7", Organisation: "acme", Group: "vip", Priority: "high", Department: "sales"}
	p := func(code string, m sla.Match, brands ...string) sla.Policy {
		return sla.Policy{Code: code, For: m, Brands: brands}
	}
	ranked := []sla.Policy{ // the most particular first
		p("customer", sla.Match{Customers: []string{"7"}}),
		p("organisation", sla.Match{Organisations: []string{"acme"}, Customers: []string{"8"}}),
		p("group", sla.Match{Groups: []string{"vip"}}),
		p("priority", sla.Match{Priorities: []string{"high"}}),
		p("department", sla.Match{Departments: []string{"sales"}}, "shop"),
		p("department_alone", sla.Match{Departments: []string{"sales"}}),
		p("brand", sla.Match{}, "shop", "other"),
		p("a", sla.Match{}),
		p("b", sla.Match{}),
	}
	others := []sla.Policy{
		p("no1", sla.Match{Customers: []string{"8"}}), p("no2", sla.Match{Customers: []string{"7"}, Priorities: []string{"low"}}), p("no3", sla.Match{}, "other"),
		{Code: "no4", For: sla.Match{Customers: []string{"7"}}, Inactive: true}, p("no5", sla.Match{Departments: []string{"support"}}),
	}
	t.Run("I21 the policy is chosen by client, then priority, then department", func(t *testing.T) {
		t.Parallel()
		r := rand.New(rand.NewPCG(1, 1))
		for i, want := range ranked {
			list := slices.Concat(ranked[i:], others)
			r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
			if got, ok := sla.Choose(list, facts); !ok || got.Code != want.Code {
				t.Errorf("got %s, must be %s", got.Code, want.Code)
			}
		}
		if got, ok := sla.Choose(others, facts); ok {
			t.Errorf("got %s", got.Code)
		}
	})
	t.Run("B03 a policy is for its brands, and for all without any", func(t *testing.T) {
		t.Parallel()
		if _, ok := sla.Choose([]sla.Policy{p("x", sla.Match{}, "other")}, facts); ok {
			t.Error("it is for another brand")
		}
		if _, ok := sla.Choose([]sla.Policy{p("x", sla.Match{}, "other", "shop")}, facts); !ok {
			t.Error("it is for this brand")
		}
	})
	t.Run("I21 a new priority has the clock counted by its policy from the beginning, and leaves ended clocks alone", func(t *testing.T) {
		t.Parallel()
		fast := sla.Policy{Code: "fast", Name: "Fast", For: sla.Match{Priorities: []string{"high"}}, FirstResponse: sla.Goal{Within: 2 * hour}, Resolution: sla.Goal{Within: 30 * hour}}
		s := opened(monday.Add(-2 * time.Hour)) // at 7
		if c := of(t, clocks(t, s, minutes(0, 12, 0), gold(), fast), sla.FirstResponse); c.Policy != "gold" || c.Elapsed != time.Hour {
			t.Errorf("got %+v", c)
		}
		s.do(minutes(0, 13, 30), says(agent, ticket.KindReply), nil)
		s.do(minutes(0, 14, 0), nil, func(t *ticket.Ticket) { t.Priority = "high" })
		list := clocks(t, s, minutes(0, 14, 0), gold(), fast)
		if c := of(t, list, sla.FirstResponse); c.Policy != "gold" || c.State != sla.Met {
			t.Errorf("got %+v", c)
		}
		if c := of(t, list, sla.Resolution); c.Policy != "fast" || c.Elapsed != 5*time.Hour || !c.Deadline.Equal(s.start.Add(30*time.Hour)) {
			t.Errorf("got %+v", c)
		}
	})
	t.Run("I21 there are no clocks without a policy or without its target", func(t *testing.T) {
		t.Parallel()
		s := opened(monday)
		if list := clocks(t, s, 60); len(list) != 0 {
			t.Errorf("got %+v", list)
		}
		if list := clocks(t, s, 60, sla.Policy{Code: "x", Name: "X", Resolution: sla.Goal{Within: hour}}); len(list) != 1 || list[0].Target != sla.Resolution {
			t.Errorf("got %+v", list)
		}
	})
}

func TestCheck(t *testing.T) {
	t.Parallel()
	warn := func(w ...sla.Warning) sla.Policy { return sla.Policy{Resolution: sla.Goal{Within: hour, Warn: w}} }
	good := sla.Goal{Within: hour}
	for _, bad := range []struct {
		name, field string
		fault       ticket.Fault
		p           sla.Policy
	}{
		{"no target", "resolution.within", ticket.FaultRequired, sla.Policy{}},
		{"a target below nothing", "first_response.within", ticket.FaultOutOfRange, sla.Policy{FirstResponse: sla.Goal{Within: -1}, Resolution: good}},
		{"a target of ten years", "next_response.within", ticket.FaultOutOfRange, sla.Policy{NextResponse: sla.Goal{Within: 87_600 * hour}, Resolution: good}},
		{"a code with a blank", "code", ticket.FaultMalformed, sla.Policy{Code: "a b", Resolution: good}},
		{"a class that is none", "pause.classes", ticket.FaultUnknown, sla.Policy{Pause: sla.Pause{Classes: []ticket.Class{"asleep"}}, Resolution: good}},
		{"an empty priority", "for.priorities", ticket.FaultRequired, sla.Policy{For: sla.Match{Priorities: []string{""}}, Resolution: good}},
		{"a warning of nothing", "resolution.warn", ticket.FaultConflicting, warn(sla.Warning{})},
		{"a warning of both kinds", "resolution.warn", ticket.FaultConflicting, warn(sla.Warning{Percent: 5, Before: 1000})},
		{"a warning at the breach", "resolution.warn", ticket.FaultOutOfRange, warn(sla.Warning{Percent: 100})},
		{"a warning before the beginning", "resolution.warn", ticket.FaultOutOfRange, warn(sla.Warning{Before: hour})},
		{"a warning twice", "resolution.warn", ticket.FaultDuplicate, warn(sla.Warning{Percent: 50}, sla.Warning{Percent: 50})},
		{"a warning without a target", "next_response.warn", ticket.FaultConflicting, sla.Policy{NextResponse: sla.Goal{Warn: []sla.Warning{{Percent: 50}}}, Resolution: good}},
	} {
		t.Run("I21 refused: "+bad.name, func(t *testing.T) {
			t.Parallel()
			if bad.p.Name = "Test"; bad.p.Code == "" {
				bad.p.Code = "test"
			}
			err := bad.p.Check()
			faults := ticket.FieldErrors(err)
			if !errors.Is(err, ticket.ErrInvalid) || len(faults) != 1 || len(faults[bad.field]) != 1 || faults[bad.field][0].Fault != bad.fault {
				t.Errorf("got %v", err)
			}
			if _, err := sla.NewSet([]sla.Policy{bad.p}, nil); !errors.Is(err, ticket.ErrInvalid) {
				t.Errorf("a set takes it: %v", err)
			}
		})
	}
	t.Run("I21 a set refuses a policy whose calendar is not there", func(t *testing.T) {
		t.Parallel()
		if _, err := sla.NewSet([]sla.Policy{gold()}, nil); !errors.Is(err, ticket.ErrInvalid) || !strings.Contains(err.Error(), "office") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("I21 a policy is the same after JSON, and its copy shares nothing", func(t *testing.T) {
		t.Parallel()
		p := gold()
		p.Brands, p.For = []string{"shop"}, sla.Match{Customers: []string{"7"}, Priorities: []string{"high"}}
		doc, err := json.Marshal(p)
		var back sla.Policy
		if err != nil || json.Unmarshal(doc, &back) != nil || !reflect.DeepEqual(back, p) || !reflect.DeepEqual(p.Clone(), p) {
			t.Errorf("%s: %+v", doc, back)
		}
		c := p.Clone()
		c.For.Customers[0], c.FirstResponse.Warn[0].Percent, c.Pause.Statuses[0] = "8", 1, "x"
		if !reflect.DeepEqual(back, p) {
			t.Error("the copy shares")
		}
	})
}
