package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var searchings = []proof{
	{"documents are found by words, phrases, beginnings, alternatives and exclusions, in their columns", findsWords},
	{"notes are found by those who see them, and spoil nothing for others", findsNotes},
	{"who sees a ticket is decided by its row, whatever its document says", findsUnderScopes},
	{"every filter is about the row", findsWithFilters},
	{"deleted and merged tickets are not found", findsNoShells},
	{"writes mark tickets, and a document takes away the mark that it was made for", marksAreTaken},
	{"what is rolled back marks nothing and indexes nothing", marksAreRolledBack},
	{"an old document replaces no newer one", oldDocuments},
	{"removing a document takes effect at once, and is rolled back with its transaction", unindexes},
	{"what a part did to documents is undone with it, in the index of words, too", undoesParts},
	{"a ticket that is deleted for good takes its document and its mark along", forgetsDocuments},
	{"the newest documents come first, and pages go on", searchPages},
	{"what fits best comes first where that is asked for", searchRanks},
	{"paging misses and repeats no ticket that stays as it is while others are written", searchPagesAmong},
	{"everything is indexed anew while everything is found", reindexes},
	{"a repaired index has everything in the end", repairs},
	{"it is said how far the documents are behind", searchLags},
	{"whatever is asked for is no error", searchesAnything},
	{"searching is refused for foreign cursors and marks, ended contexts, and after Close", searchRefused},
}

func (e *env) searcher() store.Searcher { return e.Store.(store.Searcher) }

// texts are documents by their tickets; Updated and Version are filled in.
type texts map[int64]store.Document

// index goes through what is stale until nothing is. Tickets without texts have none.
func (e *env) index(t testing.TB, docs texts) (rounds int) {
	t.Helper()
	for ; rounds < 1000; rounds++ {
		stale, err := e.searcher().Stale(e.ctx, 7)
		if err != nil {
			t.Fatalf("stale: %v", err)
		}
		if len(stale) == 0 {
			return rounds
		}
		if n, err := e.searcher().Index(e.ctx, e.documents(t, stale, docs)); err != nil || n != len(stale) {
			t.Fatalf("index: %d of %d, %v", n, len(stale), err)
		}
	}
	t.Fatal("the index is never done")
	return rounds
}

func (e *env) documents(t testing.TB, stale []store.Stale, docs texts) []store.Document {
	t.Helper()
	out, err := e.documentsOf(stale, docs)
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	return out
}

func (e *env) documentsOf(stale []store.Stale, docs texts) (out []store.Document, err error) {
	err = e.View(e.ctx, func(ctx context.Context, r store.Reader) error {
		out = nil
		for _, st := range stale {
			d := docs[st.Ticket]
			d.Ticket, d.Mark = st.Ticket, st.Mark
			x, err := r.Ticket(ctx, st.Ticket, everything)
			switch {
			case errors.Is(err, ticket.ErrNotFound):
				d = store.Document{Ticket: st.Ticket, Mark: st.Mark, Gone: true}
			case err != nil:
				return err
			default:
				d.Version, d.Updated = x.Version, x.UpdatedAt
			}
			out = append(out, d)
		}
		return nil
	})
	return out, err
}

// found lists the tickets of all pages of a search, in its order.
func (e *env) found(t testing.TB, q store.SearchQuery, scope ticket.Scope) []int64 {
	t.Helper()
	out, err := e.allFound(q, scope)
	if err != nil {
		t.Fatalf("search: %v", err)
	}
	return out
}

func (e *env) allFound(q store.SearchQuery, scope ticket.Scope) (out []int64, err error) {
	for range 10_000 {
		page, err := e.searcher().Search(e.ctx, q, scope)
		if err != nil {
			return out, err
		}
		out = append(out, ids(page.Tickets)...)
		if q.Filter.Cursor = page.Next; q.Filter.Cursor == "" {
			return out, nil
		}
	}
	return out, errors.New("the paging does not end")
}

var staff = ticket.Scope{All: true, Internal: true}

// word asks for a phrase; a star at its end makes it a beginning, a column and a colon before it confine it.
func word(text string) store.Phrase {
	var p store.Phrase
	if column, rest, ok := strings.Cut(text, ":"); ok {
		p.Column, text = store.Column(column), rest
	}
	text, p.Prefix = strings.CutSuffix(text, "*")
	p.Words = strings.Fields(text)
	return p
}

