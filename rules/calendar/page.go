package calendar

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Defaults are what pages show where a calendar says nothing of its own. The zero value leaves that to the package: its
// messages in English, German, Russian and Turkish, and no notice.
type Defaults struct {
	OpenMessage   ticket.Label
	ClosedMessage ticket.Label
	Notice        int // days before a special period
}

// Visitor is for whom a page is made. The zero Visitor reads English, and times of the calendar's zone.
type Visitor struct {
	Locale   string // BCP 47
	Brand    string
	Zone     *time.Location // of the times in Days; nil means the calendar's
	Defaults Defaults
	// TimeLeft writes the value of "[time_left_to_open]"; nil means TimeLeft.
	TimeLeft func(locale string, d time.Duration) string
}

// Page is all that a page shows of a calendar.
type Page struct {
	Code     string    `json:"code"`
	Name     string    `json:"name"`
	Open     bool      `json:"open"`
	Message  string    `json:"message"`            // with its placeholder filled in; plain text
	OpensAt  time.Time `json:"opens_at,omitzero"`  // the next time; zero while it is open, and if that is never
	ClosesAt time.Time `json:"closes_at,omitzero"` // zero while it is closed, and if that is never
	Zone     string    `json:"zone"`               // of Week and Special

	Mode    Mode       `json:"mode"`
	Week    []Weekday  `json:"week"` // the usual one, from Monday; of a calendar by hours
	Days    []Date     `json:"days"` // the next seven as they will be, from today on
	Special []Upcoming `json:"special,omitempty"`
	Display Display    `json:"display"`
}

// Weekday is a row of the table of working hours.
type Weekday struct {
	Day   time.Weekday `json:"day"` // 0 is Sunday
	Hours []Range      `json:"hours,omitempty"`
}

// Date is a day of the visitor's, with what holidays and clock changes make of it.
type Date struct {
	Date    string       `json:"date"` // as 2026-12-24
	Day     time.Weekday `json:"day"`
	Hours   []Range      `json:"hours,omitempty"`
	Special []string     `json:"special,omitempty"` // the names of the special periods of this day
}

// Range is from one time of a day to another, as "09:00" and "24:00".
type Range struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// Upcoming is a special period that pages tell of: because it is near, or because it lasts.
type Upcoming struct {
	Name    string  `json:"name"`
	From    string  `json:"from"` // as Special has it, with the year
	To      string  `json:"to"`
	Current bool    `json:"current,omitempty"`
	Hours   []Range `json:"hours,omitempty"` // none: closed
}

// Page returns all that a page shows at a moment.
func (h *Hours) Page(now time.Time, v Visitor) Page {
	c := h.calendar
	p := Page{Code: c.Code, Name: c.Labels.In(v.Brand, v.Locale, c.Name), Zone: h.zone.String(), Mode: cmp.Or(c.Mode, ByHours), Display: c.Display, Open: h.OpenAt(now)}
	if p.Open {
		p.ClosesAt, _ = h.NextClosing(now)
	} else {
		p.OpensAt, _ = h.NextOpening(now)
	}
	p.Message = h.message(now, p, v)
	if p.Mode == ByHours {
		p.Week = c.Week.table()
	}
	p.Days = h.dates(now, v)
	p.Special = h.upcoming(now, v)
	return p
}

// message is the most particular one that there is.
func (h *Hours) message(now time.Time, p Page, v Visitor) string {
	const placeholder = "[time_left_to_open]"
	w, c := wordsIn(v.Locale), h.calendar
	chain := []ticket.Label{c.ClosedMessage, v.Defaults.ClosedMessage}
	standard := w.closed
	if p.Open {
		chain, standard = []ticket.Label{c.OpenMessage, v.Defaults.OpenMessage}, w.open
	}
	if s := h.special(now); s != nil {
		own := s.ClosedMessage
		if p.Open {
			own = s.OpenMessage
		}
		chain = append([]ticket.Label{own}, chain...)
	}
	text := ""
	for _, l := range chain {
		text = cmp.Or(text, l.In(v.Brand, v.Locale, l[""]))
	}
	text = cmp.Or(text, standard)
	if p.Open || !strings.Contains(text, placeholder) {
		return text
	}
	if p.OpensAt.IsZero() { // no time is left that could be told
		return w.never
	}
	left := TimeLeft
	if v.TimeLeft != nil {
		left = v.TimeLeft
	}
	return strings.ReplaceAll(text, placeholder, left(v.Locale, p.OpensAt.Sub(now)))
}

// special is the special period that counts at a moment, or nil.
func (h *Hours) special(t time.Time) *Special {
	p, _ := h.local.special(h.wall(t))
	if p == nil {
		return nil
	}
	return &h.calendar.Special[p.special]
}

