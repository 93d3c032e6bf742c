package sqlite_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// fillSearch puts that many tickets, a second apart, with a document each.
func fillSearch(t testing.TB, s store.Store, tickets int) {
	t.Helper()
	write(t, s, func(ctx context.Context, tx store.Tx) error {
		for n := range int64(tickets) {
			x := newTicket(n + 1)
			x.Department = []string{"sales", "support"}[n%2]
			if err := tx.PutTicket(ctx, x); err != nil {
				return err
			}
		}
		return nil
	})
	indexTickets(t, s, "torch")
}

func openFile(t testing.TB, file string, opts *sqlite.Options) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), file, opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func statement(t testing.TB, s *sqlite.Store, statements ...string) {
	t.Helper()
	for _, q := range statements {
		if _, err := s.DB().ExecContext(t.Context(), q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
}

func TestDamagedIndex(t *testing.T) {
	t.Parallel()
	for what, damage := range map[string][]string{
		"pages of rubbish":    {"UPDATE helpdesk_search_data SET block = zeroblob(length(block)) WHERE id > 10"},
		"a rubbish structure": {"UPDATE helpdesk_search_data SET block = x'ffffffffffffffffff' WHERE id = 10"},
		"no pages":            {"DELETE FROM helpdesk_search_data"},
		"no table of pages":   {"DROP TABLE helpdesk_search_data"},
		"no settings":         {"DELETE FROM helpdesk_search_config"},
		"no table of them":    {"DROP TABLE helpdesk_search_config"},
		"no index at all":     {"DROP TABLE helpdesk_search"},
	} {
		t.Run("X12 a damaged index is noticed, stops no write, and is built anew: "+what, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "desk.db")
			first := openFile(t, file, nil)
			fillSearch(t, first, 30)
			closeStore(t, first)
			for _, q := range damage {
				change(t, file, q)
			}
			s := openFile(t, file, nil)
			defer closeStore(t, s)
			_, err := s.Search(t.Context(), store.SearchQuery{All: [][]store.Phrase{{{Words: []string{"lamp"}}}}}, ticket.Scope{All: true})
			if err != nil && !errors.Is(err, store.ErrSearchBroken) {
				t.Errorf("searching: %v", err)
			}
			write(t, s, func(ctx context.Context, tx store.Tx) error {
				return errors.Join(tx.DeleteTicket(ctx, 7), tx.PutTicket(ctx, newTicket(8)), s.Unindex(ctx, 9))
			})
			if err := s.RepairSearch(t.Context()); err != nil {
				t.Fatalf("repair: %v", err)
			}
			indexTickets(t, s, "torch")
			if n := finds(t, s, "lamp"); n != 29 {
				t.Errorf("%d tickets are found, want 29", n)
			}
			statement(t, s, "INSERT INTO helpdesk_search (helpdesk_search) VALUES ('integrity-check')")
		})
	}
}

