package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// kindState is the record of how fetching goes.
const kindState = "gateway-state"

// state is its document: it outlives processes, and all of them see it.
type state struct {
	Success  time.Time `json:"success,omitzero"` // of the last fetch that worked
	Since    time.Time `json:"since,omitzero"`   // of the first failure after that
	Failure  string    `json:"failure,omitempty"`
	Failures int       `json:"failures,omitempty"` // in a row
	Refusals int       `json:"refusals,omitempty"` // of the credentials, in a row
	Paused   bool      `json:"paused,omitempty"`
	Next     time.Time `json:"next,omitzero"` // when Run may try again
}

// How patient Run is with a mailbox that fails.
const (
	mostRefusals = 3                // a server locks out who insists
	probe        = time.Hour        // while paused
	grantPause   = time.Minute      // while there are no tokens: nobody but the source of tokens is asked
	mostPause    = 15 * time.Minute // after other failures
)

// after is the state after a fetch that has ended so.
func (s state) after(err error, now time.Time) state {
	if err == nil {
		return state{Success: now}
	}
	s.Failures++
	if s.Since.IsZero() {
		s.Since = now
	}
	s.Failure = fitLine(err.Error(), 1000)
	s.Next = now.Add(min(pauseAfter(s.Failures+2), mostPause))
	refused, ungranted := errors.Is(err, ErrAuthentication), errors.Is(err, ErrInvalidGrant)
	if !refused {
		s.Refusals = 0
	} else {
		s.Refusals++
	}
	switch s.Paused = ungranted || s.Refusals >= mostRefusals; {
	case ungranted:
		s.Next = now.Add(grantPause)
	case s.Paused:
		s.Next = now.Add(probe)
	}
	return s
}

// state reads it.
func (g *Gateway) state(ctx context.Context) (s state, err error) {
	err = g.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		s = state{}
		return readState(ctx, r, g.name, &s)
	})
	return s, err
}

func readState(ctx context.Context, r store.Reader, name string, s *state) error {
	rec, err := r.Record(ctx, kindState, name)
	if errors.Is(err, ticket.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(rec.Doc, s)
}

// note stores how a fetch has ended.
func (g *Gateway) note(ctx context.Context, tx store.Tx, fetched error) error {
	var s state
	if err := readState(ctx, tx, g.name, &s); err != nil {
		return err
	}
	doc, err := json.Marshal(s.after(fetched, g.desk.Now()))
	if err != nil {
		return err
	}
	return tx.PutRecord(ctx, &store.Record{Kind: kindState, Key: g.name, Version: store.AnyVersion, Doc: doc})
}

// Resume forgets the failures of the mailbox: Run tries again at once, where it was to wait. It is for whoever has set right what was wrong.
func (g *Gateway) Resume(ctx context.Context) error {
	err := g.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		var s state
		if err := readState(ctx, tx, g.name, &s); err != nil {
			return err
		}
		if s.Failures == 0 {
			return nil
		}
		doc, err := json.Marshal(state{Success: s.Success})
		if err != nil {
			return err
		}
		return tx.PutRecord(ctx, &store.Record{Kind: kindState, Key: g.name, Version: store.AnyVersion, Doc: doc})
	})
	if err != nil {
		return fmt.Errorf("gateway %s: resume: %w", g.name, err)
	}
	return nil
}

// retryIn is how long Run is to leave the mailbox alone. A clock that was set back does not make it longer than it ever is.
func (g *Gateway) retryIn(ctx context.Context) time.Duration {
	s, err := g.state(ctx)
	if err != nil {
		return workInterval // the database is not there, either
	}
	return min(s.Next.Sub(g.desk.Now()), probe)
}

// Status is how a gateway is. Numbers are counted to 1,000 each.
type Status struct {
	Cursor      Cursor
	Waiting     int       // fetched, and not yet a message
	Oldest      time.Time // when the oldest of these was fetched; zero if there is none
	Quarantined int       // given up: see Quarantine

	LastSuccess  time.Time // of fetching, by any process
	FailingSince time.Time // zero while fetching works
	Failure      string    // the last one, with what the server said: untrusted text
	// Paused says that the server refuses the credentials, or that there are no more tokens. Run tries again at Next: every
	// hour, or, for want of tokens, as soon as there are some. Poll and Fetch try at once.
	Paused bool
	Next   time.Time // when Run tries again; zero while fetching works
}

// Status reports it.
func (g *Gateway) Status(ctx context.Context) (Status, error) {
	c, err := g.cursor(ctx)
	if err != nil {
		return Status{}, fmt.Errorf("gateway %s: status: %w", g.name, err)
	}
	var out Status
	err = g.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		out = Status{Cursor: c}
		n, err := r.CountWork(ctx, store.WorkQuery{Kind: kindMail, Name: g.name, Limit: 1000})
		if err != nil {
			return err
		}
		out.Waiting, out.Quarantined = n[store.WorkPending]+n[store.WorkLeased], n[store.WorkDead]
		if out.Oldest, err = g.oldest(ctx, r); err != nil {
			return err
		}
		var s state
		err = readState(ctx, r, g.name, &s)
		out.LastSuccess, out.FailingSince, out.Failure, out.Paused, out.Next = s.Success, s.Since, s.Failure, s.Paused, s.Next
		return err
	})
	if err != nil {
		return Status{}, fmt.Errorf("gateway %s: status: %w", g.name, err)
	}
	return out, nil
}

// oldest looks through the last thousand mails that wait.
func (g *Gateway) oldest(ctx context.Context, r store.Reader) (t time.Time, err error) {
	works, err := r.Works(ctx, store.WorkQuery{Kind: kindMail, Name: g.name, States: []store.WorkState{store.WorkPending, store.WorkLeased}, Limit: 1000})
	for _, w := range works {
		if t.IsZero() || w.Created.Before(t) {
			t = w.Created
		}
	}
	return t, err
}
