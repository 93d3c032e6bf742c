package storetest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var scopes = []proof{
	{"each scope lists what it may see and reads nothing else", everyScope},
	{"a scope of one ticket sees that one only, and only for another reason", onlyOne},
	{"a scope narrows every query", narrowedQueries},
}

// scoped are tickets by name, for the scopes below.
var scoped = map[string]func(x *ticket.Ticket){
	"sales":        func(x *ticket.Ticket) { x.Department = "sales" },
	"shop":         func(x *ticket.Ticket) { x.Brand = "shop" },
	"shop's sales": func(x *ticket.Ticket) { x.Brand, x.Department = "shop", "sales" },
	"billing":      func(x *ticket.Ticket) { x.Department = "billing" },
	"assigned":     func(x *ticket.Ticket) { x.Assignee = "7" },
	"watched":      func(x *ticket.Ticket) { x.Watchers = []string{"6", "7"} },
	"shop's watched": func(x *ticket.Ticket) {
		x.Brand, x.Watchers = "shop", []string{"7"}
	},
	"assigned in billing": func(x *ticket.Ticket) { x.Department, x.Assignee = "billing", "7" },
	"client's":            func(x *ticket.Ticket) { x.Requester = ticket.Person{ID: "7", Email: "seven@example.com"} },
	"guest's":             func(x *ticket.Ticket) { x.Requester = ticket.Person{Email: "Seven@Example.com"} },
	"participated":        func(x *ticket.Ticket) { x.Participants = []ticket.Person{{ID: "5", Email: "seven@example.COM"}} },
	"another guest's":     func(x *ticket.Ticket) { x.Requester = ticket.Person{Email: "nine@example.com"} },
	"acme's":              func(x *ticket.Ticket) { x.Organisation = "acme" },
	"lamps'":              func(x *ticket.Ticket) { x.Organisation = "lamps" },
	"nobody's":            func(x *ticket.Ticket) { x.Requester = ticket.Person{} },
	"empty ones'": func(x *ticket.Ticket) {
		x.Requester, x.Watchers, x.Participants, x.Brand = ticket.Person{}, []string{""}, []ticket.Person{{}}, ""
	},
	"all at once": func(x *ticket.Ticket) {
		x.Department, x.Assignee, x.Watchers, x.Requester = "sales", "7", []string{"7"}, ticket.Person{ID: "7", Email: "seven@example.com"}
	},
	"deleted in sales": func(x *ticket.Ticket) { x.Department, x.DeletedAt = "sales", new(base) },
}

func department(names ...string) (out []ticket.Place) {
	for _, name := range names {
		out = append(out, ticket.Place{Department: name})
	}
	return out
}

var shopsSales = ticket.Place{Brand: "shop", Department: "sales"}

var (
	agents  = []string{"assigned", "watched", "shop's watched", "assigned in billing", "all at once"}
	shops   = []string{"shop", "shop's sales", "shop's watched"}
	inSales = []string{"sales", "shop's sales", "all at once", "deleted in sales"}
)

