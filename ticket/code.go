package ticket

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// CodeFormat is a generator of ticket codes and the recogniser of the same codes: one pair, so that what is written can
// be read back. A desk may know several formats: it writes one and recognises all, and so a change of format loses no
// thread (M21).
type CodeFormat interface {
	// Name is what Settings.CodeFormat says. It must not be empty and not change.
	Name() string
	// Counter names the number that New wants, for the brand's prefix; empty means that New wants none. Numbers of one
	// counter never repeat and may have gaps.
	Counter(prefix string) string
	// New makes a code. It may be asked again when the code is taken.
	New(prefix string, number int64, r *rand.Rand) string
	// Find lists the codes that text holds, in their canonical form and in order of appearance.
	Find(text string) []string
}

// RandomCode is the format "VEP-728-96190": three letters, three digits, five digits, 1.7 thousand million codes
// without a visible order.
type RandomCode struct{}

// Name returns "random".
func (RandomCode) Name() string { return "random" }

// Counter returns "": random codes count nothing.
func (RandomCode) Counter(string) string { return "" }

// New makes a code without vowels, so that no word comes out.
func (RandomCode) New(_ string, _ int64, r *rand.Rand) string {
	const letters = "BCDFGHJKLMNPQRSTVWXZ"
	var b [3]byte
	for i := range b {
		b[i] = letters[r.IntN(len(letters))]
	}
	return fmt.Sprintf("%s-%03d-%05d", b[:], r.IntN(1000), r.IntN(100000))
}

var randomCode = regexp.MustCompile(`(?i)(?:^|[^\pL\pN-])([A-Z]{3}-[0-9]{3}-[0-9]{5})(?:$|[^\pL\pN-])`)

// Find recognises codes in any case, with or without the brackets of a subject.
func (RandomCode) Find(text string) []string { return findAll(randomCode, text) }

// NumberCode is the format "TCK-123": a prefix and a number that is counted up (I01).
type NumberCode struct {
	Prefix string // where the brand has none; default "TCK"
}

// Name returns "number".
func (NumberCode) Name() string { return "number" }

// Counter returns the name of the prefix's own counter.
func (c NumberCode) Counter(prefix string) string { return "code/" + c.prefix(prefix) }

// New writes prefix and number.
func (c NumberCode) New(prefix string, number int64, _ *rand.Rand) string {
	return c.prefix(prefix) + "-" + strconv.FormatInt(number, 10)
}

var numberCode = regexp.MustCompile(`(?i)(?:^|[^\pL\pN-])([A-Z][A-Z0-9]{0,15}-[0-9]{1,18})(?:$|[^\pL\pN-])`)

// Find recognises every code that has the form of this format. A prefix that no ticket has finds none when it is looked
// up, so brands may come and go; a text like "ISO-9001" is a candidate that leads nowhere.
func (NumberCode) Find(text string) []string { return findAll(numberCode, text) }

func (c NumberCode) prefix(brand string) string {
	for _, p := range []string{brand, c.Prefix} {
		if p != "" {
			return strings.ToUpper(p)
		}
	}
	return "TCK"
}

// findAll returns the first groups of re's matches, upper-cased, each once. Matches may share the character between
// them.
func findAll(re *regexp.Regexp, text string) []string {
	var out []string
	for len(text) > 0 && len(out) < 32 {
		m := re.FindStringSubmatchIndex(text)
		if m == nil {
			break
		}
		if code := strings.ToUpper(text[m[2]:m[3]]); !slices.Contains(out, code) {
			out = append(out, code)
		}
		text = text[m[3]:]
	}
	return out
}

// Codes is a list of formats: the recogniser of all of them.
type Codes []CodeFormat

// Find lists the codes in text that any of the formats recognises.
func (cs Codes) Find(text string) []string {
	var out []string
	for _, c := range cs {
		for _, code := range c.Find(text) {
			if !slices.Contains(out, code) {
				out = append(out, code)
			}
		}
	}
	return out
}

// Named returns the format called name.
func (cs Codes) Named(name string) (CodeFormat, bool) {
	for _, c := range cs {
		if c.Name() == name {
			return c, true
		}
	}
	return nil, false
}

// SubjectWithCode puts a code before a subject, as in "[#VEP-728-96190] Broken lamp", unless it is there.
func SubjectWithCode(code, subject string) string {
	mark := "[#" + code + "]"
	if strings.Contains(subject, mark) {
		return subject
	}
	return mark + " " + subject
}
