package sqlite

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/row"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// TestRecordPlans looks at lists of records, which walk their order from where the page begins.
func TestRecordPlans(t *testing.T) {
	t.Parallel()
	s := planned(t)
	for want, q := range map[string]store.RecordQuery{
		"helpdesk_records_key (kind=?)":                           {Kind: "draft", Limit: 5},
		"helpdesk_records_key (kind=? AND key>?)":                 {Kind: "draft", After: "a"},
		"helpdesk_records_parent (kind=? AND parent=?)":           {Kind: "draft", Parent: "7"},
		"helpdesk_records_parent (kind=? AND parent=? AND key>?)": {Kind: "draft", Parent: "7", After: "a"},
	} {
		text, args := selectRecords(q)
		if plan := s.plan(t, text, args); len(plan) != 1 || plan[0] != "SEARCH helpdesk_records USING INDEX "+want {
			t.Errorf("%+v: %q", q, plan)
		}
	}
}

// TestThreadPlans looks at threads and journals, which walk their order from where the page begins, either way.
func TestThreadPlans(t *testing.T) {
	t.Parallel()
	s := planned(t)
	check := func(what, want, text string, args []any) {
		t.Helper()
		if plan := s.plan(t, text, args); len(plan) != 1 || !strings.HasSuffix(plan[0], " USING INDEX helpdesk_"+want) {
			t.Errorf("%s: %q, want %s", what, plan, want)
		}
	}
	for _, newest := range []bool{false, true} {
		q := ticket.MessageQuery{TicketID: 5, Newest: newest, Kinds: []ticket.MessageKind{ticket.KindReply, ticket.KindNote}}
		text, args := selectMessages(q)
		check("a thread", "messages_ticket (ticket=?)", text, args)
		q.AfterSeq = 9
		text, args = selectMessages(q)
		check("a thread from a place", "messages_ticket (ticket=? AND seq"+map[bool]string{false: ">", true: "<"}[newest]+"?)", text, args)
	}
	types := []ticket.EventType{ticket.EventUpdated, ticket.EventReplied}
	text, args := selectEvents(ticket.EventQuery{TicketID: 5, AfterSeq: 9, Types: types})
	check("the journal of a ticket", "events_ticket (ticket=? AND seq>?)", text, args)
	text, args = selectEvents(ticket.EventQuery{Since: row.FromMicros(7), AfterID: 9, Types: types})
	check("the journal", "events_at (at>?)", text, args)
}

func planned(t *testing.T) *Store {
	t.Helper()
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "desk.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// plan returns the lines of SQLite's own account.
func (s *Store) plan(t *testing.T, text string, args []any) (out []string) {
	t.Helper()
	rows, err := s.db.QueryContext(context.Background(), "EXPLAIN QUERY PLAN "+strings.ReplaceAll(text, "{p}", s.opts.TablePrefix), args...)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused sql.NullInt64
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		out = append(out, detail)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}
