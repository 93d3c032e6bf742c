package sqlite_test

import (
	"context"
	"errors"
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
		if err := fstest.TestFS(files, "0001_start.sql", "0002_fields.sql", "0003_lists.sql", "0004_counts.sql"); err != nil {
			t.Error(err)
		}
	})
	t.Run("M49 tickets that are older than the index of custom fields are in it", func(t *testing.T) {
		t.Parallel()
		file := filepath.Join(t.TempDir(), "desk.db")
		const tickets = 1200
		fillFields(t, file, tickets)
		change(t, file, `DROP TABLE helpdesk_field_values; DELETE FROM helpdesk_facets WHERE kind = 5; DELETE FROM helpdesk_migrations WHERE version > 1; 
			DROP TABLE helpdesk_tallies; DROP TABLE helpdesk_assignee_tallies; DROP TABLE helpdesk_tag_tallies`)
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
	t.Run("M17 tickets that are older than the numbers of tickets are counted, and a wrong number is found", func(t *testing.T) {
		t.Parallel()
		file := filepath.Join(t.TempDir(), "desk.db")
		fillFields(t, file, 10)
		change(t, file, `DELETE FROM helpdesk_migrations WHERE version > 2;
			DROP TABLE helpdesk_tallies; DROP TABLE helpdesk_assignee_tallies; DROP TABLE helpdesk_tag_tallies;
			UPDATE helpdesk_tickets SET assignee = '7', doc = json_set(doc, '$.assignee', '7', '$.tags', json('["a","b","a"]')) WHERE id < 5;
			UPDATE helpdesk_tickets SET box = 4, doc = json_set(doc, '$.deleted_at', '2026-01-01T00:00:00Z') WHERE id = 6;
			UPDATE helpdesk_tickets SET box = 5, doc = json_set(doc, '$.merged_into', 1) WHERE id = 7`)
		wrong := func(what string, want int) {
			t.Helper()
			s, err := sqlite.Open(t.Context(), file, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := s.CheckTallies(t.Context()); err != nil || len(got) != want {
				t.Errorf("%s: %q %v, want %d", what, got, err, want)
			}
			err = s.View(t.Context(), func(ctx context.Context, r store.Reader) error {
				got, err := r.Tallies(ctx, store.TallyQuery{By: store.TallyTags}, ticket.Scope{All: true})
				if len(got.Rows) != 3 || got.Rows[0].N != 4 || got.Rows[2].N != 14 { // a, b, and light
					t.Errorf("%s: tags %v", what, got)
				}
				return err
			})
			if err := errors.Join(err, s.Close()); err != nil {
				t.Fatal(err)
			}
		}
		wrong("after the migration", 0)
		change(t, file, `UPDATE helpdesk_tallies SET n = n + 1; DELETE FROM helpdesk_assignee_tallies`)
		wrong("after a mishap", 3)
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
