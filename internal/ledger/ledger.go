// Package ledger keeps things that belong to a ticket, to an agent and to a time, as working time and ratings do. Each has
// two records: the thing itself, whose key is its number and whose parent the ticket, and what points to it, whose key is
// "<time>/<number>" and whose parent the agent.
package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Ledger keeps things of one kind.
type Ledger[T any] struct {
	Kind  string // of the records of things
	At    string // of the records that point to them
	Place func(*T) Place
}

// Place is where a thing belongs. Time is not before 1970.
type Place struct {
	ID, Ticket int64
	Agent      string
	Time       time.Time
}

// byTime is where a thing stands in the order of time.
func (p Place) byTime() string { return timeKey(p.Time) + "/" + record.Ordered(p.ID) }

func timeKey(t time.Time) string { return record.Ordered(max(0, t.UnixMicro())) }

// Get returns one by its number. Errors: ticket.ErrNotFound.
func (l Ledger[T]) Get(ctx context.Context, r store.Reader, id int64) (T, error) {
	return record.Read[T](ctx, r, l.Kind, record.Ordered(id))
}

// Put stores a thing in place of what it was, which is nil for a new one.
func (l Ledger[T]) Put(ctx context.Context, tx store.Tx, was, v *T) error {
	p := l.Place(v)
	if was != nil {
		if old := l.Place(was); old.byTime() != p.byTime() || old.Agent != p.Agent {
			if err := tx.DeleteRecord(ctx, l.At, old.byTime()); err != nil {
				return err
			}
		}
	}
	return errors.Join(record.Put(ctx, tx, l.Kind, record.Ordered(p.ID), record.ID(p.Ticket), v), record.Put(ctx, tx, l.At, p.byTime(), p.Agent, p.ID))
}

// Drop removes one.
func (l Ledger[T]) Drop(ctx context.Context, tx store.Tx, v *T) error {
	p := l.Place(v)
	return errors.Join(tx.DeleteRecord(ctx, l.Kind, record.Ordered(p.ID)), tx.DeleteRecord(ctx, l.At, p.byTime()))
}

// Forget removes what a purged ticket has.
func (l Ledger[T]) Forget(ctx context.Context, tx store.Tx, ticketID int64) error {
	var all []T
	if err := record.ReadAll(ctx, tx, l.Kind, record.ID(ticketID), &all); err != nil {
		return err
	}
	for i := range all {
		if err := l.Drop(ctx, tx, &all[i]); err != nil {
			return err
		}
	}
	return nil
}

// Query asks for the things of a ticket, or else for those of an agent or of everybody, from a time to before
// another. Selects has the last word.
type Query[T any] struct {
	Ticket   int64
	Agent    string
	From, To time.Time
	Cursor   string // of the page before
	Limit    int
	Selects  func(T) bool
}

// List reads a page: what it looks at is bounded, so it may be short and still have a next.
func (l Ledger[T]) List(ctx context.Context, r store.Reader, q Query[T]) (out []T, next string, err error) {
	of := store.RecordQuery{Kind: l.Kind, Parent: record.ID(q.Ticket), After: q.Cursor, Limit: ticket.MaxPage + 1}
	if q.Ticket == 0 {
		of.Kind, of.Parent = l.At, q.Agent
		if of.After == "" && !q.From.IsZero() {
			of.After = timeKey(q.From)
		}
	}
	recs, err := r.Records(ctx, of)
	for i, rec := range recs {
		if q.Ticket == 0 && !q.To.IsZero() && rec.Key >= timeKey(q.To) {
			break
		}
		if i == ticket.MaxPage || len(out) == q.Limit {
			return out, recs[i-1].Key, nil
		}
		v, err := l.open(ctx, r, rec)
		if err != nil {
			return nil, "", err
		}
		if q.Selects(v) {
			out = append(out, v)
		}
	}
	return out, "", err
}

// open reads a thing from its record, or from what points to it.
func (l Ledger[T]) open(ctx context.Context, r store.Reader, rec *store.Record) (v T, err error) {
	if rec.Kind == l.Kind {
		return v, json.Unmarshal(rec.Doc, &v)
	}
	var id int64
	if err := json.Unmarshal(rec.Doc, &id); err != nil {
		return v, err
	}
	return l.Get(ctx, r, id)
}
