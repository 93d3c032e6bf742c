package sqlite

import (
	"context"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// TestFieldRows counts what is written for custom fields: nothing where there are none, and nothing twice.
func TestFieldRows(t *testing.T) {
	t.Parallel()
	s := planned(t)
	s.opts.SearchOff = true // which writes a row of its own
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	x := &ticket.Ticket{ID: 1, Folder: ticket.Inbox, CreatedAt: at, UpdatedAt: at}
	rows := func(what string, want int64, change func()) {
		t.Helper()
		change()
		before := s.changes(t)
		err := s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error { return tx.PutTicket(ctx, x) })
		if err != nil {
			t.Fatal(err)
		}
		if got := s.changes(t) - before; got != want {
			t.Errorf("%s: %d rows are written, want %d", what, got, want)
		}
	}
	if err := s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error { // so that the ids are noted
		return tx.PutTicket(ctx, &ticket.Ticket{ID: 1000, CreatedAt: at, UpdatedAt: at})
	}); err != nil {
		t.Fatal(err)
	}
	rows("M49 a ticket without fields", 1+1, func() {}) // the other is the number of such tickets
	rows("M49 an empty value", 1, func() { x.Fields = map[string]string{"due": " \n"} })
	rows("M49 two values, one of two lines", 1+3+2, func() { x.Fields = map[string]string{"due": "2026-03-01", "size": "1\n2\n1.0"} })
	rows("M49 a new subject", 1, func() { x.Subject = "new" })
	rows("M49 another spelling", 1, func() { x.Fields["size"] = "+1\n2.0" })
	rows("M49 a new second line", 1+2, func() { x.Fields["size"] = "1\n3" })
	rows("M49 a new first line", 1+2+1, func() { x.Fields["size"] = "2\n3" })
	rows("M49 an update, which the facets follow", 1+3, func() { x.UpdatedAt = at.Add(time.Second) })
	rows("M49 no values any more", 1+3+2, func() { x.Fields = nil })
}

// changes returns how many rows the writer has changed so far.
func (s *Store) changes(t *testing.T) (n int64) {
	t.Helper()
	err := s.writer.exclusive(t.Context(), func() (err error) {
		n, err = s.writer.ses.number("SELECT total_changes()")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
