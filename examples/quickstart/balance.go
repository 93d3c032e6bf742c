package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// feed brings the mails of a folder into the desk, and then asks the desk about each file. No hook refuses any.
func (a *app) feed(ctx context.Context, files folder, unreadable []string) error {
	g, err := gateway.New("folder", a.desk.Mail(), a.store, &gateway.Options{Logger: a.logger, Progress: a.progress.tell})
	if err != nil {
		return err
	}
	outcomes, err := g.Poll(ctx, files)
	if err != nil {
		return err
	}
	b := balance{files: len(files), unreadable: unreadable}
	for _, o := range outcomes {
		if o.MessageID != 0 {
			b.fresh++
		}
	}
	if err := b.trace(ctx, g, files); err != nil {
		return err
	}
	fmt.Fprintln(a.out, b)
	return b.check()
}

// balance is what became of the files: each must be something.
type balance struct {
	files, messages, duplicates, refusals int
	fresh                                 int // messages that this run made
	quarantined, waiting                  []string
	unreadable                            []string // not among the files
}

func (b *balance) trace(ctx context.Context, g *gateway.Gateway, files folder) error {
	seen := map[int64]bool{}
	for _, path := range files {
		raw, err := readMail(path)
		if err != nil {
			return err
		}
		o, err := g.Trace(ctx, raw)
		if err != nil && !errors.Is(err, ticket.ErrNotFound) {
			return err
		}
		switch {
		case o.Result == "":
			b.waiting = append(b.waiting, path)
		case o.Result == gateway.Quarantined:
			b.quarantined = append(b.quarantined, fmt.Sprintf("%s (%s)", path, oneLine(o.Reason)))
		case o.Result == gateway.Duplicate || seen[o.Work]:
			b.duplicates++
		case o.Result == gateway.Rejected:
			b.refusals++
		case o.MessageID != 0:
			b.messages++
		}
		seen[o.Work] = true
	}
	return nil
}

func (b balance) String() string {
	return fmt.Sprintf("%d files = %d messages + %d exact duplicates + %d refusals, %d new", b.files, b.messages, b.duplicates, b.refusals, b.fresh)
}

// check reports what the sum lacks.
func (b balance) check() error {
	switch {
	case len(b.unreadable) > 0:
		return fmt.Errorf("%d could not be read and are left out: %s", len(b.unreadable), some(b.unreadable))
	case len(b.quarantined) > 0:
		return fmt.Errorf("%d in quarantine: %s", len(b.quarantined), some(b.quarantined))
	case len(b.waiting) > 0:
		return fmt.Errorf("%d wait for another attempt, run it again in 5 minutes: %s", len(b.waiting), some(b.waiting))
	case b.messages+b.duplicates+b.refusals != b.files:
		return errors.New("the sum does not match: a mail is neither a message nor a duplicate nor refused")
	}
	return nil
}

// some lists the first few of many.
func some(list []string) string {
	const few = 5
	if len(list) <= few {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s, and %d more", strings.Join(list[:few], ", "), len(list)-few)
}