// asks writes a question: entries are joined by and, their parts between bars by or, a minus excludes.
func asks(entries ...string) (q store.SearchQuery) {
	for _, entry := range entries {
		if not, ok := strings.CutPrefix(entry, "-"); ok {
			q.None = append(q.None, word(not))
			continue
		}
		var list []store.Phrase
		for part := range strings.SplitSeq(entry, "|") {
			list = append(list, word(part))
		}
		q.All = append(q.All, list)
	}
	return q
}

func (e *env) expectFound(t testing.TB, q store.SearchQuery, scope ticket.Scope, want ...*ticket.Ticket) {
	t.Helper()
	got, wanted := e.found(t, q, scope), ids(want)
	slices.Sort(got)
	slices.Sort(wanted)
	if !slices.Equal(got, wanted) {
		t.Errorf("%v finds %v, want %v", q, got, wanted)
	}
}

// three puts three tickets with documents.
func (e *env) three(t testing.TB) (a, b, c *ticket.Ticket) {
	a, b, c = e.newTicket(), e.newTicket(), e.newTicket()
	e.put(t, a, b, c)
	e.index(t, texts{
		a.ID: {Subject: "broken lamp", Codes: "abc 1", People: "ann example", Body: "the lamp is broken 日本 本語 語", Notes: "difficult person"},
		b.ID: {Subject: "lamps", Codes: "abc 2", People: "bob", Body: "lamp foot broken off лампа"},
		c.ID: {Subject: "invoice", Codes: "abc 10", People: "ann", Body: "where is it", Notes: "lamp"},
	})
	return a, b, c
}

func findsWords(t testing.TB, e *env) {
	a, b, c := e.three(t)
	for _, x := range []struct {
		q    store.SearchQuery
		want []*ticket.Ticket
	}{
		{asks("lamp"), []*ticket.Ticket{a, b, c}}, {asks("lamp", "broken"), []*ticket.Ticket{a, b}}, {asks("lamp broken"), nil}, {asks("broken lamp"), []*ticket.Ticket{a}},
		{asks("lamps"), []*ticket.Ticket{b}}, {asks("lamp*"), []*ticket.Ticket{a, b, c}}, {asks("bro*"), []*ticket.Ticket{a, b}}, {asks("foot bro*"), []*ticket.Ticket{b}},
		{asks("bro* foot"), nil}, {asks("lamp", "-broken"), []*ticket.Ticket{c}}, {asks("lamp", "-broken lamp", "-foot"), []*ticket.Ticket{c}}, {asks("-lamp"), nil}, {asks("-broken"), []*ticket.Ticket{c}},
		{asks(), []*ticket.Ticket{a, b, c}}, {asks("invoice|foot"), []*ticket.Ticket{b, c}}, {asks("invoice|foot", "ann|bob", "-where"), []*ticket.Ticket{b}},
		{asks("subject:lamp"), []*ticket.Ticket{a}}, {asks("notes:lamp"), []*ticket.Ticket{c}}, {asks("subject:lamp*"), []*ticket.Ticket{a, b}}, {asks("people:lamp"), nil},
		{asks("-subject:lamp"), []*ticket.Ticket{b, c}}, {asks("subject:broken", "body:broken"), []*ticket.Ticket{a}}, {asks("lamp ann"), nil}, {asks("lamp abc"), nil}, {asks("1 ann"), nil},
		{asks("abc 1"), []*ticket.Ticket{a}}, {asks("codes:abc", "people:ann"), []*ticket.Ticket{a, c}}, {asks("日本 本語"), []*ticket.Ticket{a}}, {asks("本語 日本"), nil}, {asks("日本"), []*ticket.Ticket{a}},
		{asks("лампа"), []*ticket.Ticket{b}}, {asks("лам*"), []*ticket.Ticket{b}}, {asks("nothing"), nil}, {asks("nothing|"), nil}, {asks("lamp", "nothing"), nil},
	} {
		e.expectFound(t, x.q, staff, x.want...)
		x.q.Ranked = true
		e.expectFound(t, x.q, staff, x.want...)
	}
}

