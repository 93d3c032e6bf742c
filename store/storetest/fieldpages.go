package storetest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// sortedByField returns the ids in the order of a field, by the table above and not by keys.
func sortedByField(all map[string]*ticket.Ticket, desc bool) []int64 {
	order := slices.Clone(fieldValues)
	if desc {
		slices.Reverse(order)
	}
	var out []int64
	for _, same := range append(order, noValues) {
		var ids []int64
		for _, value := range same {
			if x, ok := all[value]; ok {
				ids = append(ids, x.ID)
			}
		}
		slices.Sort(ids)
		if desc {
			slices.Reverse(ids)
		}
		out = append(out, ids...)
	}
	return out
}

func fieldOrder(t testing.TB, e *env) {
	all := e.valued(t)
	for sort, want := range map[ticket.Sort][]int64{ticket.ByField(fieldCode): sortedByField(all, false), ticket.ByFieldDesc(fieldCode): sortedByField(all, true)} {
		for _, limit := range []int{1, 3, len(all) - len(noValues), len(all) - 1, len(all), len(all) + 1} {
			if got := e.walk(t, ticket.Query{Sort: sort, Limit: limit}, everything, nil); !slices.Equal(got, want) {
				t.Errorf("%s by %d: got %v, want %v", sort, limit, got, want)
			}
		}
	}
	var byID []int64
	for _, x := range all {
		byID = append(byID, x.ID)
	}
	slices.Sort(byID)
	if got := e.walk(t, ticket.Query{Sort: ticket.ByField("unknown"), Limit: 4}, everything, nil); !slices.Equal(got, byID) {
		t.Errorf("by a field that no ticket has: got %v, want %v", got, byID)
	}
	e.read(t, func(ctx context.Context, r store.Reader) error {
		for _, sort := range []ticket.Sort{ticket.ByField(""), ticket.ByFieldDesc(strings.Repeat("x", 256))} {
			if _, err := r.Tickets(ctx, ticket.Query{Sort: sort}, everything); !errors.Is(err, ticket.ErrInvalid) {
				t.Errorf("a sort by %.20q: %v, want %v", sort, err, ticket.ErrInvalid)
			}
		}
		return nil
	})
}

// fieldScopes see much, little, or a little for several reasons.
var fieldScopes = []ticket.Scope{
	{}, {Places: department("sales", "billing")}, {Places: []ticket.Place{{Brand: "shop"}}}, {Agent: "7", Places: department("sales")}, {Requester: "7"},
	{Agent: "7", Requester: "7", Emails: []string{"seven@example.com"}, Organisations: []string{"acme"}},
}

func scopedFields(t testing.TB, e *env) {
	tickets := map[int64]*ticket.Ticket{}
	for _, change := range scoped {
		for _, x := range e.valued(t, change) {
			tickets[x.ID] = x
		}
	}
	for _, sort := range []ticket.Sort{ticket.ByField(fieldCode), ticket.ByFieldDesc(fieldCode)} {
		all := e.walk(t, ticket.Query{Sort: sort}, everything, nil)
		for _, scope := range fieldScopes {
			var want []int64
			for _, id := range all {
				if scope.Sees(tickets[id]) {
					want = append(want, id)
				}
			}
			if got := e.walk(t, ticket.Query{Sort: sort, Limit: 7}, scope, nil); !slices.Equal(got, want) {
				t.Errorf("%s, %s: got %v, want %v", text(scope), sort, got, want)
			}
		}
	}
}

func fieldCursors(t testing.TB, e *env) {
	e.valued(t)
	by := append(slices.Clone(sorts), ticket.ByField(fieldCode), ticket.ByFieldDesc(fieldCode), ticket.ByField(otherCode), ticket.ByFieldDesc(otherCode))
	for _, sort := range by {
		var next string
		e.read(t, func(ctx context.Context, r store.Reader) error {
			page, err := r.Tickets(ctx, ticket.Query{Sort: sort, Limit: 3}, everything)
			next = page.Next
			return err
		})
		for _, other := range by {
			e.read(t, func(ctx context.Context, r store.Reader) error {
				_, err := r.Tickets(ctx, ticket.Query{Sort: other, Cursor: next}, everything)
				if errors.Is(err, ticket.ErrInvalid) != (sort != other) {
					t.Errorf("the cursor of %s for %s: %v", sort, other, err)
				}
				return nil
			})
		}
	}
}

// fieldsUnderWrites moves some tickets from value to value, and out of the field and in again, between the pages.
func fieldsUnderWrites(t testing.TB, e *env) {
	quiet := e.valued(t)
	most := e.ids.Load()
	var restless []*ticket.Ticket
	for _, x := range e.valued(t) {
		restless = append(restless, x)
	}
	values := append(slices.Concat(fieldValues...), noValues...)
	for _, desc := range []bool{false, true} {
		sort := map[bool]ticket.Sort{false: ticket.ByField(fieldCode), true: ticket.ByFieldDesc(fieldCode)}[desc]
		steps := make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			n := 0
			for range steps {
				n++
				x := restless[n*7%len(restless)]
				x.Fields = map[string]string{fieldCode: values[n*11%len(values)]}
				added := e.newTicket(func(x *ticket.Ticket) { x.Fields = map[string]string{fieldCode: values[n*5%len(values)]} })
				if err := e.Update(e.ctx, func(ctx context.Context, tx store.Tx) error { return putAll(ctx, tx, x, added) }); err != nil {
					t.Errorf("writing: %v", err)
				}
			}
		})
		got := e.walk(t, ticket.Query{Sort: sort, Limit: 3}, everything, func() { steps <- struct{}{} })
		close(steps)
		wg.Wait()
		got = slices.DeleteFunc(got, func(id int64) bool { return id > most })
		if want := sortedByField(quiet, desc); !slices.Equal(got, want) {
			t.Errorf("%s: the unchanged tickets came as %v, want %v", sort, got, want)
		}
	}
}
