package storetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var messages = []proof{
	{"messages come in the order of Seq, whatever their ids", messageOrder},
	{"a thread is read in pages, in both directions", messagePages},
	{"kinds are filtered", messageKinds},
	{"a message can move to another ticket", messageMoves},
}

var events = []proof{
	{"events of a ticket come in the order of Seq", eventOrder},
	{"events of the desk come by time and id, and a listing continues after an entry", eventJournal},
	{"types and times are filtered", eventFilters},
	{"an event that is put again is replaced", eventReplaced},
}

func (e *env) thread(t testing.TB, q ticket.MessageQuery) []*ticket.Message {
	t.Helper()
	var out []*ticket.Message
	e.read(t, func(ctx context.Context, r store.Reader) (err error) {
		out, err = r.Messages(ctx, q)
		return err
	})
	return out
}

func seqs(list []*ticket.Message) []int64 {
	out := make([]int64, len(list))
	for i, m := range list {
		out[i] = m.Seq
	}
	return out
}

func upTo(from, to int64) []int64 {
	var out []int64
	for i := from; i <= to; i++ {
		out = append(out, i)
	}
	return out
}

// long stores a ticket with n messages, put in another order than they stand in.
func (e *env) long(t testing.TB, n int64) *ticket.Ticket {
	x, other := e.newTicket(), e.newTicket()
	e.put(t, x, other, e.newMessage(other, 2))
	e.write(t, func(ctx context.Context, tx store.Tx) error {
		for i := range n {
			if err := tx.PutMessage(ctx, e.newMessage(x, n-i)); err != nil {
				return err
			}
		}
		return nil
	})
	return x
}

func messageOrder(t testing.TB, e *env) {
	x := e.long(t, 20)
	same(t, "ascending", seqs(e.thread(t, ticket.MessageQuery{TicketID: x.ID})), upTo(1, 20))
	newest := seqs(e.thread(t, ticket.MessageQuery{TicketID: x.ID, Newest: true}))
	slices.Reverse(newest)
	same(t, "descending", newest, upTo(1, 20))
	same(t, "no ticket", seqs(e.thread(t, ticket.MessageQuery{})), []int64{})
	same(t, "unknown ticket", seqs(e.thread(t, ticket.MessageQuery{TicketID: 4711})), []int64{})
}

func messagePages(t testing.TB, e *env) {
	x := e.long(t, ticket.MaxPage+5)
	for limit, want := range map[int]int64{0: ticket.DefaultPage, -3: ticket.DefaultPage, 3: 3, ticket.MaxPage + 5: ticket.MaxPage} {
		same(t, "the first page", seqs(e.thread(t, ticket.MessageQuery{TicketID: x.ID, Limit: limit})), upTo(1, want))
	}
	for _, newest := range []bool{false, true} {
		var all []int64
		for q := (ticket.MessageQuery{TicketID: x.ID, Limit: 40, Newest: newest}); len(all) <= ticket.MaxPage+5; {
			page := seqs(e.thread(t, q))
			if len(page) == 0 {
				break
			}
			all = append(all, page...)
			q.AfterSeq = page[len(page)-1]
		}
		if newest {
			slices.Reverse(all)
		}
		same(t, "all pages", all, upTo(1, ticket.MaxPage+5))
	}
}

func messageKinds(t testing.TB, e *env) {
	x := e.newTicket()
	e.put(t, x)
	kinds := []ticket.MessageKind{ticket.KindReply, ticket.KindNote, ticket.KindThirdParty, ticket.KindConfided}
	for i := range int64(12) {
		m := e.newMessage(x, i+1)
		m.Kind = kinds[i%4]
		e.put(t, m)
	}
	q := ticket.MessageQuery{TicketID: x.ID, Kinds: []ticket.MessageKind{ticket.KindReply, ticket.KindThirdParty}}
	same(t, "public", seqs(e.thread(t, q)), []int64{1, 3, 5, 7, 9, 11})
	q.AfterSeq, q.Limit = 3, 2
	same(t, "two public after the third", seqs(e.thread(t, q)), []int64{5, 7})
	q.Newest = true
	same(t, "public before the third, newest first", seqs(e.thread(t, q)), []int64{1})
}

func messageMoves(t testing.TB, e *env) {
	a, b := e.newTicket(), e.newTicket()
	m := e.newMessage(a, 1)
	e.put(t, a, b, m, e.newMessage(b, 1))
	m.TicketID, m.Seq = b.ID, 2
	e.put(t, m)
	same(t, "the old ticket", seqs(e.thread(t, ticket.MessageQuery{TicketID: a.ID})), []int64{})
	same(t, "the new ticket", seqs(e.thread(t, ticket.MessageQuery{TicketID: b.ID})), []int64{1, 2})
	e.write(t, func(ctx context.Context, tx store.Tx) error { return tx.DeleteTicket(ctx, a.ID) })
	same(t, "the moved message", e.loaded(t, m), m)
}

