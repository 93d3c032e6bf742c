package rules_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/rules/sla"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// brought is what a desk has exported, as another one reads it.
func brought(t *testing.T) rules.File {
	t.Helper()
	w := newWorld(t, nil)
	put(w, ticket.Department{Code: "sales", Name: "Sales"})
	w.save(rules.Rule{Code: "c", On: []rules.Trigger{rules.ByClock}, When: `hours_since_last_reply > 72`, Notify: []rules.Notification{{To: rules.Recipients{Customer: true}, Subject: "Still there?"}}})
	must(w.rules.Policies().Save(as(agent), sla.Policy{Code: "p", Name: "P", FirstResponse: sla.Goal{Within: ticket.Duration(4 * time.Hour)}}))(t)
	must(w.rules.AutoCloses().Save(as(agent), rules.AutoClose{Code: "a", Name: "A", Statuses: []string{"in_progress"}, After: ticket.Duration(72 * time.Hour), CloseAfter: ticket.Duration(72 * time.Hour), Text: "Hello?", Status: "closed"}))(t)
	f := must(w.rules.Export(as(agent)))(t)
	return must(rules.ParseFile(must(f.YAML())(t)))(t)
}

// aged is a desk with tickets that have waited for long.
func aged(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, nil)
	w.Clock.Advance(time.Hour)
	for i := range 5 {
		must(w.SetStatus(as(agent), w.open(fmt.Sprint("Lamp ", i)).ID, "in_progress"))(t)
	}
	w.after(300 * 24 * time.Hour)
	return w
}

// said is how much customers and the history were told.
func (w *world) said() (told int) {
	w.t.Helper()
	for range 3 {
		w.after(time.Hour)
	}
	told = len(w.notices)
	for _, x := range must(w.Tickets(as(agent), ticket.Query{}))(w.t).Tickets {
		told += len(w.stages(x.ID)) + len(must(w.Messages(as(agent), x.ID, ticket.MessageQuery{}))(w.t)) - 1
	}
	return told
}

func TestImportSince(t *testing.T) {
	t.Parallel()
	sinces := func(w *world) (out []time.Time) {
		f := must(w.rules.Export(as(agent)))(w.t)
		return append(out, f.Rules[0].Since, f.Policies[0].Since, f.AutoClose[0].Since)
	}
	all := func(at time.Time) []time.Time { return []time.Time{at, at, at} }
	t.Run("M52 what a file brings to a desk is active from then on, and what was active goes on", func(t *testing.T) {
		t.Parallel()
		f, w := brought(t), aged(t)
		begin := w.Clock.Now()
		if warnings, err := w.rules.Import(as(agent), f, false); err != nil || len(warnings) > 0 {
			t.Fatalf("got %v, %v", warnings, err)
		}
		if n := w.said(); n != 0 {
			t.Errorf("of what was over by then %d things are told", n)
		}
		must(w.rules.Import(as(agent), f, true))(t)
		equal(t, "since", sinces(w), all(begin))
		f.Rules[0].Since, f.Policies[0].Since, f.AutoClose[0].Since = time.Time{}, time.Time{}, time.Time{}
		must(w.rules.Import(as(agent), f, true))(t)
		equal(t, "since, where a file says nothing", sinces(w), all(begin))
		w.after(80 * time.Hour)
		if n := w.said(); n == 0 {
			t.Error("nothing is told of what was due after it")
		}
	})
	t.Run("M52 what was inactive begins when a file has it active, and what is to begin later does", func(t *testing.T) {
		t.Parallel()
		f, w := brought(t), aged(t)
		f.Rules[0].Inactive, f.Policies[0].Inactive, f.AutoClose[0].Inactive = true, true, true
		begin := w.Clock.Now()
		must(w.rules.Import(as(agent), f, false))(t)
		w.Clock.Advance(time.Hour)
		must(w.rules.Import(as(agent), f, false))(t)
		equal(t, "since, inactive", sinces(w), all(begin))
		f.Rules[0].Inactive, f.Policies[0].Inactive, f.AutoClose[0].Inactive = false, false, false
		must(w.rules.Import(as(agent), f, false))(t)
		equal(t, "since, active", sinces(w), all(begin.Add(time.Hour)))
		later := begin.Add(1000 * time.Hour)
		f.Rules[0].Since, f.Policies[0].Since, f.AutoClose[0].Since = later, later, later
		must(w.rules.Import(as(agent), f, false))(t)
		equal(t, "since, later", sinces(w), all(later))
	})
	t.Run("M52 a file that is to look back does, and each entry is warned of that does so anew", func(t *testing.T) {
		t.Parallel()
		f, w := brought(t), aged(t)
		f = must(rules.ParseFile([]byte("look_back: true\n" + string(must(f.YAML())(t)))))(t)
		for i, want := range []int{3, 0} {
			warnings := must(w.rules.Import(as(agent), f, false))(t)
			if len(warnings) != want || want > 0 && !strings.Contains(warnings[0].Message, "looks back to "+f.Rules[0].Since.Format("2006-01-02")) {
				t.Errorf("import %d: %v", i, warnings)
			}
		}
		equal(t, "since", sinces(w), all(f.Rules[0].Since))
		if n := w.said(); n != 15 {
			t.Errorf("%d things are told", n)
		}
	})
}
