package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/cursor"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var plannedViews = map[string]ticket.Query{
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
	"field":              {Fields: []ticket.FieldFilter{{Code: "size", Values: []string{"10"}}}},
	"field's values":     {Fields: []ticket.FieldFilter{{Code: "size", From: "1"}, {Code: "size", Values: []string{"10", "11"}}}},
	"field's range":      {Fields: []ticket.FieldFilter{{Code: "due", From: "2026-01-01", To: "2026-02-01"}}},
	"field's lower end":  {Fields: []ticket.FieldFilter{{Code: "due", From: "2026-01-01"}}, Statuses: []string{"open"}},
	"without a field":    {Fields: []ticket.FieldFilter{{Code: "due", Empty: true}}, Folders: []ticket.Folder{ticket.Inbox}},
}

var plannedScopes = map[string]ticket.Scope{
	"all":   {All: true},
	"staff": {Places: []ticket.Place{{Department: "support"}, {Department: "sales", Brand: "shop"}}, Agent: "7"},
	"staff of places": {Places: []ticket.Place{{Brand: "shop"}, {Brand: "main", Department: "sales"}},
		Agent: "7", AgentPlaces: []ticket.Place{{Brand: "shop"}, {Department: "support"}}},
	"client": {Requester: "42", Emails: []string{"ann@example.com", "ann@home.example"}, Organisations: []string{"acme", "lamps"}},
}

// TestPlans looks at how SQLite walks the standard views: through an index in the order of the list, never through the
// table, and without sorting. An arm whose index does not fit it would not even be prepared.
func TestPlans(t *testing.T) {
	t.Parallel()
	s := planned(t)
	for _, sort := range []ticket.Sort{ticket.NewestUpdate, ticket.OldestUpdate} {
		eachPlan(t, s, sort, func(what string, l *listing, a arm) {
			for _, detail := range s.plan(t, a.text(l), append(a.args, l.limit)) {
				if strings.Contains(detail, "TEMP B-TREE") || strings.HasPrefix(detail, "SCAN") {
					t.Errorf("%s: %s\n%s", what, detail, a.text(l))
				}
			}
		})
	}
}

// TestFieldPlans looks at lists that a custom field sorts: who sees much walks the order of the field, who sees little
// sorts that.
func TestFieldPlans(t *testing.T) {
	t.Parallel()
	s := planned(t)
	for _, sort := range []ticket.Sort{ticket.ByField("due"), ticket.ByFieldDesc("due")} {
		eachPlan(t, s, sort, func(what string, l *listing, a arm) {
			plan := s.plan(t, a.text(l), append(a.args, l.limit))
			wide := a.joined || strings.HasSuffix(a.from, "NOT INDEXED")
			for _, detail := range plan {
				byID := l.valueless && wide && strings.HasPrefix(detail, "SCAN t") // which has the order of the ids
				if (wide && strings.Contains(detail, "TEMP B-TREE")) || (strings.HasPrefix(detail, "SCAN") && !byID) {
					t.Errorf("%s: %s\n%s", what, detail, a.text(l))
				}
			}
			if walked := "SEARCH v USING COVERING INDEX helpdesk_field_values_order (field=?"; a.joined && !strings.HasPrefix(plan[0], walked) {
				t.Errorf("%s: %s, want %s", what, plan[0], walked)
			}
		})
	}
	l, err := newListing(ticket.Query{Sort: ticket.ByField("due")})
	if err != nil {
		t.Fatal(err)
	}
	const bound = "(field=? AND value>? AND value<?)"
	for _, a := range l.arms(plannedViews["field's range"], ticket.Scope{All: true}) {
		if plan := s.plan(t, a.text(l), append(a.args, l.limit)); !strings.HasSuffix(plan[0], bound) {
			t.Errorf("a range does not bound the walk: %s", plan[0])
		}
	}
}

// TestOnePlan looks at a scope of one ticket: whatever is asked, that ticket is read by its id.
func TestOnePlan(t *testing.T) {
	t.Parallel()
	s := planned(t)
	for name, q := range plannedViews {
		a := onlyArm(q, 5)
		plan := s.plan(t, "SELECT t.doc FROM "+a.from+" WHERE "+strings.Join(a.where, " AND "), a.args)
		if plan[0] != "SEARCH t USING INTEGER PRIMARY KEY (rowid=?)" {
			t.Errorf("%s: %s", name, plan[0])
		}
	}
}

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

// TestPhases looks at which tickets a list by a field is made of: those that its filters cannot select are not walked.
func TestPhases(t *testing.T) {
	t.Parallel()
	size := func(f ticket.FieldFilter) []ticket.FieldFilter {
		f.Code = "size"
		return []ticket.FieldFilter{{Code: "due", Empty: true}, f}
	}
	from := func(key ticket.FieldKey) string {
		return cursor.Format(cursor.Position{Key: key, ID: 1}, ticket.ByField("size"))
	}
	for what, c := range map[string]struct {
		q    ticket.Query
		want []bool
	}{
		"by time":                     {ticket.Query{Sort: ticket.OldestCreated, Fields: size(ticket.FieldFilter{})}, []bool{false}},
		"by a field":                  {ticket.Query{}, []bool{false, true}},
		"with a value":                {ticket.Query{Fields: size(ticket.FieldFilter{From: "1"})}, []bool{false}},
		"without a value":             {ticket.Query{Fields: size(ticket.FieldFilter{Empty: true})}, []bool{true}},
		"with and without":            {ticket.Query{Fields: append(size(ticket.FieldFilter{}), size(ticket.FieldFilter{Empty: true})...)}, nil},
		"after a value":               {ticket.Query{Cursor: from("n21")}, []bool{false, true}},
		"after one without":           {ticket.Query{Cursor: from("")}, []bool{true}},
		"with one, after one without": {ticket.Query{Cursor: from(""), Fields: size(ticket.FieldFilter{})}, nil},
	} {
		if c.q.Sort == "" {
			c.q.Sort = ticket.ByField("size")
		}
		l, err := newListing(c.q)
		if err != nil {
			t.Fatal(err)
		}
		if got := l.phases(c.q); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", what, got, c.want)
		}
	}
}

