package calendar

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Bounds of what a calendar may say.
const (
	MaxSpecial = 1000 // special periods
	MaxYearly  = 100  // of them that come every year
	MaxSpans   = 48   // of a day
	MaxNotice  = 366  // days
	mostLabels = 100
	mostBrands = 500
	mostText   = 200
	mostWords  = 2000 // bytes of a message
)

// Check says what is wrong with the calendar, as a ticket.ValidationError that names each field as JSON does, or nil.
func (c Calendar) Check() error {
	var e ticket.ValidationError
	if c.Code == "" || strings.Trim(c.Code, "abcdefghijklmnopqrstuvwxyz0123456789_-.") != "" {
		e.Add("code", ticket.FaultMalformed, "%.100q is no code: use lower-case letters, digits, and _ - .", c.Code)
	}
	e.CheckLine("code", c.Code, 64)
	if c.Name == "" {
		e.Add("name", ticket.FaultRequired, "is empty")
	}
	e.CheckLine("name", c.Name, mostText)
	checkLabel(&e, "labels", c.Labels, mostText)
	checkLabel(&e, "open_message", c.OpenMessage, mostWords)
	checkLabel(&e, "closed_message", c.ClosedMessage, mostWords)
	e.CheckCount("brands", len(c.Brands), mostBrands)
	if _, err := location(c.Zone); err != nil {
		e.Add("zone", ticket.FaultUnknown, "%.100q is no time zone: give one as Europe/Berlin, or import time/tzdata where the system has none", c.Zone)
	}
	if !slices.Contains([]Mode{"", ByHours, AlwaysOpen, AlwaysClosed}, c.Mode) {
		e.Add("mode", ticket.FaultUnknown, "%.100q is none of %s, %s, %s", c.Mode, ByHours, AlwaysOpen, AlwaysClosed)
	}
	c.checkWeek(&e)
	e.CheckCount("special", len(c.Special), MaxSpecial)
	yearly := slices.DeleteFunc(slices.Clone(c.Special), func(s Special) bool { return !s.yearly() })
	if n := len(yearly); n > MaxYearly {
		e.Add("special", ticket.FaultTooMany, "has %d that come every year: %d at most", n, MaxYearly)
	}
	for i, s := range c.Special[:min(len(c.Special), MaxSpecial)] {
		s.check(&e, fmt.Sprintf("special[%d]", i))
	}
	return e.Err()
}

// location is a zone by its name. That of the machine is none: it is another one elsewhere.
func location(zone string) (*time.Location, error) {
	if zone == "Local" {
		return nil, fmt.Errorf("unknown time zone %s", zone)
	}
	return time.LoadLocation(zone)
}

func checkLabel(e *ticket.ValidationError, field string, l ticket.Label, most int) {
	e.CheckCount(field, len(l), mostLabels)
	for _, locale := range slices.Sorted(maps.Keys(l)) {
		e.CheckLine(field, locale, mostText)
		e.CheckText(field, l[locale], most)
	}
}

// checkWeek holds spans against those of the same day and against those that come from the day before.
func (c Calendar) checkWeek(e *ticket.ValidationError) {
	var all []span
	var fields []string
	for i, d := range days {
		field := "week." + strings.ToLower(d.String())
		spans := checkSpans(e, field, c.Week.On(d))
		for _, s := range spans {
			all, fields = append(all, span{s.from + int64(i)*day, s.to + int64(i)*day}), append(fields, field)
		}
	}
	for i, a := range all {
		for j, b := range all {
			if i != j && fields[i] != fields[j] && (a.overlaps(b) || span{a.from - week, a.to - week}.overlaps(b)) {
				e.Add(fields[j], ticket.FaultConflicting, "has a span that begins before one of %s has ended: shorten one", strings.TrimPrefix(fields[i], "week."))
				return
			}
		}
	}
}

func (s span) overlaps(o span) bool { return s.from < o.to && o.from < s.to }

// checkSpans returns those spans of a day that can be read.
func checkSpans(e *ticket.ValidationError, field string, list []Span) []span {
	if e.CheckCount(field, len(list), MaxSpans); len(list) > MaxSpans {
		return nil
	}
	var out []span
	for _, text := range list {
		s, ok := text.times()
		if !ok {
			e.Add(field, ticket.FaultMalformed, "%.100q is no span: write it as 09:00-17:30; the end of the day is 24:00", text)
			continue
		}
		if i := slices.IndexFunc(out, s.overlaps); i >= 0 {
			e.Add(field, ticket.FaultConflicting, "has %s, which overlaps another span: make one of both", text)
		}
		out = append(out, s)
	}
	return out
}

func (s Special) check(e *ticket.ValidationError, field string) {
	if s.Name == "" {
		e.Add(field+".name", ticket.FaultRequired, "is empty: say what it is, as the name of a holiday")
	}
	e.CheckLine(field+".name", s.Name, mostText)
	checkLabel(e, field+".labels", s.Labels, mostText)
	checkLabel(e, field+".open_message", s.OpenMessage, mostWords)
	checkLabel(e, field+".closed_message", s.ClosedMessage, mostWords)
	s.checkTimes(e, field)
	for _, h := range checkSpans(e, field+".hours", s.Hours) {
		if h.to > day {
			e.Add(field+".hours", ticket.FaultConflicting, "has a span that goes past midnight: write two, as 22:00-24:00 and 00:00-06:00")
		}
	}
	if s.Notice < -1 || s.Notice > MaxNotice {
		e.Add(field+".notice_days", ticket.FaultOutOfRange, "must be from -1 to %d", MaxNotice)
	}
}

func (s Special) checkTimes(e *ticket.ValidationError, field string) {
	const form = "%.100q is no local date or time: write 2026-12-24, or 2026-12-24T14:00; for every year --12-24, or --12-24T14:00"
	from, ok := readMoment(s.From)
	if !ok {
		e.Add(field+".from", ticket.FaultMalformed, form, s.From)
	}
	to, ok2 := readMoment(s.To)
	switch {
	case s.To == "":
		to, ok2 = from, ok
	case !ok2:
		e.Add(field+".to", ticket.FaultMalformed, form, s.To)
	}
	switch {
	case !ok || !ok2:
	case from.yearly != to.yearly:
		e.Add(field+".to", ticket.FaultConflicting, "is with a year, or from is: give both one, or none")
	case !to.date && to.at.Equal(from.at), !to.yearly && to.end(0) <= from.at.UnixMicro():
		e.Add(field+".to", ticket.FaultConflicting, "is not after from")
	}
}
