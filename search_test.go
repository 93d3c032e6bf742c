package helpdesk_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// index brings the search up to date.
func index(t testing.TB, d *helpdesktest.Desk) int {
	t.Helper()
	return must(d.Index().Update(context.Background()))(t)
}

// find returns the subjects of what an actor finds, all pages, in order.
func find(t testing.TB, d *helpdesktest.Desk, a ticket.Actor, s ticket.Search) []string {
	t.Helper()
	var out []string
	for range 1000 {
		page := must(d.Search(as(a), s))(t)
		for _, h := range page.Hits {
			out = append(out, h.Ticket.Subject)
		}
		if s.Cursor = page.Next; s.Cursor == "" {
			return out
		}
	}
	t.Fatal("the paging does not end")
	return nil
}

// findAll is find without an order.
func findAll(t testing.TB, d *helpdesktest.Desk, a ticket.Actor, text string) string {
	t.Helper()
	list := find(t, d, a, ticket.Search{Text: text})
	slices.Sort(list)
	return strings.Join(list, " ")
}

// wrote opens a ticket of the requester with one message.
func wrote(t testing.TB, d *helpdesktest.Desk, subject, body string, change ...func(*ticket.Draft)) *ticket.Ticket {
	t.Helper()
	draft := ticket.Draft{Subject: subject, Body: body, Requester: ann.Person()}
	for _, fn := range change {
		fn(&draft)
	}
	d.Clock.Advance(time.Second)
	return must(d.CreateTicket(as(host), draft))(t)
}

