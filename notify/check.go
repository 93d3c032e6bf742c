package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// problems are what Check says of notifications (M75).
func (n *Notifier) problems(ctx context.Context) (out []ticket.Problem, err error) {
	add := func(format string, args ...any) {
		out = append(out, ticket.Problem{Area: "notify", Message: fmt.Sprintf(format, args...)})
	}
	if !n.reaches(Mail) {
		add("no mail is sent: notify.Options.Mail has no server, and Elsewhere names no other process")
	}
	s, err := n.desk.Surroundings(system(ctx), &ticket.Ticket{})
	if err != nil {
		return nil, err
	}
	if box := s.Settings.MailSandbox; box != "" {
		add("the sandbox is on: every mail goes to %s, and to nobody else (setting mail_sandbox)", box)
	}
	if err := n.breaker.trouble(); err != nil {
		add("the mail server fails, and letters wait for it: %v", err)
	}
	n.hourless.Range(func(brand, err any) bool {
		add("the working hours cannot be had, and somebody is taken to be there, at brand %q (notify.Options.Hours): %v", brand, err)
		return true
	})
	if _, err := n.templates.current(ctx, n); err != nil {
		return nil, err
	}
	if err := n.templates.trouble(); err != nil {
		add("stored templates cannot be used, and those below them are sent: %v", err)
	}
	return out, errors.Join(n.countFailed(ctx, add), n.laterTrouble(ctx, add))
}

// countFailed tells of the letters that were given up, and of those that wait for too long.
func (n *Notifier) countFailed(ctx context.Context, add func(string, ...any)) error {
	const most = 1000
	now := n.desk.Now()
	return n.store.View(ctx, func(ctx context.Context, x store.Reader) error {
		marks := func(kind string, after, before time.Time) (count string, err error) {
			recs, err := x.Records(ctx, store.RecordQuery{Kind: kind, After: markPlace(after), Limit: most})
			k, _ := slices.BinarySearchFunc(recs, markPlace(before), func(r *store.Record, at string) int { return strings.Compare(r.Key, at) })
			return counted(k, most), err
		}
		failed, err := marks(kindFailed, time.Time{}, now.AddDate(1, 0, 0))
		bounced, err2 := marks(kindBounced, now.AddDate(0, 0, -7), now.AddDate(1, 0, 0))
		waiting, err3 := marks(kindOpen, time.Time{}, now.Add(-time.Hour))
		if err := errors.Join(err, err2, err3); err != nil {
			return err
		}
		if failed != "" {
			add("%s letters were given up after three days: look at their tickets (Notifier.Letters), and Retry", failed)
		}
		if bounced != "" {
			add("%s letters of the last seven days were not taken by the mail server", bounced)
		}
		if waiting != "" {
			add("%s letters should have left more than an hour ago: no process sends them, or not fast enough", waiting)
		}
		return n.countDead(ctx, x, add)
	})
}

// countDead tells of what was given up on the agendas.
func (n *Notifier) countDead(ctx context.Context, x store.Reader, add func(string, ...any)) error {
	const most = 1000
	kinds := []string{letterWork, asideWork}
	for name := range n.o.Channels {
		kinds = append(kinds, workOf(name))
	}
	slices.Sort(kinds)
	for _, kind := range kinds {
		states, err := x.CountWork(ctx, store.WorkQuery{Kind: kind, States: []store.WorkState{store.WorkDead}, Limit: most})
		if err != nil {
			return err
		}
		if dead := counted(states[store.WorkDead], most); dead != "" {
			add("%s entries of the agenda %q were given up after many faults: letters among them are put back in some minutes", dead, kind)
		}
	}
	return nil
}

// counted writes a number that was counted up to most; 0 is empty.
func counted(n, most int) string {
	switch {
	case n == 0:
		return ""
	case n >= most:
		return fmt.Sprintf("%d or more", n)
	}
	return strconv.Itoa(n)
}

// forget removes what was kept of a ticket that was purged. What of it is due comes to nothing.
func (n *Notifier) forget(ctx context.Context, id int64) error {
	return n.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		for _, kind := range []string{kindLetter, kindLater, kindThread, kindNoticed} {
			recs, err := tx.Records(ctx, store.RecordQuery{Kind: kind, Parent: record.ID(id)})
			if err != nil {
				return err
			}
			for _, rec := range recs {
				if err := erase(ctx, tx, rec); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
