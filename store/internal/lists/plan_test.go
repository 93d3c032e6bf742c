package lists

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store/cursor"
	"github.com/helpdeskgo/helpdesk/store/internal/row"
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

// plannedSorts are all orders of lists.
var plannedSorts = []ticket.Sort{
	ticket.NewestUpdate, ticket.OldestUpdate, ticket.NewestCreated, ticket.OldestCreated, ticket.NewestReply, ticket.OldestReply,
	ticket.MostUrgent, ticket.LeastUrgent, ticket.ByField("due"), ticket.ByFieldDesc("due"),
}

// TestPlans looks at how SQLite walks every list: by an index in the order of the list, never through the table and
// without sorting; or, where few tickets are sorted, by an index that finds those. Statistics must not change that: the
// host may have the file analysed. An arm whose index does not fit it would not even be prepared.
func TestPlans(t *testing.T) {
	t.Parallel()
	for what, analysed := range map[string]bool{"X12 without statistics": false, "X12 with statistics": true} {
		t.Run(what+" every list is walked by an index", func(t *testing.T) {
			t.Parallel()
			b := newFile(t)
			b.fill(t, 600)
			if analysed {
				b.analyse(t)
			}
			count := 0
			for i, sort := range plannedSorts {
				if testing.Short() && i%9 > 0 { // the race detector sees one goroutine
					continue
				}
				count += b.checkPlans(t, sort)
			}
			t.Logf("%d plans", count)
		})
	}
}

// depths are where the pages begin: at the beginning, and further on in either direction, in each phase.
var depths = []*cursor.Cursor{nil,
	{Position: cursor.Position{At: row.FromMicros(7), Key: "t2026-01-02", Priority: "high", ID: 7}},
	{Position: cursor.Position{At: row.FromMicros(7), Key: "t2026-01-02", Priority: "high", ID: 7}, Back: true},
	{Position: cursor.Position{At: row.FromMicros(1 << 50), Priority: "none", ID: 500}, Before: true},
	{Position: cursor.Position{At: row.FromMicros(1 << 50), Priority: "none", ID: 500}, Before: true, Back: true},
}

// checkPlans looks at every arm of every view under every scope at every depth.
func (b *base) checkPlans(t *testing.T, sort ticket.Sort) (count int) {
	t.Helper()
	seen := map[string]bool{}
	for name, q := range plannedViews {
		for who, scope := range plannedScopes {
			for depth, from := range depths {
				if depth > 1 && (who != "staff" || testing.Short()) { // the scope does not change how a page begins
					continue
				}
				q.Sort, q.Ranks = sort, []string{"low", "high"}
				l, err := newListing(b.d, q, scope)
				if err != nil {
					t.Fatal(err)
				}
				l.from = from
				for _, ph := range l.phases() {
					what := fmt.Sprintf("%s for %s, %s, depth %d", name, who, sort, depth)
					count += b.checkPhase(t, l, ph, what, seen)
				}
			}
		}
	}
	return count
}

// checkPhase looks at all plans of a phase that may be tried, and at those for few tickets, whether there are few or not.
func (b *base) checkPhase(t *testing.T, l *listing, ph phase, what string, seen map[string]bool) (count int) {
	t.Helper()
	ways, _, err := b.reader().ways(t.Context(), l, ph)
	if err != nil || len(ways) == 0 {
		t.Fatalf("%s: %d ways, %v", what, len(ways), err)
	}
	check := func(text string, args []any, wrong func(n int, detail string) bool) {
		if seen[text] {
			return
		}
		seen[text] = true
		count++
		for n, detail := range b.plan(t, text, args) {
			if wrong(n, detail) {
				t.Errorf("%s: %s\n%s", what, detail, text)
			}
		}
	}
	for _, way := range ways {
		p, ok := way()
		if !ok {
			continue
		}
		single := ph
		single.single = true
		for _, a := range slices.Concat(withAfter(l.complete(p, ph)), l.complete(p, single)) {
			text, args := b.d.text(a, ph, l.doc)
			check(text, args, func(_ int, detail string) bool {
				byID := ph.valueless && detail == "SCAN t" // which has the order of the ids
				return strings.Contains(detail, "TEMP B-TREE") || (strings.HasPrefix(detail, "SCAN") && !byID)
			})
			if a.skips(b.d, text) {
				t.Errorf("%s: what the index does not answer is passed over unseen, however far that is\n%s", what, text)
			}
		}
	}
	if ph.from != nil && ph.column != "" {
		text, args := ph.singleText(l)
		index := "COVERING INDEX helpdesk_tickets_" + ph.column + " (box=? AND " + ph.column + "=?)"
		check(text, args, func(n int, detail string) bool { return n == 1 && !strings.Contains(detail, index) })
	}
	for _, p := range l.fewPaths(ph) {
		for i, a := range l.complete(p, ph) {
			text, args := b.d.sortedText(a, ph, l.doc, l.limit)
			check(text, args, func(_ int, detail string) bool { return strings.HasPrefix(detail, "SCAN") && detail != "SCAN s" })
			text, args = b.d.countText(p.arms[i], 9)
			check(text, args, func(n int, detail string) bool { return n == 1 && !strings.Contains(detail, "SEARCH") })
		}
	}
	return count
}

