package calendar_test

import (
	"fmt"
	"time"

	"github.com/helpdeskgo/helpdesk/rules/calendar"
)

func Example() {
	h, err := calendar.Compile(calendar.Calendar{
		Code: "berlin", Name: "Berlin", Zone: "Europe/Berlin",
		Week:    calendar.Weekdays("09:00-12:30", "13:30-18:00"),
		Special: []calendar.Special{{Name: "Christmas", From: "2026-12-24", To: "2026-12-26", Notice: 14}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	now := time.Date(2026, 12, 23, 17, 0, 0, 0, h.Zone())
	due, _ := h.Add(now, 4*time.Hour)
	fmt.Println(h.OpenAt(now), due)
	p := h.Page(now.AddDate(0, 0, 1), calendar.Visitor{Locale: "en"})
	fmt.Println(p.Message, p.Special[0].Name)
	// Output:
	// true 2026-12-28 12:00:00 +0100 CET
	// We are closed now. We open in 3 days 16 hours. Christmas
}
