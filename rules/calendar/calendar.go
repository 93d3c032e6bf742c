package calendar

import (
	"maps"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Mode says how a calendar is open where no special period is.
type Mode string

// The modes.
const (
	ByHours      Mode = "hours" // as Week says; the default
	AlwaysOpen   Mode = "always_open"
	AlwaysClosed Mode = "always_closed"
)

// Span is from one time of a day to another, as "09:00-17:30". It begins with its first minute and ends before its last.
// The end of a day is 24:00. A span of the week that ends before it begins, as "22:00-06:00", ends on the next day.
type Span string

// Week has the spans of each weekday. A day without any is closed.
type Week struct {
	Monday    []Span `json:"monday,omitempty"`
	Tuesday   []Span `json:"tuesday,omitempty"`
	Wednesday []Span `json:"wednesday,omitempty"`
	Thursday  []Span `json:"thursday,omitempty"`
	Friday    []Span `json:"friday,omitempty"`
	Saturday  []Span `json:"saturday,omitempty"`
	Sunday    []Span `json:"sunday,omitempty"`
}

// Weekdays is a week with the same spans from Monday to Friday.
func Weekdays(spans ...Span) Week {
	of := func() []Span { return slices.Clone(spans) }
	return Week{Monday: of(), Tuesday: of(), Wednesday: of(), Thursday: of(), Friday: of()}
}

// On returns the spans of a weekday.
func (w Week) On(d time.Weekday) []Span {
	return [...][]Span{w.Sunday, w.Monday, w.Tuesday, w.Wednesday, w.Thursday, w.Friday, w.Saturday}[d]
}

// days are in the order of the week.
var days = [...]time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}

// Special is a period that is not as the week is: a holiday, a stocktaking, a Sunday before Christmas. While it lasts the
// week plays no part, and a span that would go past midnight into it ends at its beginning. Where several are at the same
// time, the shorter one counts, and of those that are equally long the one that stands first.
type Special struct {
	Name   string       `json:"name"`             // for people
	Labels ticket.Label `json:"labels,omitempty"` // of Name, by locale
	// From and To are dates, as "2026-12-24", or times of the calendar's zone, as "2026-12-24T14:00". A date as To is the
	// last day; empty means that of From. Both without a year, as "--12-24" (ISO 8601), mean every year from 1970 to 2199,
	// over the turn of the year where To is before From. What begins on 29 February is in leap years only; what ends on it
	// ends on the 28th in others.
	From string `json:"from"`
	To   string `json:"to,omitempty"`
	// Hours are those of each of its days; the end of one is at most 24:00. None means that it is closed.
	Hours []Span `json:"hours,omitempty"`
	// Notice is how many days before its beginning pages tell of it: 0 means Defaults.Notice, -1 means that they do so
	// while it lasts only.
	Notice        int          `json:"notice_days,omitempty"`
	OpenMessage   ticket.Label `json:"open_message,omitempty"` // in place of the calendar's; so the next
	ClosedMessage ticket.Label `json:"closed_message,omitempty"`
}

// Display says where a page shows what.
type Display struct {
	ContactStatus bool `json:"contact_status,omitempty"` // the message on the contact page
	ContactHours  bool `json:"contact_hours,omitempty"`  // the table on the contact page
	Popup         bool `json:"popup,omitempty"`          // the message in the popup
	Account       bool `json:"account,omitempty"`        // the message above a customer's own tickets
}

// Calendar is when somebody works (M28). Code and Name are required; the zero values of the rest are good, and never open:
// give a Week.
type Calendar struct {
	Code     string       `json:"code"`               // names it for good
	Name     string       `json:"name"`               // for people
	Labels   ticket.Label `json:"labels,omitempty"`   // of Name, for pages
	Inactive bool         `json:"inactive,omitempty"` // no page shows it; deadlines that count by it still do
	Brands   []string     `json:"brands,omitempty"`   // empty means all (B03)
	Sort     int          `json:"sort,omitempty"`     // the lowest first; then by code

	Zone    string    `json:"zone,omitempty"`    // IANA time zone; default UTC
	Mode    Mode      `json:"mode,omitempty"`    // hours, the default: as Week says; always_open; always_closed
	Week    Week      `json:"week,omitzero"`     // the spans of each day, as monday: ["09:00-12:30", "13:30-18:00"]
	Special []Special `json:"special,omitempty"` // holidays and the like

	// Messages for pages, by locale, as Label.In finds them; default: those of Defaults. A key "" is for all other locales.
	// In the one for when it is closed "[time_left_to_open]" is replaced, as by "2 hours 5 minutes".
	OpenMessage   ticket.Label `json:"open_message,omitempty"`
	ClosedMessage ticket.Label `json:"closed_message,omitempty"`
	Display       Display      `json:"display,omitzero"` // where a page shows what

	// Version is that of the stored calendar: saving an older one is refused. 0 is that of a new one.
	Version int64 `json:"version,omitempty"`
}

// Serves reports whether the calendar is there for brand.
func (c Calendar) Serves(brand string) bool {
	return len(c.Brands) == 0 || slices.Contains(c.Brands, brand)
}

// Clone returns a deep copy.
func (c Calendar) Clone() Calendar {
	c.Brands, c.Labels = slices.Clone(c.Brands), maps.Clone(c.Labels)
	c.OpenMessage, c.ClosedMessage = maps.Clone(c.OpenMessage), maps.Clone(c.ClosedMessage)
	w := &c.Week
	for _, day := range []*[]Span{&w.Monday, &w.Tuesday, &w.Wednesday, &w.Thursday, &w.Friday, &w.Saturday, &w.Sunday} {
		*day = slices.Clone(*day)
	}
	c.Special = slices.Clone(c.Special)
	for i := range c.Special {
		s := &c.Special[i]
		s.Labels, s.Hours = maps.Clone(s.Labels), slices.Clone(s.Hours)
		s.OpenMessage, s.ClosedMessage = maps.Clone(s.OpenMessage), maps.Clone(s.ClosedMessage)
	}
	return c
}
