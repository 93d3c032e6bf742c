package calendar_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the zones of the machine may be others, or none

	"github.com/helpdeskgo/helpdesk/rules/calendar"
)

// zones have what a clock can do: change by an hour in either hemisphere, by half an hour, at midnight, never, in an odd
// offset, skip a day, and keep Ramadan.
var zones = []string{
	"UTC", "Europe/Berlin", "America/New_York", "America/Santiago", "Australia/Sydney", "Australia/Lord_Howe", "Pacific/Apia",
	"Asia/Kathmandu", "Africa/Casablanca", "America/St_Johns", "Asia/Tehran", "Asia/Beirut", "Pacific/Chatham", "America/Sao_Paulo",
}

// oracle answers from the definition, as a person with a calendar on the wall would: look at the clock, look for a holiday,
// else look at the weekday. It shares no code with what it judges.
type oracle struct {
	c       calendar.Calendar
	zone    *time.Location
	special []times // each once, in the order of the calendar; those of every year once a year
}

// times are the first minute of a special period and the one after its last, as texts that sort.
type times struct {
	*calendar.Special
	first, beyond string
}

func newOracle(c calendar.Calendar) oracle {
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		panic(err)
	}
	o := oracle{c: c, zone: zone}
	for i := range c.Special {
		s := &c.Special[i]
		if !strings.HasPrefix(s.From, "--") {
			first, beyond := bounds(s.From, s.To)
			o.special = append(o.special, times{s, first, beyond})
			continue
		}
		for year := 2007; year < 2021; year++ {
			if t, ok := everyYear(s, year); ok {
				o.special = append(o.special, t)
			}
		}
	}
	return o
}

// everyYear is the time of a special period of every year that begins in one.
func everyYear(s *calendar.Special, year int) (times, bool) {
	of := func(text string, year int) string {
		out := strings.Replace(text, "-", strconv.Itoa(year), 1)
		if leap := year%4 == 0; !leap && strings.HasPrefix(text, "--02-29") {
			return ""
		}
		return out
	}
	begin := of(s.From, year)
	if begin == "" {
		return times{}, false
	}
	for y := year; ; y++ {
		end := of(cmp.Or(s.To, s.From), y)
		if end == "" {
			end = fmt.Sprint(y, "-02-28")
		}
		first, beyond := bounds(begin, end)
		if beyond > first {
			return times{s, first, beyond}, true
		}
	}
}

func minuteOf(s string) int {
	var h, m int
	if _, err := fmt.Sscanf(s, "%d:%d", &h, &m); err != nil {
		panic(err)
	}
	return h*60 + m
}

func ends(s calendar.Span) (from, to int) {
	a, b, _ := strings.Cut(string(s), "-")
	return minuteOf(a), minuteOf(b)
}

// open also names the special period.
func (o oracle) open(t time.Time) (bool, string) {
	t = t.In(o.zone)
	m := t.Hour()*60 + t.Minute()
	if s := o.specialAt(t.Format("2006-01-02T15:04")); s != nil {
		return slices.ContainsFunc(s.Hours, func(h calendar.Span) bool { a, b := ends(h); return a <= m && m < b }), s.Name
	}
	switch o.c.Mode {
	case calendar.AlwaysOpen:
		return true, ""
	case calendar.AlwaysClosed:
		return false, ""
	}
	for _, h := range o.c.Week.On(t.Weekday()) {
		if a, b := ends(h); a <= m && (m < b || b < a) {
			return true, ""
		}
	}
	for _, h := range o.c.Week.On((t.Weekday() + 6) % 7) {
		if a, b := ends(h); b < a && m < b {
			return true, ""
		}
	}
	return false, ""
}

// bounds are the first minute from one date or time to another and the one after the last, as texts that sort.
func bounds(from, to string) (first, beyond string) {
	first, beyond = from, cmp.Or(to, from)
	if len(first) == 10 {
		first += "T00:00"
	}
	if len(beyond) == 10 {
		d, _ := time.Parse("2006-01-02", beyond)
		beyond = d.AddDate(0, 0, 1).Format("2006-01-02T15:04")
	}
	return first, beyond
}

func (o oracle) specialAt(at string) *calendar.Special {
	var best *calendar.Special
	var shortest time.Duration
	for _, s := range o.special {
		if at < s.first || at >= s.beyond {
			continue
		}
		a, _ := time.Parse("2006-01-02T15:04", s.first)
		b, _ := time.Parse("2006-01-02T15:04", s.beyond)
		if best == nil || b.Sub(a) < shortest {
			best, shortest = s.Special, b.Sub(a)
		}
	}
	return best
}

