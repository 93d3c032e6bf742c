package rules_test

import (
	"slices"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestQuietChanges(t *testing.T) {
	t.Parallel()
	byClock := func(code, when string, do []rules.Step) rules.Rule {
		return rules.Rule{Code: code, On: []rules.Trigger{rules.ByClock}, When: when, Do: do}
	}
	t.Run("M59 a rule by the clock finds what changed without a ticket counting as updated", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		w.save(byClock("long", `hours_since_created > 24 and ticket.spent_minutes > 60`, do("set_priority", "high")))
		w.save(byClock("big", `hours_since_created > 24 and "big" in ticket.tags`, do("set_priority", "low")))
		x, y, z := w.open("Lamp"), w.open("Table"), w.open("Chair")
		must(w.UpdateTicket(as(agent), y.ID, ticket.Patch{Tags: &[]string{"huge"}}))(t)
		w.after(48 * time.Hour)
		log := func(id int64, d time.Duration) {
			must(w.Time().Log(as(agent), id, ticket.TimeEntry{Agent: agent.ID, Start: w.Clock.Now().Add(-d), Duration: ticket.Duration(d)}))(t)
		}
		log(x.ID, 2*time.Hour)
		log(z.ID, time.Minute)
		must(w.Tags().Rename(as(agent), "huge", "big"))(t)
		for range 5 {
			w.after(time.Hour)
		}
		equal(t, "runs of the one with working time", w.ran(x.ID), []string{"by_clock: long matched"})
		equal(t, "runs of the one with a renamed tag", w.ran(y.ID), []string{"by_clock: big matched"})
		equal(t, "runs of the third", w.ran(z.ID), nil)
		log(x.ID, time.Hour)
		w.after(2 * time.Hour)
		equal(t, "runs, and more working time", w.ran(x.ID), []string{"by_clock: long matched"})
	})
	t.Run("M59 of more quiet changes than a look takes at once none is missed", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		w.save(byClock("long", `hours_since_created > 24 and ticket.spent_minutes > 60`, do("set_priority", "high")))
		x, y := w.open("Lamp"), w.open("Table")
		w.after(48 * time.Hour)
		for range 3 * ticket.MaxPage {
			must(w.Time().Log(as(agent), x.ID, ticket.TimeEntry{Agent: agent.ID, Start: w.Clock.Now().Add(-time.Minute), Duration: ticket.Duration(time.Second)}))(t)
		}
		must(w.Time().Log(as(agent), y.ID, ticket.TimeEntry{Agent: agent.ID, Start: w.Clock.Now().Add(-2 * time.Hour), Duration: ticket.Duration(2 * time.Hour)}))(t)
		w.after(2 * time.Hour)
		equal(t, "runs", slices.Concat(w.ran(x.ID), w.ran(y.ID)), []string{"by_clock: long matched"})
	})
	t.Run("M59 what a rule by the clock has changed itself is no new cause for it, however much later it would match", func(t *testing.T) {
		t.Parallel()
		for name, c := range map[string]struct {
			when string
			does rules.Step
		}{
			"note":  {`hours_since_changed > 24`, rules.Do("add_note", rules.Text{Body: "Stale."})},
			"reply": {`hours_since_last_reply > 24`, rules.Do("reply", rules.Text{Body: "Still there?"})},
		} {
			w := newWorld(t, nil)
			w.save(byClock("stale", c.when, []rules.Step{c.does}))
			x := w.open("Lamp")
			wait := func(want ...string) {
				t.Helper()
				for range 5 * 24 {
					w.after(time.Hour)
				}
				equal(t, name+": runs", w.ran(x.ID), want)
				report := must(w.rules.DryRun(as(agent), rules.Trial{Since: x.CreatedAt}))(t)
				if report.Matched["stale"] != len(want) {
					t.Errorf("%s: a dry run has it match %d times, and it did %d times", name, report.Matched["stale"], len(want))
				}
			}
			wait("by_clock: stale matched")
			must(w.Reply(as(customer), x.ID, ticket.ReplyDraft{Body: "Yes."}))(t)
			wait("by_clock: stale matched", "by_clock: stale matched")
		}
	})
	t.Run("M59 a notice that becomes a note is the rule's own change, too", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, shopOptions{silent: true})
		_, _, err := s.Save(host, rules.Rule{Code: "stale", Name: "Stale", On: []rules.Trigger{rules.ByClock}, When: `hours_since_changed > 24`, Notify: []rules.Notification{{To: rules.Recipients{Owner: true}, Subject: "Stale"}}})
		ok(t, err)
		id := s.open(t).ID
		for range 5 {
			s.later(t, day)
		}
		if n := len(s.notes(t, id)); n != 1 {
			t.Errorf("%d notes", n)
		}
	})
}
