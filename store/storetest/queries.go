package storetest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var queries = []proof{
	{"every filter selects what it names", everyFilter},
	{"filters are joined by and, the values of one by or", joinedFilters},
	{"addresses are compared in their normal form", addressFilters},
	{"periods take in their beginning and leave out their end", periodFilters},
	{"deleted tickets are listed apart, and read by id", deletedFilter},
	{"merged tickets are listed apart, and read by id", mergedFilter},
	{"a changed ticket is found by its new values only", changedFilter},
	{"a removed ticket is found no more", removedTicket},
}

// list returns the ids of all tickets that q selects, ascending.
func (e *env) list(t testing.TB, q ticket.Query, scope ticket.Scope) []int64 {
	t.Helper()
	var out []int64
	for {
		var page, alone ticket.Page
		e.read(t, func(ctx context.Context, r store.Reader) (err error) {
			page, err = r.Tickets(ctx, q, scope)
			return err
		})
		err := e.View(store.OneRead(e.ctx), func(ctx context.Context, r store.Reader) (err error) {
			alone, err = r.Tickets(ctx, q, scope)
			return err
		})
		if got, want := ids(alone.Tickets), ids(page.Tickets); err != nil || !slices.Equal(got, want) || alone.Next != page.Next || alone.Prev != page.Prev {
			t.Errorf("a page that is read alone has %v, next %q, %v; want %v, next %q", got, alone.Next, err, want, page.Next)
		}
		out = append(out, ids(page.Tickets)...)
		if q.Cursor = page.Next; q.Cursor == "" {
			slices.Sort(out)
			return out
		}
	}
}

func (e *env) expectList(t testing.TB, what string, q ticket.Query, want ...*ticket.Ticket) {
	t.Helper()
	wanted := ids(want)
	slices.Sort(wanted)
	if got := e.list(t, q, everything); !slices.Equal(got, wanted) {
		t.Errorf("%s: got tickets %v, want %v", what, got, wanted)
	}
}

