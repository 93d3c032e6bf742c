package rules_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/store"
)

// refuser is a desk with an action that fails while it is told to.
func refuser(t *testing.T, says *error) *world {
	w := newWorld(t, nil)
	rules.AddAction(w.rules, rules.Action[struct{}]{Name: "ship", Doc: "fails", Do: func(context.Context, *rules.Acting, struct{}) error { return *says }})
	return w
}

// checked are the messages of Check.
func (w *world) checked() (out []string) {
	w.t.Helper()
	for _, p := range must(w.Check(as(agent)))(w.t) {
		out = append(out, p.Message)
	}
	return out
}

func (w *world) failingRecords() (n int) {
	w.t.Helper()
	err := w.Store.View(w.t.Context(), func(ctx context.Context, r store.Reader) error {
		recs, err := r.Records(ctx, store.RecordQuery{Kind: "rulefailing"})
		n = len(recs)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func TestFailing(t *testing.T) {
	t.Parallel()
	t.Run("M52 the desk's Check names a rule that fails, once, with the last error, for three days or until it is saved", func(t *testing.T) {
		t.Parallel()
		says := errors.New("no parcel for ann@example.com")
		w := refuser(t, &says)
		rule := w.save(rules.Rule{Code: "ships", On: []rules.Trigger{rules.Created}, Do: do("ship", nil)})
		w.save(rules.Rule{Code: "ships_later", On: []rules.Trigger{rules.ByClock}, When: `hours_since_created >= 1`, Do: do("ship", nil)})
		w.save(rules.Rule{Code: "works", On: []rules.Trigger{rules.Created}, Do: do("add_tags", []string{"a"})})
		w.open("Lamp")
		x := w.open("Chair")
		got := w.checked()
		if len(got) != 1 || !strings.Contains(got[0], `rule "ships" has failed 2 times`) || !strings.Contains(got[0], fmt.Sprintf("for ticket %d (created): action 1 (ship): no parcel", x.ID)) {
			t.Fatalf("it says %q", got)
		}
		w.after(2 * time.Hour)
		if got := w.checked(); len(got) != 2 || !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, `"ships_later" has failed 2 times`) }) {
			t.Errorf("by the clock: %q", got)
		}
		must(w.People().Erase(as(agent), customer.Person(), nil))(t)
		if got := strings.Join(w.checked(), " "); strings.Contains(got, "ann@") {
			t.Errorf("who was erased is named: %s", got)
		}
		rule.Notes = "looked at"
		w.save(rule)
		if got := w.checked(); len(got) != 1 {
			t.Errorf("saved: %q", got)
		}
		w.open("Shade")
		if got := w.checked(); !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, `rule "ships" has failed, `) }) {
			t.Errorf("it fails again: %q", got)
		}
		says = nil
		w.after(73 * time.Hour)
		w.after(time.Hour)
		if got := w.checked(); len(got) > 0 || w.failingRecords() != 0 {
			t.Errorf("three days later: %q, %d kept", got, w.failingRecords())
		}
	})
	t.Run("M52 of many rules that fail Check names some and counts the others, and a rule that comes anew has not failed", func(t *testing.T) {
		t.Parallel()
		says := errors.New("no")
		w := refuser(t, &says)
		for i := range 25 {
			w.save(rules.Rule{Code: fmt.Sprintf("r%02d", i), On: []rules.Trigger{rules.Created}, Do: do("ship", nil)})
		}
		w.open("Lamp")
		if got := w.checked(); len(got) != 21 || !strings.Contains(got[20], "5 more rules have failed") {
			t.Errorf("it says %q", got)
		}
		for i := range 25 {
			if err := w.rules.Delete(as(agent), fmt.Sprintf("r%02d", i)); err != nil {
				t.Fatal(err)
			}
		}
		w.save(rules.Rule{Code: "r00", On: []rules.Trigger{rules.Created}, Do: do("ship", nil)})
		if got := w.checked(); len(got) > 0 {
			t.Errorf("all are new: %q", got)
		}
	})
	t.Run("M52 rules that work write nothing of it, and with a ticket goes what it says of rules", func(t *testing.T) {
		t.Parallel()
		says := error(nil)
		w := refuser(t, &says)
		w.save(rules.Rule{Code: "ships", On: []rules.Trigger{rules.Created}, Do: do("ship", nil)})
		w.open("Lamp")
		if n := w.failingRecords(); n != 0 {
			t.Errorf("%d records", n)
		}
		says = errors.New("no")
		x := w.open("Chair")
		if n := w.failingRecords(); n != 1 {
			t.Fatalf("%d records", n)
		}
		for _, f := range []func(context.Context, int64) error{w.DeleteTicket, w.Purge} {
			if err := f(as(agent), x.ID); err != nil {
				t.Fatal(err)
			}
		}
		w.settle()
		if n := w.failingRecords(); n != 0 {
			t.Errorf("%d records of a ticket that is gone", n)
		}
	})
}