func TestSearch(t *testing.T) {
	t.Parallel()
	t.Run("X12 tickets are found by what stands in them, in any script", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		a := wrote(t, d, "A", "Siparişim İSTANBUL'a ulaşmadı, kargo IĞDIR'da.", func(x *ticket.Draft) {
			x.Files = []ticket.Upload{{Name: "Rechnung_2026-03.pdf", Content: strings.NewReader("x")}}
		})
		wrote(t, d, "B", "Посылка ещё не пришла, где мой заказ?", func(x *ticket.Draft) { x.Service = "order-4711" })
		wrote(t, d, "C", "注文した商品が届きません。東京都の住所です。", func(x *ticket.Draft) {
			x.Requester = ticket.Person{Name: "Jürgen Groß", Email: "j.gross@straße.example"}
		})
		wrote(t, d, "D", "The lamp is broken. Lamps like that should not break.", func(x *ticket.Draft) { x.Participants = []ticket.Person{{Name: "Zoë", Email: "zoe@example.org"}} })
		index(t, d)
		for text, want := range map[string]string{
			"istanbul": "A", "ISTANBUL": "A", "ıstanbul": "A", "İstanbul": "A", "siparis*": "A", "siparişim": "A", "igdir": "A", "rechnung": "A", "rechnung_2026-03.pdf": "A", "pdf": "A", "2026": "A",
			"посылка": "B", "ПОСЫЛКА": "B", "еще": "B", "ещё заказ": "B", "order-4711": "B", "4711": "B",
			"注文": "C", "東京": "C", "京都": "C", "届きません": "C", "商": "C", "ません": "C", "jurgen": "C", "groß": "C", "GROSS": "C", "Strasse.example": "C", "j.gross@straße.example": "C",
			"lamp": "D", "lam*": "D", `"lamp is broken"`: "D", `"broken lamp"`: "", "broken lamp": "D", "lamp -broken": "", "broken -istanbul": "D", "zoe": "D", "zoe@example.org": "D",
			"lamp OR посылка": "B D", "ann": "A B D", "ann -lamp": "A B", "nothing": "", a.Code: "A", strings.ToLower(a.Code): "A",
			"-lamp": "A B C", "": "A B C D", "***": "A B C D", `"`: "A B C D",
		} {
			if got := findAll(t, d, bob, text); got != want {
				t.Errorf("%q finds %q, want %q", text, got, want)
			}
		}
	})
	t.Run("X12 words may stand in different messages of a ticket, and notes are for staff", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		a := wrote(t, d, "A", "It does not shine.", func(x *ticket.Draft) { x.Tags = []string{"vip"} })
		must(d.Reply(as(bob), a.ID, ticket.ReplyDraft{Body: "Have you tried another bulb?"}))(t)
		must(d.AddNote(as(bob), a.ID, ticket.ReplyDraft{Body: "She is a bit difficult."}))(t)
		index(t, d)
		equal(t, "both", findAll(t, d, ann, "shine bulb"), "A")
		equal(t, "a note, for staff", findAll(t, d, bob, "difficult bulb"), "A")
		equal(t, "a note, for the customer", findAll(t, d, ann, "difficult"), "")
		equal(t, "a tag, for staff", findAll(t, d, bob, "vip"), "A")
		equal(t, "a tag, for the customer", findAll(t, d, ann, "vip"), "")
		equal(t, "without a word of a note, for the customer", findAll(t, d, ann, "shine -difficult"), "A")
		equal(t, "without a word of a note, for staff", findAll(t, d, bob, "shine -difficult"), "")
		for _, h := range must(d.Search(as(bob), ticket.Search{Text: "difficult"}))(t).Hits {
			equal(t, "highlight", h.Highlights[0].Text, "She is a bit difficult.")
			equal(t, "range", h.Highlights[0].Ranges[0], ticket.Range{Start: 13, End: 22})
		}
	})
	t.Run("X12 what changed is found as it is, as soon as it is indexed", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		a, b := wrote(t, d, "A", "alpha"), wrote(t, d, "B", "beta")
		index(t, d)
		m := must(d.Messages(as(bob), a.ID, ticket.MessageQuery{}))(t)[0]
		d.Clock.Advance(time.Second)
		must(d.EditMessage(as(bob), m.ID, "gamma"))(t)
		index(t, d)
		equal(t, "old", findAll(t, d, bob, "alpha"), "")
		equal(t, "new", findAll(t, d, bob, "gamma"), "A")
		equal(t, "the newest first", fmt.Sprint(find(t, d, bob, ticket.Search{Text: "ann"})), "[A B]")
		must(d.DeleteMessage(as(bob), m.ID))(t)
		equal(t, "a deleted message, at once", findAll(t, d, bob, "gamma"), "")
		ok(t, d.DeleteTicket(as(bob), b.ID))
		equal(t, "a deleted ticket, at once", findAll(t, d, bob, "beta"), "")
		index(t, d)
		must(d.RestoreTicket(as(bob), b.ID))(t)
		index(t, d)
		equal(t, "restored", findAll(t, d, bob, "beta"), "B")
		equal(t, "nothing is left to do", index(t, d), 0)
	})
	t.Run("X12 encrypted messages are not found", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Sealer: must(helpdesk.NewSealer([]byte(strings.Repeat("k", 32))))(t)})
		wrote(t, d, "A", "geheimwort", func(x *ticket.Draft) { x.Encrypted = true })
		index(t, d)
		equal(t, "its text", findAll(t, d, bob, "geheimwort"), "")
		page := must(d.Search(as(bob), ticket.Search{Text: "A geheim* OR ann"}))(t)
		for _, h := range page.Hits[0].Highlights {
			if strings.Contains(h.Text, "geheim") {
				t.Error("it is highlighted")
			}
		}
	})
	t.Run("X12 filters stand between the words", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Departments: []ticket.Department{{Code: "support", Name: "Support"}, {Code: "sales", Name: "Verkauf & Mehr"}}})
		a := wrote(t, d, "A", "lamp status: unknown", func(x *ticket.Draft) { x.Tags = []string{"vip"} })
		wrote(t, d, "B", "lamp", func(x *ticket.Draft) { x.Department = "sales" })
		must(d.Assign(as(bob), a.ID, "7"))(t)
		index(t, d)
		year := d.Clock.Now().Format("2006")
		for text, want := range map[string]string{
			"lamp department:sales": "B", "lamp DEPARTMENT:Sales": "B", `lamp department:"verkauf & mehr"`: "B", "lamp -department:sales": "A", "lamp department:sales,support": "A B",
			"department:sales": "B", "lamp tag:vip": "A", "lamp assignee:me": "A", "lamp assignee:none": "B", "lamp is:unassigned": "B", "lamp is:mine": "A",
			"lamp status:" + a.Status: "A B", "lamp status:nonsense": "", "lamp status: unknown": "A", "lamp is:new": "A B", "lamp -is:new": "", "lamp is:closed": "",
			"lamp is:new is:closed": "", "lamp from:ann@example.com": "A B", "lamp from:Ann": "A B", "lamp from:bob": "", "subject:a": "A", "lamp in:subject": "", "a in:subject": "A",
			"lamp in:inbox": "A B", "lamp in:archive": "", "lamp after:" + year: "", "lamp before:" + year: "", "lamp after:2019": "A B", "lamp before:2999-12-31": "A B", "lamp after:yesterday": "",
			"http://lamp": "", "foo:bar": "",
		} {
			if got := findAll(t, d, bob, text); got != want {
				t.Errorf("%q finds %q, want %q", text, got, want)
			}
		}
		equal(t, "a customer's tag: is text", findAll(t, d, ann, "lamp tag:vip"), "")
		equal(t, "Filter", fmt.Sprint(find(t, d, bob, ticket.Search{Text: "lamp", Filter: ticket.Query{Departments: []string{"sales"}}})), "[B]")
		equal(t, "Filter and text", fmt.Sprint(find(t, d, bob, ticket.Search{Text: "lamp department:support", Filter: ticket.Query{Departments: []string{"sales"}}})), "[]")
		_, err := d.Search(as(ann), ticket.Search{Text: "lamp", Filter: ticket.Query{Tags: []string{"vip"}}})
		invalid(t, err, "tags")
		_, err = d.Search(as(bob), ticket.Search{Text: "lamp", Filter: ticket.Query{Deleted: true}})
		invalid(t, err, "deleted")
	})
	t.Run("X12 what fits best comes first, and pages go on in either order", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		var newest []string
		for i := range 23 {
			subject := fmt.Sprintf("Ticket %02d", i)
			if i%10 == 3 {
				subject += " lamp"
			}
			wrote(t, d, subject, "a lamp")
			newest = append([]string{subject}, newest...)
		}
		index(t, d)
		for _, limit := range []int{1, 7, 23, 0} {
			equal(t, "newest first", fmt.Sprint(find(t, d, bob, ticket.Search{Text: "lamp", Limit: limit})), fmt.Sprint(newest))
			got := find(t, d, bob, ticket.Search{Text: "lamp", Limit: limit, Order: ticket.Ranked})
			if len(got) != 23 || !strings.HasPrefix(strings.Join(got, ","), "Ticket 13 lamp,Ticket 03 lamp,Ticket 22,Ticket 21,") {
				t.Errorf("ranked: %q", got)
			}
		}
		_, err := d.Search(as(bob), ticket.Search{Text: "lamp", Cursor: "x"})
		invalid(t, err, "cursor")
		page := must(d.Search(as(bob), ticket.Search{Text: "lamp", Limit: 1}))(t)
		for what, s := range map[string]ticket.Search{
			"another order": {Text: "lamp", Cursor: page.Next, Order: ticket.Ranked}, "other words": {Text: "a lamp", Cursor: page.Next},
			"other filters": {Text: "lamp", Cursor: page.Next, Filter: ticket.Query{Unassigned: true}}, "none": {Text: "lamp", Cursor: page.Next + "A"},
		} {
			_, err = d.Search(as(bob), s)
			t.Log(what)
			invalid(t, err, "cursor")
		}
		_, err = d.Search(as(carol), ticket.Search{Text: "lamp", Cursor: page.Next})
		invalid(t, err, "cursor")
		equal(t, "the next page, of another size", len(must(d.Search(as(bob), ticket.Search{Text: "lamp", Limit: 5, Cursor: page.Next}))(t).Hits), 5)
	})
	t.Run("X12 searching tells how far it is behind, and everything can be indexed anew", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		for i := range 5 {
			wrote(t, d, fmt.Sprint("T", i), "lamp")
		}
		h := must(d.Health(as(bob)))(t)
		equal(t, "stale", h.Stale, 5)
		if h.StaleSince.IsZero() {
			t.Error("since when is not said")
		}
		equal(t, "indexed", index(t, d), 5)
		h = must(d.Health(as(bob)))(t)
		equal(t, "stale", h.Stale, 0)
		equal(t, "since", h.StaleSince, time.Time{})
		is(t, d.Index().Rebuild(as(ann)), ticket.ErrForbidden)
		ok(t, d.Index().Rebuild(as(bob)))
		equal(t, "stale", must(d.Health(as(bob)))(t).Stale, 5)
		equal(t, "found meanwhile", len(find(t, d, bob, ticket.Search{Text: "lamp"})), 5)
		must(d.Tick(context.Background()))(t)
		equal(t, "stale", must(d.Health(as(bob)))(t).Stale, 0)
		equal(t, "found", len(find(t, d, bob, ticket.Search{Text: "lamp"})), 5)
	})
	t.Run("X12 a desk over a store without search says so", func(t *testing.T) {
		t.Parallel()
		s := memory.New(&memory.Options{SearchOff: true})
		defer s.Close()
		for _, s := range []store.Store{s, struct{ store.Store }{s}} {
			d := helpdesktest.New(t, &helpdesktest.Options{Store: s})
			wrote(t, d, "A", "lamp")
			for _, text := range []string{"lamp", ""} {
				_, err := d.Search(as(bob), ticket.Search{Text: text})
				is(t, err, ticket.ErrNoSearch)
			}
			_, err := d.Index().Update(context.Background())
			is(t, err, ticket.ErrNoSearch)
			is(t, d.Index().Rebuild(as(bob)), ticket.ErrNoSearch)
			must(d.Tick(context.Background()))(t)
			equal(t, "stale", must(d.Health(as(bob)))(t).Stale, 0)
		}
	})
}
