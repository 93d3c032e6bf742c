package sqlite_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestMigrations(t *testing.T) {
	t.Parallel()
	t.Run("the files can be read one by one", func(t *testing.T) {
		t.Parallel()
		files, err := sqlite.Migrations()
		if err != nil {
			t.Fatal(err)
		}
		if err := fstest.TestFS(files, "0001_start.sql", "0002_fields.sql", "0003_search.sql"); err != nil {
			t.Error(err)
		}
	})
	t.Run("M49 tickets that are older than the index of custom fields are in it", func(t *testing.T) {
		t.Parallel()
		file := filepath.Join(t.TempDir(), "desk.db")
		const tickets = 1200
		fillFields(t, file, tickets)
		change(t, file, `DROP TABLE helpdesk_field_values; DELETE FROM helpdesk_facets WHERE kind = 5; DELETE FROM helpdesk_migrations WHERE version >= 2;
			DROP TABLE helpdesk_stale; DROP TABLE helpdesk_documents; DROP TABLE helpdesk_search; DELETE FROM helpdesk_meta WHERE key LIKE 'search%'`)
		for range 2 { // and opening it again does nothing
			s, err := sqlite.Open(t.Context(), file, nil)
			if err != nil {
				t.Fatal(err)
			}
			for value, want := range map[string]int{"even": tickets / 2, "odd": tickets / 2, "": tickets} {
				q := ticket.Query{Sort: ticket.ByField("kind"), Fields: []ticket.FieldFilter{{Code: "kind"}}}
				if value != "" {
					q = ticket.Query{Fields: []ticket.FieldFilter{{Code: "kind", Values: []string{value}}}}
				}
				if got := countList(t, s, q); got != want {
					t.Errorf("%d tickets have the value %q, want %d", got, value, want)
				}
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// fillFields makes a store of tickets with a custom field, and as many without.
func fillFields(t *testing.T, file string, tickets int) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), file, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
		for n := range 2 * tickets {
			x := newTicket(int64(n + 1))
			if n < tickets {
				x.Fields = map[string]string{"kind": []string{"even", "odd"}[n%2], "n": fmt.Sprint(n)}
			}
			if err := tx.PutTicket(ctx, x); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// countList lists all pages.
func countList(t *testing.T, s store.Store, q ticket.Query) (n int) {
	t.Helper()
	q.Limit = ticket.MaxPage
	for {
		var page ticket.Page
		err := s.View(t.Context(), func(ctx context.Context, r store.Reader) (err error) {
			page, err = r.Tickets(ctx, q, ticket.Scope{All: true})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		n += len(page.Tickets)
		if q.Cursor = page.Next; q.Cursor == "" {
			return n
		}
	}
}
