package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/agenda"
	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// problems are what Check says of notifications (M75).
func (n *Notifier) problems(ctx context.Context) (out []ticket.Problem, err error) {
	add := func(format string, args ...any) {
		out = append(out, ticket.Problem{Area: "notify", Message: fmt.Sprintf(format, args...)})
	}
	if n.o.Mail == nil {
		add("no mail is sent: notify.Options.Mail has no server")
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
	if _, err := n.templates.current(ctx, n); err != nil {
		return nil, err
	}
	if err := n.templates.trouble(); err != nil {
		add("stored templates cannot be used, and those below them are sent: %v", err)
	}
	return out, errors.Join(n.countFailed(ctx, add), n.laterTrouble(ctx, add))
}

// countFailed tells of the letters that were given up.
func (n *Notifier) countFailed(ctx context.Context, add func(string, ...any)) error {
	var failed, bounced int
	err := n.eachLetter(ctx, 10_000, func(l Letter) bool {
		switch l.State {
		case Failed:
			failed++
		case Bounced:
			bounced++
		}
		return true
	})
	if failed > 0 {
		add("%d letters were given up after three days: look at their tickets (Notifier.Letters), and Retry", failed)
	}
	if bounced > 0 {
		add("%d letters were not taken by the mail server", bounced)
	}
	return err
}

// eachLetter shows letters, the oldest first, until fn says no or enough were looked at.
func (n *Notifier) eachLetter(ctx context.Context, most int, fn func(l Letter) bool) error {
	const page = 500
	after := ""
	for seen := 0; seen < most; {
		var recs []*store.Record
		err := n.store.View(ctx, func(ctx context.Context, x store.Reader) (err error) {
			recs, err = x.Records(ctx, store.RecordQuery{Kind: kindLetter, After: after, Limit: page})
			return err
		})
		if err != nil || len(recs) == 0 {
			return err
		}
		for _, rec := range recs {
			var l Letter
			if err := json.Unmarshal(rec.Doc, &l); err != nil {
				return err
			}
			if seen++; !fn(l) {
				return nil
			}
		}
		after = recs[len(recs)-1].Key
	}
	return nil
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
				if err := forgetOne(ctx, tx, rec); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func forgetOne(ctx context.Context, tx store.Tx, rec *store.Record) error {
	if rec.Kind != kindLetter {
		return tx.DeleteRecord(ctx, rec.Kind, rec.Key)
	}
	var l Letter
	if err := json.Unmarshal(rec.Doc, &l); err != nil {
		return err
	}
	return drop(ctx, tx, l)
}

// prune removes what nobody looks at any more: letters and news that are old, and what notices were told. It looks once an
// hour.
func (n *Notifier) prune(ctx context.Context) (int, error) {
	now := n.desk.Now()
	last := n.pruned.Load()
	if last != nil && now.Sub(*last) < time.Hour && !now.Before(*last) {
		return 0, nil
	}
	if !n.pruned.CompareAndSwap(last, &now) { // another Tick does
		return 0, nil
	}
	for _, a := range []*agenda.Agenda{n.agenda, n.aside} {
		if err := pruneAll(ctx, a, now.Add(-24*time.Hour)); err != nil {
			return 0, err
		}
	}
	var old []Letter
	err := n.eachLetter(ctx, 5000, func(l Letter) bool {
		if l.Created.After(now.Add(-n.o.Keep)) {
			return false
		}
		if l.State.Done() {
			old = append(old, l)
		}
		return true
	})
	if err != nil {
		return 0, err
	}
	return len(old), errors.Join(n.dropAll(ctx, old), n.pruneNews(ctx, now), n.pruneNoticed(ctx, now))
}

// pruneAll removes what came to its end before t.
func pruneAll(ctx context.Context, a *agenda.Agenda, t time.Time) error {
	for {
		if n, err := a.Prune(ctx, t); err != nil || n == 0 || ctx.Err() != nil {
			return err
		}
	}
}

func (n *Notifier) dropAll(ctx context.Context, old []Letter) error {
	if len(old) == 0 {
		return nil
	}
	return n.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		for _, l := range old {
			if err := drop(ctx, tx, l); err != nil {
				return err
			}
		}
		return nil
	})
}

// keepNoticed is longer than any notice is given again.
const keepNoticed = 30 * 24 * time.Hour

// pruneNoticed removes the marks of notices that are not given again, a part of them each time.
func (n *Notifier) pruneNoticed(ctx context.Context, now time.Time) error {
	const part = 2000
	return n.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		recs, err := tx.Records(ctx, store.RecordQuery{Kind: kindNoticed, After: n.noticedUpTo, Limit: part})
		if err != nil {
			return err
		}
		next := ""
		for _, rec := range recs {
			var at time.Time
			if err := json.Unmarshal(rec.Doc, &at); err != nil {
				return err
			}
			if at.Before(now.Add(-keepNoticed)) {
				if err := tx.DeleteRecord(ctx, kindNoticed, rec.Key); err != nil {
					return err
				}
			}
			next = rec.Key
		}
		if len(recs) < part {
			next = ""
		}
		n.noticedUpTo = next
		return nil
	})
}
