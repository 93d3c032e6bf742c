package remotetest

import (
	"context"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// lateSweep has a sweep, which makes all documents anew, come with an old one while another process stores a newer one.
func lateSweep(t *testing.T, k Kit, srv Server) {
	s := k.open(t, srv.Database(), Options{Busy: 10 * time.Second})
	search := s.(store.Searcher)
	stale := func() store.Stale {
		t.Helper()
		list, err := search.Stale(t.Context(), 1)
		if err != nil || len(list) != 1 {
			t.Fatalf("stale: %v, %v", list, err)
		}
		return list[0]
	}
	index := func(ctx context.Context, mark int64, version int64, body string) error {
		_, err := search.Index(ctx, []store.Document{{Ticket: 1, Mark: mark, Version: version, Updated: newTicket(1).UpdatedAt, Body: body}})
		return err
	}
	if err := put(t.Context(), s, 1); err != nil {
		t.Fatal(err)
	}
	if err := index(t.Context(), stale().Mark, 1, "first"); err != nil {
		t.Fatal(err)
	}
	if err := search.Reindex(t.Context()); err != nil {
		t.Fatal(err)
	}
	sweep := stale().Mark
	if err := put(t.Context(), s, 1); err != nil {
		t.Fatal(err)
	}
	newer, swept := stale().Mark, make(chan error, 1)
	if sweep > 0 || newer < 0 {
		t.Fatalf("a sweep is marked %d, a change %d", sweep, newer)
	}
	err := s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
		if err := index(ctx, newer, 2, "newest"); err != nil {
			return err
		}
		if _, err := tx.Ticket(ctx, 1, everything); err != nil { // what waits is sent
			return err
		}
		go func() { swept <- index(t.Context(), sweep, 1, "outdated") }()
		time.Sleep(300 * time.Millisecond)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-swept; err != nil {
		t.Fatal(err)
	}
	for word, want := range map[string]int{"newest": 1, "outdated": 0} {
		page, err := search.Search(t.Context(), store.SearchQuery{All: [][]store.Phrase{{{Words: []string{word}}}}, Filter: ticket.Query{Limit: 5}}, everything)
		if err != nil || len(page.Tickets) != want {
			t.Errorf("%d tickets have the word %q, %v; want %d", len(page.Tickets), word, err, want)
		}
	}
}
