package notify

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Beside each letter that is open, was given up, or was not taken stands a mark, in a list of just those, in the order of
// their times: they are found among however many others.
const (
	kindOpen    = "letter_open"    // by when they are due
	kindFailed  = "letter_failed"  // by when they ended
	kindBounced = "letter_bounced" // likewise
)

// mark is what a list has of a letter.
type mark struct {
	Letter int64 `json:"letter"`
	Work   int64 `json:"work,omitempty"` // by which it is sent; see isOpen
}

// list is the one that a letter stands in, and its place there; empty where it stands in none.
func (l *Letter) list() (kind, key string) {
	at := l.Ended
	switch l.State {
	case Held, Queued:
		kind, at = kindOpen, l.Due
	case Failed:
		kind = kindFailed
	case Bounced:
		kind = kindBounced
	default:
		return "", ""
	}
	return kind, markPlace(at) + "." + letterKey(l.ID)
}

// markPlace is where in its list begins what is of a time.
func markPlace(at time.Time) string { return record.Ordered(max(0, at.UnixMicro())) }

// enlist has a letter stand in the list where it belongs; work is what sends it, or 0.
func enlist(ctx context.Context, tx store.Tx, l *Letter, work int64) error {
	kind, key := l.list()
	if kind == "" {
		return nil
	}
	return record.Put(ctx, tx, kind, key, "", mark{l.ID, work})
}

// strike takes a letter out of the list where it stands.
func strike(ctx context.Context, tx store.Tx, l *Letter) error {
	kind, key := l.list()
	if kind == "" {
		return nil
	}
	return tx.DeleteRecord(ctx, kind, key)
}

// relist follows a change of a letter. One that is due at another time is put into its new place with what sends it then.
func relist(ctx context.Context, tx store.Tx, was, is *Letter) error {
	kind, key := was.list()
	if k, at := is.list(); k == kind && at == key {
		return nil
	}
	if err := strike(ctx, tx, was); err != nil || !is.State.Done() {
		return err
	}
	return enlist(ctx, tx, is, 0)
}

// workFor returns what a letter that is open is sent by, or the digest that it goes in. Errors: ticket.ErrNotFound, where
// there is nothing.
func workFor(ctx context.Context, x store.Reader, l *Letter) (_ *store.Work, err error) {
	if l.In != 0 {
		if l, err = carrier(ctx, x, l); err != nil {
			return nil, err
		}
	}
	kind, key := l.list()
	if kind != kindOpen {
		return nil, ticket.ErrNotFound
	}
	m, err := record.Read[mark](ctx, x, kind, key)
	if err != nil {
		return nil, err
	}
	return x.Work(ctx, m.Work)
}

// isOpen reports whether work goes on by itself.
func isOpen(w *store.Work) bool { return w.State == store.WorkPending || w.State == store.WorkLeased }

// goesOn reports whether something sends a letter that is open.
func goesOn(ctx context.Context, x store.Reader, l *Letter) (bool, error) {
	w, err := workFor(ctx, x, l)
	if errors.Is(err, ticket.ErrNotFound) {
		return false, nil
	}
	return err == nil && isOpen(w), err
}

// erase removes a record for good, and where it is a letter what leads to it.
func erase(ctx context.Context, tx store.Tx, rec *store.Record) error {
	var l Letter
	if rec.Kind == kindLetter && json.Unmarshal(rec.Doc, &l) == nil {
		if err := strike(ctx, tx, &l); err != nil {
			return err
		}
		if l.Digest {
			if err := tx.Unlink(ctx, keyDigest, l.Agent, l.ID); err != nil {
				return err
			}
		}
		if l.Message != 0 {
			if err := tx.Unlink(ctx, keyMessage, record.ID(l.Message), l.ID); err != nil {
				return err
			}
		}
	}
	return tx.DeleteRecord(ctx, rec.Kind, rec.Key)
}
