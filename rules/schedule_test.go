package rules

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestSchedule(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, zone, rule, after string
		want                    []string
	}{
		{"I07 nine o'clock is nine o'clock on both sides of a change of the clocks", "Europe/Berlin", "DTSTART:20260327T090000\nRRULE:FREQ=DAILY;COUNT=4", "2026-01-01T00:00:00Z",
			[]string{"2026-03-27T08:00:00Z", "2026-03-28T08:00:00Z", "2026-03-29T07:00:00Z", "2026-03-30T07:00:00Z"}},
		{"I07 a time that is left out is read by the offset before", "Europe/Berlin", "DTSTART:20260328T023000\nRRULE:FREQ=DAILY;COUNT=3", "2026-01-01T00:00:00Z",
			[]string{"2026-03-28T01:30:00Z", "2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z"}},
		{"I07 a time that comes twice is the first of both", "Europe/Berlin", "DTSTART:20261024T023000\nRRULE:FREQ=DAILY;COUNT=3", "2026-01-01T00:00:00Z",
			[]string{"2026-10-24T00:30:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"}},
		{"I07 so it is in a zone that changes by half an hour", "Australia/Lord_Howe", "DTSTART:20261003T021500\nRRULE:FREQ=DAILY;COUNT=3", "2026-01-01T00:00:00Z",
			[]string{"2026-10-02T15:45:00Z", "2026-10-03T15:45:00Z", "2026-10-04T15:15:00Z"}},
		{"I07 an hourly rule skips the hour that is left out, and has none twice", "Europe/Berlin", "DTSTART:20260329T000000\nRRULE:FREQ=HOURLY;COUNT=5", "2026-01-01T00:00:00Z",
			[]string{"2026-03-28T23:00:00Z", "2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z"}},
		{"I07 the last Friday of each month", "UTC", "DTSTART:20260101T120000\nRRULE:FREQ=MONTHLY;BYDAY=-1FR", "2026-01-30T12:00:00Z", []string{"2026-02-27T12:00:00Z", "2026-03-27T12:00:00Z"}},
		{"I07 the 31st comes in long months only", "UTC", "DTSTART:20260131T120000\nRRULE:FREQ=MONTHLY", "2026-01-31T12:00:00Z", []string{"2026-03-31T12:00:00Z", "2026-05-31T12:00:00Z"}},
		{"I07 UNTIL in UTC is looked up in the zone", "Europe/Berlin", "DTSTART:20260601T010000\nRRULE:FREQ=DAILY;UNTIL=20260602T230000Z", "2026-01-01T00:00:00Z",
			[]string{"2026-05-31T23:00:00Z", "2026-06-01T23:00:00Z", "2026-06-02T23:00:00Z"}},
		{"I07 UNTIL as a day holds to its end", "Europe/Berlin", "DTSTART:20260601T230000\nRRULE:FREQ=DAILY;UNTIL=20260602", "2026-01-01T00:00:00Z", []string{"2026-06-01T21:00:00Z", "2026-06-02T21:00:00Z"}},
		{"I07 EXDATE leaves days out", "UTC", "DTSTART:20260601T090000\nRRULE:FREQ=DAILY;COUNT=4\nEXDATE:20260602T090000,20260603T090000", "2026-01-01T00:00:00Z", []string{"2026-06-01T09:00:00Z", "2026-06-04T09:00:00Z"}},
		{"I07 EXDATE without a time leaves the whole day out", "America/New_York", "DTSTART:20260601T230000\nRRULE:FREQ=DAILY;COUNT=4\nEXDATE;VALUE=DATE:20260602,20260603", "2026-01-01T00:00:00Z", []string{"2026-06-02T03:00:00Z", "2026-06-05T03:00:00Z"}},
		{"I07 a zone that times name besides is taken where it is the zone", "Europe/Berlin", "DTSTART;TZID=Europe/Berlin:20260601T090000\nRRULE:FREQ=DAILY;COUNT=2\nEXDATE;TZID=\"Europe/Berlin\":20260602T090000", "2026-01-01T00:00:00Z", []string{"2026-06-01T07:00:00Z"}},
		{"I07 the leap day of every fourth year", "UTC", "DTSTART:20240229T090000\nRRULE:FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29", "2026-01-01T00:00:00Z", []string{"2028-02-29T09:00:00Z", "2032-02-29T09:00:00Z"}},
		{"I07 the leap day of every sixth year", "UTC", "DTSTART:20260101T090000\nRRULE:FREQ=YEARLY;INTERVAL=6;BYMONTH=2;BYMONTHDAY=29", "2026-01-01T00:00:00Z", []string{"2032-02-29T09:00:00Z", "2044-02-29T09:00:00Z"}},
		{"I07 the 53rd week of every sixth year", "UTC", "DTSTART:20260101T090000\nRRULE:FREQ=YEARLY;INTERVAL=6;BYWEEKNO=53;BYDAY=TH", "2026-01-01T00:00:00Z", []string{"2026-12-31T09:00:00Z", "2032-12-30T09:00:00Z"}},
		{"I07 a zone that skipped a day has none on it", "Pacific/Apia", "DTSTART:20111229T090000\nRRULE:FREQ=DAILY;COUNT=3", "2011-01-01T00:00:00Z", []string{"2011-12-29T19:00:00Z", "2011-12-30T19:00:00Z"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, err := parseSchedule(c.rule, c.zone)
			if err != nil {
				t.Fatal(err)
			}
			after, _ := time.Parse(time.RFC3339, c.after)
			var got []string
			for at := range s.after(after) {
				if got = append(got, at.UTC().Format(time.RFC3339)); len(got) == len(c.want) && !strings.Contains(c.rule, "COUNT") && !strings.Contains(c.rule, "UNTIL") {
					break
				}
			}
			if strings.Join(got, " ") != strings.Join(c.want, " ") {
				t.Errorf("got  %v\nwant %v", got, c.want)
			}
		})
	}
	const start = "DTSTART:20260105T090000\n"
	for name, c := range map[string]struct{ zone, rule, field string }{
		"a zone that is none":            {"Europe/Nowhere", start + "RRULE:FREQ=DAILY", "zone"},
		"no zone":                        {"", start + "RRULE:FREQ=DAILY", "zone"},
		"the zone of the machine":        {"Local", start + "RRULE:FREQ=DAILY", "zone"},
		"no beginning":                   {"UTC", "RRULE:FREQ=DAILY", "rule"},
		"no rule":                        {"UTC", start, "rule"},
		"two rules":                      {"UTC", start + "RRULE:FREQ=DAILY\nRRULE:FREQ=WEEKLY", "rule"},
		"more than once an hour":         {"UTC", start + "RRULE:FREQ=MINUTELY", "rule"},
		"more than once a minute":        {"UTC", start + "RRULE:FREQ=SECONDLY;INTERVAL=86400", "rule"},
		"several minutes of an hour":     {"UTC", start + "RRULE:FREQ=DAILY;BYMINUTE=1,2", "rule"},
		"too large a COUNT":              {"UTC", start + "RRULE:FREQ=DAILY;COUNT=10001", "rule"},
		"COUNT and UNTIL":                {"UTC", start + "RRULE:FREQ=DAILY;COUNT=2;UNTIL=20270101", "rule"},
		"what never comes true":          {"UTC", start + "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "rule"},
		"what never comes true by hours": {"UTC", start + "RRULE:FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30", "rule"},
		"hours that are never reached":   {"UTC", start + "RRULE:FREQ=HOURLY;INTERVAL=24;BYHOUR=3", "rule"},
		"a span without end":             {"UTC", start + "RRULE:FREQ=YEARLY;INTERVAL=9999999999", "rule"},
		"a leap day of odd years":        {"UTC", "DTSTART:20250101T090000\nRRULE:FREQ=YEARLY;INTERVAL=2;BYMONTH=2;BYMONTHDAY=29", "rule"},
		"a beginning in another zone":    {"Europe/Berlin", "DTSTART;TZID=America/New_York:20260105T090000\nRRULE:FREQ=DAILY", "rule"},
		"an exception in another zone":   {"Europe/Berlin", start + "RRULE:FREQ=DAILY\nEXDATE;TZID=UTC:20260106T080000", "rule"},
		"an unknown part":                {"UTC", start + "RRULE:FREQ=DAILY;BYMOON=1", "rule"},
		"an unknown line":                {"UTC", start + "RRULE:FREQ=DAILY\nVALARM:x", "rule"},
		"a malformed time":               {"UTC", "DTSTART:yesterday\nRRULE:FREQ=DAILY", "rule"},
		"a long text":                    {"UTC", start + "RRULE:FREQ=DAILY" + strings.Repeat("\n", 5000), "rule"},
	} {
		t.Run("I07 "+name+" is refused, at once", func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			_, err := parseSchedule(c.rule, c.zone)
			if got := ticket.FieldErrors(err); !errors.Is(err, ticket.ErrInvalid) || len(got[c.field]) != 1 {
				t.Errorf("%v", err)
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

// FuzzSchedule reads rules that anybody might write: whatever is taken ascends, and is in its zone what it should be.
func FuzzSchedule(f *testing.F) {
	f.Add("DTSTART:20260105T090000\nRRULE:FREQ=WEEKLY;BYDAY=MO,-1FR;INTERVAL=2", "Europe/Berlin")
	f.Add("DTSTART;TZID=Europe/Paris:20260105\r\nRRULE:FREQ=HOURLY;BYHOUR=3;BYSETPOS=-1\nEXDATE:20260106T030000Z", "America/St_Johns")
	f.Add("DTSTART:20260105T090000Z\nRRULE:FREQ=YEARLY;BYEASTER=1;BYWEEKNO=53;WKST=SU", "Asia/Kathmandu")
	f.Fuzz(func(t *testing.T, rule, zone string) {
		s, err := parseSchedule(rule, zone)
		if err != nil {
			return
		}
		n, last := 0, time.Time{}
		for at := range s.after(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) {
			if !at.After(last) {
				t.Errorf("%v after %v", at, last)
			}
			if last, n = at, n+1; n == 5 {
				break
			}
		}
	})
}
