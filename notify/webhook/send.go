package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/agenda"
	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// pauses are those after each request that was in vain; after the last one it is given up. The table is that of the standard.
func pauses() []time.Duration {
	return []time.Duration{5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour}
}

const (
	failingTooLong = 5 * 24 * time.Hour // then an endpoint is disabled
	maxRest        = 10 * time.Minute   // for which one that is away is left alone
)

// kindState is the record of how an endpoint fares. There is none while it takes what it is sent.
const kindState = "webhook_state"

type state struct {
	Since  time.Time `json:"since,omitzero"` // it has taken nothing since then
	Away   int       `json:"away,omitempty"` // requests in a row to which it was away, or had too much to do
	Resume time.Time `json:"resume,omitzero"`
	Error  string    `json:"error,omitempty"` // of the last one
}

// sending is all that one request takes.
type sending struct {
	notice
	to    Endpoint
	locks locked // what it is signed with
	state state
	known bool // there is a state
}

func read(ctx context.Context, x store.Reader, n notice) (s sending, err error) {
	s.notice = n
	if s.to, err = endpoint(ctx, x, n.Endpoint); err != nil {
		return s, err
	}
	if s.state, err = record.Read[state](ctx, x, kindState, n.Endpoint); err == nil {
		s.known = true
	} else if !errors.Is(err, ticket.ErrNotFound) {
		return s, err
	}
	s.locks, err = kept(ctx, x, n.Endpoint)
	return s, err
}

// send makes one request, if the endpoint is not to be left alone.
func (w *Webhooks) send(ctx context.Context, e agenda.Entry) (agenda.Handler, error) {
	var n notice
	if err := json.Unmarshal(e.Doc, &n); err != nil {
		return nil, &agenda.Again{Err: err}
	}
	var s sending
	err := w.store.View(ctx, func(ctx context.Context, x store.Reader) (err error) {
		s, err = read(ctx, x, n)
		return err
	})
	if errors.Is(err, ticket.ErrNotFound) {
		return nil, nil // the endpoint was deleted
	}
	if err != nil {
		return nil, err
	}
	now := w.desk.Now()
	switch {
	case s.to.Disabled:
		return nil, &agenda.Again{Err: errors.New("the endpoint is disabled")}
	case now.Before(s.state.Resume):
		return nil, &agenda.Again{At: s.state.Resume.Add(spread(time.Second + s.state.Resume.Sub(now)/4)), Err: errors.New("the endpoint is away: " + s.state.Error)}
	}
	if wait := w.traffic.enter(n.Endpoint, s.state.Away > 0, w.opts.Workers); wait > 0 {
		return nil, &agenda.Again{At: now.Add(wait), Err: errors.New("other requests to the endpoint are under way")}
	}
	start := time.Now()
	defer func() { w.traffic.leave(n.Endpoint, time.Since(start)) }()
	return w.sendNow(ctx, s, now)
}

func (w *Webhooks) sendNow(ctx context.Context, s sending, now time.Time) (agenda.Handler, error) {
	k, err := w.unlock(ctx, s.Endpoint, s.locks)
	if err != nil {
		return nil, err
	}
	body, err := w.payload(ctx, s.to, s.notice)
	if err != nil || body == nil {
		return nil, err
	}
	a := w.post(ctx, s.to, k.at(now), s.ID, body)
	if ctx.Err() != nil { // this process stops: the next one tries it as if nothing had been
		return nil, ctx.Err()
	}
	return w.judge(ctx, s, a)
}