// skips reports whether the walk itself leaves tickets out for what its index does not answer: nobody would count those.
func (a arm) skips(d *Dialect, text string) bool {
	_, walk, _ := strings.Cut(text, " FROM "+d.from(a))
	return slices.ContainsFunc(a.rest, func(c condition) bool { return strings.Contains(walk, c.text) })
}

// withAfter is the arms and what follows them.
func withAfter(arms []arm) (out []arm) {
	for _, a := range arms {
		for out = append(out, a); a.after != nil; out = append(out, a) {
			a = *a.after
		}
	}
	return out
}

// TestBounds looks at ranges of what a list is sorted by: they bound the walk, from wherever the page begins.
func TestBounds(t *testing.T) {
	t.Parallel()
	b := newFile(t)
	day := func(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }
	for _, c := range []struct {
		q    ticket.Query
		from *cursor.Cursor
		want string
	}{
		{ticket.Query{Sort: ticket.ByField("due"), Fields: plannedViews["field's range"].Fields}, nil, "(field=? AND value>? AND value<?)"},
		{ticket.Query{Sort: ticket.ByFieldDesc("due"), Fields: plannedViews["field's range"].Fields}, depths[1], "(field=? AND value>? AND (value,ticket)<(?,?))"},
		{ticket.Query{UpdatedFrom: day(1), UpdatedTo: day(2)}, nil, "(box=? AND updated>? AND updated<?)"},
		{ticket.Query{UpdatedFrom: day(1), UpdatedTo: day(2)}, depths[1], "(box=? AND updated=? AND rowid<?), (box=? AND updated>? AND updated<?)"},
		{ticket.Query{UpdatedFrom: day(1), UpdatedTo: day(2), Statuses: []string{"open"}, Sort: ticket.OldestUpdate}, depths[1],
			"(box=? AND status=? AND updated=? AND rowid>?), (box=? AND status=? AND updated>? AND updated<?)"},
		{ticket.Query{UpdatedFrom: day(1), Tags: []string{"light"}}, nil, "(kind=? AND value=? AND updated>?)"},
		{ticket.Query{LastReplyFrom: day(1), Sort: ticket.NewestReply}, depths[1], "(box=? AND replied=? AND rowid<?), (box=? AND replied>? AND replied<?)"},
		{ticket.Query{CreatedFrom: day(1), Sort: ticket.NewestCreated}, depths[2], "(box=? AND created=? AND rowid>?), (box=? AND created>?)"},
	} {
		l, err := newListing(b.d, c.q, ticket.Scope{All: true})
		if err != nil {
			t.Fatal(err)
		}
		l.from = c.from
		ph := l.phases()[0]
		ways, _, err := b.reader().ways(t.Context(), l, ph)
		if err != nil {
			t.Fatal(err)
		}
		p, _ := ways[0]()
		var got []string
		for _, a := range withAfter(l.complete(p, ph)[:1]) {
			text, args := b.d.text(a, ph, l.doc)
			detail := b.plan(t, text, args)[0]
			got = append(got, detail[strings.Index(detail, "("):])
		}
		if got := strings.Join(got, ", "); got != c.want {
			t.Errorf("%+v: %s, want %s", c.q, got, c.want)
		}
	}
}