func TestSearchOff(t *testing.T) {
	t.Parallel()
	t.Run("X12 a store without search notes nothing, and one with search makes up for it", func(t *testing.T) {
		t.Parallel()
		file := filepath.Join(t.TempDir(), "desk.db")
		s := openFile(t, file, nil)
		fillSearch(t, s, 10)
		closeStore(t, s)

		off := openFile(t, file, &sqlite.Options{SearchOff: true})
		x := newTicket(3)
		write(t, off, func(ctx context.Context, tx store.Tx) error {
			return errors.Join(tx.PutTicket(ctx, x), tx.PutTicket(ctx, newTicket(11)), tx.DeleteTicket(ctx, 4), off.Unindex(ctx, 5))
		})
		var marks int
		if err := off.DB().QueryRowContext(t.Context(), "SELECT count(*) FROM helpdesk_stale").Scan(&marks); err != nil || marks != 0 {
			t.Errorf("%d marks, %v", marks, err)
		}
		_, stale := off.Stale(t.Context(), 1)
		_, index := off.Index(t.Context(), nil)
		_, search := off.Search(t.Context(), store.SearchQuery{}, ticket.Scope{All: true})
		_, lag := off.SearchLag(t.Context())
		for i, err := range []error{stale, index, search, lag, off.Reindex(t.Context()), off.RepairSearch(t.Context())} {
			if !errors.Is(err, store.ErrSearchOff) {
				t.Errorf("call %d: %v", i, err)
			}
		}
		closeStore(t, off)

		s = openFile(t, file, nil)
		if n := finds(t, s, "lamp"); n != 8 {
			t.Errorf("%d tickets are found at once, want those that were indexed before and are not removed: 8", n)
		}
		if lag, err := s.SearchLag(t.Context()); err != nil || lag.Tickets != 10 {
			t.Errorf("behind by %+v, %v", lag, err)
		}
		indexTickets(t, s, "torch")
		if n := finds(t, s, "lamp"); n != 10 {
			t.Errorf("%d tickets are found, want 10", n)
		}
		closeStore(t, s)
		s = openFile(t, file, nil)
		defer closeStore(t, s)
		if lag, err := s.SearchLag(t.Context()); err != nil || lag.Tickets != 0 {
			t.Errorf("opened again it is behind by %+v, %v", lag, err)
		}
	})
	t.Run("X12 tickets that are older than the search are indexed", func(t *testing.T) {
		t.Parallel()
		file := filepath.Join(t.TempDir(), "desk.db")
		s := openFile(t, file, &sqlite.Options{TablePrefix: "x_"})
		fillSearch(t, s, 10)
		closeStore(t, s)
		for _, q := range []string{"DROP TABLE x_search", "DROP TABLE x_documents", "DROP TABLE x_stale", "DELETE FROM x_meta WHERE key LIKE 'search%'", "DELETE FROM x_migrations WHERE version = 5"} {
			change(t, file, q)
		}
		s = openFile(t, file, &sqlite.Options{TablePrefix: "x_"})
		defer closeStore(t, s)
		lag, err := s.SearchLag(t.Context())
		if err != nil || lag.Tickets != 10 || lag.Since.IsZero() || time.Since(lag.Since).Abs() > time.Hour {
			t.Errorf("behind by %+v, %v", lag, err)
		}
		indexTickets(t, s, "torch")
		if n := finds(t, s, "lamp"); n != 10 {
			t.Errorf("%d tickets are found, want 10", n)
		}
	})
}

func TestSearchIsBounded(t *testing.T) {
	t.Parallel()
	const tickets = 12_000
	s := open(t, nil)
	write(t, s, func(ctx context.Context, tx store.Tx) error {
		for n := range int64(tickets) {
			x := newTicket(n + 1)
			x.UpdatedAt = updatedAt(x.ID)
			if n == 10 {
				x.Department = "sales"
			}
			if err := tx.PutTicket(ctx, x); err != nil {
				return err
			}
		}
		return nil
	})
	indexTickets(t, s, "torch")
	for _, ranked := range []bool{false, true} {
		q := store.SearchQuery{All: [][]store.Phrase{{{Words: []string{"lamp"}}}}, Ranked: ranked, Filter: ticket.Query{Departments: []string{"sales"}}}
		pages, found := 0, 0
		for {
			page, err := s.Search(t.Context(), q, ticket.Scope{All: true})
			if err != nil {
				t.Fatal(err)
			}
			pages, found = pages+1, found+len(page.Tickets)
			if q.Filter.Cursor = page.Next; q.Filter.Cursor == "" {
				break
			}
		}
		if pages != 3 || found != 1 {
			t.Errorf("X12 a page walks 5,000 documents at most: %d tickets on %d pages, want 1 on 3; ranked: %t", found, pages, ranked)
		}
	}
	t.Run("X12 a period is not walked to from the newest", func(t *testing.T) {
		q := store.SearchQuery{All: [][]store.Phrase{{{Words: []string{"lamp"}}}}, Filter: ticket.Query{UpdatedTo: updatedAt(11)}}
		page, err := s.Search(t.Context(), q, ticket.Scope{All: true})
		if err != nil || len(page.Tickets) != 10 {
			t.Errorf("%d tickets, %v", len(page.Tickets), err)
		}
		q.Filter = ticket.Query{UpdatedFrom: updatedAt(tickets - 4), Limit: 100}
		page, err = s.Search(t.Context(), q, ticket.Scope{All: true})
		if err != nil || len(page.Tickets) != 5 || page.Next != "" {
			t.Errorf("%d tickets, next %q, %v", len(page.Tickets), page.Next, err)
		}
	})
}
