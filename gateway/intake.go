package gateway

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// intake is one run of a source. Mails are stored some at a time, for a commit costs more than a mail: the cursor goes with
// them, so whoever dies before has fetched nothing.
type intake struct {
	g       *Gateway
	hold    *hold
	fresh   int
	waiting []taken
	size    int       // bytes of those
	since   time.Time // when the first of them came
	took    int
}

// errEnough ends a fetch that has taken as many mails as it may.
var errEnough = errors.New("as many mails as one fetch takes: the rest come with the next")

// taken is a mail that is to be stored, with its bytes taken in; raw is nil where there are none, or where they are known.
type taken struct {
	Incoming
	raw store.Held
}

// How much is stored in one transaction, and how long a mail waits for others.
const (
	togetherMails = 32
	togetherBytes = 1 << 20
	togetherTime  = time.Second
)

// Take takes one mail. It is stored with those that follow, or by flush.
func (i *intake) Take(ctx context.Context, in Incoming) error {
	if in.Received.IsZero() {
		in.Received = i.g.desk.Now()
	}
	if len(in.Raw) == 0 && in.Size > 0 && in.Problem == "" {
		in.Problem = fmt.Sprintf("of its %d bytes the server gave none", in.Size)
	}
	raw, err := i.g.hold(ctx, in)
	if err != nil {
		return errors.Join(i.flush(ctx), err)
	}
	if len(i.waiting) == 0 {
		i.since = time.Now()
	}
	i.waiting, i.size = append(i.waiting, taken{in, raw}), i.size+len(in.Raw)
	if i.took++; i.took == i.g.opts.FetchLimit {
		return cmp.Or(i.flush(ctx), errEnough)
	}
	if len(i.waiting) < togetherMails && i.size < togetherBytes && time.Since(i.since) < togetherTime {
		return nil
	}
	return i.flush(ctx)
}

// flush stores the mails that wait. Where they cannot be stored together it is tried with each.
func (i *intake) flush(ctx context.Context) error {
	list := i.waiting
	i.waiting, i.size = nil, 0
	if len(list) == 0 {
		return nil
	}
	err := i.store(ctx, list)
	if err == nil || len(list) == 1 || errors.Is(err, store.ErrStale) || ctx.Err() != nil {
		return err
	}
	for n := range list {
		if err := i.store(ctx, list[n:n+1]); err != nil {
			return err
		}
	}
	return nil
}

// store stores mails and moves the cursor behind the last, in one transaction, while the mailbox is ours. Bytes that are
// many, or that are kept outside the database, were stored ahead of it.
func (i *intake) store(ctx context.Context, list []taken) error {
	fresh, renewed := 0, func() {}
	err := i.g.store.Update(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		fresh = 0
		if renewed, err = i.hold.fence(ctx, tx); err != nil {
			return err
		}
		for _, in := range list {
			isNew, err := i.g.take(ctx, tx, in)
			if err != nil {
				return err
			}
			if isNew {
				fresh++
			}
		}
		return i.g.advance(ctx, tx, list[len(list)-1].Next)
	})
	if err == nil {
		renewed()
		i.fresh += fresh
		i.g.told(func(p *Progress) { p.Fetched += len(list) })
	}
	return err
}

// take stores a mail, unless it was seen before.
func (g *Gateway) take(ctx context.Context, tx store.Tx, in taken) (isNew bool, err error) {
	id, err := tx.NewID(ctx, "work")
	if err != nil {
		return false, err
	}
	mine, err := g.unseen(ctx, tx, in.Incoming, in.raw, id)
	if err != nil || !mine {
		return false, err
	}
	return true, g.put(ctx, tx, in.Incoming, in.raw, id, g.desk.Now())
}

// asked is how many places are asked for in one transaction.
const asked = 500

func (i *intake) New(ctx context.Context, places []string) (out []string, err error) {
	for some := range slices.Chunk(places, asked) {
		var fresh []string
		err := i.g.store.View(ctx, func(ctx context.Context, r store.Reader) error {
			fresh = nil
			for _, p := range some {
				_, err := r.Holder(ctx, keyPlace, i.g.place(p))
				if errors.Is(err, ticket.ErrNotFound) {
					fresh, err = append(fresh, p), nil
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		out = append(out, fresh...)
	}
	return out, nil
}

// hold takes the bytes of a mail in, if it has any. Many bytes would be written ahead of the transaction, so it is
// asked first whether they were seen before.
func (g *Gateway) hold(ctx context.Context, in Incoming) (store.Held, error) {
	if len(in.Raw) == 0 && in.Problem != "" { // a mail of no bytes at all is a mail, too
		return nil, nil
	}
	if len(in.Raw) <= store.ChunkSize {
		return g.desk.StoreBlob(ctx, bytes.NewReader(in.Raw))
	}
	seen := false
	err := g.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		_, err := r.Holder(ctx, keyPlace, g.place(in.Place))
		if errors.Is(err, ticket.ErrNotFound) && in.Problem == "" {
			_, err = r.Holder(ctx, keyRaw, g.mine(hashOf(in.Raw)))
		}
		if seen = err == nil; errors.Is(err, ticket.ErrNotFound) {
			err = nil
		}
		return err
	})
	if err != nil || seen {
		return nil, err
	}
	return g.desk.StoreBlob(ctx, bytes.NewReader(in.Raw))
}

// place is the key of a place, no longer than a key may be.
func (g *Gateway) place(in string) string {
	if len(in) > store.MaxKey/2 {
		in = hashOf([]byte(in))
	}
	return g.mailbox() + "/" + in
}

// mine is the key of a mail: one for all gateways, or of this one's own.
func (g *Gateway) mine(key string) string {
	if g.opts.Apart {
		return hashOf([]byte(g.name + "/" + key)) // which is no longer than a key may be
	}
	return key
}

// unseen reserves the mail's place and its bytes.
func (g *Gateway) unseen(ctx context.Context, tx store.Tx, in Incoming, raw store.Held, id int64) (bool, error) {
	if in.Place != "" {
		if holder, err := tx.Reserve(ctx, keyPlace, g.place(in.Place), id); err != nil || holder != id {
			return false, err
		}
	}
	if in.Problem != "" {
		return true, nil
	}
	if raw == nil {
		return false, nil // it was seen before
	}
	holder, err := tx.Reserve(ctx, keyRaw, g.mine(raw.Blob()), id)
	if err == nil && holder != id { // a copy at another place
		err = g.promise(ctx, tx, g.opts.Mailbox, in.Place, holder)
	}
	return holder == id, err
}

// put stores the work. raw is nil where there are no bytes.
func (g *Gateway) put(ctx context.Context, tx store.Tx, in Incoming, raw store.Held, id int64, now time.Time) error {
	j := job{Received: ticket.Time(in.Received), Size: max(in.Size, int64(len(in.Raw))), Problem: in.Problem, Place: in.Place, Mailbox: g.opts.Mailbox}
	if raw != nil {
		j.Raw = raw.Blob()
		if err := g.desk.KeepBlob(ctx, raw, id); err != nil {
			return err
		}
	}
	doc, err := json.Marshal(j)
	if err != nil {
		return err
	}
	return tx.PutWork(ctx, &store.Work{ID: id, Kind: kindMail, Name: g.name, Due: atOnce(), State: store.WorkPending, Created: now, Doc: doc})
}

// atOnce is when work is due that waits for nothing: long ago, so that a clock which is set back does not stop it.
func atOnce() time.Time { return time.Unix(0, 0) }
