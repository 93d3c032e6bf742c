package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

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
		if err := fstest.TestFS(files, "0001_start.sql", "0002_fields.sql", "0003_lists.sql", "0004_counts.sql", "0005_search.sql"); err != nil {
			t.Error(err)
		}
	})
	t.Run("M49 tickets that are older than the index of custom fields are in it", func(t *testing.T) {
		t.Parallel()
		const tickets = 1200
		now := filepath.Join(t.TempDir(), "now.db")
		fillFields(t, now, tickets)
		file := aged(t, now, 1)
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

func TestListsMigration(t *testing.T) {
	t.Parallel()
	t.Run("M61 tickets that are older than the lists by reply and by what the customer has not read are in them", func(t *testing.T) {
		t.Parallel()
		now := filepath.Join(t.TempDir(), "now.db")
		s := openAt(t, now)
		want := map[int64]*ticket.Ticket{}
		err := s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
			for i, at := range []time.Time{{}, time.Unix(-1, 0), time.Unix(5, 0), time.Unix(5, 120000), time.Unix(1e9, 999999000), time.Unix(1e9, 100000000)} {
				x := newTicket(int64(i + 1))
				x.LastReplyAt, x.UnreadByClient = at, i%2 == 0
				if want[x.ID] = x; i == 2 {
					x.Subject = "\"last_reply_at\":\"2000-01-01T00:00:00Z\""
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
		s = openAt(t, aged(t, now, 2))
		defer s.Close()
		for _, x := range want {
			var replied int64
			var unread bool
			err := s.DB().QueryRowContext(t.Context(), "SELECT replied, unread_client FROM helpdesk_tickets WHERE id = ?", x.ID).Scan(&replied, &unread)
			if err != nil || replied != x.LastReplyAt.UnixMicro() || unread != x.UnreadByClient {
				t.Errorf("ticket %d: %d, %t, %v; want %d, %t", x.ID, replied, unread, err, x.LastReplyAt.UnixMicro(), x.UnreadByClient)
			}
		}
	})
	t.Run("M17 tickets that are older than the numbers of tickets are counted, and a wrong number is found", func(t *testing.T) {
		t.Parallel()
		now := filepath.Join(t.TempDir(), "now.db")
		fillFields(t, now, 10)
		change(t, now, `UPDATE helpdesk_tickets SET assignee = '7', doc = json_set(doc, '$.assignee', '7', '$.tags', json('["a","b","a"]')) WHERE id < 5;
			UPDATE helpdesk_tickets SET box = 4, doc = json_set(doc, '$.deleted_at', '2026-01-01T00:00:00Z') WHERE id = 6;
			UPDATE helpdesk_tickets SET box = 5, doc = json_set(doc, '$.merged_into', 1) WHERE id = 7`)
		file := aged(t, now, 3)
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
		change(t, file, `UPDATE helpdesk_tallies SET numbers = substr(numbers, 1, instr(numbers, char(10))) || numbers; DELETE FROM helpdesk_assignee_tallies`)
		wrong("after a mishap", 2)
	})
}

func openAt(t *testing.T, file string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), file, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// aged makes a file as an older version of the library would have it, with the tickets of another.
func aged(t *testing.T, from string, version int) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "aged.db")
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(file))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	run := func(statement string, args ...any) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), statement, args...); err != nil {
			t.Fatalf("%v\n%.300s", err, statement)
		}
	}
	run("ATTACH ? AS source", from)
	run("CREATE TABLE helpdesk_migrations AS SELECT * FROM source.helpdesk_migrations WHERE version <= ?", version)
	files, err := sqlite.Migrations()
	if err != nil {
		t.Fatal(err)
	}
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names[:version] {
		b, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		run(strings.ReplaceAll(string(b), "{p}", "helpdesk_"))
	}
	var columns string
	if err := db.QueryRowContext(t.Context(), "SELECT group_concat(name) FROM pragma_table_info('helpdesk_tickets')").Scan(&columns); err != nil {
		t.Fatal(err)
	}
	run("INSERT INTO main.helpdesk_tickets (" + columns + ") SELECT " + columns + " FROM source.helpdesk_tickets")
	run("INSERT INTO main.helpdesk_facets SELECT * FROM source.helpdesk_facets WHERE kind < 5")
	return file
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
