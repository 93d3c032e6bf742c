package rules_test

import (
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// first is the event of a ticket that opened it.
func (w *world) first(id int64) int64 {
	w.t.Helper()
	return must(w.History(as(agent), id, ticket.EventQuery{}))(w.t)[0].ID
}

func TestExplainWhatRan(t *testing.T) {
	t.Parallel()
	// explained checks what is said of a rule.
	explained := func(w *world, x rules.Explanation, err error, matches bool, ran int, why string) {
		w.t.Helper()
		if err != nil || x.Matches != matches || len(x.Ran) != ran || !strings.Contains(x.Why, why) || (len(x.Would) > 0) != (matches && (ran == 0 || x.EventID != 0)) {
			w.t.Errorf("got %+v, %v; want matches %v, ran %d, why %q", x, err, matches, ran, why)
		}
	}
	t.Run("X04 a rule does not match that a rule before it left nothing to", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		w.save(rules.Rule{Code: "a", Sort: 1, On: []rules.Trigger{rules.Created}, When: `ticket.subject contains "Lamp"`, Do: do("add_tags", []string{"a"}), Stop: true})
		w.save(rules.Rule{Code: "b", Sort: 2, On: []rules.Trigger{rules.Created}, When: `ticket.priority != "low"`, Do: do("add_tags", []string{"b"})})
		lamp, table := w.open("Lamp"), w.open("Table")
		x, err := w.rules.Explain(as(agent), lamp.ID, "b", w.first(lamp.ID))
		explained(w, x, err, false, 0, `"a" ran before it, and stopped`)
		equal(t, "rules before it", x.After, []string{"a"})
		x, err = w.rules.Explain(as(agent), lamp.ID, "a", w.first(lamp.ID))
		explained(w, x, err, true, 1, "")
		x, err = w.rules.Explain(as(agent), table.ID, "b", w.first(table.ID))
		explained(w, x, err, true, 1, "")
	})
	t.Run("X04 a rule is explained by the ticket as it found it: after rules before it, and before those after it", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		w.save(rules.Rule{Code: "a", Sort: 1, On: []rules.Trigger{rules.Created}, Do: do("set_priority", "high")})
		w.save(rules.Rule{Code: "b", Sort: 2, On: []rules.Trigger{rules.Created}, When: `ticket.priority != "high"`, Do: do("add_tags", []string{"b"})})
		w.save(rules.Rule{Code: "c", Sort: 3, On: []rules.Trigger{rules.Created}, When: `ticket.priority == "high" and before.priority == "medium"`, Do: do("add_tags", []string{"c"})})
		w.save(rules.Rule{Code: "d", Sort: 4, On: []rules.Trigger{rules.Created}, Do: do("set_priority", "low")})
		y := w.open("Lamp")
		w.after(time.Hour)
		must(w.SetPriority(as(agent), y.ID, "medium"))(t)
		w.settle()
		equal(t, "runs", w.ran(y.ID), []string{"created: a matched", "created: c matched", "created: d matched"})
		for rule, c := range map[string]struct {
			ran int
			why string
		}{"a": {1, ""}, "b": {0, "high"}, "c": {1, ""}, "d": {1, ""}} {
			x, err := w.rules.Explain(as(agent), y.ID, rule, w.first(y.ID))
			explained(w, x, err, c.ran > 0, c.ran, c.why)
		}
	})
	t.Run("X04 a rule that was another one when the event came did nothing, and will not", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		r := w.save(rules.Rule{Code: "a", On: []rules.Trigger{rules.Created}, When: `ticket.subject == "Table"`, Do: do("add_tags", []string{"a"})})
		y := w.open("Lamp")
		r.When = `ticket.subject == "Lamp"`
		w.save(r)
		x, err := w.rules.Explain(as(agent), y.ID, "a", w.first(y.ID))
		explained(w, x, err, false, 0, "it was another rule then")
	})
	t.Run("X04 a rule by the clock says that it has run, or that a ticket is older than itself", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		old := w.open("Lamp")
		w.after(100 * time.Hour)
		r := w.save(rules.Rule{Code: "c", On: []rules.Trigger{rules.ByClock}, When: `hours_since_last_reply > 72`, Do: do("add_tags", []string{"c"})})
		w.settle()
		young := w.open("Table")
		for range 80 {
			w.after(time.Hour)
		}
		equal(t, "runs of the old one", w.ran(old.ID), nil)
		x, err := w.rules.Explain(as(agent), old.ID, "c", 0)
		explained(w, x, err, false, 0, "matched before the rule was active")
		x, err = w.rules.Explain(as(agent), young.ID, "c", 0)
		explained(w, x, err, true, 1, "it has run for this at")
		must(w.Reply(as(customer), old.ID, ticket.ReplyDraft{Body: "Hello?"}))(t)
		must(w.Reply(as(customer), young.ID, ticket.ReplyDraft{Body: "Hello?"}))(t)
		w.settle()
		x, err = w.rules.Explain(as(agent), young.ID, "c", 0)
		explained(w, x, err, false, 0, "did not match")
		for range 72 {
			w.after(time.Hour)
		}
		w.Clock.Advance(time.Minute) // and before it looks
		x, err = w.rules.Explain(as(agent), old.ID, "c", 0)
		explained(w, x, err, true, 0, "hours_since_last_reply")
		r.When = `hours_since_last_reply > 71`
		w.save(r)
		w.after(2 * time.Hour)
		x, err = w.rules.Explain(as(agent), old.ID, "c", 0)
		explained(w, x, err, false, 0, "or asked this")
	})
}
