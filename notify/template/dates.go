package template

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// moment is a date in its seven formats by name; it prints as the medium one.
type moment map[string]string

// String is the date as most letters show it.
func (m moment) String() string { return m["medium"] }

// formats are the names of the formats of dates. In the last two the older names live on that stand for full and long.
var formats = [...]string{"none", "full", "long", "medium", "short", "traditional", "gregorian"}

// momentOf is a time in the words of a language; nil for none.
func (w words) momentOf(t time.Time, zone *time.Location) moment {
	if t.IsZero() {
		return nil
	}
	t = t.In(zone)
	r := strings.NewReplacer(
		"{weekday}", w.nth("weekdays", int(t.Weekday())), "{month}", w.nth("months", int(t.Month())-1), "{mon}", w.nth("mons", int(t.Month())-1),
		"{d}", strconv.Itoa(t.Day()), "{dd}", fmt.Sprintf("%02d", t.Day()), "{mm}", fmt.Sprintf("%02d", int(t.Month())),
		"{yyyy}", fmt.Sprintf("%04d", t.Year()), "{time}", t.Format("15:04"), "{zone}", t.Format("MST"),
	)
	m := moment{"none": t.Format("2006-01-02 15:04")}
	for _, name := range []string{"full", "long", "medium", "short"} {
		m[name] = r.Replace(w["date_"+name])
	}
	m["traditional"], m["gregorian"] = m["full"], m["long"]
	return m
}

// nth is one of the names that stand in a word with a space between.
func (w words) nth(key string, i int) string {
	list := strings.Fields(w[key])
	if i < 0 || i >= len(list) {
		return ""
	}
	return list[i]
}
