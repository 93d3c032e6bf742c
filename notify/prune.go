package notify

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/agenda"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// keepNoticed is longer than any notice is given again.
const keepNoticed = 30 * 24 * time.Hour

// pruned is how many records are looked at, and removed, in one transaction.
const pruned = 500

// prune removes what nobody looks at any more: letters and news that are old, and what notices were told. It looks once an
// hour, and then removes all that there is.
func (n *Notifier) prune(ctx context.Context) (int, error) {
	now := n.desk.Now()
	last := n.pruned.Load()
	if last != nil && now.Sub(*last) < time.Hour && !now.Before(*last) {
		return 0, nil
	}
	if !n.pruned.CompareAndSwap(last, &now) { // another Tick does
		return 0, nil
	}
	for _, a := range slices.Concat(n.channels, []*agenda.Agenda{n.agenda, n.aside}) {
		if err := pruneAll(ctx, a, now.Add(-24*time.Hour)); err != nil {
			return 0, err
		}
	}
	letters, err := n.sweep(ctx, kindLetter, func(doc []byte) fate {
		l, err := decode[Letter](doc)
		switch {
		case err == nil && l.Created.After(now.Add(-n.o.Keep)):
			return fresh
		case err == nil && l.State.Done():
			return old
		}
		return stays
	})
	if err != nil {
		return letters, err
	}
	if err := n.pruneNews(ctx, now); err != nil {
		return letters, err
	}
	notices, err := n.sweep(ctx, kindNoticed, func(doc []byte) fate {
		at, err := decode[time.Time](doc)
		return before(at, now.Add(-keepNoticed), err)
	})
	return letters + notices, err
}

// pruneAll removes what came to its end before t.
func pruneAll(ctx context.Context, a *agenda.Agenda, t time.Time) error {
	for {
		if n, err := a.Prune(ctx, t); err != nil || n == 0 || ctx.Err() != nil {
			return err
		}
	}
}

// fate is what becomes of a record that is swept.
type fate int

const (
	stays fate = iota
	old        // it goes
	fresh      // it stays, and so do those that come after it, but for a few: ids are given out in blocks
)

func decode[T any](doc []byte) (v T, err error) {
	err = json.Unmarshal(doc, &v)
	return v, err
}

// before judges by a time; what cannot be read stays.
func before(at, t time.Time, err error) fate {
	if err == nil && at.Before(t) {
		return old
	}
	return stays
}

// sweep removes the records of a kind that are old, page by page, up to a page of which all are fresh. It returns how many.
func (n *Notifier) sweep(ctx context.Context, kind string, judge func(doc []byte) fate) (removed int, err error) {
	for after := ""; ; {
		var recs []*store.Record
		err := n.store.View(ctx, func(ctx context.Context, x store.Reader) (err error) {
			recs, err = x.Records(ctx, store.RecordQuery{Kind: kind, After: after, Limit: pruned})
			return err
		})
		if err != nil || len(recs) == 0 {
			return removed, err
		}
		var goes []string
		allFresh := true
		for _, rec := range recs {
			f := judge(rec.Doc)
			if f == old {
				goes = append(goes, rec.Key)
			}
			allFresh = allFresh && f == fresh
		}
		if err := n.remove(ctx, kind, goes, judge); err != nil {
			return removed, err
		}
		if removed += len(goes); allFresh {
			return removed, nil
		}
		after = recs[len(recs)-1].Key
	}
}

// remove removes records that are old still.
func (n *Notifier) remove(ctx context.Context, kind string, keys []string, judge func(doc []byte) fate) error {
	if len(keys) == 0 {
		return nil
	}
	return n.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		for _, key := range keys {
			rec, err := tx.LockRecord(ctx, kind, key)
			if errors.Is(err, ticket.ErrNotFound) || err == nil && judge(rec.Doc) != old { // it was sent again
				continue
			}
			if err != nil {
				return err
			}
			if err := erase(ctx, tx, rec); err != nil {
				return err
			}
		}
		return nil
	})
}
