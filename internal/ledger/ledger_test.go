package ledger_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/ledger"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// coin is a thing to keep.
type coin struct {
	ID, Ticket int64
	Agent      string
	At         time.Time
	Value      int
}

var coins = ledger.Ledger[coin]{Kind: "coin", At: "coin_at", Place: func(c *coin) ledger.Place {
	return ledger.Place{ID: c.ID, Ticket: c.Ticket, Agent: c.Agent, Time: c.At}
}}

func at(n int) time.Time { return time.Unix(int64(n), 0).UTC() }

// TestLedger does what it does to a map as well, at random, and asks both.
func TestLedger(t *testing.T) {
	t.Parallel()
	s, r, have := memory.New(nil), rand.New(rand.NewPCG(9, 10)), map[int64]coin{}
	err := s.Update(context.Background(), func(ctx context.Context, tx store.Tx) error {
		for range 2000 {
			c := coin{ID: r.Int64N(30), Ticket: 1 + r.Int64N(4), Agent: []string{"7", "8"}[r.IntN(2)], At: at(r.IntN(20)), Value: r.IntN(100)}
			was, there := have[c.ID]
			var err error
			switch op := r.IntN(20); {
			case op == 0:
				err = coins.Forget(ctx, tx, c.Ticket)
				for id, other := range have {
					if other.Ticket == c.Ticket {
						delete(have, id)
					}
				}
			case op < 6 && there:
				err = coins.Drop(ctx, tx, &was)
				delete(have, c.ID)
			case there:
				err = coins.Put(ctx, tx, &was, &c)
				have[c.ID] = c
			default:
				err = coins.Put(ctx, tx, nil, &c)
				have[c.ID] = c
			}
			if err != nil {
				return err
			}
			if err := compare(ctx, t, tx, have, r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func compare(ctx context.Context, t *testing.T, r store.Reader, have map[int64]coin, rnd *rand.Rand) error {
	t.Helper()
	q := ledger.Query[coin]{Limit: 1 + rnd.IntN(5), Selects: func(c coin) bool { return c.Value%3 > 0 }}
	switch rnd.IntN(3) {
	case 0:
		q.Ticket = 1 + rnd.Int64N(4)
	case 1:
		q.Agent = "7"
	}
	if q.Ticket == 0 && rnd.IntN(2) == 0 {
		q.From, q.To = at(rnd.IntN(20)), at(rnd.IntN(20))
	}
	var want []coin
	for _, c := range have {
		if q.Selects(c) && (q.Ticket == 0 || c.Ticket == q.Ticket) && (q.Agent == "" || c.Agent == q.Agent) && (q.From.IsZero() || !c.At.Before(q.From)) && (q.To.IsZero() || c.At.Before(q.To)) {
			want = append(want, c)
		}
	}
	slices.SortFunc(want, func(a, b coin) int {
		if q.Ticket == 0 && !a.At.Equal(b.At) {
			return a.At.Compare(b.At)
		}
		return int(a.ID - b.ID)
	})
	var got []coin
	for {
		page, next, err := coins.List(ctx, r, q)
		if err != nil {
			return err
		}
		if len(page) > q.Limit {
			t.Errorf("%d on a page of %d", len(page), q.Limit)
		}
		if got = append(got, page...); next == "" {
			break
		}
		q.Cursor = next
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%+v\n%+v\nwant %+v", q, got, want)
	}
	id := rnd.Int64N(30)
	c, err := coins.Get(ctx, r, id)
	if known, ok := have[id]; (ok && (err != nil || c != known)) || (!ok && !errors.Is(err, ticket.ErrNotFound)) {
		t.Fatalf("%d is %+v, %v", id, c, err)
	}
	return nil
}