func findsNotes(t testing.TB, e *env) {
	a, b, c := e.three(t)
	public := ticket.Scope{All: true}
	for _, ranked := range []bool{false, true} {
		for entry, want := range map[string][]*ticket.Ticket{
			"lamp": {a, b}, "difficult": nil, "notes:lamp": nil, "dif*": nil, "person": nil, "-difficult": {a, b, c}, "-notes:lamp": {a, b, c}, "-lamp": {c}, "invoice|difficult": {c},
		} {
			q := asks(entry)
			q.Ranked = ranked
			e.expectFound(t, q, public, want...)
		}
	}
}

func findsUnderScopes(t testing.TB, e *env) {
	mine := e.newTicket(func(x *ticket.Ticket) { x.Requester = ticket.Person{ID: "7"} })
	guest := e.newTicket(func(x *ticket.Ticket) { x.Requester = ticket.Person{Email: "Bob@example.com"} })
	part := e.newTicket(func(x *ticket.Ticket) { x.Participants = []ticket.Person{{Email: "bob@example.com"}} })
	sales := e.newTicket(func(x *ticket.Ticket) { x.Department = "sales" })
	owned := e.newTicket(func(x *ticket.Ticket) { x.Assignee, x.Watchers = "3", []string{"4"} })
	acme := e.newTicket(func(x *ticket.Ticket) { x.Organisation = "acme" })
	all := []*ticket.Ticket{mine, guest, part, sales, owned, acme}
	docs := texts{}
	for _, x := range all {
		e.put(t, x)
		docs[x.ID] = store.Document{Body: "lamp", Who: "w1 w2"} // which says nothing of the row
	}
	e.index(t, docs)
	check := func(scope ticket.Scope, want ...*ticket.Ticket) {
		t.Helper()
		for _, who := range [][]string{nil, {"w1"}, {"nobody", "w2"}} {
			q := asks("lamp")
			q.Who = who
			e.expectFound(t, q, scope, want...)
			q.Ranked = true
			e.expectFound(t, q, scope, want...)
			e.expectFound(t, store.SearchQuery{Who: who}, scope, want...)
		}
		q := asks("lamp")
		q.Who = []string{"nobody"}
		e.expectFound(t, q, scope)
	}
	check(everything, all...)
	check(ticket.Scope{})
	check(ticket.Scope{Requester: "7"}, mine)
	check(ticket.Scope{Emails: []string{"bob@example.com"}}, guest, part)
	check(ticket.Scope{Places: []ticket.Place{{Department: "sales"}}, Agent: "4"}, sales, owned)
	check(ticket.Scope{Agent: "3", AgentPlaces: []ticket.Place{{Department: "sales"}}})
	check(ticket.Scope{Agent: "3"}, owned)
	check(ticket.Scope{Organisations: []string{"acme"}, Requester: "7"}, acme, mine)
	check(ticket.Scope{All: true, Only: part.ID}, part)
	check(ticket.Scope{Requester: "7", Only: part.ID})
	check(ticket.Scope{Places: []ticket.Place{{}}})
}

func findsWithFilters(t testing.TB, e *env) {
	docs := texts{}
	put := func(change func(*ticket.Ticket)) *ticket.Ticket {
		x := e.newTicket(change)
		e.put(t, x)
		docs[x.ID] = store.Document{Body: "lamp"}
		return x
	}
	type pair struct{ fit, nearly *ticket.Ticket }
	var pairs []pair
	for _, f := range filters {
		pairs = append(pairs, pair{put(f.fit), put(f.nearly)})
	}
	first := pairs[0].fit
	e.index(t, docs)
	for i, f := range filters {
		for _, ranked := range []bool{false, true} {
			q := asks("lamp")
			q.Filter, q.Ranked = f.q, ranked
			got := e.found(t, q, everything)
			if !slices.Contains(got, pairs[i].fit.ID) || slices.Contains(got, pairs[i].nearly.ID) {
				t.Errorf("%s: found %v, with %d and without %d", f.name, got, pairs[i].fit.ID, pairs[i].nearly.ID)
			}
		}
	}
	q := asks("lamp")
	q.Filter = ticket.Query{UpdatedFrom: first.UpdatedAt, UpdatedTo: first.UpdatedAt.Add(time.Microsecond)}
	e.expectFound(t, q, everything, first)
	q.Filter = ticket.Query{UpdatedFrom: first.UpdatedAt.Add(time.Microsecond)}
	if got := e.found(t, q, everything); slices.Contains(got, first.ID) || len(got) != 2*len(filters)-1 {
		t.Errorf("updated later: %v", got)
	}
	q.Filter = ticket.Query{UpdatedTo: first.UpdatedAt}
	e.expectFound(t, q, everything)
}

