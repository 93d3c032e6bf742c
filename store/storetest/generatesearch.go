package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// tokens draws a text of few words.
func (g *generator) tokens() string {
	var out []string
	for range g.IntN(5) {
		out = append(out, pick(g, "lamp", "lamps", "lampe", "foot", "broken", "日本", "本語"))
	}
	return strings.Join(out, " ")
}

func (g *generator) document() store.Document {
	return store.Document{Subject: g.tokens(), Codes: g.tokens(), People: g.tokens(), Body: g.tokens(), Notes: g.tokens(), Who: pick(g, "", "w1", "w2", "w1 w2")}
}

func (g *generator) phrase() store.Phrase {
	p := store.Phrase{Words: strings.Fields(g.tokens() + " " + pick(g, "lamp", "foot", "broken", "日本")), Prefix: g.chance(3)}
	p.Words = p.Words[max(0, len(p.Words)-1-g.IntN(2)):]
	if g.chance(3) {
		p.Column = pick(g, store.ColumnSubject, store.ColumnCodes, store.ColumnPeople, store.ColumnBody, store.ColumnNotes)
	}
	return p
}

func (g *generator) question() store.SearchQuery {
	q := store.SearchQuery{Ranked: g.chance(2), Filter: g.query()}
	q.Filter.Sort = ""
	for range g.IntN(3) {
		entry := []store.Phrase{g.phrase()}
		for g.chance(3) {
			entry = append(entry, g.phrase())
		}
		q.All = append(q.All, entry)
	}
	for g.chance(3) {
		q.None = append(q.None, g.phrase())
	}
	if g.chance(4) {
		q.Who = some(g, "w1", "w2", "nobody")
	}
	return q
}

// searching describes an operation on a store that can search; of others it asks nothing.
func searching(text string, do func(ctx context.Context, tx store.Tx, s store.Searcher) (any, error)) *operation {
	return &operation{text, func(ctx context.Context, tx store.Tx, w *world) (string, error) {
		if w.search == nil {
			return "", nil
		}
		return answer(do(ctx, tx, w.search))
	}}
}

// search lists what is found, in the order of ids: of what changed at nearly the same time neither is the newer one.
func (g *generator) search() *operation {
	q, scope := g.question(), g.scope()
	scope.Internal = g.chance(2)
	return searching("Search "+brief(q)+" for "+brief(scope), func(ctx context.Context, _ store.Tx, s store.Searcher) (any, error) {
		var all []int64
		for q := q; ; {
			page, err := s.Search(ctx, q, scope)
			all = append(all, ids(page.Tickets)...)
			if q.Filter.Cursor = page.Next; err != nil || q.Filter.Cursor == "" || len(all) > modelTickets {
				slices.Sort(all)
				return all, err
			}
		}
	})
}

// index indexes everything that is stale, or takes documents away.
func (g *generator) index() *operation {
	if g.chance(6) {
		id := g.ticketID()
		return searching(fmt.Sprint("Unindex ", id), func(ctx context.Context, _ store.Tx, s store.Searcher) (any, error) { return nil, s.Unindex(ctx, id) })
	}
	texts := make([]store.Document, modelTickets+1)
	for i := range texts {
		texts[i] = g.document()
	}
	return searching(fmt.Sprintf("Index %+v", texts), func(ctx context.Context, tx store.Tx, s store.Searcher) (any, error) {
		stale, err := s.Stale(ctx, 1000)
		if err != nil {
			return nil, err
		}
		var of []int64
		docs := make([]store.Document, len(stale))
		for i, st := range stale {
			of = append(of, st.Ticket)
			docs[i] = texts[st.Ticket]
			docs[i].Ticket, docs[i].Mark = st.Ticket, st.Mark
			t, err := tx.Ticket(ctx, st.Ticket, everything)
			switch {
			case errors.Is(err, ticket.ErrNotFound):
				docs[i].Gone = true
			case err != nil:
				return nil, err
			default:
				docs[i].Version, docs[i].Updated = t.Version, t.UpdatedAt
			}
		}
		n, err := s.Index(ctx, docs)
		slices.Sort(of)
		lag, err2 := s.SearchLag(ctx)
		return []any{of, n, lag.Tickets, lag.Since.IsZero()}, firstError(err, err2)
	})
}

func (g *generator) reindex() *operation {
	repair := g.chance(4)
	return searching(fmt.Sprint("Reindex, throwing away what there is: ", repair), func(ctx context.Context, _ store.Tx, s store.Searcher) (any, error) {
		if repair {
			return nil, s.RepairSearch(ctx)
		}
		return nil, s.Reindex(ctx)
	})
}