// filters has, for each filter, a change that makes a plain ticket fit, and one that nearly does.
var filters = []struct {
	name        string
	q           ticket.Query
	fit, nearly func(x *ticket.Ticket)
}{
	{"Folders", ticket.Query{Folders: []ticket.Folder{ticket.Spam}},
		func(x *ticket.Ticket) { x.Folder = ticket.Spam }, func(x *ticket.Ticket) { x.Folder = ticket.Archive }},
	{"Classes", ticket.Query{Classes: []ticket.Class{ticket.ClassSolved}},
		func(x *ticket.Ticket) { x.Class = ticket.ClassSolved }, func(x *ticket.Ticket) { x.Class = ticket.ClassClosed }},
	{"Statuses", ticket.Query{Statuses: []string{"hold"}},
		func(x *ticket.Ticket) { x.Status = "hold" }, func(x *ticket.Ticket) { x.Status = "Hold" }},
	{"Departments", ticket.Query{Departments: []string{"sales"}},
		func(x *ticket.Ticket) { x.Department = "sales" }, func(x *ticket.Ticket) { x.Department = "sales2" }},
	{"Brands", ticket.Query{Brands: []string{"shop"}},
		func(x *ticket.Ticket) { x.Brand = "shop" }, func(x *ticket.Ticket) { x.Department = "shop" }},
	{"Priorities", ticket.Query{Priorities: []string{"high"}},
		func(x *ticket.Ticket) { x.Priority = "high" }, func(x *ticket.Ticket) { x.Status = "high" }},
	{"Channels", ticket.Query{Channels: []ticket.Channel{"phone"}},
		func(x *ticket.Ticket) { x.Channel = "phone" }, func(x *ticket.Ticket) { x.Channel = "telephone" }},
	{"Tags", ticket.Query{Tags: []string{"a", "b"}},
		func(x *ticket.Ticket) { x.Tags = []string{"c", "b", "a"} }, func(x *ticket.Ticket) { x.Tags = []string{"a", "B", "ab", "a,b"} }},
	{"Assignee", ticket.Query{Assignee: "7"},
		func(x *ticket.Ticket) { x.Assignee = "7" }, func(x *ticket.Ticket) { x.AssignedBy, x.Watchers = "7", []string{"7"} }},
	{"Requester", ticket.Query{Requester: "7"},
		func(x *ticket.Ticket) { x.Requester = ticket.Person{ID: "7"} },
		func(x *ticket.Ticket) {
			x.Requester, x.Participants = ticket.Person{Name: "7"}, []ticket.Person{{ID: "7"}}
		}},
	{"Email", ticket.Query{Email: "bob@example.com"},
		func(x *ticket.Ticket) { x.Requester = ticket.Person{ID: "8", Email: "bob@example.com"} },
		func(x *ticket.Ticket) { x.Participants = []ticket.Person{{Email: "bob@example.com"}} }},
	{"Organisation", ticket.Query{Organisation: "acme"},
		func(x *ticket.Ticket) { x.Organisation = "acme" }, func(x *ticket.Ticket) { x.Organisation = "acme " }},
	{"Participant", ticket.Query{Participant: "cem@example.com"},
		func(x *ticket.Ticket) {
			x.Participants = []ticket.Person{{Email: "x@example.com"}, {ID: "9", Email: "cem@example.com"}}
		},
		func(x *ticket.Ticket) { x.Requester.Email = "cem@example.com" }},
	{"Service", ticket.Query{Service: "order 5"},
		func(x *ticket.Ticket) { x.Service = "order 5" }, func(x *ticket.Ticket) { x.Service = "order 55" }},
	{"Related", ticket.Query{Related: ticket.Ref{Kind: "order", ID: "5", Label: "any"}},
		func(x *ticket.Ticket) { x.Related = []ticket.Ref{{Kind: "rma", ID: "6"}, {Kind: "order", ID: "5"}} },
		func(x *ticket.Ticket) { x.Related = []ticket.Ref{{Kind: "order", ID: "6"}, {Kind: "rma", ID: "5"}} }},
	{"External", ticket.Query{External: "e-1"},
		func(x *ticket.Ticket) { x.External = "e-1" }, func(x *ticket.Ticket) { x.External = "E-1" }},
	{"Watcher", ticket.Query{Watcher: "5"},
		func(x *ticket.Ticket) { x.Watchers = []string{"4", "5"} }, func(x *ticket.Ticket) { x.Assignee, x.Watchers = "5", []string{"55"} }},
	{"UnreadByStaff", ticket.Query{UnreadByStaff: true},
		func(x *ticket.Ticket) { x.UnreadByStaff = true }, func(x *ticket.Ticket) { x.Locked = true }},
	{"UnreadByClient", ticket.Query{UnreadByClient: true},
		func(x *ticket.Ticket) { x.UnreadByClient = true }, func(x *ticket.Ticket) { x.FileBytes = 1 }},
}

func everyFilter(t testing.TB, e *env) {
	plain := e.newTicket()
	e.put(t, plain)
	all := []*ticket.Ticket{plain}
	for _, f := range filters {
		fit, nearly := e.newTicket(f.fit), e.newTicket(f.nearly)
		e.put(t, fit, nearly)
		all = append(all, fit, nearly)
		e.expectList(t, f.name, f.q, fit)
	}
	e.expectList(t, "nothing asked", ticket.Query{}, all...)
	owned := e.newTicket(func(x *ticket.Ticket) { x.Assignee = "somebody" })
	e.put(t, owned)
	for _, id := range e.list(t, ticket.Query{Unassigned: true}, everything) {
		if id == owned.ID {
			t.Error("Unassigned selects an assigned ticket")
		}
	}
	e.expectList(t, "Unassigned and Assignee", ticket.Query{Unassigned: true, Assignee: "somebody"})
	e.read(t, func(ctx context.Context, r store.Reader) error {
		if _, err := r.Tickets(ctx, ticket.Query{Sort: "random"}, everything); !errors.Is(err, ticket.ErrInvalid) {
			t.Errorf("an unknown sort: %v, want %v", err, ticket.ErrInvalid)
		}
		return nil
	})
}

