package calendar_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/rules/calendar"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func shop() calendar.Calendar {
	return calendar.Calendar{
		Code: "shop", Name: "Hotline", Labels: ticket.Label{"de": "Telefon"}, Zone: "Europe/Berlin", Week: calendar.Weekdays("09:00-12:30", "13:30-18:00"),
		Display: calendar.Display{ContactStatus: true, Popup: true},
		Special: []calendar.Special{
			{Name: "Christmas", Labels: ticket.Label{"de": "Weihnachten"}, From: "2026-12-24", To: "2026-12-26", Notice: 14, ClosedMessage: ticket.Label{"": "Merry Christmas! Back in [time_left_to_open]."}},
			{Name: "Fair", From: "2026-12-19", Notice: -1, Hours: []calendar.Span{"10:00-14:00"}},
			{Name: "New Year", From: "2027-01-01"},
		},
	}
}

func TestPage(t *testing.T) {
	t.Parallel()
	h := compile(t, shop())
	at := func(s string) time.Time { return in(t, "Europe/Berlin", s) }
	t.Run("M69 one call returns all that a page shows", func(t *testing.T) {
		t.Parallel()
		p := h.Page(at("2026-12-18 17:30"), calendar.Visitor{})
		if !p.Open || p.Message != "We are open." || !p.ClosesAt.Equal(at("2026-12-18 18:00")) || !p.OpensAt.IsZero() || p.Zone != "Europe/Berlin" || p.Name != "Hotline" {
			t.Errorf("got %+v", p)
		}
		if want := (calendar.Display{ContactStatus: true, Popup: true}); p.Display != want {
			t.Errorf("display: %+v", p.Display)
		}
		usual := []calendar.Range{{From: "09:00", To: "12:30"}, {From: "13:30", To: "18:00"}}
		if len(p.Week) != 7 || p.Week[0].Day != time.Monday || !reflect.DeepEqual(p.Week[0].Hours, usual) || p.Week[6].Hours != nil {
			t.Errorf("week: %+v", p.Week)
		}
		if len(p.Days) != 7 || p.Days[0].Date != "2026-12-18" || p.Days[0].Day != time.Friday || !reflect.DeepEqual(p.Days[0].Hours, usual) ||
			!reflect.DeepEqual(p.Days[1], calendar.Date{Date: "2026-12-19", Day: time.Saturday, Hours: []calendar.Range{{From: "10:00", To: "14:00"}}, Special: []string{"Fair"}}) ||
			!reflect.DeepEqual(p.Days[6], calendar.Date{Date: "2026-12-24", Day: time.Thursday, Special: []string{"Christmas"}}) {
			t.Errorf("days: %+v", p.Days)
		}
		if _, err := json.Marshal(p); err != nil {
			t.Error(err)
		}
	})
	t.Run("M28 special periods are told of so many days before, and while they last", func(t *testing.T) {
		t.Parallel()
		for _, c := range []struct {
			now    string
			notice int
			want   string
		}{
			{"2026-12-09 23:59", 0, ""}, {"2026-12-10 00:00", 0, "Christmas"}, {"2026-12-19 09:00", 0, "Fair! Christmas"}, {"2026-12-26 23:59", 0, "Christmas!"},
			{"2026-12-27 00:00", 0, ""}, {"2026-12-27 00:00", 7, "New Year"}, {"2027-01-01 12:00", 0, "New Year!"},
		} {
			var names []string
			for _, s := range h.Page(at(c.now), calendar.Visitor{Defaults: calendar.Defaults{Notice: c.notice}}).Special {
				if s.Current {
					s.Name += "!"
				}
				names = append(names, s.Name)
			}
			if got := strings.Join(names, " "); got != c.want {
				t.Errorf("%s: %q, must be %q", c.now, got, c.want)
			}
		}
	})
	t.Run("M28 a holiday of every year is told of with its year, each time once", func(t *testing.T) {
		t.Parallel()
		h := compile(t, calendar.Calendar{Zone: "Europe/Berlin", Special: []calendar.Special{{Name: "Holidays", From: "--12-24T14:00", To: "--01-02", Notice: 10}, {Name: "Leap", From: "--02-29", Notice: 366}}})
		for now, want := range map[string]string{
			"2026-12-14 13:59": "[]",
			"2026-12-14 14:00": "[{Holidays 2026-12-24T14:00 2027-01-02 false []}]",
			"2027-01-02 23:59": "[{Holidays 2026-12-24T14:00 2027-01-02 true []}]",
			"2027-01-03 00:00": "[]",
			"2027-03-01 00:00": "[{Leap 2028-02-29 2028-02-29 false []}]",
			"2028-02-29 12:00": "[{Leap 2028-02-29 2028-02-29 true []}]",
		} {
			if got := fmt.Sprint(h.Page(at(now), calendar.Visitor{}).Special); got != want {
				t.Errorf("%s: %s, must be %s", now, got, want)
			}
		}
	})
	t.Run("M28 a visitor elsewhere reads the days in their own zone", func(t *testing.T) {
		t.Parallel()
		tokyo, _ := time.LoadLocation("Asia/Tokyo")
		p := h.Page(at("2026-12-21 08:00"), calendar.Visitor{Zone: tokyo})
		if got, want := p.Days[0].Hours, []calendar.Range{{From: "17:00", To: "20:30"}, {From: "21:30", To: "24:00"}}; !reflect.DeepEqual(got, want) {
			t.Errorf("got %v", got)
		}
		if got, want := p.Days[1].Hours, []calendar.Range{{From: "00:00", To: "02:00"}, {From: "17:00", To: "20:30"}, {From: "21:30", To: "24:00"}}; !reflect.DeepEqual(got, want) {
			t.Errorf("got %v", got)
		}
	})
	t.Run("M28 days begin late, or are left out, where the zone's clock says so", func(t *testing.T) {
		t.Parallel()
		for zone, want := range map[string][]string{
			"America/Sao_Paulo": {"2018-11-03 2018-11-04 2018-11-05", "2018-11-03 12:00", "01:00"}, // the clock went from 0:00 to 1:00
			"Pacific/Apia":      {"2011-12-29 2011-12-31 2012-01-01", "2011-12-29 12:00", "00:00"},
		} {
			p := compile(t, calendar.Calendar{Zone: zone, Mode: calendar.AlwaysOpen}).Page(in(t, zone, want[1]), calendar.Visitor{})
			var dates []string
			for _, d := range p.Days[:3] {
				dates = append(dates, d.Date)
			}
			if strings.Join(dates, " ") != want[0] || p.Days[1].Hours[0] != (calendar.Range{From: want[2], To: "24:00"}) {
				t.Errorf("%s: %+v", zone, p.Days)
			}
		}
	})
}

