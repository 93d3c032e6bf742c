package calendar_test

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/rules/calendar"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func compile(t *testing.T, c calendar.Calendar) *calendar.Hours {
	t.Helper()
	if c.Code == "" {
		c.Code, c.Name = "test", "Test"
	}
	h, err := calendar.Compile(c)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// in reads a time of a zone, as "2026-03-29 01:30"; of an hour that comes twice the first.
func in(t *testing.T, zone, s string) time.Time {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", s, loc)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestHours(t *testing.T) {
	t.Parallel()
	const berlin = "Europe/Berlin"
	h := compile(t, calendar.Calendar{Zone: berlin, Week: calendar.Weekdays("09:00-12:30", "13:30-18:00"), Special: []calendar.Special{
		{Name: "Christmas", From: "2026-12-24", To: "2026-12-26"},
		{Name: "Stocktaking", From: "2026-12-28T14:00", To: "2026-12-29T10:00"},
		{Name: "Open Sunday", From: "2026-12-20", Hours: []calendar.Span{"13:00-18:00"}},
	}})
	at := func(s string) time.Time { return in(t, berlin, s) }
	t.Run("M28 it is open in the hours of the weekday and closed beside them", func(t *testing.T) {
		t.Parallel()
		for s, want := range map[string]bool{
			"2026-12-21 08:59": false, "2026-12-21 09:00": true, "2026-12-21 12:29": true, "2026-12-21 12:30": false, "2026-12-21 13:30": true,
			"2026-12-21 18:00": false, "2026-12-19 10:00": false, "2026-12-20 10:00": false, "2026-12-20 13:00": true, "2026-12-24 10:00": false,
			"2026-12-28 13:59": true, "2026-12-28 14:00": false, "2026-12-29 09:59": false, "2026-12-29 10:00": true,
		} {
			if got := h.OpenAt(at(s)); got != want {
				t.Errorf("%s: open is %v", s, got)
			}
		}
	})
	t.Run("M28 the next opening and closing look beyond holidays", func(t *testing.T) {
		t.Parallel()
		for from, want := range map[string][2]string{
			"2026-12-23 19:00": {"2026-12-28 09:00", "2026-12-23 19:00"},
			"2026-12-28 13:45": {"2026-12-28 13:45", "2026-12-28 14:00"},
			"2026-12-28 15:00": {"2026-12-29 10:00", "2026-12-28 15:00"},
		} {
			opens, ok1 := h.NextOpening(at(from))
			closes, ok2 := h.NextClosing(at(from))
			if !ok1 || !ok2 || !opens.Equal(at(want[0])) || !closes.Equal(at(want[1])) {
				t.Errorf("after %s: opens %s, closes %s, must be %v", from, opens, closes, want)
			}
		}
	})
	t.Run("M28 working time between two moments, and when so much of it has passed", func(t *testing.T) {
		t.Parallel()
		if got := h.Between(at("2026-12-23 17:00"), at("2026-12-28 10:00")); got != 2*time.Hour {
			t.Errorf("got %s", got)
		}
		if got := h.Between(at("2026-12-28 10:00"), at("2026-12-23 17:00")); got != 0 {
			t.Errorf("backwards: got %s", got)
		}
		for d, want := range map[time.Duration]string{0: "2026-12-23 16:00", 2 * time.Hour: "2026-12-23 18:00", 3 * time.Hour: "2026-12-28 10:00", 8 * time.Hour: "2026-12-29 12:00"} {
			if got, ok := h.Add(at("2026-12-23 16:00"), d); !ok || !got.Equal(at(want)) {
				t.Errorf("%s later: got %s, must be %s", d, got, want)
			}
		}
	})
	t.Run("M28 always open, always closed, and closed but for a special period", func(t *testing.T) {
		t.Parallel()
		now := at("2026-12-23 17:00")
		open := compile(t, calendar.Calendar{Mode: calendar.AlwaysOpen})
		if _, ok := open.NextClosing(now); ok || !open.OpenAt(now) || open.Between(now, now.AddDate(1, 0, 0)) != 365*24*time.Hour {
			t.Error("always open is not")
		}
		for _, c := range []calendar.Calendar{{Mode: calendar.AlwaysClosed}, {}} {
			shut := compile(t, c)
			_, opens := shut.NextOpening(now)
			_, works := shut.Add(now, time.Second)
			if opens || works || shut.Between(now, now.AddDate(100, 0, 0)) != 0 {
				t.Error("always closed is not")
			}
		}
		fair := compile(t, calendar.Calendar{Mode: calendar.AlwaysClosed, Special: []calendar.Special{{Name: "Fair", From: "2028-05-01", Hours: []calendar.Span{"10:00-11:00"}}}})
		if got, ok := fair.NextOpening(now); !ok || !got.Equal(in(t, "UTC", "2028-05-01 10:00")) {
			t.Errorf("got %s", got)
		}
	})
	t.Run("M28 a holiday comes every year, on 29 February in leap years, and over the turn of the year", func(t *testing.T) {
		t.Parallel()
		for _, c := range []struct {
			special    calendar.Special
			closed     []string // the first and the last minute
			open       []string
			whole, two time.Duration // of the hours of 2027, and of 2027 and 2028
		}{
			{calendar.Special{From: "--12-25"}, []string{"1970-12-25 00:00", "2027-12-25 00:00", "2199-12-25 23:59"}, []string{"2026-12-24 23:59", "2026-12-26 00:00", "1968-12-25 12:00", "2200-12-25 12:00"}, 364, 729},
			{calendar.Special{From: "--12-24T14:00", To: "--01-02"}, []string{"1970-01-02 23:59", "2026-12-24 14:00", "2027-01-02 23:59", "2200-01-02 23:59"}, []string{"2026-12-24 13:59", "2027-01-03 00:00"}, 0, 0},
			{calendar.Special{From: "--02-29"}, []string{"2028-02-29 00:00", "2028-02-29 23:59", "2000-02-29 12:00"}, []string{"2027-02-28 12:00", "2027-03-01 00:00", "2028-02-28 23:59", "2100-03-01 00:00"}, 365, 730},
			{calendar.Special{From: "--02-27", To: "--02-29"}, []string{"2027-02-28 23:59", "2028-02-29 23:59"}, []string{"2027-03-01 00:00", "2028-03-01 00:00"}, 363, 726},
			{calendar.Special{From: "--02-27", To: "--02-29T12:00"}, []string{"2027-02-28 23:59", "2028-02-29 11:59"}, []string{"2027-03-01 00:00", "2028-02-29 12:00"}, 363, 0},
		} {
			c.special.Name = "x"
			h := compile(t, calendar.Calendar{Zone: berlin, Mode: calendar.AlwaysOpen, Special: []calendar.Special{c.special}})
			for is, list := range map[bool][]string{false: c.closed, true: c.open} {
				for _, s := range list {
					if h.OpenAt(at(s)) != is {
						t.Errorf("%s to %s: %s: open is not %v", c.special.From, c.special.To, s, is)
					}
				}
			}
			const day = 24 * time.Hour
			if got := h.Between(at("2027-01-01 00:00"), at("2028-01-01 00:00")); c.whole > 0 && got != c.whole*day {
				t.Errorf("%s to %s: 2027 has %s", c.special.From, c.special.To, got)
			}
			if got := h.Between(at("2027-01-01 00:00"), at("2029-01-01 00:00")); c.two > 0 && got != c.two*day {
				t.Errorf("%s to %s: 2027 and 2028 have %s", c.special.From, c.special.To, got)
			}
		}
	})
	t.Run("M28 a night ends on the next day, and at a holiday's beginning", func(t *testing.T) {
		t.Parallel()
		h := compile(t, calendar.Calendar{Zone: berlin, Week: calendar.Week{Sunday: []calendar.Span{"22:00-06:00"}, Wednesday: []calendar.Span{"22:00-06:00"}}, Special: []calendar.Special{{Name: "Christmas", From: "2026-12-24"}}})
		for s, want := range map[string]bool{"2026-12-20 23:00": true, "2026-12-21 05:59": true, "2026-12-21 06:00": false, "2026-12-23 23:59": true, "2026-12-24 00:00": false} {
			if got := h.OpenAt(at(s)); got != want {
				t.Errorf("%s: open is %v", s, got)
			}
		}
	})
}

