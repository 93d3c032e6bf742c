package rules_test

import (
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/rules/calendar"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestDueActions(t *testing.T) {
	t.Parallel()
	t.Run("M65 a rule adds a follow-up", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		w.save(rules.Rule{Code: "r", On: []rules.Trigger{rules.Created}, Do: do("follow_up", rules.FollowUp{After: ticket.Duration(24 * time.Hour), SetPriority: "high", CancelOn: rules.CancelOnAnybody})})
		x := w.open("Lamp")
		w.after(23 * time.Hour)
		if got := w.now(x.ID).Priority; got == "high" {
			t.Error("it is high too early")
		}
		w.after(2 * time.Hour)
		if got := w.now(x.ID).Priority; got != "high" {
			t.Errorf("its priority is %q", got)
		}
	})
	t.Run("M65 a follow-up counts working time where it is asked to", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		x := w.open("Lamp") // Monday, nine o'clock
		late := rules.FollowUp{After: ticket.Duration(10 * time.Hour), WorkingTime: true, SetPriority: "high"}
		_, err := w.rules.FollowUps().Add(as(agent), x.ID, late)
		wantErr(t, err, ticket.ErrInvalid) // there is no calendar
		must(w.rules.Calendars().Save(as(agent), calendar.Calendar{Code: "office", Name: "Office", Week: calendar.Weekdays("09:00-17:00")}))(t)
		f := must(w.rules.FollowUps().Add(as(agent), x.ID, late))(t)
		if want := time.Date(2026, 1, 6, 11, 0, 0, 0, time.UTC); !f.At.Equal(want) {
			t.Errorf("it is due at %s, want %s", f.At, want)
		}
	})
	t.Run("X15 a rule snoozes a ticket, and it comes back by itself", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		w.save(rules.Rule{Code: "r", On: []rules.Trigger{rules.Created}, Do: do("snooze", rules.Later{For: ticket.Duration(24 * time.Hour)})})
		if x := w.open("Lamp"); x.Folder != ticket.Archive {
			t.Errorf("it is in %q", x.Folder)
		} else if w.after(25 * time.Hour); w.now(x.ID).Folder != ticket.Inbox {
			t.Errorf("afterwards it is in %q", w.now(x.ID).Folder)
		}
	})
	t.Run("M65 a follow-up without a time is refused when a rule is saved", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		for _, s := range []rules.Step{rules.Do("follow_up", rules.FollowUp{SetPriority: "high"}), rules.Do("follow_up", rules.FollowUp{After: 1}), rules.Do("snooze", rules.Later{})} {
			wantErr(t, w.rules.CheckRule(as(agent), rules.Rule{Code: "r", Name: "r", On: []rules.Trigger{rules.Created}, Do: []rules.Step{s}}), ticket.ErrInvalid)
		}
	})
}