func joinedFilters(t testing.TB, e *env) {
	put := func(status, department string, tags ...string) *ticket.Ticket {
		x := e.newTicket(func(x *ticket.Ticket) { x.Status, x.Department, x.Tags = status, department, tags })
		e.put(t, x)
		return x
	}
	a, b, c, d := put("open", "sales", "x", "y"), put("hold", "sales", "y"), put("open", "support", "x"), put("closed", "sales")
	e.expectList(t, "two statuses", ticket.Query{Statuses: []string{"open", "hold", "none"}}, a, b, c)
	e.expectList(t, "two statuses in sales", ticket.Query{Statuses: []string{"open", "hold"}, Departments: []string{"sales"}}, a, b)
	e.expectList(t, "two departments", ticket.Query{Departments: []string{"support", "sales"}}, a, b, c, d)
	e.expectList(t, "a status and a tag", ticket.Query{Statuses: []string{"open"}, Tags: []string{"y"}}, a)
	e.expectList(t, "a tag twice", ticket.Query{Tags: []string{"x", "x"}}, a, c)
	e.expectList(t, "nothing in common", ticket.Query{Statuses: []string{"closed"}, Tags: []string{"y"}})
}

func addressFilters(t testing.TB, e *env) {
	a := e.newTicket(func(x *ticket.Ticket) { x.Requester.Email = " Bob@Example.COM " })
	b := e.newTicket(func(x *ticket.Ticket) { x.Participants = []ticket.Person{{Email: "BOB@example.com"}} })
	e.put(t, a, b)
	for _, email := range []string{"bob@example.com", "BOB@EXAMPLE.COM", " bob@example.com "} {
		e.expectList(t, "Email "+email, ticket.Query{Email: email}, a)
		e.expectList(t, "Participant "+email, ticket.Query{Participant: email}, b)
		for what, scope := range map[string]ticket.Scope{"address": {Emails: []string{email}}} {
			if got := e.list(t, ticket.Query{}, scope); !slices.Equal(got, []int64{a.ID, b.ID}) {
				t.Errorf("the scope of the %s %q lists %v", what, email, got)
			}
		}
	}
}

func periodFilters(t testing.TB, e *env) {
	at := func(d time.Duration) *ticket.Ticket {
		return e.newTicket(func(x *ticket.Ticket) { x.CreatedAt, x.UpdatedAt = base.Add(d), base.Add(d+time.Hour) })
	}
	a, b, c := at(0), at(time.Microsecond), at(time.Minute)
	e.put(t, a, b, c)
	later := func(d time.Duration) time.Time { return base.Add(time.Hour + d) }
	e.expectList(t, "created from", ticket.Query{CreatedFrom: base.Add(time.Microsecond)}, b, c)
	e.expectList(t, "created to", ticket.Query{CreatedTo: base.Add(time.Minute)}, a, b)
	e.expectList(t, "created within", ticket.Query{CreatedFrom: base, CreatedTo: base.Add(time.Microsecond)}, a)
	e.expectList(t, "updated from", ticket.Query{UpdatedFrom: later(time.Minute)}, c)
	e.expectList(t, "updated to", ticket.Query{UpdatedTo: later(time.Microsecond)}, a)
	e.expectList(t, "updated within", ticket.Query{UpdatedFrom: later(time.Microsecond), UpdatedTo: later(time.Minute)}, b)
	e.expectList(t, "an empty period", ticket.Query{UpdatedFrom: later(0), UpdatedTo: later(0)})
	replied := func(d time.Duration) *ticket.Ticket {
		return e.newTicket(func(x *ticket.Ticket) {
			x.CreatedAt, x.UpdatedAt, x.LastReplyAt = base.Add(-time.Hour), base.Add(-time.Hour), base.Add(240*time.Hour+d)
		})
	}
	r0, r1, r2 := replied(0), replied(time.Microsecond), replied(time.Minute)
	e.put(t, r0, r1, r2)
	reply := func(d time.Duration) time.Time { return base.Add(240*time.Hour + d) }
	for _, sort := range []ticket.Sort{"", ticket.NewestReply, ticket.OldestReply, ticket.OldestCreated, ticket.MostUrgent} {
		e.expectList(t, "replied from", ticket.Query{LastReplyFrom: reply(time.Microsecond), Sort: sort}, r1, r2)
		e.expectList(t, "replied to", ticket.Query{LastReplyFrom: reply(0), LastReplyTo: reply(time.Minute), Sort: sort}, r0, r1)
		e.expectList(t, "an empty period of replies", ticket.Query{LastReplyFrom: reply(1), LastReplyTo: reply(0), Sort: sort})
	}
	zone := time.FixedZone("", -7200)
	e.expectList(t, "another time zone", ticket.Query{CreatedFrom: base.In(zone), CreatedTo: base.Add(time.Second).In(zone)}, a, b)
}

