package rules

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/teambition/rrule-go"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// schedule is when something recurs: a rule of RFC 5545 whose times are those of a clock on the wall of a zone.
//
// The rule is followed as if there were no zone, and each time that comes out is then looked up in the zone. So nine
// o'clock is nine o'clock all the year. A time that the wall clock leaves out, when it is put forward, is read by the
// offset before (RFC 5545, 3.3.5): 02:30 is 03:30 then. RFC 5545, 3.3.10, would leave it out; what is due once a day is
// due on that day, too. A time that comes twice, when it is put back, is the first of both.
type schedule struct {
	rule   *rrule.RRule // in UTC, which stands for the wall clock
	zone   *time.Location
	except map[time.Time]bool // wall clock
	days   map[time.Time]bool // left out from midnight to midnight, by the wall clock
}

// wallLayouts are those of a DATE-TIME and a DATE (RFC 5545, 3.3.4 and 3.3.5).
var wallLayouts = []string{"20060102T150405", "20060102T150405Z", "20060102"}

// Limits of a rule.
const (
	maxRule        = 4000   // bytes
	maxOccurrences = 10_000 // COUNT
)

// parseSchedule reads the lines of a rule: DTSTART, RRULE, and any number of EXDATE.
func parseSchedule(text, zone string) (*schedule, error) {
	loc, err := time.LoadLocation(zone)
	if err != nil || zone == "" || zone == "Local" {
		return nil, ticket.Invalid("zone", ticket.FaultUnknown, "%.100q is no time zone: use a name of IANA's, as Europe/Berlin", zone)
	}
	if len(text) > maxRule {
		return nil, ticket.Invalid("rule", ticket.FaultTooLong, "is %d bytes long: shorten it to %d", len(text), maxRule)
	}
	s := &schedule{zone: loc, except: map[time.Time]bool{}, days: map[time.Time]bool{}}
	var start time.Time
	rule := ""
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		name, params, _ := strings.Cut(name, ";")
		if err := sameZone(params, zone); err != nil {
			return nil, err
		}
		switch name = strings.ToUpper(name); name {
		case "":
		case "DTSTART":
			if start, err = s.wall(value); err != nil {
				return nil, err
			}
		case "EXDATE":
			if err := s.leaveOut(value); err != nil {
				return nil, err
			}
		case "RRULE":
			if rule != "" {
				return nil, ticket.Invalid("rule", ticket.FaultDuplicate, "has two lines RRULE: make two recurring tickets")
			}
			rule = strings.ToUpper(value)
		default:
			return nil, ticket.Invalid("rule", ticket.FaultMalformed, "has a line %.40q: use DTSTART, RRULE and EXDATE (RFC 5545, 3.8.5)", name)
		}
	}
	switch {
	case start.IsZero():
		return nil, ticket.Invalid("rule", ticket.FaultRequired, "has no DTSTART: when does it begin, as in DTSTART:20260105T090000?")
	case rule == "":
		return nil, ticket.Invalid("rule", ticket.FaultRequired, "has no RRULE: how does it recur, as in RRULE:FREQ=WEEKLY;BYDAY=MO?")
	}
	s.rule, err = s.parseRule(rule, start)
	return s, err
}

// sameZone refuses times of another zone than that which they would be read in.
func sameZone(params, zone string) error {
	for p := range strings.SplitSeq(params, ";") {
		name, value, _ := strings.Cut(p, "=")
		if value = strings.Trim(value, `"`); strings.EqualFold(name, "TZID") && value != zone {
			return ticket.Invalid("rule", ticket.FaultConflicting, "has a time with TZID=%.100s, and the zone is %s: give all times in one zone, or in UTC with a Z at the end", value, zone)
		}
	}
	return nil
}

// leaveOut takes the times of an EXDATE; a date is a whole day.
func (s *schedule) leaveOut(values string) error {
	for v := range strings.SplitSeq(values, ",") {
		at, err := s.wall(v)
		if err != nil {
			return err
		}
		if len(strings.TrimSpace(v)) == len("20060102") {
			s.days[at] = true
		} else {
			s.except[at] = true
		}
	}
	return nil
}

// wall reads a time as the wall clock shows it. One in UTC is looked up in the zone.
func (s *schedule) wall(v string) (time.Time, error) {
	for _, layout := range wallLayouts {
		t, err := time.Parse(layout, strings.TrimSpace(v))
		if err != nil {
			continue
		}
		if strings.HasSuffix(layout, "Z") {
			t = onWall(t, s.zone)
		}
		return t, nil
	}
	return time.Time{}, ticket.Invalid("rule", ticket.FaultMalformed, "%.40q is no time: write it as 20260105T090000", v)
}

