package helpdesk

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/content"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Contents and who keeps them, as records and links of the store.
//
// A content is an object under a random name, in Config.BlobStore or in the chunks of the desk's own store. The record
// "blob" says, by the hash of the content, which object has it, and links name who keeps it: messages by their ids, and
// works, which have raw mails, by their ids below zero. Before an object is made, a record "upload" names it; the
// transaction that keeps the content takes that record away, or finds the content known and throws the new object away.
// So whatever dies in between, each object is named by one of three records: blob, upload or trash.
const (
	kindBlob   = "blob"   // by hash: a place
	kindUpload = "upload" // by time and object: a place whose content nobody keeps yet
	kindTrash  = "trash"  // by time and object: a place that is to be emptied
	linkBlob   = "blob"   // from a hash to who keeps the content
)

// place says where a content is.
type place struct {
	Object string `json:"object"`
	Chunks bool   `json:"chunks,omitempty"` // in the desk's own store, else in Config.BlobStore
	Size   int64  `json:"size,omitempty"`   // bytes, once it is known
}

func newPlace(inChunks bool) place {
	return place{Object: strings.ToLower(rand.Text()), Chunks: inChunks}
}

// timedKey sorts the records of a kind by time.
func timedKey(at time.Time, what string) string { return at.UTC().Format(keyTime) + "/" + what }

const keyTime = "2006-01-02T15:04:05.000000"

// errNoBlobStore says that the host took away the blob store in which a content is.
var errNoBlobStore = errors.New("the content is in a blob store that the desk was made without: set Config.BlobStore as it was")

func (d *Desk) objects(p place) (store.BlobStore, error) {
	switch {
	case p.Chunks:
		return store.Chunks(d.store), nil
	case d.cfg.BlobStore == nil:
		return nil, errNoBlobStore
	}
	return d.cfg.BlobStore, nil
}

func placeRecord(kind, key string, p place, version int64) (*store.Record, error) {
	doc, err := json.Marshal(p)
	return &store.Record{Kind: kind, Key: key, Version: version, Doc: doc}, err
}

func putPlace(ctx context.Context, tx store.Tx, kind, key string, p place) error {
	rec, err := placeRecord(kind, key, p, store.AnyVersion)
	if err != nil {
		return err
	}
	return tx.PutRecord(ctx, rec)
}

// putNewPlace keeps a content that nobody knows: of two who come with it at once the second knows it.
func putNewPlace(ctx context.Context, tx store.Tx, blob string, p place) error {
	rec, err := placeRecord(kindBlob, blob, p, 0)
	if err != nil {
		return err
	}
	return tx.PutRecord(ctx, rec)
}

func placeIn(rec *store.Record) (p place, err error) {
	err = json.Unmarshal(rec.Doc, &p)
	return p, err
}

// holdBlob takes the row of a known content for this transaction, so that no other one finds it kept, or not kept, at
// the same time. ticket.ErrNotFound where it is not known.
func holdBlob(ctx context.Context, tx store.Tx, blob string) (place, error) {
	rec, err := tx.LockRecord(ctx, kindBlob, blob)
	if err != nil {
		return place{}, err
	}
	return placeIn(rec)
}

// keep makes owner one of those who keep what was taken in.
func (d *Desk) keep(ctx context.Context, tx store.Tx, h *taken, owner int64) error {
	if h.key != "" {
		if _, err := tx.Record(ctx, kindUpload, h.key); err != nil {
			return expired(err)
		}
		if err := tx.DeleteRecord(ctx, kindUpload, h.key); err != nil {
			return err
		}
	}
	_, err := holdBlob(ctx, tx, h.blob)
	known := err == nil
	if err != nil && !errors.Is(err, ticket.ErrNotFound) {
		return err
	}
	p := h.place
	p.Size = h.size
	switch {
	case known && h.key != "":
		err = d.throwAway(ctx, tx, p)
	case known:
		err = nil
	case h.key == "":
		p = newPlace(true)
		p.Size = h.size
		if err = store.Chunks(d.store).Create(ctx, p.Object, h.reader()); err == nil {
			err = putNewPlace(ctx, tx, h.blob, p)
		}
	default:
		err = putNewPlace(ctx, tx, h.blob, p)
	}
	if err != nil {
		return err
	}
	return tx.Link(ctx, linkBlob, h.blob, owner)
}

// share makes a message one more of those who keep a raw mail. The mail's work keeps it until this transaction is over,
// so nobody can take it away meanwhile.
func share(ctx context.Context, tx store.Tx, blob string, message int64) error {
	if _, err := tx.Record(ctx, kindBlob, blob); err != nil {
		return err
	}
	return tx.Link(ctx, linkBlob, blob, message)
}

