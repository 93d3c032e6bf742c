package helpdesk

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// ledger is how things are kept that belong to a ticket, to an agent and to a time: working time and ratings. Two records
// each: the thing itself, whose key is its number and whose parent the ticket, and what points to it, whose key is
// "<time>/<number>" and whose parent the agent.
type ledger[T any] struct {
	kind, at string
	place    func(*T) ledgerPlace
}

type ledgerPlace struct {
	id, ticket int64
	agent      string
	time       time.Time
}

// byTime is where a thing stands in the order of time.
func (p ledgerPlace) byTime() string { return timeKey(p.time) + "/" + byNumber(p.id) }

func timeKey(t time.Time) string { return byNumber(max(0, t.UnixMicro())) }

func (l ledger[T]) get(ctx context.Context, r store.Reader, id int64) (T, error) {
	return readRecord[T](ctx, r, l.kind, byNumber(id))
}

// put stores a thing in place of what it was, which is nil for a new one.
func (l ledger[T]) put(ctx context.Context, tx store.Tx, was, v *T) error {
	p := l.place(v)
	if was != nil {
		if old := l.place(was); old.byTime() != p.byTime() || old.agent != p.agent {
			if err := tx.DeleteRecord(ctx, l.at, old.byTime()); err != nil {
				return err
			}
		}
	}
	return errors.Join(putRecord(ctx, tx, l.kind, byNumber(p.id), decimal(p.ticket), v), putRecord(ctx, tx, l.at, p.byTime(), p.agent, p.id))
}

func (l ledger[T]) drop(ctx context.Context, tx store.Tx, v *T) error {
	p := l.place(v)
	return errors.Join(tx.DeleteRecord(ctx, l.kind, byNumber(p.id)), tx.DeleteRecord(ctx, l.at, p.byTime()))
}

// forget removes what a purged ticket has.
func (l ledger[T]) forget(ctx context.Context, tx store.Tx, ticketID int64) error {
	var all []T
	if err := loadAllOf(ctx, tx, l.kind, decimal(ticketID), &all); err != nil {
		return err
	}
	for i := range all {
		if err := l.drop(ctx, tx, &all[i]); err != nil {
			return err
		}
	}
	return nil
}

// ledgerQuery asks for the things of a ticket, or else for those of an agent or of everybody, from a time to before
// another. selects has the last word.
type ledgerQuery[T any] struct {
	ticket   int64
	agent    string
	from, to time.Time
	cursor   string
	limit    int
	selects  func(T) bool
}

// list reads a page: what it looks at is bounded, so it may be short and still have a next.
func (l ledger[T]) list(ctx context.Context, r store.Reader, q ledgerQuery[T]) (out []T, next string, err error) {
	of := store.RecordQuery{Kind: l.kind, Parent: decimal(q.ticket), After: q.cursor, Limit: ticket.MaxPage + 1}
	if q.ticket == 0 {
		of.Kind, of.Parent = l.at, q.agent
		if of.After == "" && !q.from.IsZero() {
			of.After = timeKey(q.from)
		}
	}
	recs, err := r.Records(ctx, of)
	for i, rec := range recs {
		if q.ticket == 0 && !q.to.IsZero() && rec.Key >= timeKey(q.to) {
			break
		}
		if i == ticket.MaxPage || len(out) == q.limit {
			return out, recs[i-1].Key, nil
		}
		v, err := l.open(ctx, r, rec)
		if err != nil {
			return nil, "", err
		}
		if q.selects(v) {
			out = append(out, v)
		}
	}
	return out, "", err
}

// open reads a thing from its record, or from what points to it.
func (l ledger[T]) open(ctx context.Context, r store.Reader, rec *store.Record) (v T, err error) {
	if rec.Kind == l.kind {
		return v, json.Unmarshal(rec.Doc, &v)
	}
	var id int64
	if err := json.Unmarshal(rec.Doc, &id); err != nil {
		return v, err
	}
	return l.get(ctx, r, id)
}

// page is list for an actor: the cursor is one that the desk gave them for the same question, and what is of tickets
// that they may not see, or of which sees says no, is left out.
func (l ledger[T]) page(ctx context.Context, d *Desk, actor ticket.Actor, question any, q ledgerQuery[T], sees func(*ticket.Ticket) (bool, error)) (out []T, next string, err error) {
	if q.limit <= 0 {
		q.limit = ticket.DefaultPage
	}
	q.limit = min(q.limit, ticket.MaxPage)
	listing, err := d.listing(ctx, actor, l.kind, question)
	if err == nil {
		q.cursor, err = listing.openCursor(q.cursor)
	}
	if err != nil {
		return nil, "", err
	}
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
		out, next, err = l.list(ctx, r, q)
		return err
	})
	if err == nil {
		next, err = listing.hideCursor(next)
	}
	if err == nil {
		out, err = l.visible(ctx, d, actor, out, sees)
	}
	if err != nil {
		return nil, "", err
	}
	return out, next, nil
}

func (l ledger[T]) visible(ctx context.Context, d *Desk, actor ticket.Actor, list []T, sees func(*ticket.Ticket) (bool, error)) ([]T, error) {
	ids := make([]int64, len(list))
	for i := range list {
		ids[i] = l.place(&list[i]).ticket
	}
	tickets, err := d.readEach(ctx, actor, ids)
	if err != nil {
		return nil, err
	}
	for id, t := range tickets {
		seen, err := sees(t)
		if err != nil {
			return nil, err
		}
		if !seen {
			delete(tickets, id)
		}
	}
	return slices.DeleteFunc(list, func(v T) bool { return tickets[l.place(&v).ticket] == nil }), nil
}
