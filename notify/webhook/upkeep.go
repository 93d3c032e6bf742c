package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/agenda"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

const clearedAtOnce = 500 // by one transaction

// upkeep is when what is old was last cleared away.
type upkeep struct {
	mu   sync.Mutex
	last time.Time
}

// turn reports whether an hour is over, and takes the turn.
func (u *upkeep) turn(now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if d := now.Sub(u.last); d >= 0 && d < time.Hour {
		return false
	}
	u.last = now
	return true
}

// clearUp removes once an hour what is old. Nobody waits for it, so none is counted.
func (w *Webhooks) clearUp(ctx context.Context) (int, error) {
	now := w.desk.Now()
	if !w.upkeep.turn(now) {
		return 0, nil
	}
	before := now.Add(-keptFor)
	return 0, failed("clear up", errors.Join(
		inParts(ctx, func() (int, error) { return w.discard(ctx, before) }),
		inParts(ctx, func() (int, error) { return w.agenda.Prune(ctx, before) }),
		w.pruneLog(ctx, before),
	))
}

// inParts does something until nothing is left to do.
func inParts(ctx context.Context, part func() (int, error)) error {
	for {
		if n, err := part(); n == 0 || err != nil || ctx.Err() != nil {
			return err
		}
	}
}

// discard lets go of what was given up before a time, a part of it.
func (w *Webhooks) discard(ctx context.Context, before time.Time) (n int, err error) {
	err = w.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		n = 0
		for q := (store.WorkQuery{Kind: kindWork, States: []store.WorkState{store.WorkDead}, Limit: 1000}); n < clearedAtOnce; {
			dead, err := tx.Works(ctx, q)
			if err != nil || len(dead) == 0 {
				return err
			}
			for _, one := range dead {
				q.BeforeID = one.ID
				if n == clearedAtOnce || !one.Finished.Before(before) {
					continue
				}
				if err := agenda.Discard(ctx, tx, one, w.desk.Now()); err != nil {
					return err
				}
				n++
			}
		}
		return nil
	})
	return n, err
}

// pruneLog removes what is old, what is too much, and what is of endpoints that are no more.
func (w *Webhooks) pruneLog(ctx context.Context, before time.Time) error {
	for after := ""; ; {
		var code string
		err := w.store.View(ctx, func(ctx context.Context, x store.Reader) error {
			code = ""
			recs, err := x.Records(ctx, store.RecordQuery{Kind: kindLog, After: after, Limit: 1})
			if err == nil && len(recs) > 0 {
				code, _, _ = strings.Cut(recs[0].Key, "/")
			}
			return err
		})
		if err != nil || code == "" || ctx.Err() != nil {
			return err
		}
		if err := inParts(ctx, func() (int, error) { return w.pruneLogOf(ctx, code, before) }); err != nil {
			return err
		}
		after = code + "0" // behind all that begin with the code and "/"
	}
}

func (w *Webhooks) pruneLogOf(ctx context.Context, code string, before time.Time) (n int, err error) {
	err = w.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		keep, err := 0, error(nil)
		if _, missing := endpoint(ctx, tx, code); missing == nil {
			if keep, err = fresh(ctx, tx, code, before); err != nil {
				return err
			}
		} else if !errors.Is(missing, ticket.ErrNotFound) {
			return missing
		}
		n, err = dropLog(ctx, tx, code, keep, clearedAtOnce)
		return err
	})
	return n, err
}

// fresh is how many requests to an endpoint are kept.
func fresh(ctx context.Context, x store.Reader, code string, before time.Time) (int, error) {
	recs, err := logOf(ctx, x, code, keptRequests)
	for i, rec := range recs {
		var a Attempt
		if err := json.Unmarshal(rec.Doc, &a); err != nil {
			return 0, err
		}
		if a.At.Before(before) {
			return i, nil
		}
	}
	return len(recs), err
}

// problems tells of endpoints that somebody has to look at.
func (w *Webhooks) problems(ctx context.Context) (out []ticket.Problem, err error) {
	var all []sending
	err = w.store.View(ctx, func(ctx context.Context, x store.Reader) error {
		all = nil
		list, err := endpoints(ctx, x)
		for _, e := range list {
			s, bad := read(ctx, x, notice{Endpoint: e.Code})
			if bad != nil {
				return bad
			}
			all = append(all, s)
		}
		return err
	})
	for _, s := range all {
		_, locked := w.unlock(ctx, s.to.Code, s.locks)
		if text := s.problem(w.desk.Now(), locked); text != "" {
			out = append(out, ticket.Problem{Area: "webhooks", Message: fmt.Sprintf("endpoint %q %s", s.to.Code, text)})
		}
	}
	return out, err
}

func (s sending) problem(now time.Time, locked error) string {
	switch {
	case s.to.Disabled && s.to.Why != "":
		return "is disabled, for " + s.to.Why
	case s.to.Disabled:
		return ""
	case locked != nil:
		return "gets nothing, for its secret cannot be read: " + locked.Error()
	case !s.state.Since.IsZero() && now.Sub(s.state.Since) >= 24*time.Hour:
		return fmt.Sprintf("has taken nothing since %s: %s", s.state.Since.Format(time.RFC3339), s.state.Error)
	case s.to.insecure():
		return "has no TLS: what it is sent can be read on its way"
	}
	return ""
}
