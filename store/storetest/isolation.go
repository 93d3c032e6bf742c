package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var isolations = []proof{
	{"what is not committed is not seen", uncommittedUnseen},
	{"a View sees one moment while others commit", oneMoment},
	{"a View inside a View has a moment of its own, and so has an Update", viewInView},
	{"a transaction sees its own writes, and so does a View inside it", ownWrites},
	{"a View inside a transaction sees what is written while it runs", viewWhileWriting},
	{"a closure whose record others have changed runs again, whether it has read one or none", writersInterleaved},
	{"what steps out of the transaction does not see it", steppedOut},
}

func uncommittedUnseen(t testing.TB, e *env) {
	e.seed(t)
	before := e.dump(t)
	e.write(t, func(ctx context.Context, tx store.Tx) error {
		if err := writeEverything(ctx, tx, e); err != nil {
			return err
		}
		if _, err := tx.Tickets(ctx, ticket.Query{}, everything); err != nil { // a store that collects writes has written them now
			return err
		}
		same(t, "a view during the transaction", e.dump(t), before)
		return nil
	})
	if e.dump(t) == before {
		t.Error("nothing is seen after the commit")
	}
}

func oneMoment(t testing.TB, e *env) {
	a, b := e.newTicket(), e.newTicket()
	e.put(t, a, b)
	c := e.newTicket()
	e.read(t, func(ctx context.Context, r store.Reader) error {
		if _, err := r.Ticket(ctx, a.ID, everything); err != nil {
			return err
		}
		a.Subject, b.Subject = "later", "later"
		e.put(t, a, b, c)
		got, err := r.Ticket(ctx, b.ID, everything)
		if err != nil {
			return err
		}
		if got.Subject == "later" {
			t.Error("the view read a ticket as a later commit left it")
		}
		page, err := r.Tickets(ctx, ticket.Query{}, everything)
		if err == nil && len(page.Tickets) != 2 {
			t.Errorf("the view lists %d tickets, want the 2 of its moment", len(page.Tickets))
		}
		return err
	})
	if got := e.loaded(t, b).(*ticket.Ticket); got.Subject != "later" {
		t.Errorf("a new view reads %q", got.Subject)
	}
}

func viewInView(t testing.TB, e *env) {
	a := e.newTicket()
	e.put(t, a)
	subject := func(ctx context.Context, r store.Reader) string {
		got, err := r.Ticket(ctx, a.ID, everything)
		if err != nil {
			return err.Error()
		}
		return got.Subject
	}
	first := a.Subject
	e.read(t, func(ctx context.Context, r store.Reader) error {
		same(t, "before", subject(ctx, r), first)
		a.Subject = "later"
		if err := e.Update(ctx, func(ctx context.Context, tx store.Tx) error { return tx.PutTicket(ctx, a) }); err != nil {
			return err
		}
		err := e.View(ctx, func(ctx context.Context, inside store.Reader) error {
			same(t, "inside", subject(ctx, inside), "later")
			return nil
		})
		same(t, "after", subject(ctx, r), first)
		return err
	})
}

func ownWrites(t testing.TB, e *env) {
	x := e.newTicket()
	m, v, w := e.newMessage(x, 1), e.newEvent(x, 1), e.newWork()
	rec := &store.Record{Kind: "kind", Key: "key", Doc: json.RawMessage(`1`)}
	check := func(ctx context.Context, r store.Reader) error {
		page, err := r.Tickets(ctx, ticket.Query{}, everything)
		if err == nil && len(page.Tickets) != 1 {
			t.Errorf("the list has %d tickets, want 1", len(page.Tickets))
		}
		list, err2 := r.Messages(ctx, ticket.MessageQuery{TicketID: x.ID})
		if err2 == nil && len(list) != 1 {
			t.Errorf("the thread has %d messages, want 1", len(list))
		}
		linked, err3 := r.Linked(ctx, "mail", "m1")
		same(t, "links", linked, []int64{x.ID})
		return firstError(err, err2, err3, only(r.Ticket(ctx, x.ID, everything)), only(r.Message(ctx, m.ID)), only(r.Event(ctx, v.ID)),
			only(r.Work(ctx, w.ID)), only(r.Record(ctx, "kind", "key")), only(r.Holder(ctx, "code", "A")), only(r.Chunk(ctx, "blob", 0)))
	}
	e.write(t, func(ctx context.Context, tx store.Tx) error {
		err := firstError(putAll(ctx, tx, x, m, v, w, rec), only(tx.Reserve(ctx, "code", "A", x.ID)),
			tx.Link(ctx, "mail", "m1", x.ID), tx.PutChunk(ctx, "blob", 0, []byte("data")))
		if err != nil {
			return err
		}
		return firstError(check(ctx, tx), e.View(ctx, check))
	})
}

