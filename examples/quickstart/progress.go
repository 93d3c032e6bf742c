package main

import (
	"fmt"
	"io"
	"time"

	"github.com/helpdeskgo/helpdesk/gateway"
)

// progress tells now and then how far a long backlog is.
type progress struct {
	out   io.Writer
	now   func() time.Time
	said  time.Time
	quiet bool
}

func newProgress(out io.Writer, now func() time.Time) *progress {
	return &progress{out: out, now: now, said: now()}
}

// silence is the time between two lines, and before the first.
const silence = 3 * time.Second

// tell is called after every mail.
func (p *progress) tell(so gateway.Progress) {
	if now := p.now(); !p.quiet && now.Sub(p.said) >= silence {
		p.said = now
		fmt.Fprintf(p.out, "… %d mails fetched, %d processed\n", so.Fetched, so.Done)
	}
}
