package rules_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/rules/sla"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestCompare(t *testing.T) {
	t.Parallel()
	// report has so many hits of each of so many tickets, cut off as a dry run cuts it off.
	report := func(tickets int64, rule ...string) (r rules.Report) {
		for id := tickets; id > 0; id-- { // the newest first
			for _, code := range rule {
				if len(r.Hits) == rules.MaxHits {
					r.More = true
					return r
				}
				r.Hits = append(r.Hits, rules.Hit{Rule: code, TicketID: id})
			}
		}
		return r
	}
	const many = rules.MaxHits + 1
	for _, c := range []struct {
		name          string
		before, after rules.Report
		only, added   int
		more          bool
	}{
		{"that are whole", report(10, "a"), report(10, "a", "b"), 0, 10, false},
		{"of which the second is cut off", report(rules.MaxHits, "a"), report(rules.MaxHits, "a", "b"), 0, rules.MaxHits/2 - 1, true},
		{"of which the first is cut off", report(rules.MaxHits, "a", "b"), report(rules.MaxHits, "a"), rules.MaxHits/2 - 1, 0, true},
		{"that are both cut off", report(many, "a"), report(many, "a", "b", "c"), 0, 2 * (rules.MaxHits / 3), true},
		{"of which one is empty", report(0), report(many, "a"), 0, rules.MaxHits - 1, true},
		{"of which the last ticket has hits beyond the cut", report(many, "a", "b", "c"), report(many, "a", "b", "c"), 0, 0, true},
		{"without a ticket in common", rules.Report{Hits: []rules.Hit{{Rule: "a", TicketID: 2 * many}}}, report(many, "a"), 0, rules.MaxHits - 1, true},
	} {
		t.Run("X04 reports are compared as far as both go: those "+c.name, func(t *testing.T) {
			t.Parallel()
			d := rules.Compare(c.before, c.after)
			if len(d.Before) != c.only || len(d.After) != c.added || d.More != c.more {
				t.Errorf("%d only before, %d only after, more %v; want %d, %d, %v", len(d.Before), len(d.After), d.More, c.only, c.added, c.more)
			}
		})
	}
}

func TestExplainDeadlines(t *testing.T) {
	t.Parallel()
	t.Run("X04 rules on deadlines are explained, and a dry run has them", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		begin := w.Clock.Now()
		goal := sla.Goal{Within: ticket.Duration(4 * time.Hour), Warn: []sla.Warning{{Percent: 75}}}
		must(w.rules.Policies().Save(as(agent), sla.Policy{Code: "std", Name: "Std", FirstResponse: goal}))(t)
		list := []rules.Rule{
			{Code: "near", Name: "n", On: []rules.Trigger{rules.DeadlineNear}, When: `event.name == "first_response" and ticket.priority == "medium"`, Do: do("set_priority", "high")},
			{Code: "missed", Name: "m", On: []rules.Trigger{rules.DeadlineMissed}, When: `event.name == "first_response"`, Do: do("add_tags", []string{"late"})},
			{Code: "other", Name: "o", On: []rules.Trigger{rules.DeadlineMissed}, When: `event.name == "resolution"`, Do: do("add_tags", []string{"other"})},
		}
		for _, r := range list {
			w.save(r)
		}
		w.settle()
		x := w.open("Lamp")
		for range 6 {
			w.after(time.Hour)
		}
		equal(t, "runs", w.ran(x.ID), []string{"deadline_near: near matched", "deadline_missed: missed matched"})
		events := map[string]int64{}
		for _, e := range must(w.History(as(agent), x.ID, ticket.EventQuery{}))(t) {
			if c, is := e.Changed("deadline"); is {
				events[c.New] = e.ID
			}
		}
		for _, c := range []struct {
			rule, event string
			matches     bool
		}{
			{"near", "first_response warning:75%", true}, {"missed", "first_response warning:75%", false},
			{"missed", "first_response breach", true}, {"near", "first_response breach", false}, {"other", "first_response breach", false},
		} {
			e, err := w.rules.Explain(as(agent), x.ID, c.rule, events[c.event])
			if err != nil || e.Matches != c.matches || len(e.Ran) > 0 != c.matches || len(e.Triggers) != 1 {
				t.Errorf("%s of %s: %+v, %v", c.rule, c.event, e, err)
			}
		}
		report := must(w.rules.DryRun(as(agent), rules.Trial{Rules: list, Since: begin}))(t)
		var hits []string
		for _, h := range report.Hits {
			hits = append(hits, fmt.Sprint(h.Trigger, ": ", h.Rule, " of ", h.EventID))
		}
		equal(t, "a dry run", hits, []string{fmt.Sprint("deadline_near: near of ", events["first_response warning:75%"]), fmt.Sprint("deadline_missed: missed of ", events["first_response breach"])})
		if report.Matched["other"] != 0 {
			t.Errorf("the report is %+v", report.Matched)
		}
	})
}