// randomSpans are some that do not overlap, from minute min on.
func randomSpans(r *rand.Rand, lowest int) []calendar.Span {
	var cuts []int
	for range 2 * r.IntN(4) {
		m := lowest + r.IntN(24*60+1-lowest)
		if r.IntN(2) == 0 {
			m -= m % 30
		}
		cuts = append(cuts, max(m, lowest))
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	var out []calendar.Span
	for i := 0; i+1 < len(cuts); i += 2 {
		out = append(out, calendar.Span(fmt.Sprintf("%02d:%02d-%02d:%02d", cuts[i]/60, cuts[i]%60, cuts[i+1]/60, cuts[i+1]%60)))
	}
	return out
}

// randomCalendar is one with anything that can be in it, in the years from 2009 on.
func randomCalendar(r *rand.Rand, zone string) calendar.Calendar {
	c := calendar.Calendar{Code: "random", Name: "Random", Zone: zone}
	if n := r.IntN(12); n < 2 {
		c.Mode = []calendar.Mode{calendar.AlwaysOpen, calendar.AlwaysClosed}[n]
	}
	w := &c.Week
	night := r.IntN(3) == 0 // each day may begin with the end of a night
	for _, day := range []*[]calendar.Span{&w.Monday, &w.Tuesday, &w.Wednesday, &w.Thursday, &w.Friday, &w.Saturday, &w.Sunday} {
		lowest := 0
		if night {
			lowest = 6 * 60
		}
		*day = randomSpans(r, lowest)
		if late := len(*day) == 0 || (*day)[len(*day)-1] < "20:00" && !strings.HasSuffix(string((*day)[len(*day)-1]), "24:00"); night && late {
			if len(*day) == 0 || string((*day)[len(*day)-1])[6:] < "22:00" {
				*day = append(*day, calendar.Span(fmt.Sprintf("22:%02d-%02d:%02d", r.IntN(60), r.IntN(6), r.IntN(60))))
			}
		}
	}
	for i := range r.IntN(30) {
		c.Special = append(c.Special, randomSpecial(r, i))
	}
	return c
}

func randomSpecial(r *rand.Rand, i int) calendar.Special {
	from := time.Date(2009, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, r.IntN(11*365)).Add(time.Duration(r.IntN(24*60)) * time.Minute)
	form := "2006-01-02"
	if r.IntN(2) == 0 {
		form = "2006-01-02T15:04"
	}
	s := calendar.Special{Name: fmt.Sprintf("special %d", i), From: from.Format(form), To: from.Add(time.Duration(1+r.IntN(5*24*60)) * time.Minute).Format(form)}
	if r.IntN(3) == 0 { // every year
		if r.IntN(4) == 0 {
			s.From = strings.Replace(s.From, s.From[:10], "2016-02-29", 1)
		}
		if r.IntN(4) == 0 {
			s.To = strings.Replace(s.To, s.To[:10], "2016-02-29", 1)
		}
		s.From, s.To = "-"+s.From[4:], "-"+s.To[4:]
		if s.From == s.To {
			s.To = s.To[:7]
		}
	}
	if r.IntN(2) == 0 {
		s.Hours = randomSpans(r, 0)
	}
	return s
}

// TestOracle holds every answer against minutes that are counted one by one. HELPDESK_ORACLE_FULL=1 counts all minutes of
// ten years in every zone, which takes some minutes; else each zone gets the weeks around its clock changes and some others.
func TestOracle(t *testing.T) {
	t.Parallel()
	full := os.Getenv("HELPDESK_ORACLE_FULL") != ""
	from, to := time.Date(2009, 6, 1, 0, 0, 0, 0, time.UTC), time.Date(2019, 6, 1, 0, 0, 0, 0, time.UTC)
	for n, zone := range zones {
		t.Run("M28 every minute is as a clock on the wall says in "+zone, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(uint64(n), 28))
			if full {
				judge(t, r, randomCalendar(r, zone), from, to)
				return
			}
			loc, _ := time.LoadLocation(zone)
			from, to, weeks := from, to, 5
			if testing.Short() {
				from, weeks = from.AddDate(1, 6, 0), 1
				to = from.AddDate(1, 6, 0)
			}
			for at := from; ; {
				_, end := at.In(loc).ZoneBounds()
				if end.IsZero() || end.After(to) {
					break
				}
				judge(t, r, randomCalendar(r, zone), end.Add(-20*time.Hour), end.Add(28*time.Hour))
				at = end
			}
			for year := range 4 { // the end of February, of a leap year and of others
				begin := time.Date(2011+year, 2, 27, 0, 0, 0, 0, loc)
				judge(t, r, randomCalendar(r, zone), begin, begin.AddDate(0, 0, 4))
			}
			for range weeks {
				begin := from.Add(time.Duration(r.Int64N(int64(to.Sub(from))))).Truncate(time.Minute)
				judge(t, r, randomCalendar(r, zone), begin, begin.AddDate(0, 0, 5+r.IntN(10)))
			}
		})
	}
}

