package helpdesk

import (
	"context"
	"errors"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// indexer is what holds the indexer's lease.
var indexer = sole{kind: "indexer", name: "search", ttl: time.Minute}

// The bounds of one step of the indexer. Writers wait while its documents are stored.
const (
	indexBatch = 256     // tickets
	indexBytes = 4 << 20 // of documents
)

// oldLag is from when on Check says that the search is behind.
const oldLag = 5 * time.Minute

// searcher is the store's search. Errors: ticket.ErrNoSearch.
func (d *Desk) searcher() (store.Searcher, error) {
	s, ok := d.store.(store.Searcher)
	if !ok {
		return nil, ticket.ErrNoSearch
	}
	return s, nil
}

// noSearch is the same for a store that cannot search and for one that shall not.
func noSearch(err error) error {
	if errors.Is(err, store.ErrSearchOff) {
		return ticket.ErrNoSearch
	}
	return err
}

// Index is what the search looks in, beside the tickets: see Desk.Search. Health tells how far it is behind.
type Index struct{ d *Desk }

// Index returns the group of verbs for the index of the search.
func (d *Desk) Index() Index { return Index{d} }

// Update makes the search know what has changed: it goes through the tickets that are stale, batch by batch, until there
// are none, and returns how many it has looked at. In background mode the desk does it by itself, every PollInterval;
// in others Tick does. Of several processes one does at a time, and the others return at once. Errors:
// ticket.ErrNoSearch; ticket.ErrStopped; ctx.Err(); the store's own.
func (g Index) Update(ctx context.Context) (int, error) {
	if err := g.d.usable(ctx); err != nil {
		return 0, failed("index", err)
	}
	if _, err := g.d.searcher(); err != nil {
		return 0, failed("index", err)
	}
	n, err := g.d.indexAll(store.ContextWithoutTx(ctx))
	return n, failed("index", noSearch(err))
}

func (d *Desk) indexAll(ctx context.Context) (total int, err error) {
	for mended := false; ; {
		n, err := d.indexStep(ctx)
		if errors.Is(err, store.ErrSearchBroken) && !mended { // the next step mends it
			mended = true
			continue
		}
		if total += n; err != nil || n == 0 {
			return total, err
		}
	}
}

// catchUp is Update for Tick, where nothing to search with is no error.
func (d *Desk) catchUp(ctx context.Context) (int, error) {
	if _, err := d.searcher(); err != nil {
		return 0, nil
	}
	n, err := d.indexAll(ctx)
	if errors.Is(err, store.ErrSearchOff) {
		err = nil
	}
	return n, err
}

// indexLoop is the indexer of background mode.
func (d *Desk) indexLoop(ctx context.Context) {
	poll := time.NewTicker(d.cfg.PollInterval)
	defer poll.Stop()
	for {
		n, err := d.indexStep(ctx)
		switch {
		case errors.Is(err, store.ErrSearchOff):
			return
		case err != nil && ctx.Err() == nil:
			d.log(ctx, "indexing failed", "error", err)
		case n > 0:
			select {
			case <-d.run.quit:
				return
			default:
				continue
			}
		}
		select {
		case <-d.run.quit:
			return
		case <-poll.C:
		}
	}
}

// indexStep is indexNext for one goroutine of this process at a time: whoever calls Update waits for the background
// rather than to be told that somebody is at it.
func (d *Desk) indexStep(ctx context.Context) (int, error) {
	d.indexing.Lock()
	defer d.indexing.Unlock()
	return d.indexNext(ctx)
}

// indexNext indexes one batch, and returns how many tickets that were: none where nothing is stale, or where another
// process is at it. What is read and cut into words is so outside of the transaction that stores it: a ticket that
// changes meanwhile is left for the next step.
func (d *Desk) indexNext(ctx context.Context) (int, error) {
	s, err := d.searcher()
	if err != nil {
		return 0, err
	}
	if d.broken.Swap(false) {
		if err := s.RepairSearch(ctx); err != nil {
			d.broken.Store(true)
			return 0, err
		}
	}
	stale, err := s.Stale(ctx, indexBatch)
	if err != nil || len(stale) == 0 {
		return 0, err
	}
	lease, err := d.leaseSole(ctx, indexer)
	if err != nil || lease == nil {
		return 0, err
	}
	n, err := d.indexStale(ctx, s, stale, lease)
	if errors.Is(err, store.ErrSearchBroken) {
		d.broken.Store(true)
	}
	if errors.Is(err, store.ErrStale) { // somebody else was faster
		err = nil
	}
	return n, err
}

func (d *Desk) indexStale(ctx context.Context, s store.Searcher, stale []store.Stale, lease *store.Work) (n int, err error) {
	docs, err := d.documents(ctx, stale)
	if err != nil {
		return 0, errors.Join(err, d.endLease(ctx, lease))
	}
	err = d.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if n, err = s.Index(ctx, docs); err != nil {
			return err
		}
		return tx.Finish(ctx, lease)
	})
	switch {
	case err == nil:
		return n, nil
	case errors.Is(err, store.ErrStale):
		return 0, err
	}
	return 0, errors.Join(err, d.endLease(ctx, lease))
}

