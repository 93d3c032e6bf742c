package webhook

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

const (
	definition     = "webhook" // as the desk has it
	kindDefinition = "config/" + definition
)

// Put stores an endpoint, a new one or one that was read and changed, and returns it as it is stored. Of a new one it also
// returns the secret, which is shown this once: who receives checks by it who has sent.
//
// Errors: ticket.ErrNoActor; ticket.ErrForbidden for whoever may not configure the desk; ticket.ErrConflict, unless Version
// is that of what is stored, or AnyVersion; ticket.ErrInvalid, as a ticket.ValidationError that names each field as JSON does.
func (w *Webhooks) Put(ctx context.Context, e Endpoint) (stored Endpoint, secret string, err error) {
	err = w.configuring(ctx, func(ctx context.Context, tx store.Tx) error {
		stored, secret = e, ""
		if err := w.check(ctx, e); err != nil {
			return err
		}
		old, err := endpoint(ctx, tx, e.Code)
		if err != nil && !errors.Is(err, ticket.ErrNotFound) {
			return err
		}
		stored.ID, stored.SecretSet, stored.OldSecretUntil = old.ID, old.SecretSet, old.OldSecretUntil
		if !stored.Disabled {
			stored.Why = ""
		}
		if old.ID == "" {
			key := newKey()
			stored.ID, stored.SecretSet, secret = newID(), ticket.Time(w.desk.Now()), written(key)
			if err := w.keep(ctx, tx, e.Code, keys{Current: key}); err != nil {
				return err
			}
		}
		return w.put(ctx, tx, &stored, old)
	})
	if err != nil {
		return e, "", failed("put "+e.Code, err)
	}
	return stored, secret, nil
}

// check says what is wrong with an endpoint, as far as the desk does not.
func (w *Webhooks) check(ctx context.Context, e Endpoint) error {
	brands, err := w.desk.Brands(system(ctx))
	if err != nil {
		return err
	}
	departments, err := w.desk.Departments(system(ctx))
	if err != nil {
		return err
	}
	var v ticket.ValidationError
	e.check(&v, w.opts, codes(brands, func(b ticket.Brand) string { return b.Code }), codes(departments, func(d ticket.Department) string { return d.Code }))
	return v.Err()
}

func codes[T any](list []T, code func(T) string) (out []string) {
	for _, v := range list {
		out = append(out, code(v))
	}
	return out
}

// put stores an endpoint in the place of another, or of none. One that was disabled begins anew.
func (w *Webhooks) put(ctx context.Context, tx store.Tx, e *Endpoint, old Endpoint) error {
	given := e.Version
	e.Version = 0 // the store counts
	doc, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if e.Version, err = w.desk.PutDefinition(ctx, definition, e.Code, e.Name, doc, given); err != nil {
		return err
	}
	if old.URL != e.URL || old.Disabled && !e.Disabled {
		return tx.DeleteRecord(ctx, kindState, e.Code)
	}
	return nil
}

// Get returns an endpoint. Errors: ticket.ErrNoActor; ticket.ErrForbidden; ticket.ErrNotFound.
func (w *Webhooks) Get(ctx context.Context, code string) (e Endpoint, err error) {
	err = w.reading(ctx, func(ctx context.Context, x store.Reader) (err error) {
		e, err = endpoint(ctx, x, code)
		return err
	})
	return e, failed("get "+code, err)
}

// List lists the endpoints by their codes. Errors: ticket.ErrNoActor; ticket.ErrForbidden.
func (w *Webhooks) List(ctx context.Context) (list []Endpoint, err error) {
	err = w.reading(ctx, func(ctx context.Context, x store.Reader) (err error) {
		list, err = endpoints(ctx, x)
		return err
	})
	return list, failed("list", err)
}

// Delete removes an endpoint, its secrets and its log. What waits to be sent there is not. Errors: as Get.
func (w *Webhooks) Delete(ctx context.Context, code string) error {
	return failed("delete "+code, w.configuring(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := w.desk.DeleteDefinition(ctx, definition, code); err != nil {
			return err
		}
		if err := errors.Join(tx.DeleteRecord(ctx, kindKeys, code), tx.DeleteRecord(ctx, kindState, code)); err != nil {
			return err
		}
		_, err := dropLog(ctx, tx, code, 0, clearedAtOnce) // the rest with the next clearing up
		return err
	}))
}

