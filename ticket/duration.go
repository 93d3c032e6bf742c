package ticket

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// Duration is a time span. JSON, files of rules and forms have it as text: numbers with units, the largest first, as in
// "168h0m0s", "90m", "2d" or "1d12h". A day is 24 hours, whatever a calendar says.
type Duration time.Duration

// String writes the span as time.Duration.String does.
func (d Duration) String() string { return time.Duration(d).String() }

// MarshalText writes the span as time.Duration.String does.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what time.ParseDuration reads, and days before that. Errors: ErrInvalid.
func (d *Duration) UnmarshalText(b []byte) error {
	v, ok := parseSpan(string(b))
	if !ok {
		return fmt.Errorf("%w: %.40q is no time span: write numbers with units, as 90m, 72h or 2d12h", ErrInvalid, b)
	}
	*d = Duration(v)
	return nil
}

func parseSpan(s string) (time.Duration, bool) {
	unsigned := strings.TrimLeft(s, "+-")
	days, rest, found := strings.Cut(unsigned, "d")
	if !found {
		v, err := time.ParseDuration(s)
		return v, err == nil
	}
	if len(s)-len(unsigned) > 1 || !onlyDigits(days) || strings.HasPrefix(rest, "+") || strings.HasPrefix(rest, "-") {
		return 0, false
	}
	whole, err := time.ParseDuration(days + "h") // of so many days an hour each
	if err != nil || whole > math.MaxInt64/24 {
		return 0, false
	}
	v := 24 * whole
	if rest != "" {
		more, err := time.ParseDuration(rest)
		if err != nil || more > math.MaxInt64-v {
			return 0, false
		}
		v += more
	}
	if s[0] == '-' {
		v = -v
	}
	return v, true
}

func onlyDigits(s string) bool {
	return strings.Trim(s, "0123456789.") == ""
}