// judge walks from minute to minute.
func judge(t *testing.T, r *rand.Rand, c calendar.Calendar, from, to time.Time) {
	t.Helper()
	h, err := calendar.Compile(c)
	if err != nil {
		t.Fatalf("%v\n%+v", err, c)
	}
	o := newOracle(c)
	var open []bool
	var worked []time.Duration // at each minute, since from
	sum := time.Duration(0)
	intervals := slices.Collect(h.Intervals(from, to))
	for at := from; at.Before(to); at = at.Add(time.Minute) {
		is, special := o.open(at)
		if got := h.OpenAt(at); got != is {
			t.Fatalf("%s: open is %v, must be %v\n%+v", at.In(o.zone), got, is, c)
		}
		for !intervals[0].To.After(at) {
			intervals = intervals[1:]
		}
		if i := intervals[0]; i.From.After(at) || i.Open != is || i.Special != special {
			t.Fatalf("%s: is in %+v, must be %v %q\n%+v", at.In(o.zone), i, is, special, c)
		}
		open, worked = append(open, is), append(worked, sum)
		if is {
			sum += time.Minute
		}
	}
	worked = append(worked, sum)
	at := func(i int) time.Time { return from.Add(time.Duration(i) * time.Minute) }
	for range 60 {
		i := r.IntN(len(open))
		j := i + r.IntN(len(open)-i+1)
		if got := h.Between(at(i), at(j)); got != worked[j]-worked[i] {
			t.Fatalf("between %s and %s lie %s, must be %s\n%+v", at(i), at(j), got, worked[j]-worked[i], c)
		}
		judgeNext(t, h, open, i, at)
		judgeAdd(t, h, worked, i, at, time.Duration(r.Int64N(int64(sum-worked[i])+1)))
	}
}

func judgeNext(t *testing.T, h *calendar.Hours, open []bool, i int, at func(int) time.Time) {
	t.Helper()
	for _, is := range []bool{true, false} {
		next, name := h.NextClosing, "closing"
		if is {
			next, name = h.NextOpening, "opening"
		}
		got, ok := next(at(i))
		j := slices.Index(open[i:], is)
		switch {
		case j >= 0 && (!ok || !got.Equal(at(i+j))):
			t.Fatalf("next %s after %s is %s, must be %s\n%+v", name, at(i), got, at(i+j), h.Calendar())
		case j < 0 && ok && got.Before(at(len(open))):
			t.Fatalf("next %s after %s is %s, which is none\n%+v", name, at(i), got, h.Calendar())
		}
	}
}

func judgeAdd(t *testing.T, h *calendar.Hours, worked []time.Duration, i int, at func(int) time.Time, d time.Duration) {
	t.Helper()
	d = d.Truncate(time.Microsecond)
	got, ok := h.Add(at(i), d)
	if !ok || h.Between(at(i), got) != d {
		t.Fatalf("%s after %s is %s (%v): %s lie between\n%+v", d, at(i), got, ok, h.Between(at(i), got), h.Calendar())
	}
	if d == 0 {
		return
	}
	if h.Between(at(i), got.Add(-time.Microsecond)) == d {
		t.Fatalf("%s after %s is %s, and that is not the first such moment\n%+v", d, at(i), got, h.Calendar())
	}
	j := i
	for worked[j]-worked[i] < d {
		j++
	}
	if want := at(j).Add(d - worked[j] + worked[i]); !got.Equal(want) {
		t.Fatalf("%s after %s is %s, must be %s\n%+v", d, at(i), got, want, h.Calendar())
	}
}