// wall is what the clock in the calendar's zone shows.
func (h *Hours) wall(t time.Time) int64 {
	_, offset := t.In(h.zone).Zone()
	return t.UnixMicro() + int64(offset)*second
}

func (w Week) table() []Weekday {
	out := make([]Weekday, 0, len(days))
	for _, d := range days {
		out = append(out, Weekday{Day: d, Hours: ranges(w.On(d))})
	}
	return out
}

// ranges are spans in the order of the day.
func ranges(list []Span) []Range {
	spans := spansOf(list)
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	var out []Range
	for _, s := range spans {
		to := s.to
		if to > day {
			to -= day
		}
		out = append(out, Range{timeOfDay(s.from), timeOfDay(to)})
	}
	return out
}

func timeOfDay(at int64) string {
	if at == day {
		return "24:00"
	}
	return time.UnixMicro(at).UTC().Format("15:04")
}

// dates are the days of the visitor, from today on.
func (h *Hours) dates(now time.Time, v Visitor) []Date {
	zone := v.Zone
	if zone == nil {
		zone = h.zone
	}
	today := now.In(zone)
	out := make([]Date, 0, len(days))
	for i := range len(days) {
		from, to := midnight(today, i), midnight(today, i+1)
		if from.Equal(to) { // the zone skipped that day
			continue
		}
		d := Date{Date: from.Format(dateForm), Day: from.Weekday()}
		for part := range h.parts(from, to) {
			if part.special != nil {
				name := part.special.Labels.In(v.Brand, v.Locale, part.special.Name)
				if !slices.Contains(d.Special, name) {
					d.Special = append(d.Special, name)
				}
			}
			if part.Open {
				d.open(part.From.In(zone), part.To.In(zone), to)
			}
		}
		out = append(out, d)
	}
	return out
}

// midnight is when the day begins that is so many days after another: later than at 0:00 where the clock skips that.
func midnight(of time.Time, days int) time.Time {
	y, m, d := of.Date()
	want := time.Date(y, m, d+days, 0, 0, 0, 0, time.UTC).Format(dateForm)
	t := time.Date(y, m, d+days, 0, 0, 0, 0, of.Location())
	start, end := t.ZoneBounds()
	switch got := t.Format(dateForm); {
	case got < want && !end.IsZero():
		return end
	case got > want && !start.IsZero():
		return start
	}
	return t
}

// open adds hours to the day, which ends at midnight.
func (d *Date) open(from, to, midnight time.Time) {
	r := Range{from.Format("15:04"), to.Format("15:04")}
	if to.Equal(midnight) {
		r.To = "24:00"
	}
	if last := len(d.Hours) - 1; last >= 0 && d.Hours[last].To == r.From {
		d.Hours[last].To = r.To
		return
	}
	d.Hours = append(d.Hours, r)
}

// upcoming are the special periods that are near, in the order of their beginning.
func (h *Hours) upcoming(now time.Time, v Visitor) []Upcoming {
	at := h.wall(now)
	year := time.UnixMicro(at).UTC().Year()
	next := map[int]span{}
	for i, s := range h.calendar.Special {
		for _, p := range s.periods(year-1, year+2) {
			notice := int64(max(cmp.Or(s.Notice, v.Defaults.Notice), 0))
			if at >= p.to {
				continue
			}
			if p.from-notice*day <= at {
				next[i] = p
			}
			break
		}
	}
	order := slices.SortedFunc(maps.Keys(next), func(a, b int) int { return cmp.Or(cmp.Compare(next[a].from, next[b].from), cmp.Compare(a, b)) })
	var out []Upcoming
	for _, i := range order {
		s := h.calendar.Special[i]
		u := Upcoming{Name: s.Labels.In(v.Brand, v.Locale, s.Name), Current: next[i].from <= at, Hours: ranges(s.Hours)}
		u.From, u.To = s.between(next[i])
		out = append(out, u)
	}
	return out
}

// between is how From and To are written of one of its times.
func (s Special) between(p span) (from, to string) {
	if !s.yearly() {
		return s.From, cmp.Or(s.To, s.From)
	}
	write := func(text string, at int64) string {
		if m, _ := readMoment(text); m.date {
			return time.UnixMicro(at).UTC().Format(dateForm)
		}
		return time.UnixMicro(at).UTC().Format(minuteForm)
	}
	end := p.to
	if to = cmp.Or(s.To, s.From); !strings.Contains(to, "T") {
		end -= day // the last day
	}
	return write(s.From, p.from), write(to, end)
}
