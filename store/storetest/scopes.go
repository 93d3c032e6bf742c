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
	{"a scope narrows every query", narrowedQueries},
}

// scoped are tickets by name, for the scopes below.
var scoped = map[string]func(x *ticket.Ticket){
	"sales":        func(x *ticket.Ticket) { x.Department = "sales" },
	"billing":      func(x *ticket.Ticket) { x.Department = "billing" },
	"assigned":     func(x *ticket.Ticket) { x.Assignee = "7" },
	"watched":      func(x *ticket.Ticket) { x.Watchers = []string{"6", "7"} },
	"client's":     func(x *ticket.Ticket) { x.Requester = ticket.Person{ID: "7", Email: "seven@example.com"} },
	"guest's":      func(x *ticket.Ticket) { x.Requester = ticket.Person{Email: "Seven@Example.com"} },
	"participated": func(x *ticket.Ticket) { x.Participants = []ticket.Person{{ID: "5", Email: "seven@example.COM"}} },
	"unassigned":   func(x *ticket.Ticket) { x.Requester = ticket.Person{} },
	"all at once": func(x *ticket.Ticket) {
		x.Department, x.Assignee, x.Watchers, x.Requester = "sales", "7", []string{"7"}, ticket.Person{ID: "7", Email: "seven@example.com"}
	},
	"deleted in sales": func(x *ticket.Ticket) { x.Department, x.DeletedAt = "sales", new(base) },
}

var scopeTable = []struct {
	name  string
	scope ticket.Scope
	sees  []string
}{
	{"nothing", ticket.Scope{}, nil},
	{"internal only", ticket.Scope{Internal: true}, nil},
	{"one department", ticket.Scope{Places: []ticket.Place{{Department: "sales"}}}, []string{"sales", "all at once", "deleted in sales"}},
	{"two departments", ticket.Scope{Places: []ticket.Place{{Department: "billing"}, {Department: "sales"}}}, []string{"sales", "billing", "all at once", "deleted in sales"}},
	{"an unknown department", ticket.Scope{Places: []ticket.Place{{Department: "sale"}, {Department: "Sales"}, {Department: ""}}}, nil},
	{"an agent", ticket.Scope{Agent: "7"}, []string{"assigned", "watched", "all at once"}},
	{"a client", ticket.Scope{Requester: "7"}, []string{"client's", "all at once"}},
	{"an address", ticket.Scope{Emails: []string{"seven@example.com"}}, []string{"guest's", "participated"}},
	{"a client with address", ticket.Scope{Requester: "7", Emails: []string{"seven@example.com"}}, []string{"client's", "guest's", "participated", "all at once"}},
	{"an agent of a department", ticket.Scope{Agent: "7", Places: []ticket.Place{{Department: "billing"}}}, []string{"assigned", "watched", "all at once", "billing"}},
	{"somebody else", ticket.Scope{Agent: "8", Requester: "8", Emails: []string{"eight@example.com"}}, nil},
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
