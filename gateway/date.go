package gateway

import (
	"net/mail"
	"regexp"
	"strings"
	"time"
)

// looseDates are layouts that senders use instead of RFC 5322 §3.3.
var looseDates = []string{
	time.RFC3339, "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05", "2006-01-02",
	"2 Jan 2006 15:04:05", "2 Jan 2006 15:04", "2 Jan 06 15:04:05 -0700", "Jan 2 2006 15:04:05",
	"Jan 2 15:04:05 2006", "Jan 2 15:04:05 MST 2006", "Jan 2, 2006 3:04:05 PM", "1/2/2006 3:04:05 PM",
}

var (
	dateComment = regexp.MustCompile(`\([^()]*\)`)
	dateColon   = regexp.MustCompile(`\s*:\s*`)
	dateClock   = regexp.MustCompile(`^\d{1,2} [A-Za-z]{3} \d{4} \d{1,2}:\d{2}(?::\d{2})?\b`)
	dateWeekday = regexp.MustCompile(`(?i)^(mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+`)
)

// mailDate is the Date header in UTC. It is received where that is missing,
// unreadable, later, or before there was mail; clamped tells.
func mailDate(h header, received time.Time) (date time.Time, clamped bool) {
	received = received.UTC()
	for _, value := range h.values("date") {
		if t, ok := parseDate(value); ok && t.Year() >= 1970 && !t.After(received) {
			return t, false
		}
	}
	return received, true
}

func parseDate(value string) (time.Time, bool) {
	if len(value) > 200 {
		return time.Time{}, false
	}
	if t, err := mail.ParseDate(value); err == nil {
		return t.UTC(), true
	}
	value = strings.Join(strings.Fields(dateComment.ReplaceAllString(value, " ")), " ")
	value = dateWeekday.ReplaceAllString(dateColon.ReplaceAllString(value, ":"), "")
	if t, err := mail.ParseDate(value); err == nil {
		return t.UTC(), true
	}
	if clock := dateClock.FindStringIndex(value); clock != nil { // an unheard-of zone is none
		value = value[:clock[1]]
	}
	for _, layout := range looseDates {
		if t, err := time.Parse(layout, value); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}
