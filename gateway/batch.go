package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"sync"

	"github.com/helpdeskgo/helpdesk/store"
)

// So many mails are leased at once, and read ahead. A large one is read when its turn comes.
const (
	batch     = 32
	largeMail = 1 << 20
)

// inHand is a mail that this process has leased.
type inHand struct {
	work       *store.Work
	job        job
	unreadable bool
	mail       *Mail         // nil until it is read
	ready      chan struct{} // closed when that has been tried
	tally      *tally

	refusal *subject // what counts towards the caps once its refusal stands; nil where nothing does

	part    Part // which mails are to be processed
	left    bool // it is none of them
	outcome Outcome
	done    bool
}

// Process turns mails that were fetched into messages: those that are due, one batch, in their order. Mails that must be
// tried again later are not among the outcomes.
func (g *Gateway) Process(ctx context.Context) ([]Outcome, error) {
	all, err := g.batch(ctx, Everything)
	var out []Outcome
	for _, h := range all {
		if h.done {
			out = append(out, h.outcome)
		}
	}
	return out, err
}

// batch leases mails and processes those of a part.
func (g *Gateway) batch(ctx context.Context, part Part) ([]*inHand, error) {
	works, err := g.lease(ctx)
	if err != nil {
		return nil, fmt.Errorf("gateway %s: lease: %w", g.name, err)
	}
	if len(works) == 0 {
		return nil, ctx.Err()
	}
	counted := g.newTally()
	all := make([]*inHand, len(works))
	for i, w := range works {
		all[i] = &inHand{work: w, tally: counted, part: part}
		all[i].unreadable = json.Unmarshal(w.Doc, &all[i].job) != nil
	}
	defer g.readAhead(ctx, all)()
	for some := range inGroups(all) { // in their order, which is that of the numbers of their tickets
		if err := counted.load(ctx, subjects(read(some))...); err != nil && ctx.Err() == nil {
			g.log(ctx, "the caps could not be read: tried again with each mail", "error", err)
		}
		if !g.together(ctx, some) {
			for _, h := range some {
				g.turn(ctx, h)
			}
		}
	}
	if err := counted.save(ctx); err != nil {
		g.log(ctx, "a batch of mails does not count towards the caps", "error", err)
	}
	return all, ctx.Err()
}

// turn processes a mail, or, where there is no more time, gives it back at once and not only when its lease ends.
func (g *Gateway) turn(ctx context.Context, h *inHand) {
	if err := ctx.Err(); err != nil {
		g.later(ctx, h.work, err)
		return
	}
	if h.outcome, h.done = g.one(ctx, h); h.done {
		g.told(func(p *Progress) { p.Done++ })
	}
	h.mail = nil
}

// readAhead has the mails that are small read, side by side, while others are written. done waits until nobody reads.
func (g *Gateway) readAhead(ctx context.Context, all []*inHand) (done func()) {
	var readers sync.WaitGroup
	next := make(chan *inHand, len(all))
	for _, h := range all {
		h.ready = make(chan struct{})
		next <- h
	}
	close(next)
	for range min(runtime.GOMAXPROCS(0), len(all)) {
		readers.Go(func() {
			for h := range next {
				if h.job.Size <= largeMail {
					_ = g.load(ctx, h) // tried again at its turn, which says what is wrong
				}
				close(h.ready)
			}
		})
	}
	return readers.Wait
}

// subjects are what is counted of mails, if people wrote them.
func subjects(mails []*Mail) (list []subject) {
	for _, m := range mails {
		list = append(list, subjectOf(m, false))
	}
	return list
}

// read are the mails that were, once they have been tried.
func read(all []*inHand) (mails []*Mail) {
	for _, h := range all {
		if <-h.ready; h.mail != nil {
			mails = append(mails, h.mail)
		}
	}
	return mails
}

// load reads a mail, if it is not read yet.
func (g *Gateway) load(ctx context.Context, h *inHand) (err error) {
	if h.mail != nil || h.unreadable || h.job.Raw == "" {
		return nil
	}
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("reading panicked: %v", v)
		}
	}()
	raw, err := g.readRaw(ctx, h.job)
	if err != nil {
		return err
	}
	m := g.read(ctx, raw, h.job)
	pattern, err := g.caught(ctx, m) // which may take its time: here nobody waits for it
	if err != nil {
		return err
	}
	m.caught, h.mail = &pattern, m
	return nil
}
