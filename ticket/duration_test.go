package ticket_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestDurationText(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for text, want := range map[string]time.Duration{
		"72h": 72 * time.Hour, "1h30m": 90 * time.Minute, "-90m": -90 * time.Minute, "0": 0, "168h0m0s": 7 * day,
		"2d": 2 * day, "1d12h": 36 * time.Hour, "0.5d": 12 * time.Hour, ".5d1s": 12*time.Hour + time.Second, "-2d1h": -49 * time.Hour, "+1d": day, "365d": 365 * day,
	} {
		t.Run("I09 M59 the span "+text, func(t *testing.T) {
			t.Parallel()
			var d ticket.Duration
			if err := d.UnmarshalText([]byte(text)); err != nil || time.Duration(d) != want {
				t.Errorf("%v, %v", d, err)
			}
		})
	}
	for _, text := range []string{"", "d", ".d", "2", "2 d", "2D", "2days", "1h2d", "2d3d", "2d-3h", "2d+3h", "--2d", "+-2d", "1e3d", "2dh", "2d3", "106752d", "106751d24h", "9999999999999d", "x"} {
		t.Run("I09 M59 no span: "+text, func(t *testing.T) {
			t.Parallel()
			d := ticket.Duration(7)
			if err := d.UnmarshalText([]byte(text)); !errors.Is(err, ticket.ErrInvalid) || d != 7 {
				t.Errorf("%v, %v", d, err)
			}
		})
	}
}

// FuzzDuration holds what is read to what is written: the same span, and never one beyond the bounds.
func FuzzDuration(f *testing.F) {
	for _, s := range []string{"2d", "1d12h", "-1.5d3ms", "106751d23h", "9e9d", "1h2d"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var d, back ticket.Duration
		if d.UnmarshalText([]byte(s)) != nil {
			return
		}
		if d == math.MinInt64 { // which prints as itself
			return
		}
		if err := back.UnmarshalText([]byte(d.String())); err != nil || back != d {
			t.Errorf("%q is %v, and read back %v, %v", s, d, back, err)
		}
	})
}
