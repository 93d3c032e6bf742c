package storetest

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// The types below are readers whose lists of tickets or records are wrong in one way.

// without lists what r does but for the tickets that drop is true for.
func without(ctx context.Context, r store.Reader, q ticket.Query, scope ticket.Scope, drop func(*ticket.Ticket) bool) (ticket.Page, error) {
	page, err := r.Tickets(ctx, q, scope)
	page.Tickets = slices.DeleteFunc(page.Tickets, drop)
	return page, err
}

// valueless loses the second phase of a sort by field.
type valueless struct{ store.Reader }

func (r valueless) Tickets(ctx context.Context, q ticket.Query, scope ticket.Scope) (ticket.Page, error) {
	code, _, ok := q.Sort.Field()
	return without(ctx, r.Reader, q, scope, func(t *ticket.Ticket) bool { return ok && q.Cursor != "" && len(ticket.KeysOf(t.Fields[code])) == 0 })
}

// textual takes the range of numbers for one of texts.
type textual struct{ store.Reader }

func (r textual) Tickets(ctx context.Context, q ticket.Query, scope ticket.Scope) (ticket.Page, error) {
	return without(ctx, r.Reader, q, scope, func(t *ticket.Ticket) bool {
		return slices.ContainsFunc(q.Fields, func(f ticket.FieldFilter) bool {
			value := t.Fields[f.Code]
			return (f.From != "" && value < f.From) || (f.To != "" && value > f.To)
		})
	})
}

type firstLines struct{ store.Reader }

func (r firstLines) Tickets(ctx context.Context, q ticket.Query, scope ticket.Scope) (ticket.Page, error) {
	return without(ctx, r.Reader, q, scope, func(t *ticket.Ticket) bool {
		return slices.ContainsFunc(q.Fields, func(f ticket.FieldFilter) bool {
			first, _, _ := strings.Cut(strings.TrimSpace(t.Fields[f.Code]), "\n")
			return len(f.Values) > 0 && !f.Empty && !f.Selects(first)
		})
	})
}

// tieless shows equal values of a page in the wrong order.
type tieless struct{ store.Reader }

func (r tieless) Tickets(ctx context.Context, q ticket.Query, scope ticket.Scope) (ticket.Page, error) {
	page, err := r.Reader.Tickets(ctx, q, scope)
	if code, _, ok := q.Sort.Field(); ok {
		for i := 1; i < len(page.Tickets); i++ {
			if a, b := &page.Tickets[i-1], &page.Tickets[i]; slices.Equal(ticket.KeysOf((*a).Fields[code]), ticket.KeysOf((*b).Fields[code])) {
				*a, *b = *b, *a
			}
		}
	}
	return page, err
}

type wideOpen struct{ store.Reader }

func (r wideOpen) Tickets(ctx context.Context, q ticket.Query, scope ticket.Scope) (ticket.Page, error) {
	scope.All = scope.All || slices.Contains(scope.Places, ticket.Place{})
	return r.Reader.Tickets(ctx, q, scope)
}

type roaming struct{ store.Reader }

func (r roaming) Tickets(ctx context.Context, q ticket.Query, scope ticket.Scope) (ticket.Page, error) {
	scope.AgentPlaces = nil
	return r.Reader.Tickets(ctx, q, scope)
}

type curious struct{ store.Reader }

func (r curious) Tickets(ctx context.Context, q ticket.Query, scope ticket.Scope) (ticket.Page, error) {
	scope.Only = 0
	return r.Reader.Tickets(ctx, q, scope)
}

type tricked struct{ store.Reader }

func (r tricked) Tickets(ctx context.Context, q ticket.Query, scope ticket.Scope) (ticket.Page, error) {
	scope.All = scope.All || scope.Only != 0
	return r.Reader.Tickets(ctx, q, scope)
}

type oneAddress struct{ store.Reader }

func (r oneAddress) Tickets(ctx context.Context, q ticket.Query, scope ticket.Scope) (ticket.Page, error) {
	scope.Emails = scope.Emails[:min(1, len(scope.Emails))]
	return r.Reader.Tickets(ctx, q, scope)
}

type brandless struct{ store.Reader }

func (r brandless) Tickets(ctx context.Context, q ticket.Query, scope ticket.Scope) (ticket.Page, error) {
	scope.Places = slices.Clone(scope.Places)
	for i := range scope.Places {
		if scope.Places[i].Department != "" {
			scope.Places[i].Brand = ""
		}
	}
	return r.Reader.Tickets(ctx, q, scope)
}

// rankless lists by priority as if nothing had a rank.
type rankless struct{ store.Reader }

func (r rankless) Tickets(ctx context.Context, q ticket.Query, scope ticket.Scope) (ticket.Page, error) {
	q.Ranks = nil
	return r.Reader.Tickets(ctx, q, scope)
}

type unreadBlind struct{ store.Reader }

func (r unreadBlind) Tickets(ctx context.Context, q ticket.Query, scope ticket.Scope) (ticket.Page, error) {
	q.UnreadByClient = false
	return r.Reader.Tickets(ctx, q, scope)
}