func TestMessages(t *testing.T) {
	t.Parallel()
	at := func(s string) time.Time { return in(t, "Europe/Berlin", s) }
	evening, weekend, holiday := at("2026-12-22 06:55"), at("2026-12-12 05:00"), at("2026-12-24 09:00")
	t.Run("M28 the time left to open is told in the visitor's language", func(t *testing.T) {
		t.Parallel()
		h := compile(t, shop())
		for locale, want := range map[string][3]string{
			"en": {"We are closed now. We open in 2 hours 5 minutes.", "We are closed now. We open in 2 days 4 hours.", "Merry Christmas! Back in 4 days."},
			"de-AT": {"Wir haben gerade geschlossen. Wir sind in 2 Stunden 5 Minuten wieder für Sie da.",
				"Wir haben gerade geschlossen. Wir sind in 2 Tagen 4 Stunden wieder für Sie da.", "Merry Christmas! Back in 4 Tagen."},
			"ru": {"Сейчас мы не работаем. Откроемся через 2 часа 5 минут.", "Сейчас мы не работаем. Откроемся через 2 дня 4 часа.", "Merry Christmas! Back in 4 дня."},
			"tr": {"Şu anda kapalıyız. 2 saat 5 dakika sonra açılacağız.", "Şu anda kapalıyız. 2 gün 4 saat sonra açılacağız.", "Merry Christmas! Back in 4 gün."},
		} {
			for i, now := range []time.Time{evening, weekend, holiday} {
				if got := h.Page(now, calendar.Visitor{Locale: locale}).Message; got != want[i] {
					t.Errorf("%s: %q, must be %q", locale, got, want[i])
				}
			}
		}
	})
	t.Run("M28 units agree with their numbers, and minutes are rounded up", func(t *testing.T) {
		t.Parallel()
		for _, c := range []struct {
			d      time.Duration
			en, ru string
		}{
			{time.Second, "1 minute", "1 минуту"}, {21 * time.Minute, "21 minutes", "21 минуту"}, {22*time.Minute - time.Second, "22 minutes", "22 минуты"},
			{11 * time.Minute, "11 minutes", "11 минут"}, {time.Hour, "1 hour", "1 час"}, {59*time.Minute + time.Second, "1 hour", "1 час"},
			{5 * time.Hour, "5 hours", "5 часов"}, {24 * time.Hour, "1 day", "1 день"}, {24*time.Hour + time.Minute, "1 day 1 hour", "1 день 1 час"},
			{47*time.Hour + 30*time.Minute, "2 days", "2 дня"},
		} {
			if en, ru := calendar.TimeLeft("en", c.d), calendar.TimeLeft("ru_RU", c.d); en != c.en || ru != c.ru {
				t.Errorf("%s: %q, %q", c.d, en, ru)
			}
		}
	})
	t.Run("M28 a calendar's messages override the defaults, and a brand's those of all", func(t *testing.T) {
		t.Parallel()
		c := shop()
		v := calendar.Visitor{Locale: "de", Brand: "lamps", Defaults: calendar.Defaults{OpenMessage: ticket.Label{"": "Open."}, ClosedMessage: ticket.Label{"": "Closed."}}}
		open := at("2026-12-22 10:00")
		say := func(want string) {
			t.Helper()
			if got := compile(t, c).Page(open, v).Message; got != want {
				t.Errorf("got %q, must be %q", got, want)
			}
		}
		say("Open.")
		c.OpenMessage = ticket.Label{"en": "Call us."}
		say("Open.") // there is no German one
		c.OpenMessage["de"] = "Rufen Sie an."
		say("Rufen Sie an.")
		c.OpenMessage["lamps/de"] = "Licht an."
		say("Licht an.")
		open = evening
		say("Closed.")
	})
	t.Run("M28 what is closed for good promises no opening", func(t *testing.T) {
		t.Parallel()
		p := compile(t, calendar.Calendar{ClosedMessage: ticket.Label{"": "Back in [time_left_to_open]"}}).Page(evening, calendar.Visitor{})
		if p.Message != "We are closed." || !p.OpensAt.IsZero() {
			t.Errorf("got %+v", p)
		}
	})
	t.Run("M28 a host writes the time left as it likes", func(t *testing.T) {
		t.Parallel()
		v := calendar.Visitor{TimeLeft: func(_ string, d time.Duration) string { return d.String() }}
		if got := compile(t, shop()).Page(evening, v).Message; got != "We are closed now. We open in 2h5m0s." {
			t.Errorf("got %q", got)
		}
	})
	t.Run("M28 of special periods at the same time the shorter one counts", func(t *testing.T) {
		t.Parallel()
		c := calendar.Calendar{Mode: calendar.AlwaysOpen, Special: []calendar.Special{
			{Name: "Holidays", From: "2026-12-24", To: "2027-01-06"}, {Name: "Clearance", From: "2026-12-28", To: "2026-12-29", Hours: []calendar.Span{"10:00-12:00"}}, {Name: "Also", From: "2026-12-28", To: "2026-12-29"},
		}}
		var got []string
		for i := range compile(t, c).Intervals(in(t, "UTC", "2026-12-24 00:00"), in(t, "UTC", "2027-01-08 00:00")) {
			got = append(got, i.Special+" "+i.From.Format("02T15"))
		}
		want := []string{"Holidays 24T00", "Clearance 28T00", "Clearance 28T10", "Clearance 28T12", "Clearance 29T10", "Clearance 29T12", "Holidays 30T00", " 07T00"}
		if !slices.Equal(got, want) {
			t.Errorf("got %q", got)
		}
	})
}
