package main

import (
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
)

func TestProgress(t *testing.T) {
	t.Parallel()
	clock := helpdesktest.NewClock(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
	var out strings.Builder
	p := newProgress(&out, clock.Now)
	for n := range 80 {
		p.tell(gateway.Progress{Fetched: n})
		clock.Advance(100 * time.Millisecond)
	}
	p.quiet = true
	clock.Advance(time.Minute)
	p.tell(gateway.Progress{Fetched: 80})
	if want := "… 30 mails fetched, 0 processed\n… 60 mails fetched, 0 processed\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}
