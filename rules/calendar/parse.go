package calendar

import (
	"cmp"
	"strings"
	"time"
)

// Local times are counted in microseconds since 1970-01-01T00:00 of the clock on the wall, as if it were UTC's.
const (
	second = int64(time.Second / time.Microsecond)
	minute = 60 * second
	day    = 24 * 60 * minute
	week   = 7 * day
)

// span is one of local time: of a day, of a week, or of all time.
type span struct{ from, to int64 }

// times reads a span of a day. One that ends before it begins ends on the next day.
func (s Span) times() (out span, ok bool) {
	a, b, cut := strings.Cut(string(s), "-")
	from, ok1 := clock(strings.TrimSpace(a))
	to, ok2 := clock(strings.TrimSpace(b))
	if !cut || !ok1 || !ok2 || from == to || from == day {
		return out, false
	}
	if to < from {
		to += day
	}
	return span{from, to}, true
}

// clock reads a time of day, as "09:05" or "24:00".
func clock(s string) (int64, bool) {
	if len(s) != 5 || s[2] != ':' {
		return 0, false
	}
	for _, i := range []int{0, 1, 3, 4} {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
	}
	h, m := int64(s[0]-'0')*10+int64(s[1]-'0'), int64(s[3]-'0')*10+int64(s[4]-'0')
	at := (h*60 + m) * minute
	return at, m < 60 && at <= day
}

// How From and To of a special period are written.
const (
	dateForm   = "2006-01-02"
	minuteForm = "2006-01-02T15:04"
	noYear     = "--" // in place of the year, of what comes every year (ISO 8601:2000, 5.2.1.3)
)

// moment is a local date, or date and time.
type moment struct {
	at     time.Time // as if it were of UTC; of what comes every year, in a leap year
	date   bool
	yearly bool
}

// readMoment takes only what is written in full: time.Parse by itself takes an hour of one digit too.
func readMoment(s string) (m moment, ok bool) {
	if m.yearly = strings.HasPrefix(s, noYear); m.yearly {
		s = "2000-" + s[len(noYear):]
	}
	var err error
	if m.at, err = time.Parse(dateForm, s); err == nil {
		m.date = true
		return m, true
	}
	m.at, err = time.Parse(minuteForm, s)
	return m, err == nil && m.at.Format(minuteForm) == s
}

// in is the moment in a year; ok is false where that year has no such day.
func (m moment) in(year int) (at time.Time, ok bool) {
	if !m.yearly {
		return m.at, true
	}
	at = m.at.AddDate(year-m.at.Year(), 0, 0)
	return at, at.Day() == m.at.Day()
}

// end is when a period is over whose To is that, in a year. What lasts until 29 February lasts until the 28th where there
// is none.
func (m moment) end(year int) int64 {
	at, ok := m.in(year)
	switch {
	case !ok:
		at = at.Truncate(24 * time.Hour)
	case m.date:
		at = at.AddDate(0, 0, 1)
	}
	return at.UnixMicro()
}

// Years in which what comes every year does.
const (
	firstYear = 1970
	lastYear  = 2199
)

// yearly reports whether it comes every year.
func (s Special) yearly() bool { return strings.HasPrefix(s.From, noYear) }

// periods are the times, in local time, of a special period that begins from one year to another: one, or one of each year.
func (s Special) periods(from, to int) (out []span) {
	a, ok1 := readMoment(s.From)
	b, ok2 := readMoment(cmp.Or(s.To, s.From))
	if !ok1 || !ok2 {
		return nil
	}
	if !s.yearly() {
		return []span{{a.at.UnixMicro(), b.end(0)}}
	}
	for year := from; year <= to; year++ {
		begin, ok := a.in(year)
		if !ok {
			continue
		}
		p := span{begin.UnixMicro(), b.end(year)}
		if p.to <= p.from {
			p.to = b.end(year + 1)
		}
		out = append(out, p)
	}
	return out
}