func mergedFilter(t testing.TB, e *env) {
	target := e.newTicket()
	shell := e.newTicket(func(x *ticket.Ticket) { x.MergedInto = target.ID })
	e.put(t, target, shell)
	e.expectList(t, "the others", ticket.Query{}, target)
	e.expectList(t, "deleted", ticket.Query{Deleted: true})
	e.expectList(t, "merged", ticket.Query{Merged: true}, shell)
	if !e.exists(t, shell.ID) {
		t.Error("a merged ticket is not read by its id")
	}
	shell.DeletedAt = new(base)
	e.put(t, shell)
	e.expectList(t, "deleted, of the merged", ticket.Query{Deleted: true}, shell)
	e.expectList(t, "merged, of the deleted", ticket.Query{Merged: true})
	shell.MergedInto, shell.DeletedAt = 0, nil
	e.put(t, shell)
	e.expectList(t, "after unmerging", ticket.Query{}, shell, target)
}

func deletedFilter(t testing.TB, e *env) {
	gone := e.newTicket(func(x *ticket.Ticket) { x.DeletedAt = new(base) })
	live := e.newTicket()
	e.put(t, gone, live)
	e.expectList(t, "live", ticket.Query{}, live)
	e.expectList(t, "deleted", ticket.Query{Deleted: true}, gone)
	if !e.exists(t, gone.ID) {
		t.Error("a deleted ticket is not read by its id")
	}
	gone.DeletedAt = nil
	e.put(t, gone)
	e.expectList(t, "after restoring", ticket.Query{}, live, gone)
	e.expectList(t, "deleted after restoring", ticket.Query{Deleted: true})
}

func changedFilter(t testing.TB, e *env) {
	for _, f := range filters {
		x := e.newTicket(f.fit)
		e.put(t, x)
		e.expectList(t, f.name+" before the change", f.q, x)
		id := x.ID
		x = e.newTicket(f.nearly)
		x.ID = id
		e.put(t, x)
		e.expectList(t, f.name+" after the change", f.q)
		f.fit(x)
		e.put(t, x)
		e.expectList(t, f.name+" after changing back", f.q, x)
		e.write(t, func(ctx context.Context, tx store.Tx) error { return tx.DeleteTicket(ctx, id) })
	}
}

func removedTicket(t testing.TB, e *env) {
	x, other := e.newTicket(), e.newTicket()
	for _, f := range filters {
		f.fit(x)
	}
	m, v := e.newMessage(x, 1), e.newEvent(x, 1)
	kept := []any{e.newMessage(other, 1), e.newEvent(other, 1), &ticket.Event{ID: e.id(), Type: ticket.EventPurged, At: base}}
	e.put(t, append([]any{x, other, m, v}, kept...)...)
	for range 2 {
		e.write(t, func(ctx context.Context, tx store.Tx) error { return tx.DeleteTicket(ctx, x.ID) })
	}
	for _, f := range filters {
		e.expectList(t, f.name, f.q)
	}
	e.read(t, func(ctx context.Context, r store.Reader) error {
		_, err1 := r.Ticket(ctx, x.ID, everything)
		_, err2 := r.Message(ctx, m.ID)
		_, err3 := r.Event(ctx, v.ID)
		for _, err := range []error{err1, err2, err3} {
			if !errors.Is(err, ticket.ErrNotFound) {
				t.Errorf("of the removed ticket: %v, want %v", err, ticket.ErrNotFound)
			}
		}
		thread, err := r.Messages(ctx, ticket.MessageQuery{TicketID: x.ID})
		journal, err2 := r.Events(ctx, ticket.EventQuery{TicketID: x.ID})
		if len(thread)+len(journal) > 0 {
			t.Errorf("the removed ticket still has %d messages and %d events", len(thread), len(journal))
		}
		return firstError(err, err2)
	})
	for _, v := range kept {
		e.loaded(t, v)
	}
	e.write(t, func(ctx context.Context, tx store.Tx) error { return tx.DeleteTicket(ctx, 0) })
	e.loaded(t, kept[2])
}