// judge says what becomes of an entry after a request.
func (w *Webhooks) judge(ctx context.Context, s sending, a Attempt) (agenda.Handler, error) {
	a.Type, a.Event, a.Ticket, a.Try = s.Type, s.Event, s.Ticket, s.Tries+1
	if a.Taken() {
		return func(ctx context.Context, tx store.Tx, _ agenda.Entry) error {
			if s.known {
				if err := tx.DeleteRecord(ctx, kindState, s.to.Code); err != nil {
					return err
				}
			}
			return putLog(ctx, tx, a)
		}, nil
	}
	again := &agenda.Again{Err: errors.New(a.Error)}
	if table := pauses(); a.Status != http.StatusGone && s.Tries < len(table) {
		again.At = a.At.Add(max(table[s.Tries]+spread(table[s.Tries]/5), a.wait))
	}
	a.Next, a.GivenUp = again.At, again.At.IsZero()
	n := s.notice
	n.Tries++
	var err error
	if again.Doc, err = json.Marshal(n); err != nil {
		return nil, err
	}
	w.log.WarnContext(ctx, "helpdesk: webhook: an endpoint has not taken what it was sent", "endpoint", a.Endpoint, "id", a.ID, "error", a.Error, "again", a.Next)
	if err := w.store.Update(system(ctx), func(ctx context.Context, tx store.Tx) error { return w.failed(ctx, tx, a) }); err != nil {
		return nil, err
	}
	return nil, again
}

// failed notes a request that was in vain, and what it says of the endpoint.
func (w *Webhooks) failed(ctx context.Context, tx store.Tx, a Attempt) error {
	if err := putLog(ctx, tx, a); err != nil {
		return err
	}
	e, err := endpoint(ctx, tx, a.Endpoint)
	if err != nil || e.Disabled {
		return ignoreMissing(err)
	}
	s, err := record.Read[state](ctx, tx, kindState, a.Endpoint)
	if err != nil && !errors.Is(err, ticket.ErrNotFound) {
		return err
	}
	if s.Since.IsZero() {
		s.Since = a.At
	}
	switch {
	case a.Status == http.StatusGone:
		return w.disable(ctx, tx, e, "it says that it is gone (410)")
	case a.At.Sub(s.Since) >= failingTooLong:
		return w.disable(ctx, tx, e, fmt.Sprintf("it has taken nothing since %s: %s", s.Since.Format(time.RFC3339), a.Error))
	case a.busy():
		s.Away++
		rest := min(5*time.Second<<min(s.Away-1, 10), maxRest)
		if at := a.At.Add(max(rest, a.wait)); at.After(s.Resume) {
			s.Resume = at
		}
	default:
		s.Away = 0 // it answers
	}
	s.Error = a.Error
	return record.Put(ctx, tx, kindState, a.Endpoint, "", s)
}

func (w *Webhooks) disable(ctx context.Context, tx store.Tx, e Endpoint, why string) error {
	old := e
	e.Disabled, e.Why = true, why
	return errors.Join(w.put(ctx, tx, &e, old), tx.DeleteRecord(ctx, kindState, e.Code))
}

func ignoreMissing(err error) error {
	if errors.Is(err, ticket.ErrNotFound) {
		return nil
	}
	return err
}

// spread is some time up to d, so that what failed together is not tried together.
func spread(d time.Duration) time.Duration { return rand.N(max(d, 1)) }

// Test sends an endpoint a "webhook.test" at once, also one that is disabled, and returns what came of it: that it was in vain
// is no error. Nothing is tried again. Errors: ticket.ErrNoActor; ticket.ErrForbidden; ticket.ErrNotFound; ticket.ErrSealed.
func (w *Webhooks) Test(ctx context.Context, code string) (Attempt, error) {
	a, err := w.test(ctx, code)
	return a, failed("test "+code, err)
}

func (w *Webhooks) test(ctx context.Context, code string) (a Attempt, err error) {
	var s sending
	err = w.reading(ctx, func(ctx context.Context, x store.Reader) (err error) {
		s, err = read(ctx, x, notice{Endpoint: code})
		return err
	})
	if err != nil {
		return a, err
	}
	k, err := w.unlock(ctx, code, s.locks)
	if err != nil {
		return a, err
	}
	now := ticket.Time(w.desk.Now())
	body, err := json.Marshal(Payload{Type: TypeTest, Timestamp: now, Version: Version, Data: Data{Text: "A test of the endpoint " + s.to.Name + "."}})
	if err != nil {
		return a, err
	}
	a = w.post(ctx, s.to, k.at(now), "msg_"+s.to.ID+"_t"+newID(), body)
	a.Type, a.Try, a.GivenUp = TypeTest, 1, !a.Taken()
	return a, w.store.Update(context.WithoutCancel(ctx), func(ctx context.Context, tx store.Tx) error { return putLog(ctx, tx, a) })
}
