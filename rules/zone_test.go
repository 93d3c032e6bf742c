package rules_test

import (
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestZone(t *testing.T) {
	t.Parallel()
	friday := time.Date(2026, 1, 9, 22, 30, 0, 0, time.UTC)
	// weekend is a desk of rules that tell a Saturday in Istanbul from a Friday elsewhere.
	weekend := func(t *testing.T) *world {
		w := newWorld(t, nil)
		w.Clock.Set(friday)
		w.save(rules.Rule{Code: "saturday", Sort: 1, On: []rules.Trigger{rules.Created}, When: `weekday(now) == "saturday" and hour(now) == 1 and day(ticket.created_at) == 10 and now >= date("2026-01-10")`, Do: do("add_tags", []string{"saturday"})})
		w.save(rules.Rule{Code: "friday", Sort: 2, On: []rules.Trigger{rules.Created}, When: `weekday(now) == "friday" and hour(now) == 22 and now < date("2026-01-10")`, Do: do("add_tags", []string{"friday"})})
		return w
	}
	brand := func(w *world, code, zone string) {
		w.t.Helper()
		if err := w.Catalog().PutBrand(as(agent), ticket.Brand{Code: code, Name: code, Zone: zone}); err != nil {
			w.t.Fatal(err)
		}
	}
	standard := func(w *world) string {
		return must(w.Settings().Get(as(agent), "", "", ""))(w.t).DefaultBrand
	}
	t.Run("M55 hours and days are those of UTC where the default brand has no zone", func(t *testing.T) {
		t.Parallel()
		equal(t, "tags", weekend(t).open("Lamp").Tags, []string{"friday"})
	})
	t.Run("M55 hours and days are those of the default brand: at 22:30 on Friday in UTC it is Saturday in Istanbul, and running rules hear of a change", func(t *testing.T) {
		t.Parallel()
		w := weekend(t)
		equal(t, "tags before the change", w.open("Lamp").Tags, []string{"friday"})
		brand(w, standard(w), "Europe/Istanbul")
		changed := w.open("Lamp")
		equal(t, "tags after the change", changed.Tags, []string{"saturday"})
		if x := must(w.rules.Explain(as(agent), changed.ID, "friday", 0))(t); x.Matches {
			t.Errorf("explained as %s", x.Why)
		}
		equal(t, "matching", must(w.rules.Matching(as(agent), changed.ID, rules.Created))(t), []string{"saturday"})
		brand(w, standard(w), "")
		equal(t, "tags when it is taken away", w.open("Lamp").Tags, []string{"friday"})
	})
	t.Run("M55 another default brand brings its zone, and tickets of other brands have it too", func(t *testing.T) {
		t.Parallel()
		w := weekend(t)
		first := standard(w)
		brand(w, "outlet", "Europe/Istanbul")
		equal(t, "tags while it is not the default", w.open("Lamp").Tags, []string{"friday"})
		if err := w.Settings().Update(as(agent), ticket.DeskLayer, ticket.SettingsPatch{DefaultBrand: new("outlet")}); err != nil {
			t.Fatal(err)
		}
		made := must(w.CreateTicket(as(customer), ticket.Draft{Subject: "Lamp", Body: "Broken.", Brand: first}))(t)
		equal(t, "tags", w.now(made.ID).Tags, []string{"saturday"})
	})
	t.Run("M53 a rule by the clock goes by the zone as well", func(t *testing.T) {
		t.Parallel()
		w := weekend(t)
		brand(w, standard(w), "Europe/Istanbul")
		made := w.open("Lamp")
		w.save(rules.Rule{Code: "morning", On: []rules.Trigger{rules.ByClock}, When: `hour(now) == 9 and weekday(now) == "saturday"`, Do: do("add_tags", []string{"morning"})})
		w.after(7 * time.Hour) // 5:30 in UTC, 8:30 there
		equal(t, "tags at half past eight", w.now(made.ID).Tags, []string{"saturday"})
		w.after(time.Hour)
		equal(t, "tags at half past nine", w.now(made.ID).Tags, []string{"morning", "saturday"})
	})
}
