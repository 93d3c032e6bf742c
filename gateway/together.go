package gateway

import (
	"context"
	"errors"
	"iter"
	"maps"

	"github.com/helpdeskgo/helpdesk/store"
)

// So many mails, of so many bytes, become messages in one transaction: a commit costs as much as a mail, and whoever
// writes beside has to wait for it.
const (
	joinedMails = 8
	joinedBytes = 256 << 10
)

// inGroups cuts a batch into runs of mails that may share a transaction.
func inGroups(all []*inHand) iter.Seq[[]*inHand] {
	return func(yield func([]*inHand) bool) {
		for len(all) > 0 {
			n, size := 0, int64(0)
			for n < min(len(all), joinedMails) && (n == 0 || size+all[n].job.Size <= joinedBytes) {
				size += all[n].job.Size
				n++
			}
			if !yield(all[:n:n]) {
				return
			}
			all = all[n:]
		}
	}
}

// errApart says that a mail wants a transaction of its own.
var errApart = errors.New("a mail is processed by itself")

// together processes mails in one transaction, each in a part of its own, and reports whether that went well. If it did
// not, nothing of it has happened: then each is processed by itself, where one that fails stands in nobody's way.
func (g *Gateway) together(ctx context.Context, list []*inHand) bool {
	if len(list) < 2 || ctx.Err() != nil || g.opts.Decrypt != nil || !g.desk.Joinable() {
		return false
	}
	counted := list[0].tally
	before := maps.Clone(counted.added)
	err := g.store.Update(ctx, func(ctx context.Context, _ store.Tx) error {
		counted.added = maps.Clone(before)
		for _, h := range list {
			if err := g.oneOf(ctx, h); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		counted.added = before
		for _, h := range list {
			h.outcome, h.done, h.left = Outcome{}, false, false
		}
		return false
	}
	for _, h := range list {
		h.mail = nil
		g.told(func(p *Progress) { p.Done++ })
	}
	return true
}

// oneOf processes a mail within a transaction of several. Whatever needs a second thought is left to a transaction of
// its own.
func (g *Gateway) oneOf(ctx context.Context, h *inHand) error {
	if h.mail == nil || h.part != Everything {
		return errApart
	}
	o, err := g.process(ctx, h)
	if errors.Is(err, errDuplicate) {
		o.Result = Duplicate
		var done bool
		if o, done = g.settle(ctx, h.work, h.job, o, store.WorkDone); done {
			err = nil
		}
	}
	h.outcome, h.done = o, err == nil
	return err
}
