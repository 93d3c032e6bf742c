package helpdesk_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// listDesk has tickets of four priorities and two departments, opened a minute apart; the number stands in the subject.
func listDesk(t testing.TB, n int) (*helpdesktest.Desk, []*ticket.Ticket) {
	t.Helper()
	d := newDesk(t, helpdesk.Config{Departments: []ticket.Department{{Code: "support", Name: "Support"}, {Code: "sales", Name: "Sales"}}})
	var out []*ticket.Ticket
	for i := range n {
		draft := lamp()
		draft.Subject, draft.Requester = fmt.Sprint(i), ann.Person()
		draft.Priority = []string{"medium", "high", "low"}[i%3]
		draft.Department = []string{"support", "sales"}[i%2]
		draft.Fields = map[string]string{"size": fmt.Sprint(i * 7 % n)}
		out = append(out, must(d.CreateTicket(as(host), draft))(t))
		d.Clock.Advance(time.Minute)
	}
	return d, out
}

func subjects(list []*ticket.Ticket) string {
	var out []string
	for _, t := range list {
		out = append(out, t.Subject)
	}
	return strings.Join(out, " ")
}

// all lists every ticket of a query.
func all(t testing.TB, d *helpdesktest.Desk, a ticket.Actor, q ticket.Query) (out []*ticket.Ticket) {
	t.Helper()
	for tk, err := range d.AllTickets(as(a), q) {
		ok(t, err)
		out = append(out, tk)
	}
	return out
}

func TestListNames(t *testing.T) {
	t.Parallel()
	t.Run("M61 a folder or a class that no desk has is refused, a status that this one has not is empty", func(t *testing.T) {
		t.Parallel()
		d, list := listDesk(t, 3)
		for field, q := range map[string]ticket.Query{
			"folders": {Folders: []ticket.Folder{ticket.Inbox, "inbx"}}, "classes": {Classes: []ticket.Class{"opened"}}, "sort": {Sort: "random"},
		} {
			_, err := d.Tickets(as(bob), q)
			invalid(t, err, field)
			_, _, err = d.Neighbours(as(bob), q, list[0].ID)
			invalid(t, err, field)
			_, err = d.Views().Put(as(bob), ticket.View{Name: field, Owner: "7", Query: q})
			invalid(t, err, field)
			if field == "sort" { // plays no part in the rest
				continue
			}
			_, err = d.Search(as(bob), ticket.Search{Text: "lamp", Filter: q})
			invalid(t, err, field)
			_, err = d.CountTickets(as(bob), q)
			invalid(t, err, field)
			_, err = d.Mass().Start(as(bob), ticket.MassAction{Query: &q, Do: ticket.MassDelete})
			invalid(t, err, field)
		}
		_, err := d.Counters(as(bob), ticket.CounterQuery{Folders: []ticket.Folder{"inbx"}})
		invalid(t, err, "folders")
		equal(t, "tickets of what is gone", len(all(t, d, bob, ticket.Query{Statuses: []string{"gone"}, Channels: []ticket.Channel{"carrier pigeon"}})), 0)
	})
	t.Run("M61 a saved list with a name that was let in once opens, and says what is wrong when it is asked", func(t *testing.T) {
		t.Parallel()
		s := openStore(t)
		d := helpdesktest.New(t, &helpdesktest.Options{Store: s})
		v := must(d.Views().Put(as(bob), ticket.View{Name: "Old", Owner: "7"}))(t)
		v.Query.Classes = []ticket.Class{"opened"}
		doc := must(json.Marshal(v))(t)
		ok(t, s.Update(context.Background(), func(c context.Context, tx store.Tx) error {
			return tx.PutRecord(c, &store.Record{Kind: "view", Key: fmt.Sprint(v.ID), Parent: "agent/7", Version: store.AnyVersion, Doc: doc})
		}))
		got := must(d.Views().Get(as(bob), v.ID))(t)
		equal(t, "saved lists", viewNames(t, d, bob), "Old")
		_, err := d.Tickets(as(bob), got.Query)
		invalid(t, err, "classes")
	})
}