func TestClockChanges(t *testing.T) {
	t.Parallel()
	week := func(s ...calendar.Span) calendar.Week { return calendar.Week{Sunday: s} }
	for _, c := range []struct {
		name, zone, day string
		week            calendar.Week
		want            time.Duration
	}{
		{"the hour that is skipped in spring is worth nothing", "Europe/Berlin", "2026-03-29", week("02:00-03:00"), 0},
		{"what goes half into it is worth the other half", "Europe/Berlin", "2026-03-29", week("01:30-02:30"), 30 * time.Minute},
		{"a night over it is an hour shorter", "Europe/Berlin", "2026-03-28", calendar.Week{Saturday: []calendar.Span{"22:00-06:00"}}, 7 * time.Hour},
		{"the hour that comes twice in autumn counts twice", "Europe/Berlin", "2026-10-25", week("02:00-03:00"), 2 * time.Hour},
		{"a day of 24:00 has 25 hours in autumn", "Europe/Berlin", "2026-10-25", week("00:00-24:00"), 25 * time.Hour},
		{"so it is in the south in April", "Australia/Sydney", "2026-04-05", week("02:00-03:00"), 2 * time.Hour},
		{"where the clock is changed by half an hour, that is it", "Australia/Lord_Howe", "2026-04-05", week("01:30-02:00"), time.Hour},
		{"a zone without changes has none", "Asia/Kathmandu", "2026-03-29", week("02:00-03:00"), time.Hour},
	} {
		t.Run("M28 "+c.name, func(t *testing.T) {
			t.Parallel()
			h := compile(t, calendar.Calendar{Zone: c.zone, Week: c.week})
			from := in(t, c.zone, c.day+" 00:00")
			if got := h.Between(from, from.AddDate(0, 0, 2)); got != c.want {
				t.Errorf("got %s, must be %s", got, c.want)
			}
		})
	}
	t.Run("M28 a day that a zone skipped has no hours", func(t *testing.T) {
		t.Parallel()
		h := compile(t, calendar.Calendar{Zone: "Pacific/Apia", Week: calendar.Weekdays("09:00-17:00")})
		from, to := in(t, "Pacific/Apia", "2011-12-29 00:00"), in(t, "Pacific/Apia", "2012-01-01 00:00") // Thursday, no Friday, Saturday
		if got := h.Between(from, to); got != 8*time.Hour {
			t.Errorf("got %s", got)
		}
	})
	t.Run("M28 what goes on over a clock change is one interval", func(t *testing.T) {
		t.Parallel()
		h := compile(t, calendar.Calendar{Zone: "Europe/Berlin", Mode: calendar.AlwaysOpen})
		from := in(t, "Europe/Berlin", "2026-01-01 00:00")
		if got := slices.Collect(h.Intervals(from, from.AddDate(1, 0, 0))); len(got) != 1 || got[0].Duration() != 365*24*time.Hour {
			t.Errorf("got %+v", got)
		}
	})
}

