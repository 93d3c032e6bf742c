package storetest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var reopenings = []proof{
	{"everything that was committed is there after reopening, and nothing else", reopened},
	{"ids, epochs and versions go on after reopening", reopenedCounters},
}

var killings = []proof{
	{"a process that was killed has lost nothing that it acknowledged, and left nothing half-written", killed},
}

// reopen closes the store of e and opens it again.
func (e *env) reopen(t testing.TB) {
	t.Helper()
	e.Store = e.opts.Reopen(t, e.Store)
}

func reopened(t testing.TB, e *env) {
	e.seed(t)
	x := e.fullTicket()
	values := []any{x, e.fullMessage(x), e.fullEvent(x), e.fullWork()}
	e.put(t, values...)
	e.refused(t, errUndo, func(ctx context.Context, tx store.Tx) error {
		return firstError(writeEverything(ctx, tx, e), errUndo)
	})
	before := e.dump(t)
	e.reopen(t)
	same(t, "after reopening", e.dump(t), before)
	for _, v := range values {
		if text(e.loaded(t, v)) != text(v) {
			t.Errorf("%T is not what it was before reopening", v)
		}
	}
	e.usable(t)
}

func reopenedCounters(t testing.TB, e *env) {
	seen := map[int64]bool{}
	e.put(t, e.newWork(), &store.Record{Kind: "config/x", Key: "key", Doc: json.RawMessage(`1`)})
	epoch, config := e.leaseOne(t, 0).Epoch, e.configVersion(t)
	for range 4 {
		got, err := e.newIDs("ticket", 3)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range got {
			if seen[id] {
				t.Errorf("id %d came twice", id)
			}
			seen[id] = true
		}
		e.reopen(t)
	}
	if got := e.leaseOne(t, 0).Epoch; got != epoch+1 {
		t.Errorf("the next lease has epoch %d, want %d", got, epoch+1)
	}
	e.refused(t, ticket.ErrConflict, func(ctx context.Context, tx store.Tx) error {
		return tx.PutRecord(ctx, newRecord("config/x", "key", 0))
	})
	e.put(t, newRecord("config/x", "key", 1))
	if e.configVersion(t) == config {
		t.Error("ConfigVersion is what it was before a change")
	}
}

