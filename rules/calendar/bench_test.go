package calendar_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/rules/calendar"
)

// BenchmarkHours asks a calendar with all the holidays that it may have.
func BenchmarkHours(b *testing.B) {
	c := calendar.Calendar{Code: "busy", Name: "Busy", Zone: "Europe/Berlin", Week: calendar.Weekdays("09:00-12:30", "13:30-18:00")}
	from := time.Date(2016, 1, 1, 12, 0, 0, 0, time.UTC)
	for i := range calendar.MaxSpecial {
		c.Special = append(c.Special, calendar.Special{Name: fmt.Sprint(i), From: from.AddDate(0, 0, 4*i).Format("2006-01-02")})
	}
	h, err := calendar.Compile(c)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("compile", func(b *testing.B) {
		for b.Loop() {
			_, _ = calendar.Compile(c)
		}
	})
	b.Run("open now", func(b *testing.B) {
		for b.Loop() {
			h.OpenAt(from)
		}
	})
	b.Run("between over ten years", func(b *testing.B) {
		for b.Loop() {
			h.Between(from, from.AddDate(10, 0, 0))
		}
	})
	b.Run("add a day of work", func(b *testing.B) {
		for b.Loop() {
			h.Add(from, 8*time.Hour)
		}
	})
	b.Run("add ten years of work", func(b *testing.B) {
		for b.Loop() {
			h.Add(from, 18_000*time.Hour)
		}
	})
	b.Run("page", func(b *testing.B) {
		for b.Loop() {
			h.Page(from, calendar.Visitor{Locale: "de"})
		}
	})
}
