package rules_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestExplainTheLast(t *testing.T) {
	t.Parallel()
	explain := func(w *world, id int64, rule string) rules.Explanation {
		w.t.Helper()
		return must(w.rules.Explain(as(agent), id, rule, 0))(w.t)
	}
	t.Run("X04 without an event a rule is explained by the last one that it answers, however long ago that was, with what stopped it", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		w.save(rules.Rule{Code: "a", Sort: 1, On: []rules.Trigger{rules.CustomerReplied}, When: `message.body contains "stop"`, Do: do("set_priority", "high"), Stop: true})
		w.save(rules.Rule{Code: "b", Sort: 2, On: []rules.Trigger{rules.Created, rules.CustomerReplied}, When: `ticket.priority == "medium"`, Do: do("add_tags", []string{"b"})})
		x := w.open("Lamp")
		opened := w.first(x.ID)
		if e := explain(w, x.ID, "b"); !e.Matches || len(e.Ran) != 1 || e.EventID != opened {
			t.Errorf("when it was opened: %+v", e)
		}
		if e := explain(w, x.ID, "a"); e.Matches || e.EventID != 0 || !strings.Contains(e.Why, "nothing has happened to the ticket that the rule answers") || e.Tree == nil || len(e.Would) > 0 {
			t.Errorf("of what was never there: %+v", e)
		}
		must(w.Reply(as(customer), x.ID, ticket.ReplyDraft{Body: "stop"}))(t)
		w.settle()
		for range 120 {
			must(w.SetPriority(as(agent), x.ID, "low"))(t)
			must(w.SetPriority(as(agent), x.ID, "high"))(t)
		}
		e := explain(w, x.ID, "b")
		if e.Matches || !strings.Contains(e.Why, `"a" ran before it, and stopped`) || len(e.Triggers) != 1 || e.Triggers[0] != rules.CustomerReplied {
			t.Errorf("what stopped it is not said: %+v", e)
		}
		equal(t, "rules before it", e.After, []string{"a"})
		if e := explain(w, x.ID, "a"); !e.Matches || len(e.Ran) != 1 {
			t.Errorf("that it ran is not said: %+v", e)
		}
	})
	t.Run("X04 what cannot be explained names the rule and the ticket, and what of both is missing", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		w.save(rules.Rule{Code: "r", On: []rules.Trigger{rules.Created}, Do: do("archive", nil)})
		x, y := w.open("Lamp"), w.open("Table")
		for want, c := range map[string]struct {
			ticket, event int64
			rule          string
		}{
			fmt.Sprintf(`explain the rule "none" for ticket %d: not found: there is no rule "none"`, x.ID): {x.ID, 0, "none"},
			fmt.Sprintf("not found: the ticket has no event %d", w.first(y.ID)):                            {x.ID, w.first(y.ID), "r"},
			"the ticket has no event 12345":        {x.ID, 12345, "r"},
			`explain the rule "r" for ticket 99: `: {99, 0, "r"},
		} {
			_, err := w.rules.Explain(as(agent), c.ticket, c.rule, c.event)
			if wantErr(t, err, ticket.ErrNotFound); err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %s", err, want)
			}
		}
	})
	t.Run("X04 a trigger of the host's is an event, too, and is explained by the ticket as it was then", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		w.save(rules.Rule{Code: "a", Sort: 1, On: []rules.Trigger{"x.returned"}, When: `ticket.priority == "high"`, Do: do("add_tags", []string{"a"}), Stop: true})
		w.save(rules.Rule{Code: "b", Sort: 2, On: []rules.Trigger{"x.returned", rules.Created}, Do: do("add_tags", []string{"b"})})
		x := w.open("Lamp")
		if e := explain(w, x.ID, "a"); e.Matches || !strings.Contains(e.Why, "x.returned") {
			t.Errorf("it never came: %+v", e)
		}
		fire := func() {
			t.Helper()
			w.after(time.Minute)
			must(w.rules.Fire(as(agent), x.ID, "x.returned"))(t)
			w.settle()
		}
		fire()
		if e := explain(w, x.ID, "a"); e.Matches || !strings.Contains(e.Why, `"medium"`) || e.Triggers[0] != "x.returned" || e.EventID != 0 {
			t.Errorf("it did not match: %+v", e)
		}
		must(w.SetPriority(as(agent), x.ID, "high"))(t)
		w.settle()
		if e := explain(w, x.ID, "a"); e.Matches {
			t.Errorf("it is explained by what came later: %+v", e)
		}
		fire()
		if e := explain(w, x.ID, "a"); !e.Matches || len(e.Ran) != 1 || len(e.Would) != 1 {
			t.Errorf("it ran: %+v", e)
		}
		if e := explain(w, x.ID, "b"); e.Matches || !strings.Contains(e.Why, `"a" ran before it, and stopped`) {
			t.Errorf("it was stopped: %+v", e)
		}
	})
	t.Run("X04 a rule by the clock and for events is explained by what came last, and an inactive one says that it is", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		r := w.save(rules.Rule{Code: "r", On: []rules.Trigger{rules.ByClock, rules.Noted}, When: `hours_since_created >= 1`, Do: do("add_tags", []string{"r"})})
		x := w.open("Lamp")
		if e := explain(w, x.ID, "r"); e.Matches || e.EventID != 0 || e.Tree == nil {
			t.Errorf("nothing came yet: %+v", e)
		}
		w.after(2 * time.Hour)
		if e := explain(w, x.ID, "r"); !e.Matches || len(e.Ran) != 1 || e.Ran[0].Trigger != rules.ByClock {
			t.Errorf("it ran by the clock: %+v", e)
		}
		w.after(time.Hour)
		must(w.AddNote(as(agent), x.ID, ticket.ReplyDraft{Body: "n"}))(t)
		w.settle()
		if e := explain(w, x.ID, "r"); !e.Matches || len(e.Ran) != 1 || e.Ran[0].Trigger != rules.Noted || e.EventID == 0 {
			t.Errorf("it ran for the note: %+v", e)
		}
		r.Inactive = true
		w.save(r)
		if e := explain(w, x.ID, "r"); e.Matches || !strings.Contains(e.Why, "not active") || e.EventID == 0 {
			t.Errorf("it is not active: %+v", e)
		}
	})
}