func TestListOrders(t *testing.T) {
	t.Parallel()
	t.Run("M61 lists by priority follow the catalogue, and by last reply the public messages", func(t *testing.T) {
		t.Parallel()
		d, list := listDesk(t, 6)
		for sort, want := range map[ticket.Sort]string{ticket.MostUrgent: "4 1 3 0 5 2", ticket.LeastUrgent: "5 2 3 0 4 1", ticket.NewestReply: "5 4 3 2 1 0"} {
			equal(t, string(sort), subjects(all(t, d, bob, ticket.Query{Sort: sort, Limit: 2})), want)
		}
		for _, x := range list {
			must(d.MarkRead(as(ann), x.ID))(t)
		}
		d.Clock.Advance(time.Hour)
		start := d.Now()
		must(d.Reply(as(bob), list[0].ID, ticket.ReplyDraft{Body: "x"}))(t)
		d.Clock.Advance(time.Hour)
		must(d.AddNote(as(bob), list[3].ID, ticket.ReplyDraft{Body: "x"}))(t)
		equal(t, "after a reply", subjects(all(t, d, bob, ticket.Query{Sort: ticket.NewestReply})), "0 5 4 3 2 1")
		equal(t, "the longest without a reply", subjects(all(t, d, bob, ticket.Query{Sort: ticket.OldestReply, Limit: 4})), "1 2 3 4 5 0")
		equal(t, "replied since", subjects(all(t, d, bob, ticket.Query{LastReplyFrom: start})), "0")
		equal(t, "replied before", subjects(all(t, d, bob, ticket.Query{LastReplyTo: start, Sort: ticket.OldestCreated})), "1 2 3 4 5")
		equal(t, "unread by the customer", subjects(all(t, d, ann, ticket.Query{UnreadByClient: true})), "0")
	})
	t.Run("M61 a change of the ranks changes the order", func(t *testing.T) {
		t.Parallel()
		d, _ := listDesk(t, 3)
		ok(t, d.Catalog().PutPriority(as(host), ticket.Priority{Code: "low", Name: "Low", Sort: 99}))
		equal(t, "the most urgent first", subjects(all(t, d, bob, ticket.Query{Sort: ticket.MostUrgent})), "2 1 0")
	})
}

func TestQueryLimits(t *testing.T) {
	t.Parallel()
	d, list := listDesk(t, 1)
	many := numbers(ticket.MaxValues + 1)
	for field, q := range map[string]ticket.Query{
		"statuses": {Statuses: many}, "departments": {Departments: many}, "brands": {Brands: many}, "priorities": {Priorities: many},
		"folders": {Folders: make([]ticket.Folder, len(many))}, "classes": {Classes: make([]ticket.Class, len(many))}, "channels": {Channels: make([]ticket.Channel, len(many))},
		"tags": {Tags: many[:ticket.MaxConditions+1]}, "fields": {Fields: make([]ticket.FieldFilter, ticket.MaxConditions+1)}, "sort": {Sort: "random"},
	} {
		t.Run("M61 a query is refused that is too much: "+field, func(t *testing.T) {
			t.Parallel()
			_, err := d.Tickets(as(bob), q)
			invalid(t, err, field)
			_, _, err = d.Neighbours(as(bob), q, list[0].ID)
			invalid(t, err, field)
			_, err = d.Views().Put(as(bob), ticket.View{Name: "x", Query: q})
			invalid(t, err, field)
		})
	}
	t.Run("M61 the values of a field have the same limit, and what is not too much is answered", func(t *testing.T) {
		t.Parallel()
		_, err := d.Tickets(as(bob), ticket.Query{Fields: []ticket.FieldFilter{{Code: "size", Values: many}}})
		invalid(t, err, "fields")
		most := many[:ticket.MaxValues]
		for _, sort := range []ticket.Sort{"", ticket.MostUrgent, ticket.OldestCreated, ticket.ByField("size")} {
			must(d.Tickets(as(bob), ticket.Query{Sort: sort, Statuses: most, Departments: most, Brands: most, Priorities: most, Tags: most[:ticket.MaxConditions],
				Fields: []ticket.FieldFilter{{Code: "size", Values: most}}}))(t)
		}
	})
}

