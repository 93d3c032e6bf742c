package rules_test

import (
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestFire(t *testing.T) {
	t.Parallel()
	t.Run("M53 who fires a trigger learns how many rules answer it", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		ok(t, w.Catalog().PutBrand(host, ticket.Brand{Code: "lamps", Name: "Lamps"}))
		on, tag := []rules.Trigger{"x.parcel"}, do("add_tags", []string{"parcel"})
		id := w.open("Lamp").ID
		fire := func(trigger rules.Trigger, want int) {
			t.Helper()
			if n := must(w.rules.Fire(as(agent), id, trigger))(t); n != want {
				t.Errorf("%d rules answer %s, want %d", n, trigger, want)
			}
		}
		fire("x.parcel", 0)
		w.save(rules.Rule{Code: "here", On: on, Do: tag})
		w.save(rules.Rule{Code: "too", On: on, Do: tag, When: `ticket.status == "closed"`})
		w.save(rules.Rule{Code: "other_brand", On: on, Do: tag, Brands: []string{"lamps"}})
		w.save(rules.Rule{Code: "off", On: on, Do: tag, Inactive: true})
		w.save(rules.Rule{Code: "later", On: on, Do: tag, Since: w.Clock.Now().Add(time.Hour)})
		fire("x.parcel", 2)
		fire("x.parcle", 0)
		ok(t, w.DeleteTicket(as(agent), id))
		fire("x.parcel", 0)
	})
}