func killed(t testing.TB, e *env) {
	s, acknowledged := e.opts.Kill(t)
	n := CheckWrites(t, s, acknowledged)
	t.Logf("%d writes were acknowledged before the kill", n)
	if err := s.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

// Write lets 16 writers put tickets until ctx ends or one fails, each ticket with a message, an event, work, a key and
// a link in one transaction. After each commit it writes a line to ack, in one call. It is what Options.Kill has a
// process do; CheckWrites reads the lines.
func Write(ctx context.Context, s store.Store, ack io.Writer) error {
	var mu sync.Mutex
	return firstError(together(16, func(int) error {
		for {
			var id int64
			err := s.Update(ctx, func(ctx context.Context, tx store.Tx) (err error) {
				if id, err = tx.NewID(ctx, "ticket"); err != nil {
					return err
				}
				return writeSet(ctx, tx, id)
			})
			if err != nil {
				return err
			}
			mu.Lock()
			_, err = fmt.Fprintf(ack, "%d\n", id)
			mu.Unlock()
			if err != nil {
				return err
			}
		}
	})...)
}

// writeSet writes a ticket and what belongs to it, all under the same id.
func writeSet(ctx context.Context, tx store.Tx, id int64) error {
	x := &ticket.Ticket{ID: id, Subject: "written", Version: 1, Seq: 1, Department: "support", CreatedAt: base, UpdatedAt: base,
		Tags: []string{"written"}, Fields: map[string]string{"written": "yes"}}
	key := fmt.Sprint("K-", id)
	holder, err := tx.Reserve(ctx, "code", key, id)
	if err == nil && holder != id {
		err = fmt.Errorf("the key of ticket %d is held by %d", id, holder)
	}
	return firstError(err, putAll(ctx, tx, x,
		&ticket.Message{ID: id, TicketID: id, Seq: 1, Body: "written", CreatedAt: base},
		&ticket.Event{ID: id, TicketID: id, Seq: 1, Type: ticket.EventCreated, At: base},
		&store.Work{ID: id, Kind: "delivery", Name: "mail", OrderKey: key, Seq: 1, State: store.WorkPending, EventID: id, TicketID: id, Due: base},
	), tx.Link(ctx, "mail", key, id))
}

// CheckWrites expects that every write which Write acknowledged is there, that every ticket has all that belongs to it,
// and that nothing is there without its ticket. It says how many were acknowledged; a last line without its end was
// not.
func CheckWrites(t testing.TB, s store.Store, acknowledged []byte) int {
	t.Helper()
	ctx := t.Context()
	want := map[int64]bool{}
	lines := bufio.NewScanner(bytes.NewReader(acknowledged[:bytes.LastIndexByte(acknowledged, '\n')+1]))
	for lines.Scan() {
		var id int64
		if _, err := fmt.Sscan(lines.Text(), &id); err != nil {
			t.Fatalf("the line %q is none that Write writes: %v", lines.Text(), err)
		}
		want[id] = true
	}
	found := map[int64]bool{}
	err := s.View(ctx, func(ctx context.Context, r store.Reader) error {
		q := ticket.Query{Limit: ticket.MaxPage}
		for {
			page, err := r.Tickets(ctx, q, everything)
			if err != nil {
				return err
			}
			for _, x := range page.Tickets {
				found[x.ID] = true
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				break
			}
		}
		return checkSets(ctx, r, found, want)
	})
	if err != nil {
		t.Error(err)
	}
	return len(want)
}

func checkSets(ctx context.Context, r store.Reader, found, want map[int64]bool) error {
	var errs []error
	for id := range want {
		if !found[id] {
			errs = append(errs, fmt.Errorf("ticket %d was acknowledged and is lost", id))
		}
	}
	for id := range found {
		key := fmt.Sprint("K-", id)
		holder, err := r.Holder(ctx, "code", key)
		linked, err2 := r.Linked(ctx, "mail", key)
		err = firstError(err, err2, only(r.Message(ctx, id)), only(r.Event(ctx, id)), only(r.Work(ctx, id)))
		if err != nil || holder != id || text(linked) != text([]int64{id}) {
			errs = append(errs, fmt.Errorf("ticket %d is half-written: its key is held by %d, its link leads to %v: %w", id, holder, linked, err))
		}
	}
	errs = append(errs, checkTallies(ctx, r, everything), checkListed(ctx, r, len(found)))
	journal, err := countEvents(ctx, r)
	if err == nil && journal != len(found) {
		err = fmt.Errorf("there are %d events of %d tickets", journal, len(found))
	}
	return errors.Join(append(errs, err)...)
}

// checkListed looks for the tickets by what a store may keep beside them, to find them by.
func checkListed(ctx context.Context, r store.Reader, want int) error {
	for what, q := range map[string]ticket.Query{
		"tag": {Tags: []string{"written"}}, "custom field": {Fields: []ticket.FieldFilter{{Code: "written", Values: []string{"yes"}}}}, "department": {Departments: []string{"support"}},
	} {
		n, err := r.CountTickets(ctx, q, everything, want+1)
		if err != nil {
			return err
		}
		if n.N != want {
			return fmt.Errorf("by their %s %d of %d tickets are found", what, n.N, want)
		}
	}
	return nil
}

func countEvents(ctx context.Context, r store.Reader) (int, error) {
	n := 0
	for q := (ticket.EventQuery{Limit: ticket.MaxPage}); ; {
		page, err := r.Events(ctx, q)
		if err != nil || len(page) == 0 {
			return n, err
		}
		n += len(page)
		q.Since, q.AfterID = page[len(page)-1].At, page[len(page)-1].ID
	}
}
