// Package calendar knows when somebody works: whether it is open now, when it opens next, how much working time lies
// between two moments, and when so much of it will have passed.
//
//	h, err := calendar.Compile(calendar.Calendar{
//		Code: "berlin", Name: "Berlin", Zone: "Europe/Berlin",
//		Week:    calendar.Weekdays("09:00-12:30", "13:30-18:00"),
//		Special: []calendar.Special{{Name: "Christmas", From: "--12-24", To: "--12-26", Notice: 14}},
//	})
//	due, ok := h.Add(time.Now(), 4*time.Hour)
//
// It needs no desk and no store, and knows nothing of tickets.
//
// # Clock changes
//
// Hours are what a clock on the wall shows in the calendar's zone, and a moment is open if that clock's time is. So an
// hour that the clock skips in spring is worth nothing, "01:30-02:30" half an hour on that day, and an hour that comes
// twice in autumn counts twice. A day that a zone skipped, as Apia did with 30 December 2011, has no hours.
//
// # Zones
//
// Zones are those of package time: a program that may run where there is no zone database imports time/tzdata.
package calendar
