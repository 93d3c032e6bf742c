package search_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/search"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var (
	ann = ticket.Client("42", "Ann", "ann@example.com")
	bob = ticket.Staff("7", "Bob", "bob@desk.example")
)

func terms() search.Terms {
	return search.Terms{
		Statuses:    []ticket.Status{{Code: "new", Name: "New"}, {Code: "open", Name: "In Arbeit"}, {Code: "done", Name: "Done"}},
		Departments: []ticket.Department{{Code: "sales", Name: "Sales"}, {Code: "support", Name: "Support"}},
		Priorities:  []ticket.Priority{{Code: "low", Name: "Low"}, {Code: "high", Name: "High"}},
		Brands:      []ticket.Brand{{Code: "acme", Name: "Acme"}},
		Agents:      []ticket.Agent{{ID: "7", Name: "Bob"}, {ID: "8", Name: "Carol Çelik"}},
		Zone:        time.FixedZone("east", 2*60*60),
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	day := func(s string) time.Time {
		at, err := time.ParseInLocation(time.DateOnly, s, terms().Zone)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for text, c := range map[string]struct {
		who  ticket.Actor
		want ticket.Query
	}{
		"status:new":                    {ann, ticket.Query{Statuses: []string{"new"}}},
		`status:"in arbeit"`:            {ann, ticket.Query{Statuses: []string{"open"}}},
		"status:new,DONE":               {ann, ticket.Query{Statuses: []string{"new", "done"}}},
		"-status:new":                   {ann, ticket.Query{Statuses: []string{"open", "done"}}},
		"status:new,open status:open":   {ann, ticket.Query{Statuses: []string{"open"}}},
		"department:Support":            {ann, ticket.Query{Departments: []string{"support"}}},
		"priority:high brand:acme":      {ann, ticket.Query{Priorities: []string{"high"}, Brands: []string{"acme"}}},
		"is:open":                       {ann, ticket.Query{Classes: []ticket.Class{ticket.ClassOpen}}},
		"-is:closed":                    {ann, ticket.Query{Classes: slices.DeleteFunc(ticket.Classes(), func(c ticket.Class) bool { return c == ticket.ClassClosed })}},
		"is:done":                       {ann, ticket.Query{Classes: []ticket.Class{ticket.ClassSolved, ticket.ClassClosed}}},
		"is:unread":                     {bob, ticket.Query{UnreadByStaff: true}},
		"is:unassigned":                 {bob, ticket.Query{Unassigned: true}},
		"is:mine":                       {bob, ticket.Query{Assignee: "7"}},
		"assignee:me":                   {bob, ticket.Query{Assignee: "7"}},
		"assignee:none":                 {bob, ticket.Query{Unassigned: true}},
		`assignee:"carol celik"`:        {bob, ticket.Query{Assignee: "8"}},
		"assignee:stranger":             {bob, ticket.Query{Assignee: "stranger"}},
		"tag:a tag:b":                   {bob, ticket.Query{Tags: []string{"a", "b"}}},
		"in:spam":                       {ann, ticket.Query{Folders: []ticket.Folder{ticket.Spam}}},
		"-in:spam":                      {ann, ticket.Query{Folders: []ticket.Folder{ticket.Inbox, ticket.Archive}}},
		"from:Ann@Example.com":          {bob, ticket.Query{Email: "ann@example.com"}},
		"channel:EMAIL":                 {ann, ticket.Query{Channels: []ticket.Channel{ticket.ChannelEmail}}},
		"organisation:acme":             {ann, ticket.Query{Organisation: "acme"}},
		"before:2026-03-01":             {ann, ticket.Query{UpdatedTo: day("2026-03-01")}},
		"before:2026-03-01 before:2025": {ann, ticket.Query{UpdatedTo: day("2025-01-01")}},
		"after:2026-03-01":              {ann, ticket.Query{UpdatedFrom: day("2026-03-02")}},
		"after:2026-02 after:2025":      {ann, ticket.Query{UpdatedFrom: day("2026-03-01")}},
	} {
		t.Run("X12 "+text, func(t *testing.T) {
			t.Parallel()
			q := search.Ask(ticket.Search{Text: text, Cursor: "c", Limit: 9}, c.who, terms())
			c.want.Sort, c.want.Cursor, c.want.Limit = ticket.NewestUpdate, "c", 9
			if !reflect.DeepEqual(q.Query.Filter, c.want) {
				t.Errorf("%+v\nwant %+v", q.Query.Filter, c.want)
			}
			if q.Words() || q.Nothing || q.Cut {
				t.Errorf("%+v", q)
			}
		})
	}
}

func TestQuestions(t *testing.T) {
	t.Parallel()
	words := func(column store.Column, w ...string) store.Phrase { return store.Phrase{Words: w, Column: column} }
	for text, c := range map[string]struct {
		who  ticket.Actor
		all  [][]store.Phrase
		none []store.Phrase
	}{
		"lamp broken":        {ann, [][]store.Phrase{{words("", "lamp")}, {words("", "broken")}}, nil},
		"lamp OR torch -oil": {ann, [][]store.Phrase{{words("", "lamp"), words("", "torch")}}, []store.Phrase{words("", "oil")}},
		"subject:lamp":       {ann, [][]store.Phrase{{words(store.ColumnSubject, "lamp")}}, nil},
		"from:ann":           {bob, [][]store.Phrase{{words(store.ColumnPeople, "ann")}}, nil},
		"in:subject lamp":    {ann, [][]store.Phrase{{words(store.ColumnSubject, "lamp")}}, nil},
		"in:notes lamp":      {bob, [][]store.Phrase{{words(store.ColumnNotes, "lamp")}}, nil},
		"status:strange":     {ann, [][]store.Phrase{{words("", "status", "strange")}}, nil},
		"-status:strange":    {ann, nil, []store.Phrase{words("", "status", "strange")}},
		"before:yesterday":   {ann, [][]store.Phrase{{words("", "before", "yesterday")}}, nil},
		"tag:a":              {ann, [][]store.Phrase{{words("", "tag", "a")}}, nil},
		"assignee:me":        {ann, [][]store.Phrase{{words("", "assignee", "me")}}, nil},
		"is:unread":          {ann, [][]store.Phrase{{words("", "is", "unread")}}, nil},
		"is:mine":            {ann, [][]store.Phrase{{words("", "is", "mine")}}, nil},
		"-is:unassigned":     {bob, nil, []store.Phrase{words("", "is", "unassigned")}},
		"-channel:email":     {bob, nil, []store.Phrase{words("", "channel", "email")}},
		"nosuch:x":           {bob, [][]store.Phrase{{words("", "nosuch", "x")}}, nil},
	} {
		t.Run(fmt.Sprintf("X12 %s of a %s", text, c.who.Kind), func(t *testing.T) {
			t.Parallel()
			q := search.Ask(ticket.Search{Text: text, Order: ticket.Ranked}, c.who, terms())
			if !reflect.DeepEqual(q.Query.All, c.all) || !reflect.DeepEqual(q.Query.None, c.none) || !q.Query.Ranked || !q.Words() {
				t.Errorf("%+v", q.Query)
			}
		})
	}
	t.Run("X12 a customer does not look into notes", func(t *testing.T) {
		t.Parallel()
		for _, entry := range search.Ask(ticket.Search{Text: "in:notes lamp"}, ann, terms()).Query.All {
			for _, p := range entry {
				if p.Column == store.ColumnNotes {
					t.Errorf("%+v", p)
				}
			}
		}
	})
	t.Run("X12 filters that exclude each other find nothing", func(t *testing.T) {
		t.Parallel()
		for _, text := range []string{"status:new status:done", "is:mine assignee:8", "organisation:a organisation:b", "-brand:acme", "in:spam in:inbox"} {
			if q := search.Ask(ticket.Search{Text: text}, bob, terms()); !q.Nothing {
				t.Errorf("%s: %+v", text, q)
			}
		}
	})
	t.Run("X12 a text narrows the filter that it stands beside", func(t *testing.T) {
		t.Parallel()
		given := ticket.Query{Statuses: []string{"new", "open"}, Tags: []string{"a"}}
		q := search.Ask(ticket.Search{Text: "status:open,done tag:b", Filter: given}, bob, terms())
		if !slices.Equal(q.Query.Filter.Statuses, []string{"open"}) || !slices.Equal(q.Query.Filter.Tags, []string{"a", "b"}) {
			t.Errorf("%+v", q.Query.Filter)
		}
		if !slices.Equal(given.Tags, []string{"a"}) {
			t.Error("what was given was changed")
		}
	})
}

func lamp() *ticket.Ticket {
	return &ticket.Ticket{ID: 1, Version: 3, Code: "AB-1", External: "ext9", Subject: "A broken lamp", Service: "srv5", Phone: "030123",
		Requester: ticket.Person{ID: "42", Name: "Ann Archer", Email: "ann@example.com"}, Participants: []ticket.Person{{Name: "Eve", Email: "eve@example.com"}},
		Assignee: "7", Watchers: []string{"8"}, Organisation: "org", Tags: []string{"fragile"}, Fields: map[string]string{"size": "enormous"},
		Related: []ticket.Ref{{Kind: "order", ID: "o77", Label: "Christmas"}}}
}

func TestDocument(t *testing.T) {
	t.Parallel()
	c := search.Compose(lamp())
	c.Merged(&ticket.Ticket{Code: "CD-2", External: "ext8", Subject: "whispered"})
	for _, m := range []ticket.Message{
		{Kind: ticket.KindReply, Body: "public words", Author: ann, To: []ticket.Person{{Name: "Tom"}}, Bcc: []ticket.Person{{Name: "Secret"}}, Files: []ticket.File{{Name: "invoice.pdf"}}},
		{Kind: ticket.KindReply, HTMLBody: "<p>mar<b>ked</b> up</p>"},
		{Kind: ticket.KindReply, Body: "<i>format</i>", Format: ticket.HTML},
		{Kind: ticket.KindNote, Body: "internal words", Author: bob},
		{Kind: ticket.KindReply, Body: "sealed", Encrypted: true, Files: []ticket.File{{Name: "open.txt"}}},
	} {
		if !c.Message(&m) {
			t.Error("there was no room")
		}
	}
	doc := c.Document()
	for what, part := range map[string]struct{ text, has, hasNot string }{
		"subject": {doc.Subject, "lamp", "ann"},
		"codes":   {doc.Codes, "ab 1 ext9 srv5 o77 christmas cd 2 ext8", "lamp"},
		"people":  {doc.People, "archer ann example com 030123 eve", "tom"},
		"body":    {doc.Body, "public words ann tom invoice pdf mar ked up format open txt", "internal sealed secret whispered"},
		"notes":   {doc.Notes, "fragile enormous internal words bob whispered secret", "sealed"},
	} {
		t.Run("X12 "+what, func(t *testing.T) {
			t.Parallel()
			tokens := strings.Fields(part.text)
			for w := range strings.FieldsSeq(part.has) {
				if !slices.Contains(tokens, w) {
					t.Errorf("%q is not among %q", w, tokens)
				}
			}
			for w := range strings.FieldsSeq(part.hasNot) {
				if slices.Contains(tokens, w) {
					t.Errorf("%q is among %q", w, tokens)
				}
			}
		})
	}
	t.Run("X12 merged and deleted tickets are found by nothing", func(t *testing.T) {
		t.Parallel()
		merged, deleted := lamp(), lamp()
		merged.MergedInto, deleted.DeletedAt = 2, new(time.Unix(1, 0))
		for _, tk := range []*ticket.Ticket{merged, deleted} {
			if c := search.Compose(tk); !c.Gone() || c.Document() != (store.Document{Version: 3, Gone: true}) {
				t.Errorf("%+v", c.Document())
			}
		}
	})
	t.Run("X12 what has no room says so", func(t *testing.T) {
		t.Parallel()
		c, long := search.Compose(lamp()), strings.Repeat("word ", 1<<18)
		if c.Message(&ticket.Message{Kind: ticket.KindReply, Body: long}) {
			t.Error("there was room for more than 1 MiB")
		}
		if n := len(c.Document().Body); n < 1<<19 || n > 1<<20+64 {
			t.Errorf("%d bytes", n)
		}
	})
}

// TestOwners holds the tokens that a store is told against the tokens of documents: a ticket that scope and filter select
// has one of them.
func TestOwners(t *testing.T) {
	t.Parallel()
	who := strings.Fields(search.Compose(lamp()).Document().Who)
	for name, c := range map[string]struct {
		scope  ticket.Scope
		filter ticket.Query
		none   bool // too many to name
		has    bool
	}{
		"the requester":           {ticket.Scope{Requester: "42"}, ticket.Query{}, false, true},
		"an address of theirs":    {ticket.Scope{Emails: []string{"x@example.com", "ANN@example.com"}}, ticket.Query{}, false, true},
		"a participant's":         {ticket.Scope{Emails: []string{"eve@example.com"}}, ticket.Query{}, false, true},
		"a colleague":             {ticket.Scope{Requester: "9", Organisations: []string{"org"}}, ticket.Query{}, false, true},
		"the assignee":            {ticket.Scope{Agent: "7"}, ticket.Query{}, false, true},
		"a watcher":               {ticket.Scope{Agent: "8"}, ticket.Query{}, false, true},
		"somebody else":           {ticket.Scope{Requester: "43", Emails: []string{"x@example.com"}}, ticket.Query{}, false, false},
		"an agent with a place":   {ticket.Scope{Agent: "9", Places: []ticket.Place{{Brand: "a"}}}, ticket.Query{}, true, false},
		"all, of a requester":     {ticket.Scope{All: true}, ticket.Query{Requester: "42"}, false, true},
		"all, of an address":      {ticket.Scope{All: true}, ticket.Query{Email: "Ann@example.com"}, false, true},
		"all, of a participant":   {ticket.Scope{All: true}, ticket.Query{Participant: "eve@example.com"}, false, true},
		"all, of an organisation": {ticket.Scope{All: true}, ticket.Query{Organisation: "org"}, false, true},
		"all, of a watcher":       {ticket.Scope{All: true}, ticket.Query{Watcher: "8"}, false, true},
		"all, of an agent":        {ticket.Scope{All: true}, ticket.Query{Assignee: "7"}, false, true},
		"all, of somebody else":   {ticket.Scope{All: true}, ticket.Query{Assignee: "8"}, false, false},
		"all":                     {ticket.Scope{All: true}, ticket.Query{}, true, false},
	} {
		t.Run("X12 "+name, func(t *testing.T) {
			t.Parallel()
			tokens := search.Owners(c.scope, c.filter)
			if (len(tokens) == 0) != c.none {
				t.Errorf("%q", tokens)
			}
			if has := slices.ContainsFunc(tokens, func(s string) bool { return slices.Contains(who, s) }); has != c.has {
				t.Errorf("%q are in %q: %v", tokens, who, has)
			}
		})
	}
}

func TestHighlights(t *testing.T) {
	t.Parallel()
	ask := func(text string, most int) *search.Highlighter {
		return search.NewHighlighter(search.Ask(ticket.Search{Text: text}, bob, terms()).Query, most)
	}
	t.Run("X12 the ticket first, then its messages, up to a number", func(t *testing.T) {
		t.Parallel()
		h := ask("lamp", 2)
		h.Ticket(lamp())
		for i := range int64(3) {
			h.Message(&ticket.Message{ID: i + 1, Kind: ticket.KindReply, Body: "The lamp, " + strings.Repeat("very ", 100) + "old."})
		}
		got := h.Highlights()
		if len(got) != 2 || h.More() || got[0].Field != ticket.InSubject || got[1].MessageID != 1 || got[1].Field != ticket.InBody {
			t.Fatalf("%+v", got)
		}
		for _, g := range got {
			if r := g.Ranges[0]; g.Text[r.Start:r.End] != "lamp" || len(g.Text) > 250 {
				t.Errorf("%+v", g)
			}
		}
		if h.Ticket(&ticket.Ticket{Subject: "a torch"}); len(h.Highlights()) != 0 {
			t.Error("those of another ticket are still there")
		}
	})
	t.Run("X12 a column of its own, files, and nothing of what is encrypted", func(t *testing.T) {
		t.Parallel()
		h := ask("in:notes lamp", 10)
		h.Ticket(lamp())
		h.Message(&ticket.Message{ID: 1, Kind: ticket.KindReply, Body: "lamp"})
		h.Message(&ticket.Message{ID: 2, Kind: ticket.KindNote, Body: "lamp", Encrypted: true, Files: []ticket.File{{Name: "lamp.png"}}})
		h.Message(&ticket.Message{ID: 3, Kind: ticket.KindNote, Body: "<b>la</b>mp <i>lamp</i>", Format: ticket.HTML})
		got := h.Highlights()
		if len(got) != 2 || got[0].Field != ticket.InFile || got[1].MessageID != 3 || strings.Contains(got[1].Text, "<") {
			t.Errorf("%+v", got)
		}
	})
	t.Run("X12 none where none are wanted, or there is nothing to show", func(t *testing.T) {
		t.Parallel()
		for _, h := range []*search.Highlighter{ask("lamp", -1), ask("status:new", 3)} {
			h.Ticket(lamp())
			if h.More() || len(h.Highlights()) != 0 {
				t.Errorf("%+v", h.Highlights())
			}
		}
	})
	t.Run("X12 a long text is looked at to a character's end, and no further", func(t *testing.T) {
		t.Parallel()
		h := ask("lamp", 3)
		h.Ticket(&ticket.Ticket{})
		h.Message(&ticket.Message{Kind: ticket.KindReply, Body: strings.Repeat("é", 1<<15) + "é lamp"})
		if len(h.Highlights()) != 0 {
			t.Errorf("%+v", h.Highlights())
		}
		for range 100 { // of 64 KiB each there is room for 64
			h.Message(&ticket.Message{Kind: ticket.KindReply, Body: strings.Repeat("x ", 1<<16)})
		}
		if h.More() {
			t.Error("it would go on for ever")
		}
	})
}
