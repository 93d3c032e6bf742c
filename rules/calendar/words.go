package calendar

import (
	"fmt"
	"strings"
	"time"
)

// words are what a page says in one language, if nobody has said it otherwise.
type words struct {
	open, closed string
	never        string // closed, and it is not known until when
	units        [3]func(n int) string
}

// one is for languages that have a word for one and a word for many.
func one(one, many string) func(int) string {
	return func(n int) string {
		if n == 1 {
			return one
		}
		return many
	}
}

// slavic is for Russian: 1 and 21, 2 to 4 and 22 to 24, and the rest, 11 to 14 included.
func slavic(one, few, many string) func(int) string {
	return func(n int) string {
		switch {
		case n%100 >= 11 && n%100 <= 14:
			return many
		case n%10 == 1:
			return one
		case n%10 >= 2 && n%10 <= 4:
			return few
		}
		return many
	}
}

// wordsIn are those of a language, or the English ones. The units follow a word for "in": it decides their case.
func wordsIn(locale string) words {
	lang, _, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(locale), "_", "-"), "-")
	switch lang {
	case "de":
		return words{"Wir sind für Sie da.", "Wir haben gerade geschlossen. Wir sind in [time_left_to_open] wieder für Sie da.", "Wir haben geschlossen.",
			[3]func(int) string{one("Tag", "Tagen"), one("Stunde", "Stunden"), one("Minute", "Minuten")}}
	case "ru":
		return words{"Мы работаем.", "Сейчас мы не работаем. Откроемся через [time_left_to_open].", "Сейчас мы не работаем.",
			[3]func(int) string{slavic("день", "дня", "дней"), slavic("час", "часа", "часов"), slavic("минуту", "минуты", "минут")}}
	case "tr":
		return words{"Şu anda açığız.", "Şu anda kapalıyız. [time_left_to_open] sonra açılacağız.", "Şu anda kapalıyız.",
			[3]func(int) string{one("gün", "gün"), one("saat", "saat"), one("dakika", "dakika")}}
	}
	return words{"We are open.", "We are closed now. We open in [time_left_to_open].", "We are closed.",
		[3]func(int) string{one("day", "days"), one("hour", "hours"), one("minute", "minutes")}}
}

// TimeLeft says how long a time is in the language of locale, as "2 hours 5 minutes" or "3 days 4 hours": the two
// greatest units, rounded up to whole minutes, in the case that the language's word for "in" asks for. It knows English,
// German, Russian and Turkish; others get English.
func TimeLeft(locale string, d time.Duration) string {
	minutes := max(int((d+time.Minute-1)/time.Minute), 1)
	if minutes > 24*60 { // minutes are not shown: they count as an hour begun
		minutes = (minutes + 59) / 60 * 60
	}
	units := wordsIn(locale).units
	var parts []string
	for i, n := range []int{minutes / (24 * 60), minutes / 60 % 24, minutes % 60} {
		if n > 0 && len(parts) < 2 {
			parts = append(parts, fmt.Sprintf("%d %s", n, units[i](n)))
		}
	}
	return strings.Join(parts, " ")
}