// TestArms counts the walks: what is visible for one reason is walked once.
func TestArms(t *testing.T) {
	t.Parallel()
	inbox := ticket.Query{Folders: []ticket.Folder{ticket.Inbox}}
	departments := make([]ticket.Place, 0, 2*maxDepartments)
	for n := range cap(departments) {
		departments = append(departments, ticket.Place{Department: fmt.Sprint(n)})
	}
	for _, c := range []struct {
		what  string
		q     ticket.Query
		scope ticket.Scope
		want  int
	}{
		{"nothing", inbox, ticket.Scope{Places: []ticket.Place{{}}, Emails: []string{"", " "}, Organisations: []string{""}, Internal: true}, 0},
		{"places in places", inbox, ticket.Scope{Places: []ticket.Place{{Department: "a"}, {Brand: "x", Department: "a"}, {Department: "a"}}}, 1},
		{"brands of a department", inbox, ticket.Scope{Places: []ticket.Place{{Brand: "y", Department: "a"}, {Brand: "x", Department: "a"}}}, 1},
		{"brands", inbox, ticket.Scope{Places: []ticket.Place{{Brand: "x"}, {Brand: "y"}, {Brand: "y", Department: "a"}}}, 1},
		{"brands and a department", inbox, ticket.Scope{Places: []ticket.Place{{Brand: "x"}, {Department: "a"}, {Brand: "y"}}}, 2},
		{"departments", inbox, ticket.Scope{Places: departments[:maxDepartments]}, maxDepartments},
		{"too many departments", inbox, ticket.Scope{Places: departments}, 1},
		{"departments, one asked for", ticket.Query{Folders: inbox.Folders, Departments: []string{"1"}}, ticket.Scope{Places: departments[:9]}, 1},
		{"departments and a tag", ticket.Query{Tags: []string{"light"}}, ticket.Scope{Places: departments[:9]}, 1},
		{"departments by creation", ticket.Query{Folders: inbox.Folders, Sort: ticket.NewestCreated}, ticket.Scope{Places: departments[:9]}, 1},
		{"departments by a field", ticket.Query{Sort: ticket.ByField("due")}, ticket.Scope{Places: departments[:9]}, 1},
		{"an agent's departments and a tag", ticket.Query{Tags: []string{"light"}}, ticket.Scope{Places: departments[:9], Agent: "7"}, 1},
		{"an agent's departments by a field", ticket.Query{Sort: ticket.ByField("due")}, ticket.Scope{Places: departments[:9], Agent: "7"}, 1},
		{"an agent by a field", ticket.Query{Folders: inbox.Folders, Sort: ticket.ByField("due")}, ticket.Scope{Agent: "7"}, 2},
		{"an agent's places", inbox, ticket.Scope{Agent: "7", AgentPlaces: []ticket.Place{{Brand: "x"}, {Department: "a"}}}, 2},
		{"addresses", inbox, ticket.Scope{Emails: []string{"a@x", " A@X ", "b@x"}}, 4},
		{"organisations", inbox, ticket.Scope{Organisations: []string{"a", "b", "a"}}, 2},
	} {
		l, err := newListing(c.q)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(l.arms(c.q, c.scope)); got != c.want {
			t.Errorf("%s: %d walks, want %d", c.what, got, c.want)
		}
	}
	if got := widest([]ticket.Place{{Brand: "x"}, {}, {Department: "a"}}); !slices.Equal(got, []ticket.Place{{}}) {
		t.Errorf("the widest place is %v", got)
	}
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

// eachPlan calls check for every arm of every view under every scope: of the first page, of one after it, and where a
// field sorts the list, of those among the tickets without a value.
func eachPlan(t *testing.T, s *Store, sort ticket.Sort, check func(what string, l *listing, a arm)) {
	t.Helper()
	for name, q := range plannedViews {
		for who, scope := range plannedScopes {
			q.Sort = sort
			l, err := newListing(q)
			if err != nil {
				t.Fatal(err)
			}
			for _, after := range []string{"", "t2026-01-02"} {
				what := fmt.Sprintf("%s for %s, %s after %q", name, who, sort, after)
				if l.after = nil; after != "" {
					l.after = &cursor.Position{At: fromMicros(7), Key: ticket.FieldKey(after), ID: 7}
				}
				if l.valueless = false; len(l.arms(q, scope)) == 0 {
					t.Errorf("%s: no walk", what)
				}
				for _, a := range l.arms(q, scope) {
					check(what, l, a)
				}
				if l.field == "" {
					continue
				}
				l.valueless = true
				for _, a := range l.arms(q, scope) {
					check(what+", without a value", l, a)
				}
			}
		}
	}
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
