package helpdesk

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/helpdeskgo/helpdesk/internal/token"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// keyLinks is what the keys of guest links are kept under.
const keyLinks = "links"

// RotateKey makes a new key that signs guest links from now on. Links signed with the one before stay good until the
// next rotation; those of the key before that open no longer. Errors: ticket.ErrNoActor; ticket.ErrForbidden;
// ticket.ErrBusy.
func (g GuestLinks) RotateKey(ctx context.Context) error {
	return failed("rotate the key of links", g.d.changeKeys(ctx, keyLinks, "rotated", token.Ring.Rotate))
}

// DropOldKey takes away the key before the one that signs, and with it every link that it signed. After a leak of the
// key that signs, call RotateKey, then DropOldKey: every link there is ends. Errors: as RotateKey.
func (g GuestLinks) DropOldKey(ctx context.Context) error {
	return failed("drop the old key of links", g.d.changeKeys(ctx, keyLinks, "old key dropped", token.Ring.First))
}

// changeKeys replaces the keys of a purpose. The journal says that it happened and nothing of the keys.
func (d *Desk) changeKeys(ctx context.Context, purpose, what string, next func(token.Ring) token.Ring) error {
	return d.configure(ctx, func(ctx context.Context, w *write) error {
		ring, version, err := keysIn(ctx, w.tx, purpose)
		if err != nil {
			return err
		}
		if err := putKeys(ctx, w.tx, purpose, version, next(ring)); err != nil {
			return err
		}
		return w.record(ctx, &ticket.Event{Type: ticket.EventCatalog, Subject: "key/" + purpose, Detail: what})
	})
}

// linkKeys returns the keys of guest links, made now if there are none. Of two processes that need them at once one
// makes them.
func (d *Desk) linkKeys(ctx context.Context, conf *config) (token.Ring, error) {
	ring := conf.keys[keyLinks]
	if len(ring) > 0 {
		return ring, nil
	}
	if err := d.writable(ctx); err != nil {
		return nil, err
	}
	err := d.store.Update(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		var version int64
		if ring, version, err = keysIn(ctx, tx, keyLinks); err != nil || len(ring) > 0 {
			return err
		}
		ring = ring.Rotate()
		return putKeys(ctx, tx, keyLinks, version, ring)
	})
	return ring, err
}

// loadKeys reads the keys of every purpose.
func loadKeys(ctx context.Context, r store.Reader) (map[string]token.Ring, error) {
	recs, err := r.Records(ctx, store.RecordQuery{Kind: kindKey})
	if err != nil {
		return nil, err
	}
	out := map[string]token.Ring{}
	for _, rec := range recs {
		if out[rec.Key], err = ringOf(rec.Doc); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// keysIn reads the keys of a purpose, with the version of their record; none is no error.
func keysIn(ctx context.Context, r store.Reader, purpose string) (ring token.Ring, version int64, err error) {
	rec, err := r.Record(ctx, kindKey, purpose)
	if errors.Is(err, ticket.ErrNotFound) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	ring, err = ringOf(rec.Doc)
	return ring, rec.Version, err
}

// ringOf reads the document of a record of keys: a list of binary keys, the newest first.
func ringOf(doc json.RawMessage) (token.Ring, error) {
	var list [][]byte
	if err := json.Unmarshal(doc, &list); err != nil {
		return nil, err
	}
	ring := make(token.Ring, len(list))
	for i, b := range list {
		if err := ring[i].UnmarshalBinary(b); err != nil {
			return nil, err
		}
	}
	return ring, nil
}

// putKeys stores keys, if those of that version are the ones there, past the journal and the differences that putConfig makes of a document.
func putKeys(ctx context.Context, tx store.Tx, purpose string, version int64, ring token.Ring) error {
	list := make([][]byte, len(ring))
	for i, k := range ring {
		var err error
		if list[i], err = k.MarshalBinary(); err != nil {
			return err
		}
	}
	doc, err := json.Marshal(list)
	if err != nil {
		return err
	}
	return tx.PutRecord(ctx, &store.Record{Kind: kindKey, Key: purpose, Version: version, Doc: doc})
}