func (e *env) journal(t testing.TB, q ticket.EventQuery) []*ticket.Event {
	t.Helper()
	var out []*ticket.Event
	e.read(t, func(ctx context.Context, r store.Reader) (err error) {
		out, err = r.Events(ctx, q)
		return err
	})
	return out
}

func eventOrder(t testing.TB, e *env) {
	x, other := e.newTicket(), e.newTicket()
	e.put(t, x, other, e.newEvent(other, 3))
	want := make([]int64, 6)
	for _, i := range []int64{5, 2, 6, 1, 4, 3} {
		v := e.newEvent(x, i)
		v.At = base.Add(-time.Duration(i) * time.Minute) // the time says otherwise
		want[i-1] = v.ID
		e.put(t, v)
	}
	same(t, "by Seq", ids(e.journal(t, ticket.EventQuery{TicketID: x.ID})), want)
	same(t, "after the second", ids(e.journal(t, ticket.EventQuery{TicketID: x.ID, AfterSeq: 2, Limit: 3})), want[2:5])
	same(t, "since a time", ids(e.journal(t, ticket.EventQuery{TicketID: x.ID, Since: base.Add(-3 * time.Minute)})), want[:3])
	same(t, "unknown ticket", ids(e.journal(t, ticket.EventQuery{TicketID: 4711})), []int64{})
}

func eventJournal(t testing.TB, e *env) {
	x := e.newTicket()
	e.put(t, x)
	var all []*ticket.Event
	for i := range int64(ticket.MaxPage + 30) {
		v := e.newEvent(x, i+1)
		if i%3 == 0 {
			v.TicketID, v.Seq = 0, 0
		}
		v.At = base.Add(time.Duration(i*37%23) * time.Microsecond) // about ten share one time
		all = append(all, v)
	}
	e.write(t, func(ctx context.Context, tx store.Tx) error {
		for _, v := range all {
			if err := tx.PutEvent(ctx, v); err != nil {
				return err
			}
		}
		return nil
	})
	slices.SortFunc(all, func(a, b *ticket.Event) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return int(a.ID - b.ID)
	})
	for limit, want := range map[int]int{0: ticket.DefaultPage, 1: 1, ticket.MaxPage + 1: ticket.MaxPage} {
		same(t, "the first page", ids(e.journal(t, ticket.EventQuery{Limit: limit})), ids(all[:want]))
	}
	var got []int64
	for q := (ticket.EventQuery{Limit: 7}); len(got) <= len(all); {
		page := e.journal(t, q)
		if len(page) == 0 {
			break
		}
		got = append(got, ids(page)...)
		q.Since, q.AfterID = page[len(page)-1].At, page[len(page)-1].ID
	}
	same(t, "all pages", got, ids(all))
	same(t, "since a time, that time included", ids(e.journal(t, ticket.EventQuery{Since: all[30].At, Limit: 1})),
		[]int64{all[slices.IndexFunc(all, func(v *ticket.Event) bool { return v.At.Equal(all[30].At) })].ID})
}

func eventFilters(t testing.TB, e *env) {
	x := e.newTicket()
	e.put(t, x)
	a, b, c := e.newEvent(x, 1), e.newEvent(x, 2), e.newEvent(&ticket.Ticket{}, 0)
	a.Type, b.Type, c.Type = ticket.EventCreated, ticket.EventReplied, ticket.EventCreated
	c.At = base.Add(time.Minute)
	e.put(t, a, b, c)
	created := []ticket.EventType{ticket.EventCreated}
	same(t, "a type", ids(e.journal(t, ticket.EventQuery{Types: created})), []int64{a.ID, c.ID})
	same(t, "a type of a ticket", ids(e.journal(t, ticket.EventQuery{TicketID: x.ID, Types: created})), []int64{a.ID})
	same(t, "two types", ids(e.journal(t, ticket.EventQuery{Types: append(created, ticket.EventReplied)})), []int64{a.ID, b.ID, c.ID})
	same(t, "a type since", ids(e.journal(t, ticket.EventQuery{Types: created, Since: c.At})), []int64{c.ID})
	same(t, "a type of which there is none", ids(e.journal(t, ticket.EventQuery{Types: []ticket.EventType{ticket.EventRated}})), []int64{})
}

func eventReplaced(t testing.TB, e *env) {
	x := e.newTicket()
	v := e.newEvent(x, 1)
	v.Changes = []ticket.Change{{Field: "subject", Old: "secret", New: "x"}}
	e.put(t, x, v)
	v.Changes, v.At, v.Detail = nil, base.Add(time.Hour), "redacted"
	e.put(t, v)
	got := e.journal(t, ticket.EventQuery{})
	if len(got) != 1 {
		t.Fatalf("the journal has %d entries, want 1", len(got))
	}
	same(t, "the entry", got[0], v)
}