func findsNoShells(t testing.TB, e *env) {
	a, b, c := e.three(t)
	a.DeletedAt, b.MergedInto = new(base), c.ID
	e.put(t, a, b)
	e.expectFound(t, asks("lamp"), staff, c) // though their documents are there still
	q := asks("lamp")
	q.Filter.Deleted = true
	e.expectFound(t, q, staff, c)
	a.DeletedAt, b.MergedInto = nil, 0
	e.put(t, a, b)
	e.expectFound(t, asks("lamp"), staff, a, b, c)
}

func searchesAnything(t testing.TB, e *env) {
	a, _, _ := e.three(t)
	e.expectFound(t, asks("lamp", "broken lamp"), staff, a)
	for _, text := range []string{"", " ", `"`, `""`, `'`, `"; DROP TABLE x; --`, "*", "a*", "(", ")", "(a", "^lamp", "lamp AND", "NOT", "OR", "NEAR(a b)", "a + b", "{subject}", "body : lamp", "-", "--",
		"\x00", "la\x00mp", "\xff\xfe", "a:b", "😀", "İ", "%", "_", "\\", "`", "$1", "?1", ":x", "@x", "\t\n", strings.Repeat("x", 100_000)} {
		for _, p := range []store.Phrase{{Words: []string{text}}, {Words: []string{text}, Prefix: true}, {Words: strings.Fields(text)}, {Words: []string{text, "lamp", text}}, {Words: []string{"lamp"}, Column: store.Column(text)}} {
			for _, q := range []store.SearchQuery{{All: [][]store.Phrase{{p}}}, {None: []store.Phrase{p}}, {All: [][]store.Phrase{{p, p}, {p}}, None: []store.Phrase{p}}, {Who: []string{text}}, {All: [][]store.Phrase{{p}}, Ranked: true}} {
				if _, err := e.searcher().Search(e.ctx, q, staff); err != nil {
					t.Errorf("%.200s: %v", fmt.Sprint(q), err)
				}
			}
		}
	}
	many := store.SearchQuery{}
	for i := range 24 {
		many.All = append(many.All, []store.Phrase{{Words: slices.Repeat([]string{fmt.Sprint("w", i)}, 32)}})
	}
	e.expectFound(t, many, staff)
}

func searchRefused(t testing.TB, e *env) {
	a, _, _ := e.three(t)
	s := e.searcher()
	for _, ranked := range []bool{false, true} {
		q := asks("lamp")
		q.Ranked, q.Filter.Limit = ranked, 1
		page, err := s.Search(e.ctx, q, staff)
		if err != nil || page.Next == "" {
			t.Fatalf("a page of one: %v, next %q", err, page.Next)
		}
		q.Ranked = !ranked
		for _, cursor := range []string{page.Next, "x", page.Next + "A", "AAAA", strings.Repeat("A", 1000)} {
			q.Filter.Cursor = cursor
			if _, err := s.Search(e.ctx, q, staff); !errors.Is(err, ticket.ErrInvalid) {
				t.Errorf("the cursor %.40q: %v, want %v", cursor, err, ticket.ErrInvalid)
			}
		}
	}
	if _, err := s.Index(e.ctx, []store.Document{{Ticket: a.ID}}); !errors.Is(err, ticket.ErrInvalid) {
		t.Errorf("a document without a mark: %v, want %v", err, ticket.ErrInvalid)
	}
	ctx, cancel := context.WithCancel(e.ctx)
	cancel()
	calls := func(ctx context.Context) []error {
		_, stale := s.Stale(ctx, 1)
		_, index := s.Index(ctx, nil)
		_, search := s.Search(ctx, asks("lamp"), staff)
		_, lag := s.SearchLag(ctx)
		return []error{stale, index, search, lag, s.Unindex(ctx, a.ID), s.Reindex(ctx), s.RepairSearch(ctx)}
	}
	for i, err := range calls(ctx) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("call %d with an ended context: %v", i, err)
		}
	}
	if err := e.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	for i, err := range calls(e.ctx) {
		if !errors.Is(err, ticket.ErrStopped) {
			t.Errorf("call %d after Close: %v, want %v", i, err, ticket.ErrStopped)
		}
	}
}