// release ends that owner keeps a content, and throws it away where nobody else does.
func (d *Desk) release(ctx context.Context, tx store.Tx, blob string, owner int64) error {
	p, err := holdBlob(ctx, tx, blob)
	if errors.Is(err, ticket.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := tx.Unlink(ctx, linkBlob, blob, owner); err != nil {
		return err
	}
	others, err := tx.Linked(ctx, linkBlob, blob)
	if err != nil || len(others) > 0 {
		return err
	}
	if err := tx.DeleteRecord(ctx, kindBlob, blob); err != nil {
		return err
	}
	return d.throwAway(ctx, tx, p)
}

// StoreBlob takes a content in and returns it held: KeepBlob makes somebody keep it, and what nobody keeps is swept
// away after Config.UploadTTL. Content that is known already is kept once. r is read to its end; how long that may be
// is the caller's to limit. StoreBlob is for the parts of the desk that keep more than attachments, such as raw mails.
// Errors: r's own; ticket.ErrBusy; ticket.ErrStopped; ticket.ErrForbidden in a guard.
func (g Mail) StoreBlob(ctx context.Context, r io.Reader) (store.Held, error) {
	if err := g.writable(ctx); err != nil {
		return nil, failed("store content", err)
	}
	if r == nil {
		return nil, failed("store content", ticket.Invalid("r", ticket.FaultRequired, "is nil: give a reader"))
	}
	in := g.newIntake()
	h, err := in.take(ctx, r)
	if err != nil {
		in.drop(ctx)
		return nil, failed("store content", err)
	}
	return h, nil
}

// KeepBlob has a piece of work keep a content, until ReleaseBlob. It belongs into the transaction that puts the work,
// which must be rolled back where it fails. Errors: ticket.ErrInvalid for what is not from StoreBlob of this desk;
// ticket.ErrConflict for what was swept away; ticket.ErrBusy; ticket.ErrStopped; ticket.ErrForbidden in a guard.
func (g Mail) KeepBlob(ctx context.Context, held store.Held, work int64) error {
	h, ok := held.(*taken)
	if !ok || h == nil {
		return failed("keep content", ticket.Invalid("", ticket.FaultMalformed, "the content is not one that StoreBlob returned"))
	}
	return failed("keep content", g.joined(ctx, func(ctx context.Context, tx store.Tx) error { return g.keep(ctx, tx, h, -work) }))
}

// RetainBlob leaves it to the retention of files (M13) to end that a piece of work keeps a content: the work was
// created at that time, and has come to its end without a message. A content that it does not keep is no error. Errors:
// as KeepBlob.
func (g Mail) RetainBlob(ctx context.Context, blob string, work int64, created time.Time) error {
	return failed("retain content", g.joined(ctx, func(ctx context.Context, tx store.Tx) error { return putAge(ctx, tx, created, -work, blob) }))
}

// ReleaseBlob ends that a piece of work keeps a content. message is who keeps it from now on, and was written in the
// same transaction; with 0 the content goes where nobody else keeps it. A content that the work does not keep is no
// error. Errors: as KeepBlob.
func (g Mail) ReleaseBlob(ctx context.Context, blob string, work, message int64) error {
	return failed("release content", g.joined(ctx, func(ctx context.Context, tx store.Tx) error {
		if message != 0 {
			return tx.Unlink(ctx, linkBlob, blob, -work)
		}
		return g.release(ctx, tx, blob, -work)
	}))
}

// joined runs fn in the transaction of ctx, as part of it, or in one of its own.
func (d *Desk) joined(ctx context.Context, fn func(ctx context.Context, tx store.Tx) error) error {
	if err := d.writable(ctx); err != nil {
		return err
	}
	if tx, inside := store.TxFrom(ctx, d.store); inside {
		return fn(ctx, tx)
	}
	return d.store.Update(ctx, fn)
}

// OpenBlob reads a content by its hash, as Files.Open does, and asks for no rights: it is for the parts of the desk.
// Errors: ticket.ErrNotFound, also where the content was removed; ticket.ErrBusy; ticket.ErrStopped.
func (g Mail) OpenBlob(ctx context.Context, blob string) (io.ReadSeekCloser, error) {
	if err := g.usable(ctx); err != nil {
		return nil, failed("open content", err)
	}
	c, err := g.openBlob(ctx, blob)
	if err != nil {
		return nil, failed("open content "+blob, err)
	}
	return c, nil
}

func (d *Desk) openBlob(ctx context.Context, blob string) (*content.Reader, error) {
	var p place
	err := d.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		rec, err := r.Record(ctx, kindBlob, blob)
		if err == nil {
			p, err = placeIn(rec)
		}
		return err
	})
	if errors.Is(err, ticket.ErrNotFound) {
		err = ticket.ErrRemoved
	}
	if err != nil {
		return nil, err
	}
	return d.openPlace(ctx, p, blob)
}

func (d *Desk) openPlace(ctx context.Context, p place, blob string) (*content.Reader, error) {
	objects, err := d.objects(p)
	if err != nil {
		return nil, err
	}
	open := func(ctx context.Context, offset int64) (io.ReadCloser, error) {
		return objects.Open(ctx, p.Object, offset)
	}
	return content.NewReader(ctx, blob, p.Size, open), nil
}