func viewWhileWriting(t testing.TB, e *env) {
	x, rec := e.newTicket(), &store.Record{Kind: "kind", Key: "key", Doc: json.RawMessage(`1`)}
	e.write(t, func(ctx context.Context, tx store.Tx) error {
		return e.View(ctx, func(ctx context.Context, r store.Reader) error {
			if err := putAll(ctx, tx, x, rec); err != nil {
				return err
			}
			return firstError(only(r.Ticket(ctx, x.ID, everything)), only(r.Record(ctx, "kind", "key")))
		})
	})
}

// writersInterleaved has many add to one number in a record, which the first of them finds missing or in a list. Nobody
// gives a version from elsewhere, so nobody is told of a conflict.
func writersInterleaved(t testing.TB, e *env) {
	listed := &store.Record{Kind: "listed", Key: "n", Doc: json.RawMessage(`0`)}
	e.put(t, listed)
	e.addTogether(t, &store.Record{Kind: "missing", Key: "n", Doc: json.RawMessage(`0`)}, func(ctx context.Context, tx store.Tx) (*store.Record, error) {
		return tx.Record(ctx, "missing", "n")
	})
	e.addTogether(t, listed, func(ctx context.Context, tx store.Tx) (*store.Record, error) {
		list, err := tx.Records(ctx, store.RecordQuery{Kind: "listed"})
		if err != nil || len(list) != 1 {
			return nil, errors.Join(err, errUndo)
		}
		return list[0], nil
	})
}

// addTogether has 16 callers add to the number in a record, which they read as read says; none stands for first.
func (e *env) addTogether(t testing.TB, first *store.Record, read func(ctx context.Context, tx store.Tx) (*store.Record, error)) {
	t.Helper()
	const writers, rounds = 16, 5
	add := func(ctx context.Context, tx store.Tx) error {
		r, err := read(ctx, tx)
		if errors.Is(err, ticket.ErrNotFound) {
			c := *first
			r, err = &c, nil
		}
		if err != nil {
			return err
		}
		var n int
		if err := json.Unmarshal(r.Doc, &n); err != nil {
			return err
		}
		r.Doc = json.RawMessage(text(n + 1))
		return tx.PutRecord(ctx, r)
	}
	errs := together(writers, func(int) error {
		for range rounds {
			if err := e.Update(e.ctx, add); err != nil {
				return err
			}
		}
		return nil
	})
	if err := firstError(errs...); err != nil {
		t.Fatal(err)
	}
	if got := string(e.loaded(t, first).(*store.Record).Doc); got != text(writers*rounds) {
		t.Errorf("%s: %d additions made %s", first.Kind, writers*rounds, got)
	}
}

func steppedOut(t testing.TB, e *env) {
	e.write(t, func(ctx context.Context, tx store.Tx) error {
		a := e.newTicket()
		if err := tx.PutTicket(ctx, a); err != nil {
			return err
		}
		return e.View(store.ContextWithoutTx(ctx), func(ctx context.Context, r store.Reader) error {
			if _, err := r.Ticket(ctx, a.ID, everything); !errors.Is(err, ticket.ErrNotFound) {
				t.Errorf("a view outside the transaction sees what it wrote: %v", err)
			}
			return nil
		})
	})
}
