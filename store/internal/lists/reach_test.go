package lists

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/store/internal/row"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// TestReach counts what a page looks at, whatever is asked by whomever: never more than a bound, and less for what an
// index answers. All pages together still find every ticket.
func TestReach(t *testing.T) {
	t.Parallel()
	turnPages(t, newFile(t))
}

func turnPages(t *testing.T, b *base) {
	t.Helper()
	n, sorts := int64(300), plannedSorts
	if testing.Short() {
		n, sorts = 100, []ticket.Sort{ticket.MostUrgent}
	}
	b.fill(t, int(n))
	r := b.reader()
	r.Reach = Reach{Walk: 60, Slice: 10, Few: 20}
	queries := map[string]ticket.Query{
		"a channel that no ticket has": {Channels: []ticket.Channel{"phone"}}, "unread by the customer": {UnreadByClient: true},
		"a rare priority":             {Priorities: []string{"none"}, Folders: []ticket.Folder{ticket.Inbox}},
		"a common tag and a rare one": {Tags: []string{"light", "dark"}}, "the last day": {CreatedFrom: row.FromMicros(n - 5)}, "no value": {Fields: []ticket.FieldFilter{{Code: "due", Empty: true}}},
		"a range": {Fields: []ticket.FieldFilter{{Code: "size", From: "1", To: "1"}}}, "twenty tags": {Tags: append(strings.Split("abcdefghijklmnopqrs", ""), "light")},
	}
	odd := maps.Clone(queries)
	if !testing.Short() {
		maps.Copy(queries, plannedViews)
	}
	scopes := map[string]ticket.Scope{"departments": {Places: departmentsNumbered(20)}, "very many departments": {Places: departmentsNumbered(60)}}
	for name, scope := range plannedScopes {
		scopes[name] = scope
	}
	most := 0
	for name, q := range queries {
		for who, scope := range scopes {
			if _, isOdd := odd[name]; !isOdd && who != "staff of places" {
				continue
			}
			for _, sort := range sorts {
				q.Sort, q.Ranks, q.Limit = sort, []string{"low", "high"}, 10
				most = max(most, checkReach(t, r, q, scope, fmt.Sprintf("%s for %s by %s", name, who, sort)))
			}
		}
	}
	t.Logf("at most %d tickets for a page", most)
}

func departmentsNumbered(n int) (out []ticket.Place) {
	for i := range n {
		out = append(out, ticket.Place{Department: fmt.Sprint(i)})
	}
	return append(out, ticket.Place{Department: "sales"})
}

// checkReach turns all pages and counts, for each, the tickets that it looks at.
func checkReach(t *testing.T, r Reader, q ticket.Query, scope ticket.Scope, what string) (most int) {
	t.Helper()
	// Every plan may begin with a slice, and every arm of every plan looks at one ticket ahead.
	bound := r.Reach.Walk + maxWays*r.Reach.Slice + 2*maxArms
	found := 0
	for pages := 0; ; pages++ {
		l, err := newListing(r.Dialect, q, scope)
		if err != nil {
			t.Fatal(err)
		}
		page, err := r.list(t.Context(), l)
		if err != nil {
			t.Fatal(err)
		}
		if most = max(most, l.walked); l.walked > bound {
			t.Errorf("%s: %d tickets are looked at for page %d, want at most %d", what, l.walked, pages, bound)
		}
		if found += len(page.Tickets); pages > 400 {
			t.Fatalf("%s: the pages do not end", what)
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	cond, args := r.Dialect.Conditions(q, scope)
	n, err := r.number(t.Context(), "SELECT count(*) FROM {p}tickets t WHERE "+cond, args...)
	want := int(n)
	if err != nil || found != want {
		t.Errorf("%s: %d tickets found, want %d, %v", what, found, want, err)
	}
	for _, limit := range []int{1000, max(1, want-1)} { // a count goes on where a page would end
		c, err := r.Count(t.Context(), q, scope, limit)
		if more := want > limit; err != nil || c.N != min(want, limit) || c.More != more {
			t.Errorf("%s: counted up to %d %+v, want %d, %v", what, limit, c, want, err)
		}
	}
	return most
}
