package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/tally"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// call is one method with plausible arguments. A test holds the list against the interface.
type call struct {
	name string
	do   func(ctx context.Context, x store.Tx, e *env) error
}

func only[T any](_ T, err error) error { return err }

// readerCalls has every method of store.Reader.
func readerCalls(r store.Reader) []call {
	return []call{
		{"Ticket", func(ctx context.Context, _ store.Tx, _ *env) error { return only(r.Ticket(ctx, 1, everything)) }},
		{"Tickets", func(ctx context.Context, _ store.Tx, _ *env) error {
			return only(r.Tickets(ctx, ticket.Query{}, everything))
		}},
		{"CountTickets", func(ctx context.Context, _ store.Tx, _ *env) error {
			return only(r.CountTickets(ctx, ticket.Query{}, everything, 10))
		}},
		{"Tallies", func(ctx context.Context, _ store.Tx, _ *env) error {
			return only(r.Tallies(ctx, store.TallyQuery{}, everything))
		}},
		{"Message", func(ctx context.Context, _ store.Tx, _ *env) error { return only(r.Message(ctx, 1)) }},
		{"Messages", func(ctx context.Context, _ store.Tx, _ *env) error {
			return only(r.Messages(ctx, ticket.MessageQuery{TicketID: 1}))
		}},
		{"Event", func(ctx context.Context, _ store.Tx, _ *env) error { return only(r.Event(ctx, 1)) }},
		{"Events", func(ctx context.Context, _ store.Tx, _ *env) error { return only(r.Events(ctx, ticket.EventQuery{})) }},
		{"Work", func(ctx context.Context, _ store.Tx, _ *env) error { return only(r.Work(ctx, 1)) }},
		{"Works", func(ctx context.Context, _ store.Tx, _ *env) error { return only(r.Works(ctx, store.WorkQuery{})) }},
		{"CountWork", func(ctx context.Context, _ store.Tx, _ *env) error { return only(r.CountWork(ctx, store.WorkQuery{})) }},
		{"Due", func(ctx context.Context, _ store.Tx, _ *env) error { return only(r.Due(ctx, request())) }},
		{"Record", func(ctx context.Context, _ store.Tx, _ *env) error { return only(r.Record(ctx, "kind", "key")) }},
		{"Records", func(ctx context.Context, _ store.Tx, _ *env) error {
			return only(r.Records(ctx, store.RecordQuery{Kind: "kind"}))
		}},
		{"ConfigVersion", func(ctx context.Context, _ store.Tx, _ *env) error { return only(r.ConfigVersion(ctx)) }},
		{"Holder", func(ctx context.Context, _ store.Tx, _ *env) error { return only(r.Holder(ctx, "code", "key")) }},
		{"Linked", func(ctx context.Context, _ store.Tx, _ *env) error { return only(r.Linked(ctx, "mail", "key")) }},
		{"Chunk", func(ctx context.Context, _ store.Tx, _ *env) error { return only(r.Chunk(ctx, "blob", 0)) }},
	}
}

