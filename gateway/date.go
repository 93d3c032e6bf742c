package gateway

import (
	"net/mail"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
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

// parseDate reads a date and the time of day as RFC 5322 §3.3 writes them, or as senders do instead.
func parseDate(value string) (time.Time, bool) {
	if len(value) > 200 {
		return time.Time{}, false
	}
	if soundDate.MatchString(value) {
		if t, err := mail.ParseDate(value); err == nil {
			return t.UTC(), true
		}
	}
	d := looseDate{rest: dateColon.ReplaceAllString(dateComment.ReplaceAllString(strings.ToLower(value), " "), ":")}
	d.takeISO()
	d.takeClock()
	return d.join()
}

var (
	// soundDate has its zone in numbers: of names a parser of RFC 5322 need not know any.
	soundDate   = regexp.MustCompile(`\d:\d\d\s+[+-]\d{4}\b`)
	dateComment = regexp.MustCompile(`\([^()]*\)`)
	dateColon   = regexp.MustCompile(`\s*:\s*`)
	dateISO     = regexp.MustCompile(`(\d{4})-(\d{1,2})-(\d{1,2})(?:t|\b)`)
	dateNumbers = regexp.MustCompile(`\b(\d{1,2})([./])\s?(\d{1,2})[./]\s?(\d{4}|\d{2})\b`)
	dateCJK     = regexp.MustCompile(`(\d{4})\s?[年년./]\s?(\d{1,2})\s?[月월./]\s?(\d{1,2})`)
	dateClock   = regexp.MustCompile(`(?:^|[^\d])([01]?\d|2[0-4])\s?[:.h]\s?([0-5]\d)(?:\s?[:.]\s?([0-6]\d)(?:[.,]\d+)?)?\s*([ap]\.?\s?m\.?)?`)
	dateOffset  = regexp.MustCompile(`^\W{0,2}(?:gmt|utc|ut)?\W{0,2}?\s*([+-])(\d{1,2}):?(\d{2})?\b`)
	dateAtEnd   = regexp.MustCompile(`\s([+-])(\d{2}):?(\d{2})\s*$`)
	dateZone    = regexp.MustCompile(`^\s*"?([a-z]{1,5})\b`)
	dateWord    = regexp.MustCompile(`[\p{L}\p{M}]+|\d+`)
)

// dateZones are the names of RFC 5322 §4.3, and others that have one meaning, in minutes.
var dateZones = map[string]int{
	"gmt": 0, "utc": 0, "ut": 0, "z": 0, "wet": 0, "edt": -240, "est": -300, "cdt": -300, "cst": -360, "mdt": -360, "mst": -420, "pdt": -420, "pst": -480, "ast": -240, "adt": -180, "akst": -540, "akdt": -480, "hst": -600, "brt": -180, "art": -180,
	"cet": 60, "mez": 60, "met": 60, "west": 60, "cest": 120, "mesz": 120, "mest": 120, "eet": 120, "sast": 120, "eest": 180, "msk": 180, "hkt": 480, "sgt": 480, "awst": 480, "jst": 540, "kst": 540, "aest": 600, "aedt": 660, "nzst": 720, "nzdt": 780,
}

// dateMonths are the beginnings of the names of months, in English and in languages that programs write into mails.
var dateMonths = [][]string{
	{"jan", "janv", "ene", "gen", "янв", "sty", "led", "ocak", "oca"}, {"feb", "fév", "fev", "févr", "фев", "lut", "úno", "şub"}, {"mar", "mär", "mrz", "mars", "maa", "mrt", "мар", "bře"}, {"apr", "avr", "abr", "апр", "kwi", "dub", "nis"},
	{"may", "mai", "mag", "mei", "maj", "мая", "май", "kvě"}, {"jun", "juin", "giu", "июн", "cze", "čvn", "čer", "haz"}, {"jul", "juil", "lug", "июл", "lip", "tem"}, {"aug", "août", "aoû", "ago", "авг", "sie", "srp", "ağu"},
	{"sep", "set", "сен", "wrz", "zář", "eyl"}, {"oct", "okt", "ott", "out", "окт", "paź", "říj", "eki"}, {"nov", "ноя", "lis", "kas"}, {"dec", "dez", "déc", "dic", "дек", "gru", "pro", "ara"},
}

// looseDate is a date being read: what is understood is taken out of rest.
type looseDate struct {
	rest             string
	year, month, day int
	clock            time.Duration
	timed            bool
	zone             int // minutes
}

// takeISO takes a date that is all numbers, with the year at either end.
func (d *looseDate) takeISO() {
	number := func(s string) int { n, _ := strconv.Atoi(s); return n }
	for _, form := range []*regexp.Regexp{dateISO, dateCJK} {
		if m := form.FindStringSubmatchIndex(d.rest); m != nil {
			d.year, d.month, d.day = number(d.rest[m[2]:m[3]]), number(d.rest[m[4]:m[5]]), number(d.rest[m[6]:m[7]])
			d.rest = d.rest[:m[0]] + " " + d.rest[m[1]:]
			return
		}
	}
	if m := dateNumbers.FindStringSubmatch(d.rest); m != nil && !slices.ContainsFunc(dateWord.FindAllString(d.rest, 30), isMonth) {
		d.day, d.month, d.year = number(m[1]), number(m[3]), fullYear(m[4])
		if m[2] == "/" && d.day <= 12 || d.month > 12 { // slashes are American where both are possible
			d.day, d.month = d.month, d.day
		}
		d.rest = strings.Replace(d.rest, m[0], " ", 1)
	}
}

// takeClock takes the time of day with its zone. A zone that nobody has heard of is none.
func (d *looseDate) takeClock() {
	m := dateClock.FindStringSubmatchIndex(d.rest)
	if m == nil {
		return
	}
	part := func(i int) int {
		if m[i] < 0 {
			return 0
		}
		n, _ := strconv.Atoi(d.rest[m[i]:m[i+1]])
		return n
	}
	hour := part(2)
	if m[8] >= 0 {
		hour %= 12
		if d.rest[m[8]] == 'p' {
			hour += 12
		}
	}
	d.clock, d.timed = time.Duration(hour)*time.Hour+time.Duration(part(4))*time.Minute+time.Duration(part(6))*time.Second, true
	before, after := d.rest[:m[2]], d.rest[m[1]:]
	z := dateOffset.FindStringSubmatch(after)
	if z == nil {
		z = dateAtEnd.FindStringSubmatch(after)
	}
	if z != nil {
		hours, _ := strconv.Atoi(z[2])
		minutes, _ := strconv.Atoi(z[3])
		if d.zone = hours*60 + minutes; z[1] == "-" {
			d.zone = -d.zone
		}
		after = strings.Replace(after, z[0], " ", 1)
	} else if z := dateZone.FindStringSubmatch(after); z != nil {
		d.zone = dateZones[z[1]]
	}
	d.rest = before + " " + after
}

// join finds day, month and year among what is left.
func (d *looseDate) join() (time.Time, bool) {
	var numbers []string
	named := 0
	for _, w := range dateWord.FindAllString(d.rest, 30) {
		switch first := []rune(w)[0]; {
		case unicode.IsDigit(first):
			numbers = append(numbers, w)
		case isMonth(w): // the last one: "mar." is a Tuesday where another follows
			named = monthOf(w)
		}
	}
	if d.month == 0 {
		d.month = named
	}
	if d.year == 0 && len(numbers) >= 2 {
		day, year := numbers[0], numbers[1]
		if len(day) == 4 {
			day, year = year, day
		}
		d.day, _ = strconv.Atoi(day)
		d.year = fullYear(year)
	}
	t := time.Date(d.year, time.Month(d.month), d.day, 0, 0, 0, 0, time.UTC)
	if d.month < 1 || d.month > 12 || t.Day() != d.day || d.year < 1900 || d.year > 9999 {
		return time.Time{}, false
	}
	return t.Add(d.clock - time.Duration(d.zone)*time.Minute), true
}

func isMonth(word string) bool { return monthOf(word) > 0 }

// monthOf is the month that a word in lower case names, 0 if it names none.
func monthOf(word string) int {
	return 1 + slices.IndexFunc(dateMonths, func(names []string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(word, n) })
	})
}

// fullYear is a year of two or three digits as RFC 5322 §4.3 reads it.
func fullYear(s string) int {
	n, _ := strconv.Atoi(s)
	switch {
	case len(s) == 2 && n < 50:
		return n + 2000
	case len(s) < 4:
		return n + 1900
	}
	return n
}