// TestOnePlan looks at a scope of one ticket: whatever is asked, that ticket is read by its id.
func TestOnePlan(t *testing.T) {
	t.Parallel()
	b := newFile(t)
	for name, q := range plannedViews {
		l, err := newListing(b.d, q, ticket.Scope{Only: 5})
		if err != nil {
			t.Fatal(err)
		}
		text, args := l.onlyText()
		plan := b.plan(t, text, args)
		if plan[0] != "SEARCH t USING INTEGER PRIMARY KEY (rowid=?)" {
			t.Errorf("%s: %s", name, plan[0])
		}
	}
}

// TestPhases looks at which tickets a list is made of: those that its filters cannot select are not walked.
func TestPhases(t *testing.T) {
	t.Parallel()
	size := func(f ticket.FieldFilter) []ticket.FieldFilter {
		f.Code = "size"
		return []ticket.FieldFilter{{Code: "due", Empty: true}, f}
	}
	from := func(key ticket.FieldKey, back bool) string {
		return cursor.Format(cursor.Cursor{Position: cursor.Position{Key: key, ID: 1}, Back: back}, ticket.ByField("size"))
	}
	urgent := func(priority string) string {
		return cursor.Format(cursor.Cursor{Position: cursor.Position{Priority: priority, ID: 1}}, ticket.MostUrgent)
	}
	for what, c := range map[string]struct {
		q    ticket.Query
		want string
	}{
		"by time":                     {ticket.Query{Sort: ticket.OldestCreated, Fields: size(ticket.FieldFilter{})}, "created"},
		"by a field":                  {ticket.Query{}, "size, none"},
		"with a value":                {ticket.Query{Fields: size(ticket.FieldFilter{From: "1"})}, "size"},
		"without a value":             {ticket.Query{Fields: size(ticket.FieldFilter{Empty: true})}, "none"},
		"with and without":            {ticket.Query{Fields: append(size(ticket.FieldFilter{}), size(ticket.FieldFilter{Empty: true})...)}, ""},
		"after a value":               {ticket.Query{Cursor: from("n21", false)}, "size from here, none"},
		"before a value":              {ticket.Query{Cursor: from("n21", true)}, "size from here"},
		"after one without":           {ticket.Query{Cursor: from("", false)}, "none from here"},
		"before one without":          {ticket.Query{Cursor: from("", true)}, "none from here, size"},
		"with one, after one without": {ticket.Query{Cursor: from("", false), Fields: size(ticket.FieldFilter{})}, ""},
		"by priority":                 {ticket.Query{Sort: ticket.MostUrgent}, "high, low, others"},
		"the least urgent first":      {ticket.Query{Sort: ticket.LeastUrgent}, "low, high, others"},
		"one priority":                {ticket.Query{Sort: ticket.MostUrgent, Priorities: []string{"low"}}, "low"},
		"one without a rank":          {ticket.Query{Sort: ticket.MostUrgent, Priorities: []string{"low", "none"}}, "low, others"},
		"after the last rank":         {ticket.Query{Sort: ticket.MostUrgent, Cursor: urgent("low")}, "low from here, others"},
		"among the others":            {ticket.Query{Sort: ticket.MostUrgent, Cursor: urgent("none")}, "others from here"},
	} {
		if c.q.Ranks = []string{"low", "high", "", "low"}; c.q.Sort == "" {
			c.q.Sort = ticket.ByField("size")
		}
		l, err := newListing(SQLite, c.q, ticket.Scope{All: true})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, ph := range l.phases() {
			name := ph.field + ph.column
			switch {
			case ph.valueless:
				name = "none"
			case ph.priority != nil:
				name = ph.priority[0]
			case ph.others != nil:
				name = "others"
			}
			if ph.from != nil {
				name += " from here"
			}
			got = append(got, name)
		}
		if got := strings.Join(got, ", "); got != c.want {
			t.Errorf("%s: %q, want %q", what, got, c.want)
		}
	}
}

