package helpdesk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/content"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// intake is what one message brings in: its files, and their contents until the message keeps them.
type intake struct {
	d       *Desk
	files   []ticket.File
	held    []*taken // beside files; nil for a file without content
	uploads []*taken // those that have an object
	carried int      // bytes of the others
	renewed time.Time
}

// taken is one content that was taken in. A small one is carried to the transaction that keeps it, so that it costs no
// transaction of its own and cannot get lost before; others have an object and the key of its upload record.
type taken struct {
	blob  string
	size  int64
	data  []byte
	place place
	key   string
}

// Blob and Size implement store.Held.
func (h *taken) Blob() string { return h.blob }

func (h *taken) Size() int64 { return h.size }

func (h *taken) reader() io.Reader { return bytes.NewReader(h.data) }

// open reads a content that nobody keeps yet.
func (h *taken) open(ctx context.Context, d *Desk) (io.ReadSeekCloser, error) {
	if h.key == "" {
		return content.NewReader(ctx, h.blob, h.size, func(_ context.Context, offset int64) (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(h.data[offset:])), nil
		}), nil
	}
	p := h.place
	p.Size = h.size
	return d.openPlace(ctx, p, h.blob)
}

// smallContent is the most that is carried of the contents of one message, and that is deleted in a transaction.
const smallContent = 4 * store.ChunkSize

func (d *Desk) newIntake() *intake { return &intake{d: d, renewed: d.Now()} }

// take reads one content to its end.
func (in *intake) take(ctx context.Context, r io.Reader) (*taken, error) {
	r = renewing{ctx, in, r}
	var head bytes.Buffer
	n, err := io.CopyN(&head, r, store.ChunkSize+1)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if err != nil {
		h := &taken{blob: content.Hash(head.Bytes()), size: n, data: head.Bytes()}
		carry, err := in.mayCarry(ctx, h)
		if err != nil {
			return nil, err
		}
		if carry {
			in.carried += int(n)
			return h, nil
		}
	}
	return in.upload(ctx, io.MultiReader(&head, r))
}

// mayCarry reports whether a content needs no object yet: because it goes into the database, or is known.
func (in *intake) mayCarry(ctx context.Context, h *taken) (bool, error) {
	if in.carried+len(h.data) > smallContent {
		return false, nil
	}
	if in.d.cfg.BlobStore == nil || in.d.inTx(ctx) {
		return true, nil
	}
	err := in.d.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		_, err := r.Record(ctx, kindBlob, h.blob)
		return err
	})
	if errors.Is(err, ticket.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// upload streams a content into an object. In a transaction that is one of the desk's own store, whatever Config says:
// only there it goes with the transaction.
func (in *intake) upload(ctx context.Context, r io.Reader) (*taken, error) {
	d := in.d
	h := &taken{place: newPlace(d.cfg.BlobStore == nil || d.inTx(ctx))}
	key := timedKey(d.Now(), h.place.Object)
	err := d.store.Update(ctx, func(ctx context.Context, tx store.Tx) error { return putPlace(ctx, tx, kindUpload, key, h.place) })
	if err != nil {
		return nil, err
	}
	h.key = key
	in.uploads = append(in.uploads, h)
	objects, err := d.objects(h.place)
	if err != nil {
		return nil, err
	}
	src := content.NewSource(r)
	err = objects.Create(ctx, h.place.Object, src)
	switch {
	case src.Err() != nil:
		err = src.Err() // whatever the blob store made of it
	case err == nil && !src.Ended():
		err = errors.New("the blob store did not read the content to its end")
	}
	if err != nil {
		in.abandon(ctx, h)
		return nil, err
	}
	h.blob, h.size = src.Hash(), src.Size()
	return h, nil
}

// renewing keeps the uploads of an intake from the sweep while somebody reads.
type renewing struct {
	ctx context.Context
	in  *intake
	r   io.Reader
}

func (r renewing) Read(p []byte) (int, error) {
	if err := r.in.renew(r.ctx); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// expired says what it means that an upload's record is not there.
func expired(err error) error {
	if errors.Is(err, ticket.ErrNotFound) {
		return fmt.Errorf("%w: the upload lay still for longer than Config.UploadTTL and was swept away: send the files again", ticket.ErrConflict)
	}
	return err
}

// renew keeps the sweep from uploads that are in use, however long they take.
func (in *intake) renew(ctx context.Context) error {
	now := in.d.Now()
	if len(in.uploads) == 0 || now.Sub(in.renewed) < in.d.cfg.UploadTTL/4 || in.d.inTx(ctx) {
		return nil
	}
	err := in.d.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		for _, h := range in.uploads {
			if _, err := tx.Record(ctx, kindUpload, h.key); err != nil {
				return expired(err)
			}
			if err := tx.DeleteRecord(ctx, kindUpload, h.key); err != nil {
				return err
			}
			if err := putPlace(ctx, tx, kindUpload, timedKey(now, h.place.Object), h.place); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, h := range in.uploads {
		h.key = timedKey(now, h.place.Object)
	}
	in.renewed = now
	return nil
}

// abandon throws uploads away that nothing will come of, as far as that is possible now: the sweep does the rest. One
// that was kept after all stays.
func (in *intake) abandon(ctx context.Context, list ...*taken) {
	list = slices.DeleteFunc(slices.Clone(list), func(h *taken) bool { return h.key == "" })
	if len(list) == 0 {
		return
	}
	in.uploads = slices.DeleteFunc(in.uploads, func(h *taken) bool { return slices.Contains(list, h) })
	err := in.d.store.Update(context.WithoutCancel(ctx), func(ctx context.Context, tx store.Tx) error {
		for _, h := range list {
			if err := in.d.abandon(ctx, tx, h.key, h.place); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		in.d.log(ctx, "an upload that came to nothing could not be removed: the sweep will", "error", err)
	}
}

// drop abandons all of them.
func (in *intake) drop(ctx context.Context) {
	if in != nil {
		in.abandon(ctx, in.uploads...)
	}
}