var scopeTable = []struct {
	name  string
	scope ticket.Scope
	sees  []string
}{
	{"nothing", ticket.Scope{}, nil},
	{"internal only", ticket.Scope{Internal: true}, nil},
	{"one department", ticket.Scope{Places: department("sales")}, inSales},
	{"two departments", ticket.Scope{Places: department("billing", "sales")}, append([]string{"billing", "assigned in billing"}, inSales...)},
	{"an unknown department", ticket.Scope{Places: department("sale", "Sales", "")}, nil},
	{"a brand", ticket.Scope{Places: []ticket.Place{{Brand: "shop"}}}, shops},
	{"a brand's department", ticket.Scope{Places: []ticket.Place{shopsSales}}, []string{"shop's sales"}},
	{"a brand's department, and another's", ticket.Scope{Places: []ticket.Place{shopsSales, {Brand: "main", Department: "billing"}}},
		[]string{"shop's sales", "billing", "assigned in billing"}},
	{"places in each other", ticket.Scope{Places: []ticket.Place{shopsSales, {Brand: "shop"}, shopsSales}}, shops},
	{"a brand and a department", ticket.Scope{Places: []ticket.Place{{Brand: "shop"}, {Department: "billing"}}},
		append([]string{"billing", "assigned in billing"}, shops...)},
	{"the place that is everywhere", ticket.Scope{Places: []ticket.Place{{}}}, nil},
	{"everywhere, and a brand's department", ticket.Scope{Places: []ticket.Place{{}, shopsSales}}, []string{"shop's sales"}},
	{"an agent", ticket.Scope{Agent: "7"}, agents},
	{"an agent of a department", ticket.Scope{Agent: "7", Places: department("billing")}, append([]string{"billing"}, agents...)},
	{"an agent within a brand", ticket.Scope{Agent: "7", AgentPlaces: []ticket.Place{{Brand: "shop"}}}, []string{"shop's watched"}},
	{"an agent within two places", ticket.Scope{Agent: "7", AgentPlaces: []ticket.Place{{Brand: "shop"}, {Department: "billing"}, {Brand: "shop"}}},
		[]string{"shop's watched", "assigned in billing"}},
	{"an agent within everywhere", ticket.Scope{Agent: "7", AgentPlaces: []ticket.Place{{Brand: "none"}, {}}}, agents},
	{"places of no agent", ticket.Scope{AgentPlaces: []ticket.Place{{}, {Brand: "shop"}}}, nil},
	{"a client", ticket.Scope{Requester: "7"}, []string{"client's", "all at once"}},
	{"an address", ticket.Scope{Emails: []string{"seven@example.com"}}, []string{"guest's", "participated"}},
	{"two addresses, one twice", ticket.Scope{Emails: []string{" Seven@example.com", "nine@example.com", "seven@example.com"}},
		[]string{"guest's", "participated", "another guest's"}},
	{"a client with address", ticket.Scope{Requester: "7", Emails: []string{"seven@example.com"}}, []string{"client's", "guest's", "participated", "all at once"}},
	{"an organisation", ticket.Scope{Organisations: []string{"acme"}}, []string{"acme's"}},
	{"two organisations, one twice", ticket.Scope{Organisations: []string{"lamps", "acme", "lamps", "ACME"}}, []string{"acme's", "lamps'"}},
	{"what is empty", ticket.Scope{Emails: []string{"", " "}, Organisations: []string{""}, Places: department("")}, nil},
	{"somebody else", ticket.Scope{Agent: "8", Requester: "8", Emails: []string{"eight@example.com"}, Organisations: []string{"eight"}}, nil},
}

func everyScope(t testing.TB, e *env) {
	tickets := map[string]*ticket.Ticket{}
	var all []string
	for name, change := range scoped {
		tickets[name] = e.newTicket(change)
		e.put(t, tickets[name])
		all = append(all, name)
	}
	table := append(slices.Clone(scopeTable), struct {
		name  string
		scope ticket.Scope
		sees  []string
	}{"everything", everything, all})
	for _, row := range table {
		for name, x := range tickets {
			want := slices.Contains(row.sees, name)
			e.read(t, func(ctx context.Context, r store.Reader) error {
				got, err := r.Ticket(ctx, x.ID, row.scope)
				if (err == nil) != want || (err != nil && !errors.Is(err, ticket.ErrNotFound)) {
					t.Errorf("%s reads %q: %v, want to see it: %v", row.name, name, err, want)
				}
				if err == nil {
					same(t, "ticket under "+row.name, got, x)
				}
				return nil
			})
			listed := slices.Contains(e.list(t, ticket.Query{Deleted: x.DeletedAt != nil}, row.scope), x.ID)
			if listed != want {
				t.Errorf("%s lists %q: %v, want %v", row.name, name, listed, want)
			}
		}
	}
}