func TestCursors(t *testing.T) {
	t.Parallel()
	t.Run("M10 a cursor says nothing, and is good for the same query and the same actor only", func(t *testing.T) {
		t.Parallel()
		d, _ := listDesk(t, 6)
		q := ticket.Query{Limit: 2, Departments: []string{"support"}}
		page := must(d.Tickets(as(bob), q))(t)
		next := page.Next
		again := must(d.Tickets(as(bob), q))(t).Next
		if next == "" || next == again || page.Prev != "" {
			t.Fatalf("next %q and %q, prev %q", next, again, page.Prev)
		}
		q.Cursor = next
		q.Limit = 50
		page = must(d.Tickets(as(bob.Via(ticket.ChannelAPI)), q))(t)
		equal(t, "the rest, by another limit", subjects(page.Tickets), "0")
		renamed := bob
		renamed.Name, renamed.Email, renamed.IP = "Robert", "robert@desk.example", "192.0.2.1"
		equal(t, "for the same agent", len(must(d.Tickets(as(renamed), q))(t).Tickets), 1)
		for what, refused := range map[string]func() error{
			"another agent":      func() error { return second(d.Tickets(as(carol), q)) },
			"the customer":       func() error { return second(d.Tickets(as(ann), q)) },
			"another query":      func() error { q := q; q.Departments = []string{"sales"}; return second(d.Tickets(as(bob), q)) },
			"a wider query":      func() error { q := q; q.Departments = nil; return second(d.Tickets(as(bob), q)) },
			"another order":      func() error { q := q; q.Sort = ticket.OldestUpdate; return second(d.Tickets(as(bob), q)) },
			"a changed cursor":   func() error { q := q; q.Cursor = flip(next); return second(d.Tickets(as(bob), q)) },
			"a longer cursor":    func() error { q := q; q.Cursor += "AAAA"; return second(d.Tickets(as(bob), q)) },
			"a line break in it": func() error { q := q; q.Cursor += "\n"; return second(d.Tickets(as(bob), q)) },
			"an endless one":     func() error { q := q; q.Cursor = strings.Repeat("A", 1<<20); return second(d.Tickets(as(bob), q)) },
			"another desk": func() error {
				other, _ := listDesk(t, 1)
				return second(other.Tickets(as(bob), q))
			},
		} {
			err := refused()
			if invalid(t, err, "cursor"); err == nil {
				t.Errorf("%s: taken", what)
			}
		}
		q.Sort = ticket.NewestUpdate // which is the default
		equal(t, "the default order by its name", len(must(d.Tickets(as(bob), q))(t).Tickets), 1)
	})
	t.Run("M10 every process on the store takes the cursors of the others, and so does the next start", func(t *testing.T) {
		t.Parallel()
		s := openStore(t)
		one := helpdesktest.New(t, &helpdesktest.Options{Store: s})
		for range 3 {
			open(t, one, ann)
		}
		q := ticket.Query{Limit: 2}
		q.Cursor = must(one.Tickets(as(bob), q))(t).Next
		other, err := helpdesk.New(t.Context(), s, nil)
		ok(t, err)
		defer other.Stop(context.Background())
		equal(t, "the rest, by another desk", len(must(other.Tickets(as(bob), q))(t).Tickets), 1)
	})
	t.Run("M10 pages lead back to where they came from", func(t *testing.T) {
		t.Parallel()
		d, _ := listDesk(t, 7)
		for _, sort := range []ticket.Sort{"", ticket.MostUrgent, ticket.ByField("size"), ticket.OldestReply} {
			q := ticket.Query{Sort: sort, Limit: 3}
			one := must(d.Tickets(as(bob), q))(t)
			q.Cursor = one.Next
			two := must(d.Tickets(as(bob), q))(t)
			q.Cursor = two.Next
			three := must(d.Tickets(as(bob), q))(t)
			q.Cursor = three.Prev
			back := must(d.Tickets(as(bob), q))(t)
			equal(t, "the page before the last", subjects(back.Tickets), subjects(two.Tickets))
			q.Cursor = back.Prev
			first := must(d.Tickets(as(bob), q))(t)
			equal(t, "the first page", subjects(first.Tickets), subjects(one.Tickets))
			equal(t, "what is before it", first.Prev, "")
			equal(t, "what is after the last", three.Next, "")
		}
	})
}

// flip changes a character in the middle.
func flip(s string) string {
	b := []byte(s)
	if b[len(b)/2] == 'A' {
		b[len(b)/2] = 'B'
	} else {
		b[len(b)/2] = 'A'
	}
	return string(b)
}

