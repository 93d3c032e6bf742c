package gateway

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"
)

// The pauses of Run.
const (
	pollInterval   = time.Minute
	safetyInterval = 5 * time.Minute  // of a source that hears of new mail: its connection may be dead
	workInterval   = 10 * time.Second // between looks for mails that are to be tried again, or that other processes fetched
)

// Run brings in mails until ctx ends, and then returns nil. It fetches when the source hears of new mail, and every
// interval; meanwhile it processes what was fetched, so that a mail which takes long holds up no other mailbox and no
// fetch. A failing source is left alone for a while, and longer each time: Status says since when and why.
func (g *Gateway) Run(ctx context.Context, src Source) error {
	fetched := make(chan struct{}, 1)
	var both sync.WaitGroup
	both.Go(func() { g.fetchLoop(ctx, src, fetched) })
	both.Go(func() { g.workLoop(ctx, src, fetched) })
	both.Wait()
	return nil
}

// Work processes what was fetched, here or by another process, until ctx ends, and then returns nil. It asks no mailbox, and
// tells none of what is done with.
func (g *Gateway) Work(ctx context.Context) error {
	g.workLoop(ctx, nil, nil)
	return nil
}

// fetchLoop fetches, and says so.
func (g *Gateway) fetchLoop(ctx context.Context, src Source, fetched chan<- struct{}) {
	for ctx.Err() == nil {
		if wait := g.retryIn(ctx); wait > 0 {
			pause(ctx, wait)
			continue
		}
		n, err := g.Fetch(ctx, src)
		if n > 0 {
			select {
			case fetched <- struct{}{}:
			default: // it is known
			}
		}
		if err != nil && ctx.Err() == nil {
			g.log(ctx, "fetching failed: trying again", "error", err, "in", g.retryIn(ctx).Round(time.Second))
			continue
		}
		g.await(ctx, src)
	}
}

// await waits for the next fetch.
func (g *Gateway) await(ctx context.Context, src Source) {
	w, hears := src.(Waiter)
	if !hears {
		pause(ctx, cmp.Or(g.opts.Interval, pollInterval))
		return
	}
	from, err := g.cursor(ctx)
	if err != nil {
		pause(ctx, workInterval) // the next fetch says what is wrong
		return
	}
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(g.opts.Interval, safetyInterval))
	defer cancel()
	// A server that is quick to say that there is something, and then has nothing, is not to be asked without a pause.
	soonest := time.Now().Add(time.Second)
	if err := w.Wait(ctx, from); err != nil && ctx.Err() == nil {
		g.log(ctx, "waiting for mail failed: polling instead", "error", err)
		pause(ctx, pollInterval)
	}
	pause(ctx, time.Until(soonest))
}

// workLoop processes what was fetched, here or by another process.
func (g *Gateway) workLoop(ctx context.Context, src Source, fetched <-chan struct{}) {
	tick := time.NewTicker(workInterval)
	defer tick.Stop()
	for ctx.Err() == nil {
		err := g.drain(ctx)
		if err == nil {
			_, err = g.Acknowledge(ctx, src)
		}
		if err != nil && ctx.Err() == nil {
			g.log(ctx, "processing failed: trying again", "error", err, "in", workInterval)
		}
		select {
		case <-ctx.Done():
		case <-fetched:
		case <-tick.C:
		}
	}
}

// Poll does all that Run does, once and in turn: it fetches what is new, processes what is due, acknowledges what is done
// with, and returns what became of the mails. Mails that must be tried again later are not among them. A mailbox that is
// paused is asked all the same: somebody wants to know. The error is that of the source or of the store; what was fetched
// before it is processed in spite of it.
func (g *Gateway) Poll(ctx context.Context, src Source) ([]Outcome, error) {
	_, fetchErr := g.Fetch(ctx, src)
	all, err := g.processAll(ctx)
	if err == nil && fetchErr == nil {
		_, err = g.Acknowledge(ctx, src)
	}
	return all, errors.Join(fetchErr, err)
}

func (g *Gateway) processAll(ctx context.Context) (all []Outcome, err error) {
	for {
		some, err := g.Process(ctx)
		if all = append(all, some...); err != nil || len(some) == 0 {
			return all, err
		}
	}
}

// drain is processAll for who wants no list: that of a big mailbox takes memory.
func (g *Gateway) drain(ctx context.Context) error {
	for {
		if some, err := g.Process(ctx); err != nil || len(some) == 0 {
			return err
		}
	}
}

// pause waits for a time, or for the end of the context.
func pause(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