// onlyOne narrows every scope of the table to a ticket, and then to one that is not there.
func onlyOne(t testing.TB, e *env) {
	tickets := map[string]*ticket.Ticket{}
	for name, change := range scoped {
		tickets[name] = e.newTicket(change)
		e.put(t, tickets[name], e.newTicket(change))
	}
	for _, row := range scopeTable {
		for name, x := range tickets {
			scope := row.scope
			scope.Only = x.ID
			var want []int64
			if slices.Contains(row.sees, name) {
				want = []int64{x.ID}
			}
			for _, sort := range sorts {
				if got := e.walk(t, ticket.Query{Sort: sort, Deleted: x.DeletedAt != nil}, scope, nil); !slices.Equal(got, want) {
					t.Errorf("%s, only %q, by %s: got %v, want %v", row.name, name, sort, got, want)
				}
			}
			if got := e.list(t, ticket.Query{Deleted: x.DeletedAt == nil}, scope); len(got) > 0 {
				t.Errorf("%s, only %q: %v is listed among those that are deleted, or are not", row.name, name, got)
			}
			e.read(t, func(ctx context.Context, r store.Reader) error {
				if _, err := r.Ticket(ctx, x.ID, scope); (err == nil) != (want != nil) {
					t.Errorf("%s, only %q: reading it: %v", row.name, name, err)
				}
				if _, err := r.Ticket(ctx, x.ID+1, scope); !errors.Is(err, ticket.ErrNotFound) { // its twin
					t.Errorf("%s, only %q: reading another: %v", row.name, name, err)
				}
				return nil
			})
		}
	}
	e.onlyAfter(t)
	one := tickets["sales"]
	scope := ticket.Scope{All: true, Only: one.ID}
	e.expectOnly(t, "a filter that fits", ticket.Query{Departments: []string{"sales"}}, scope, one.ID)
	e.expectOnly(t, "a filter that does not", ticket.Query{Departments: []string{"billing"}}, scope)
	e.expectOnly(t, "a ticket that is not there", ticket.Query{}, ticket.Scope{All: true, Only: e.id()})
}

// onlyAfter goes on after a page of all tickets with one alone: it is there if it comes later.
func (e *env) onlyAfter(t testing.TB) {
	t.Helper()
	for _, sort := range sorts {
		q := ticket.Query{Sort: sort}
		all := e.walk(t, q, everything, nil)
		q.Limit = len(all) / 2
		e.read(t, func(ctx context.Context, r store.Reader) error {
			page, err := r.Tickets(ctx, q, everything)
			q.Cursor = page.Next
			return err
		})
		e.expectOnly(t, "the last one of the page before", q, ticket.Scope{All: true, Only: all[q.Limit-1]})
		e.expectOnly(t, "the first one of the page", q, ticket.Scope{All: true, Only: all[q.Limit]}, all[q.Limit])
	}
}

func (e *env) expectOnly(t testing.TB, what string, q ticket.Query, scope ticket.Scope, want ...int64) {
	t.Helper()
	if got := e.list(t, q, scope); !slices.Equal(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func narrowedQueries(t testing.TB, e *env) {
	mine := e.newTicket(func(x *ticket.Ticket) { x.Department, x.Status = "sales", "hold" })
	other := e.newTicket(func(x *ticket.Ticket) { x.Department, x.Status = "billing", "hold" })
	open := e.newTicket(func(x *ticket.Ticket) { x.Department = "sales" })
	e.put(t, mine, other, open)
	sales := ticket.Scope{Places: []ticket.Place{{Department: "sales"}}}
	for what, q := range map[string]ticket.Query{
		"a status": {Statuses: []string{"hold"}}, "a status and departments": {Statuses: []string{"hold"}, Departments: []string{"sales", "billing"}},
	} {
		if got := e.list(t, q, sales); !slices.Equal(got, []int64{mine.ID}) {
			t.Errorf("%s under a department: %v, want %v", what, got, mine.ID)
		}
	}
	if got := e.list(t, ticket.Query{Departments: []string{"billing"}}, sales); len(got) > 0 {
		t.Errorf("asking for a department that one may not see lists %v", got)
	}
}