// TestArms counts the walks of a scope: what is visible for one reason is walked once.
func TestArms(t *testing.T) {
	t.Parallel()
	inbox := ticket.Query{Folders: []ticket.Folder{ticket.Inbox}}
	departments := make([]ticket.Place, 0, 2*maxPlaces)
	for n := range cap(departments) {
		departments = append(departments, ticket.Place{Department: fmt.Sprint(n)})
	}
	for _, c := range []struct {
		what  string
		q     ticket.Query
		scope ticket.Scope
		want  int // -1 where the scope is not walked by itself
	}{
		{"nothing", inbox, ticket.Scope{Places: []ticket.Place{{}}, Emails: []string{"", " "}, Organisations: []string{""}, Internal: true}, 0},
		{"places in places", inbox, ticket.Scope{Places: []ticket.Place{{Department: "a"}, {Brand: "x", Department: "a"}, {Department: "a"}}}, 1},
		{"brands of a department", inbox, ticket.Scope{Places: []ticket.Place{{Brand: "y", Department: "a"}, {Brand: "x", Department: "a"}}}, 1},
		{"brands", inbox, ticket.Scope{Places: []ticket.Place{{Brand: "x"}, {Brand: "y"}, {Brand: "y", Department: "a"}}}, 2},
		{"brands and a department", inbox, ticket.Scope{Places: []ticket.Place{{Brand: "x"}, {Department: "a"}, {Brand: "y"}}}, 3},
		{"departments", inbox, ticket.Scope{Places: departments[:maxPlaces]}, maxPlaces},
		{"departments in every folder", ticket.Query{}, ticket.Scope{Places: departments[:maxPlaces]}, 4 * maxPlaces},
		{"too many departments", inbox, ticket.Scope{Places: departments}, -1},
		{"departments, one asked for", ticket.Query{Folders: inbox.Folders, Departments: []string{"1"}}, ticket.Scope{Places: departments[:9]}, 1},
		{"an agent's places", inbox, ticket.Scope{Agent: "7", AgentPlaces: []ticket.Place{{Brand: "x"}, {Department: "a"}}}, 2},
		{"an agent, unassigned", ticket.Query{Unassigned: true}, ticket.Scope{Agent: "7"}, 1},
		{"addresses", inbox, ticket.Scope{Emails: []string{"a@x", " A@X ", "b@x"}}, 4},
		{"organisations", inbox, ticket.Scope{Organisations: []string{"a", "b", "a"}}, 2},
		{"organisations, another asked for", ticket.Query{Organisation: "c"}, ticket.Scope{Organisations: []string{"a", "b"}}, 0},
	} {
		l, err := newListing(SQLite, c.q, c.scope)
		if err != nil {
			t.Fatal(err)
		}
		p, ok := l.scopePath()
		if got := len(p.arms); (ok && got != c.want) || ok != (c.want >= 0) {
			t.Errorf("%s: %d walks (%t), want %d", c.what, got, ok, c.want)
		}
	}
	if got := widest([]ticket.Place{{Brand: "x"}, {}, {Department: "a"}}); !slices.Equal(got, []ticket.Place{{}}) {
		t.Errorf("the widest place is %v", got)
	}
}

// TestSteps looks at how the priorities of a box are found: each is one step into their index.
func TestSteps(t *testing.T) {
	t.Parallel()
	b := newFile(t)
	b.fill(t, 600)
	text, args := b.d.stepsText([]step{{box: row.BoxInbox, first: true}, {box: row.BoxArchive, after: "low"}})
	steps := 0
	for _, line := range b.plan(t, text, args) {
		if strings.HasPrefix(line, "SEARCH t USING COVERING INDEX helpdesk_tickets_priority (box=? AND priority>?)") {
			steps++
		}
	}
	if steps != 2 {
		t.Errorf("%q", b.plan(t, text, args))
	}
	got, err := b.reader().unranked(t.Context(), []int{row.BoxInbox, row.BoxArchive}, []string{"high", "low"})
	if err != nil || !slices.Equal(got, []string{"none"}) || b.asked != 3 {
		t.Errorf("%q in %d statements, %v", got, b.asked, err)
	}
}
