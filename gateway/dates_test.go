package gateway_test

import (
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/gateway"
)

// TestDatesOfPrograms are the ways in which programs have written one and the same time.
func TestDatesOfPrograms(t *testing.T) {
	t.Parallel()
	want := time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)
	for _, value := range []string{
		"Mon, 5 Jan 2026 09:00:00 +0100", "Mon, 05 Jan 2026 09:00:00 +0100 (CET)", "5 Jan 2026 09:00:00 +0100", "Mon, 5 Jan 2026 09:00 +0100", "Mon, 5 Jan 26 09:00:00 +0100",
		"Mon, 5 Jan 2026 08:00:00 GMT", "Mon, 5 Jan 2026 08:00:00 UT", "Mon, 5 Jan 2026 08:00:00 Z", "Mon, 5 Jan 2026 03:00:00 EST", "Mon, 5 Jan 2026 00:00:00 PST",
		"Mon, 5 Jan 2026 09:00:00 CET", "Mon, 5 Jan 2026 09:00:00 MEZ", "Mon,5 Jan 2026 09:00:00 +0100", "Mon, 5  Jan  2026  09:00:00  +0100",
		"Mon, 5 Jan 2026 09:00:00 +01:00", "Mon, 5 Jan 2026 09:00:00 GMT+0100", "Mon, 5 Jan 2026 09:00:00 GMT+01:00", "Mon, 5 Jan 2026 09:00:00 UTC+1",
		"Mon Jan  5 08:00:00 2026", "Mon Jan 5 09:00:00 2026 +0100", "Mon Jan  5 08:00:00 UTC 2026", "Monday, 05-Jan-26 08:00:00 GMT", "2026-01-05T09:00:00+01:00",
		"2026-01-05 09:00:00 +0100", "2026-01-05T08:00:00Z", "2026-01-05 08:00:00", "05 Jan 2026 08:00:00", "Mon, 5 January 2026 09:00:00 +0100",
		"Monday, 5 January 2026 09:00:00 +0100", "Mon, 5 Jan 2026 9:00:00 +0100", "Mon, 5 Jan 2026 9:00:00 AM +0100", "Mon, 05 Jan 2026 09.00.00 +0100",
		"Jan 5, 2026 9:00:00 AM +0100", "Mon, Jan 5 2026 09:00:00 +0100", "Mon, 5 Jan 2026 09:00:00.123 +0100", "\"Mon, 5 Jan 2026 09:00:00 +0100\"",
		"Mon, 5 Jan 2026 09:00:00 +0100;", "Mon, 5 Jan 2026 09:00:00 \"GMT\"+0100", "Mo, 5 Jan 2026 09:00:00 +0100", "Mo, 5 Jan 2026 09:00:00 +0100 (MEZ)",
		"Lun, 5 ene 2026 09:00:00 +0100", "lun., 5 janv. 2026 09:00:00 +0100", "5 Jan 2026 09:00:00 +0100 (Central European Standard Time)",
		"Mon, 5 Jan 2026 09:00:00 +0100 (GMT+01:00)", "Mon, 5 Jan 126 09:00:00 +0100", "Mon, 5-Jan-2026 09:00:00 +0100", "Wed, 5 Jan 2026 09:00:00 +0100",
		"Mon, 5 Jan 2026 08:00:00 -0000", "5. Januar 2026 09:00 +0100", "Mon, 5 Jan 2026 08:00:00 XYZ", "Mon, 5 Jan 2026 08:00:00", "1/5/2026 8:00:00 AM", "5.1.2026 08:00",
		"2026/01/05 08:00", "2026年1月5日 08:00", "Monday, January 5, 2026 8:00 AM", "lundi 5 janvier 2026 08:00", "Mon, Jan 5, 2026 at 8:00 AM",
		"Montag, 5. Januar 2026 um 08:00 Uhr", "5 de enero de 2026 8:00", "mar. 5 janv. 2026 08:00", "martedì 5 gennaio 2026 08:00", "Mon, 5 Jan 2026 24:00:00 +1600",
	} {
		t.Run(value, func(t *testing.T) {
			t.Parallel()
			m := gateway.Read(mail("From: ann@example.com", "Date: "+value, "", "x"), received, nil)
			if m.DateClamped || !m.Date.Truncate(time.Second).Equal(want) {
				t.Errorf("%v, clamped %t", m.Date, m.DateClamped)
			}
		})
	}
	for _, value := range []string{"", "yesterday", "Mon, 99 Jan 2026 08:00:00 +0000", "Mon, 5 Foo 2026 08:00:00 +0000", "08:00", "5 Jan", "31 Feb 2026 08:00", "2026-13-05 08:00", "32.13.2026"} {
		t.Run("no date: "+value, func(t *testing.T) {
			t.Parallel()
			if m := gateway.Read(mail("From: ann@example.com", "Date: "+value, "", "x"), received, nil); !m.DateClamped || !m.Date.Equal(received) {
				t.Errorf("%v", m.Date)
			}
		})
	}
}
