package storetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func (e *env) marked(t testing.TB) []store.Stale {
	t.Helper()
	list, err := e.searcher().Stale(e.ctx, 1000)
	if err != nil {
		t.Fatalf("stale: %v", err)
	}
	return list
}

// expectStale expects that these tickets are stale, in any order.
func (e *env) expectStale(t testing.TB, what string, want ...int64) []store.Stale {
	t.Helper()
	list := e.marked(t)
	var got []int64
	for _, st := range list {
		got = append(got, st.Ticket)
		if st.Since.IsZero() || st.Mark == 0 {
			t.Errorf("%s: %+v", what, st)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s: stale are %v, want %v", what, got, want)
	}
	return list
}

func marksAreTaken(t testing.TB, e *env) {
	a, b := e.newTicket(), e.newTicket()
	e.expectStale(t, "of a new store")
	e.put(t, a)
	e.put(t, b)
	list := e.expectStale(t, "new tickets", a.ID, b.ID)
	if list[0].Ticket != a.ID || list[0].Since.After(list[1].Since) {
		t.Errorf("the first to be marked is not the first: %+v", list)
	}
	if one, err := e.searcher().Stale(e.ctx, 1); err != nil || len(one) != 1 || one[0] != list[0] {
		t.Errorf("the first of them: %+v, %v", one, err)
	}
	docs := e.documents(t, list, texts{a.ID: {Body: "old"}, b.ID: {Body: "old"}})
	e.put(t, e.newMessage(a, 1)) // in between
	n, err := e.searcher().Index(e.ctx, docs)
	if n != 1 || err != nil {
		t.Errorf("%d documents are stored, %v, want 1: the other one's ticket has changed", n, err)
	}
	e.expectStale(t, "a ticket with a new message", a.ID)
	e.expectFound(t, asks("old"), staff, b)
	if n, err := e.searcher().Index(e.ctx, docs); n != 0 || err != nil {
		t.Errorf("again: %d, %v", n, err)
	}
	e.expectFound(t, asks("old"), staff, b)
	e.index(t, texts{a.ID: {Body: "new"}})
	e.expectStale(t, "all is indexed")
	e.expectFound(t, asks("new"), staff, a)
	e.put(t, b)
	e.index(t, texts{b.ID: {Body: "new"}})
	e.expectFound(t, asks("old"), staff)
	e.expectFound(t, asks("new"), staff, a, b)
}

func marksAreRolledBack(t testing.TB, e *env) {
	a, _, _ := e.three(t)
	err := e.Update(e.ctx, func(ctx context.Context, tx store.Tx) error {
		part := e.Update(ctx, func(ctx context.Context, tx store.Tx) error { return firstError(tx.PutTicket(ctx, a), errUndo) })
		if !errors.Is(part, errUndo) {
			return part
		}
		if list, err := e.searcher().Stale(ctx, 10); err != nil || len(list) > 0 {
			t.Errorf("after a part that was rolled back: %v, %v", list, err)
		}
		if err := tx.PutTicket(ctx, a); err != nil { // and after it the transaction marks as ever
			return err
		}
		list, err := e.searcher().Stale(ctx, 10)
		if err != nil || len(list) != 1 {
			return fmt.Errorf("in the transaction: %v, %w", list, err)
		}
		docs := []store.Document{{Ticket: a.ID, Mark: list[0].Mark, Version: a.Version, Updated: a.UpdatedAt, Body: "undone"}}
		if n, err := e.searcher().Index(ctx, docs); n != 1 || err != nil {
			t.Errorf("in the transaction %d documents are stored, %v", n, err)
		}
		page, err := e.searcher().Search(ctx, asks("undone"), staff)
		if err != nil || len(page.Tickets) != 1 {
			t.Errorf("the transaction does not find what it stored: %v, %v", page.Tickets, err)
		}
		if err := tx.PutTicket(ctx, a); err != nil {
			return err
		}
		if list, err := e.searcher().Stale(ctx, 10); err != nil || len(list) != 1 {
			t.Errorf("written again in the transaction: %v, %v", list, err)
		}
		return errUndo
	})
	if !errors.Is(err, errUndo) {
		t.Errorf("got %v", err)
	}
	e.expectStale(t, "rolled back")
	e.expectFound(t, asks("undone"), staff)
	e.expectFound(t, asks("broken lamp"), staff, a)
}

func oldDocuments(t testing.TB, e *env) {
	a, _, _ := e.three(t)
	if err := e.searcher().Reindex(e.ctx); err != nil {
		t.Fatal(err)
	}
	docs := e.documents(t, e.marked(t), texts{a.ID: {Body: "old"}})
	a.Version++
	e.put(t, a)
	var newer []store.Document
	for _, st := range e.marked(t) {
		if st.Mark > 0 {
			newer = append(newer, e.documents(t, []store.Stale{st}, texts{a.ID: {Body: "newer"}})...)
		}
	}
	for _, list := range [][]store.Document{newer, docs} {
		if _, err := e.searcher().Index(e.ctx, list); err != nil {
			t.Fatal(err)
		}
	}
	e.expectFound(t, asks("newer"), staff, a)
	e.expectFound(t, asks("old"), staff)
}

func unindexes(t testing.TB, e *env) {
	a, b, _ := e.three(t)
	err := e.Update(e.ctx, func(ctx context.Context, tx store.Tx) error {
		if err := e.searcher().Unindex(ctx, a.ID); err != nil {
			return err
		}
		if page, err := e.searcher().Search(ctx, asks("broken"), staff); err != nil || !slices.Equal(ids(page.Tickets), []int64{b.ID}) {
			t.Errorf("in the transaction: %v, %v", ids(page.Tickets), err)
		}
		return errUndo
	})
	if !errors.Is(err, errUndo) {
		t.Errorf("got %v", err)
	}
	e.expectFound(t, asks("broken"), staff, a, b)
	e.put(t, a)
	docs := e.documents(t, e.marked(t), texts{a.ID: {Body: "broken"}})
	for range 2 {
		if err := e.searcher().Unindex(e.ctx, a.ID, 999_999); err != nil {
			t.Fatalf("unindex: %v", err)
		}
		e.expectFound(t, asks("broken"), staff, b)
	}
	if _, err := e.searcher().Index(e.ctx, docs); err != nil { // made before
		t.Fatalf("index: %v", err)
	}
	e.expectFound(t, asks("broken"), staff, b)
	e.expectStale(t, "without documents", a.ID, 999_999)
	e.index(t, texts{a.ID: {Body: "mended"}})
	e.expectFound(t, asks("broken"), staff, b)
	e.expectFound(t, asks("mended"), staff, a)
}

// own asks for the documents of somebody, by the index of words alone.
var own = store.SearchQuery{Who: []string{"w1"}}

func undoesParts(t testing.TB, e *env) {
	a, b, c := e.three(t)
	for _, x := range []*ticket.Ticket{a, b, c} {
		e.put(t, x)
	}
	e.index(t, texts{a.ID: {Who: "w1"}, b.ID: {Who: "w1"}, c.ID: {Who: "w1"}})
	e.write(t, func(ctx context.Context, tx store.Tx) error {
		if err := tx.PutTicket(ctx, e.newTicket()); err != nil {
			return err
		}
		err := e.inner(ctx, func(ctx context.Context, tx store.Tx) error {
			return firstError(e.searcher().Unindex(ctx, a.ID, b.ID), tx.DeleteTicket(ctx, c.ID), errUndo)
		})
		if !errors.Is(err, errUndo) {
			return err
		}
		return tx.DeleteTicket(ctx, b.ID) // whose document is there again
	})
	e.expectFound(t, own, staff, a, c)
	e.put(t, c)
	e.index(t, texts{c.ID: {Body: "another"}})
	e.expectFound(t, own, staff, a)
}

// hostFinds has a host undo, by a savepoint that the store knows nothing of, what was done to documents, and do it again.
func hostFinds(t testing.TB, e *env) {
	if _, ok := e.Store.(store.Searcher); !ok {
		return
	}
	h, db := e.host(t)
	a, b, c := e.newTicket(), e.newTicket(), e.newTicket()
	e.put(t, a, b, c)
	e.index(t, texts{a.ID: {Who: "w1"}, b.ID: {Who: "w1"}, c.ID: {Who: "w1"}})
	forget := func(ctx context.Context, deleted, unindexed int64) {
		err := e.Update(ctx, func(ctx context.Context, tx store.Tx) error {
			return firstError(tx.DeleteTicket(ctx, deleted), e.searcher().Unindex(ctx, unindexed))
		})
		if err != nil {
			t.Errorf("update: %v", err)
		}
	}
	e.hosted(t, h, db, true, func(ctx context.Context, host *sql.Tx) {
		do := func(text string) {
			if _, err := host.ExecContext(ctx, text); err != nil {
				t.Errorf("%s: %v", text, err)
			}
		}
		do(hostInsert)
		do("SAVEPOINT hosts_own")
		forget(ctx, a.ID, b.ID)
		do("ROLLBACK TO SAVEPOINT hosts_own")
		forget(ctx, a.ID, c.ID)
		page, err := e.searcher().Search(ctx, own, staff)
		if err != nil || !slices.Equal(ids(page.Tickets), []int64{b.ID}) {
			t.Errorf("in the transaction: %v, %v", ids(page.Tickets), err)
		}
	})
	e.expectFound(t, own, staff, b)
	e.index(t, texts{c.ID: {Who: "w1"}})
	e.expectFound(t, own, staff, b, c)
	e.expectStale(t, "made anew")
}

func forgetsDocuments(t testing.TB, e *env) {
	a, b, _ := e.three(t)
	e.put(t, b)
	e.write(t, func(ctx context.Context, tx store.Tx) error {
		return firstError(tx.DeleteTicket(ctx, a.ID), tx.DeleteTicket(ctx, b.ID), tx.DeleteTicket(ctx, 999_999))
	})
	e.expectFound(t, asks("broken"), staff)
	e.expectStale(t, "deleted for good")
	e.put(t, a) // another ticket under the id has nothing of it
	e.expectFound(t, asks("broken"), staff)
	e.write(t, func(ctx context.Context, tx store.Tx) error { return tx.DeleteTicket(ctx, a.ID) })
	a.ID = e.id()
	e.put(t, a, e.newMessage(&ticket.Ticket{ID: 888_888}, 1))
	e.index(t, texts{a.ID: {Body: "broken"}})
	e.expectFound(t, asks("broken"), staff, a)
	e.expectStale(t, "with a message of no ticket")
}

func searchLags(t testing.TB, e *env) {
	lag := func() store.SearchLag {
		t.Helper()
		l, err := e.searcher().SearchLag(e.ctx)
		if err != nil {
			t.Fatalf("lag: %v", err)
		}
		return l
	}
	if l := lag(); l != (store.SearchLag{}) {
		t.Errorf("of a new store: %+v", l)
	}
	before, err := e.Now(e.ctx)
	if err != nil {
		t.Fatal(err)
	}
	a, b := e.newTicket(), e.newTicket()
	e.put(t, a)
	e.put(t, b)
	e.put(t, a)
	after, err := e.Now(e.ctx)
	if err != nil {
		t.Fatal(err)
	}
	first := lag()
	if first.Tickets != 2 || first.Since.Before(before) || first.Since.After(after) {
		t.Errorf("of two tickets: %+v, put between %s and %s", first, before, after)
	}
	e.index(t, nil)
	if l := lag(); l != (store.SearchLag{}) {
		t.Errorf("of indexed ones: %+v", l)
	}
	if err := e.searcher().Reindex(e.ctx); err != nil {
		t.Fatal(err)
	}
	if l := lag(); l.Tickets != 2 || l.Since.Before(after) {
		t.Errorf("of two to be indexed anew: %+v", l)
	}
	e.put(t, a)
	e.index(t, nil)
	if l := lag(); l != (store.SearchLag{}) {
		t.Errorf("of those that are: %+v", l)
	}
}

func reindexes(t testing.TB, e *env) {
	docs := texts{}
	var all []*ticket.Ticket
	for i := range 20 {
		x := e.newTicket()
		e.put(t, x)
		all, docs[x.ID] = append(all, x), store.Document{Body: fmt.Sprint("lamp n", i)}
	}
	e.index(t, docs)
	e.write(t, func(ctx context.Context, tx store.Tx) error { return tx.DeleteTicket(ctx, all[3].ID) })
	all = slices.Delete(all, 3, 4)
	order := e.found(t, asks("lamp"), staff)
	if err := e.searcher().Reindex(e.ctx); err != nil {
		t.Fatal(err)
	}
	q := asks("lamp")
	q.Filter.Limit = 4
	page, err := e.searcher().Search(e.ctx, q, staff) // a paging that began before
	if err != nil {
		t.Fatal(err)
	}
	paged := ids(page.Tickets)
	for done := 0; ; {
		stale, err := e.searcher().Stale(e.ctx, 6)
		if err != nil {
			t.Fatal(err)
		}
		if len(stale) == 0 {
			if done != len(all) {
				t.Errorf("%d tickets were indexed anew, want %d", done, len(all))
			}
			break
		}
		n, err := e.searcher().Index(e.ctx, e.documents(t, stale, docs))
		if err != nil || n != len(stale) {
			t.Fatalf("%d of %d, %v", n, len(stale), err)
		}
		done += n
		if got := e.found(t, asks("lamp"), staff); !slices.Equal(got, order) {
			t.Errorf("with %d indexed anew: %v, want %v", done, got, order)
		}
		if q.Filter.Cursor = page.Next; q.Filter.Cursor != "" {
			if page, err = e.searcher().Search(e.ctx, q, staff); err != nil {
				t.Fatal(err)
			}
			paged = append(paged, ids(page.Tickets)...)
		}
	}
	for q.Filter.Cursor = page.Next; q.Filter.Cursor != ""; q.Filter.Cursor = page.Next {
		if page, err = e.searcher().Search(e.ctx, q, staff); err != nil {
			t.Fatal(err)
		}
		paged = append(paged, ids(page.Tickets)...)
	}
	if !slices.Equal(paged, order) {
		t.Errorf("pages among it: %v, want %v", paged, order)
	}
}

func repairs(t testing.TB, e *env) {
	a, b, c := e.three(t)
	e.put(t, a)
	if err := e.searcher().RepairSearch(e.ctx); err != nil {
		t.Fatal(err)
	}
	if got := e.found(t, asks("lamp"), staff); len(got) > 0 {
		t.Errorf("at first: %v", got)
	}
	e.index(t, texts{a.ID: {Body: "lamp"}, b.ID: {Body: "lamp"}, c.ID: {Body: "lamp"}})
	e.expectFound(t, asks("lamp"), staff, a, b, c)
	e.put(t, b)
	e.index(t, texts{b.ID: {Body: "torch"}})
	e.expectFound(t, asks("lamp"), staff, a, c)
}
