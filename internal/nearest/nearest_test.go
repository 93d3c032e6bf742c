package nearest

import (
	"slices"
	"strings"
	"testing"
)

func TestOf(t *testing.T) {
	t.Parallel()
	names := []string{"TicketOpen", "TicketClose", "TicketStatusChange", ""}
	for name, want := range map[string]string{
		"TicketOpn": "TicketOpen", "ticketclose": "TicketClose", "TicketStatusChanged": "TicketStatusChange", "": "", "x": "",
		"Ticket": "TicketOpen", "TicketSt": "TicketStatusChange", "TicketOpe": "TicketOpen",
		strings.Repeat("TicketStatusChange", 1e5): "TicketStatusChange",
	} {
		if got := Of(name, slices.Values(names)); got != want {
			t.Errorf("the nearest of %.30q is %q, want %q", name, got, want)
		}
	}
	if got := Of("x", slices.Values([]string(nil))); got != "" {
		t.Errorf("of no names %q is the nearest", got)
	}
}

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"abc", "", 3}, {"", "abc", 3}, {"abc", "abc", 0}, {"abc", "abd", 1}, {"abc", "bc", 1}, {"kitten", "sitting", 3}, {"ab", "ba", 2}} {
		if got := Distance(c.a, c.b); got != c.want {
			t.Errorf("%q and %q are %d apart, want %d", c.a, c.b, got, c.want)
		}
	}
}