func (s *schedule) parseRule(text string, start time.Time) (*rrule.RRule, error) {
	o, err := rrule.StrToROption(withoutUntil(text))
	if err != nil {
		return nil, ticket.Invalid("rule", ticket.FaultMalformed, "cannot be read: %v", err)
	}
	o.Dtstart = start
	for part := range strings.SplitSeq(text, ";") {
		if v, is := strings.CutPrefix(part, "UNTIL="); is {
			if o.Until, err = s.wall(v); err != nil {
				return nil, err
			}
			if len(v) == len("20060102") { // the whole day
				o.Until = o.Until.Add(24*time.Hour - time.Second)
			}
		}
	}
	var e ticket.ValidationError
	switch {
	case o.Freq == rrule.SECONDLY, o.Freq == rrule.MINUTELY, len(o.Byminute) > 1, len(o.Bysecond) > 1:
		e.Add("rule", ticket.FaultOutOfRange, "recurs more than once an hour: use FREQ=HOURLY or less, and one minute")
	case o.Count > maxOccurrences:
		e.Add("rule", ticket.FaultOutOfRange, "has a COUNT of %d: %d at most, or none at all", o.Count, maxOccurrences)
	case o.Count > 0 && !o.Until.IsZero():
		e.Add("rule", ticket.FaultConflicting, "has COUNT and UNTIL: use one of them (RFC 5545, 3.3.10)")
	case o.Interval > maxOccurrences:
		e.Add("rule", ticket.FaultOutOfRange, "has an INTERVAL of %d: %d at most", o.Interval, maxOccurrences)
	case start.Year() < 1970 || start.Year() > 9000:
		e.Add("rule", ticket.FaultOutOfRange, "begins in the year %d", start.Year())
	}
	if e.Err() != nil {
		return nil, e.Err()
	}
	if !reachesHour(*o) || !everOccurs(*o) {
		return nil, ticket.Invalid("rule", ticket.FaultOutOfRange, "never comes true in fifty years: which day is meant?")
	}
	r, err := rrule.NewRRule(*o)
	if err != nil {
		return nil, ticket.Invalid("rule", ticket.FaultMalformed, "cannot be followed: %v", err)
	}
	return r, nil
}

// withoutUntil leaves out what is read with the zone in mind.
func withoutUntil(rule string) string {
	var parts []string
	for p := range strings.SplitSeq(rule, ";") {
		if !strings.HasPrefix(p, "UNTIL=") {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, ";")
}

// reachesHour reports whether an hourly rule comes by one of its hours: one that does not would be followed for ever.
func reachesHour(o rrule.ROption) bool {
	step := 24
	for n := max(o.Interval, 1); n%step != 0; { // until it is what both have in common
		n, step = step, n%step
	}
	return o.Freq != rrule.HOURLY || len(o.Byhour) == 0 ||
		slices.ContainsFunc(o.Byhour, func(h int) bool { return (h-o.Dtstart.Hour())%step == 0 })
}

// everOccurs tries a rule in the last fifty years and some that there are to look at: one that never comes true is followed
// to the end of them. It begins in a year whose days are those of the year in which the rule does, as long before a leap
// year: a rule for every fourth year, or every so many weeks, comes to the same days.
func everOccurs(o rrule.ROption) bool {
	o.Count, o.Until = 0, time.Time{}
	first := func(year int) time.Weekday { return time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC).Weekday() }
	from, start := 9949, o.Dtstart
	for (from-start.Year())%4 != 0 || first(from) != first(start.Year()) && from > 9949-28 {
		from--
	}
	o.Dtstart = time.Date(from, start.Month(), start.Day(), start.Hour(), start.Minute(), start.Second(), 0, time.UTC)
	r, err := rrule.NewRRule(o)
	if err != nil {
		return true // and is refused for that
	}
	_, ok := r.Iterator()()
	return ok
}

// after goes through the occurrences after t.
func (s *schedule) after(t time.Time) iter.Seq[time.Time] {
	return func(yield func(time.Time) bool) {
		next, last := s.rule.Iterator(), time.Time{}
		for {
			w, ok := next()
			if !ok {
				return
			}
			if s.except[w] || s.days[w.Truncate(24*time.Hour)] || w.Before(t.Add(-48*time.Hour)) { // no zone is further from UTC
				continue
			}
			at := inZone(w, s.zone)
			if !at.After(t) || !at.After(last) {
				continue
			}
			if last = at; !yield(at) {
				return
			}
		}
	}
}

// onWall is what the wall clock of a zone shows at t, as a time in UTC.
func onWall(t time.Time, zone *time.Location) time.Time {
	_, offset := t.In(zone).Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

// inZone is when the wall clock of a zone shows w.
func inZone(w time.Time, zone *time.Location) time.Time {
	const far = 26 * time.Hour // from one change of the clocks to before it
	offset := func(t time.Time) time.Duration {
		_, o := t.In(zone).Zone()
		return time.Duration(o) * time.Second
	}
	before, after := w.Add(-offset(w.Add(-far))), w.Add(-offset(w.Add(far)))
	first, second := before, after
	if second.Before(first) {
		first, second = second, first
	}
	switch {
	case onWall(first, zone).Equal(w):
		return first
	case onWall(second, zone).Equal(w):
		return second
	}
	return before // it is left out
}

// String is the rule as it was understood.
func (s *schedule) String() string { return fmt.Sprintf("%v in %v", s.rule, s.zone) }