func TestNeighbours(t *testing.T) {
	t.Parallel()
	t.Run("M10 the tickets before and after one, in every order", func(t *testing.T) {
		t.Parallel()
		d, list := listDesk(t, 9)
		for _, sort := range []ticket.Sort{"", ticket.OldestUpdate, ticket.NewestCreated, ticket.OldestReply, ticket.MostUrgent, ticket.LeastUrgent, ticket.ByField("size"), ticket.ByFieldDesc("size")} {
			for _, q := range []ticket.Query{{Sort: sort}, {Sort: sort, Departments: []string{"sales"}}, {Sort: sort, Cursor: "not looked at", Limit: 7, Priorities: []string{"high"}}} {
				clean := q
				clean.Cursor = ""
				order := all(t, d, bob, clean)
				for _, x := range list {
					expectNeighbours(t, d, bob, q, x, order)
				}
			}
		}
	})
	t.Run("M10 a ticket that has left the list still has its place", func(t *testing.T) {
		t.Parallel()
		d, list := listDesk(t, 5)
		q := ticket.Query{Sort: ticket.OldestCreated, Folders: []ticket.Folder{ticket.Inbox}}
		must(d.MoveTo(as(bob), list[2].ID, ticket.Spam))(t)
		prev, next, err := d.Neighbours(as(bob), q, list[2].ID)
		ok(t, err)
		equal(t, "the neighbours of one that was moved", subjects([]*ticket.Ticket{prev, next}), "1 3")
		ok(t, d.DeleteTicket(as(bob), list[1].ID))
		prev, next, err = d.Neighbours(as(bob), q, list[1].ID)
		ok(t, err)
		equal(t, "the neighbours of one that was deleted", subjects([]*ticket.Ticket{prev, next}), "0 3")
	})
	t.Run("M10 M51 neighbours are those that the actor may see, as they may see them", func(t *testing.T) {
		t.Parallel()
		d, list := listDesk(t, 4)
		draft := lamp()
		draft.Requester, draft.Subject = guest.Person(), "Gus"
		gus := must(d.CreateTicket(as(host), draft))(t)
		must(d.UpdateTicket(as(host), list[3].ID, ticket.Patch{Tags: &[]string{"secret"}}))(t)
		q := ticket.Query{Sort: ticket.OldestCreated}
		prev, next, err := d.Neighbours(as(ann), q, list[3].ID)
		ok(t, err)
		if prev.ID != list[2].ID || next != nil {
			t.Errorf("Ann's neighbours are %v and %v", prev, next)
		}
		prev, next, err = d.Neighbours(as(guest), q, gus.ID)
		if ok(t, err); prev != nil || next != nil {
			t.Errorf("Gus's neighbours are %v and %v", prev, next)
		}
		_, _, err = d.Neighbours(as(ann), q, gus.ID)
		is(t, err, ticket.ErrNotFound)
		_, next, err = d.Neighbours(as(ann), q, list[2].ID)
		if ok(t, err); len(next.Tags) > 0 {
			t.Errorf("a customer is shown the tags %v", next.Tags)
		}
		_, _, err = d.Neighbours(as(ann), ticket.Query{Tags: []string{"secret"}}, list[2].ID)
		invalid(t, err, "tags")
		_, _, err = d.Neighbours(as(bob), ticket.Query{Sort: "random"}, list[2].ID)
		invalid(t, err, "sort")
	})
}

// expectNeighbours compares with a full list.
func expectNeighbours(t testing.TB, d *helpdesktest.Desk, a ticket.Actor, q ticket.Query, x *ticket.Ticket, order []*ticket.Ticket) {
	t.Helper()
	at := slices.IndexFunc(order, func(y *ticket.Ticket) bool { return y.ID == x.ID })
	if at < 0 {
		return
	}
	var want []*ticket.Ticket
	if at > 0 {
		want = append(want, order[at-1])
	}
	if at < len(order)-1 {
		want = append(want, order[at+1])
	}
	prev, next, err := d.Neighbours(as(a), q, x.ID)
	ok(t, err)
	got := slices.DeleteFunc([]*ticket.Ticket{prev, next}, func(x *ticket.Ticket) bool { return x == nil })
	equal(t, fmt.Sprintf("the neighbours of %s by %q", x.Subject, q.Sort), subjects(got), subjects(want))
	if (prev == nil) != (at == 0) {
		t.Errorf("%s is number %d, and before it is %v", x.Subject, at, prev)
	}
}

// FuzzCursor has anything come in as a cursor: it is refused, and nothing else.
func FuzzCursor(f *testing.F) {
	d, _ := listDesk(f, 3)
	q := ticket.Query{Limit: 1}
	next := must(d.Tickets(as(bob), q))(f).Next
	for _, s := range []string{"", next, flip(next), next[:len(next)-1], "AAAA", strings.Repeat("_", 5000), "\xff", "日本", "' OR 1=1 --"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q := q
		q.Cursor = s
		page, err := d.Tickets(as(bob), q)
		switch {
		case s == next || s == "":
			ok(t, err)
		case err == nil:
			t.Errorf("%q was taken, and leads to %s", s, subjects(page.Tickets))
		default:
			invalid(t, err, "cursor")
		}
	})
}
