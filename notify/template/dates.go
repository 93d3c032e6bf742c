package template

import (
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
	part := func(name string) string {
		switch name {
		case "weekday":
			return w.nth("weekdays", int(t.Weekday()))
		case "month":
			return w.nth("months", int(t.Month())-1)
		case "mon":
			return w.nth("mons", int(t.Month())-1)
		case "d":
			return strconv.Itoa(t.Day())
		}
		return t.Format(layouts[name])
	}
	m := moment{"none": t.Format("2006-01-02 15:04")}
	for _, name := range []string{"full", "long", "medium", "short"} {
		m[name] = filled(w["date_"+name], part)
	}
	m["traditional"], m["gregorian"] = m["full"], m["long"]
	return m
}

// layouts are parts of dates that are the same in every language.
var layouts = map[string]string{"dd": "02", "mm": "01", "yyyy": "2006", "time": "15:04", "zone": "MST"}

// filled is a text with values in the place of the names that it has in braces.
func filled(s string, value func(name string) string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(s, "{")
		b.WriteString(before)
		name, after, closed := strings.Cut(rest, "}")
		if !ok || !closed {
			b.WriteString(s[len(before):])
			return b.String()
		}
		b.WriteString(value(name))
		s = after
	}
}

// nth is one of the names that stand in a word with a space between.
func (w words) nth(key string, i int) string {
	for word := range strings.FieldsSeq(w[key]) {
		if i == 0 {
			return word
		}
		i--
	}
	return ""
}
