package calendar

import (
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
)

// moment reads a local date or date and time; date says which.
func moment(s string) (at int64, date, ok bool) {
	if t, err := time.Parse(dateForm, s); err == nil {
		return t.UnixMicro(), true, true
	}
	t, err := time.Parse(minuteForm, s)
	return t.UnixMicro(), false, err == nil
}

// period is when a special period is, in local time.
func (s Special) period() (out span, ok bool) {
	from, date, ok := moment(s.From)
	if !ok {
		return out, false
	}
	to := from
	if s.To != "" {
		if to, date, ok = moment(s.To); !ok {
			return out, false
		}
	}
	if date {
		to += day
	}
	return span{from, to}, true
}