// documents makes the documents of stale tickets, as many of them as one step may store.
func (d *Desk) documents(ctx context.Context, stale []store.Stale) (docs []store.Document, err error) {
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		docs = docs[:0]
		size := 0
		for _, st := range stale {
			doc, err := documentOf(ctx, r, st.Ticket)
			if err != nil {
				return err
			}
			doc.Ticket, doc.Mark = st.Ticket, st.Mark
			docs = append(docs, doc)
			if size += len(doc.Body) + len(doc.Notes); size > indexBytes {
				break
			}
		}
		return nil
	})
	return docs, err
}

// Rebuild has every ticket indexed anew, while the desk goes on: until its turn comes each is found as before. Where the
// index is damaged it is thrown away first; the desk notices that by itself, too. Errors: ticket.ErrNoActor;
// ticket.ErrForbidden without the right to configure; ticket.ErrNoSearch; ticket.ErrBusy.
func (g Index) Rebuild(ctx context.Context) error {
	return failed("reindex", noSearch(g.d.reindex(ctx)))
}

func (d *Desk) reindex(ctx context.Context) error {
	ctx, actor, err := d.enter(ctx)
	if err == nil {
		err = d.mayAtAll(ctx, actor, ActConfigure)
	}
	if err == nil && inGuard(ctx) {
		err = errGuardWrites
	}
	if err != nil {
		return err
	}
	s, err := d.searcher()
	if err != nil {
		return err
	}
	probe := store.SearchQuery{Filter: ticket.Query{Limit: 1}}
	_, err = s.Search(ctx, probe, ticket.Scope{All: true, Internal: true})
	if errors.Is(err, store.ErrSearchBroken) {
		return s.RepairSearch(ctx)
	}
	if err != nil {
		return err
	}
	return s.Reindex(ctx)
}

// unindex takes what the ticket's document holds out of the search, with the write. What is found of a merged ticket
// stands in the documents of those that it has gone into.
func (w *write) unindex(ctx context.Context) error {
	s, err := w.d.searcher()
	if err != nil {
		return nil
	}
	ids := []int64{w.after.ID}
	for t := w.after; t.MergedInto != 0; ids = append(ids, t.ID) {
		if t, err = w.tx.Ticket(ctx, t.MergedInto, ticket.Scope{All: true}); err != nil {
			return err
		}
	}
	return s.Unindex(ctx, ids...)
}

// searchLag is how far the search is behind; zero where there is none.
func (d *Desk) searchLag(ctx context.Context) (store.SearchLag, error) {
	s, err := d.searcher()
	if err != nil {
		return store.SearchLag{}, nil
	}
	lag, err := s.SearchLag(ctx)
	if errors.Is(err, store.ErrSearchOff) {
		err = nil
	}
	return lag, err
}

func (d *Desk) checkSearch(ctx context.Context) ([]Problem, error) {
	lag, err := d.searchLag(ctx)
	if err != nil || lag.Tickets == 0 {
		return nil, err
	}
	now, err := d.store.Now(ctx)
	idle := d.cfg.Dispatch == Background && !d.run.started.Load() // nobody will come, however long one waits
	if err != nil || !idle && now.Sub(lag.Since) < oldLag {
		return nil, err
	}
	return []Problem{{Area: "search", Message: "tickets wait to be indexed since " + lag.Since.Format(time.RFC3339) +
		": call Desk.Start, or Desk.Tick or Index.Update from time to time, or open the store with SearchOff"}}, nil
}
