package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/gateway"
)

// watch shows the status whenever it has changed, until the context ends.
func (o options) watch(ctx context.Context, show func(page io.Writer) error, out io.Writer) {
	if o.every <= 0 {
		return
	}
	tick := time.NewTicker(o.every)
	defer tick.Stop()
	for last := ""; ; {
		var page strings.Builder
		if err := show(&page); err != nil && ctx.Err() == nil {
			fmt.Fprintf(&page, "no status: %v\n", err)
		}
		if now := page.String(); now != last && ctx.Err() == nil {
			fmt.Fprintf(out, "%s\n%s", time.Now().Format(time.TimeOnly), now)
			last = now
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// show prints how the gateway is.
func show(ctx context.Context, g *gateway.Gateway, out io.Writer) error {
	s, err := g.Status(ctx)
	if err != nil {
		return err
	}
	showStatus(s, out)
	list, err := g.Quarantine(ctx)
	for _, o := range list[:min(len(list), 5)] {
		fmt.Fprintf(out, "  mail %d, %s: %q\n", o.Work, o.Result, o.Reason)
	}
	return err
}

// showStatus prints a status. What a server said is quoted: it could be anything.
func showStatus(s gateway.Status, out io.Writer) {
	fmt.Fprintf(out, "  waiting %d, in quarantine %d\n", s.Waiting, s.Quarantined)
	if !s.Oldest.IsZero() {
		fmt.Fprintf(out, "  the oldest waits since %s\n", s.Oldest.Local().Format(time.DateTime))
	}
	switch {
	case s.Paused:
		fmt.Fprintf(out, "  PAUSED since %s: %q; next attempt at %s\n", s.FailingSince.Local().Format(time.DateTime), s.Failure, s.Next.Local().Format(time.TimeOnly))
	case s.Failure != "":
		fmt.Fprintf(out, "  failing since %s: %q; next attempt at %s\n", s.FailingSince.Local().Format(time.DateTime), s.Failure, s.Next.Local().Format(time.TimeOnly))
	case !s.LastSuccess.IsZero():
		fmt.Fprintln(out, "  the mailbox is well")
	}
}
