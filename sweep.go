package helpdesk

import (
	"context"
	"errors"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// throwAway has an object removed: a small one in the database with the transaction, others after its commit, or, where
// that fails or nobody says when it is, by the sweep.
func (d *Desk) throwAway(ctx context.Context, tx store.Tx, p place) error {
	if p.Chunks && p.Size > 0 && p.Size <= smallContent {
		return store.Chunks(d.store).Delete(ctx, p.Object)
	}
	key := timedKey(d.Now(), p.Object)
	if err := putPlace(ctx, tx, kindTrash, key, p); err != nil {
		return err
	}
	base := context.WithoutCancel(store.ContextWithoutTx(ctx))
	tx.OnCommit(func() {
		burn := func(ctx context.Context) {
			if err := d.burn(ctx, key, p); err != nil {
				d.log(ctx, "a file's content could not be removed: the sweep will", "error", err)
			}
		}
		if d.cfg.Dispatch == Background && d.run.started.Load() {
			d.run.spawn(burn)
		} else {
			burn(base)
		}
	})
	return nil
}

// burn removes an object, and then the record that says so: killed in between, it is done again.
func (d *Desk) burn(ctx context.Context, key string, p place) error {
	objects, err := d.objects(p)
	if err != nil {
		return err
	}
	if err := objects.Delete(ctx, p.Object); err != nil {
		return err
	}
	return d.store.Update(ctx, func(ctx context.Context, tx store.Tx) error { return tx.DeleteRecord(ctx, kindTrash, key) })
}

// abandon throws an upload away that nobody kept. Whoever takes its record away, here or in keep, has it.
func (d *Desk) abandon(ctx context.Context, tx store.Tx, key string, p place) error {
	_, err := tx.Record(ctx, kindUpload, key)
	if errors.Is(err, ticket.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := tx.DeleteRecord(ctx, kindUpload, key); err != nil {
		return err
	}
	return d.throwAway(ctx, tx, p)
}

// sweepStep is how many records are looked at in one transaction.
const sweepStep = 100

// sweep removes the uploads that nothing came of, and what could not be removed when it was thrown away. Where there is
// nothing to do it only reads. It returns how many objects that were.
func (d *Desk) sweep(ctx context.Context) (int, error) {
	before := d.Now().Add(-d.cfg.UploadTTL)
	n, err := d.eachPlace(ctx, kindUpload, func(at time.Time, key string, p place) (bool, error) {
		if at.After(before) {
			return false, nil
		}
		return true, d.store.Update(ctx, func(ctx context.Context, tx store.Tx) error { return d.abandon(ctx, tx, key, p) })
	})
	m, trashErr := d.eachPlace(ctx, kindTrash, func(_ time.Time, key string, p place) (bool, error) { return true, d.burn(ctx, key, p) })
	return n + m, errors.Join(err, trashErr)
}

// eachPlace calls fn for the records of a kind, the oldest first, until it returns false or ctx ends. What fails is
// left for the next time, and does not hold up the rest.
func (d *Desk) eachPlace(ctx context.Context, kind string, fn func(at time.Time, key string, p place) (more bool, err error)) (n int, errs error) {
	for after := ""; ; {
		var list []*store.Record
		err := d.store.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
			list, err = r.Records(ctx, store.RecordQuery{Kind: kind, After: after, Limit: sweepStep})
			return err
		})
		if err != nil || len(list) == 0 {
			return n, errors.Join(errs, err)
		}
		for _, rec := range list {
			after = rec.Key
			p, err := placeIn(rec)
			more := true
			if err == nil {
				more, err = fn(timeOf(rec.Key), rec.Key, p)
			}
			switch {
			case err != nil && ctx.Err() != nil:
				return n, errors.Join(errs, ctx.Err())
			case err != nil:
				errs = errors.Join(errs, err)
			case !more:
				return n, errs
			default:
				n++
			}
		}
	}
}

// timeOf reads the time of a timedKey.
func timeOf(key string) time.Time {
	at, err := time.Parse(keyTime, key[:min(len(key), len(keyTime))])
	if err != nil {
		return time.Time{} // of no kind of ours: due at once
	}
	return at
}