// Enable has events be sent to an endpoint again that was disabled, from now on; ReplaySince sends what it has missed. Errors: as
// Get.
func (w *Webhooks) Enable(ctx context.Context, code string) (e Endpoint, err error) {
	err = w.configuring(ctx, func(ctx context.Context, tx store.Tx) error {
		old, err := endpoint(ctx, tx, code)
		if err != nil {
			return err
		}
		e = old
		e.Disabled, e.Why = false, ""
		return w.put(ctx, tx, &e, old)
	})
	return e, failed("enable "+code, err)
}

const maxOverlap = 30 * 24 * time.Hour

// Rotate makes a new secret for an endpoint and returns it, this once. For that long the one before it signs as well, up to 30
// days, so that requests can be checked by either until the other side knows the new one: a day is usual, and 0 for a secret
// that others have got hold of. Errors: as Get; ticket.ErrInvalid; ticket.ErrConflict where
// somebody else does so at the same time.
func (w *Webhooks) Rotate(ctx context.Context, code string, overlap time.Duration) (secret string, err error) {
	if err := w.desk.MayConfigure(ctx); err != nil {
		return "", failed("rotate "+code, err)
	}
	if overlap < 0 || overlap > maxOverlap {
		return "", failed("rotate "+code, ticket.Invalid("overlap", ticket.FaultOutOfRange, "is %s: give 0 to %s", overlap, maxOverlap))
	}
	secret, err = w.rotate(ctx, code, overlap)
	return secret, failed("rotate "+code, err)
}

func (w *Webhooks) rotate(ctx context.Context, code string, overlap time.Duration) (secret string, err error) {
	var was locked
	err = w.store.View(ctx, func(ctx context.Context, x store.Reader) (err error) {
		was, err = kept(ctx, x, code)
		return err
	})
	if err != nil {
		return "", err
	}
	k, err := w.unlock(ctx, code, was)
	if err != nil && !errors.Is(err, ticket.ErrSealed) { // one that cannot be read any more is replaced
		return "", err
	}
	now := ticket.Time(w.desk.Now())
	k = keys{Current: newKey(), Old: k.Current, Until: now.Add(overlap)}
	if overlap == 0 || len(k.Old) == 0 {
		k.Old, k.Until = nil, time.Time{}
	}
	err = w.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		e, err := endpoint(ctx, tx, code)
		if err != nil {
			return err
		}
		if is, err := kept(ctx, tx, code); err != nil || !bytes.Equal(is.Keys, was.Keys) {
			return cmp.Or(err, fmt.Errorf("%w: somebody else has rotated the secret meanwhile", ticket.ErrConflict))
		}
		e.SecretSet, e.OldSecretUntil = now, k.Until
		return errors.Join(w.keep(ctx, tx, code, k), w.put(ctx, tx, &e, e))
	})
	if err != nil {
		return "", err
	}
	return written(k.Current), nil
}

// configuring runs fn in a transaction, for whoever may change the configuration. It may run fn again.
func (w *Webhooks) configuring(ctx context.Context, fn func(ctx context.Context, tx store.Tx) error) error {
	if err := w.desk.MayConfigure(ctx); err != nil {
		return err
	}
	return w.store.Update(ctx, fn)
}

// reading runs fn over a snapshot, for whoever may change the configuration.
func (w *Webhooks) reading(ctx context.Context, fn func(ctx context.Context, x store.Reader) error) error {
	if err := w.desk.MayConfigure(ctx); err != nil {
		return err
	}
	return w.store.View(ctx, fn)
}

func endpoint(ctx context.Context, x store.Reader, code string) (Endpoint, error) {
	rec, err := x.Record(ctx, kindDefinition, code)
	if errors.Is(err, ticket.ErrNotFound) {
		return Endpoint{}, fmt.Errorf("%w: there is no endpoint %.100q", ticket.ErrNotFound, code)
	}
	if err != nil {
		return Endpoint{}, err
	}
	return parsed(rec)
}

func endpoints(ctx context.Context, x store.Reader) (list []Endpoint, err error) {
	recs, err := x.Records(ctx, store.RecordQuery{Kind: kindDefinition})
	for _, rec := range recs {
		e, bad := parsed(rec)
		if bad != nil {
			return nil, bad
		}
		list = append(list, e)
	}
	return list, err
}

func parsed(rec *store.Record) (e Endpoint, err error) {
	if err := json.Unmarshal(rec.Doc, &e); err != nil {
		return e, fmt.Errorf("stored endpoint %s: %w", rec.Key, err)
	}
	e.Version = rec.Version
	return e, nil
}
