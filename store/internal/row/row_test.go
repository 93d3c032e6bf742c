package row_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/internal/row"
	"github.com/helpdeskgo/helpdesk/store/internal/tally"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func lamp() *ticket.Ticket {
	at := time.Date(2026, 3, 1, 9, 0, 0, 1234567, time.FixedZone("east", 3600))
	return &ticket.Ticket{ID: 7, Folder: ticket.Inbox, Class: ticket.ClassOpen, Status: "open", Department: "sales", Brand: "shop", Assignee: "7",
		Requester: ticket.Person{ID: "42", Email: " Ann@Example.com"}, CreatedAt: at, UpdatedAt: at, LastReplyAt: at, UnreadByStaff: true,
		Tags: []string{"light", "light", "hall"}, Watchers: []string{"8"}, Related: []ticket.Ref{{Kind: "order", ID: "1"}},
		Fields: map[string]string{"size": "10\n11", "empty": " ", "due": "2026-01-01"}}
}

func TestRow(t *testing.T) {
	t.Parallel()
	x := lamp()
	r := row.Of(x)
	if args := r.Columns.AppendTo([]any{x.ID}); len(args) != 1+len(strings.Split(row.Names, ", ")) {
		t.Errorf("%d values for %s", len(args)-1, row.Names)
	}
	if r.Columns.Email != "ann@example.com" || r.Columns.Box != row.BoxInbox || r.Columns.Created != x.CreatedAt.UnixMicro() {
		t.Errorf("%+v", r.Columns)
	}
	want := []row.Facet{{Kind: row.FacetTag, Value: "light"}, {Kind: row.FacetTag, Value: "hall"}, {Kind: row.FacetWatcher, Value: "8"},
		{Kind: row.FacetRelated, Value: "5:order1"}}
	if len(r.Facets) != len(want)+3 || !slices.Equal(r.Facets[:len(want)], want) {
		t.Errorf("facets %v", r.Facets)
	}
	if len(r.Fields) != 2 || r.Fields[0].Code != "due" || r.Fields[1].Key != ticket.KeyOf("10") {
		t.Errorf("fields %v", r.Fields)
	}
	deleted, merged := *x, *x
	deleted.DeletedAt, merged.MergedInto = &x.CreatedAt, 5
	if d, m := row.Of(&deleted).Columns.Box, row.Of(&merged).Columns.Box; d != row.BoxDeleted || m != row.BoxMerged {
		t.Errorf("boxes %d, %d", d, m)
	}
}

// TestKept looks at a stored ticket, which is what a store gives back.
func TestKept(t *testing.T) {
	t.Parallel()
	x := lamp()
	x.SolvedAt = &x.CreatedAt
	kept := row.Kept(x)
	doc, err := row.Encode(kept)
	if err != nil {
		t.Fatal(err)
	}
	back := new(ticket.Ticket)
	if err := row.Decode([]byte(doc), back); err != nil {
		t.Fatal(err)
	}
	if !back.CreatedAt.Equal(row.FromMicros(row.Micros(x.CreatedAt))) || !back.SolvedAt.Equal(back.CreatedAt) || back.CreatedAt.Location() != time.UTC {
		t.Errorf("%v, %v", back.CreatedAt, back.SolvedAt)
	}
	if x.CreatedAt.Equal(kept.CreatedAt) {
		t.Error("the caller's ticket was changed")
	}
	if err := row.Decode([]byte("{"), back); err == nil {
		t.Error("half a document was read")
	}
	m := &ticket.Message{ID: 1, Body: "<b>", HTMLBody: "<i>", CreatedAt: x.CreatedAt}
	if doc, err = row.Encode(row.KeptMessage(m)); err != nil || strings.Contains(doc, "<") {
		t.Errorf("%s, %v", doc, err)
	}
	if again, err := row.Message([]byte(doc), m.Body, m.HTMLBody); err != nil || again.Body != m.Body || again.HTMLBody != m.HTMLBody {
		t.Errorf("%+v, %v", again, err)
	}
}

// TestCounted holds what a row counts as against what its ticket counts as.
func TestCounted(t *testing.T) {
	t.Parallel()
	free := lamp()
	free.Assignee, free.Tags, free.UnreadByStaff = "", []string{"dark"}, false
	gone := lamp()
	gone.DeletedAt = &gone.CreatedAt
	rows := []*ticket.Ticket{lamp(), free, gone, nil}
	of := func(x *ticket.Ticket) row.Row {
		if x == nil {
			return row.Row{}
		}
		return row.Of(x)
	}
	for _, x := range rows {
		got := map[store.TallyKind]tally.Sum{}
		for _, c := range of(x).Counted() {
			if got[c.By] == nil {
				got[c.By] = tally.Sum{}
			}
			got[c.By].Add(c.Tally)
		}
		for _, by := range []store.TallyKind{store.TallyPlaces, store.TallyAssignees, store.TallyTags} {
			want := tally.Sum{}
			if x != nil {
				for _, one := range tally.Of(store.TallyQuery{By: by}, x) {
					want.Add(one)
				}
			}
			if !slices.Equal(got[by].Rows(), want.Rows()) {
				t.Errorf("by %d: %+v, want %+v", by, got[by].Rows(), want.Rows())
			}
		}
	}
	for _, was := range rows {
		for _, now := range rows {
			sums := map[store.TallyKind]tally.Sum{store.TallyPlaces: {}, store.TallyAssignees: {}, store.TallyTags: {}}
			add := func(counts []row.Count, sign int) {
				for _, c := range counts {
					c.N, c.Unread = sign*c.N, sign*c.Unread
					sums[c.By].Add(c.Tally)
				}
			}
			differences := row.Differences(of(was), of(now))
			add(of(was).Counted(), 1)
			add(differences, 1)
			add(of(now).Counted(), -1)
			for by, sum := range sums {
				if wrong := sum.Wrong(); len(wrong) > 0 {
					t.Errorf("by %d: off by %+v", by, wrong)
				}
			}
			if was == now && len(differences) > 0 {
				t.Errorf("nothing changed, and these did: %+v", differences)
			}
		}
	}
}
