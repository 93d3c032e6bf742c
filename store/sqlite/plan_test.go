package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// TestPlans looks at how SQLite walks the standard views: through an index in the order of the list, never through the
// table, and without sorting. An arm whose index does not fit it would not even be prepared.
func TestPlans(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "desk.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	views := map[string]ticket.Query{
		"everything":         {},
		"folder":             {Folders: []ticket.Folder{ticket.Inbox}},
		"class":              {Folders: []ticket.Folder{ticket.Inbox}, Classes: []ticket.Class{ticket.ClassNew, ticket.ClassOpen}},
		"status":             {Folders: []ticket.Folder{ticket.Inbox}, Statuses: []string{"open"}},
		"department":         {Departments: []string{"support", "sales"}},
		"assignee":           {Assignee: "7"},
		"unassigned":         {Unassigned: true, Folders: []ticket.Folder{ticket.Inbox}},
		"requester":          {Requester: "42"},
		"requester's folder": {Requester: "42", Folders: []ticket.Folder{ticket.Inbox}},
		"address":            {Email: "ann@example.com"},
		"organisation":       {Organisation: "acme"},
		"participant":        {Participant: "ann@example.com"},
		"watcher":            {Watcher: "7"},
		"tag":                {Tags: []string{"light"}},
		"tags":               {Tags: []string{"light", "hall"}},
		"deleted":            {Deleted: true},
		"unread in spam":     {UnreadByStaff: true, Folders: []ticket.Folder{ticket.Spam}},
	}
	scopes := map[string]ticket.Scope{
		"all":    {All: true},
		"staff":  {Places: []ticket.Place{{Department: "support"}, {Department: "sales"}}, Agent: "7"},
		"client": {Requester: "42", Emails: []string{"ann@example.com"}},
	}
	for _, sort := range []ticket.Sort{ticket.NewestUpdate, ticket.OldestUpdate} {
		for name, q := range views {
			for who, scope := range scopes {
				q.Sort = sort
				l, err := newListing(q)
				if err != nil {
					t.Fatal(err)
				}
				for _, a := range l.arms(q, scope) {
					checkPlan(t, s, fmt.Sprintf("%s for %s, %s", name, who, sort), a.text(l), append(a.args, l.limit))
				}
			}
		}
	}
}

func checkPlan(t *testing.T, s *Store, what, text string, args []any) {
	t.Helper()
	rows, err := s.db.QueryContext(context.Background(), "EXPLAIN QUERY PLAN "+strings.ReplaceAll(text, "{p}", s.opts.TablePrefix), args...)
	if err != nil {
		t.Errorf("%s: %v\n%s", what, err, text)
		return
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused sql.NullInt64
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(detail, "TEMP B-TREE") || strings.HasPrefix(detail, "SCAN") {
			t.Errorf("%s: %s\n%s", what, detail, text)
		}
	}
}
