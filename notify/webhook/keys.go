package webhook

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// kindKeys is the record of an endpoint's secrets. They stand beside its definition, so that nobody who reads, lists or
// journals that comes by them.
const kindKeys = "webhook_secret"

// keys are what requests to an endpoint are signed with.
type keys struct {
	Current []byte    `json:"current"`
	Old     []byte    `json:"old,omitempty"` // until then
	Until   time.Time `json:"until,omitzero"`
}

// at are those that sign at a time, the current one first.
func (k keys) at(now time.Time) [][]byte {
	if len(k.Old) > 0 && now.Before(k.Until) {
		return [][]byte{k.Current, k.Old}
	}
	return [][]byte{k.Current}
}

// locked is the document of the record.
type locked struct {
	Keys []byte `json:"keys"`
}

func keyPlace(code string) string { return kindKeys + "/" + code }

func (w *Webhooks) keep(ctx context.Context, tx store.Tx, code string, k keys) error {
	doc, err := json.Marshal(k)
	if err != nil {
		return err
	}
	sealed, err := w.desk.SealSecret(system(ctx), keyPlace(code), doc)
	if err != nil {
		return err
	}
	return record.Put(ctx, tx, kindKeys, code, "", locked{sealed})
}

// kept returns the keys of an endpoint as they are stored; an empty lock where there are none.
func kept(ctx context.Context, x store.Reader, code string) (l locked, err error) {
	l, err = record.Read[locked](ctx, x, kindKeys, code)
	return l, ignoreMissing(err)
}

// unlock opens them. That may ask another system, so it is done outside of transactions. Errors: ticket.ErrSealed.
func (w *Webhooks) unlock(ctx context.Context, code string, l locked) (k keys, err error) {
	if len(l.Keys) == 0 {
		return k, fmt.Errorf("%w: there is no secret: rotate it", ticket.ErrSealed)
	}
	doc, err := w.desk.OpenSecret(system(ctx), keyPlace(code), l.Keys)
	if err != nil {
		return k, err
	}
	return k, json.Unmarshal(doc, &k)
}