type replyTimeless struct{ store.Reader }

func (r replyTimeless) Tickets(ctx context.Context, q ticket.Query, scope ticket.Scope) (ticket.Page, error) {
	q.LastReplyTo = time.Time{}
	return r.Reader.Tickets(ctx, q, scope)
}

// byReply sorts by the update what is to be sorted by the reply.
type byReply struct{ store.Reader }

func (r byReply) Tickets(ctx context.Context, q ticket.Query, scope ticket.Scope) (ticket.Page, error) {
	switch q.Sort {
	case ticket.NewestReply:
		q.Sort = ticket.NewestUpdate
	case ticket.OldestReply:
		q.Sort = ticket.OldestUpdate
	}
	return r.Reader.Tickets(ctx, q, scope)
}

// oneWay gives out no way back.
type oneWay struct{ store.Reader }

func (r oneWay) Tickets(ctx context.Context, q ticket.Query, scope ticket.Scope) (ticket.Page, error) {
	page, err := r.Reader.Tickets(ctx, q, scope)
	page.Prev = ""
	return page, err
}

// unturned shows the pages before in the order in which they were walked.
type unturned struct{ store.Reader }

func (r unturned) Tickets(ctx context.Context, q ticket.Query, scope ticket.Scope) (ticket.Page, error) {
	page, err := r.Reader.Tickets(ctx, q, scope)
	if q.Before != nil {
		slices.Reverse(page.Tickets)
	}
	return page, err
}

// placeless begins at the beginning, wherever it is told to.
type placeless struct{ store.Reader }

func (r placeless) Tickets(ctx context.Context, q ticket.Query, scope ticket.Scope) (ticket.Page, error) {
	q.After = nil
	return r.Reader.Tickets(ctx, q, scope)
}

// offset pages by counting, as OFFSET does: what is written before the page moves it. Its cursors are numbers.
type offset struct{ store.Reader }

func (r offset) Tickets(ctx context.Context, q ticket.Query, scope ticket.Scope) (ticket.Page, error) {
	n, err := strconv.Atoi(cmp.Or(q.Cursor, "0"))
	if err != nil || q.After != nil || q.Before != nil {
		return r.Reader.Tickets(ctx, q, scope)
	}
	limit := min(cmp.Or(max(q.Limit, 0), ticket.DefaultPage), ticket.MaxPage)
	q.Cursor, q.Limit = "", ticket.MaxPage
	page, err := r.Reader.Tickets(ctx, q, scope)
	if err != nil || page.Next != "" {
		return page, err
	}
	all := page.Tickets
	page.Tickets = all[min(n, len(all)):min(n+limit, len(all))]
	if n+limit < len(all) {
		page.Next = strconv.Itoa(n + limit)
	}
	if n > 0 {
		page.Prev = strconv.Itoa(max(n-limit, 0))
	}
	return page, nil
}

type startsAgain struct{ store.Reader }

func (r startsAgain) Records(ctx context.Context, q store.RecordQuery) ([]*store.Record, error) {
	q.After = ""
	return r.Reader.Records(ctx, q)
}

type skipsRecord struct{ store.Reader }

func (r skipsRecord) Records(ctx context.Context, q store.RecordQuery) ([]*store.Record, error) {
	list, err := r.Reader.Records(ctx, q)
	if q.After != "" && q.Limit > 0 && len(list) > 1 {
		list = list[1:]
	}
	return list, err
}

// lossy compacts more than it should.
type lossy struct{ wrapped }

func newLossy() store.Store {
	s := &lossy{}
	s.wrapped = wrapped{Store: memory.New(nil), owner: s}
	return s
}

func (s *lossy) Compact(ctx context.Context) error {
	if _, ok := store.TxFrom(ctx, s); ok {
		return ticket.Invalid("ctx", ticket.FaultMalformed, "it carries a transaction")
	}
	return s.Update(ctx, func(ctx context.Context, x store.Tx) error { return x.DeleteTicket(ctx, 1) })
}

// TestCrowdNotices has the proof of paging among writers look at stores that lose tickets between pages: the other
// proofs of the group must not be what notices it.
func TestCrowdNotices(t *testing.T) {
	t.Parallel()
	for name, reader := range map[string]func(store.Reader) store.Reader{
		"pages by counting":  func(r store.Reader) store.Reader { return offset{r} },
		"no way back":        func(r store.Reader) store.Reader { return oneWay{r} },
		"drops the last row": func(r store.Reader) store.Reader { return dropsLast{r} },
	} {
		t.Run("M61 X09 "+name, func(t *testing.T) {
			t.Parallel()
			failures := attempt(t, func(t testing.TB) {
				pagesUnderCrowd(t, newEnv(t, func(testing.TB) store.Store { return brokenReader(reader)() }, &Options{}))
			})
			if len(failures) == 0 {
				t.Error("nothing is noticed")
			}
		})
	}
}
