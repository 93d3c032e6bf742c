package helpdesk_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// byDepartment lets agents see and work the tickets of their departments, and leaves everybody else to the default.
type byDepartment struct {
	helpdesk.DefaultAuthorizer
	of map[string][]string // departments by agent
}

// Authorize implements helpdesk.Authorizer: one operation on one ticket.
func (b byDepartment) Authorize(ctx context.Context, r helpdesk.Request) (helpdesk.Decision, error) {
	if r.Actor.Kind != ticket.ActorStaff || r.Ticket == nil {
		return b.DefaultAuthorizer.Authorize(ctx, r)
	}
	for _, d := range b.of[r.Actor.ID] {
		if d == r.Ticket.Department {
			return helpdesk.Allow("it is theirs"), nil
		}
	}
	return helpdesk.Deny(r.Ticket.Department + " is not theirs"), nil
}

// Scope implements helpdesk.Authorizer: the same rule for lists, applied inside the store's queries.
func (b byDepartment) Scope(ctx context.Context, r helpdesk.Request) (ticket.Scope, error) {
	if r.Actor.Kind != ticket.ActorStaff {
		return b.DefaultAuthorizer.Scope(ctx, r)
	}
	scope := ticket.Scope{Internal: true}
	for _, d := range b.of[r.Actor.ID] {
		scope.Places = append(scope.Places, ticket.Place{Department: d})
	}
	return scope, nil
}

// customers knows the host's customers by their addresses, so that a mail of theirs belongs to them.
type customers struct {
	helpdesk.Nobody
	ids map[string]string
}

// CustomerByEmail implements that part of helpdesk.Directory; Nobody does the rest.
func (c customers) CustomerByEmail(_ context.Context, _, email string) (ticket.Customer, error) {
	id, ok := c.ids[email]
	if !ok {
		return ticket.Customer{}, ticket.ErrNotFound
	}
	return ticket.Customer{ID: id, Name: "Ann", Emails: []string{email}}, nil
}

// Whom the host knows, and who may do what.
func ExampleAuthorizer() {
	ctx := context.Background()
	s := memory.New(nil)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, &helpdesk.Config{
		Departments: []ticket.Department{{Code: "support", Name: "Support"}, {Code: "billing", Name: "Billing"}},
		Authorizer:  byDepartment{of: map[string][]string{"7": {"support"}, "8": {"support", "billing"}}},
		Directory:   customers{ids: map[string]string{"ann@example.com": "42"}},
	})
	check(err)
	defer desk.Stop(ctx)
	bob := ticket.WithActor(ctx, ticket.Staff("7", "Bob", "bob@desk.example"))
	carol := ticket.WithActor(ctx, ticket.Staff("8", "Carol", "carol@desk.example"))

	guest := ticket.WithActor(ctx, ticket.Guest("A.", "Ann@example.com"))
	t, err := desk.CreateTicket(guest, ticket.Draft{Subject: "Invoice", Body: "Is it right?", Department: "billing"})
	check(err)
	fmt.Println(t.Requester.ID)

	_, err = desk.Ticket(bob, t.ID)
	fmt.Println(errors.Is(err, ticket.ErrNotFound)) // who may not see a ticket does not learn that it exists
	_, err = desk.Claim(carol, t.ID)
	fmt.Println(err)
	// Output:
	// 42
	// true
	// <nil>
}