func TestCheck(t *testing.T) {
	t.Parallel()
	type c = calendar.Calendar
	special := func(s calendar.Special) []calendar.Special { return []calendar.Special{s} }
	for _, bad := range []struct {
		name, field string
		fault       ticket.Fault
		c           c
	}{
		{"a zone that is none", "zone", ticket.FaultUnknown, c{Zone: "Europe/Nowhere"}},
		{"the machine's own zone", "zone", ticket.FaultUnknown, c{Zone: "Local"}},
		{"a mode that is none", "mode", ticket.FaultUnknown, c{Mode: "sometimes"}},
		{"a code with a blank", "code", ticket.FaultMalformed, c{Code: "a b"}},
		{"words for a span", "week.monday", ticket.FaultMalformed, c{Week: calendar.Week{Monday: []calendar.Span{"9 to 5"}}}},
		{"an hour of one digit", "week.monday", ticket.FaultMalformed, c{Week: calendar.Week{Monday: []calendar.Span{"9:00-17:00"}}}},
		{"25 o'clock", "week.monday", ticket.FaultMalformed, c{Week: calendar.Week{Monday: []calendar.Span{"09:00-25:00"}}}},
		{"a span of no time", "week.friday", ticket.FaultMalformed, c{Week: calendar.Week{Friday: []calendar.Span{"09:00-09:00"}}}},
		{"a span from the end of the day", "week.friday", ticket.FaultMalformed, c{Week: calendar.Week{Friday: []calendar.Span{"24:00-06:00"}}}},
		{"spans of a day that overlap", "week.monday", ticket.FaultConflicting, c{Week: calendar.Week{Monday: []calendar.Span{"09:00-12:00", "11:00-13:00"}}}},
		{"a night into the next morning's hours", "week.monday", ticket.FaultConflicting, c{Week: calendar.Week{Sunday: []calendar.Span{"22:00-06:00"}, Monday: []calendar.Span{"05:00-13:00"}}}},
		{"more spans than a day takes", "week.monday", ticket.FaultTooMany, c{Week: calendar.Week{Monday: make([]calendar.Span, calendar.MaxSpans+1)}}},
		{"a holiday without a name", "special[0].name", ticket.FaultRequired, c{Special: special(calendar.Special{From: "2026-12-24"})}},
		{"a holiday without a date", "special[0].from", ticket.FaultMalformed, c{Special: special(calendar.Special{Name: "x"})}},
		{"a day that no year has", "special[0].from", ticket.FaultMalformed, c{Special: special(calendar.Special{Name: "x", From: "--02-30"})}},
		{"a year at one end alone", "special[0].to", ticket.FaultConflicting, c{Special: special(calendar.Special{Name: "x", From: "--12-24", To: "2026-12-26"})}},
		{"no time of every year", "special[0].to", ticket.FaultConflicting, c{Special: special(calendar.Special{Name: "x", From: "--12-24T14:00", To: "--12-24T14:00"})}},
		{"more of every year than are taken", "special", ticket.FaultTooMany, c{Special: slices.Repeat(special(calendar.Special{Name: "x", From: "--12-24"}), calendar.MaxYearly+1)}},
		{"a date that is none", "special[0].to", ticket.FaultMalformed, c{Special: special(calendar.Special{Name: "x", From: "2026-02-01", To: "2026-02-30"})}},
		{"an hour of one digit", "special[0].to", ticket.FaultMalformed, c{Special: special(calendar.Special{Name: "x", From: "2026-02-01", To: "2026-02-03T0:00"})}},
		{"a holiday that ends before it begins", "special[0].to", ticket.FaultConflicting, c{Special: special(calendar.Special{Name: "x", From: "2026-12-24", To: "2026-12-23"})}},
		{"a holiday of no time", "special[0].to", ticket.FaultConflicting, c{Special: special(calendar.Special{Name: "x", From: "2026-12-24T10:00", To: "2026-12-24T10:00"})}},
		{"own hours past midnight", "special[0].hours", ticket.FaultConflicting, c{Special: special(calendar.Special{Name: "x", From: "2026-12-24", Hours: []calendar.Span{"22:00-06:00"}})}},
		{"too early a notice", "special[0].notice_days", ticket.FaultOutOfRange, c{Special: special(calendar.Special{Name: "x", From: "2026-12-24", Notice: 1000})}},
		{"too many holidays", "special", ticket.FaultTooMany, c{Special: slices.Repeat(special(calendar.Special{Name: "x", From: "2026-12-24"}), calendar.MaxSpecial+1)}},
	} {
		t.Run("M28 refused: "+bad.name, func(t *testing.T) {
			t.Parallel()
			cal := bad.c
			if cal.Name = "Test"; cal.Code == "" {
				cal.Code = "test"
			}
			_, err := calendar.Compile(cal)
			faults := ticket.FieldErrors(err)[bad.field]
			if !errors.Is(err, ticket.ErrInvalid) || len(faults) != 1 || faults[0].Fault != bad.fault || len(ticket.FieldErrors(err)) != 1 {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("M28 a calendar is the same after JSON, and its copy shares nothing", func(t *testing.T) {
		t.Parallel()
		r := rand.New(rand.NewPCG(1, 2))
		for range 50 {
			c := randomCalendar(r, "Europe/Berlin")
			c.Brands, c.OpenMessage = []string{"shop"}, ticket.Label{"de": "Offen"}
			doc, err := json.Marshal(c)
			var back calendar.Calendar
			if err != nil || json.Unmarshal(doc, &back) != nil {
				t.Fatal(err)
			}
			if again, _ := json.Marshal(back); string(again) != string(doc) {
				t.Fatalf("%s\n%s", doc, again)
			}
			if !reflect.DeepEqual(c.Clone(), c) {
				t.Fatal("the copy differs")
			}
			copied := c.Clone()
			copied.OpenMessage["de"], copied.Brands[0] = "Zu", "other"
			if c.OpenMessage["de"] != "Offen" || c.Brands[0] != "shop" {
				t.Fatal("the copy shares")
			}
		}
	})
	t.Run("B03 a calendar without brands serves all of them", func(t *testing.T) {
		t.Parallel()
		if c := (calendar.Calendar{Brands: []string{"shop"}}); !c.Serves("shop") || c.Serves("other") || !(calendar.Calendar{}).Serves("other") {
			t.Error("serves the wrong ones")
		}
	})
}

// FuzzSpan reads any text as a span and as a date: what is taken compiles and is as the oracle says.
func FuzzSpan(f *testing.F) {
	for _, s := range []string{"", "09:00-17:00", "22:00-06:00", "00:00-24:00", "24:00-24:00", " 09:00 - 10:00 ", "-", "\xff:\xff-00:00"} {
		f.Add(s, "2026-12-24", "2026-12-26T10:00", 3)
	}
	f.Add("10:00-01:00", "0000-01-01", "2026-12-22T0:00", 3)
	f.Fuzz(func(t *testing.T, s, from, to string, zone int) {
		c := calendar.Calendar{Code: "x", Name: "X", Zone: zones[((zone%len(zones))+len(zones))%len(zones)], Week: calendar.Weekdays(calendar.Span(s)), Special: []calendar.Special{{Name: "s", From: from, To: to}}}
		h, err := calendar.Compile(c)
		if err != nil {
			if !errors.Is(err, ticket.ErrInvalid) {
				t.Fatal(err)
			}
			return
		}
		c.Week = calendar.Weekdays(calendar.Span(strings.ReplaceAll(s, " ", "")))
		o := newOracle(c)
		at := time.Date(2026, 12, 20, 0, 0, 0, 0, time.UTC)
		sum := time.Duration(0)
		for i := range 7 * 24 * 4 {
			m := at.Add(time.Duration(i) * 15 * time.Minute)
			if is, _ := o.open(m); is != h.OpenAt(m) {
				t.Fatalf("%s: open is %v, must be %v", m, !is, is)
			}
		}
		sum = h.Between(at, at.AddDate(0, 0, 30))
		if end, ok := h.Add(at, sum); !ok || h.Between(at, end) != sum {
			t.Fatalf("%s: %s", sum, end)
		}
	})
}
