package storetest

import (
	"context"
	"slices"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// brokenSearcher wraps a good store, one method of whose search is wrong.
func brokenSearcher(spoil func(store.Searcher) store.Searcher) func() store.Store {
	return func() store.Store {
		inner := memory.New(nil)
		s := &spoiledSearch{Searcher: spoil(inner)}
		s.wrapped = wrapped{Store: inner, owner: s}
		return s
	}
}

type spoiledSearch struct {
	wrapped
	store.Searcher
}

// blabs shows notes to everybody.
type blabs struct{ store.Searcher }

func (s blabs) Search(ctx context.Context, q store.SearchQuery, scope ticket.Scope) (ticket.Page, error) {
	scope.Internal = true
	return s.Searcher.Search(ctx, q, scope)
}

// unscoped decides by the document whose a ticket is.
type unscoped struct{ store.Searcher }

func (s unscoped) Search(ctx context.Context, q store.SearchQuery, scope ticket.Scope) (ticket.Page, error) {
	if len(q.Who) > 0 {
		scope.All = true
	}
	return s.Searcher.Search(ctx, q, scope)
}

// unfiltered forgets a filter.
type unfiltered struct{ store.Searcher }

func (s unfiltered) Search(ctx context.Context, q store.SearchQuery, scope ticket.Scope) (ticket.Page, error) {
	q.Filter.Watcher = ""
	return s.Searcher.Search(ctx, q, scope)
}

// scattered finds words wherever they stand.
type scattered struct{ store.Searcher }

func (s scattered) Search(ctx context.Context, q store.SearchQuery, scope ticket.Scope) (ticket.Page, error) {
	var all [][]store.Phrase
	for _, entry := range q.All {
		if len(entry) != 1 {
			all = append(all, entry)
			continue
		}
		for i, w := range entry[0].Words {
			all = append(all, []store.Phrase{{Words: []string{w}, Prefix: entry[0].Prefix && i == len(entry[0].Words)-1, Column: entry[0].Column}})
		}
	}
	q.All = all
	return s.Searcher.Search(ctx, q, scope)
}

// shortened drops the last ticket of a page that has a next.
type shortened struct{ store.Searcher }

func (s shortened) Search(ctx context.Context, q store.SearchQuery, scope ticket.Scope) (ticket.Page, error) {
	page, err := s.Searcher.Search(ctx, q, scope)
	if page.Next != "" && len(page.Tickets) > 1 {
		page.Tickets = page.Tickets[:len(page.Tickets)-1]
	}
	return page, err
}

// unranked forgets the order.
type unranked struct{ store.Searcher }

func (s unranked) Search(ctx context.Context, q store.SearchQuery, scope ticket.Scope) (ticket.Page, error) {
	page, err := s.Searcher.Search(ctx, q, scope)
	if q.Ranked {
		slices.SortFunc(page.Tickets, func(a, b *ticket.Ticket) int { return b.UpdatedAt.Compare(a.UpdatedAt) })
	}
	return page, err
}

// markless takes every document, whatever has changed since it was made.
type markless struct{ store.Searcher }

func (s markless) Index(ctx context.Context, docs []store.Document) (int, error) {
	stale, err := s.Stale(ctx, 1000)
	if err != nil {
		return 0, err
	}
	docs = slices.Clone(docs)
	for i := range docs {
		for _, st := range stale {
			if st.Ticket == docs[i].Ticket && docs[i].Mark > 0 {
				docs[i].Mark = st.Mark
			}
		}
	}
	return s.Searcher.Index(ctx, docs)
}

// clings keeps documents that should go, until they are made anew.
type clings struct{ store.Searcher }

func (clings) Unindex(ctx context.Context, _ ...int64) error { return ctx.Err() }

// leaves does not index anew.
type leaves struct{ store.Searcher }

func (leaves) Reindex(ctx context.Context) error { return ctx.Err() }

// forgetful says nothing of how far it is behind.
type forgetful struct{ store.Searcher }

func (s forgetful) SearchLag(ctx context.Context) (store.SearchLag, error) {
	lag, err := s.Searcher.SearchLag(ctx)
	lag.Tickets = min(lag.Tickets, 1)
	return lag, err
}