// writerCalls has every method of store.Tx that is not in store.Reader and can fail.
func writerCalls() []call {
	leased := &store.Work{ID: 1, State: store.WorkDone, Epoch: 1, Finished: base}
	return []call{
		{"NewID", func(ctx context.Context, x store.Tx, _ *env) error { return only(x.NewID(ctx, "ticket")) }},
		{"LockTicket", func(ctx context.Context, x store.Tx, _ *env) error { return only(x.LockTicket(ctx, 1)) }},
		{"PutTicket", func(ctx context.Context, x store.Tx, e *env) error { return x.PutTicket(ctx, e.newTicket()) }},
		{"DeleteTicket", func(ctx context.Context, x store.Tx, _ *env) error { return x.DeleteTicket(ctx, 1) }},
		{"PutMessage", func(ctx context.Context, x store.Tx, e *env) error {
			return x.PutMessage(ctx, e.newMessage(&ticket.Ticket{ID: 1}, 77))
		}},
		{"PutEvent", func(ctx context.Context, x store.Tx, e *env) error {
			return x.PutEvent(ctx, e.newEvent(&ticket.Ticket{ID: 1}, 77))
		}},
		{"PutWork", func(ctx context.Context, x store.Tx, e *env) error { return x.PutWork(ctx, e.newWork()) }},
		{"Lease", func(ctx context.Context, x store.Tx, _ *env) error {
			return only(x.Lease(ctx, store.LeaseRequest{Kind: "delivery", DueBy: base, TTL: time.Hour, Limit: 10}))
		}},
		{"MarkEffect", func(ctx context.Context, x store.Tx, _ *env) error { return x.MarkEffect(ctx, leased) }},
		{"Finish", func(ctx context.Context, x store.Tx, _ *env) error { return x.Finish(ctx, leased) }},
		{"SetWork", func(ctx context.Context, x store.Tx, _ *env) error {
			return x.SetWork(ctx, 1, store.WorkPending, store.WorkDone, base)
		}},
		{"PruneWork", func(ctx context.Context, x store.Tx, _ *env) error {
			return only(x.PruneWork(ctx, "delivery", base, 10))
		}},
		{"LockRecord", func(ctx context.Context, x store.Tx, _ *env) error { return only(x.LockRecord(ctx, "kind", "key")) }},
		{"PutRecord", func(ctx context.Context, x store.Tx, _ *env) error {
			return x.PutRecord(ctx, &store.Record{Kind: "kind", Key: "key", Version: store.AnyVersion, Doc: json.RawMessage(`1`)})
		}},
		{"DeleteRecord", func(ctx context.Context, x store.Tx, _ *env) error { return x.DeleteRecord(ctx, "kind", "key") }},
		{"Reserve", func(ctx context.Context, x store.Tx, _ *env) error { return only(x.Reserve(ctx, "code", "key", 2)) }},
		{"Release", func(ctx context.Context, x store.Tx, _ *env) error { return x.Release(ctx, "code", "key", 1) }},
		{"Link", func(ctx context.Context, x store.Tx, _ *env) error { return x.Link(ctx, "mail", "key", 2) }},
		{"Unlink", func(ctx context.Context, x store.Tx, _ *env) error { return x.Unlink(ctx, "mail", "key", 1) }},
		{"PutChunk", func(ctx context.Context, x store.Tx, _ *env) error { return x.PutChunk(ctx, "blob", 1, []byte("x")) }},
		{"DeleteBlob", func(ctx context.Context, x store.Tx, _ *env) error { return x.DeleteBlob(ctx, "blob") }},
	}
}

// seed puts one of everything, under the ids and keys that the calls use.
func (e *env) seed(t testing.TB) {
	t.Helper()
	err := e.Update(e.ctx, func(ctx context.Context, tx store.Tx) error {
		x := e.newTicket() // the first id is 1
		return firstError(
			putAll(ctx, tx, x,
				&ticket.Message{ID: 1, TicketID: x.ID, Seq: 1, Kind: ticket.KindReply, Body: "Hello", CreatedAt: base},
				&ticket.Event{ID: 1, TicketID: x.ID, Seq: 1, Type: ticket.EventCreated, At: base},
				&store.Work{ID: 1, Kind: "delivery", Name: "mail", OrderKey: "a", Seq: 1, Due: base, State: store.WorkPending, Created: base},
				&store.Record{Kind: "kind", Key: "key", Doc: json.RawMessage(`{"a":1}`)},
				&store.Record{Kind: "config/x", Key: "key", Doc: json.RawMessage(`{}`)}),
			only(tx.Reserve(ctx, "code", "key", 1)), tx.Link(ctx, "mail", "key", 1), tx.PutChunk(ctx, "blob", 0, []byte("data")))
	})
	if err != nil {
		t.Fatalf("seed: %v", err)
	}
	e.ids.Store(100)
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// dump writes down everything that the calls can have touched.
func (e *env) dump(t testing.TB) string {
	t.Helper()
	var out []string
	add := func(v any, err error) {
		if err != nil && !errors.Is(err, ticket.ErrNotFound) {
			t.Fatalf("dump: %v", err)
		}
		out = append(out, text(v))
	}
	e.read(t, func(ctx context.Context, r store.Reader) error {
		page, err := r.Tickets(ctx, ticket.Query{}, everything)
		add(page.Tickets, err)
		tallies, err := r.Tallies(ctx, store.TallyQuery{}, everything)
		add(tally.Summed(tallies), err)
		messages, err := r.Messages(ctx, ticket.MessageQuery{TicketID: 1})
		add(messages, err)
		events, err := r.Events(ctx, ticket.EventQuery{})
		add(events, err)
		works, err := r.Works(ctx, store.WorkQuery{})
		add(works, err)
		records, err := r.Records(ctx, store.RecordQuery{Kind: "kind"})
		add(records, err)
		linked, err := r.Linked(ctx, "mail", "key")
		add(linked, err)
		holder, err := r.Holder(ctx, "code", "key")
		add(holder, err)
		for n := range 2 {
			chunk, err := r.Chunk(ctx, "blob", n)
			add(string(chunk), err)
		}
		return nil
	})
	return strings.Join(out, "\n")
}
