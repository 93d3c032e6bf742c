package rules_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/rules"
)

func TestMended(t *testing.T) {
	t.Parallel()
	t.Run("M52 the desk's Check does not name a rule that has worked since it failed, and counts on where it fails again", func(t *testing.T) {
		t.Parallel()
		says := errors.New("no parcel")
		w := refuser(t, &says)
		w.save(rules.Rule{Code: "ships", On: []rules.Trigger{rules.Created}, When: `ticket.subject startsWith "L"`, Do: do("ship", nil)})
		w.open("Lamp")
		if got := w.checked(); len(got) != 1 {
			t.Fatalf("it says %q", got)
		}
		says = nil
		w.open("Chair") // which the rule does not look at
		if got := w.checked(); len(got) != 1 {
			t.Errorf("it has not worked, and Check says %q", got)
		}
		w.open("Lantern")
		if got := w.checked(); len(got) != 0 {
			t.Errorf("it works again, and Check says %q", got)
		}
		w.open("Lantern")
		says = errors.New("no parcel")
		w.open("Light")
		if got := w.checked(); len(got) != 1 || !strings.Contains(got[0], "has failed 2 times") {
			t.Errorf("it fails again, and Check says %q", got)
		}
	})
	t.Run("M52 the same by the clock", func(t *testing.T) {
		t.Parallel()
		says := errors.New("no parcel")
		w := refuser(t, &says)
		w.save(rules.Rule{Code: "ships_later", On: []rules.Trigger{rules.ByClock}, When: `hours_since_created >= 1`, Do: do("ship", nil)})
		for _, named := range []int{1, 0} {
			w.open("Lamp")
			w.after(2 * time.Hour)
			if got := w.checked(); len(got) != named {
				t.Errorf("Check says %q", got)
			}
			says = nil
		}
	})
	t.Run("M52 another process, in which the rule works, says so within the hour", func(t *testing.T) {
		t.Parallel()
		says := errors.New("no parcel")
		w := refuser(t, &says)
		w.save(rules.Rule{Code: "ships", On: []rules.Trigger{rules.Created}, Do: do("ship", nil)})
		w.open("Lamp")
		other := &world{Desk: helpdesktest.New(t, &helpdesktest.Options{Store: w.Store, Clock: w.Clock}), t: t}
		other.rules = must(rules.New(other.Automation(), other.Store, nil))(t)
		rules.AddAction(other.rules, rules.Action[struct{}]{Name: "ship", Doc: "works", Do: func(context.Context, *rules.Acting, struct{}) error { return nil }})
		other.after(time.Hour)
		other.open("Chair")
		if got := w.checked(); len(got) != 0 {
			t.Errorf("it says %q", got)
		}
	})
}
